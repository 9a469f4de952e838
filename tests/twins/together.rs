//! Twins that do not meet are run together: all their changes in one copy of the system, all their cases in one run.
//!
//! A twin that does not show there what it should is run by itself, and only that counts.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::changed::{changed, changed_in, texts};
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
            ran(&changed(root, &twins)?, &self.cases())
        })
    }

    /// Their cases and controls.
    fn cases(&self) -> Vec<&str> {
        let mut cases: Vec<&str> = Vec::new();
        for twin in &self.twins {
            for case in [twin.case.as_str(), twin.control.as_str()] {
                if !cases.contains(&case) {
                    cases.push(case);
                }
            }
        }
        cases
    }

    /// Writes them into a folder, to be run by the command; gives the suite's path in it and the cases, a line each.
    fn written(&self, root: &Path, folder: &Path) -> Result<String> {
        let twins: Vec<&Twin> = self.twins.iter().collect();
        let suite = changed_in(folder, root, &twins)?;
        Ok(format!(
            "{}\n{}\n",
            suite.display(),
            self.cases().join("\n")
        ))
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

/// Writes the twins of systems whose name holds a text, each group into a folder of its own. Beside it stands in a
/// file `.cases` which suite of it is to be run, and which of its cases.
pub(crate) fn write(root: &Path, of: &str, folder: &Path) -> Result {
    let mut twins = super::written::all(root)?;
    twins.retain(|twin| twin.system.contains(of));
    for (number, group) in grouped(root, twins, false).iter().enumerate() {
        let system = group.twins.first().map_or("", |twin| &twin.system);
        let own = folder.join(format!("twins/{system}-{}", number + 1));
        std::fs::create_dir_all(&own).map_err(|error| format!("{}: {error}", own.display()))?;
        let cases = group.written(root, &own)?;
        std::fs::write(own.with_extension("cases"), cases)
            .map_err(|error| format!("{}: {error}", own.display()))?;
    }
    Ok(())
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
