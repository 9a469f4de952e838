//! From what the probe told to facts. Pure.

use super::{errno, kind, text};
use crate::engine::probe::FOLDER;
use crate::engine::probe::wire::{self, Answer as Told};
use crate::fact::answer::{Answer, Fact};
use crate::fact::blob::Blob;
use crate::fact::path::{Entry, Stat, Walk};
use crate::fact::process::{self, Process, Processes};
use crate::fact::question::Question;
use crate::fact::socket;
use crate::text::units::Protocol;

/// What must be known to take our own part out of what is seen.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// Process numbers of our probes.
    pub own: Vec<u32>,
    /// Whether the engine put an init before the program.
    pub init: bool,
}

/// Nothing stands there: no such file, or a part of the path is no folder.
const ABSENT: [i32; 2] = [2, 20];

/// The answer to a question from what the probe told to its requests.
pub fn fact(question: &Question, told: Vec<Told>, view: &View) -> Answer {
    let mut told = told.into_iter();
    let seen = match (question, told.next()) {
        (Question::Listeners, Some(first)) => listeners(std::iter::once(first).chain(told)),
        (_, Some(Told::Refused { text })) => Err(format!("the probe could not answer: {text}")),
        (Question::Stat { path, .. }, Some(Told::Stat { result, .. })) => match result {
            Ok(found) => stat(&found)
                .map(|s| Fact::Stat(Some(s)))
                .ok_or_else(|| format!("{path} is of no known kind")),
            Err(number) if ABSENT.contains(&number) => Ok(Fact::Stat(None)),
            Err(number) => Err(format!("cannot look at {path}: {}", errno(number))),
        },
        (Question::Read { path, .. }, Some(answer)) => content(path, answer).map(Fact::Read),
        (
            Question::Walk { root, .. },
            Some(Told::Entries {
                entries,
                truncated,
                errors,
            }),
        ) => {
            let missing = errors
                .iter()
                .any(|(p, e)| text(p) == *root && ABSENT.contains(e));
            let unread = errors.iter().filter(|(_, e)| !ABSENT.contains(e));
            let walk = Walk {
                entries: entries.iter().filter_map(entry).collect(),
                cut: truncated,
                unread: unread.map(|(p, e)| (text(p), errno(*e))).collect(),
            };
            Ok(Fact::Walk(if missing { Walk::default() } else { walk }))
        }
        (Question::Processes, Some(Told::Processes { processes, .. })) => {
            Ok(Fact::Processes(running(&processes, view)))
        }
        (Question::Environment, Some(Told::Processes { processes, .. })) => {
            environment(&processes, view)
        }
        (_, other) => Err(format!("the probe answered {question:?} with {other:?}")),
    };
    seen.map_or_else(Answer::Unseen, Answer::Seen)
}

fn stat(told: &wire::Stat) -> Option<Stat> {
    Some(Stat {
        kind: kind(&told.kind)?,
        mode: u32::from(told.mode),
        uid: told.uid,
        gid: told.gid,
        size: told.size,
        modified: told.mtime_secs,
        target: told.target.as_deref().map(text),
    })
}

fn entry(told: &wire::Entry) -> Option<Entry> {
    let path = text(&told.path);
    let ours = path == FOLDER || path.starts_with(&format!("{FOLDER}/"));
    (!ours).then(|| stat(&told.stat).map(|stat| Entry { path, stat }))?
}

fn content(path: &str, told: Told) -> Result<Option<Blob>, String> {
    match told {
        Told::Bytes {
            data,
            size,
            truncated,
        } => {
            let least = data.len() as u64;
            let total = if truncated {
                size.max(least + 1)
            } else {
                least
            };
            Ok(Some(Blob { bytes: data, total }))
        }
        Told::Errno { errno } if ABSENT.contains(&errno) => Ok(None),
        Told::Errno { errno: number } => Err(format!("cannot read {path}: {}", errno(number))),
        Told::NotRegular { kind } => Err(format!("{path} is no regular file but {kind:?}")),
        other => Err(format!(
            "the probe answered the reading of {path} with {other:?}"
        )),
    }
}

fn running(told: &[wire::Process], view: &View) -> Processes {
    let bytes = |process: &wire::Process, at: usize| match process.files.get(at) {
        Some(Ok(content)) => content.data.clone(),
        _ => Vec::new(),
    };
    let all: Vec<Process> = told
        .iter()
        .map(|p| Process::parse(p.pid, &text(&bytes(p, 0)), &bytes(p, 1)))
        .collect();
    // Our probes, and what they have started and not yet taken leave of.
    let is_probe = |pid: &u32| all.iter().any(|p| p.pid == *pid && p.name == "probe");
    let mut ours: Vec<u32> = view.own.iter().copied().filter(is_probe).collect();
    loop {
        let more: Vec<u32> = all
            .iter()
            .filter(|p| ours.contains(&p.parent) && p.parent != 1 && !ours.contains(&p.pid))
            .map(|p| p.pid)
            .collect();
        if more.is_empty() {
            break;
        }
        ours.extend(more);
    }
    Processes {
        all: all.into_iter().filter(|p| !ours.contains(&p.pid)).collect(),
        init: view.init,
    }
}

fn environment(told: &[wire::Process], view: &View) -> Result<Fact, String> {
    let seen = running(told, view);
    let main = seen.main().map(|p| p.pid);
    let found = told.iter().find(|p| Some(p.pid) == main);
    match found.and_then(|p| p.files.get(2)) {
        Some(Ok(content)) => match process::environment(&content.data) {
            Some(variables) => Ok(Fact::Environment(variables)),
            None => Err(
                "the main process has written over its own environment (as programs do that change \
                 their title), so the kernel no longer knows what it was started with"
                    .to_owned(),
            ),
        },
        Some(Err(number)) => Err(format!(
            "cannot read the environment of the main process: {}",
            errno(*number)
        )),
        None => Err("the container has no main process".to_owned()),
    }
}

fn listeners(told: impl Iterator<Item = Told>) -> Result<Fact, String> {
    let protocols = [Protocol::Tcp, Protocol::Tcp, Protocol::Udp, Protocol::Udp];
    let mut all = Vec::new();
    for (answer, protocol) in told.zip(protocols) {
        if let Some(blob) = content("the kernel's table of sockets", answer)? {
            all.extend(socket::parse(&blob.text(), protocol));
        }
    }
    all.sort_unstable();
    all.dedup();
    Ok(Fact::Listeners(all))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::probe::wire::Content;

    fn process(pid: u32, parent: u32, environ: Option<&str>) -> wire::Process {
        let content = |data: &str| {
            Ok(Content {
                data: data.as_bytes().to_vec(),
                truncated: false,
            })
        };
        let name = if pid == 20 { "probe" } else { "app" };
        let status = format!("Name:\t{name}\nPPid:\t{parent}\nUid:\t5\t5\t5\t5\n");
        let environ = environ.map_or(Err(13), content);
        wire::Process {
            pid,
            files: vec![content(&status), content("p\0"), environ],
            links: Vec::new(),
        }
    }

    #[test]
    fn our_own_processes_are_taken_out() {
        let told = [
            process(1, 0, None),
            process(7, 1, None),
            process(20, 0, None),
            process(21, 20, None),
        ];
        let view = View {
            own: vec![20],
            init: false,
        };
        let pids: Vec<u32> = running(&told, &view).all.iter().map(|p| p.pid).collect();
        assert_eq!(pids, [1, 7]);
    }

    #[test]
    fn absence_is_a_fact_and_refusal_is_not() {
        let stat = |result| {
            let question = Question::Stat {
                path: "/x".into(),
                follow: true,
            };
            fact(
                &question,
                vec![Told::Stat {
                    chain: Vec::new(),
                    result,
                }],
                &View::default(),
            )
        };
        assert_eq!(stat(Err(2)), Answer::Seen(Fact::Stat(None)));
        assert!(matches!(stat(Err(13)), Answer::Unseen(why) if why.contains("/x")));
        let read = |told| {
            fact(
                &Question::Read {
                    path: "/x".into(),
                    most: 9,
                },
                vec![told],
                &View::default(),
            )
        };
        assert_eq!(
            read(Told::Errno { errno: 2 }),
            Answer::Seen(Fact::Read(None))
        );
        assert!(matches!(read(Told::Errno { errno: 5 }), Answer::Unseen(_)));
        let cut = read(Told::Bytes {
            data: b"abc".to_vec(),
            size: 3,
            truncated: true,
        });
        assert!(matches!(cut, Answer::Seen(Fact::Read(Some(blob))) if blob.is_cut()));
        assert!(matches!(
            read(Told::Refused { text: "no".into() }),
            Answer::Unseen(_)
        ));
    }

    #[test]
    fn an_environment_that_cannot_be_read_is_not_an_empty_one() {
        let ask = |p| {
            fact(
                &Question::Environment,
                vec![Told::Processes {
                    own: 9,
                    processes: vec![p],
                    truncated: false,
                }],
                &View::default(),
            )
        };
        assert!(matches!(ask(process(1, 0, None)), Answer::Unseen(_)));
        let seen = ask(process(1, 0, Some("A=b\0")));
        assert_eq!(
            seen,
            Answer::Seen(Fact::Environment(vec![("A".into(), "b".into())]))
        );
    }
}
