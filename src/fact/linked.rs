//! What matches a pattern in folders that are links: a shell enters those that a name of the pattern
//! stands for.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::path::{Entry, Kind, Walk};
use crate::text::glob::{Glob, is_pattern, literal};

/// The most linked folders that one pattern is followed into.
pub const MOST: usize = 2_000;

/// What matches a pattern in linked folders.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linked {
    /// What matches, under the link's name, sorted by path.
    pub found: Vec<Entry>,
    /// The folders above that, a link with what it leads to.
    pub above: Vec<Entry>,
    /// Whether there was more than may be listed.
    pub cut: bool,
    /// What could not be looked at, and why.
    pub unread: Vec<(String, String)>,
}

/// A folder, and what is looked for below it, a name a level. What is open begins with a name that is a
/// pattern, or is empty: then what stands at the path itself is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// The link that leads there; none for where a pattern begins.
    pub link: Option<String>,
    /// Where the walk begins.
    pub root: String,
    open: Vec<String>,
}

impl Branch {
    /// Where a pattern begins.
    pub fn of(glob: &Glob) -> Self {
        Self {
            link: None,
            root: glob.root.clone(),
            open: glob.open(),
        }
    }

    /// What the rest of a pattern becomes behind a link.
    fn behind(link: &str, rest: &[String]) -> Self {
        let fixed = rest.iter().take_while(|name| !is_pattern(name)).count();
        let (fixed, open) = rest.split_at(fixed);
        let root = fixed
            .iter()
            .fold(link.to_owned(), |at, name| below(&at, name));
        Self {
            link: Some(link.to_owned()),
            root,
            open: open.to_vec(),
        }
    }

    /// How many levels below its root something can lie; without bound for `None`.
    pub fn depth(&self) -> Option<u32> {
        match self.open.iter().any(|name| name == "**") {
            true => None,
            false => u32::try_from(self.open.len()).ok(),
        }
    }

    /// The folders from the link to the root.
    pub fn way(&self) -> Vec<String> {
        let link = self.link.iter().cloned();
        let names = self.link.iter().flat_map(|link| {
            let rest = self.root.get(link.len()..).unwrap_or_default();
            let ends = rest.match_indices('/').skip(1).map(|(at, _)| at);
            let ends = ends.chain((!rest.is_empty()).then_some(rest.len()));
            ends.filter_map(|end| self.root.get(..link.len() + end).map(str::to_owned))
        });
        link.chain(names).collect()
    }

    /// The pattern of its first names.
    fn pattern(&self, names: usize) -> Result<Glob, String> {
        let root = match self.root.as_str() {
            "/" => String::new(),
            root => literal(root),
        };
        let open = self.open.get(..names).unwrap_or_default();
        let mut all = vec![root];
        all.extend(open.iter().cloned());
        // Of sources, which have no folder in front.
        if self.root.is_empty() {
            all.remove(0);
        }
        Glob::new(&all.join("/"))
    }

    /// What a walk of it met that is meant.
    pub fn matching(&self, walk: &Walk) -> Result<Vec<Entry>, String> {
        let whole = self.pattern(self.open.len())?;
        let entries = walk.entries.iter();
        Ok(entries
            .filter(|e| whole.matches(&e.path))
            .cloned()
            .collect())
    }

    /// Where links that a walk of it met lead on. `**` stands for no link.
    pub fn beyond(&self, walk: &Walk) -> Result<Vec<Self>, String> {
        let mut found = Vec::new();
        for at in 1..self.open.len() {
            let (before, rest) = self.open.split_at(at);
            if before.last().is_some_and(|name| name == "**") {
                continue;
            }
            let folder = self.pattern(at)?;
            let links = walk.entries.iter().filter(|entry| {
                entry.stat.kind == Kind::Link
                    && entry.path != self.root
                    && folder.matches(&entry.path)
            });
            found.extend(links.map(|link| Self::behind(&link.path, rest)));
        }
        Ok(found)
    }

    /// Whether its walk, or what the walk met, could have a link to lead on at all.
    pub fn may_lead_on(&self) -> bool {
        let folders = self
            .open
            .split_last()
            .map_or(&[][..], |(_, folders)| folders);
        folders.iter().any(|name| name != "**")
    }
}

impl Linked {
    /// Takes in what a walk behind a link met.
    pub fn add(&mut self, branch: &Branch, walk: &Walk) -> Result<(), String> {
        let found = branch.matching(walk)?;
        let parents: HashSet<&str> = found
            .iter()
            .flat_map(|entry| {
                entry
                    .path
                    .match_indices('/')
                    .map(|(at, _)| &entry.path[..at])
            })
            .collect();
        let above = walk.entries.iter().filter(|entry| {
            entry.stat.kind == Kind::Directory && parents.contains(entry.path.as_str())
        });
        self.above.extend(above.cloned());
        self.found.extend(found);
        self.cut |= walk.cut;
        self.unread.extend(walk.unread.iter().cloned());
        Ok(())
    }

    /// Whether it saw everything that it was sent for, else why not.
    pub fn seen_whole(&self) -> Result<(), String> {
        if self.cut {
            let why = "the folders that it names by links hold more files than are listed";
            return Err(format!("{why}; narrow the pattern"));
        }
        let walk = Walk {
            unread: self.unread.clone(),
            ..Walk::default()
        };
        walk.seen_whole()
    }

    /// In order, each once.
    pub fn settle(&mut self) {
        for entries in [&mut self.found, &mut self.above] {
            entries.sort_by(|a, b| a.path.cmp(&b.path));
            entries.dedup_by(|a, b| a.path == b.path);
        }
    }
}

/// What is said where links lead to more places than are looked at.
pub fn too_many(pattern: &str) -> String {
    format!(
        "{pattern} names more than {MOST} linked folders, which is more than are looked into: name the folder that is meant"
    )
}

fn below(folder: &str, name: &str) -> String {
    format!("{}/{name}", folder.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::path::Stat;

    fn walk(paths: &[&str]) -> Walk {
        let entry = |path: &&str| {
            let (path, target) = path
                .split_once('>')
                .map_or((*path, None), |(p, t)| (p, Some(t)));
            let (path, kind) = match (path.strip_suffix('/'), target) {
                (Some(path), _) => (path, Kind::Directory),
                (None, Some(_)) => (path, Kind::Link),
                (None, None) => (path, Kind::File),
            };
            Entry {
                path: path.to_owned(),
                stat: Stat {
                    kind,
                    mode: 0o755,
                    uid: 0,
                    gid: 0,
                    size: 0,
                    modified: 0,
                    target: target.map(str::to_owned),
                },
            }
        };
        Walk {
            entries: paths.iter().map(entry).collect(),
            ..Walk::default()
        }
    }

    fn beyond(pattern: &str, met: &[&str]) -> Vec<String> {
        let branch = Branch::of(&Glob::new(pattern).unwrap());
        let beyond = branch.beyond(&walk(met)).unwrap();
        let shown = |b: &Branch| format!("{} {} {:?}", b.root, b.open.join("/"), b.depth());
        beyond.iter().map(shown).collect()
    }

    #[test]
    fn a_link_that_a_name_stands_for_is_entered() {
        let met = ["/bin>usr/bin", "/usr/", "/usr/bin/", "/usr/lib>x", "/f"];
        assert_eq!(beyond("/*/bash", &met), ["/bin/bash  Some(0)"]);
        assert_eq!(beyond("/b*/*", &met), ["/bin * Some(1)"]);
        assert_eq!(
            beyond("/*/*/a/b*", &met),
            ["/bin */a/b* Some(3)", "/usr/lib/a b* Some(1)"]
        );
        assert_eq!(beyond("/*", &met), [""; 0]);
    }

    #[test]
    fn two_asterisks_stand_for_no_link_but_a_name_behind_them_does() {
        let met = ["/bin>usr/bin", "/opt/bin>x", "/opt/b>x"];
        assert_eq!(
            beyond("/**/bin/sh", &met),
            ["/bin/sh  Some(0)", "/opt/bin/sh  Some(0)"]
        );
        assert_eq!(beyond("/**/sh", &met), [""; 0]);
        assert_eq!(beyond("/*/**", &met), ["/bin ** None"]);
        let may = |pattern| Branch::of(&Glob::new(pattern).unwrap()).may_lead_on();
        assert!(may("/*/sh") && may("/**/bin/sh") && may("/a/*/**"));
        assert!(!may("/**/sh") && !may("/a/b/*") && !may("/a/**"));
    }

    #[test]
    fn what_stands_behind_a_link_is_told_under_its_name() {
        let first = Branch::of(&Glob::new("/*/x/[ab]").unwrap());
        let [behind] = first
            .beyond(&walk(&["/l [1]>y"]))
            .unwrap()
            .try_into()
            .unwrap();
        let behind: Branch = behind;
        assert_eq!(behind.root, "/l [1]/x");
        assert_eq!(behind.way(), ["/l [1]", "/l [1]/x"]);
        let mut linked = Linked::default();
        let met = walk(&["/l [1]/x/", "/l [1]/x/a", "/l [1]/x/c"]);
        linked.add(&behind, &met).unwrap();
        let paths = |of: &[Entry]| of.iter().map(|e| e.path.clone()).collect::<Vec<_>>();
        assert_eq!(paths(&linked.found), ["/l [1]/x/a"]);
        assert_eq!(paths(&linked.above), ["/l [1]/x"]);
    }

    #[test]
    fn a_circle_of_links_is_as_long_as_the_pattern() {
        let mut branches = vec![Branch::of(&Glob::new("/*/*/*/x").unwrap())];
        let mut rounds = 0;
        while let Some(branch) = branches.pop() {
            rounds += 1;
            let circle = below(&branch.root, "me>.");
            assert!(rounds < 10, "{branch:?}");
            branches.extend(branch.beyond(&walk(&[circle.as_str()])).unwrap());
        }
        assert_eq!(rounds, 4);
    }
}
