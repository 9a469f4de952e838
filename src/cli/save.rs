//! Writes reports into a folder, each whole or not at all.

use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read as _, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::{Builder, NamedTempFile, PersistError};

use super::fault;
use crate::engine::clock::Looks;
use crate::report::own;

/// How long somebody else may have a folder that several share.
const PATIENCE: Duration = Duration::from_mins(1);

/// Folders that were made for something; those that are still empty in the end are removed.
#[derive(Debug)]
pub struct Made(Vec<PathBuf>);

impl Made {
    /// Makes the folder and those above it, where they are missing.
    pub fn folder(path: &Path) -> std::io::Result<Self> {
        let above = path.ancestors();
        let above = above.filter(|path| !path.as_os_str().is_empty());
        let missing = above.take_while(|path| !path.exists());
        let made = Self(missing.map(Path::to_owned).collect());
        std::fs::create_dir_all(path)?;
        Ok(made)
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        for folder in &self.0 {
            // One that holds something stays.
            let _ = std::fs::remove_dir(folder);
        }
    }
}

/// A folder that files can be written to. Where none is written, none is left that was not there before.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Locked as long as reports are going to be written into it; the system lets go of it with this process.
    lock: Option<File>,
    _made: Made,
}

impl Folder {
    /// Makes the folder if need be, and tries it, so that a run does not end with a report that
    /// cannot be kept.
    pub fn open(path: &Path) -> Result<Self, String> {
        let said = |error: std::io::Error| match path.is_file() {
            true => format!("`{}` is a file, and a folder is wanted", path.display()),
            false => format!("cannot write to `{}`: {error}", path.display()),
        };
        let folder = Self {
            _made: Made::folder(path).map_err(said)?,
            lock: None,
            path: path.to_owned(),
        };
        folder.temporary().map_err(said)?;
        Ok(folder)
    }

    /// The folder for reports of these names, without those of an earlier run, and kept from other runs until this one has
    /// written its own. What is no report of ours is not touched, and then nothing is.
    pub fn for_reports(path: &Path, names: &[&str]) -> Result<Self, String> {
        let mut folder = Self::open(path)?;
        folder.lock = locked(path)?;
        folder.empty(names)?;
        Ok(folder)
    }

    /// The folder with the reports that are there, kept from others until it is let go of. Whoever has it is waited for,
    /// since each of those who share a run has it for a moment.
    pub fn shared(path: &Path) -> Result<Self, String> {
        let mut folder = Self::open(path)?;
        let held = fault::wait(async {
            let mut looks = Looks::within(PATIENCE);
            loop {
                let held = locked(path);
                if held.is_ok() || !looks.again().await {
                    return Ok(held);
                }
            }
        });
        folder.lock = held.map_err(|fault| fault.to_string())??;
        Ok(folder)
    }

    /// Takes the reports of an earlier run out of it.
    pub fn empty(&self, names: &[&str]) -> Result<(), String> {
        let path = &self.path;
        let foreign = names.iter().filter(|name| self.is_foreign(name));
        let foreign: Vec<String> = foreign
            .map(|name| format!("`{}`", path.join(name).display()))
            .collect();
        match foreign.as_slice() {
            [] => names.iter().try_for_each(|name| self.remove(name)),
            [one] => Err(format!(
                "{one} is no report of seaworthy's, and one of its name would take its place"
            )),
            several => Err(format!(
                "{} are no reports of seaworthy's, and such of their names would take their place",
                several.join(" and ")
            )),
        }
    }

    /// Whether something is there that is no report of ours.
    fn is_foreign(&self, name: &str) -> bool {
        let path = self.path.join(name);
        // Opening a pipe would wait for who writes into it.
        match std::fs::metadata(&path) {
            Ok(there) if !there.is_file() => return true,
            _ => {}
        }
        let mut head = Vec::new();
        let limit = u64::try_from(own::HEAD).unwrap_or(u64::MAX);
        let read = File::open(path).and_then(|file| file.take(limit).read_to_end(&mut head));
        match read {
            Ok(_) => !own::is_own(name, &String::from_utf8_lossy(&head)),
            Err(error) => error.kind() != ErrorKind::NotFound,
        }
    }

    /// Writes the file under another name and renames it; gives its path.
    pub fn write(&self, name: &str, text: &str) -> Result<PathBuf, String> {
        self.put(name, text, |file, path| file.persist(path).map(|_| ()))
    }

    /// Likewise a file that must not be there yet.
    pub fn write_new(&self, name: &str, text: &str) -> Result<PathBuf, String> {
        self.put(name, text, |file, path| {
            file.persist_noclobber(path).map(|_| ())
        })
    }

    fn put(
        &self,
        name: &str,
        text: &str,
        persist: impl Fn(NamedTempFile, &Path) -> Result<(), PersistError>,
    ) -> Result<PathBuf, String> {
        let path = self.path.join(name);
        let write = || -> std::io::Result<()> {
            let mut file = self.temporary()?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            persist(file, &path)?;
            Ok(())
        };
        match write() {
            Ok(()) => Ok(path),
            Err(error) => Err(format!("cannot write `{}`: {error}", path.display())),
        }
    }

    /// Removes the file, where there is one.
    fn remove(&self, name: &str) -> Result<(), String> {
        let path = self.path.join(name);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(format!(
                "cannot remove the report of an earlier run `{}`: {error}",
                path.display()
            )),
            _ => Ok(()),
        }
    }

    fn temporary(&self) -> std::io::Result<NamedTempFile> {
        let mut builder = Builder::new();
        builder.prefix(".seaworthy-");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            // As any file of this user is made; a temporary one could be read by nobody else.
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        builder.tempfile_in(&self.path)
    }
}

/// The folder itself, held against other runs; nothing where its file system has no locks.
fn locked(path: &Path) -> Result<Option<File>, String> {
    let Ok(folder) = File::open(path) else {
        return Ok(None);
    };
    match folder.try_lock() {
        Ok(()) => Ok(Some(folder)),
        Err(TryLockError::Error(_)) => Ok(None),
        Err(TryLockError::WouldBlock) => Err(format!(
            "another run is going to write its reports to `{}`, and those of one would take the place of the other's",
            path.display()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_replaces_the_one_before_and_leaves_nothing_else() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/b");
        let folder = Folder::open(&path).unwrap();
        folder.write("report.txt", "one").unwrap();
        assert!(folder.write_new("report.txt", "three").is_err());
        let written = folder.write("report.txt", "two").unwrap();
        assert_eq!(std::fs::read_to_string(written).unwrap(), "two");
        assert_eq!(std::fs::read_dir(&path).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_of_reports_is_held_by_one_run_at_a_time() {
        let root = tempfile::tempdir().unwrap();
        let open = || Folder::for_reports(root.path(), &["report.txt"]);
        let first = open().unwrap();
        first.write("report.txt", "seaworthy 0.1.0\n").unwrap();
        let said = open().unwrap_err();
        assert!(
            said.starts_with("another run is going to write its reports to `"),
            "{said}"
        );
        assert!(root.path().join("report.txt").exists());
        drop(first);
        open().unwrap();
        assert!(!root.path().join("report.txt").exists());
    }

    #[test]
    fn what_others_have_made_is_neither_removed_nor_is_anything_else() {
        let root = tempfile::tempdir().unwrap();
        let names = ["report.txt", "report.json", "junit.xml"];
        let write = |name: &str, text: &str| std::fs::write(root.path().join(name), text).unwrap();
        write("report.txt", "seaworthy 0.1.0\n");
        write("junit.xml", "<testsuites name=\"jest\"/>");
        let said = Folder::for_reports(root.path(), &names).unwrap_err();
        assert!(
            said.contains("junit.xml` is no report of seaworthy's"),
            "{said}"
        );
        let mut pipe = std::process::Command::new("mkfifo");
        let made = pipe.arg(root.path().join("report.json")).status();
        assert!(made.unwrap().success());
        let said = Folder::for_reports(root.path(), &names).unwrap_err();
        assert!(
            said.contains("report.json` and `") && said.contains(" are no reports"),
            "{said}"
        );
        assert!(root.path().join("report.txt").exists());
    }

    #[test]
    fn a_folder_that_nothing_was_written_to_is_not_left() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/b");
        drop(Folder::open(&path).unwrap());
        assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0);
        std::fs::create_dir(root.path().join("a")).unwrap();
        drop(Folder::open(&path).unwrap());
        assert!(root.path().join("a").exists() && !path.exists());
    }

    #[test]
    fn a_folder_that_is_none_is_said_before_anything_is_done() {
        let file = NamedTempFile::new().unwrap();
        let said = Folder::open(file.path()).unwrap_err();
        assert!(
            said.ends_with("` is a file, and a folder is wanted"),
            "{said}"
        );
        let below = Folder::open(&file.path().join("x")).unwrap_err();
        assert!(below.contains("cannot write"), "{below}");
    }
}
