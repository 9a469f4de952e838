//! What stands below a folder of a container that has ended, from the archive of that folder.

use std::collections::HashMap;
use std::io::{self, Read};

use super::super::ask::ENTRIES;
use super::super::linked::{SKIPPED, is_below};
use super::super::privileged::within;
use super::{LINKS, is_circle, led, look, stat};
use crate::engine::probe::FOLDER;
use crate::engine::tarball::Incoming;
use crate::fact::linked::{Branch, Linked};
use crate::fact::path::{Entry, Kind, Stat, Walk};
use crate::session::live::Live;

/// The most linked folders of one pattern that are asked for, each an archive.
const FOLDERS: usize = 200;

/// What is looked for.
struct Below {
    /// As it is written.
    root: String,
    /// The folder that it leads to.
    real: String,
    depth: Option<u32>,
    /// Folders in memory, which are gone; below them the archive has what they hid.
    lost: Vec<String>,
}

pub(super) async fn of(live: &mut Live, root: &str, depth: Option<u32>) -> Result<Walk, String> {
    let Some(at) = folder_of(live, root).await? else {
        return Ok(Walk::default());
    };
    let mut lost = live.mounted();
    lost.retain(|mount| live.in_memory(mount));
    let below = Below {
        root: root.to_owned(),
        real: at.clone(),
        depth,
        lost,
    };
    if live.in_memory(root) || live.in_memory(&at) {
        return Err(gone(root));
    }
    let containers = live.session.engine.containers();
    let list = containers.walk_archive(&live.name, &at, move |archive| below.list(archive));
    list.await.map_err(|fault| fault.to_string())
}

/// What matches a pattern behind links.
pub async fn behind(live: &mut Live, pattern: &str, links: Vec<Branch>) -> Result<Linked, String> {
    let mut linked = Linked::default();
    let mut ahead = links;
    let mut entered = 0;
    while let Some(branch) = ahead.pop() {
        entered += 1;
        if entered > FOLDERS {
            return Err(format!(
                "{pattern} names more than {FOLDERS} links, which is more than are looked into where a container has ended: name the folder that is meant"
            ));
        }
        let walk = match branch.depth() {
            Some(0) => one(live, &branch.root).await?,
            depth => of(live, &branch.root, depth).await?,
        };
        for path in branch.way() {
            if let Some((stat, _)) = look(live, &path, true, 0).await?
                && stat.kind == Kind::Directory
            {
                linked.above.push(Entry { path, stat });
            }
        }
        linked.add(&branch, &walk)?;
        ahead.extend(branch.beyond(&walk)?);
    }
    linked.settle();
    Ok(linked)
}

/// What stands at a path itself.
async fn one(live: &mut Live, path: &str) -> Result<Walk, String> {
    let folder = path.rsplit_once('/').map_or("/", |(folder, _)| folder);
    let name = path.rsplit('/').next().unwrap_or("");
    let real = folder_of(
        live,
        match folder {
            "" => "/",
            folder => folder,
        },
    );
    let real = real
        .await?
        .map(|real| format!("{}/{name}", real.trim_end_matches('/')));
    if real.as_ref().is_some_and(|real| live.in_memory(real)) {
        return Err(gone(path));
    }
    if real.is_none_or(|real| SKIPPED.iter().any(|at| is_below(&real, at))) {
        return Ok(Walk::default());
    }
    let stat = look(live, path, false, 0).await?;
    let entry = |(stat, _)| Entry {
        path: path.to_owned(),
        stat,
    };
    Ok(Walk {
        entries: stat.map(entry).into_iter().collect(),
        ..Walk::default()
    })
}

fn gone(path: &str) -> String {
    format!("{path} lies in a tmpfs, which is gone once the container has ended")
}

/// The folder that this leads to; `None` where there is none.
async fn folder_of(live: &mut Live, root: &str) -> Result<Option<String>, String> {
    let mut at = root.to_owned();
    for _ in 0..LINKS {
        match look(live, &at, false, 0).await? {
            Some((
                Stat {
                    kind: Kind::Directory,
                    ..
                },
                _,
            )) => return Ok(Some(at)),
            Some((
                Stat {
                    kind: Kind::Link,
                    target: Some(target),
                    ..
                },
                _,
            )) => at = led(&at, &target),
            _ => return Ok(None),
        }
    }
    Ok(None)
}

/// What a folder's archive tells of one thing in it.
pub(super) async fn entry(live: &mut Live, path: &str) -> Result<Option<Stat>, String> {
    let folder = path.rsplit_once('/').map_or("/", |(folder, _)| folder);
    let folder = if folder.is_empty() { "/" } else { folder };
    let name = path.rsplit('/').next().unwrap_or("").to_owned();
    let Some(real) = folder_of(live, folder).await? else {
        return Ok(None);
    };
    let containers = live.session.engine.containers();
    let root = real.clone();
    let find = move |archive: &mut Incoming| find(archive, &root, &name);
    match containers.walk_archive(&live.name, &real, find).await {
        Ok(found) => Ok(found),
        Err(fault) if is_circle(&fault.message) => Ok(None),
        Err(fault) => Err(fault.to_string()),
    }
}

fn find(archive: &mut impl Read, folder: &str, name: &str) -> io::Result<Option<Stat>> {
    let wanted = format!("{}/{name}", folder.trim_end_matches('/'));
    let mut tar = tar::Archive::new(archive);
    for entry in tar.entries()? {
        let entry = entry?;
        if within(folder, &entry.path_bytes()) == wanted {
            return stat(&entry).map(Some);
        }
    }
    Ok(None)
}

impl Below {
    /// How many folders below the root something is.
    fn levels(&self, path: &str) -> Option<u32> {
        let rest = path.strip_prefix(self.root.trim_end_matches('/'))?;
        u32::try_from(rest.matches('/').count()).ok()
    }

    /// Where a path lies that is told under the root's name.
    fn real(&self, path: &str) -> String {
        let root = self.root.trim_end_matches('/');
        let rest = path.strip_prefix(root).unwrap_or(path);
        match (self.real.trim_end_matches('/'), rest.trim_end_matches('/')) {
            ("", "") => "/".to_owned(),
            (real, rest) => format!("{real}{rest}"),
        }
    }

    fn list(&self, archive: &mut impl Read) -> io::Result<Walk> {
        let mut walk = Walk::default();
        let mut known: HashMap<Vec<u8>, Stat> = HashMap::new();
        let under = is_below;
        let skips = |folder: &&&str| under(&self.real, folder);
        let begun = SKIPPED.iter().find(skips).is_some();
        let mut tar = tar::Archive::new(archive);
        for entry in tar.entries()? {
            let entry = entry?;
            let name = entry.path_bytes().into_owned();
            let mut stat = stat(&entry)?;
            if entry.header().entry_type().is_hard_link() {
                // The same file as one that came before.
                let first = entry.link_name_bytes();
                if let Some(same) = first.and_then(|first| known.get(first.as_ref())) {
                    stat = same.clone();
                }
            }
            let path = within(&self.root, &name);
            let path = match path.trim_end_matches('/') {
                "" => "/",
                path => path,
            };
            let levels = self.levels(path);
            let real = self.real(path);
            let real = real.as_str();
            known.insert(name, stat.clone());
            let deep = self.depth.zip(levels).is_some_and(|(most, is)| is > most);
            let skipped = !begun && SKIPPED.iter().any(|at| under(real, at) && real != *at);
            let ours = under(real, FOLDER);
            let hidden = self.lost.iter().any(|at| under(real, at) && real != at);
            if deep || skipped || ours || hidden {
                continue;
            }
            if walk.entries.len() >= ENTRIES as usize {
                walk.cut = true;
                break;
            }
            walk.entries.push(Entry {
                path: path.to_owned(),
                stat,
            });
        }
        for at in &self.lost {
            let below = at.strip_prefix(self.real.trim_end_matches('/'));
            let levels = below.and_then(|rest| u32::try_from(rest.matches('/').count()).ok());
            let reached = levels.filter(|_| under(at, &self.real));
            if reached.is_some_and(|is| self.depth.is_none_or(|most| is < most)) {
                let why = "it is a tmpfs, which is gone once the container has ended";
                walk.unread.push((at.clone(), why.to_owned()));
            }
        }
        walk.entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(walk)
    }
}

#[cfg(test)]
mod tests {
    use tar::EntryType::{Directory, Link, Regular, Symlink};

    use super::*;

    fn archive() -> Vec<u8> {
        let mut tar = tar::Builder::new(Vec::new());
        let mut add = |name: &str, kind: tar::EntryType, to: &str, content: &[u8]| {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(kind);
            header.set_mode(0o644);
            header.set_uid(7);
            header.set_gid(8);
            header.set_mtime(9);
            header.set_size(content.len() as u64);
            match to {
                "" => tar.append_data(&mut header, name, content).unwrap(),
                to => tar.append_link(&mut header, name, to).unwrap(),
            }
        };
        add("data/", Directory, "", b"");
        add("data/b", Regular, "", b"four");
        add("data/a", Link, "data/b", b"");
        add("data/l", Symlink, "b", b"");
        add("data/tmp/", Directory, "", b"");
        add("data/tmp/hidden", Regular, "", b"x");
        add("data/x/y/", Directory, "", b"");
        add("data/x/y/z", Regular, "", b"");
        tar.into_inner().unwrap()
    }

    fn walk(depth: Option<u32>) -> Walk {
        let below = Below {
            root: "/srv/data".to_owned(),
            real: "/srv/data".to_owned(),
            depth,
            lost: vec!["/srv/data/tmp".to_owned(), "/run".to_owned()],
        };
        below.list(&mut archive().as_slice()).unwrap()
    }

    #[test]
    fn one_thing_is_found_in_the_archive_of_its_folder() {
        let find = |name| find(&mut archive().as_slice(), "/srv/data", name).unwrap();
        let link = find("l").unwrap();
        assert_eq!((link.kind, link.target.as_deref()), (Kind::Link, Some("b")));
        assert_eq!(find("y"), None);
    }

    #[test]
    fn an_archive_is_what_stood_there_but_for_what_was_in_memory() {
        let paths = |walk: &Walk| -> Vec<String> {
            let all = walk.entries.iter();
            all.map(|e| e.path.replace("/srv/data", "")).collect()
        };
        let whole = walk(None);
        assert_eq!(
            paths(&whole),
            ["", "/a", "/b", "/l", "/tmp", "/x/y", "/x/y/z"]
        );
        assert_eq!(whole.unread.len(), 1, "{:?}", whole.unread);
        let [_, hard, ..] = whole.entries.as_slice() else {
            panic!("{whole:?}");
        };
        assert_eq!(
            (hard.stat.kind, hard.stat.size, hard.stat.uid),
            (Kind::File, 4, 7)
        );
        let flat = walk(Some(1));
        assert_eq!(paths(&flat), ["", "/a", "/b", "/l", "/tmp"]);
        assert_eq!(flat.unread, []);
    }
}
