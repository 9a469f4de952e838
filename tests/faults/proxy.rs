//! A proxy in front of the engine's socket that spoils one request, or ends who asks.

#[path = "proxy/instead.rs"]
mod instead;
#[path = "proxy/kind.rs"]
mod kind;
#[path = "proxy/reader.rs"]
mod reader;

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use instead::{Drops, Instead};
use kind::kind;
use reader::{Reader, header};

/// How late an answer comes that is late.
const LATE: Duration = Duration::from_secs(2);

/// What is done to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The engine is not asked; the answer is an error of its own making.
    Refused,
    /// The engine is asked, and its answer never comes: the connection is closed.
    Reset,
    /// The engine's answer breaks off in its middle.
    CutOff,
    /// The engine is asked, and what comes back is no answer to that question.
    Nonsense,
    /// The engine's answer comes whole, and late.
    Late,
    /// The engine's answer comes byte by byte.
    Slow,
    /// The engine is asked, its answer never comes, and the connection stays open.
    Never,
    /// The engine's answer begins, and then nothing more is said.
    Silent,
    /// The engine's answer begins, and is over there, as if that were all.
    Closed,
    /// The engine's answer begins, and goes on with lines that no engine says.
    Garbage,
    /// The engine's answer begins, and goes on with a line that has no end.
    Endless,
    /// Who asks is ended before the engine is asked.
    KilledBefore,
    /// Who asks is ended once the engine is asked.
    KilledAfter,
}

/// Which request it is done to: the one of that number, from 0, of all or of those of a kind.
#[derive(Clone, Debug)]
pub struct Plan {
    pub fault: Fault,
    pub kind: Option<String>,
    pub number: usize,
    /// Whether it is done to all that follow too.
    pub lasts: bool,
    /// Only once a request of this kind was made, where one is named.
    pub after: Option<String>,
}

#[derive(Debug, Default)]
struct State {
    /// The kinds of all requests, in their order.
    asked: Vec<String>,
    counts: BTreeMap<String, usize>,
    plans: Vec<Plan>,
    /// Whom to end.
    victim: Option<u32>,
    done: bool,
}

/// The proxy; it serves until the process ends.
#[derive(Clone, Debug)]
pub struct Proxy {
    socket: PathBuf,
    state: Arc<Mutex<State>>,
}

impl Proxy {
    /// Listens beside this engine, at a socket of this path.
    pub fn open(
        engine: &Path,
        socket: PathBuf,
        plans: impl IntoIterator<Item = Plan>,
    ) -> io::Result<Self> {
        let listener = UnixListener::bind(&socket)?;
        let proxy = Self {
            socket,
            state: Arc::new(Mutex::new(State {
                plans: plans.into_iter().collect(),
                ..State::default()
            })),
        };
        let (served, engine) = (proxy.clone(), engine.to_owned());
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (proxy, engine) = (served.clone(), engine.clone());
                thread::spawn(move || {
                    if let Ok(engine) = UnixStream::connect(engine) {
                        // What breaks off is what the test is about.
                        let _ = proxy.pass(&client, &engine);
                        let _ = engine.shutdown(Shutdown::Both);
                    }
                    let _ = client.shutdown(Shutdown::Both);
                });
            }
        });
        Ok(proxy)
    }

    /// Where it listens, as a client is told.
    pub fn address(&self) -> String {
        format!("unix://{}", self.socket.display())
    }

    /// From here on this process is the one to be ended.
    pub fn may_end(&self, process: u32) {
        self.state().victim = Some(process);
    }

    /// The kinds of what was asked so far.
    pub fn asked(&self) -> Vec<String> {
        self.state().asked.clone()
    }

    /// Whether a plan was carried out.
    pub fn is_done(&self) -> bool {
        self.state().done
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to be done to a request of this kind.
    fn wish(&self, kind: &str) -> Option<Fault> {
        let mut state = self.state();
        let count = state.counts.entry(kind.to_owned()).or_default();
        let of_kind = *count;
        *count += 1;
        let of_all = state.asked.len();
        let fits = |plan: &&Plan| {
            let begins = |after: &String| state.counts.contains_key(after);
            let number = match &plan.kind {
                Some(wanted) if wanted != kind => return false,
                Some(_) => of_kind,
                None => of_all,
            };
            let is_one = number == plan.number || plan.lasts && number > plan.number;
            is_one && plan.after.as_ref().is_none_or(begins)
        };
        let fault = state.plans.iter().find(fits).map(|plan| plan.fault);
        state.asked.push(kind.to_owned());
        state.done |= fault.is_some();
        fault
    }

    fn end_victim(&self) {
        let victim = self.state().victim;
        if let Some(victim) = victim {
            let _ = Command::new("kill")
                .args(["-9", &victim.to_string()])
                .status();
        }
    }

    /// One connection, request by request.
    fn pass(&self, client: &UnixStream, engine: &UnixStream) -> io::Result<()> {
        let (mut from_client, mut from_engine) = (Reader::of(client)?, Reader::of(engine)?);
        let (mut to_client, mut to_engine) = (client.try_clone()?, engine.try_clone()?);
        while let Some(head) = from_client.head()? {
            let kind = kind(&head);
            let wish = self.wish(&kind);
            if wish == Some(Fault::KilledBefore) {
                self.end_victim();
                return Ok(());
            }
            if wish == Some(Fault::Refused) {
                let body = r#"{"message":"made up by a test"}"#;
                let head = "HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json";
                let answer = format!(
                    "{head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                    body.len()
                );
                return to_client.write_all(answer.as_bytes());
            }
            to_engine.write_all(&head)?;
            from_client.body(&head, &mut to_engine)?;
            if wish == Some(Fault::KilledAfter) {
                self.end_victim();
            }
            if wish == Some(Fault::Never) {
                return from_client.until_gone();
            }
            let Some(answer) = from_engine.head()? else {
                return Ok(());
            };
            let bodiless = head.starts_with(b"HEAD ")
                || [b"204", b"304"]
                    .iter()
                    .any(|code| answer.get(9..12) == Some(&code[..]));
            let is_stream =
                answer.starts_with(b"HTTP/1.1 101") || header(&head, "upgrade").is_some();
            match wish {
                Some(Fault::Reset) => return Ok(()),
                Some(Fault::CutOff) => {
                    let half = answer.len() - answer.len() / 4;
                    return to_client.write_all(&answer[..half]);
                }
                Some(Fault::Nonsense) => {
                    let answer = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 20\r\nConnection: close\r\n\r\n<p>Please log in</p>";
                    return to_client.write_all(answer.as_bytes());
                }
                Some(Fault::Late) => pass(LATE),
                Some(Fault::Silent) => {
                    // One without a body would be whole.
                    if !bodiless {
                        to_client.write_all(&answer)?;
                    }
                    return from_client.until_gone();
                }
                Some(fault @ (Fault::Closed | Fault::Garbage | Fault::Endless)) => {
                    return Instead::begun(&answer, is_stream, to_client)?.say(fault);
                }
                _ => {}
            }
            let mut drops = Drops::of(to_client.try_clone()?, wish == Some(Fault::Slow));
            drops.write_all(&answer)?;
            if is_stream {
                return tunnel(from_client, from_engine, drops, to_engine);
            }
            if !bodiless && !from_engine.answer(&answer, &mut drops)? {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// Lets this much time go by.
fn pass(time: Duration) {
    let began = Instant::now();
    while let Some(left) = time.checked_sub(began.elapsed()) {
        thread::park_timeout(left);
    }
}

/// Bytes both ways until each side has ended.
fn tunnel(
    mut from_client: Reader,
    mut from_engine: Reader,
    mut to_client: Drops,
    mut to_engine: UnixStream,
) -> io::Result<()> {
    let there = thread::spawn(move || {
        let _ = from_client.rest(&mut to_engine);
        let _ = to_engine.shutdown(Shutdown::Write);
    });
    let back = from_engine.rest(&mut to_client);
    let _ = to_client.end();
    let _ = there.join();
    back
}
