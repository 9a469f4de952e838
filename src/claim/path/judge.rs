//! What is asked of a path, and how it is compared.

use super::at::{At, parents};
use super::content::{HASHED, MOST};
use super::{Path, PathFields, letters, shown};
use crate::claim::{Findings, Judge, Scope};
use crate::fact::accounts::Accounts;
use crate::fact::answer::{Blocked, Seen, account_questions};
use crate::fact::linked::Branch;
use crate::fact::path::Stat;
use crate::fact::question::Question;
use crate::text::matcher::{Miss, quote};
use crate::text::units::{Bytes, Mode};

/// What is said of a dead link, or one of a circle.
const LEADS_NOWHERE: &str = "the link leads to nothing, or in a circle";

impl Judge for Path {
    const SCOPE: Scope = Scope::Files;

    fn questions(&self) -> Vec<Question> {
        let Self(fields) = self;
        let stat = |path: &str, follow| Question::Stat {
            path: path.to_owned(),
            follow,
        };
        let mut asked: Vec<Question> = account_questions().into();
        match &fields.at.value {
            At::Path(path) => {
                asked.extend([stat(path, true), stat(path, false)]);
                if fields.wants_content().is_some() {
                    asked.push(Question::Read {
                        path: path.clone(),
                        most: MOST,
                    });
                }
                if fields.sha256.is_some() {
                    asked.push(Question::Digest {
                        path: path.clone(),
                        most: HASHED,
                    });
                }
                if fields.wants_access() {
                    asked.extend(parents(path).map(|folder| stat(folder, true)));
                }
            }
            At::Glob(_, glob) => {
                asked.push(Question::Walk {
                    root: glob.root.clone(),
                    depth: glob.depth,
                });
                if Branch::of(glob).may_lead_on() {
                    asked.push(Question::Linked {
                        pattern: glob.text.clone(),
                    });
                }
                if fields.wants_access() {
                    let root = glob.root.as_str();
                    asked.extend(parents(root).chain([root]).map(|folder| stat(folder, true)));
                }
            }
        }
        asked.extend(fields.writers().map(|user| Question::MayWrite {
            at: fields.at.value.text().to_owned(),
            user: user.to_owned(),
        }));
        asked
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let Self(fields) = self;
        let accounts = seen.accounts()?;
        match &fields.at.value {
            At::Path(path) => fields.judge_path(path, &accounts, seen, findings),
            At::Glob(_, glob) => fields.judge_glob(glob, &accounts, seen, findings),
        }
    }
}

impl PathFields {
    fn judge_path(
        &self,
        path: &str,
        accounts: &Accounts,
        seen: Seen<'_>,
        findings: &mut Findings,
    ) -> Result<(), Blocked> {
        let (followed, own) = (seen.stat(path, true)?, seen.stat(path, false)?);
        let link = own.and_then(|own| own.target.as_deref());
        let note = link
            .filter(|_| !self.is_of_link())
            .map(|target| format!("{path} is a link to {}", quote(target)));
        let first = findings.misses.len();
        let meant = match self.is_of_link() || self.is_absent() {
            true => own,
            false => followed,
        };
        let blocked = match meant {
            None if self.is_absent() => {
                findings.saw(format!("nothing at {path}"));
                Ok(())
            }
            None => {
                let miss = match link {
                    Some(_) => Miss::new("something there", LEADS_NOWHERE),
                    None => Miss::new("something there", "nothing"),
                };
                let span = self.exists.as_ref().map_or(self.at.span, |e| e.span);
                findings.check(span, path, Some(miss));
                Ok(())
            }
            Some(stat) => {
                self.judge_stat(path, stat, accounts, findings);
                findings.seen.extend(note.clone());
                let content = self.judge_content(path, followed, seen, findings);
                let access = match followed {
                    Some(stat) => {
                        self.judge_access(path, stat, accounts, (seen, findings), |folder| {
                            let known = seen.stat(folder, true)?.cloned();
                            known.ok_or_else(|| unknown(folder))
                        })
                    }
                    None if self.wants_access() => {
                        let miss = Miss::new("something there", LEADS_NOWHERE);
                        findings.check(self.at.span, path, Some(miss));
                        Ok(())
                    }
                    None => Ok(()),
                };
                content.and(access)
            }
        };
        if let Some(note) = note {
            let misses = findings.misses[first..].iter_mut();
            misses.for_each(|miss| miss.notes.push(note.clone()));
        }
        blocked
    }

    pub(super) fn judge_stat(
        &self,
        path: &str,
        stat: &Stat,
        accounts: &Accounts,
        findings: &mut Findings,
    ) {
        if self.is_absent() {
            let span = self.exists.as_ref().map_or(self.at.span, |e| e.span);
            let actual = format!("a {} ({})", stat.kind, shown(stat, accounts));
            findings.check(span, path, Some(Miss::new("nothing there", actual)));
            return;
        }
        findings.saw(format!("{path}: {}", shown(stat, accounts)));
        let what = |field: &str| format!("{path} {field}");
        if let Some(kind) = &self.r#type {
            let miss =
                (kind.value != stat.kind).then(|| Miss::new(kind.value.word(), stat.kind.word()));
            findings.check(kind.span, what("type"), miss);
        }
        if let Some(mode) = &self.mode {
            let miss = (mode.value.0 != stat.mode).then(|| {
                let actual = format!("{} ({})", Mode(stat.mode), letters(stat));
                Miss::new(mode.value.to_string(), actual)
            });
            findings.check(mode.span, what("mode"), miss);
        }
        if let Some(owner) = &self.owner {
            let right = accounts.is_user(&owner.value, stat.uid);
            let miss = (!right).then(|| Miss::new(&owner.value, accounts.explain_user(stat.uid)));
            match accounts.knows_user(&owner.value) {
                true => findings.check(owner.span, what("owner"), miss),
                false => {
                    let note = format!(
                        "there is no user {} in the image's /etc/passwd",
                        owner.value
                    );
                    findings.check_with(owner.span, what("owner"), miss, note);
                }
            }
        }
        if let Some(wanted) = &self.group {
            let right = accounts.is_group(&wanted.value, stat.gid);
            let miss = (!right).then(|| Miss::new(&wanted.value, accounts.explain_group(stat.gid)));
            match accounts.knows_group(&wanted.value) {
                true => findings.check(wanted.span, what("group"), miss),
                false => {
                    let note = format!(
                        "there is no group {} in the image's /etc/group",
                        wanted.value
                    );
                    findings.check_with(wanted.span, what("group"), miss, note);
                }
            }
        }
        if let Some(uid) = &self.uid {
            let miss = (uid.value != stat.uid)
                .then(|| Miss::new(uid.value.to_string(), accounts.explain_user(stat.uid)));
            findings.check(uid.span, what("uid"), miss);
        }
        if let Some(gid) = &self.gid {
            let miss = (gid.value != stat.gid)
                .then(|| Miss::new(gid.value.to_string(), accounts.explain_group(stat.gid)));
            findings.check(gid.span, what("gid"), miss);
        }
        if let Some(size) = &self.size {
            findings.check(size.span, what("size"), size.value.miss(&Bytes(stat.size)));
        }
        if let Some(target) = &self.target {
            let miss = match &stat.target {
                Some(actual) => target.value.miss(actual),
                None => Some(Miss::new(
                    format!("a link to {}", target.value.expected()),
                    format!("a {}", stat.kind),
                )),
            };
            findings.check(target.span, what("target"), miss);
        }
    }
}

/// That a folder which must be there was not seen.
pub(super) fn unknown(folder: &str) -> Blocked {
    Blocked::Unseen(format!("what stands at {folder} could not be seen"))
}
