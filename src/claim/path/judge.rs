//! What is asked of a path, and how it is compared.

use sha2::{Digest as _, Sha256};

use super::access::Who;
use super::at::{At, parents};
use super::{Path, PathFields, letters, shown};
use crate::claim::whoami::names_number;
use crate::claim::{Findings, Judge, Scope};
use crate::fact::accounts::Accounts;
use crate::fact::answer::{Blocked, Seen, account_questions};
use crate::fact::path::{Kind, Stat};
use crate::fact::question::Question;
use crate::text::matcher::texts::cut::Cut;
use crate::text::matcher::{Miss, quote};
use crate::text::units::{Bytes, Mode};

/// Most bytes that are read of a file.
const MOST: u64 = 16 << 20;

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
                if fields.wants_access() {
                    asked.extend(parents(path).map(|folder| stat(folder, true)));
                }
            }
            At::Glob(_, glob) => {
                asked.push(Question::Walk {
                    root: glob.root.clone(),
                    depth: glob.depth,
                });
                if fields.wants_access() {
                    let root = glob.root.as_str();
                    asked.extend(parents(root).chain([root]).map(|folder| stat(folder, true)));
                }
            }
        }
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
                    Some(_) => Miss::new("something there", "the link leads to nothing"),
                    None => Miss::new("something there", "nothing"),
                };
                let span = self.exists.as_ref().map_or(self.at.span, |e| e.span);
                findings.check(span, path, Some(miss));
                Ok(())
            }
            Some(stat) => {
                self.judge_stat(path, stat, accounts, findings);
                let content = self.judge_content(path, followed, seen, findings);
                let access = match followed {
                    Some(stat) => self.judge_access(path, stat, accounts, findings, |folder| {
                        let known = seen.stat(folder, true)?.cloned();
                        known.ok_or_else(|| unknown(folder))
                    }),
                    None if self.wants_access() => {
                        let miss = Miss::new("something there", "the link leads to nothing");
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
        let (user, group) = (accounts.user(stat.uid), accounts.group(stat.gid));
        if let Some(owner) = &self.owner {
            let right = names_number(&owner.value, stat.uid, user.map(|u| u.name.as_str()));
            let miss = (!right).then(|| Miss::new(&owner.value, accounts.explain_user(stat.uid)));
            findings.check(owner.span, what("owner"), miss);
        }
        if let Some(wanted) = &self.group {
            let right = names_number(&wanted.value, stat.gid, group.map(|g| g.name.as_str()));
            let miss = (!right).then(|| Miss::new(&wanted.value, accounts.explain_group(stat.gid)));
            findings.check(wanted.span, what("group"), miss);
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

    fn judge_content(
        &self,
        path: &str,
        stat: Option<&Stat>,
        seen: Seen<'_>,
        findings: &mut Findings,
    ) -> Result<(), Blocked> {
        let Some(span) = self.wants_content() else {
            return Ok(());
        };
        let what = |field: &str| format!("{path} {field}");
        let kind = stat.map(|stat| stat.kind);
        if let Some(other) = kind.filter(|kind| *kind != Kind::File) {
            let miss = Miss::new("a file that can be read", format!("a {other}"));
            findings.check(span, what("content"), Some(miss));
            return Ok(());
        }
        let Some(blob) = seen.read(path, MOST)? else {
            let miss = Miss::new("a file that can be read", "nothing");
            findings.check(span, what("content"), Some(miss));
            return Ok(());
        };
        if blob.is_cut() {
            let (total, most) = (Bytes(blob.total), Bytes(MOST));
            let why = format!("{path} holds {total}, and at most {most} of a file are read");
            let content = self.content.as_ref();
            let rest = self.json.is_some() || self.sha256.is_some();
            return match content.map(|c| (c.span, c.value.cut(&blob.text()))) {
                Some((span, Cut::Misses(miss))) => {
                    findings.check_with(span, what("content"), Some(miss), why);
                    Ok(())
                }
                Some((_, Cut::Holds)) if !rest => Ok(()),
                _ => Err(Blocked::Unseen(why)),
            };
        }
        if let Some(content) = &self.content {
            let miss = content.value.miss(&blob.text());
            findings.check(content.span, what("content"), miss);
        }
        if let Some(json) = &self.json {
            for (span, miss) in json.misses_in(&blob.text()) {
                findings.check(span, what("json"), Some(miss));
            }
        }
        if let Some(sha256) = &self.sha256 {
            let digest = Sha256::digest(&blob.bytes);
            let actual: String = digest.iter().map(|b| format!("{b:02x}")).collect();
            let miss = (sha256.value.0 != actual).then(|| Miss::new(&sha256.value.0, &actual));
            findings.check(sha256.span, what("sha256"), miss);
        }
        Ok(())
    }

    pub(super) fn judge_access(
        &self,
        path: &str,
        stat: &Stat,
        accounts: &Accounts,
        findings: &mut Findings,
        folder: impl Fn(&str) -> Result<Stat, Blocked>,
    ) -> Result<(), Blocked> {
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
                let miss = match (may, barrier) {
                    (true, Some(barrier)) => Miss::new(format!("{} may write", who.name), barrier),
                    (false, None) => {
                        let actual = format!("may write to it ({})", shown(stat, accounts));
                        Miss::new(format!("{} may not write", who.name), actual)
                    }
                    _ => continue,
                };
                findings.check(rule.span, &what, Some(miss));
            }
        }
        Ok(())
    }
}

/// That a folder which must be there was not seen.
pub(super) fn unknown(folder: &str) -> Blocked {
    Blocked::Unseen(format!("what stands at {folder} could not be seen"))
}
