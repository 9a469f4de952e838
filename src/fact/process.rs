//! Processes of a container as the kernel has them.

use serde::{Deserialize, Serialize};

use super::security::Security;
use crate::text::matcher::evident;

/// One process.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Number inside the container.
    pub pid: u32,
    /// Number of the parent.
    pub parent: u32,
    /// Name of the program as the kernel keeps it (15 bytes).
    pub name: String,
    /// One letter: R, S, D, Z, T, …
    pub state: String,
    /// Real, effective, saved and file-system user.
    pub uids: [u32; 4],
    /// Likewise for groups.
    pub gids: [u32; 4],
    /// Supplementary groups.
    pub groups: Vec<u32>,
    /// Threads.
    pub threads: u32,
    /// Arguments; empty for a zombie.
    pub command: Vec<String>,
    /// What the kernel lets it do.
    #[serde(default)]
    pub security: Security,
    /// Its threads that may do something else than its first one, or are another user.
    #[serde(default)]
    pub apart: Vec<Process>,
}

impl Process {
    /// From the raw texts of `/proc/PID/status` and `cmdline`; `None` where the status does not say as
    /// whom it runs.
    pub fn parse(pid: u32, status: &str, cmdline: &[u8]) -> Option<Self> {
        let field = |name: &str| {
            let line = status.lines().find(|l| l.split(':').next() == Some(name));
            line.and_then(|l| l.split_once(':'))
                .map_or("", |(_, value)| value.trim())
        };
        let numbers = |text: &str| -> Vec<u32> {
            text.split_whitespace()
                .filter_map(|n| n.parse().ok())
                .collect()
        };
        let four = |name: &str| <[u32; 4]>::try_from(numbers(field(name))).ok();
        Some(Self {
            pid,
            parent: field("PPid").parse().unwrap_or_default(),
            name: field("Name").to_owned(),
            state: field("State").chars().take(1).collect(),
            uids: four("Uid")?,
            gids: four("Gid")?,
            groups: numbers(field("Groups")),
            threads: field("Threads").parse().unwrap_or(1),
            command: parts(cmdline),
            security: Security::read(field),
            apart: Vec::new(),
        })
    }

    /// Threads from the texts of their status, with an empty line between them; `None` where one does not
    /// say which it is, or as whom it runs.
    pub fn threads(statuses: &str) -> Option<Vec<Self>> {
        let statuses = statuses.split("\n\n").filter(|s| !s.is_empty());
        let thread = |status: &str| {
            let number = status.lines().find_map(|line| line.strip_prefix("Pid:"));
            Self::parse(number?.trim().parse().ok()?, status, b"")
        };
        statuses.map(thread).collect()
    }

    /// Its first thread, and those that differ from it; each of these with words that name it.
    pub fn views(&self) -> impl Iterator<Item = (Option<String>, &Self)> {
        let others = self.apart.iter();
        let named = others.map(|thread| {
            let (pid, name) = (thread.pid, evident(&thread.name));
            (Some(format!("thread {pid} ({name})")), thread)
        });
        std::iter::once((None, self)).chain(named)
    }

    /// Whether it has ended and only waits for its parent to notice. One whose first thread alone has
    /// ended looks the same but for its other threads.
    pub fn is_zombie(&self) -> bool {
        self.state == "Z" && self.threads <= 1
    }

    /// Whether it may be one of our probes: they are called so, and their parents are outside.
    pub fn is_probe(&self) -> bool {
        self.name == "probe" && self.parent == 0
    }

    /// The name of its program as it was called: the last part of its first argument.
    pub fn program(&self) -> Option<&str> {
        let first = self.command.first()?;
        first.rsplit('/').next()
    }

    /// How it was called, for people.
    pub fn shown(&self) -> String {
        if self.command.is_empty() {
            format!("[{}]", self.name)
        } else {
            self.command.join(" ")
        }
    }
}

/// The variables of `/proc/PID/environ`; `None` where the process has written something else there.
pub fn environment(environ: &[u8]) -> Option<Vec<(String, String)>> {
    let pair = |part: String| {
        part.split_once('=')
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
    };
    parts(environ).into_iter().map(pair).collect()
}

fn parts(bytes: &[u8]) -> Vec<String> {
    let bytes = bytes.strip_suffix(&[0]).unwrap_or(bytes);
    if bytes.is_empty() {
        return Vec::new();
    }
    bytes
        .split(|b| *b == 0)
        .map(|p| String::from_utf8_lossy(p).into_owned())
        .collect()
}

/// All processes of a container but those that watch it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Processes {
    /// Sorted by number.
    pub all: Vec<Process>,
    /// Whether process 1 is an init that the engine put before the program.
    pub init: bool,
}

impl Processes {
    /// The program's own main process: process 1, or with the engine's init its first child.
    pub fn main(&self) -> Option<&Process> {
        let first = self.all.iter().find(|p| p.pid == 1)?;
        if !self.init {
            return Some(first);
        }
        self.all.iter().find(|p| p.parent == 1).or(Some(first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str = "Name:\tsleep\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t1\nPid:\t1\nPPid:\t0\n\
        Uid:\t1000\t1000\t1000\t1000\nGid:\t100\t100\t100\t100\nGroups:\t100 999 \nThreads:\t2\n";

    #[test]
    fn status_cmdline_and_environ_are_read() {
        let seen = Process::parse(1, STATUS, b"sleep\0in f\0").unwrap();
        assert_eq!((seen.uids[1], seen.gids[1], seen.threads), (1000, 100, 2));
        assert_eq!(seen.groups, [100, 999]);
        assert_eq!(seen.command, ["sleep", "in f"]);
        let pairs = environment(b"A=b=c\0B=\0").unwrap();
        assert_eq!(pairs[0], ("A".to_owned(), "b=c".to_owned()));
        assert_eq!(environment(b""), Some(Vec::new()));
        for overwritten in [
            &b"\0\0\0\0"[..],
            b"redis-server *:6379\0\0\0",
            b"A=b\0\0\0\0",
        ] {
            assert_eq!(environment(overwritten), None);
        }
        assert!(!seen.is_zombie());
    }

    #[test]
    fn a_status_without_its_users_is_nobodys_not_roots() {
        assert_eq!(Process::parse(1, "", b""), None);
        for lost in ["Uid", "Gid"] {
            let status = STATUS.replace(lost, "Xid");
            assert_eq!(Process::parse(1, &status, b"sleep\0"), None, "{lost}");
        }
    }

    #[test]
    fn threads_that_differ_say_which_they_are() {
        let thread = |pid: u32, uid: u32| {
            format!(
                "Name:\twork\nPid:\t{pid}\nUid:\t{uid}\t0\t0\t0\nGid:\t0\t0\t0\t0\nCapEff:\t01\n\n"
            )
        };
        let seen = Process::threads(&(thread(7, 1) + &thread(8, 2))).unwrap();
        let views = seen
            .iter()
            .map(|t| (t.pid, t.uids[0], t.security.effective));
        assert_eq!(
            views.collect::<Vec<_>>(),
            [(7, 1, Some(1)), (8, 2, Some(1))]
        );
        assert_eq!(Process::threads(""), Some(Vec::new()));
        assert_eq!(Process::threads("Pid:\t7\n\n"), None);
        let whole = Process {
            apart: seen,
            ..Process::default()
        };
        let names: Vec<_> = whole.views().map(|(name, _)| name).collect();
        assert_eq!(names[0], None);
        assert_eq!(names[2].as_deref(), Some("thread 8 (work)"));
    }

    #[test]
    fn with_an_init_the_main_process_is_its_child() {
        let process = |pid, parent| Process {
            pid,
            parent,
            ..Process::default()
        };
        let mut seen = Processes {
            all: vec![process(1, 0), process(7, 1), process(9, 7)],
            init: true,
        };
        assert_eq!(seen.main().map(|p| p.pid), Some(7));
        seen.init = false;
        assert_eq!(seen.main().map(|p| p.pid), Some(1));
    }
}
