//! Copies this program to where containers can have it.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const NAME: &str = "probe";
const TEMPORARY: &str = ".probe-";
const STALE: Duration = Duration::from_mins(1);

/// Installs by renaming a finished copy, so that there is always a whole program or none.
pub(crate) fn install(folder: &Path) -> io::Result<()> {
    let program = fs::read("/proc/self/exe")?;
    remove_stale(folder)?;
    if !is_there(folder, &program) {
        let (mut file, temporary) = create(folder)?;
        let placed =
            fill(&mut file, &program).and_then(|()| fs::rename(&temporary, folder.join(NAME)));
        if placed.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        placed?;
    }
    File::open(folder)?.sync_all()
}

fn is_there(folder: &Path, program: &[u8]) -> bool {
    let at = folder.join(NAME);
    let right = fs::symlink_metadata(&at)
        .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o7777 == 0o555);
    right && fs::read(&at).is_ok_and(|present| present == program)
}

/// Removes what installations left that were killed a while ago.
fn remove_stale(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let ours = entry
            .file_name()
            .to_str()
            .is_some_and(|name| name.starts_with(TEMPORARY));
        let age = entry
            .metadata()
            .and_then(|found| found.modified())
            .map(|then| then.elapsed());
        if ours && matches!(age, Ok(Ok(age)) if age > STALE) {
            match fs::remove_file(entry.path()) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

/// A new file under a name of its own.
fn create(folder: &Path) -> io::Result<(File, PathBuf)> {
    let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
    for attempt in 0..100 {
        // Two containers may both be process 1 at the same moment: the name is claimed by creating it.
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_nanos();
        let name = folder.join(format!("{TEMPORARY}{now}-{}-{attempt}", std::process::id()));
        match OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&name)
        {
            Ok(file) => return Ok((file, name)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

fn fill(file: &mut File, program: &[u8]) -> io::Result<()> {
    file.write_all(program)?;
    file.set_permissions(Permissions::from_mode(0o555))?;
    file.sync_all()
}
