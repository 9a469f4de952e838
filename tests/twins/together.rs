//! Twins that do not meet are run together: all their changes in one copy of the system, all their cases in one run.
//!
//! A twin that does not show there what it should is run by itself, and only that counts.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::changed::{changed, texts};
use super::judged::{Ran, ran};
use super::written::{Result, Twin};

/// Twins of one suite, and what came of them.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) twins: Vec<Twin>,
    ran: OnceLock<Result<Ran>>,
}

impl Group {
    /// Runs them, where no other thread has.
    pub(crate) fn ran(&self, root: &Path) -> &Result<Ran> {
        self.ran.get_or_init(|| {
            let twins: Vec<&Twin> = self.twins.iter().collect();
            let mut cases: Vec<&str> = Vec::new();
            for twin in &self.twins {
                for case in [twin.case.as_str(), twin.control.as_str()] {
                    if !cases.contains(&case) {
                        cases.push(case);
                    }
                }
            }
            ran(&changed(root, &twins)?, &cases)
        })
    }
}

/// Groups of twins, of one each where they are to be seen alone.
pub(crate) fn grouped(root: &Path, twins: Vec<Twin>, apart: bool) -> Vec<Arc<Group>> {
    let mut groups: Vec<Vec<Twin>> = Vec::new();
    for twin in twins {
        let group = groups
            .iter_mut()
            .find(|group| !apart && is_for(root, group, &twin));
        match group {
            Some(group) => group.push(twin),
            None => groups.push(vec![twin]),
        }
    }
    let group = |twins| {
        Arc::new(Group {
            twins,
            ran: OnceLock::new(),
        })
    };
    groups.into_iter().map(group).collect()
}

/// Whether a twin can be seen beside these.
fn is_for(root: &Path, group: &[Twin], twin: &Twin) -> bool {
    let is_free = |other: &Twin| {
        let is_near = other.system == twin.system && other.suite == twin.suite;
        is_near && !other.alone && !spoils(twin, other) && !spoils(other, twin)
    };
    let together: Vec<&Twin> = group.iter().chain([twin]).collect();
    !twin.alone && group.iter().all(is_free) && texts(root, &together).is_ok()
}

/// Whether one fails a case that the other is about.
fn spoils(one: &Twin, other: &Twin) -> bool {
    let failing = || one.also.iter().chain([&one.case]);
    failing().any(|case| *case == other.case || *case == other.control)
}
