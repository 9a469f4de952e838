//! What is asked about packages, and what the answers mean. Nothing of an image is run for it.

use super::ask::{ENTRIES, Wanted};
use super::read::{ABSENT, content};
use super::{errno, kind, text};
use crate::engine::probe::wire::{self, Answer as Told, MAX_CONTENT, Request};
use crate::fact::answer::{Answer, Fact};
use crate::fact::packages::python::Found;
use crate::fact::packages::{Kind, Package, Packages, apk, dpkg, python, rpm};
use crate::fact::path;
use crate::fact::question::Question;

/// What is read whole, and by what it is understood.
type Parse = fn(&[u8], &str) -> Result<Vec<Package>, String>;

const DATABASES: [(&str, Parse); 5] = [
    ("/var/lib/dpkg/status", |bytes, at| {
        dpkg::parse(&text(bytes), at)
    }),
    ("/lib/apk/db/installed", |bytes, at| {
        apk::parse(&text(bytes), at)
    }),
    ("/usr/lib/apk/db/installed", |bytes, at| {
        apk::parse(&text(bytes), at)
    }),
    ("/usr/lib/sysimage/rpm/rpmdb.sqlite", rpm::parse),
    ("/var/lib/rpm/rpmdb.sqlite", rpm::parse),
];

/// What stands where only such databases stand that are not read, and why that matters.
const OTHERS: [(&str, &str); 8] = [
    ("/usr/lib/sysimage/rpm/rpmdb.sqlite-wal", UNMERGED),
    ("/var/lib/rpm/rpmdb.sqlite-wal", UNMERGED),
    ("/usr/lib/sysimage/rpm/Packages", BERKELEY),
    ("/var/lib/rpm/Packages", BERKELEY),
    ("/usr/lib/sysimage/rpm/Packages.db", NDB),
    ("/var/lib/rpm/Packages.db", NDB),
    (
        "/var/lib/pacman/local",
        "is a database of pacman, which is not read",
    ),
    ("/var/lib/dpkg/info", ""),
];
const UNMERGED: &str = "holds changes that were not merged into rpm's database";
const BERKELEY: &str =
    "is rpm's database as Berkeley DB, the form before rpm 4.16, which is not read";
const NDB: &str = "is rpm's database as ndb, which is not read; only the one in SQLite is";

/// Pieces of dpkg's database in images that do without dpkg.
const PIECES: &str = "/var/lib/dpkg/status.d";
const PIECE: u32 = 64 << 10;
/// A package's metadata begins with its name and version.
const HEAD: u32 = 4 << 10;
/// Folders that hold data or settings and no modules, some of which not even root may enter.
const NO_MODULES: [&str; 11] = [
    "/proc",
    "/sys",
    "/dev",
    "/run",
    "/boot",
    "/etc",
    "/tmp",
    "/var/lib",
    "/var/cache",
    "/var/log",
    "/var/spool",
];

/// The requests, given the folders that programs are looked for in.
pub fn wanted(folders: &[String]) -> Wanted {
    let read = |at: &str| Request::Read {
        path: at.into(),
        from: 0,
        max: MAX_CONTENT as u64,
    };
    let find = |root: &str, depth, max_each| Request::Find {
        root: root.into(),
        max_depth: depth,
        max_entries: ENTRIES,
        same_device: true,
        skip: Vec::new(),
        ends: vec![(Vec::new(), Vec::new())],
        max_each,
    };
    let mut modules = find("/", u32::MAX, HEAD);
    if let Request::Find { skip, ends, .. } = &mut modules {
        let skipped = NO_MODULES.iter().chain(&[crate::engine::probe::FOLDER]);
        *skip = skipped.map(|at| at.as_bytes().to_vec()).collect();
        let pair = |folder: &str, name: &str| (folder.into(), name.into());
        *ends = vec![
            pair("", ".dist-info"),
            pair("", ".egg-info"),
            pair(".dist-info", "METADATA"),
            pair(".egg-info", "PKG-INFO"),
            pair("EGG-INFO", "PKG-INFO"),
        ];
    }
    let databases = DATABASES.iter().map(|(at, _)| read(at));
    let others = OTHERS.iter().map(|(at, _)| Request::Stat {
        path: (*at).into(),
        follow: true,
    });
    let programs = folders.iter().map(|folder| find(folder, 1, 0));
    let all = databases
        .chain(others)
        .chain([find(PIECES, 1, PIECE), modules]);
    Wanted {
        question: Question::Packages,
        requests: all.chain(programs).collect(),
    }
}

/// The answer, from what the probe told to these requests.
pub fn fact(told: Vec<Told>) -> Answer {
    let mut told = told.into_iter();
    let mut seen = Packages::default();
    let mut dpkg_is_there = false;
    for (at, parse) in DATABASES {
        let Some(blob) = told.next().map(|told| content(at, told)) else {
            return Answer::Unseen("the probe left out what it was asked".to_owned());
        };
        match blob {
            Ok(None) => continue,
            Ok(Some(blob)) if blob.is_cut() => {
                let total = blob.total;
                let why = format!("holds {total} bytes, more than are read");
                seen.add(at, Err(why));
            }
            // One that was emptied lists nothing of what its folder says is there.
            Ok(Some(blob)) if blob.bytes.is_empty() && at.contains("dpkg") => continue,
            Ok(Some(blob)) => seen.add(at, parse(&blob.bytes, at)),
            Err(why) => seen.unread.push(why),
        }
        dpkg_is_there |= at.contains("dpkg");
    }
    let mut lists = false;
    for (at, why) in OTHERS {
        match told.next() {
            Some(Told::Stat {
                result: Ok(stat), ..
            }) if why.is_empty() => {
                lists = kind(&stat.kind) == Some(path::Kind::Directory);
            }
            // A log that was merged is left behind empty.
            Some(Told::Stat {
                result: Ok(stat), ..
            }) if why == UNMERGED && stat.size == 0 => {}
            Some(Told::Stat { result: Ok(_), .. }) => seen.unread.push(format!("{at} {why}")),
            Some(Told::Stat {
                result: Err(number),
                ..
            }) if ABSENT.contains(&number) => {}
            other => seen
                .unread
                .push(format!("cannot look at {at}: {}", said(other.as_ref()))),
        }
    }
    for found in finds(told.next(), PIECES, &mut seen) {
        if found.is_file() && !found.path.ends_with(".md5sums") {
            dpkg_is_there = true;
            let parsed = found
                .head()
                .and_then(|head| dpkg::parse(&head, &found.path));
            seen.add(&found.path, parsed);
        }
    }
    if lists && !dpkg_is_there {
        let why =
            "/var/lib/dpkg/info is there, but the list of packages beside it is not, or is empty";
        seen.unread.push(why.to_owned());
    }
    let modules = finds(told.next(), "Python packages", &mut seen);
    let modules: Vec<Found> = modules
        .into_iter()
        .map(|found| Found {
            head: found.head().ok(),
            path: found.path,
        })
        .collect();
    seen.all.extend(python::packages(&modules));
    for folder in told {
        let programs = finds(Some(folder), "programs", &mut seen);
        let programs = programs.into_iter().filter(Piece::is_program);
        seen.all.extend(programs.map(|found| Package {
            name: found.path.rsplit('/').next().unwrap_or("").to_owned(),
            version: None,
            kind: Kind::Command,
            at: found.path,
        }));
    }
    seen.settle();
    Answer::Seen(Fact::Packages(Box::new(seen)))
}

/// One file that was found.
struct Piece {
    path: String,
    found: wire::Found,
}

impl Piece {
    fn is_file(&self) -> bool {
        let there = self.found.there.as_ref();
        there.is_ok_and(|there| kind(&there.kind) == Some(path::Kind::File))
    }

    fn is_program(&self) -> bool {
        let there = self.found.there.as_ref();
        self.is_file() && there.is_ok_and(|there| there.mode & 0o111 != 0)
    }

    fn head(&self) -> Result<String, String> {
        match &self.found.content {
            Some(Ok(content)) => Ok(text(&content.data)),
            Some(Err(number)) => Err(format!("cannot be read: {}", errno(*number))),
            None => Err("is no file".to_owned()),
        }
    }
}

/// What was found, after saying what was not seen.
fn finds(told: Option<Told>, of: &str, seen: &mut Packages) -> Vec<Piece> {
    let Some(Told::Finds {
        found,
        truncated,
        errors,
    }) = told
    else {
        let said = said(told.as_ref());
        seen.unread
            .push(format!("{of} could not be looked for: {said}"));
        return Vec::new();
    };
    if truncated {
        let why = format!("{of} were looked for among the first {ENTRIES} files only");
        seen.unread.push(why);
    }
    for (at, number) in errors.iter().filter(|(_, number)| !ABSENT.contains(number)) {
        let (at, why) = (text(at), errno(*number));
        seen.unread
            .push(format!("{at} could not be looked into: {why}"));
    }
    let piece = |found: wire::Found| Piece {
        path: text(&found.path),
        found,
    };
    found.into_iter().map(piece).collect()
}

fn said(told: Option<&Told>) -> String {
    match told {
        Some(Told::Refused { text }) => text.clone(),
        Some(
            Told::Stat {
                result: Err(number),
                ..
            }
            | Told::Errno { errno: number },
        ) => errno(*number),
        other => format!("the probe answered with {other:?}"),
    }
}

#[cfg(test)]
mod tests;
