//! Every path that matches a pattern, judged by what a walk saw of it.

use std::collections::HashMap;

use super::PathFields;
use super::judge::unknown;
use crate::claim::Findings;
use crate::fact::accounts::Accounts;
use crate::fact::answer::{Blocked, Seen};
use crate::fact::linked::{Branch, Linked};
use crate::fact::path::{Kind, Stat};
use crate::text::glob::Glob;
use crate::text::matcher::Miss;

/// Most misses that are named one by one.
const NAMED: usize = 20;

impl PathFields {
    /// Judges each match; none is a failure unless none is claimed.
    pub(super) fn judge_glob(
        &self,
        glob: &Glob,
        accounts: &Accounts,
        seen: Seen<'_>,
        findings: &mut Findings,
    ) -> Result<(), Blocked> {
        let walk = seen.walk(&glob.root, glob.depth)?;
        let nothing = Linked::default();
        let linked = match Branch::of(glob).may_lead_on() {
            true => seen.linked(&glob.text)?,
            false => &nothing,
        };
        let whole = || {
            let seen = walk.seen_whole().and_then(|()| linked.seen_whole());
            seen.map_err(Blocked::Unseen)
        };
        let at = &self.at;
        let own = walk.entries.iter().filter(|e| glob.matches(&e.path));
        let matching = own.chain(&linked.found);
        let first = findings.misses.len();
        // What a link leads to comes over the link itself.
        let stats = walk
            .entries
            .iter()
            .chain(&linked.found)
            .chain(&linked.above);
        let stats = stats.map(|e| (e.path.as_str(), &e.stat));
        let stats: HashMap<&str, &Stat> = stats.collect();
        let (mut count, mut links) = (0_usize, 0_usize);
        let mut each = Findings::default();
        let mut blocked = Ok(());
        for entry in matching {
            count += 1;
            self.judge_stat(&entry.path, &entry.stat, accounts, &mut each);
            if entry.stat.kind == Kind::Link {
                links += 1;
                continue;
            }
            let access = self.judge_access(
                &entry.path,
                &entry.stat,
                accounts,
                (seen, &mut each),
                |folder| match stats.get(folder) {
                    Some(stat) => Ok((*stat).clone()),
                    None => seen
                        .stat(folder, true)?
                        .cloned()
                        .ok_or_else(|| unknown(folder)),
                },
            );
            blocked = blocked.and(access);
        }
        let more = each.misses.len().saturating_sub(NAMED);
        findings.misses.extend(each.misses.into_iter().take(NAMED));
        if let (1.., Some(last)) = (more, findings.misses.last_mut()) {
            last.notes
                .push(format!("and {more} more like this below {}", glob.root));
        }
        if count == 0 && !self.is_absent() && whole().is_ok() {
            let miss = Miss::new("something that matches", "nothing");
            findings.check(at.span, at.value.text(), Some(miss));
        }
        if findings.misses.len() > first {
            return Ok(());
        }
        blocked.and_then(|()| whole())?;
        if self.wants_access() && links == count {
            let why = format!("all that {} matches are links", at.value.text());
            return Err(Blocked::Unseen(format!(
                "{why}, whose own bits say nothing"
            )));
        }
        findings.saw(format!("{count} paths match {}", at.value.text()));
        Ok(())
    }
}
