//! `exec`: a command run in the container as `docker exec` would run it.

use serde_json::{Value as Json, json};

use super::{Finding, Findings, Judge, Scope};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::blob::Blob;
use crate::fact::command::{Command, End, Ran};
use crate::fact::question::Question;
use crate::record;
use crate::text::matcher::bound::Bound;
use crate::text::matcher::texts::TextMatch;
use crate::text::matcher::texts::cut::Cut;
use crate::text::matcher::{Miss, quote};
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::signal::Signal;
use crate::text::source::Spanned;
use crate::text::tree::Node;
use crate::text::units::{Bytes, Time, show_time};
use crate::text::words::{CommandLine, operator};

record! {
    /// A command run in the container, and what must come of it.
    pub struct Exec (short command) {
        /// Program and arguments as a list, or as a text that is split at spaces. No shell is
        /// involved unless it is named.
        command: Spanned<Program>,
        /// As whom it runs: a name or number, with `:` and a group if need be. The container's own
        /// user without it.
        user: Option<String>,
        /// The folder it runs in; the container's own without it.
        workdir: Option<String>,
        /// Variables that are set for it beside the container's own, or with `null` unset.
        environment: Variables,
        /// What it reads from its standard input, which is empty without it.
        stdin: Option<String>,
        /// How long it may take (30s without it); then it is killed and the claim fails.
        timeout: Option<Time>,
        /// Its exit code (0 without it); 128 and the signal's number where a signal ended it.
        code: Option<Spanned<Bound<i64>>>,
        /// What it writes to its standard output.
        stdout: Option<Spanned<TextMatch>>,
        /// What it writes to its standard error.
        stderr: Option<Spanned<TextMatch>>,
    }
}

/// A command line that names a program.
#[derive(Debug, Clone)]
pub struct Program(pub Vec<String>);

impl Read for Program {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let CommandLine(words) = CommandLine::read(node, reader)?;
        if let Some(text) = node.text()
            && let Some(found) = operator(text)
        {
            let message =
                format!("`{found}` is an operator of a shell, and no shell is named here");
            let said = reader.say(node.span, message);
            let through = match text.contains('"') {
                true => format!("[sh, -c, '{}']", text.replace('\'', "''")),
                false => format!("[sh, -c, \"{text}\"]"),
            };
            let through = match through.len() < 100 && !text.contains(['\n', '\\']) {
                true => through,
                false => "[sh, -c, \"…\"]".to_owned(),
            };
            said.help(format!(
                "have a shell run it: `{through}`; as an argument it stands in quotes or in a list"
            ));
            return None;
        }
        match words.first() {
            Some(program) if !program.is_empty() => Some(Self(words)),
            _ => reader.wrong(node, "a command that names a program"),
        }
    }
    fn schema(schemas: &mut Schemas) -> Json {
        CommandLine::schema(schemas)
    }
}

/// Variables by name; `None` where one is to be unset.
#[derive(Debug, Clone, Default)]
pub struct Variables(pub Vec<(String, Option<String>)>);

impl Read for Variables {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let Some(entries) = node.entries() else {
            return reader.wrong(node, "a map of name to text");
        };
        let mut all = Vec::new();
        for entry in entries {
            let value = match entry.value.is_null() {
                true => None,
                false => Some(String::read(&entry.value, reader)?),
            };
            all.push((entry.key.value.clone(), value));
        }
        Some(Self(all))
    }
    fn absent() -> Option<Self> {
        Some(Self::default())
    }
    fn schema(_: &mut Schemas) -> Json {
        let text = json!({ "type": ["string", "number", "boolean", "null"] });
        json!({ "type": "object", "additionalProperties": text })
    }
}

/// How long a command may take where the suite does not say.
const TIMEOUT_MILLIS: u64 = 30_000;
/// Lines of each stream that a failure shows.
const SHOWN: usize = 8;

impl Judge for Exec {
    const SCOPE: Scope = Scope::Running;

    fn questions(&self) -> Vec<Question> {
        vec![Question::Run(self.to_run())]
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let ran = seen.ran(&self.to_run())?;
        let first = findings.misses.len();
        let settled = self.compare(ran, findings);
        evidence(&mut findings.misses[first..], ran);
        settled
    }
}

impl Exec {
    fn to_run(&self) -> Command {
        let millis = |time: Time| u64::try_from(time.0.as_millis()).unwrap_or(u64::MAX);
        Command {
            argv: self.command.value.0.clone(),
            user: self.user.clone(),
            workdir: self.workdir.clone(),
            environment: self.environment.0.clone(),
            stdin: self.stdin.clone(),
            timeout_millis: self.timeout.map_or(TIMEOUT_MILLIS, millis),
        }
    }

    fn compare(&self, ran: &Ran, findings: &mut Findings) -> Result<(), Blocked> {
        let at = self.command.span;
        let shown = quote(&self.command.value.0.join(" "));
        let (code, by) = match &ran.end {
            End::Code(code) => (i64::from(*code), None),
            End::Signal(number) => (i64::from(Signal(*number).code()), Some(Signal(*number))),
            End::NotStarted(why) => {
                let miss = Miss::new(format!("{shown} to run"), format!("not started: {why}"));
                findings.check(at, "exec", Some(miss));
                return Ok(());
            }
            End::TimedOut => {
                let limit = std::time::Duration::from_millis(self.to_run().timeout_millis);
                let expected = format!("{shown} to end within {}", show_time(limit));
                let miss = Miss::new(expected, "still running then, so it was killed");
                findings.check(at, "exec", Some(miss));
                return Ok(());
            }
        };
        let zero = Spanned {
            span: at,
            value: Bound::exactly(0),
        };
        let expected = self.code.as_ref().unwrap_or(&zero);
        let miss = expected.value.miss(&code);
        match (&miss, by) {
            (None, _) => findings.saw(format!("{shown} ended with code {code}")),
            (Some(_), None) => findings.check(expected.span, "exit code", miss),
            (Some(_), Some(by)) => {
                let note = format!("{by} ended it");
                findings.check_with(expected.span, "exit code", miss, note);
            }
        }
        let streams = [
            ("stdout", &self.stdout, &ran.stdout),
            ("stderr", &self.stderr, &ran.stderr),
        ];
        let mut unsure = None;
        for (name, expected, blob) in streams {
            let Some(expected) = expected else { continue };
            let text = blob.text();
            match blob.is_cut().then(|| expected.value.cut(&text)) {
                None => findings.check(expected.span, name, expected.value.miss(&text)),
                Some(Cut::Misses(miss)) => {
                    findings.check_with(expected.span, name, Some(miss), kept(name, blob));
                }
                Some(Cut::Open) => {
                    unsure = Some(format!("{}, so the rest is not known", kept(name, blob)));
                }
                Some(Cut::Holds) => {}
            }
        }
        match unsure {
            Some(why) if findings.misses.is_empty() => Err(Blocked::Unseen(why)),
            _ => Ok(()),
        }
    }
}

fn kept(stream: &str, blob: &Blob) -> String {
    format!(
        "only the first {} of {stream}'s {} were kept",
        Bytes(blob.bytes.len() as u64),
        Bytes(blob.total)
    )
}

/// Shows behind the last miss the beginning of what the command wrote, but for streams that a miss itself shows.
fn evidence(misses: &mut [Finding], ran: &Ran) {
    for (name, blob) in [("stderr", &ran.stderr), ("stdout", &ran.stdout)] {
        let is_shown = misses.iter().any(|miss| miss.what == name);
        let Some(last) = misses.last_mut().filter(|_| !is_shown) else {
            continue;
        };
        let text = blob.text();
        let mut lines = text.lines();
        let head = lines.by_ref().take(SHOWN).map(quote);
        last.notes
            .extend(head.map(|line| format!("{name}: {line}")));
        match lines.count() {
            0 => {}
            more => last.notes.push(format!("{name}: and {more} more lines")),
        }
    }
}

#[cfg(test)]
mod tests;
