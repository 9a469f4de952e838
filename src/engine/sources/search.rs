//! Files of this machine, searched for words.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use regex::bytes::Regex;

use super::{below, stat};
use crate::fact::blob::Blob;
use crate::fact::path::{Kind, Walk};
use crate::fact::search::{Find, Held, Search, Searched};

/// The most of one file that is searched.
const MOST: u64 = 32 << 20;
/// The most of a file that is wanted whole.
const HELD: usize = 4 << 20;
/// The most of one that is no text, and of all together.
const LOOK: usize = 8 << 10;
const ALL_HELD: usize = 64 << 20;
/// The most finds in one file.
const FINDS: usize = 1_000;
/// How much stands around a find.
const BEFORE: usize = 120;
const AFTER: usize = 240;

/// Whether what a path leads to may be read, or why not.
pub type May<'a> = &'a dyn Fn(&Path) -> Result<(), String>;

/// Searches a file, or everything below a folder but what git keeps for itself. Paths begin with
/// `root` as it is written. Of links to files elsewhere `may` says which are followed.
pub fn search(path: &Path, root: &str, search: &Search, may: May<'_>) -> io::Result<Searched> {
    let words: Vec<String> = search
        .words
        .iter()
        .map(|word| regex::escape(word))
        .collect();
    let words = Regex::new(&words.join("|")).map_err(io::Error::other)?;
    let mut searched = Searched::default();
    let mut room = ALL_HELD;
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
    searched.cut = walk.cut;
    let shown = |name: &str| match (root.trim_end_matches('/'), name) {
        (root, "") => root.to_owned(),
        ("" | ".", name) => name.to_owned(),
        (root, name) => format!("{root}/{name}"),
    };
    for (path, why) in walk.unread {
        searched.unread.push((shown(&path), why));
    }
    for name in files {
        let at = if name.is_empty() {
            path.to_owned()
        } else {
            path.join(&name)
        };
        let name = shown(&name);
        if is_passed(&name, &search.pass) {
            searched.passed += 1;
            continue;
        }
        match start(&at) {
            Ok(None) => {}
            Ok(Some((bytes, total))) => {
                searched.count += 1;
                searched.bytes += bytes.len() as u64;
                one(
                    &name,
                    &bytes,
                    total,
                    search,
                    &words,
                    &mut searched,
                    &mut room,
                );
            }
            Err(error) => searched.unread.push((name, error.to_string())),
        }
    }
    Ok(searched)
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

fn start(path: &Path) -> io::Result<Option<(Vec<u8>, u64)>> {
    let file = match File::open(path) {
        Ok(file) => file,
        // It went away meanwhile.
        Err(error) if super::is_absent(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    let total = file.metadata()?.len();
    let mut bytes = Vec::new();
    file.take(MOST).read_to_end(&mut bytes)?;
    Ok(Some((bytes, total)))
}

fn one(
    name: &str,
    bytes: &[u8],
    total: u64,
    search: &Search,
    words: &Regex,
    searched: &mut Searched,
    room: &mut usize,
) {
    let mut partly = total > bytes.len() as u64;
    let (mut line, mut counted) = (1, 0);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    for (number, found) in words.find_iter(bytes).enumerate() {
        if number >= FINDS {
            partly = true;
            break;
        }
        let passed = &bytes[counted..found.start()];
        line += passed.split(|byte| *byte == b'\n').count() as u64 - 1;
        counted = found.start();
        let end = bytes.len().min(found.end() + AFTER);
        searched.finds.push(Find {
            path: name.to_owned(),
            line,
            word: text(found.as_bytes()),
            before: text(&bytes[found.start().saturating_sub(BEFORE)..found.start()]),
            after: text(&bytes[found.end()..end]),
        });
    }
    if is_wanted(name, &search.names) {
        let first = &bytes[..bytes.len().min(LOOK)];
        let wide = first.starts_with(&[0xff, 0xfe]) || first.starts_with(&[0xfe, 0xff]);
        let kept = match first.contains(&0) && !wide {
            true => first,
            false => &bytes[..bytes.len().min(HELD)],
        };
        *room = room.saturating_sub(kept.len());
        if *room == 0 {
            searched.cut = true;
            return;
        }
        searched.files.push(Held {
            path: name.to_owned(),
            content: Blob {
                bytes: kept.to_vec(),
                total,
            },
        });
    }
    if partly {
        searched.partly.push(name.to_owned());
    }
}

/// Whether a file has one of the names that are not searched.
fn is_passed(path: &str, names: &[String]) -> bool {
    let last = path.rsplit('/').next().unwrap_or("");
    names.iter().any(|name| match name.strip_suffix('*') {
        Some(part) => last.contains(part),
        None => last.ends_with(name.as_str()),
    })
}

/// Whether a file has one of the names that are wanted whole.
fn is_wanted(path: &str, names: &[String]) -> bool {
    let last = path.rsplit('/').next().unwrap_or("");
    let whole = format!("/{path}");
    names.iter().any(|name| match name.strip_suffix('*') {
        Some(start) => last.starts_with(start),
        None => whole.ends_with(name),
    })
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
