//! Whether a user may write, by what the kernel said and by owner and mode.

use super::access::Who;
use super::{PathFields, shown};
use crate::claim::Findings;
use crate::fact::accounts::Accounts;
use crate::fact::answer::{Blocked, Seen};
use crate::fact::path::{Attempts, Stat};
use crate::text::matcher::{Miss, quote};

impl PathFields {
    pub(super) fn judge_access(
        &self,
        path: &str,
        stat: &Stat,
        accounts: &Accounts,
        (seen, findings): (Seen<'_>, &mut Findings),
        folder: impl Fn(&str) -> Result<Stat, Blocked>,
    ) -> Result<(), Blocked> {
        // What could not be told of one takes nothing from what was seen of another.
        let mut blocked = Ok(());
        for (rule, may) in [(&self.writable_by, true), (&self.not_writable_by, false)] {
            let Some(rule) = rule else { continue };
            let what = match may {
                true => format!("{path} writable_by"),
                false => format!("{path} not_writable_by"),
            };
            for written in &rule.value.0 {
                let Some(who) = Who::find(written, accounts) else {
                    let actual = "/etc/passwd has no such user";
                    let miss = Miss::new(format!("a user {}", quote(written)), actual);
                    findings.check(rule.span, &what, Some(miss));
                    continue;
                };
                let barrier = who.barrier(path, stat, accounts, &folder)?;
                let attempt = seen.may_write(self.at.value.text(), written)?;
                let told = match tell(path, barrier, attempt, &shown(stat, accounts)) {
                    Ok(told) => told,
                    Err(why) => {
                        blocked = blocked.and(Err(why));
                        continue;
                    }
                };
                let miss = match (may, told) {
                    (true, Err(why)) => Miss::new(format!("{} may write", who.name), why),
                    (false, Ok(how)) => Miss::new(format!("{} may not write", who.name), how),
                    _ => continue,
                };
                findings.check(rule.span, &what, Some(miss));
            }
        }
        blocked
    }

    /// Those of whom it is claimed whether they may write.
    pub(super) fn writers(&self) -> impl Iterator<Item = &str> {
        let rules = [&self.writable_by, &self.not_writable_by];
        let rules = rules.into_iter().flatten();
        rules.flat_map(|rule| rule.value.0.iter().map(String::as_str))
    }
}

/// How a user may write, or what keeps them from it: the kernel's own word where it was asked, with what
/// owner and mode let one expect where that differs.
fn tell(
    path: &str,
    barrier: Option<String>,
    attempt: &Attempts,
    stat: &str,
) -> Result<Result<String, String>, Blocked> {
    let tried = match attempt {
        Attempts::Tried(tried) => tried,
        Attempts::NoUser(why) => {
            return Ok(Err(format!(
                "the engine starts nothing as that user: {why}"
            )));
        }
        Attempts::Untried => {
            return Ok(match barrier {
                Some(barrier) => Err(barrier),
                None => Ok(format!("may write to it ({stat})")),
            });
        }
    };
    let Some(refused) = tried.get(path) else {
        return Err(Blocked::Unseen(format!(
            "whether {path} can be written could not be tried: it is gone meanwhile, or its name is no UTF-8"
        )));
    };
    Ok(match (refused, barrier) {
        (None, None) => Ok(format!("may write to it ({stat})")),
        (None, Some(barrier)) => Ok(format!(
            "the kernel lets them write, though by owner and mode they {barrier}"
        )),
        (Some(_), Some(barrier)) => Err(barrier),
        (Some(why), None) => Err(format!(
            "the kernel refuses it ({why}), though by owner and mode they may write to it ({stat})"
        )),
    })
}
