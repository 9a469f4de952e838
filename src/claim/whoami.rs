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
        // One that can become another again is not that user, however it is written, nor of that group.
        let other_user = other("user", process.uids, |id| accounts.show_user(id));
        let other_group = other("group", process.gids, |id| accounts.show_group(id));
        let mut check =
            |span: Span, field: &str, miss: Option<Miss>, note: &Option<String>| match note {
                Some(note) => findings.check_with(span, what(field), miss, note),
                None => findings.check(span, what(field), miss),
            };
        let own =
            |wanted: &str, right: bool, other: &Option<String>, plain: String, full: String| {
                let shown = match right && other.is_some() {
                    true => format!("{plain} for now only"),
                    false => full,
                };
                (!right || other.is_some()).then(|| Miss::new(wanted, shown))
            };
        let user = |wanted: &str, right: bool| {
            let (plain, full) = (accounts.show_user(uid), accounts.explain_user(uid));
            own(wanted, right, &other_user, plain, full)
        };
        if let Some(wanted) = &self.user {
            let miss = user(&wanted.value, accounts.is_user(&wanted.value, uid));
            check(wanted.span, "user", miss, &other_user);
        }
        if let Some(wanted) = &self.uid {
            let miss = user(&wanted.value.to_string(), wanted.value == uid);
            check(wanted.span, "uid", miss, &other_user);
        }
        if let Some(wanted) = &self.gid {
            let right = accounts.is_group(&wanted.value, gid);
            let (plain, full) = (accounts.show_group(gid), accounts.explain_group(gid));
            let miss = own(&wanted.value, right, &other_group, plain, full);
            check(wanted.span, "gid", miss, &other_group);
        }
        if let Some(wanted) = &self.groups {
            let [real, effective, saved, _] = process.gids;
            let mut numbers = vec![effective];
            for gid in [real, saved].iter().chain(&process.groups) {
                if !numbers.contains(gid) {
                    numbers.push(*gid);
                }
            }
            let miss = groups_miss(&wanted.value, &numbers, accounts);
            check(wanted.span, "groups", miss, &other_group);
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

/// Says where the real, effective and saved one of a kind differ: such a process can become another.
fn other(kind: &str, ids: [u32; 4], show: impl Fn(u32) -> String) -> Option<String> {
    let [real, effective, saved, _] = ids;
    if real == effective && saved == effective {
        return None;
    }
    let words: Vec<String> = [("real", real), ("effective", effective), ("saved", saved)]
        .map(|(word, id)| format!("{word} {kind} {}", show(id)))
        .into();
    Some(listed(&words, "and"))
}

#[cfg(test)]
mod tests;
