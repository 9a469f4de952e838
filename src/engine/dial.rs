//! Connections from this machine.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};
use std::path::Path;
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

/// Whether who answers at a socket is root, and a process that is seen from here: an engine of an ordinary user's,
/// or of a virtual machine, has bridges that are not this machine's, though they may have the same addresses.
pub async fn is_root(socket: &Path) -> bool {
    let peer = UnixStream::connect(socket).await;
    let peer = peer.and_then(|stream| stream.peer_cred());
    peer.is_ok_and(|peer| peer.uid() == 0 && peer.pid().is_some_and(|pid| pid > 0))
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
    use std::process::{Command, Stdio};

    use super::{is_next_to, is_root};

    /// Listens at the socket it is given, says so, and waits until its input ends.
    const LISTENS: &str = "use IO::Socket::UNIX; $| = 1; \
                           my $s = IO::Socket::UNIX->new(Local => shift, Listen => 1) or die $!; \
                           print \"listens\\n\"; <STDIN>";

    #[tokio::test]
    async fn an_engine_is_this_machines_own_where_root_answers() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("socket");
        assert!(!is_root(&socket).await);
        let _listens = tokio::net::UnixListener::bind(&socket).unwrap();
        let owner = std::fs::metadata(&socket).unwrap().uid();
        assert_eq!(is_root(&socket).await, owner == 0);
        if owner != 0 {
            // Only root can be somebody else.
            return;
        }
        let everyone = PermissionsExt::from_mode(0o777);
        std::fs::set_permissions(folder.path(), everyone).unwrap();
        let theirs = folder.path().join("theirs");
        let mut perl = Command::new("perl");
        perl.args(["-e", LISTENS]).arg(&theirs).uid(65_534);
        perl.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut other = perl.spawn().expect("perl is needed");
        let mut said = String::new();
        let mut out = BufReader::new(other.stdout.take().unwrap());
        out.read_line(&mut said).unwrap();
        let theirs_is_roots = is_root(&theirs).await;
        drop(other.stdin.take());
        other.wait().unwrap();
        assert_eq!(said, "listens\n");
        assert!(!theirs_is_roots, "an ordinary user listens there");
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
