//! Sockets that wait for others, from the kernel's tables.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use crate::text::units::{Port, Protocol};

/// A socket that waits for connections or datagrams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Listener {
    /// Where.
    pub port: Port,
    /// On which address.
    pub address: IpAddr,
    /// Whose it is.
    pub uid: u32,
}

impl Listener {
    /// Whether only the container itself can reach it.
    pub fn is_loopback(&self) -> bool {
        match self.address {
            IpAddr::V4(v4) => v4.is_loopback(),
            IpAddr::V6(v6) => {
                v6.is_loopback() || v6.to_ipv4_mapped().is_some_and(|v4| v4.is_loopback())
            }
        }
    }

    /// Whether it is the engine's name server, which listens in every container of a network.
    pub fn is_name_server(&self) -> bool {
        self.address == IpAddr::V4(Ipv4Addr::new(127, 0, 0, 11))
    }
}

/// The listeners of one of `/proc/net/{tcp,tcp6,udp,udp6}`.
pub fn parse(table: &str, protocol: Protocol) -> Vec<Listener> {
    table
        .lines()
        .skip(1)
        .filter_map(|line| listener(line, protocol))
        .collect()
}

/// How many connections to a port the kernel still holds for its program, by `/proc/net/tcp` or `tcp6`: nobody
/// has accepted them, or they hold bytes that nobody has read.
pub fn held(table: &str, port: u16) -> usize {
    let lines = table.lines().skip(1);
    lines.filter(|line| is_held(line, port).is_some()).count()
}

fn is_held(line: &str, port: u16) -> Option<()> {
    let mut words = line.split_whitespace().skip(1);
    let (local, state) = (words.next()?, words.nth(1)?);
    let (_, number) = local.split_once(':')?;
    let (_, unread) = words.next()?.split_once(':')?;
    let inode = words.nth(4)?;
    let is_there = ["01", "03", "08"].contains(&state);
    // The other side's end counts as a byte, which nobody has to read.
    let is_read = state == "08" || unread.bytes().all(|byte| byte == b'0');
    let is_taken = inode != "0" && is_read;
    (is_there && !is_taken && u16::from_str_radix(number, 16) == Ok(port)).then_some(())
}

fn listener(line: &str, protocol: Protocol) -> Option<Listener> {
    let mut words = line.split_whitespace().skip(1);
    let (local, remote, state) = (words.next()?, words.next()?, words.next()?);
    let waits = match protocol {
        Protocol::Tcp => state == "0A",
        Protocol::Udp => state == "07" && remote.ends_with(":0000"),
    };
    let (address, number) = local.split_once(':')?;
    let number = u16::from_str_radix(number, 16).ok()?;
    let uid = words.nth(3)?.parse().ok()?;
    let address = address_of(address)?;
    waits.then_some(Listener {
        port: Port { number, protocol },
        address,
        uid,
    })
}

/// The kernel prints addresses as 32-bit words in the machine's own order.
fn address_of(hex: &str) -> Option<IpAddr> {
    let word = |at: usize| {
        u32::from_str_radix(hex.get(at * 8..at * 8 + 8)?, 16)
            .ok()
            .map(u32::to_le_bytes)
    };
    match hex.len() {
        8 => word(0).map(|bytes| Ipv4Addr::from(bytes).into()),
        32 => {
            let mut bytes = [0; 16];
            for at in 0..4 {
                bytes[at * 4..at * 4 + 4].copy_from_slice(&word(at)?);
            }
            Some(Ipv6Addr::from(bytes).into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TCP: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n\
   0: 0B00007F:A8C7 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 21 1\n\
   1: 00000000:4965 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 22 1\n\
   2: 0100007F:4965 0100007F:A000 01 00000000:00000000 00:00000000 00000000  1000        0 23 1\n";
    const TCP6: &str = "  sl  local_address\n\
   0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 0:0 00:0 0 33 0 1 1\n";

    #[test]
    fn listeners_of_the_kernels_tables() {
        let seen = parse(TCP, Protocol::Tcp);
        assert_eq!(seen.len(), 2);
        assert!(seen[0].is_name_server() && seen[0].is_loopback());
        assert_eq!(
            (seen[1].port.number, seen[1].uid, seen[1].is_loopback()),
            (18789, 1000, false)
        );
        let seen = parse(TCP6, Protocol::Tcp);
        assert_eq!(
            (seen[0].port.number, seen[0].address.to_string().as_str()),
            (8080, "::1")
        );
    }

    #[test]
    fn what_the_kernel_holds_for_a_program() {
        // As the kernel writes them: not accepted, accepted and read, accepted and unread, ended by the other
        // side before it was accepted, to another port, ended by the other side and not by the program, and the listener with two that wait.
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
   0: 0100007F:1F90 0100007F:A000 01 00000000:0000004E 00:00000000 00000000     0        0 0 1 0000\n\
   1: 0100007F:1F90 0100007F:A001 01 00000000:00000000 00:00000000 00000000  1000        0 23 1 0000\n\
   2: 0100007F:1F90 0100007F:A002 01 00000000:0000004E 00:00000000 00000000  1000        0 24 1 0000\n\
   3: 0100007F:1F90 0100007F:A003 08 00000000:00000000 00:00000000 00000000     0        0 0 1 0000\n\
   4: 0100007F:1F91 0100007F:A004 01 00000000:0000004E 00:00000000 00000000     0        0 0 1 0000\n\
   6: 0100007F:1F90 0100007F:A005 08 00000000:00000001 00:00000000 00000000  1000        0 25 1 0000\n\
   5: 0100007F:1F90 00000000:0000 0A 00000000:00000002 00:00000000 00000000  1000        0 22 1 0000\n";
        assert_eq!(held(table, 8080), 3);
        assert_eq!(held(table, 8081), 1);
        assert_eq!(held(table, 8082), 0);
        assert_eq!(held("\nnot a table", 8080), 0);
    }
}
