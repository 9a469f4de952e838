//! Connections from this machine.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

use super::http::Unconnected;

/// The port that discards what it is sent.
const NOBODY: u16 = 9;

/// Connects to a port, or says in which way that failed.
pub async fn dial(host: &str, port: u16, within: Duration) -> Result<TcpStream, Unconnected> {
    match timeout(within, TcpStream::connect((host, port))).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) if error.kind() == ErrorKind::ConnectionRefused => {
            Err(Unconnected::Refused(error.to_string()))
        }
        // The resolver's errors carry no number of the kernel's.
        Ok(Err(error)) if error.raw_os_error().is_none() && !is_passing(&error) => {
            Err(Unconnected::Dns(format!("{host}: {error}")))
        }
        Ok(Err(error)) if is_of_the_way(error.kind()) => Err(Unconnected::Other(error.to_string())),
        // No more files, no more ports, not permitted: that is this machine's trouble, and says
        // nothing of the container.
        Ok(Err(error)) => Err(Unconnected::Untried(format!(
            "cannot connect to {host}:{port}: {error}"
        ))),
        Err(_) => Err(Unconnected::Timeout(format!(
            "no connection within {within:?}"
        ))),
    }
}

/// Whether this machine is itself the gateway of whoever has that address, so that it can be dialled there.
///
/// The kernel is asked which of its own addresses it would use; nothing is sent.
pub fn is_next_to(address: &str, gateway: &str) -> bool {
    let (Ok(address), Ok(gateway)) = (address.parse::<IpAddr>(), gateway.parse::<IpAddr>()) else {
        return false;
    };
    let any: IpAddr = match address {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let own = UdpSocket::bind((any, 0)).and_then(|socket| {
        socket.connect((address, NOBODY))?;
        socket.local_addr()
    });
    own.is_ok_and(|own| own.ip() == gateway)
}

/// Whose network it is that the engine at a socket has its bridges and published ports in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// This machine's, or this container's: of the process that asks.
    Ours,
    /// Another one, as with an engine in a container whose socket was handed out: neither its containers' addresses
    /// nor its published ports are ours, even where we have the same ones.
    Anothers,
    /// That cannot be seen. An ordinary user's engine or one in a virtual machine publishes ports here, but
    /// its bridges are elsewhere; where we are an ordinary user, those of root's engine may be.
    Hidden,
}

/// Looks at the process that answers at a socket: one of root's that is seen from here has the network that it is
/// seen to have.
pub async fn whose(socket: &Path) -> Whose {
    let peer = UnixStream::connect(socket).await;
    let peer = peer.and_then(|stream| stream.peer_cred());
    let process = peer.ok().filter(|peer| peer.uid() == 0);
    let Some(process) = process.and_then(|peer| peer.pid()).filter(|pid| *pid > 0) else {
        return Whose::Hidden;
    };
    let network = |of: &str| std::fs::read_link(format!("/proc/{of}/ns/net")).ok();
    of_networks(network(&process.to_string()), network("self"))
}

/// By the networks of two processes, as far as they may be looked at: one that may not be could be any.
fn of_networks(theirs: Option<PathBuf>, ours: Option<PathBuf>) -> Whose {
    match theirs.zip(ours) {
        Some((theirs, ours)) if theirs == ours => Whose::Ours,
        Some(_) => Whose::Anothers,
        None => Whose::Hidden,
    }
}

/// Whether it is the resolver that failed, not the name.
fn is_passing(error: &std::io::Error) -> bool {
    error.to_string().contains("Temporary failure")
}

/// Whether an error tells of the other end or of the way there.
fn is_of_the_way(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::TimedOut
    )
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;
    use std::path::Path;
    use std::process::{Child, Command, Stdio};

    use super::{Whose, is_next_to, of_networks, whose};

    /// Listens at the socket it is given, says so, and waits until its input ends.
    const LISTENS: &str = "use IO::Socket::UNIX; $| = 1; \
                           my $s = IO::Socket::UNIX->new(Local => shift, Listen => 1) or die $!; \
                           print \"listens\\n\"; <STDIN>";

    /// Who listens at a socket, as somebody else.
    struct Other(Child);

    impl Other {
        /// Starts perl by this command, and waits until it listens.
        fn listens(mut by: Command, socket: &Path) -> Option<Self> {
            by.args(["-e", LISTENS]).arg(socket);
            let mut other = by
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .ok()?;
            let mut said = String::new();
            let mut out = BufReader::new(other.stdout.take()?);
            let _ = out.read_line(&mut said);
            let other = Self(other);
            (said == "listens\n").then_some(other)
        }
    }

    impl Drop for Other {
        fn drop(&mut self) {
            drop(self.0.stdin.take());
            let _ = self.0.wait();
        }
    }

    #[tokio::test]
    async fn an_engine_is_this_machines_own_where_root_answers_from_the_same_network() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("socket");
        assert_eq!(whose(&socket).await, Whose::Hidden);
        let _listens = tokio::net::UnixListener::bind(&socket).unwrap();
        let owner = std::fs::metadata(&socket).unwrap().uid();
        if owner != 0 {
            // Only root can be somebody else.
            assert_eq!(whose(&socket).await, Whose::Hidden);
            return;
        }
        assert_eq!(whose(&socket).await, Whose::Ours);
        let everyone = PermissionsExt::from_mode(0o777);
        std::fs::set_permissions(folder.path(), everyone).unwrap();
        let theirs = folder.path().join("theirs");
        let mut perl = Command::new("perl");
        perl.uid(65_534);
        let _other = Other::listens(perl, &theirs).expect("perl is needed");
        let said = whose(&theirs).await;
        assert_eq!(said, Whose::Hidden, "an ordinary user listens there");
        let apart = folder.path().join("apart");
        let mut perl = Command::new("unshare");
        perl.args(["--net", "perl"]);
        // Root of a container may make no network.
        if let Some(_other) = Other::listens(perl, &apart) {
            assert_eq!(whose(&apart).await, Whose::Anothers);
        }
    }

    #[test]
    fn a_network_that_may_not_be_looked_at_is_not_taken_for_ours() {
        let net = |number: u32| Some(format!("net:[{number}]").into());
        assert_eq!(of_networks(net(1), net(1)), Whose::Ours);
        assert_eq!(of_networks(net(2), net(1)), Whose::Anothers);
        assert_eq!(of_networks(None, net(1)), Whose::Hidden);
        assert_eq!(of_networks(None, None), Whose::Hidden);
    }

    #[test]
    fn a_machine_is_next_to_those_whose_gateway_it_is() {
        // Its loopback is an address of its own on every machine.
        assert!(is_next_to("127.0.0.1", "127.0.0.1"));
        assert!(is_next_to("127.9.9.9", "127.0.0.1"));
        // Addresses of documents, behind a gateway of somebody else or none.
        assert!(!is_next_to("192.0.2.7", "192.0.2.1"));
        assert!(!is_next_to("127.0.0.1", "192.0.2.1"));
        assert!(!is_next_to("", "127.0.0.1"));
        assert!(!is_next_to("127.0.0.1", ""));
    }
}
