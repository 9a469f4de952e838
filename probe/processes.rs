//! Reads what `/proc` has about every process.

use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use crate::files::{open_quietly, path, start};
use crate::sys;
use crate::wire::{Answer, Content, MAX_CONTENT, Process};

/// Past these, a bound has been reached.
const MAX_PROCESSES: usize = 100_000;
const MAX_EACH: u32 = 1 << 20;

/// The name under which threads are asked for that have other rights than their process's first.
const THREADS: &[u8] = b"task/*/status";

/// This process's id as `/proc` has it, which may be mounted for another namespace.
pub(crate) fn own_id() -> u32 {
    let link = fs::read_link("/proc/self").ok();
    let seen = link
        .as_deref()
        .and_then(Path::to_str)
        .and_then(|name| name.parse().ok());
    seen.unwrap_or_else(std::process::id)
}

pub(crate) fn processes(files: &[Vec<u8>], links: &[Vec<u8>], max_each: u32) -> Answer {
    let folders = match fs::read_dir("/proc") {
        Ok(folders) => folders,
        Err(error) => {
            return Answer::Errno {
                errno: sys::errno(&error),
            };
        }
    };
    let mut ids: Vec<u32> = folders
        .filter_map(Result::ok)
        .filter_map(|folder| folder.file_name().to_str()?.parse().ok())
        .take(MAX_PROCESSES)
        .collect();
    ids.sort_unstable();
    let max = usize::try_from(max_each.min(MAX_EACH)).unwrap_or_default();
    let mut truncated = ids.len() == MAX_PROCESSES;
    let mut processes = Vec::new();
    let mut bytes = 0;
    for pid in ids {
        let Some(process) = process(pid, files, links, max) else {
            continue;
        };
        bytes += size(&process);
        if bytes > MAX_CONTENT {
            truncated = true;
            break;
        }
        processes.push(process);
    }
    Answer::Processes {
        own: own_id(),
        processes,
        truncated,
    }
}

/// One process, or nothing when it has gone meanwhile.
fn process(pid: u32, files: &[Vec<u8>], links: &[Vec<u8>], max: usize) -> Option<Process> {
    let folder = format!("/proc/{pid}/");
    let at = |name: &Vec<u8>| [folder.as_bytes(), name.as_slice()].concat();
    let read = |name: &Vec<u8>| match name.as_slice() {
        THREADS => apart(pid, max),
        _ => content(&at(name), max),
    };
    let files: Vec<_> = files.iter().map(read).collect();
    let links: Vec<_> = links.iter().map(|name| target(&at(name))).collect();
    // A zombie has its folder, and errors of its own; what is gone has none.
    fs::metadata(&folder).ok()?;
    let gone = files
        .iter()
        .any(|file| file.as_ref().err() == Some(&sys::ESRCH));
    if gone && fs::read(format!("{folder}stat")).is_err() {
        return None;
    }
    Some(Process { pid, files, links })
}

fn content(name: &[u8], max: usize) -> Result<Content, i32> {
    let file = open_quietly(path(name)).and_then(|mut file| start(&mut file, max));
    file.map_err(|error| sys::errno(&error))
}

/// The lines about rights of each thread that differs in them from the first, an empty line behind each.
fn apart(pid: u32, max: usize) -> Result<Content, i32> {
    let said = |error: std::io::Error| sys::errno(&error);
    let folder = format!("/proc/{pid}/task");
    let threads = fs::read_dir(&folder).map_err(said)?;
    let names = threads.filter_map(|thread| thread.ok()?.file_name().into_string().ok());
    let mut others: Vec<u32> = names.filter_map(|name| name.parse().ok()).collect();
    others.retain(|thread| *thread != pid);
    let mut data = Vec::new();
    let mut truncated = false;
    if !others.is_empty() {
        others.sort_unstable();
        let status = |thread: u32| fs::read_to_string(format!("{folder}/{thread}/status"));
        let first = status(pid).map_err(said)?;
        for thread in others {
            // One that has ended meanwhile has no rights any more.
            let Ok(own) = status(thread) else { continue };
            if own
                .lines()
                .filter(is_right)
                .eq(first.lines().filter(is_right))
            {
                continue;
            }
            let named = |line: &&str| line.starts_with("Name:") || line.starts_with("Pid:");
            let lines = own.lines().filter(|line| named(line) || is_right(line));
            let lines: Vec<&str> = lines.chain(["", ""]).collect();
            let more = lines.join("\n");
            if data.len() + more.len() > max {
                truncated = true;
                break;
            }
            data.extend_from_slice(more.as_bytes());
        }
    }
    Ok(Content { data, truncated })
}

/// Whether a line of a status says what the thread may do.
fn is_right(line: &&str) -> bool {
    let words = ["Uid:", "Gid:", "Groups:", "Cap", "NoNewPrivs:", "Seccomp:"];
    words.iter().any(|word| line.starts_with(word))
}

fn target(name: &[u8]) -> Result<Vec<u8>, i32> {
    let target = fs::read_link(path(name)).map_err(|error| sys::errno(&error))?;
    Ok(target.into_os_string().into_vec())
}

fn size(process: &Process) -> usize {
    let files = process
        .files
        .iter()
        .map(|file| file.as_ref().map_or(0, |file| file.data.len()));
    let links = process
        .links
        .iter()
        .map(|link| link.as_ref().map_or(0, Vec::len));
    files
        .chain(links)
        .map(|content| content + 16)
        .sum::<usize>()
        + 16
}
