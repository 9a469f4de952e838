//! What removes the things of a run once the run is gone, however it went: the probe, waiting for the end of a pipe
//! that only we hold. It is a process of a session of its own where the engine is on this machine, else the program
//! of a container beside those of the run.

use std::fs::File;
use std::io::{self, Write as _};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::api::Api;
use super::clock;
use super::containers::Containers;
use super::streams::Streams;
use super::transport::Address;
use super::{Fault, FaultKind, Result, probe_binary};

/// How long it has to say that it is there.
const READY: Duration = Duration::from_secs(10);

/// How long it may take to end once it is told to.
const END: Duration = Duration::from_secs(2);

/// How often one that may be cut off from us hears that we are there, and how long it goes without.
const BEAT: Duration = Duration::from_secs(1);
const SILENCE: Duration = Duration::from_secs(15);

/// What it writes when it is there, and what it is told when there is nothing to do.
const GREETING: &[u8] = b"ready\n";
const DISMISSED: &[u8] = b"!";
const ALIVE: &[u8] = b".";

const DOING: &str = "start what cleans up if this run is killed";

/// What is to be removed.
#[derive(Debug, Clone)]
pub struct Order {
    /// The label of the run: `NAME=VALUE`.
    pub label: String,
    /// What the names of the volumes of its Compose projects begin with.
    pub projects: String,
    /// What the names of its images begin with, some of which carry no label.
    pub images: String,
    /// What the names of containers end with that stay.
    pub kept: String,
    /// Whose Compose tools are ended.
    pub owner: String,
}

/// One that waits. When this is dropped without being dismissed, it begins.
#[derive(Debug)]
pub struct Reaper(Voice);

#[derive(Debug)]
enum Voice {
    Process(Child),
    Container {
        id: String,
        containers: Containers,
        beat: JoinHandle<()>,
        told: tokio::sync::oneshot::Sender<()>,
    },
}

impl Reaper {
    /// Starts it as a process here. `None` where this machine cannot, or would not reach the engine so.
    pub async fn process(api: &Api, order: &Order) -> Result<Option<Self>> {
        let address = api.address();
        let in_the_clear = matches!(address, Address::Unix(_) | Address::Tcp { tls: None, .. });
        if !cfg!(target_os = "linux") || !in_the_clear {
            return Ok(None);
        }
        let words = words(
            &address.to_string(),
            api,
            order,
            &order.owner,
            Duration::ZERO,
        );
        match begin(&words).await {
            Ok(child) => Ok(Some(Self(Voice::Process(child)))),
            Err(error) => Err(Fault::new(FaultKind::Local, DOING, error.to_string())),
        }
    }

    /// What a container is told that has the engine's socket at this path.
    pub fn words_in_container(api: &Api, order: &Order, socket: &str) -> [String; 2] {
        words(&format!("unix://{socket}"), api, order, "", SILENCE)
    }

    /// Takes the one in a container that was made to be one, and starts it.
    pub async fn container(containers: Containers, id: String) -> Result<Self> {
        let mut streams = containers.attach(&id, false).await?;
        containers.start(&id).await?;
        let mut greeting = [0; GREETING.len()];
        let read = timeout(READY, streams.output.read_exact(&mut greeting)).await;
        if !matches!(read, Ok(Ok(_))) || greeting != GREETING {
            let said = streams.output.stderr().bytes();
            let said = String::from_utf8_lossy(&said).trim().to_owned();
            let message = match said.is_empty() {
                true => "it did not begin".to_owned(),
                false => said,
            };
            return Err(Fault::new(FaultKind::Broken, DOING, message));
        }
        let (told, dismissed) = tokio::sync::oneshot::channel();
        let beat = tokio::spawn(beat(streams, dismissed));
        Ok(Self(Voice::Container {
            id,
            containers,
            beat,
            told,
        }))
    }

    /// Nothing is left: it may go.
    pub async fn dismiss(self) {
        match self.0 {
            Voice::Process(mut child) => {
                if let Some(mut stdin) = child.stdin.take() {
                    say(&mut stdin, DISMISSED).await;
                }
                let _ = timeout(END, child.wait()).await;
            }
            Voice::Container {
                id,
                containers,
                beat,
                told,
            } => {
                let _ = told.send(());
                let _ = timeout(END, beat).await;
                // The engine removes it by itself once it has ended; one that hangs is not left to that.
                let _ = timeout(READY, containers.remove(&id)).await;
            }
        }
    }
}

/// Says again and again that we are there, until it may go. With the end of this task the stream ends too.
async fn beat(streams: Streams, mut dismissed: tokio::sync::oneshot::Receiver<()>) {
    let Streams { mut stdin, output } = streams;
    loop {
        tokio::select! {
            told = &mut dismissed => {
                if told.is_ok() {
                    say(&mut stdin, DISMISSED).await;
                }
                drop(output);
                return;
            }
            () = clock::pass(BEAT) => say(&mut stdin, ALIVE).await,
        }
    }
}

/// One that does not hear us has ended, or begins to remove: either is told elsewhere.
async fn say(stdin: &mut (impl AsyncWrite + Unpin), word: &[u8]) {
    if stdin.write_all(word).await.is_ok() {
        let _ = stdin.flush().await;
    }
}

/// What the probe is told.
fn words(address: &str, api: &Api, order: &Order, owner: &str, silence: Duration) -> [String; 2] {
    let order = serde_json::json!({
        "address": address,
        "prefix": format!("/v{}", api.version()),
        "label": order.label,
        "projects": order.projects,
        "images": order.images,
        "kept": order.kept,
        "owner": owner,
        "silence_ms": silence.as_millis().to_string(),
    });
    ["reap".to_owned(), order.to_string()]
}

/// Starts the probe and hears that it waits.
async fn begin(words: &[String]) -> io::Result<Child> {
    let program = program()?;
    let mut child = command(&program, words).spawn()?;
    let mut greeting = [0; GREETING.len()];
    let stdout = child.stdout.take();
    let read = async {
        match stdout {
            Some(mut stdout) => stdout.read_exact(&mut greeting).await.map(drop),
            None => Err(io::Error::other("it has no output")),
        }
    };
    match timeout(READY, read).await {
        Ok(Ok(())) if greeting == GREETING => Ok(child),
        Ok(Err(error)) => Err(error),
        _ => Err(io::Error::other("it did not begin")),
    }
}

/// The probe as a file that has no name, so that there is nothing to be left behind, and no disk that lets no
/// program run.
#[cfg(target_os = "linux")]
fn program() -> io::Result<File> {
    let flags = rustix::fs::MemfdFlags::CLOEXEC;
    let mut file = File::from(rustix::fs::memfd_create("seaworthy-reaper", flags)?);
    file.write_all(probe_binary::bytes())?;
    Ok(file)
}

#[cfg(not(target_os = "linux"))]
fn program() -> io::Result<File> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

/// It gets no variable of ours: build servers end what has theirs.
fn command(program: &File, words: &[String]) -> Command {
    use std::os::fd::AsRawFd as _;
    let mut command = Command::new(format!("/proc/self/fd/{}", program.as_raw_fd()));
    command
        .arg0("seaworthy-reaper")
        .args(words)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}
