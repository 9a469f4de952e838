//! A byte stream to the engine: unix socket, TCP, TLS, or `ssh` with the engine's own dialer.

mod ssh;
mod tls;

use std::fmt;
use std::path::PathBuf;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;

use super::{Fault, FaultKind, Result};
pub use ssh::Complaint;

/// Where an engine listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A socket file on this machine.
    Unix(PathBuf),
    /// A TCP port, with TLS where files for it are named.
    Tcp {
        /// Host name or IP address, without brackets.
        host: String,
        /// The port.
        port: u16,
        /// The files of TLS; without them the port is spoken to in the clear.
        tls: Option<TlsFiles>,
    },
    /// A machine behind ssh on which `docker` is installed.
    Ssh {
        /// The user, where it is not ssh's own choice.
        user: Option<String>,
        /// The host, as ssh knows it.
        host: String,
        /// The port, where it is not ssh's own choice.
        port: Option<u16>,
        /// The socket on that machine, where it is not docker's own choice.
        socket: Option<String>,
    },
}

/// The PEM files by which an engine and its client know each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The authority; the machine's own ones where there is none.
    pub ca: Option<PathBuf>,
    /// The client's certificate and its key.
    pub client: Option<(PathBuf, PathBuf)>,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp { host, port, .. } if host.contains(':') => {
                write!(f, "tcp://[{host}]:{port}")
            }
            Self::Tcp { host, port, .. } => write!(f, "tcp://{host}:{port}"),
            Self::Ssh {
                user,
                host,
                port,
                socket,
            } => {
                f.write_str("ssh://")?;
                if let Some(user) = user {
                    write!(f, "{user}@")?;
                }
                f.write_str(host)?;
                if let Some(port) = port {
                    write!(f, ":{port}")?;
                }
                f.write_str(socket.as_deref().unwrap_or_default())
            }
        }
    }
}

/// Anything that bytes go both ways over.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// An open byte stream to the engine.
pub struct Line {
    /// The stream itself.
    pub io: Box<dyn Duplex>,
    /// What the program that carries the stream complained about, if one does.
    pub complaint: Option<Complaint>,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").finish_non_exhaustive()
    }
}

/// What says where an engine is.
pub const FORMS: &str =
    "`--engine` or DOCKER_HOST may be unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST";

/// Opens streams to one address.
#[derive(Clone)]
pub struct Dialer {
    address: Address,
    tls: Option<tls::Client>,
}

impl fmt::Debug for Dialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dialer({})", self.address)
    }
}

impl Dialer {
    /// Reads what TLS needs; opens nothing yet.
    pub fn new(address: Address) -> Result<Self> {
        let tls = match &address {
            Address::Tcp {
                host,
                tls: Some(files),
                ..
            } => Some(
                tls::Client::new(host, files)
                    .map_err(|why| Fault::new(FaultKind::Local, doing(&address), why))?,
            ),
            _ => None,
        };
        Ok(Self { address, tls })
    }

    /// The address it dials.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Opens one stream. The caller sets the deadline.
    pub async fn dial(&self) -> Result<Line> {
        let io: Box<dyn Duplex> = match &self.address {
            Address::Unix(path) => self.unix(path).await?,
            Address::Tcp { host, port, .. } => {
                let stream = TcpStream::connect((host.as_str(), *port))
                    .await
                    .map_err(|error| self.fault(&error))?;
                stream
                    .set_nodelay(true)
                    .map_err(|error| self.fault(&error))?;
                match &self.tls {
                    None => Box::new(stream),
                    Some(tls) => tls
                        .connect(stream)
                        .await
                        .map_err(|error| self.fault(&error))?,
                }
            }
            Address::Ssh {
                user,
                host,
                port,
                socket,
            } => {
                let target = ssh::Target {
                    user: user.as_deref(),
                    host,
                    port: *port,
                    socket: socket.as_deref(),
                };
                let (stream, complaint) = ssh::connect(&target)
                    .map_err(|why| Fault::new(FaultKind::Local, doing(&self.address), why))?;
                return Ok(Line {
                    io: Box::new(stream),
                    complaint: Some(complaint),
                });
            }
        };
        Ok(Line {
            io,
            complaint: None,
        })
    }

    #[cfg(unix)]
    async fn unix(&self, path: &std::path::Path) -> Result<Box<dyn Duplex>> {
        let stream = UnixStream::connect(path)
            .await
            .map_err(|error| self.fault(&error))?;
        Ok(Box::new(stream))
    }

    #[cfg(not(unix))]
    async fn unix(&self, _: &std::path::Path) -> Result<Box<dyn Duplex>> {
        Err(Fault::new(
            FaultKind::Unsupported,
            doing(&self.address),
            "this machine has no unix sockets",
        ))
    }

    fn fault(&self, error: &std::io::Error) -> Fault {
        use std::io::ErrorKind as Kind;
        let fault = Fault::new(
            FaultKind::Unreachable,
            doing(&self.address),
            error.to_string(),
        );
        match (&self.address, error.kind()) {
            (Address::Unix(_), Kind::PermissionDenied) => fault.help(
                "let this user use the socket, for instance by adding it to the group `docker`",
            ),
            (Address::Unix(_), Kind::NotFound | Kind::ConnectionRefused) => {
                fault.help("start the engine, or say where it is with `--engine` or DOCKER_HOST")
            }
            (Address::Tcp { .. }, Kind::ConnectionRefused) => {
                fault.help("start the engine there, or check host and port")
            }
            // Whatever is no URL is taken for the name of a host.
            (Address::Tcp { .. }, _) => fault.help(FORMS),
            _ => fault,
        }
    }
}

fn doing(address: &Address) -> String {
    format!("connect to the engine at {address}")
}
