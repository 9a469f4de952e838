//! Asks the kernel as another user, by a child that becomes that user.

use std::fs::{self, OpenOptions};
use std::io::{self, PipeReader, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;

use crate::files::{self, path};
use crate::sys;
use crate::wire::Answer;

/// Who is to ask.
pub(crate) struct Other {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) groups: Vec<u32>,
}

/// What a number in what the child says takes.
const NUMBER: usize = size_of::<i32>();

/// Which of these paths that user may write to. An error where no child can be just what an exec as
/// that user would be: without the capabilities that it takes, in a name space that does not have the
/// number, or where the answer depends on more than the user.
pub(crate) fn may_write(other: &Other, paths: &[Vec<u8>]) -> Answer {
    match ask(other, paths) {
        Ok(errnos) => Answer::OtherMayWrite { errnos },
        Err(errno) => Answer::Errno { errno },
    }
}

fn ask(other: &Other, paths: &[Vec<u8>]) -> Result<Vec<i32>, i32> {
    // Root does not lose its capabilities by becoming root, and has others in an exec perhaps.
    if other.uid == 0 {
        return Err(sys::EINVAL);
    }
    let (mut reader, mut writer) = io::pipe().map_err(|error| sys::errno(&error))?;
    let child = sys::aside(|| {
        let told = as_other(other, paths);
        let _ = match &told {
            Ok(errnos) => {
                let bytes: Vec<u8> = errnos.iter().flat_map(|n| n.to_le_bytes()).collect();
                writer
                    .write_all(&0_i32.to_le_bytes())
                    .and_then(|()| writer.write_all(&bytes))
            }
            Err(errno) => writer.write_all(&errno.to_le_bytes()),
        };
    })?;
    drop(writer);
    let told = listen(&mut reader, paths.len());
    sys::await_end(child);
    told
}

/// In the child: becomes the other, sees to it that it is, and asks.
fn as_other(other: &Other, paths: &[Vec<u8>]) -> Result<Vec<i32>, i32> {
    sys::become_user(other.uid, other.gid, &other.groups)?;
    if !is_other(other) {
        return Err(sys::EPERM);
    }
    paths
        .iter()
        .map(|path| match is_same_to_all(path) {
            true => Ok(files::may_write(path)),
            false => Err(sys::EINVAL),
        })
        .collect()
}

/// Whether this process is that user in every respect that the kernel looks at, and has no capability:
/// what makes root keep some, or a call that does nothing, is not for us to know.
fn is_other(other: &Other) -> bool {
    let Ok(status) = fs::read_to_string("/proc/self/status") else {
        return false;
    };
    let numbers = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        let numbers = line.split_whitespace().map(str::parse);
        numbers.collect::<Result<Vec<u32>, _>>().ok()
    };
    let capabilities = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|line| u64::from_str_radix(line.trim(), 16).ok())
    };
    let mut groups = other.groups.clone();
    groups.sort_unstable();
    let mut seen = numbers("Groups:");
    if let Some(seen) = &mut seen {
        seen.sort_unstable();
    }
    numbers("Uid:") == Some(vec![other.uid; 4])
        && numbers("Gid:") == Some(vec![other.gid; 4])
        && seen == Some(groups)
        && capabilities("CapEff:") == Some(0)
}

/// Whether what is there is the same to each process of a user. What hangs on a process is not: its own
/// files in `/proc`, its pipes and its sockets.
fn is_same_to_all(bytes: &[u8]) -> bool {
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(sys::O_PATH)
        .open(path(bytes));
    // What cannot be reached cannot be written to, and the kernel says why.
    let Ok(file) = opened else {
        return !bytes.starts_with(b"/proc/");
    };
    let leads = fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd()));
    leads.is_ok_and(|leads| {
        let leads = leads.as_os_str().as_bytes();
        leads.starts_with(b"/") && leads != b"/proc" && !leads.starts_with(b"/proc/")
    })
}

/// What the child says of that many paths.
fn listen(reader: &mut PipeReader, count: usize) -> Result<Vec<i32>, i32> {
    let mut bytes = Vec::new();
    let most = (count + 1) * NUMBER;
    let read = reader.take(most as u64).read_to_end(&mut bytes);
    read.map_err(|error| sys::errno(&error))?;
    let mut numbers = bytes
        .chunks_exact(NUMBER)
        .filter_map(|four| four.try_into().ok())
        .map(i32::from_le_bytes);
    match numbers.next() {
        Some(0) => {
            let errnos: Vec<i32> = numbers.collect();
            // It did not get to its end.
            if errnos.len() == count {
                Ok(errnos)
            } else {
                Err(sys::EIO)
            }
        }
        Some(errno) => Err(errno),
        None => Err(sys::EIO),
    }
}
