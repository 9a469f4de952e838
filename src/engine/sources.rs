//! Files of this machine that claims are about.

mod search;

use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::fact::blob::Blob;
use crate::fact::path::{Digest, Entry, Kind, Stat, Walk};

pub use search::search;

/// Most entries that a walk lists.
const ENTRIES: usize = 500_000;
/// Most links that are followed for one path, as kernels have it.
const LINKS: usize = 40;
/// How deep a walk goes.
const DEEPEST: u32 = 64;

/// Where a path leads once every link is followed; nothing where nothing is there. Of a link whose end is not there, or
/// is not to be seen by this user, as much as can be told: an engine may see more.
pub fn real(path: &Path) -> Option<PathBuf> {
    fs::canonicalize(path).ok().or_else(|| followed(path))
}

/// The same one step after the other. What cannot be told could be anywhere, so the whole machine stands for it.
fn followed(path: &Path) -> Option<PathBuf> {
    let anywhere = || Some(PathBuf::from("/"));
    let parts = |path: &Path| -> Vec<OsString> {
        let parts = path.components().rev();
        parts.map(|part| part.as_os_str().to_owned()).collect()
    };
    let whole = std::path::absolute(path).ok()?;
    let (mut left, mut found, mut links) = (parts(&whole), PathBuf::from("/"), 0);
    while let Some(part) = left.pop() {
        if part == ".." {
            found.pop();
            continue;
        }
        let next = found.join(&part);
        match fs::symlink_metadata(&next) {
            Err(error) if is_absent(&error) && links == 0 => return None,
            Err(error) if is_absent(&error) => {
                found = next;
                for part in left.drain(..).rev() {
                    match part == ".." {
                        true => drop(found.pop()),
                        false => found.push(part),
                    }
                }
            }
            Ok(metadata) if metadata.is_symlink() => {
                links += 1;
                let Ok(target) = fs::read_link(&next) else {
                    return anywhere();
                };
                // No kernel follows it.
                if links > LINKS {
                    return Some(next);
                }
                left.extend(parts(&target));
            }
            Ok(_) => found = next,
            Err(_) => return anywhere(),
        }
    }
    Some(found)
}

/// What stands at a path; nothing where nothing does.
pub fn stat(path: &Path, follow: bool) -> io::Result<Option<Stat>> {
    let seen = match follow {
        true => fs::metadata(path),
        false => fs::symlink_metadata(path),
    };
    match seen {
        Ok(metadata) => shown(path, &metadata).map(Some),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A regular file and how many bytes it holds; nothing where there is none.
fn open(path: &Path) -> io::Result<Option<(File, u64)>> {
    match fs::metadata(path) {
        // A pipe would be waited for without end.
        Ok(metadata) if !metadata.is_file() => return Ok(None),
        Ok(_) => {}
        Err(error) if is_absent(&error) => return Ok(None),
        Err(error) => return Err(error),
    }
    let file = File::open(path)?;
    let total = file.metadata()?.len();
    Ok(Some((file, total)))
}

/// The SHA-256 of what a file holds, unless that is more than so many bytes; nothing where there is no
/// file.
pub fn digest(path: &Path, most: u64) -> io::Result<Option<Digest>> {
    let Some((file, total)) = open(path)? else {
        return Ok(None);
    };
    let mut hash = Sha256::new();
    let mut read = total;
    if total <= most {
        read = 0;
        // One byte more shows that it grew.
        let mut file = file.take(most + 1);
        let mut buffer = vec![0; 1 << 16];
        loop {
            let count = file.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            hash.update(buffer.get(..count).unwrap_or_default());
            read += count as u64;
        }
    }
    let hex = || hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
    Ok(Some(Digest {
        sha256: (read <= most).then(hex),
        total: read,
    }))
}

/// What a file holds, at most so many bytes; nothing where there is no file.
pub fn read(path: &Path, most: u64) -> io::Result<Option<Blob>> {
    let Some((file, total)) = open(path)? else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    let total = total.max(bytes.len() as u64);
    Ok(Some(Blob { bytes, total }))
}

/// What stands below a folder; links are not followed. Paths begin with `root` as it is written.
pub fn walk(folder: &Path, root: &str, depth: Option<u32>) -> io::Result<Walk> {
    let mut walk = Walk::default();
    match stat(folder, true)? {
        Some(stat) if stat.kind == Kind::Directory => {
            below(folder, root, depth, 1, &mut walk);
        }
        _ => {}
    }
    walk.entries.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(walk)
}

/// What stands at this level and below; `depth` is the last level that is wanted.
fn below(folder: &Path, shown_as: &str, depth: Option<u32>, level: u32, walk: &mut Walk) {
    let listed = match fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) => {
            walk.unread.push((shown_as.to_owned(), error.to_string()));
            return;
        }
    };
    for entry in listed {
        if walk.entries.len() >= ENTRIES {
            walk.cut = true;
            return;
        }
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                walk.unread.push((shown_as.to_owned(), error.to_string()));
                return;
            }
        };
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = match shown_as {
            "" | "/" => format!("{shown_as}{name}"),
            _ => format!("{shown_as}/{name}"),
        };
        match stat(&entry.path(), false) {
            // It went away meanwhile.
            Ok(None) => {}
            Ok(Some(stat)) => {
                let is_folder = stat.kind == Kind::Directory;
                walk.entries.push(Entry {
                    path: path.clone(),
                    stat,
                });
                let wanted = is_folder && depth.is_none_or(|depth| level < depth);
                if wanted && level == DEEPEST {
                    walk.cut = true;
                } else if wanted {
                    below(&entry.path(), &path, depth, level + 1, walk);
                }
            }
            Err(error) => walk.unread.push((path, error.to_string())),
        }
    }
}

fn shown(path: &Path, metadata: &Metadata) -> io::Result<Stat> {
    let kind = metadata.file_type();
    let target = match kind.is_symlink() {
        true => Some(fs::read_link(path)?.to_string_lossy().into_owned()),
        false => None,
    };
    let kind = match kind {
        k if k.is_dir() => Kind::Directory,
        k if k.is_symlink() => Kind::Link,
        k if k.is_fifo() => Kind::Fifo,
        k if k.is_socket() => Kind::Socket,
        k if k.is_char_device() => Kind::Char,
        k if k.is_block_device() => Kind::Block,
        _ => Kind::File,
    };
    Ok(Stat {
        kind,
        mode: metadata.mode() & 0o7777,
        uid: metadata.uid(),
        gid: metadata.gid(),
        size: metadata.len(),
        modified: metadata.mtime(),
        target,
    })
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_link_leads_somewhere_even_where_nothing_is() {
        let folder = tempfile::tempdir().unwrap();
        let top = fs::canonicalize(folder.path()).unwrap();
        let at = |path: &str| top.join(path);
        fs::create_dir(at("own")).unwrap();
        symlink("/none/there", at("out")).unwrap();
        symlink("../own/none", at("own/in")).unwrap();
        symlink("around", at("around")).unwrap();
        let told = |path: &str| real(&at(path));
        assert_eq!(told("own"), Some(at("own")));
        assert_eq!(told("none"), None);
        assert_eq!(told("own/none/x"), None);
        assert_eq!(told("out"), Some(PathBuf::from("/none/there")));
        assert_eq!(told("out/x/../../y"), Some(PathBuf::from("/none/y")));
        assert_eq!(told("own/in"), Some(at("own/none")));
        assert_eq!(told("around"), Some(at("around")));
    }
}
