//! A build context: the files that the builder is sent, after the ignore file, with a digest of them.

mod change;
mod dockerfile;
mod error;
mod walk;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

pub use dockerfile::DockerfileSource;
pub use error::ContextError;

use crate::fact::build::BuilderKind;
use crate::text::ignore::Ignore;

/// What the builder is sent, as it was when the context was read.
#[derive(Clone, Debug)]
pub struct Context {
    /// The folder, absolute.
    pub root: PathBuf,
    /// Files, folders and links that are sent, each after its folder, in the order of their names.
    pub entries: Vec<Entry>,
    /// The Dockerfile.
    pub dockerfile: DockerfileSource,
    /// The ignore file that was applied, where there is one.
    pub ignore: Option<IgnoreSource>,
    /// What could not be sent, and why.
    pub notes: Vec<String>,
    /// The file that is sent changed, and what is put to its end.
    pub changed: Option<(PathBuf, Vec<u8>)>,
}

/// An ignore file and what it says.
#[derive(Clone, Debug)]
pub struct IgnoreSource {
    /// Where it is.
    pub path: PathBuf,
    /// Its bytes.
    pub text: Vec<u8>,
    /// Its lines.
    pub ignore: Ignore,
    /// Whether it stands beside the Dockerfile and is for that one only.
    pub beside_dockerfile: bool,
}

/// One thing that is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path within the context.
    pub path: PathBuf,
    /// What it is.
    pub kind: EntryKind,
    /// Its permission bits, with set-user-id and its like.
    pub mode: u32,
    /// Its bytes when it was listed; zero for what is no file.
    pub size: u64,
    /// When it was last changed, in nanoseconds since 1970.
    pub modified: i64,
}

/// The sorts of things that are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, with where it leads; it is sent as a link and never followed.
    Link(PathBuf),
}

/// The Dockerfile of a context, which is not listed for it.
pub fn dockerfile(
    folder: &Path,
    dockerfile: Option<&Path>,
) -> Result<DockerfileSource, ContextError> {
    DockerfileSource::read(&open_root(folder)?, dockerfile)
}

impl Context {
    /// Lists a context as the given builder would be sent it.
    ///
    /// A relative `dockerfile` is taken from `folder`; without one it is `Dockerfile` there.
    pub fn read(
        folder: &Path,
        dockerfile: Option<&Path>,
        builder: BuilderKind,
    ) -> Result<Self, ContextError> {
        let root = open_root(folder)?;
        let dockerfile = DockerfileSource::read(&root, dockerfile)?;
        let ignore = find_ignore(&root, &dockerfile, builder)?;
        let nothing = Ignore::default();
        let rules = ignore.as_ref().map_or(&nothing, |source| &source.ignore);
        let walked = walk::walk(&root, rules, builder == BuilderKind::BuildKit)?;
        Ok(Self {
            root,
            entries: walked.entries,
            dockerfile,
            ignore,
            notes: walked.notes,
            changed: None,
        })
    }

    /// How many files are sent.
    pub fn files(&self) -> u64 {
        self.entries
            .iter()
            .filter(|entry| entry.kind == EntryKind::File)
            .count() as u64
    }

    /// How many bytes the files have.
    pub fn size(&self) -> u64 {
        self.entries.iter().map(|entry| entry.size).sum()
    }

    /// Where an entry is on this machine.
    pub fn locate(&self, entry: &Entry) -> PathBuf {
        self.root.join(&entry.path)
    }

    /// SHA-256 over the Dockerfile and over each entry's path, kind, mode, link target and content.
    ///
    /// Times and owners are left out: the builder is not sent owners, and a fresh checkout differs in
    /// times only. The files are read through, so this takes as long as reading them.
    pub fn digest(&self) -> Result<String, ContextError> {
        let mut hash = Sha256::new();
        part(&mut hash, &self.dockerfile.text);
        let mut buffer = vec![0; 128 * 1024];
        for entry in &self.entries {
            part(&mut hash, entry.path.as_os_str().as_encoded_bytes());
            hash.update(entry.mode.to_le_bytes());
            match &entry.kind {
                EntryKind::Folder => hash.update(b"d"),
                EntryKind::Link(target) => {
                    hash.update(b"l");
                    part(&mut hash, target.as_os_str().as_encoded_bytes());
                }
                EntryKind::File => {
                    hash.update(b"f");
                    let (inner, length) = self
                        .digest_file(entry, &mut buffer)
                        .map_err(|error| ContextError::changed(self.locate(entry), &error))?;
                    hash.update(length.to_le_bytes());
                    hash.update(inner);
                }
            }
        }
        Ok(hex(&hash.finalize()))
    }

    fn digest_file(&self, entry: &Entry, buffer: &mut [u8]) -> io::Result<([u8; 32], u64)> {
        let mut file = File::open(self.locate(entry))?.chain(self.added(entry));
        let mut hash = Sha256::new();
        let mut length = 0_u64;
        loop {
            match file.read(buffer) {
                Ok(0) => break,
                Ok(count) => {
                    hash.update(&buffer[..count]);
                    length += count as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok((hash.finalize().into(), length))
    }
}

/// Adds bytes with their length, so that no two lists of parts hash alike.
pub(in crate::engine) fn part(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_le_bytes());
    hash.update(bytes);
}

/// Bytes as hexadecimal digits.
pub(in crate::engine) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

fn open_root(folder: &Path) -> Result<PathBuf, ContextError> {
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let given = || folder.to_owned();
    let root = absolute
        .canonicalize()
        .map_err(|error| ContextError::folder(given(), absolute.clone(), &error))?;
    if root.is_dir() {
        Ok(root)
    } else {
        Err(ContextError::NotAFolder {
            given: given(),
            absolute,
        })
    }
}

/// The ignore file beside the Dockerfile goes first, where the builder knows of such.
fn find_ignore(
    root: &Path,
    dockerfile: &DockerfileSource,
    builder: BuilderKind,
) -> Result<Option<IgnoreSource>, ContextError> {
    let mut beside = dockerfile.path.clone().into_os_string();
    beside.push(".dockerignore");
    let own = (builder == BuilderKind::BuildKit).then(|| (PathBuf::from(beside), true));
    let places = own.into_iter().chain([(root.join(".dockerignore"), false)]);
    for (path, beside_dockerfile) in places {
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if is_absent(&error) => continue,
            Err(error) => return Err(ContextError::unreadable(path, &error)),
        };
        let ignore = Ignore::parse(&text).map_err(|bad| ContextError::Ignore {
            path: path.clone(),
            bad,
        })?;
        return Ok(Some(IgnoreSource {
            path,
            text,
            ignore,
            beside_dockerfile,
        }));
    }
    Ok(None)
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

#[cfg(test)]
mod tests;
