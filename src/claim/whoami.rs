//! `whoami`: as whom the program runs, as the kernel has it.

use super::{Findings, Judge, Scope, what_of};
use crate::fact::accounts::Accounts;
use crate::fact::answer::{Blocked, Seen, account_questions};
use crate::fact::process::{Process, Processes};
use crate::fact::question::Question;
use crate::text::matcher::names::Names;
use crate::text::matcher::{Miss, listed};
use crate::text::source::{Span, Spanned};
use crate::{record, words};

words! {
    /// Which processes are meant.
    pub enum Which {
        /// The main process alone.
        Main = "main",
        /// Every process of the container.
        All = "all",
    }
}

record! {
    /// As whom the program runs.
    pub struct Whoami (short user) {
        /// A name or a number, exactly.
        user: Option<Spanned<String>>,
        /// The user's number.
        uid: Option<Spanned<u32>>,
        /// A group's name or number: the process's own group.
        gid: Option<Spanned<String>>,
        /// Names or numbers of all its groups.
        groups: Option<Spanned<Names<String>>>,
        /// Whom `docker exec` would be.
        exec: Option<Spanned<String>>,
        /// Whether only the main process is meant (the default) or all.
        processes: Option<Which>,
    }
}

impl Judge for Whoami {
    const SCOPE: Scope = Scope::Running;

    fn questions(&self) -> Vec<Question> {
        let own = self.is_of_processes().then_some(Question::Processes);
        let exec = self.exec.as_ref().map(|_| Question::ExecUser);
        let asked = account_questions().into_iter().chain(own).chain(exec);
        asked.collect()
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let accounts = seen.accounts()?;
        if self.is_of_processes() {
            let main = seen.main_process()?;
            self.judge_processes(&accounts, seen.processes()?, main, findings);
        }
        match &self.exec {
            Some(wanted) => judge_exec(wanted, &accounts, seen.exec_user()?, findings),
            None if !self.is_of_processes() => {
                let why = "nothing is claimed of who it is";
                return Err(Blocked::Unseen(why.to_owned()));
            }
            None => {}
        }
        Ok(())
    }
}

/// Whether what is executed without a user runs as that one.
fn judge_exec(
    wanted: &Spanned<String>,
    accounts: &Accounts,
    seen: &Result<Process, String>,
    findings: &mut Findings,
) {
    let process = match seen {
        Ok(process) => process,
        Err(why) => {
            let actual = format!("the engine starts nothing in it: {why}");
            let miss = Miss::new(&wanted.value, actual);
            findings.check(wanted.span, "exec", Some(miss));
            return;
        }
    };
    let uid = process.uids[1];
    let shown = accounts.explain_user(uid);
    let miss = (!accounts.is_user(&wanted.value, uid)).then(|| Miss::new(&wanted.value, &shown));
    findings.compare(wanted.span, "exec", miss, format!("as {shown}"));
}

impl Whoami {
    /// Whether anything is claimed of what runs.
    fn is_of_processes(&self) -> bool {
        let numbers = self.uid.is_some() || self.gid.is_some() || self.groups.is_some();
        self.user.is_some() || numbers
    }

    fn judge_processes(
        &self,
        accounts: &Accounts,
        processes: &Processes,
        main: &Process,
        findings: &mut Findings,
    ) {
        findings.saw(format!(
            "{} as {}",
            main.shown(),
            accounts.show_user(main.uids[1])
        ));
        match self.processes {
            Some(Which::All) => processes
                .all
                .iter()
                .for_each(|p| self.whole(p, accounts, true, findings)),
            _ => self.whole(main, accounts, false, findings),
        }
    }

    /// Judges a process by each of its threads that is somebody else.
    fn whole(&self, process: &Process, accounts: &Accounts, named: bool, findings: &mut Findings) {
        let name = named.then(|| format!("{} (process {})", process.shown(), process.pid));
        for (thread, view) in process.views() {
            let of = match (&thread, &name) {
                (Some(thread), Some(name)) => Some(format!("{thread} of {name}")),
                _ => thread.or_else(|| name.clone()),
            };
            self.one(view, accounts, of.as_deref(), findings);
        }
    }

    fn one(
        &self,
        process: &Process,
        accounts: &Accounts,
        of: Option<&str>,
        findings: &mut Findings,
    ) {
        let what = |field: &str| what_of(field, of);
        let (uid, gid) = (process.uids[1], process.gids[1]);
        let note = impostor(process, accounts);
        let mut check = |span: Span, field: &str, miss: Option<Miss>| match &note {
            Some(note) => findings.check_with(span, what(field), miss, note),
            None => findings.check(span, what(field), miss),
        };
        if let Some(user) = &self.user {
            let right = accounts.is_user(&user.value, uid);
            let shown = match right && note.is_some() {
                true => format!("{} for now only", accounts.show_user(uid)),
                false => accounts.explain_user(uid),
            };
            // One that can become another again is not that user.
            let miss = (!right || note.is_some()).then(|| Miss::new(&user.value, shown));
            check(user.span, "user", miss);
        }
        if let Some(wanted) = &self.uid {
            let miss = (wanted.value != uid)
                .then(|| Miss::new(wanted.value.to_string(), accounts.explain_user(uid)));
            check(wanted.span, "uid", miss);
        }
        if let Some(wanted) = &self.gid {
            let right = accounts.is_group(&wanted.value, gid);
            let miss = (!right).then(|| Miss::new(&wanted.value, accounts.explain_group(gid)));
            check(wanted.span, "gid", miss);
        }
        if let Some(wanted) = &self.groups {
            let mut numbers = vec![gid];
            numbers.extend(process.groups.iter().filter(|g| **g != gid));
            check(
                wanted.span,
                "groups",
                groups_miss(&wanted.value, &numbers, accounts),
            );
        }
    }
}

/// Why the groups of these numbers are not as expected; each is shown by name, or by number where
/// the suite writes the number or no group has it.
pub(super) fn groups_miss(
    wanted: &Names<String>,
    numbers: &[u32],
    accounts: &Accounts,
) -> Option<Miss> {
    let written: Vec<&String> = wanted
        .holds
        .iter()
        .chain(wanted.only.iter().flatten())
        .chain(&wanted.without)
        .collect();
    let shown = |gid: &u32| {
        let name = accounts.group(*gid).map(|g| g.name.clone());
        let number = gid.to_string();
        // Several groups may have the number: the one that is written is meant.
        let own = written.iter().find(|name| accounts.is_group(name, *gid));
        own.map(|name| (*name).clone()).or(name).unwrap_or(number)
    };
    wanted.miss(&numbers.iter().map(shown).collect::<Vec<_>>())
}

/// Says where real, effective and saved users differ: such a process can become another.
fn impostor(process: &Process, accounts: &Accounts) -> Option<String> {
    let [real, effective, saved, _] = process.uids;
    if real == effective && saved == effective {
        return None;
    }
    let words: Vec<String> = [("real", real), ("effective", effective), ("saved", saved)]
        .map(|(word, uid)| format!("{word} user {}", accounts.show_user(uid)))
        .into();
    Some(listed(&words, "and"))
}

#[cfg(test)]
mod tests;
