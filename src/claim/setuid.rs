//! `setuid`: files that give more rights to who runs them.

use serde_json::{Value as Json, json};

use super::path::At;
use super::{Findings, Judge, Scope};
use crate::fact::accounts::Accounts;
use crate::fact::answer::{Blocked, Seen, account_questions};
use crate::fact::privilege::{FileCapabilities, Privileged, PrivilegedFile, SETGID, SETUID};
use crate::fact::question::Question;
use crate::fact::security;
use crate::record;
use crate::text::matcher::{Miss, evident};
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::{Span, Spanned};
use crate::text::tree::Node;

record! {
    /// The files that may have setuid, setgid or capabilities: these, and no others.
    pub struct Only {
        /// Absolute paths or patterns. Each must be met by such a file.
        only: Vec<Spanned<At>>,
    }
}

/// Which files may give rights.
#[derive(Debug, Clone)]
pub struct Setuid {
    span: Span,
    only: Vec<Spanned<At>>,
}

/// The most files that a message lists.
const LISTED: usize = 12;

impl Read for Setuid {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let only = match node.entries() {
            Some(_) => Only::read(node, reader)?.only,
            None if node.text() == Some("none") => Vec::new(),
            None => return reader.wrong(node, "`none`, or `{ only: [PATH] }`"),
        };
        let span = node.span;
        Some(Self { span, only })
    }
    fn schema(schemas: &mut Schemas) -> Json {
        json!({ "anyOf": [{ "enum": ["none"] }, Only::schema(schemas)] })
    }
}

impl Judge for Setuid {
    const SCOPE: Scope = Scope::Files;

    fn questions(&self) -> Vec<Question> {
        let mut questions = vec![Question::Privileged];
        questions.extend(account_questions());
        questions
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let (privileged, accounts) = (seen.privileged()?, seen.accounts()?);
        let meant = |file: &PrivilegedFile| self.only.iter().any(|at| fits(&at.value, &file.path));
        let (known, others): (Vec<_>, Vec<_>) = privileged.files.iter().partition(|f| meant(f));
        if !others.is_empty() {
            let miss = Miss::new(self.expected(), listed(&others, &accounts));
            let note = "who runs such a file gets the rights of its owner, its group, or its capabilities: \
                        take the bits away (`chmod a-s`, `setcap -r`) or list it under `only`";
            findings.check_with(self.span, "setuid", Some(miss), note);
        }
        let whole = whole(privileged);
        for at in &self.only {
            let met = known.iter().any(|file| fits(&at.value, &file.path));
            if met || whole.is_err() {
                continue;
            }
            let path = at.value.text();
            let miss = Miss::new(
                format!("{path} among them"),
                "no such file has these rights",
            );
            findings.check(at.span, "setuid", Some(miss));
        }
        whole?;
        let (count, files) = (known.len(), privileged.looked);
        findings.saw(match count {
            0 => format!("none of {files} files has setuid, setgid or capabilities"),
            _ => format!("{} of {files} files", listed(&known, &accounts)),
        });
        Ok(())
    }
}

impl Setuid {
    fn expected(&self) -> String {
        let names: Vec<&str> = self.only.iter().map(|at| at.value.text()).collect();
        match names.as_slice() {
            [] => "no file with setuid, setgid or capabilities".to_owned(),
            names => format!(
                "no file with setuid, setgid or capabilities but {}",
                names.join(", ")
            ),
        }
    }
}

fn fits(at: &At, path: &str) -> bool {
    match at {
        At::Path(one) => one == path,
        At::Glob(_, glob) => glob.matches(path),
    }
}

/// Whether everything was looked at, without which nothing is known to be absent.
fn whole(seen: &Privileged) -> Result<(), Blocked> {
    let why = match seen.unread.as_slice() {
        [] if seen.cut => "there are more files than are looked at".to_owned(),
        [] => return Ok(()),
        [(path, why), rest @ ..] => {
            let more = match rest.len() {
                0 => String::new(),
                more => format!(", and {more} more could not be looked at"),
            };
            format!("cannot look at {}: {why}{more}", evident(path))
        }
    };
    Err(Blocked::Unseen(why))
}

fn listed(files: &[&PrivilegedFile], accounts: &Accounts) -> String {
    let shown = files.iter().take(LISTED).map(|file| show(file, accounts));
    let shown = shown.collect::<Vec<_>>().join(", ");
    match files.len().saturating_sub(LISTED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// `/usr/bin/su (setuid root)`
fn show(file: &PrivilegedFile, accounts: &Accounts) -> String {
    let stat = &file.stat;
    let mut rights = Vec::new();
    if stat.mode & SETUID != 0 {
        rights.push(format!("setuid {}", accounts.show_user(stat.uid)));
    }
    if stat.mode & SETGID != 0 {
        rights.push(format!("setgid {}", accounts.show_group(stat.gid)));
    }
    if let Some(capabilities) = file.capabilities {
        rights.push(powers(capabilities));
    }
    format!("{} ({})", evident(&file.path), rights.join(", "))
}

fn powers(of: FileCapabilities) -> String {
    let names = security::names(of.permitted | of.inheritable);
    format!("capabilities {}", names.join(" "))
}

#[cfg(test)]
mod tests;
