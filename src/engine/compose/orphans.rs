//! Compose tools that go on after their run was killed: nobody waits for what they make.

use std::fs;

use super::super::clock::Looks;
use super::super::owner::{self, Life};
use super::OWNER;

/// How long the kernel may take to end one.
const GONE: std::time::Duration = std::time::Duration::from_secs(5);

/// A process as its `stat` tells of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Process {
    id: i32,
    group: i32,
    session: i32,
}

/// The tools that are left, by the numbers of their groups of processes.
pub fn groups() -> Vec<i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let mut groups: Vec<i32> = ids.filter_map(group_of_left).collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}

/// Ends those of these that are still there, and waits until they are gone; gives those that did not go.
pub async fn end(chosen: &[i32]) -> Vec<i32> {
    let there = || {
        let mut groups = groups();
        groups.retain(|group| chosen.contains(group));
        groups
    };
    // Looked up once more: a number may be another's by now.
    for group in there() {
        #[cfg(unix)]
        if let Some(group) = rustix::process::Pid::from_raw(group) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
    let mut looks = Looks::within(GONE);
    loop {
        let left = there();
        if left.is_empty() || !looks.again().await {
            return left;
        }
    }
}

/// The group of a process that a run's tool is, or has begun, where that run is over.
fn group_of_left(id: i32) -> Option<i32> {
    let variables = fs::read(format!("/proc/{id}/environ")).ok()?;
    let owner = owner_in(&variables)?;
    if owner::life(&owner) != Life::Ended {
        return None;
    }
    let process = Process::read(&fs::read_to_string(format!("/proc/{id}/stat")).ok()?)?;
    process.is_of_tool().then_some(process.group)
}

/// The owner that these variables name.
fn owner_in(variables: &[u8]) -> Option<String> {
    let mut all = variables.split(|byte| *byte == 0);
    let owner = all.find_map(|one| one.strip_prefix(OWNER.as_bytes())?.strip_prefix(b"="))?;
    String::from_utf8(owner.to_vec()).ok()
}

impl Process {
    fn read(stat: &str) -> Option<Self> {
        if owner::ended(stat) {
            return None;
        }
        let (id, rest) = stat.split_once(' ')?;
        let mut behind_name = rest.rsplit_once(')')?.1.split_whitespace().skip(2);
        Some(Self {
            id: id.parse().ok()?,
            group: behind_name.next()?.parse().ok()?,
            session: behind_name.next()?.parse().ok()?,
        })
    }

    /// A tool leads a group in the session of its run, or is in that group. What has a session of its own
    /// is something that goes on by itself, such as an agent that a helper for passwords has begun.
    fn is_of_tool(self) -> bool {
        self.group != self.session && self.id != self.session
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_session_of_its_own_is_no_tool() {
        let of = |stat: &str| Process::read(stat).map(Process::is_of_tool);
        // A tool, what it has begun, an agent, what an agent has begun, and one that is over.
        assert_eq!(of("20 (docker-compose) S 10 20 5 0 -1"), Some(true));
        assert_eq!(of("21 (a) b (c)) R 20 20 5 0 -1"), Some(true));
        assert_eq!(of("30 (gpg-agent) S 1 30 30 0 -1"), Some(false));
        assert_eq!(of("31 (scdaemon) S 30 30 30 0 -1"), Some(false));
        assert_eq!(of("20 (docker-compose) Z 10 20 5 0 -1"), None);
        assert_eq!(of("20"), None);
    }

    #[test]
    fn the_owner_is_a_whole_variable() {
        assert_eq!(
            owner_in(b"A=1\0SEAWORTHY_OWNER=h/1:2:3\0B=2\0").as_deref(),
            Some("h/1:2:3")
        );
        assert_eq!(
            owner_in(b"MY_SEAWORTHY_OWNER=h\0SEAWORTHY_OWNERS=x\0"),
            None
        );
    }
}
