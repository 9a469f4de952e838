//! From what the probe told to facts. Pure.

use super::{errno, kind, packages, text};
use crate::engine::probe::FOLDER;
use crate::engine::probe::wire::{self, Answer as Told};
use crate::fact::answer::{Answer, Fact};
use crate::fact::blob::Blob;
use crate::fact::mount::{self, Mounts};
use crate::fact::path::{Digest, Entry, Stat, Walk};
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

/// Nothing stands there: no such file, a part of the path is no folder, or links lead in a circle.
pub const ABSENT: [i32; 3] = [2, 20, 40];
/// The process has gone: no such file, no such process.
const GONE: [i32; 2] = [2, 3];

/// The answer to a question from what the probe told to its requests.
pub fn fact(question: &Question, told: Vec<Told>, view: &View) -> Answer {
    let mut told = told.into_iter();
    let seen = match (question, told.next()) {
        (Question::Mounts { at }, Some(first)) => mounts(at, std::iter::once(first).chain(told)),
        (Question::Create { .. }, Some(Told::Created)) => Ok(Fact::Created(Ok(()))),
        (Question::Create { .. }, Some(Told::Errno { errno: number })) => {
            Ok(Fact::Created(Err((number, errno(number)))))
        }
        (Question::Listeners, Some(first)) => listeners(std::iter::once(first).chain(told)),
        (_, Some(Told::Refused { text })) => Err(format!("the probe could not answer: {text}")),
        (Question::Stat { path, .. }, Some(Told::Stat { result, .. })) => match result {
            Ok(found) => stat(&found)
                .map(|s| Fact::Stat(Some(s)))
                .ok_or_else(|| format!("{path} is of no known kind")),
            Err(number) if ABSENT.contains(&number) => Ok(Fact::Stat(None)),
            Err(number) => Err(format!("cannot look at {path}: {}", errno(number))),
        },
        (Question::Packages, Some(first)) => {
            return packages::fact(std::iter::once(first).chain(told).collect());
        }
        (Question::Digest { path, .. }, Some(Told::Digest { sha256, size })) => {
            digest(path, sha256, size).map(Fact::Digest)
        }
        (Question::Read { path, .. } | Question::Digest { path, .. }, Some(answer)) => {
            nothing_or(question, content(path, answer))
        }
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
        (Question::Privileged, Some(told)) => {
            super::contents::privileged(told).map(Fact::Privileged)
        }
        (Question::Search(search), Some(told)) => super::contents::searched(search, told)
            .map(|searched| Fact::Searched(Box::new(searched))),
        (
            Question::Processes | Question::Environment,
            Some(Told::Processes {
                truncated: true, ..
            }),
        ) => Err("there are more processes than are looked at".to_owned()),
        (Question::Processes, Some(Told::Processes { processes, .. })) => running(&processes, view)
            .and_then(|seen| with_threads(seen, &processes))
            .map(Fact::Processes),
        (Question::Environment, Some(Told::Processes { processes, .. })) => {
            environment(&processes, view)
        }
        (_, other) => Err(format!("the probe answered {question:?} with {other:?}")),
    };
    seen.map_or_else(Answer::Unseen, Answer::Seen)
}

pub(super) fn stat(told: &wire::Stat) -> Option<Stat> {
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

pub fn content(path: &str, told: Told) -> Result<Option<Blob>, String> {
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
        Told::Refused { text } => Err(text),
        Told::NotRegular { kind: other } => {
            let other = kind(&other).map_or("of no known kind", |kind| kind.word());
            Err(format!(
                "{path} is no regular file but a {other}, which is not read"
            ))
        }
        other => Err(format!(
            "the probe answered the reading of {path} with {other:?}"
        )),
    }
}

/// The text of a file of the kernel's; `None` where there is none.
pub(super) fn whole(path: &str, told: Told) -> Result<Option<String>, String> {
    let Some(blob) = content(path, told)? else {
        return Ok(None);
    };
    if blob.is_cut() {
        let kept = blob.bytes.len();
        return Err(format!("only the first {kept} bytes of {path} were read"));
    }
    Ok(Some(blob.text().into_owned()))
}

/// What is said where the kernel's table of mounts cannot be read.
pub(super) const NO_MOUNTS: &str = "the kernel's table of mounts is not understood";

/// The mounts of the container, without our own, and where paths lead.
fn mounts(at: &[String], told: impl IntoIterator<Item = Told>) -> Result<Fact, String> {
    let mut told = told.into_iter();
    let table = told.next().map(|table| whole("/proc/1/mountinfo", table));
    let table = table.transpose()?.flatten();
    let table = table.ok_or("there is no /proc/1/mountinfo")?;
    let mut all = mount::parse(&table).ok_or(NO_MOUNTS)?;
    all.retain(|mount| mount::below(&mount.at, FOLDER).is_none());
    let real = at.iter().zip(told).map(|(path, told)| match told {
        Told::Path { path: real } => Ok((path.clone(), Some(text(&real)))),
        Told::Errno { errno } if ABSENT.contains(&errno) => Ok((path.clone(), None)),
        Told::Errno { errno: number } => {
            Err(format!("cannot tell where {path} leads: {}", errno(number)))
        }
        other => Err(format!(
            "the probe answered where {path} leads with {other:?}"
        )),
    });
    let real = real.collect::<Result<_, _>>()?;
    Ok(Fact::Mounts(Mounts { all, real }))
}

/// As whom the probe runs, from its own status.
pub fn exec_user(told: Vec<Told>) -> Answer {
    let own = "the probe's own status";
    let status = match told.into_iter().next() {
        Some(answer) => content(own, answer),
        None => Ok(None),
    };
    match status.map(|blob| blob.and_then(|blob| Process::parse(0, &blob.text(), b"probe"))) {
        Ok(Some(process)) => Answer::Seen(Fact::ExecUser(Ok(process))),
        Ok(None) => Answer::Unseen(format!("{own} does not say as whom it runs")),
        Err(why) => Answer::Unseen(why),
    }
}

/// What was read, or that there is nothing to take the digest of.
fn nothing_or(question: &Question, blob: Result<Option<Blob>, String>) -> Result<Fact, String> {
    match (question, blob?) {
        (Question::Digest { .. }, None) => Ok(Fact::Digest(None)),
        (Question::Digest { path, .. }, Some(_)) => Err(format!(
            "the probe read {path} where its digest was asked for"
        )),
        (_, blob) => Ok(Fact::Read(blob)),
    }
}

fn digest(path: &str, sha256: Option<Vec<u8>>, total: u64) -> Result<Option<Digest>, String> {
    let hex = |bytes: Vec<u8>| bytes.iter().map(|b| format!("{b:02x}")).collect();
    match sha256 {
        Some(bytes) if bytes.len() != 32 => Err(format!(
            "the probe answered the digest of {path} with {} bytes",
            bytes.len()
        )),
        sha256 => Ok(Some(Digest {
            sha256: sha256.map(hex),
            total,
        })),
    }
}

/// The processes of the container. One that went away while it was looked at is none of them.
fn running(told: &[wire::Process], view: &View) -> Result<Processes, String> {
    let mut all = Vec::new();
    for told in told {
        let pid = told.pid;
        let status = match told.files.first() {
            Some(Ok(status)) => text(&status.data),
            Some(Err(number)) if GONE.contains(number) => continue,
            Some(Err(_)) if view.own.contains(&pid) => continue,
            Some(Err(number)) => {
                let why = errno(*number);
                return Err(format!("cannot read the status of process {pid}: {why}"));
            }
            None => String::new(),
        };
        let command = match told.files.get(1) {
            Some(Ok(command)) => command.data.as_slice(),
            _ => &[],
        };
        let process = Process::parse(pid, &status, command);
        all.push(
            process.ok_or_else(|| {
                format!("the status of process {pid} does not say as whom it runs")
            })?,
        );
    }
    // Our probes, and what they have started and not yet taken leave of. One of the container's own that
    // has got the number of one that is gone is none.
    let is_probe = |pid: &u32| all.iter().any(|p| p.pid == *pid && p.is_probe());
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
    all.retain(|p| !ours.contains(&p.pid));
    let first = all.iter().find(|p| p.pid == 1);
    let init = view.init || first.is_some_and(is_engines_init);
    Ok(Processes { all, init })
}

/// Adds the threads of each process that differ from its first.
fn with_threads(mut seen: Processes, told: &[wire::Process]) -> Result<Processes, String> {
    for process in &mut seen.all {
        let told = told.iter().find(|told| told.pid == process.pid);
        process.apart = apart(process.pid, told.and_then(|told| told.files.get(2)))?;
    }
    Ok(seen)
}

fn apart(pid: u32, told: Option<&Result<wire::Content, i32>>) -> Result<Vec<Process>, String> {
    match told {
        Some(Ok(threads)) if threads.truncated => Err(format!(
            "more threads of process {pid} differ from its first one than are looked at"
        )),
        Some(Ok(threads)) => Process::threads(&text(&threads.data)).ok_or_else(|| {
            format!("the status of a thread of process {pid} does not say as whom it runs")
        }),
        Some(Err(number)) if !GONE.contains(number) => Err(format!(
            "cannot look at the threads of process {pid}: {}",
            errno(*number)
        )),
        _ => Ok(Vec::new()),
    }
}

/// Whether it is the init that an engine may put before every program, whatever a container asks for.
fn is_engines_init(process: &Process) -> bool {
    let places = ["/sbin/docker-init", "/run/podman-init", "/dev/init"];
    let [program, separator, ..] = process.command.as_slice() else {
        return false;
    };
    places.contains(&program.as_str()) && separator == "--"
}

fn environment(told: &[wire::Process], view: &View) -> Result<Fact, String> {
    let seen = running(told, view)?;
    let main = seen.main().map(|p| p.pid);
    let found = told.iter().find(|p| Some(p.pid) == main);
    match found.and_then(|p| p.files.get(2)) {
        Some(Ok(content)) if content.truncated => {
            let kept = content.data.len();
            Err(format!(
                "only the first {kept} bytes of the main process's environment were read"
            ))
        }
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
        if let Some(table) = whole("the kernel's table of sockets", answer)? {
            all.extend(socket::parse(&table, protocol));
        }
    }
    all.sort_unstable();
    all.dedup();
    Ok(Fact::Listeners(all))
}

#[cfg(test)]
pub(super) mod tests;
