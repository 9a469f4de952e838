//! `whoami`: as whom the program runs, as the kernel has it.

use super::{Findings, Judge, Scope};
use crate::fact::accounts::Accounts;
use crate::fact::answer::{Blocked, Seen, account_questions};
use crate::fact::process::Process;
use crate::fact::question::Question;
use crate::text::matcher::names::Names;
use crate::text::matcher::{Miss, listed};
use crate::text::planned::Planned;
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
        exec: Planned,
        /// Whether only the main process is meant (the default) or all.
        processes: Option<Which>,
    }
}

impl Judge for Whoami {
    const SCOPE: Scope = Scope::Running;

    fn questions(&self) -> Vec<Question> {
        account_questions()
            .into_iter()
            .chain([Question::Processes])
            .collect()
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let (accounts, processes) = (seen.accounts()?, seen.processes()?);
        let main = seen.main_process()?;
        findings.saw(format!(
            "{} as {}",
            main.shown(),
            accounts.show_user(main.uids[1])
        ));
        match self.processes {
            Some(Which::All) => processes
                .all
                .iter()
                .for_each(|p| self.one(p, &accounts, true, findings)),
            _ => self.one(main, &accounts, false, findings),
        }
        Ok(())
    }
}

impl Whoami {
    fn one(&self, process: &Process, accounts: &Accounts, named: bool, findings: &mut Findings) {
        let what = |field: &str| match named {
            true => format!("{field} of {} (process {})", process.shown(), process.pid),
            false => field.to_owned(),
        };
        let (uid, gid) = (process.uids[1], process.gids[1]);
        let note = impostor(process, accounts);
        let mut check = |span: Span, field: &str, miss: Option<Miss>| match &note {
            Some(note) => findings.check_with(span, what(field), miss, note),
            None => findings.check(span, what(field), miss),
        };
        if let Some(user) = &self.user {
            let right = names_number(
                &user.value,
                uid,
                accounts.user(uid).map(|u| u.name.as_str()),
            );
            let shown = match right && note.is_some() {
                true => format!("{} for now only", accounts.show_user(uid)),
                false => accounts.show_user(uid),
            };
            // One that can become another again is not that user.
            let miss = (!right || note.is_some()).then(|| Miss::new(&user.value, shown));
            check(user.span, "user", miss);
        }
        if let Some(wanted) = &self.uid {
            let miss = (wanted.value != uid)
                .then(|| Miss::new(wanted.value.to_string(), accounts.show_user(uid)));
            check(wanted.span, "uid", miss);
        }
        if let Some(wanted) = &self.gid {
            let right = names_number(
                &wanted.value,
                gid,
                accounts.group(gid).map(|g| g.name.as_str()),
            );
            let miss = (!right).then(|| Miss::new(&wanted.value, accounts.show_group(gid)));
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

/// Whether a name or number written in a suite is that number or its name.
pub(super) fn names_number(written: &str, number: u32, name: Option<&str>) -> bool {
    name == Some(written) || written == number.to_string()
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
        if written.contains(&&number) {
            number
        } else {
            name.unwrap_or(number)
        }
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
