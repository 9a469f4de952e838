//! The Compose tools that a run had started, which would go on making what nobody removes.

use std::fs;
use std::os::unix::process::parent_id;

use crate::sys;

/// The variable that names the owner of a tool.
const OWNER: &[u8] = b"SEAWORTHY_OWNER=";

/// Those of one owner, our parent as long as it lives.
pub(super) struct Tools {
    variable: Option<Vec<u8>>,
    parent: u32,
}

impl Tools {
    pub(super) fn of(owner: &str) -> Self {
        let variable = (!owner.is_empty()).then(|| [OWNER, owner.as_bytes()].concat());
        Self {
            variable,
            parent: parent_id(),
        }
    }

    /// Ends all that are there; how many groups of processes that were. An owner that lives ends its own.
    pub(super) fn end(&self) -> usize {
        let Some(variable) = &self.variable else {
            return 0;
        };
        if parent_id() == self.parent {
            return 0;
        }
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        let mut groups: Vec<u32> = ids.filter_map(|id| group_of_tool(id, variable)).collect();
        groups.sort_unstable();
        groups.dedup();
        for group in &groups {
            sys::alone::end_group(*group);
        }
        groups.len()
    }
}

/// The group of a process that has this variable and is part of a tool: it leads a group in the session of its run,
/// or is in one. What has a session of its own is an agent that goes on by itself.
fn group_of_tool(id: u32, variable: &[u8]) -> Option<u32> {
    let variables = fs::read(format!("/proc/{id}/environ")).ok()?;
    variables
        .split(|byte| *byte == 0)
        .find(|one| *one == variable)?;
    let stat = fs::read(format!("/proc/{id}/stat")).ok()?;
    let stat = String::from_utf8_lossy(&stat).into_owned();
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    let group: u32 = fields.nth(1)?.parse().ok()?;
    let session: u32 = fields.next()?.parse().ok()?;
    let lives = !matches!(state, "Z" | "X");
    (lives && group != session && id != session).then_some(group)
}
