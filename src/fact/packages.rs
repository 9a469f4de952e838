//! What is installed in a container, by the files that package managers keep, and what can be called.

pub mod apk;
pub mod dpkg;
pub mod python;
pub mod rpm;
mod sqlite;

use serde::{Deserialize, Serialize};

use crate::words;

words! {
    /// Who says that a package is there.
    pub enum Kind {
        /// Debian's package manager and its kin.
        Dpkg = "dpkg",
        /// Alpine's package manager.
        Apk = "apk",
        /// The package manager of Fedora, SUSE and their kin.
        Rpm = "rpm",
        /// Metadata beside Python modules.
        Python = "Python",
        /// A program in a folder of `PATH`.
        Command = "command",
    }
}

/// One package, or one program that can be called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version; a program has none that is known.
    pub version: Option<String>,
    /// Who says so.
    pub kind: Kind,
    /// Where: the database, the folder of metadata, or the program.
    pub at: String,
}

impl Package {
    /// `dpkg 12.2.0-14`, `command /usr/bin/gcc`, `Python 1.16.0 in /venv/lib/…`.
    pub fn shown(&self) -> String {
        let Self { kind, at, .. } = self;
        let version = self.version.as_deref().unwrap_or("without a version");
        match kind {
            Kind::Command => format!("{kind} {at}"),
            Kind::Python => format!("{kind} {version} in {at}"),
            Kind::Dpkg | Kind::Apk | Kind::Rpm => format!("{kind} {version}"),
        }
    }
}

/// Everything that is installed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packages {
    /// Sorted by name, each once.
    pub all: Vec<Package>,
    /// The databases that were read.
    pub databases: Vec<String>,
    /// Why there may be more than is known.
    pub unread: Vec<String>,
}

impl Packages {
    /// Takes what a database holds, or why it could not be read.
    pub fn add(&mut self, at: &str, found: Result<Vec<Package>, String>) {
        match found {
            Ok(found) => {
                self.all.extend(found);
                self.databases.push(at.to_owned());
            }
            Err(why) => self.unread.push(format!("{at} {why}")),
        }
    }

    /// Sorts, and drops what was found twice, as through a link.
    pub fn settle(&mut self) {
        let order = |p: &Package| {
            (
                p.name.clone(),
                p.kind.word(),
                p.version.clone(),
                p.at.clone(),
            )
        };
        self.all.sort_by_cached_key(order);
        self.all.dedup_by(|a, b| {
            let of_database = matches!(a.kind, Kind::Dpkg | Kind::Apk | Kind::Rpm);
            (a == b)
                || of_database && (&a.name, &a.version, a.kind) == (&b.name, &b.version, b.kind)
        });
    }
}
