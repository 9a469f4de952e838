//! Mounts of a container as the kernel has them.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

/// One mount.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// Its number.
    pub id: u32,
    /// The number of the mount that it stands in.
    pub parent: u32,
    /// The part of its file system that is seen.
    pub root: String,
    /// Where it is.
    pub at: String,
    /// The kind of its file system: `tmpfs`, `ext4`, …
    pub kind: String,
    /// What the kernel calls its source.
    pub source: String,
    /// Whether nothing can be written there, by the mount's own options or the file system's.
    pub read_only: bool,
    /// Options of the file system, such as the controllers of a cgroup.
    pub options: Vec<String>,
}

/// All mounts, in the kernel's order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mounts {
    /// Each, those that others hide among them.
    pub all: Vec<Mount>,
    /// Paths that were asked for, and where each leads in the end; `None` where nothing stands.
    pub real: Vec<(String, Option<String>)>,
}

impl Mount {
    /// From a line of `/proc/PID/mountinfo`.
    fn parse(line: &str) -> Option<Self> {
        let (mount, system) = line.split_once(" - ")?;
        let mut mount = mount.split(' ');
        let mut next = || mount.next();
        let (id, parent) = (next()?.parse().ok()?, next()?.parse().ok()?);
        let (_device, root, at, options) = (next()?, next()?, next()?, next()?);
        let mut system = system.split(' ');
        let (kind, source) = (system.next()?, system.next()?);
        let of_system = system.next().unwrap_or("");
        let is_read_only = |options: &str| options.split(',').any(|option| option == "ro");
        Some(Self {
            id,
            parent,
            root: unescape(root),
            at: unescape(at),
            kind: kind.to_owned(),
            source: unescape(source),
            read_only: is_read_only(options) || is_read_only(of_system),
            options: of_system.split(',').map(str::to_owned).collect(),
        })
    }

    /// Whether a path is this mount's place or stands below it.
    pub fn holds(&self, path: &str) -> bool {
        below(path, &self.at).is_some()
    }
}

/// The mounts of `/proc/PID/mountinfo`; `None` where a line cannot be read.
pub fn parse(mountinfo: &str) -> Option<Vec<Mount>> {
    mountinfo.lines().map(Mount::parse).collect()
}

/// What of a path stands below a folder; empty for the folder itself.
pub fn below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(folder.trim_end_matches('/'))?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

impl Mounts {
    /// The mounts that can be reached: those that nothing is mounted over.
    pub fn visible(&self) -> impl Iterator<Item = &Mount> {
        let covered = self.covered();
        let by_id: HashMap<u32, &Mount> = self.all.iter().map(|mount| (mount.id, mount)).collect();
        let is_hidden = move |mount: &Mount| {
            let mut next = Some(mount);
            for _ in 0..DEEPEST {
                let Some(mount) = next else { return false };
                if covered.contains(&mount.id) {
                    return true;
                }
                // What stands upon its parent is seen in the parent's place.
                let parent = by_id.get(&mount.parent).copied();
                next = parent.filter(|parent| parent.at != mount.at);
            }
            false
        };
        self.all.iter().filter(move |mount| !is_hidden(mount))
    }

    /// What is mounted at this path.
    pub fn at(&self, path: &str) -> Option<&Mount> {
        self.visible().find(|mount| mount.at == path)
    }

    /// Whether it stands upon another mount at the same place, so that what is declared of the place
    /// may be about the other.
    pub fn covers(&self, mount: &Mount) -> bool {
        let under = |other: &&Mount| other.id == mount.parent && other.at == mount.at;
        mount.at != "/" && self.all.iter().any(|other| under(&other))
    }

    /// The numbers of those that something is mounted upon, or over a folder on the way to them.
    fn covered(&self) -> HashSet<u32> {
        let places: HashSet<(u32, &str)> = self
            .all
            .iter()
            .map(|mount| (mount.parent, mount.at.as_str()))
            .collect();
        let is_covered = |mount: &&Mount| {
            let upon = places.contains(&(mount.id, mount.at.as_str()));
            // What was on the way before would be what this one stands in.
            let mut way = folders(&mount.at);
            upon || way.any(|folder| places.contains(&(mount.parent, folder)))
        };
        let covered = self.all.iter().filter(is_covered);
        covered.map(|mount| mount.id).collect()
    }

    /// Where a path leads in the end, as far as that was asked; the path itself where nothing is there.
    pub fn real<'a>(&'a self, path: &'a str) -> &'a str {
        let path = plain(path);
        let found = self.real.iter().find(|(asked, _)| plain(asked) == path);
        found.and_then(|(_, real)| real.as_deref()).unwrap_or(path)
    }
}

/// The folders above a path, the nearest first.
fn folders(path: &str) -> impl Iterator<Item = &str> {
    let mut rest = (path != "/").then_some(path);
    std::iter::from_fn(move || {
        let (above, _) = rest?.rsplit_once('/')?;
        rest = (!above.is_empty()).then_some(above);
        Some(if above.is_empty() { "/" } else { above })
    })
}

/// No sane mounts stand in each other deeper than this.
const DEEPEST: usize = 64;

/// A path without slashes at its end.
pub fn plain(path: &str) -> &str {
    match path.trim_end_matches('/') {
        "" => "/",
        path => path,
    }
}

/// The kernel writes spaces and the like as a backslash and three octal digits.
fn unescape(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let digits = bytes.get(at + 1..at + 4).filter(|_| *byte == b'\\');
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(escaped) => {
                plain.push(escaped);
                at += 4;
            }
            None => {
                plain.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDED: &str = include_str!("../../fixtures/kernel/mountinfo-v1");

    fn mounts(text: &str) -> Mounts {
        Mounts {
            all: parse(text).unwrap(),
            real: Vec::new(),
        }
    }

    #[test]
    fn a_recorded_table_is_read() {
        let seen = mounts(RECORDED);
        assert_eq!(seen.visible().count(), seen.all.len());
        let root = seen.at("/").unwrap();
        assert_eq!(
            (root.read_only, root.kind.as_str()),
            (true, "fuse.fuse-overlayfs")
        );
        let tmp = seen.at("/tmp").unwrap();
        assert_eq!((tmp.read_only, tmp.kind.as_str()), (false, "tmpfs"));
        let file = seen.at("/k.sh").unwrap();
        assert!(file.read_only && file.root == "/home/me/k.sh");
        let memory = seen.at("/sys/fs/cgroup/memory").unwrap();
        assert_eq!(memory.options, ["rw", "memory"]);
        assert_eq!(seen.at("/etc"), None);
    }

    #[test]
    fn odd_names_and_a_read_only_file_system_are_understood() {
        let seen = mounts(
            "30 20 8:1 /a\\040b\\134 /x\\040\\011y rw,relatime shared:1 master:2 - ext4 /dev/my\\040disk ro,x=ro2\n\
             31 20 8:1 / /ro-not rw,errors=ro - ext4 /dev/a rw,mode=ro1",
        );
        let first = &seen.all[0];
        assert_eq!(
            (first.root.as_str(), first.at.as_str()),
            ("/a b\\", "/x \ty")
        );
        assert_eq!(first.source, "/dev/my disk");
        assert!(first.read_only, "its file system cannot be written");
        assert!(!seen.all[1].read_only);
        assert_eq!(unescape("\\04"), "\\04");
        assert_eq!(unescape("\\999"), "\\999");
        assert_eq!(parse("nonsense"), None);
        assert_eq!(parse("1 2 0:1 / /"), None);
    }

    #[test]
    fn what_something_is_mounted_over_is_not_seen() {
        let seen = mounts(
            "1 0 0:1 / / rw - overlay o rw\n\
             2 1 0:2 / /data rw - ext4 a rw\n\
             3 2 0:3 / /data rw - tmpfs b rw\n\
             4 1 0:4 / /srv/x rw - ext4 c rw\n\
             5 1 0:5 / /srv rw - tmpfs d rw\n\
             6 2 0:6 / /data/in rw - ext4 e rw\n\
             7 1 0:7 / /srvice rw - ext4 f rw",
        );
        let visible: Vec<u32> = seen.visible().map(|m| m.id).collect();
        assert_eq!(visible, [1, 3, 5, 7]);
        assert!(seen.covers(seen.at("/data").unwrap()));
        assert!(!seen.covers(seen.at("/srv").unwrap()) && !seen.covers(seen.at("/").unwrap()));
    }

    #[test]
    fn a_hundred_thousand_mounts_are_no_trouble() {
        let line = |n: u32| format!("{} 1 0:1 / /m{n}/{n} rw - tmpfs t rw\n", n + 2);
        let many: String = (0..100_000).map(line).collect();
        let seen = mounts(&format!(
            "1 0 0:1 / / rw - overlay o rw\n{many}200009 1 0:1 / /m7 rw - tmpfs t rw\n"
        ));
        assert_eq!(seen.visible().count(), 100_001);
        assert_eq!(seen.at("/m7/7"), None);
        let folders: Vec<&str> = folders("/a/b/c").collect();
        assert_eq!(folders, ["/a/b", "/a", "/"]);
    }

    #[test]
    fn a_path_is_compared_by_where_it_leads() {
        let seen = Mounts {
            all: Vec::new(),
            real: vec![
                ("/var/run/x/".into(), Some("/run/x".into())),
                ("/none".into(), None),
            ],
        };
        assert_eq!(seen.real("/var/run/x"), "/run/x");
        assert_eq!(seen.real("/none/"), "/none");
        assert_eq!(seen.real("/other//"), "/other");
        assert_eq!(seen.real("/"), "/");
        assert_eq!(below("/data", "/"), Some("/data"));
        assert_eq!(below("/database", "/data"), None);
    }
}
