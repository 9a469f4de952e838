//! Looks at files and reads them.

use std::ffi::OsStr;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::wire::{Answer, Content, Kind, MAX_CONTENT, Stat};
use crate::{digest, sys};

/// As many links as the kernel itself follows.
const MAX_LINKS: usize = 40;

pub(crate) fn path(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}

pub(crate) fn stat(bytes: &[u8], follow: bool) -> Answer {
    if !follow {
        return Answer::Stat {
            chain: Vec::new(),
            result: look(path(bytes)),
        };
    }
    let mut chain = Vec::new();
    let mut current = path(bytes).to_owned();
    let result = loop {
        match look(&current) {
            Ok(Stat {
                target: Some(_), ..
            }) if chain.len() >= MAX_LINKS => break Err(sys::ELOOP),
            Ok(Stat {
                target: Some(target),
                ..
            }) => {
                current = beside(&current, &target);
                chain.push(current.as_os_str().as_bytes().to_vec());
            }
            // The kernel has the last word: some links, as those of /proc, lead where no path does.
            Ok(_) => {
                break fs::metadata(path(bytes))
                    .map(|found| describe(&found, None))
                    .map_err(|e| sys::errno(&e));
            }
            Err(_) if !chain.is_empty() && fs::metadata(path(bytes)).is_ok() => {
                break fs::metadata(path(bytes))
                    .map(|found| describe(&found, None))
                    .map_err(|e| sys::errno(&e));
            }
            Err(errno) => break Err(errno),
        }
    };
    Answer::Stat { chain, result }
}

/// Where a path leads in the end, with no link in it.
pub(crate) fn real(bytes: &[u8]) -> Answer {
    match fs::canonicalize(path(bytes)) {
        Ok(real) => Answer::Path {
            path: real.into_os_string().into_vec(),
        },
        Err(error) => Answer::Errno {
            errno: sys::errno(&error),
        },
    }
}

/// Where a link leads, said as plainly as the file system allows.
fn beside(link: &Path, target: &[u8]) -> PathBuf {
    let joined = link.parent().unwrap_or(Path::new("/")).join(path(target));
    let plain = match (joined.parent(), joined.file_name()) {
        (Some(parent), Some(name)) => fs::canonicalize(parent).map(|parent| parent.join(name)),
        _ => fs::canonicalize(&joined),
    };
    plain.unwrap_or(joined)
}

/// What is at this path itself.
pub(crate) fn look(path: &Path) -> Result<Stat, i32> {
    let found = fs::symlink_metadata(path).map_err(|error| sys::errno(&error))?;
    let target = if found.is_symlink() {
        fs::read_link(path).ok()
    } else {
        None
    };
    Ok(describe(&found, target))
}

pub(crate) fn describe(found: &Metadata, target: Option<PathBuf>) -> Stat {
    Stat {
        kind: kind(found),
        mode: u16::try_from(found.mode() & 0o7777).unwrap_or_default(),
        uid: found.uid(),
        gid: found.gid(),
        size: found.size(),
        mtime_secs: found.mtime(),
        dev: found.dev(),
        ino: found.ino(),
        nlink: found.nlink(),
        target: target.map(|target| target.into_os_string().into_vec()),
    }
}

fn kind(found: &Metadata) -> Kind {
    let kind = found.file_type();
    if kind.is_file() {
        Kind::File
    } else if kind.is_dir() {
        Kind::Directory
    } else if kind.is_symlink() {
        Kind::Link
    } else if kind.is_fifo() {
        Kind::Fifo
    } else if kind.is_socket() {
        Kind::Socket
    } else if kind.is_char_device() {
        Kind::CharDevice
    } else if kind.is_block_device() {
        Kind::BlockDevice
    } else {
        Kind::Unknown
    }
}

pub(crate) fn read(bytes: &[u8], from: u64, max: u64) -> Answer {
    let max = usize::try_from(max).unwrap_or(MAX_CONTENT).min(MAX_CONTENT);
    let (mut file, found) = match open(path(bytes)) {
        Ok(opened) => opened,
        Err(Closed::NotRegular(kind)) => return Answer::NotRegular { kind },
        Err(Closed::Errno(errno)) => return Answer::Errno { errno },
    };
    let content = skip(&mut file, from).and_then(|()| start(&mut file, max));
    match content {
        Ok(Content { data, truncated }) => Answer::Bytes {
            data,
            size: found.size(),
            truncated,
        },
        Err(error) => Answer::Errno {
            errno: sys::errno(&error),
        },
    }
}

/// The digest of a regular file, unless it holds more than `max` bytes.
pub(crate) fn digest(bytes: &[u8], max: u64) -> Answer {
    let (file, found) = match open(path(bytes)) {
        Ok(opened) => opened,
        Err(Closed::NotRegular(kind)) => return Answer::NotRegular { kind },
        Err(Closed::Errno(errno)) => return Answer::Errno { errno },
    };
    let size = found.size();
    if size > max {
        return Answer::Digest { sha256: None, size };
    }
    match digest::of(file, max) {
        Ok(Some((sha256, size))) => Answer::Digest {
            sha256: Some(sha256),
            size,
        },
        Ok(None) => Answer::Digest { sha256: None, size },
        Err(error) => Answer::Errno {
            errno: sys::errno(&error),
        },
    }
}

/// Whether this process may write to what is there, links followed: the kernel is asked, and nothing is
/// opened. To write to a folder is to make files in it, for which it has to be searched too.
/// Gives the error number, or 0.
pub(crate) fn may_write(bytes: &[u8]) -> i32 {
    let folder = fs::metadata(path(bytes)).is_ok_and(|found| found.is_dir());
    sys::may_write(bytes, folder)
}

/// The beginning of a regular file.
pub(crate) fn start_of(bytes: &[u8], max: usize) -> Result<Content, i32> {
    match open(path(bytes)) {
        Ok((mut file, _)) => start(&mut file, max).map_err(|error| sys::errno(&error)),
        Err(Closed::Errno(errno)) => Err(errno),
        Err(Closed::NotRegular(_)) => Err(sys::EINVAL),
    }
}

fn skip(file: &mut File, bytes: u64) -> io::Result<()> {
    if bytes > 0 {
        file.seek(SeekFrom::Start(bytes)).map(|_| ())
    } else {
        Ok(())
    }
}

/// The first bytes of an open file, and whether there are more.
pub(crate) fn start(file: &mut File, max: usize) -> io::Result<Content> {
    let mut data = Vec::new();
    file.take(max as u64 + 1).read_to_end(&mut data)?;
    let truncated = data.len() > max;
    data.truncate(max);
    Ok(Content { data, truncated })
}

enum Closed {
    NotRegular(Kind),
    Errno(i32),
}

/// Opens a regular file. Opening can itself act on a device or wait on a pipe, so it is looked at
/// first; what takes its place in between is caught afterwards.
fn open(path: &Path) -> Result<(File, Metadata), Closed> {
    let refuse = |error: io::Error| Closed::Errno(sys::errno(&error));
    regular(&fs::metadata(path).map_err(refuse)?)?;
    let file = open_quietly(path).map_err(refuse)?;
    let found = file.metadata().map_err(refuse)?;
    regular(&found)?;
    Ok((file, found))
}

/// Opens for reading without waiting and without taking a terminal.
pub(crate) fn open_quietly(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .custom_flags(sys::O_NONBLOCK | sys::O_NOCTTY)
        .open(path)
}

fn regular(found: &Metadata) -> Result<(), Closed> {
    match kind(found) {
        Kind::File => Ok(()),
        Kind::Directory => Err(Closed::Errno(sys::EISDIR)),
        other => Err(Closed::NotRegular(other)),
    }
}
