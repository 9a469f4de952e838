//! The real world, as far as reading a suite needs it.

use std::cell::Cell;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::engine::sources;
use crate::suite::Outside;
use crate::text::cover;
use crate::text::yaml::MAX_BYTES;

/// Files, environment and chance of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct World;

impl Outside for World {
    fn read(&self, path: &Path) -> Result<String, String> {
        let bytes = bytes(path)?;
        String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            let line = error.as_bytes()[..at].split(|b| *b == b'\n').count();
            format!("it is not UTF-8 text (line {line}, byte {at}): save it as UTF-8")
        })
    }

    fn is_folder(&self, path: &Path) -> Option<bool> {
        std::fs::metadata(path).ok().map(|m| m.is_dir())
    }

    fn real(&self, path: &Path) -> Option<PathBuf> {
        sources::real(path)
    }

    fn env(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn random(&self, count: u32) -> String {
        letters(count as usize)
    }
}

impl World {
    /// The names of the files in a folder, sorted.
    pub fn names(self, folder: &Path) -> Vec<String> {
        let read = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let files = read.filter(|entry| entry.path().is_file());
        let mut names: Vec<String> = files
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort_unstable();
        names
    }
}

/// The world for those who only judge a suite's text: a secret that this machine does not have, or none worth the name,
/// is no error there.
#[derive(Debug, Clone, Copy, Default)]
pub struct Desk;

impl Outside for Desk {
    fn read(&self, path: &Path) -> Result<String, String> {
        World.read(path)
    }

    fn is_folder(&self, path: &Path) -> Option<bool> {
        World.is_folder(path)
    }

    fn real(&self, path: &Path) -> Option<PathBuf> {
        World.real(path)
    }

    fn env(&self, name: &str) -> Option<String> {
        World.env(name)
    }

    fn secret(&self, name: &str) -> Option<String> {
        let own = World.env(name).filter(|value| cover::covers(value));
        own.or_else(|| Some("secret".to_owned()))
    }

    fn random(&self, count: u32) -> String {
        World.random(count)
    }
}

/// The world with a suite in it that is in no file, and variables of the environment that nobody has set.
#[derive(Debug)]
pub struct Written {
    path: PathBuf,
    text: String,
    env: Vec<(String, String)>,
    is_read: Cell<bool>,
}

impl Written {
    /// With the text of a suite at this path.
    pub fn new(path: &Path, text: &str, env: Vec<(String, String)>) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            env,
            is_read: Cell::new(false),
        }
    }
}

impl Outside for Written {
    fn read(&self, path: &Path) -> Result<String, String> {
        // Who reads it again means a file of that name.
        match path == self.path && !self.is_read.replace(true) {
            true => Ok(self.text.clone()),
            false => World.read(path),
        }
    }

    fn is_folder(&self, path: &Path) -> Option<bool> {
        World.is_folder(path)
    }

    fn real(&self, path: &Path) -> Option<PathBuf> {
        World.real(path)
    }

    fn env(&self, name: &str) -> Option<String> {
        let own = self.env.iter().find(|(own, _)| own == name);
        own.map(|(_, value)| value.clone())
            .or_else(|| World.env(name))
    }

    fn random(&self, count: u32) -> String {
        World.random(count)
    }
}

/// What the file holds, or why it cannot be read.
pub fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes));
    match read {
        Ok(count) if count > MAX_BYTES => Err("it is larger than 16 MiB".to_owned()),
        Ok(_) => Ok(bytes),
        Err(error) => Err(match error.kind() {
            ErrorKind::NotFound => "there is no such file".to_owned(),
            ErrorKind::PermissionDenied => "you may not read it".to_owned(),
            ErrorKind::IsADirectory => "it is a folder".to_owned(),
            _ => error.to_string(),
        }),
    }
}

const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Random letters and digits, each as likely as any other.
fn letters(count: usize) -> String {
    let mut out = String::with_capacity(count);
    while out.len() < count {
        let wanted = (count - out.len()) * 2;
        // 248 is the largest multiple of 62 in a byte: what lies above would favour some letters.
        let fair = noise(wanted).into_iter().filter(|byte| *byte < 248);
        out.extend(
            fair.take(count - out.len())
                .map(|byte| char::from(LETTERS[usize::from(byte % 62)])),
        );
    }
    out
}

fn noise(count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    let read = File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    if read.is_err() {
        use std::hash::{BuildHasher, RandomState};
        // Where the system has no such file: the seeds of hash maps, which it draws by chance.
        for (at, part) in bytes.chunks_mut(8).enumerate() {
            let drawn = RandomState::new().hash_one(at).to_le_bytes();
            part.copy_from_slice(&drawn[..part.len()]);
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_letters_are_as_many_as_asked_and_differ() {
        let (one, other) = (letters(4096), letters(4096));
        assert_eq!((one.len(), other.len()), (4096, 4096));
        assert_ne!(one, other);
        assert!(LETTERS.iter().all(|l| one.contains(char::from(*l))));
        assert_eq!(letters(0), "");
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let read = |path: &str| World.read(Path::new(path)).unwrap_err();
        assert_eq!(read("/nowhere/at/all"), "there is no such file");
        assert_eq!(read("/"), "it is a folder");
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"a: 1\nb: \xff\n").unwrap();
        let said = World.read(file.path()).unwrap_err();
        assert!(said.contains("line 2, byte 8"), "{said}");
    }
}
