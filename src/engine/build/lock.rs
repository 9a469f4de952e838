//! One build of the same content at a time on this machine, however many processes want it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often a lock that another holds is tried again.
const AGAIN: Duration = Duration::from_millis(50);

/// A lock that is held until this is dropped, or until the process ends in whatever way.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
    path: PathBuf,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Whoever waits on this file sees that it is gone and makes a new one.
        let _ = std::fs::remove_file(&self.path);
        let _ = self.file.unlock();
    }
}

/// Takes the lock for a tag; `waiting` is called once if another holds it. The caller sets the deadline.
pub(super) async fn take(tag: &str, waiting: impl FnOnce()) -> io::Result<Lock> {
    let plain = |ch: char| if ch.is_ascii_alphanumeric() { ch } else { '-' };
    let name = format!("{}.lock", tag.chars().map(plain).collect::<String>());
    let mut waiting = Some(waiting);
    loop {
        let (file, path) = open(&name)?;
        match file.try_lock() {
            Ok(()) if is_at(&file, &path) => return Ok(Lock { file, path }),
            // The one before us removed the file that we had opened: again, at once.
            Ok(()) => continue,
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
        if let Some(waiting) = waiting.take() {
            waiting();
        }
        // Locks cannot be waited for without a thread that nothing can stop.
        tokio::time::sleep(AGAIN).await;
    }
}

/// Whether the open file is the one that stands at the path.
fn is_at(file: &File, path: &Path) -> bool {
    let same = || {
        let (open, there) = (file.metadata().ok()?, std::fs::metadata(path).ok()?);
        Some((open.dev(), open.ino()) == (there.dev(), there.ino()))
    };
    same().unwrap_or(false)
}

fn open(name: &str) -> io::Result<(File, PathBuf)> {
    let mut last = io::Error::other("there is no folder for locks");
    for folder in folders() {
        let path = folder.join(name);
        let opened = std::fs::create_dir_all(&folder)
            .and_then(|()| OpenOptions::new().create(true).append(true).open(&path));
        match opened {
            Ok(file) => return Ok((file, path)),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// The user's cache folder; where it cannot be written, the folder for temporary files.
fn folders() -> impl Iterator<Item = PathBuf> {
    let set = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let cache = set("XDG_CACHE_HOME").filter(|path| path.is_absolute());
    let cache = cache.or_else(|| set("HOME").map(|home| home.join(".cache")));
    let user = set("USER").unwrap_or_default();
    let temporary = std::env::temp_dir().join(format!("seaworthy-{}", user.display()));
    cache
        .map(|cache| cache.join("seaworthy"))
        .into_iter()
        .chain([temporary])
        .map(|path| path.join("locks"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_second_one_waits_for_the_first() {
        let tag = format!("seaworthy/lock-test:{}", std::process::id());
        let first = take(&tag, || ()).await.expect("the lock");
        let (told, waits) = tokio::sync::oneshot::channel();
        let second = tokio::spawn({
            let tag = tag.clone();
            async move {
                take(&tag, move || told.send(()).expect("someone listens"))
                    .await
                    .map(|_| ())
            }
        });
        waits.await.expect("it waits");
        assert!(!second.is_finished());
        drop(first);
        second.await.expect("no panic").expect("the lock");
        let left = folders().any(|folder| {
            folder
                .join(format!("seaworthy-lock-test-{}.lock", std::process::id()))
                .exists()
        });
        assert!(!left, "a lock that nobody holds leaves nothing behind");
    }
}
