//! An engine on another machine, reached as the Docker CLI does: `ssh HOST docker system dial-stdio`.

use std::ffi::OsString;
use std::io;
use std::pin::Pin;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::watch;
use tokio::time::timeout;

/// The most that is kept of what ssh says on standard error.
const COMPLAINT_LIMIT: usize = 4096;

/// How long a program that has closed its streams may take to say why.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What the ssh program says on standard error.
#[derive(Clone, Debug)]
pub struct Complaint {
    said: Arc<Mutex<Vec<u8>>>,
    /// Closed once nothing more is said.
    ended: watch::Receiver<()>,
}

impl Complaint {
    /// Listens to this until its end.
    fn listen(mut stderr: impl AsyncRead + Send + Unpin + 'static) -> Self {
        let said = Arc::new(Mutex::new(Vec::new()));
        let (ending, ended) = watch::channel(());
        let writer = Arc::clone(&said);
        tokio::spawn(async move {
            let mut buffer = [0; 1024];
            while let Ok(read @ 1..) = stderr.read(&mut buffer).await {
                let mut bytes = writer.lock().unwrap_or_else(PoisonError::into_inner);
                let room = COMPLAINT_LIMIT.saturating_sub(bytes.len());
                bytes.extend_from_slice(&buffer[..read.min(room)]);
            }
            drop(ending);
        });
        Self { said, ended }
    }

    /// All that was said by a program that has closed its streams.
    pub(crate) async fn last_words(&self) -> String {
        let mut ended = self.ended.clone();
        // An error is the end that is waited for.
        let _ = timeout(LAST_WORDS, ended.changed()).await;
        let bytes = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).trim().to_owned()
    }
}

/// Whom to dial.
pub(super) struct Target<'a> {
    pub(super) user: Option<&'a str>,
    pub(super) host: &'a str,
    pub(super) port: Option<u16>,
    pub(super) socket: Option<&'a str>,
}

/// The streams of the ssh program; it ends when this is dropped.
pub(super) struct SshStream {
    stdin: Option<ChildStdin>,
    stdout: ChildStdout,
    _child: Child,
}

pub(super) fn connect(target: &Target<'_>) -> Result<(SshStream, Complaint), String> {
    let arguments = arguments(target)?;
    let mut child = Command::new("ssh")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("the program `ssh` cannot be started: {error}"))?;
    let (Some(stdin), Some(stdout), Some(stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err("the program `ssh` has no streams".to_owned());
    };
    let stream = SshStream {
        stdin: Some(stdin),
        stdout,
        _child: child,
    };
    Ok((stream, Complaint::listen(stderr)))
}

fn arguments(target: &Target<'_>) -> Result<Vec<OsString>, String> {
    // ssh would take such a name for an option.
    if target.host.starts_with('-') || target.user.is_some_and(|user| user.starts_with('-')) {
        return Err("a host or user may not begin with a dash".to_owned());
    }
    let mut arguments = vec!["-o", "ConnectTimeout=30", "-o", "BatchMode=yes", "-T"]
        .into_iter()
        .map(OsString::from)
        .collect::<Vec<_>>();
    if let Some(user) = target.user {
        arguments.extend(["-l".into(), user.into()]);
    }
    if let Some(port) = target.port {
        arguments.extend(["-p".into(), port.to_string().into()]);
    }
    arguments.extend(["--".into(), target.host.into(), "docker".into()]);
    if let Some(socket) = target.socket {
        arguments.extend(["--host".into(), quoted(&format!("unix://{socket}")).into()]);
    }
    arguments.extend(["system".into(), "dial-stdio".into()]);
    Ok(arguments)
}

/// The other machine's shell reads the command: a socket's path must stay one word.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

impl AsyncRead for SshStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stdout).poll_read(context, buffer)
    }
}

impl AsyncWrite for SshStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.stdin {
            Some(stdin) => Pin::new(stdin).poll_write(context, bytes),
            None => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stdin {
            Some(stdin) => Pin::new(stdin).poll_flush(context),
            None => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Closing the pipe is what tells the other end.
        self.stdin = None;
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(target: &Target<'_>) -> Result<String, String> {
        let words = arguments(target)?;
        let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
        Ok(words.join(" "))
    }

    #[test]
    fn the_command_is_the_one_of_the_docker_cli() {
        let target = Target {
            user: Some("me"),
            host: "far",
            port: Some(2222),
            socket: Some("/run/it's.sock"),
        };
        assert_eq!(
            words(&target).unwrap(),
            "-o ConnectTimeout=30 -o BatchMode=yes -T -l me -p 2222 -- far docker --host \
             'unix:///run/it'\\''s.sock' system dial-stdio"
        );
    }

    #[test]
    fn a_host_is_never_an_option() {
        let target = Target {
            user: None,
            host: "-oProxyCommand=evil",
            port: None,
            socket: None,
        };
        assert!(words(&target).is_err());
    }

    #[tokio::test]
    async fn complaints_are_bounded_and_heard_to_their_end() {
        let complaint = Complaint::listen(&[b'x'; 3 * COMPLAINT_LIMIT][..]);
        assert_eq!(complaint.last_words().await.len(), COMPLAINT_LIMIT);
    }
}
