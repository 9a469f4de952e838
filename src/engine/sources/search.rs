//! Files of this machine, searched for words.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::{below, stat};
use crate::engine::scan::{Bounds, Scan};
use crate::fact::path::{Kind, Walk};
use crate::fact::search::{Search, Searched};

/// How much is read and kept.
const BOUNDS: Bounds = Bounds {
    file: 32 << 20,
    held: 4 << 20,
    all: 64 << 20,
};

/// Whether what a path leads to may be read, or why not.
pub type May<'a> = &'a dyn Fn(&Path) -> Result<(), String>;

/// Searches a file, or everything below a folder but what git keeps for itself. Paths begin with
/// `root` as it is written. Of links to files elsewhere `may` says which are followed.
pub fn search(path: &Path, root: &str, search: &Search, may: May<'_>) -> io::Result<Searched> {
    let mut scan = Scan::new(search, BOUNDS)?;
    let mut walk = Walk::default();
    let kind = stat(path, true)?.map(|stat| stat.kind);
    let files: Vec<String> = match kind {
        Some(Kind::File) => vec![String::new()],
        Some(Kind::Directory) => {
            below(path, "", None, 1, &mut walk);
            inner(path, &mut walk, may)
        }
        _ => Vec::new(),
    };
    scan.found.cut = walk.cut;
    let shown = |name: &str| match (root.trim_end_matches('/'), name) {
        (root, "") => root.to_owned(),
        ("" | ".", name) => name.to_owned(),
        (root, name) => format!("{root}/{name}"),
    };
    for (path, why) in walk.unread {
        scan.found.unread.push((shown(&path), why));
    }
    for name in files {
        let at = if name.is_empty() {
            path.to_owned()
        } else {
            path.join(&name)
        };
        let name = shown(&name);
        if scan.passes(&name) {
            continue;
        }
        let read = match File::open(&at) {
            // It went away meanwhile.
            Err(error) if super::is_absent(&error) => Ok(()),
            opened => opened.and_then(|mut file| {
                let total = file.metadata()?.len();
                scan.file(&name, &mut file, total)
            }),
        };
        if let Err(error) = read {
            scan.found.unread.push((name, error.to_string()));
        }
    }
    Ok(scan.found)
}

/// The files below a folder, but what git keeps for itself. Links to files elsewhere that may be read are among them;
/// one to a folder elsewhere is not followed, and what stands there not read.
fn inner(folder: &Path, walk: &mut Walk, may: May<'_>) -> Vec<String> {
    let own = |path: &str| !path.split('/').any(|name| name == ".git");
    let home = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let mut files = Vec::new();
    for entry in walk.entries.iter().filter(|entry| own(&entry.path)) {
        match entry.stat.kind {
            Kind::File => files.push(entry.path.clone()),
            Kind::Link => match fs::canonicalize(folder.join(&entry.path)) {
                Ok(target) if target.starts_with(&home) => {}
                Ok(target) if target.is_file() => match may(&target) {
                    Ok(()) => files.push(entry.path.clone()),
                    Err(why) => {
                        let why = format!("it is a link to {}: {why}", target.display());
                        walk.unread.push((entry.path.clone(), why));
                    }
                },
                Ok(target) if target.is_dir() => {
                    let why = format!(
                        "it is a link to the folder {}, which is not followed: name that in `in` too, and the link in \
                         `except`",
                        target.display()
                    );
                    walk.unread.push((entry.path.clone(), why));
                }
                // It leads nowhere, or to what is no file.
                Ok(_) | Err(_) => {}
            },
            _ => {}
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_of_a_folder_lead_to_files_elsewhere_and_to_no_folder() {
        let (home, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (at, other) = (home.path(), elsewhere.path());
        fs::create_dir(at.join("inner")).unwrap();
        fs::write(at.join("inner/own"), "a word").unwrap();
        fs::write(other.join("file"), "a word").unwrap();
        symlink("inner", at.join("again")).unwrap();
        symlink("inner/own", at.join("same")).unwrap();
        symlink(other.join("file"), at.join("lent")).unwrap();
        symlink(other, at.join("folder")).unwrap();
        symlink("nowhere", at.join("broken")).unwrap();
        let wanted = Search {
            words: vec!["word".to_owned()],
            ..Search::default()
        };
        let found = search(at, "x", &wanted, &|_| Ok(())).unwrap();
        let mut places: Vec<&str> = found.finds.iter().map(|find| find.path.as_str()).collect();
        places.sort_unstable();
        assert_eq!(places, ["x/inner/own", "x/lent"]);
        let [(path, why)] = found.unread.as_slice() else {
            panic!("{:?}", found.unread);
        };
        assert_eq!(path, "x/folder");
        assert!(why.contains(&other.display().to_string()), "{why}");
        let refuses = |_: &Path| Err("not that".to_owned());
        let found = search(at, "x", &wanted, &refuses).unwrap();
        let places: Vec<&str> = found.finds.iter().map(|find| find.path.as_str()).collect();
        assert_eq!(places, ["x/inner/own"]);
        let mut unread = found.unread.iter();
        let (_, why) = unread.find(|(path, _)| path == "x/lent").unwrap();
        assert!(why.ends_with("/file: not that"), "{why}");
    }
}
