//! Sends a signal to a process of a container, from outside: a process cannot be killed from inside its
//! own PID namespace as by a fault, and what the engine sends counts as a wish to stop.

use std::fs;
use std::io;

use crate::sys;
use crate::wire::{Answer, Whom};

/// A process of the container, as `/proc` of the host has it.
struct Process {
    pid: u32,
    parent: u32,
    command: Vec<u8>,
}

/// Sends `signal` to a process of the container of that id, whose first process is `first`.
pub(crate) fn send(container: &[u8], first: u32, signal: i32, whom: &Whom) -> Answer {
    let errno = |error: io::Error| error.raw_os_error().unwrap_or(sys::EIO);
    let all = match processes(container) {
        Ok(all) => all,
        Err(error) => {
            return Answer::Errno {
                errno: errno(error),
            };
        }
    };
    let Some(pid) = chosen(&all, first, whom) else {
        return Answer::Errno { errno: sys::ESRCH };
    };
    match sys::send(pid, signal) {
        Ok(()) => Answer::Sent,
        Err(error) => Answer::Errno {
            errno: errno(error),
        },
    }
}

fn chosen(all: &[Process], first: u32, whom: &Whom) -> Option<u32> {
    let others = || all.iter().filter(|process| process.pid != first);
    let itself = || all.iter().find(|process| process.pid == first);
    let found = match whom {
        Whom::First => itself(),
        Whom::BelowInit => others().find(|process| process.parent == first),
        Whom::Named { text } => {
            let named = |process: &&Process| holds(&process.command, text);
            others().find(named).or_else(|| itself().filter(named))
        }
    };
    found.map(|process| process.pid)
}

/// The processes of the container, the oldest numbers first, without our own.
fn processes(container: &[u8]) -> io::Result<Vec<Process>> {
    let folders = fs::read_dir("/proc")?.filter_map(Result::ok);
    let ids = folders.filter_map(|folder| folder.file_name().to_str()?.parse::<u32>().ok());
    let mut all: Vec<Process> = ids.filter_map(|pid| process(pid, container)).collect();
    all.sort_unstable_by_key(|process| process.pid);
    Ok(all)
}

/// `None` where it is of another container, is ours, or has gone meanwhile.
fn process(pid: u32, container: &[u8]) -> Option<Process> {
    let read = |file: &str| fs::read(format!("/proc/{pid}/{file}")).ok();
    if !holds(&read("cgroup")?, container) {
        return None;
    }
    let status = String::from_utf8_lossy(&read("status")?).into_owned();
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"));
    let mut command = read("cmdline")?;
    if command.starts_with(b"/.seaworthy/") {
        return None;
    }
    for byte in &mut command {
        if *byte == 0 {
            *byte = b' ';
        }
    }
    Some(Process {
        pid,
        parent: parent?.trim().parse().ok()?,
        command,
    })
}

fn holds(all: &[u8], part: &[u8]) -> bool {
    !part.is_empty() && all.windows(part.len()).any(|window| window == part)
}
