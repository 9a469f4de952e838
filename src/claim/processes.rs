//! `processes`: what runs in the container, as the kernel has it.

use super::{Findings, Judge, Scope};
use crate::fact::accounts::Accounts;
use crate::fact::answer::{Blocked, Seen, account_questions};
use crate::fact::process::Process;
use crate::fact::question::Question;
use crate::record;
use crate::text::matcher::bound::Bound;
use crate::text::matcher::texts::TextMatch;
use crate::text::matcher::{Miss, evident, listed};
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::{Span, Spanned};
use crate::text::tree::Node;

record! {
    /// What runs in the container, as the kernel has it.
    pub struct Processes {
        /// The main process: its program, or its whole command line.
        main: Option<Spanned<TextMatch>>,
        /// Processes that run, the main one among them.
        running: Option<Spanned<Kinds>>,
        /// Processes that have ended and that nobody took leave of.
        zombies: Option<Spanned<Bound<u64>>>,
    }
}

record! {
    /// Processes of one kind.
    pub struct Kind (short command) {
        /// The program, or the whole command line; any without it.
        command: Option<TextMatch>,
        /// As whom they run: a name or a number, exactly; anyone without it.
        user: Option<String>,
        /// How many there are; at least one where it is not said.
        count: Option<Bound<u64>>,
        /// How many threads each of them has.
        threads: Option<Bound<u64>>,
    }
}

/// Kinds of processes, one or more.
#[derive(Debug, Clone)]
pub struct Kinds(Vec<Spanned<Kind>>);

impl Read for Kinds {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let kinds = Vec::<Spanned<Kind>>::read(node, reader)?;
        let help = "such as `[{ command: nginx, count: 3 }]`";
        if kinds.is_empty() {
            reader
                .say(node.span, "expected at least one kind of process")
                .help(help);
            return None;
        }
        let empty = node.items().unwrap_or_default().iter();
        let empty = empty.filter(|item| item.entries().is_some_and(<[_]>::is_empty));
        let empty: Vec<Span> = empty.map(|item| item.span).collect();
        for span in &empty {
            reader.say(*span, "this says nothing").help(help);
        }
        empty.is_empty().then_some(Self(kinds))
    }
    fn schema(schemas: &mut Schemas) -> serde_json::Value {
        Vec::<Kind>::schema(schemas)
    }
}

impl Judge for Processes {
    const SCOPE: Scope = Scope::Running;

    fn questions(&self) -> Vec<Question> {
        let mut asked = vec![Question::Processes];
        if self.running.is_some() {
            asked.extend(account_questions());
        }
        asked
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let processes = seen.processes()?;
        if let Some(wanted) = &self.main {
            let main = seen.main_process()?;
            let shown = evident(&main.shown());
            let fits = is_called(main, &wanted.value);
            let miss = (!fits).then(|| Miss::new(wanted.value.expected(), &shown));
            findings.compare(wanted.span, "main", miss, shown);
        }
        let (zombies, alive): (Vec<&Process>, Vec<&Process>) = processes
            .all
            .iter()
            .partition(|process| process.is_zombie());
        if let Some(kinds) = &self.running {
            let accounts = seen.accounts()?;
            for kind in &kinds.value.0 {
                kind.value.judge(kind.span, &alive, &accounts, findings);
            }
        }
        if let Some(wanted) = &self.zombies {
            let count = zombies.len() as u64;
            let miss = wanted.value.miss(&count);
            let names = zombies.iter().map(|process| one(process, None));
            let note = shortened(names.collect());
            if miss.is_some() && count > 0 {
                findings.check_with(wanted.span, "zombies", miss, note);
            } else {
                findings.compare(wanted.span, "zombies", miss, count);
            }
        }
        Ok(())
    }
}

impl Kind {
    fn judge(&self, span: Span, alive: &[&Process], accounts: &Accounts, findings: &mut Findings) {
        let called = |p: &&&Process| self.command.as_ref().is_none_or(|c| is_called(p, c));
        let (own, others): (Vec<&Process>, Vec<&Process>) =
            alive.iter().filter(called).copied().partition(|p| {
                self.user
                    .as_ref()
                    .is_none_or(|user| is_of(p, user, accounts))
            });
        let what = self.what();
        let stranger = self.user.as_ref().filter(|u| !accounts.knows_user(u));
        if let Some(user) = stranger {
            let actual = "no such user in /etc/passwd";
            let miss = Miss::new(format!("a user {user}"), actual);
            findings.check(span, &what, Some(miss));
            return;
        }
        let count = own.len() as u64;
        let perhaps = alive.iter().filter(|p| {
            let of = self.user.as_ref();
            let command = self.command.as_ref();
            command.is_some_and(|c| !is_called(p, c) && may_be_called(p, c))
                && of.is_none_or(|user| is_partly(p, user, accounts))
        });
        let perhaps: Vec<&Process> = perhaps.copied().collect();
        // One that is that user in part, or can become it, is not surely nobody of that user's.
        let partly = |p: &&&Process| {
            self.user
                .as_ref()
                .is_some_and(|u| is_partly(p, u, accounts))
        };
        let at_most = count + (others.iter().filter(partly).count() + perhaps.len()) as u64;
        let wanted = self.count.as_ref();
        let both = |bound: &Bound<u64>| bound.holds(&count) && bound.holds(&at_most);
        let holds = wanted.map_or(count > 0, both);
        if holds {
            findings.saw(format!("{what}: {count}"));
        } else {
            let expected = wanted.map_or_else(|| "at least 1".to_owned(), Bound::expected);
            let actual = match at_most == count {
                true => count.to_string(),
                false => format!(
                    "{count}, and {} that are so in part or can be",
                    at_most - count
                ),
            };
            let miss = Some(Miss::new(expected, actual));
            // What was found, else what might have been meant.
            let near = match (own.is_empty(), others.is_empty(), perhaps.is_empty()) {
                (false, ..) => &own,
                (true, false, _) => &others,
                (true, true, false) => &perhaps,
                (true, true, true) => &alive.to_vec(),
            };
            let near = near.iter().map(|p| one(p, Some(accounts))).collect();
            findings.check_with(span, &what, miss, shortened(near));
        }
        let Some(threads) = &self.threads else { return };
        for process in own {
            let miss = threads.miss(&u64::from(process.threads));
            let of = format!("threads of {}", one(process, None));
            findings.compare(span, of, miss, process.threads);
        }
    }

    /// Of what it speaks, for people.
    fn what(&self) -> String {
        let command = match &self.command {
            Some(command) => format!("processes {}", command.expected()),
            None => "processes".to_owned(),
        };
        match &self.user {
            Some(user) => format!("{command} of {user}"),
            None => command,
        }
    }
}

/// Whether it is called so: a plain text is the name of its program, as it was called or as the kernel
/// keeps it, or its whole command line; rules are about the command line.
fn is_called(process: &Process, wanted: &TextMatch) -> bool {
    let line = process.shown();
    match wanted {
        TextMatch::Equals(name) => {
            process.program() == Some(name) || process.name == *name || wanted.holds(&line)
        }
        TextMatch::Rules(_) => wanted.holds(&line),
    }
}

/// How many characters of a program's name the kernel keeps.
const KEPT: usize = 15;

/// Whether it may be called so: of a longer name the kernel keeps the beginning, and a process may have
/// written another one over its command line.
fn may_be_called(process: &Process, wanted: &TextMatch) -> bool {
    let TextMatch::Equals(name) = wanted else {
        return false;
    };
    name.len() > KEPT && process.name.len() == KEPT && name.starts_with(&process.name)
}

/// Whether it is that user's with all its threads, and cannot become another's again.
fn is_of(process: &Process, user: &str, accounts: &Accounts) -> bool {
    process.views().all(|(_, view)| {
        let [real, effective, saved, _] = view.uids;
        real == effective && saved == effective && accounts.is_user(user, effective)
    })
}

/// Whether any of its threads has that user as its real, effective or saved one.
fn is_partly(process: &Process, user: &str, accounts: &Accounts) -> bool {
    process.views().any(|(_, view)| {
        let own = view.uids.iter().take(3);
        own.into_iter().any(|uid| accounts.is_user(user, *uid))
    })
}

/// A process for people.
fn one(process: &Process, accounts: Option<&Accounts>) -> String {
    let (pid, shown) = (process.pid, evident(&process.shown()));
    match accounts {
        Some(accounts) => {
            let user = accounts.show_user(process.uids[1]);
            let others = process
                .views()
                .filter(|(_, view)| view.uids != process.uids);
            let others = others.filter_map(|(thread, view)| {
                Some(format!(
                    ", its {} of {}",
                    thread?,
                    accounts.show_user(view.uids[1])
                ))
            });
            let others: String = others.take(NAMED).collect();
            format!("process {pid} of {user}{others}: {shown}")
        }
        None => format!("process {pid}: {shown}"),
    }
}

/// The most processes that a message names.
const NAMED: usize = 8;

fn shortened(mut all: Vec<String>) -> String {
    let more = all.len().saturating_sub(NAMED);
    all.truncate(NAMED);
    if more > 0 {
        all.push(format!("{more} more"));
    }
    format!("there is {}", listed(&all, "and"))
}

#[cfg(test)]
mod tests;
