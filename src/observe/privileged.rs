//! Files that give rights, where the probe could not look: by the engine's archive, which it can.

use std::io;

use super::contents::capabilities;
use crate::engine::Fault;
use crate::engine::tarball::Incoming;
use crate::fact::path::{Kind, Stat};
use crate::fact::privilege::{CAPABILITY, Privileged, PrivilegedFile, SETGID, SETUID};
use crate::session::live::Live;

/// No more folders than this are asked for.
const FOLDERS: usize = 64;

/// No more files than this are kept.
const FILES: usize = 100_000;

/// What names an extended attribute in an archive.
const ATTRIBUTE: &str = "SCHILY.xattr.";

/// Looks by archive into the folders that the probe, which has only the container's rights, could
/// not look into. What the engine cannot give either stays unread.
pub async fn complete(live: &mut Live, seen: &mut Privileged) -> Result<(), Fault> {
    if seen.unread.is_empty() || seen.unread.len() > FOLDERS {
        return Ok(());
    }
    let mut still = Vec::new();
    for (folder, why) in std::mem::take(&mut seen.unread) {
        match below(live, &folder).await {
            Ok(more) => seen.add(more),
            Err(fault) if fault.is_not_found() => {
                // Nothing is there any more, unless it is the container that is gone.
                live.facts().await?;
            }
            Err(_) => still.push((folder, why)),
        }
    }
    seen.unread = still;
    seen.files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    seen.files.dedup_by(|a, b| a.path == b.path);
    Ok(())
}

/// The files that give rights in a folder of a container, running or not.
pub async fn below(live: &mut Live, folder: &str) -> Result<Privileged, Fault> {
    let containers = live.session.engine.containers();
    let root = folder.to_owned();
    containers
        .walk_archive(&live.name, folder, move |archive| list(archive, &root))
        .await
}

impl Privileged {
    fn add(&mut self, more: Self) {
        self.files.extend(more.files);
        self.looked += more.looked;
        self.cut |= more.cut;
        self.unread.extend(more.unread);
    }
}

fn list(archive: &mut Incoming, root: &str) -> io::Result<Privileged> {
    let mut seen = Privileged::default();
    let mut archive = tar::Archive::new(archive);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let kind = entry.header().entry_type();
        if !kind.is_file() && !kind.is_hard_link() {
            continue;
        }
        seen.looked += 1;
        let path = within(root, &entry.path_bytes());
        let mut value = None;
        if let Some(extensions) = entry.pax_extensions()? {
            for extension in extensions {
                let extension = extension?;
                let name = extension.key_bytes().strip_prefix(ATTRIBUTE.as_bytes());
                if name == Some(CAPABILITY.as_bytes()) {
                    value = Some(extension.value_bytes().to_vec());
                }
            }
        }
        let header = entry.header();
        let mode = header.mode()? & 0o7777;
        // As the probe has it: such a file of root's is run by nobody.
        if mode & 0o111 == 0 && header.uid()? == 0 {
            value = None;
        }
        if mode & (SETUID | SETGID) == 0 && value.is_none() {
            continue;
        }
        if seen.files.len() >= FILES {
            seen.cut = true;
            break;
        }
        let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        seen.files.push(PrivilegedFile {
            capabilities: capabilities(&path, value.as_deref()).map_err(io::Error::other)?,
            stat: Stat {
                kind: Kind::File,
                mode,
                uid: number(header.uid()?),
                gid: number(header.gid()?),
                size: header.size()?,
                modified: i64::try_from(header.mtime()?).unwrap_or(i64::MAX),
                target: None,
            },
            path,
        });
    }
    Ok(seen)
}

/// The path of an archive's entry, whose first name is the folder's own.
pub(super) fn within(root: &str, entry: &[u8]) -> String {
    let entry = String::from_utf8_lossy(entry);
    let entry = entry.trim_start_matches("./").trim_start_matches('/');
    let root = root.trim_end_matches('/');
    match entry.split_once('/') {
        _ if root.is_empty() => format!("/{entry}"),
        Some((_, rest)) => format!("{root}/{rest}"),
        None => root.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archives_paths_are_those_of_the_container() {
        assert_eq!(within("/a/b", b"b/c/d"), "/a/b/c/d");
        assert_eq!(within("/a/b", b"b"), "/a/b");
        assert_eq!(within("/", b"./bin/su"), "/bin/su");
        assert_eq!(within("/", b"bin/su"), "/bin/su");
        assert_eq!(within("/", b"/bin/su"), "/bin/su");
    }
}
