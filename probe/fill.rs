//! Fills a file system.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::ExitCode;

use crate::{complain, sys};

/// The file that takes the room.
const NAME: &str = ".seaworthy-fill";
/// How much is written at a time.
const PART: usize = 1 << 20;
/// The exit code where the folder may not be written to.
const REFUSED: u8 = 3;
/// The exit code where there is less room than is to be left; standard output says how much.
const SHORT: u8 = 4;

/// Makes a file in the folder as large as leaves so many bytes free, or makes the one that is there
/// smaller.
pub(crate) fn fill(folder: &OsStr, leave: u64) -> ExitCode {
    match pour(Path::new(folder), leave) {
        Ok(free) if free >= leave => ExitCode::SUCCESS,
        Ok(free) => {
            let _ = io::stdout().write_all(free.to_string().as_bytes());
            ExitCode::from(SHORT)
        }
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            let _ = complain(&error.to_string());
            ExitCode::from(REFUSED)
        }
        Err(error) => complain(&error.to_string()),
    }
}

/// Gives how many bytes are free then.
fn pour(folder: &Path, leave: u64) -> io::Result<u64> {
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .open(folder.join(NAME))?;
    let part = vec![b'x'; PART];
    loop {
        let (free, block) = sys::room(file.as_fd())?;
        // A block is taken whole.
        let more = free.saturating_sub(leave) / block * block;
        let size = usize::try_from(more).unwrap_or(PART).min(PART);
        if size == 0 {
            return give_back(&file, free, leave, block);
        }
        match file.write(part.get(..size).unwrap_or_default()) {
            Ok(0) => return Ok(free),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::StorageFull => {
                let (free, block) = sys::room(file.as_fd())?;
                return give_back(&file, free, leave, block);
            }
            Err(error) => return Err(error),
        }
    }
}

fn give_back(file: &File, free: u64, leave: u64, block: u64) -> io::Result<u64> {
    let lacking = leave.saturating_sub(free).div_ceil(block) * block;
    let length = file.metadata()?.len();
    if lacking == 0 || length == 0 {
        return Ok(free);
    }
    file.set_len(length.saturating_sub(lacking))?;
    sys::room(file.as_fd()).map(|(free, _)| free)
}
