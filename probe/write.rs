//! Writes what it reads into a file.

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io::{self, Read};
use std::process::ExitCode;

use crate::complain;

/// The exit code where the file may not be written.
const REFUSED: u8 = 3;

/// Writes standard input to the file, which keeps its owner and mode where it is there already.
pub(crate) fn write(path: &OsStr) -> ExitCode {
    let mut content = Vec::new();
    let written = io::stdin()
        .read_to_end(&mut content)
        .and_then(|_| place(path, &content));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            let _ = complain(&error.to_string());
            ExitCode::from(REFUSED)
        }
        Err(error) => complain(&error.to_string()),
    }
}

fn place(path: &OsStr, content: &[u8]) -> io::Result<()> {
    // Opening a pipe would wait for somebody who reads it.
    if std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        return Err(io::Error::other("it is no regular file"));
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)?;
    io::Write::write_all(&mut file, content)
}
