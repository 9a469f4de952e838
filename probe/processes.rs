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
    let files: Vec<_> = files.iter().map(|name| content(&at(name), max)).collect();
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
