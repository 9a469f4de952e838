//! Tries whether a file can be made in a folder, and leaves nothing behind.

use std::fs::{self, File, FileTimes, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::files::path;
use crate::sys;
use crate::wire::Answer;

/// Names that are tried before it is given up.
const TRIES: u32 = 16;

pub(crate) fn create(folder: &[u8]) -> Answer {
    match make_and_remove(folder) {
        Ok(()) => Answer::Created,
        Err(error) => Answer::Errno {
            errno: sys::errno(&error),
        },
    }
}

fn make_and_remove(folder: &[u8]) -> io::Result<()> {
    let folder = path(folder);
    let before = fs::metadata(folder)?;
    for attempt in 0..TRIES {
        let nanos = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_nanos());
        let id = std::process::id();
        let file = folder.join(format!(".seaworthy-{id}-{nanos}-{attempt}"));
        let made = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&file);
        match made {
            Ok(_) => {
                fs::remove_file(&file)?;
                // Where this user may not, the folder was changed just now, which is so.
                let times = before.accessed().and_then(|accessed| {
                    let times = FileTimes::new().set_accessed(accessed);
                    Ok(times.set_modified(before.modified()?))
                });
                if let (Ok(times), Ok(folder)) = (times, File::open(folder)) {
                    let _ = folder.set_times(times);
                }
                return Ok(());
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::from_raw_os_error(sys::EIO))
}
