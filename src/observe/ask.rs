//! What is asked of the probe, and by whom.

use std::time::Duration;

use super::linked::SKIPPED;
use super::{contents, merge, read};
use crate::engine::probe::wire::{self, Answer as Told, Request};
use crate::engine::{Fault, Result};
use crate::fact::answer::{Answer, Fact};
use crate::fact::blob::Blob;
use crate::fact::command::{Command, End, Ran};
use crate::fact::question::Question;
use crate::fact::socket::{self, Listener};
use crate::session::company::Company;
use crate::session::live::{Live, ROOT};

/// How long a probe may take over a batch beside what its commands take.
pub const BATCH: Duration = Duration::from_mins(1);
/// The kernel's word for "you may not".
const REFUSED: [i32; 2] = [1, 13];
/// How a fault tells that the engine could not start the probe as that user.
const NOT_STARTED: &str = "(exit code 126)";
/// The most that is kept of each output of a command.
const OUTPUT: u32 = 1 << 20;
/// The most that is read of a table of connections.
const TABLE: u64 = 8 << 20;
/// The most entries of a walk.
pub const ENTRIES: u32 = 400_000;

/// A question and the requests that it takes.
#[derive(Debug)]
pub struct Wanted {
    /// The question.
    pub question: Question,
    /// What the probe is asked.
    pub requests: Vec<Request>,
}

fn file(path: &str, max: u64) -> Request {
    Request::Read {
        path: path.as_bytes().to_vec(),
        from: 0,
        max,
    }
}

/// The most that is read of a file of a process.
const EACH: u32 = 128 << 10;
/// And of its environment, of which a kernel lets it have no more than some 6 MiB.
const ENVIRONMENT: u32 = 8 << 20;

/// Processes with the named files of each.
fn processes(files: &[&str], max_each: u32) -> Request {
    let files = files.iter().map(|f| f.as_bytes().to_vec()).collect();
    Request::Processes {
        files,
        links: Vec::new(),
        max_each,
    }
}

impl Wanted {
    /// The requests of a question.
    pub fn of(question: &Question) -> Self {
        let requests = match question {
            Question::Stat { path, follow } => {
                vec![Request::Stat {
                    path: path.as_bytes().to_vec(),
                    follow: *follow,
                }]
            }
            Question::Read { path, most } => vec![file(path, *most)],
            Question::Walk { root, depth } => vec![Request::Walk {
                root: root.as_bytes().to_vec(),
                max_depth: depth.unwrap_or(u32::MAX),
                max_entries: ENTRIES,
                same_device: false,
                skip: SKIPPED.map(|p| p.as_bytes().to_vec()).into(),
            }],
            Question::Digest { path, most } => vec![Request::Digest {
                path: path.as_bytes().to_vec(),
                max: *most,
            }],
            Question::Privileged => vec![contents::privileged_request()],
            Question::Search(search) => vec![contents::search_request(search)],
            Question::Processes => vec![processes(&["status", "cmdline", "task/*/status"], EACH)],
            Question::Environment => {
                vec![processes(&["status", "cmdline", "environ"], ENVIRONMENT)]
            }
            Question::Mounts { at } => {
                let real = at.iter().map(|path| Request::Real {
                    path: path.as_bytes().to_vec(),
                });
                let table = file("/proc/1/mountinfo", 16 << 20);
                std::iter::once(table).chain(real).collect()
            }
            Question::Create { folder } => vec![Request::Create {
                folder: folder.as_bytes().to_vec(),
            }],
            Question::Listeners => ["tcp", "tcp6", "udp", "udp6"]
                .iter()
                .map(|t| file(&format!("/proc/net/{t}"), 16 << 20))
                .collect(),
            _ => Vec::new(),
        };
        Self {
            question: question.clone(),
            requests,
        }
    }
}

/// What the probe tells to requests, made facts.
pub async fn all(live: &mut Live, wanted: &[Wanted]) -> Result<Vec<Answer>> {
    let requests: Vec<Request> = wanted.iter().flat_map(|w| w.requests.clone()).collect();
    let mut told = told(live, &requests).await?.into_iter();
    let view = read::View {
        own: live.own_pids(),
        init: has_init(live),
    };
    Ok(wanted
        .iter()
        .map(|w| {
            read::fact(
                &w.question,
                told.by_ref().take(w.requests.len()).collect(),
                &view,
            )
        })
        .collect())
}

/// Asks everything in one batch as root, and again as the main process's own user what root was
/// refused: root without capabilities may read less than the owner.
pub async fn told(live: &mut Live, requests: &[Request]) -> Result<Vec<Told>> {
    let mut requests = requests.to_vec();
    requests.push(processes(&["status"], EACH));
    let mut told = live.link(Some(ROOT)).await?.ask(&requests, BATCH).await?;
    let who = told.pop();
    if live.program && told.iter().any(is_refused) {
        let own = who.as_ref().and_then(|who| owner(live, who));
        if let Some(own) = own.filter(|own| own != ROOT) {
            let again: Vec<usize> = (0..told.len())
                .filter(|at| is_refused(&told[*at]))
                .collect();
            let asked: Vec<Request> = again.iter().map(|at| requests[*at].clone()).collect();
            let better = live.link(Some(&own)).await?.ask(&asked, BATCH).await?;
            for (at, answer) in again.into_iter().zip(better) {
                if let Some(first) = told.get_mut(at) {
                    let refused = std::mem::replace(first, Told::Errno { errno: 0 });
                    *first = merge::both(refused, answer);
                }
            }
        }
    }
    Ok(told)
}

/// The sockets of the container that wait for others; `None` where that could not be seen.
pub async fn listeners(live: &mut Live) -> Option<Vec<Listener>> {
    let wanted = [Wanted::of(&Question::Listeners)];
    match all(live, &wanted).await.ok()?.pop()? {
        Answer::Seen(Fact::Listeners(listeners)) => Some(listeners),
        _ => None,
    }
}

/// How many connections to a port the kernel holds that its program has not taken or not read; nothing where
/// that cannot be seen.
pub async fn held(live: &mut Live, port: u16) -> Option<usize> {
    let requests = ["/proc/net/tcp", "/proc/net/tcp6"].map(|table| file(table, TABLE));
    let link = live.link(Some(ROOT)).await.ok()?;
    let told = link.ask(&requests, BATCH).await.ok()?;
    let held = told.iter().map(|told| match told {
        Told::Bytes { data, .. } => socket::held(&String::from_utf8_lossy(data), port),
        // A kernel without IPv6 has no such table.
        _ => 0,
    });
    Some(held.sum())
}

/// Whether the engine put an init before the program.
fn has_init(live: &Live) -> bool {
    live.has_init()
}

/// The user and group of the container's main process.
fn owner(live: &Live, told: &Told) -> Option<String> {
    let view = read::View {
        own: live.own_pids(),
        init: has_init(live),
    };
    match read::fact(&Question::Processes, vec![told.clone()], &view) {
        Answer::Seen(Fact::Processes(seen)) => seen
            .main()
            .map(|main| format!("{}:{}", main.uids[1], main.gids[1])),
        _ => None,
    }
}

fn is_refused(told: &Told) -> bool {
    match told {
        Told::Errno { errno }
        | Told::Stat {
            result: Err(errno), ..
        } => REFUSED.contains(errno),
        Told::Finds { found, errors, .. } => {
            let read = |found: &wire::Found| match (&found.there, &found.content) {
                (Err(errno), _) | (_, Some(Err(errno))) => REFUSED.contains(errno),
                _ => false,
            };
            found.iter().any(read) || errors.iter().any(|(_, errno)| REFUSED.contains(errno))
        }
        Told::Entries { errors, .. } => errors.iter().any(|(_, errno)| REFUSED.contains(errno)),
        Told::Processes { processes, .. } => {
            let files = processes.iter().flat_map(|process| &process.files);
            files
                .into_iter()
                .any(|file| matches!(file, Err(e) if REFUSED.contains(e)))
        }
        _ => false,
    }
}

/// Runs commands of one user, one after the other.
pub async fn commands(live: &mut Live, asked: &[&Question]) -> Vec<Answer> {
    let commands: Vec<&Command> = asked
        .iter()
        .filter_map(|question| match question {
            Question::Run(command) => Some(command),
            _ => None,
        })
        .collect();
    let user = commands.first().and_then(|c| c.user.clone());
    let whole: u64 = commands.iter().map(|c| c.timeout_millis + 1_000).sum();
    let requests: Vec<Request> = commands.iter().map(|c| request(c)).collect();
    let within = BATCH + Duration::from_millis(whole);
    let (told, end) = match live.link(user.as_deref()).await {
        Ok(link) => link.ask_each(&requests, within).await,
        Err(fault) => (Vec::new(), Err(fault)),
    };
    // Those that ended before the container did are judged by how they ended.
    let mut answers: Vec<Answer> = told.into_iter().map(ran).collect();
    match end {
        Ok(()) => answers,
        Err(fault) => {
            live.hang_up();
            let answer = match user {
                // The engine starts nothing as a user that the image does not have.
                Some(user) if says_no_user(&fault) && works_as_root(live).await => {
                    let why = format!("the container has no user or group `{user}`");
                    Answer::Seen(Fact::Ran(not_started(why)))
                }
                _ => blocked(live, &fault).await,
            };
            answers.resize(commands.len(), answer);
            answers
        }
    }
}

/// Whether a fault of starting may say that there is no such user: podman names it, Docker's program
/// cannot be run.
pub fn says_no_user(fault: &Fault) -> bool {
    let words = [NOT_STARTED, "unable to find user"];
    words.iter().any(|words| fault.message.contains(words))
}

/// As whom an exec without a user runs: the probe's own, so started, looks at itself.
pub async fn exec_user(live: &mut Live) -> Answer {
    let request = [file("/proc/self/status", 64 << 10)];
    let told = match live.link(None).await {
        Ok(link) => link.ask(&request, BATCH).await,
        Err(fault) => Err(fault),
    };
    match told {
        Ok(told) => read::exec_user(told),
        Err(fault) => {
            live.let_go(None);
            match says_no_user(&fault) && works_as_root(live).await {
                true => Answer::Seen(Fact::ExecUser(Err(fault.message))),
                false => blocked(live, &fault).await,
            }
        }
    }
}

/// Whether the probe itself can be started in the container.
pub async fn works_as_root(live: &mut Live) -> bool {
    live.link(Some(ROOT)).await.is_ok()
}

fn not_started(why: String) -> Ran {
    Ran {
        end: End::NotStarted(why),
        stdout: Blob::default(),
        stderr: Blob::default(),
        micros: 0,
    }
}

/// Why nothing could be asked: the container has ended, or the fault.
pub async fn blocked(live: &mut Live, fault: &Fault) -> Answer {
    match live.end_under(fault).await {
        Ok(Some(ending)) => Answer::Ended(ending),
        Ok(None) => Answer::Unseen(silent(live, fault).await),
        Err(worse) => Answer::Unseen(worse.to_string()),
    }
}

/// Why nothing in a container answered that has not ended.
pub async fn silent(live: &mut Live, fault: &Fault) -> String {
    let facts = live.facts().await;
    match facts.is_ok_and(|facts| facts.state.paused) {
        true => "it is paused, so nothing in it can be looked at; `unpause` comes first".to_owned(),
        false => fault.to_string(),
    }
}

/// What came of something that the container should have done, but did not: one that has ended does
/// nothing, and that is what is to be told.
pub async fn unless_ended(company: &Company, at: usize, came: Fact) -> Answer {
    let end = match company.live(at).await {
        Ok(mut live) => live.end_meanwhile().await,
        Err(fault) => Err(fault),
    };
    match end {
        Ok(Some(ending)) => Answer::Ended(ending),
        Ok(None) => Answer::Seen(came),
        Err(fault) => Answer::Unseen(fault.to_string()),
    }
}

fn request(command: &Command) -> Request {
    let bytes = |text: &String| text.as_bytes().to_vec();
    Request::Run {
        command: wire::Command {
            argv: command.argv.iter().map(bytes).collect(),
            env: command
                .environment
                .iter()
                .map(|(n, v)| (bytes(n), v.as_ref().map(bytes)))
                .collect(),
            cwd: command.workdir.as_ref().map(bytes),
            stdin: command.stdin.as_ref().map(bytes).unwrap_or_default(),
            timeout_ms: u32::try_from(command.timeout_millis).unwrap_or(u32::MAX),
            max_output: OUTPUT,
        },
    }
}

/// How a command ended, as a fact.
pub fn ran(told: Told) -> Answer {
    let blob = |output: wire::Output| Blob {
        bytes: output.data,
        total: output.total,
    };
    let ran = match told {
        Told::Ran {
            ended,
            stdout,
            stderr,
            micros,
        } => {
            let end = match ended {
                wire::Ended::Code { code } => End::Code(code),
                wire::Ended::Signal { signal } => End::Signal(signal),
                wire::Ended::TimedOut => End::TimedOut,
            };
            Ran {
                end,
                stdout: blob(stdout),
                stderr: blob(stderr),
                micros,
            }
        }
        Told::NotStarted { step, errno } => {
            let why = match step {
                wire::Step::Empty => "the command is empty".to_owned(),
                wire::Step::Directory => {
                    format!("its folder cannot be entered: {}", super::errno(errno))
                }
                wire::Step::Lookup => format!("there is no such program: {}", super::errno(errno)),
                wire::Step::Execute => {
                    format!("the program cannot be run: {}", super::errno(errno))
                }
            };
            not_started(why)
        }
        Told::Refused { text } => return Answer::Unseen(text),
        other => return Answer::Unseen(format!("the probe answered a command with {other:?}")),
    };
    Answer::Seen(Fact::Ran(ran))
}
