//! What the ignore file lists.

use std::collections::BTreeSet;

use super::View;
use crate::claim::Findings;
use crate::record;
use crate::text::ignore::Ignore;
use crate::text::matcher::Miss;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::{Span, Spanned};
use crate::text::tree::Node;

record! {
    /// The entries of the ignore file that is applied.
    pub struct IgnoresFields {
        /// These and no others.
        exactly: Option<Spanned<Vec<String>>>,
        /// So many different ones.
        at_least: Option<Spanned<u64>>,
    }
}

/// What the ignore file is to list.
#[derive(Debug, Clone)]
pub struct Ignores {
    fields: IgnoresFields,
    exactly: Vec<Line>,
}

/// An entry as the builder reads it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Line(String);

impl Read for Ignores {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let fields = IgnoresFields::read(node, reader)?;
        if fields.exactly.is_none() && fields.at_least.is_none() {
            return reader.wrong(node, "`exactly: [ENTRY, …]` or `at_least: NUMBER`");
        }
        let mut exactly = Vec::new();
        if let Some(written) = &fields.exactly {
            if written.value.is_empty() {
                let message = "`exactly` lists no entry";
                let help = "name the entries, or claim what the builder is sent: `build_context: { sends: [GLOB] }`";
                reader.say(written.span, message).help(help);
                return None;
            }
            for entry in &written.value {
                match Ignore::parse(entry.as_bytes()) {
                    Ok(ignore) if ignore.rules().len() == 1 => exactly.extend(lines(&ignore)),
                    Ok(_) => {
                        let message = format!("`{entry}` is no entry of an ignore file");
                        reader.say(written.span, message);
                    }
                    Err(bad) => {
                        reader.say(written.span, format!("`{entry}`: {}", bad.why));
                    }
                }
            }
        }
        Some(Self { fields, exactly })
    }
    fn schema(schemas: &mut Schemas) -> serde_json::Value {
        IgnoresFields::schema(schemas)
    }
}

fn lines(ignore: &Ignore) -> Vec<Line> {
    let rules = ignore.rules().iter();
    rules
        .map(|rule| {
            Line(format!(
                "{}{}",
                if rule.negated { "!" } else { "" },
                rule.pattern
            ))
        })
        .collect()
}

impl Ignores {
    pub(super) fn judge(&self, span: Span, view: &View<'_>, findings: &mut Findings) {
        let Some(file) = &view.context.ignore else {
            let miss = Miss::new("an ignore file", "none");
            let note = format!("there is no .dockerignore in {}", view.context.folder);
            findings.check_with(span, "ignores", Some(miss), note);
            return;
        };
        let actual = lines(&view.rules);
        let different: BTreeSet<&Line> = actual.iter().collect();
        if let Some(wanted) = &self.fields.at_least {
            let count = different.len() as u64;
            let miss = (count < wanted.value).then(|| {
                let expected = format!("at least {} entries", wanted.value);
                Miss::new(expected, format!("{count} in {}", file.name))
            });
            findings.compare(wanted.span, "ignores", miss, format!("{count} entries"));
        }
        if let Some(wanted) = &self.fields.exactly {
            let miss = self.difference(&actual, &file.name);
            let seen = format!("exactly the {} entries of {}", different.len(), file.name);
            findings.compare(wanted.span, "ignores", miss, seen);
        }
    }

    /// Where a line takes something back their order counts too.
    fn difference(&self, actual: &[Line], file: &str) -> Option<Miss> {
        let wanted: BTreeSet<&Line> = self.exactly.iter().collect();
        let found: BTreeSet<&Line> = actual.iter().collect();
        let named = |lines: Vec<&&Line>| -> String {
            let names: Vec<String> = lines.iter().map(|line| format!("`{}`", line.0)).collect();
            names.join(", ")
        };
        let lacks = named(wanted.difference(&found).collect());
        let has = named(found.difference(&wanted).collect());
        let ordered = actual.iter().any(|line| line.0.starts_with('!'));
        let actual = match (lacks.is_empty(), has.is_empty()) {
            (true, true) if ordered && self.exactly != actual => {
                format!("{file} has them in another order, and with a `!` among them that counts")
            }
            (true, true) => return None,
            (false, true) => format!("{file} lacks {lacks}"),
            (true, false) => format!("{file} also has {has}"),
            (false, false) => format!("{file} lacks {lacks} and has {has}"),
        };
        let expected = named(self.exactly.iter().collect::<Vec<_>>().iter().collect());
        Some(Miss::new(format!("exactly {expected}"), actual))
    }
}
