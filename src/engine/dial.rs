//! Connections from this machine.

use std::io::ErrorKind;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::http::Unconnected;

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
