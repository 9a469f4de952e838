//! Finds the program that a command names, and the reason when it does not start.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::absent::Absent;
use crate::files::path;
use crate::sys;
use crate::wire::{Answer, Command, Step};

/// The search path where the environment has none, as Docker sets it.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The program's file: as named, or the first on the command's own `PATH` that can be run.
pub(crate) fn find(name: &[u8], command: &Command, absent: &mut Absent) -> Result<OsString, i32> {
    if name.contains(&b'/') {
        return Ok(OsString::from_vec(name.to_vec()));
    }
    let own = command.env.iter().rev().find(|(key, _)| key == b"PATH");
    let folders = match own {
        Some((_, value)) => value.clone().map(OsString::from_vec),
        None => env::var_os("PATH"),
    };
    let folders = folders.unwrap_or_else(|| DEFAULT_PATH.into());
    let mut errno = sys::ENOENT;
    for folder in folders.as_bytes().split(|byte| *byte == b':') {
        let folder: &[u8] = if folder.is_empty() { b"." } else { folder };
        let file = [folder, name].join(&b'/');
        // A relative folder of the search path counts from where the command runs.
        let at = command.cwd.as_deref().map_or(Path::new(""), path);
        let folder = at.join(path(folder));
        if absent.knows(&folder, name) {
            continue;
        }
        let before = fs::metadata(&folder);
        match fs::metadata(folder.join(path(name))) {
            Ok(found) if found.is_file() && found.permissions().mode() & 0o111 != 0 => {
                return Ok(OsString::from_vec(file));
            }
            Ok(found) if found.is_file() => errno = sys::EACCES,
            Err(error) if sys::errno(&error) == sys::EACCES => errno = sys::EACCES,
            Err(error) if sys::errno(&error) == sys::ENOENT => {
                if let Ok(before) = before {
                    absent.remember(&folder, &before, name);
                }
            }
            _ => {}
        }
    }
    Err(errno)
}

/// Finds out which step it was that failed.
pub(crate) fn not_started(program: &OsStr, command: &Command, error: &io::Error) -> Answer {
    let errno = sys::errno(error);
    let folder = command.cwd.as_deref().map(path).map(fs::metadata);
    let step = match folder {
        Some(Err(error)) => {
            return Answer::NotStarted {
                step: Step::Directory,
                errno: sys::errno(&error),
            };
        }
        Some(Ok(found)) if !found.is_dir() => {
            return Answer::NotStarted {
                step: Step::Directory,
                errno: sys::ENOTDIR,
            };
        }
        _ => {
            let at = command
                .cwd
                .as_deref()
                .map_or(Path::new("").to_owned(), |at| path(at).to_owned());
            if fs::metadata(at.join(program)).is_ok() {
                Step::Execute
            } else {
                Step::Lookup
            }
        }
    };
    Answer::NotStarted { step, errno }
}
