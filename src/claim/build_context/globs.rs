//! Paths of a context: what is sent of them, and what is not.

use std::collections::HashSet;

use serde_json::{Value as Json, json};

use super::View;
use crate::claim::Findings;
use crate::fact::path::Kind;
use crate::fact::source::Sent;
use crate::text::glob::Glob;
use crate::text::matcher::Miss;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Span;
use crate::text::tree::Node;

/// A path within a context, or a pattern for such. It means what it names and all below that.
#[derive(Debug, Clone)]
pub struct ContextGlob {
    text: String,
    glob: Glob,
}

/// Most paths that are named in a message.
const NAMED: usize = 5;
/// Most paths that are tried in place of a pattern that nothing matches.
const SAMPLES: usize = 16;

impl Read for ContextGlob {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let text = String::read(node, reader)?;
        let parts = text.split('/').filter(|part| !matches!(*part, "" | "."));
        let parts: Vec<&str> = parts.collect();
        if parts.is_empty() || parts.contains(&"..") || text.starts_with('!') {
            return reader.wrong(
                node,
                "a path within the build context, such as docs or **/*.pem",
            );
        }
        let text = parts.join("/");
        let glob = Glob::of(&text, node, reader)?;
        Some(Self { text, glob })
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "type": "string" })
    }
}

impl ContextGlob {
    /// Whether it means the path, by its own name or by that of a folder above.
    fn means(&self, path: &str) -> bool {
        let above = path.match_indices('/').map(|(at, _)| &path[..at]);
        self.glob.matches(path) || above.into_iter().any(|folder| self.glob.matches(folder))
    }

    /// What is sent of it; a folder only where nothing in it is.
    fn sent_of<'a>(&self, view: &'a View<'_>) -> Vec<&'a Sent> {
        let meant = view
            .context
            .sent
            .iter()
            .filter(|sent| self.means(&sent.path));
        let meant: Vec<&Sent> = meant.collect();
        let parents = meant
            .iter()
            .filter_map(|sent| Some(sent.path.rsplit_once('/')?.0));
        let parents: HashSet<&str> = parents.collect();
        let bare =
            |sent: &&Sent| sent.kind != Kind::Directory || !parents.contains(sent.path.as_str());
        meant.into_iter().filter(bare).collect()
    }

    /// Judges that something of it is sent.
    pub(super) fn sent(&self, span: Span, view: &View<'_>, findings: &mut Findings) {
        let sent = self.sent_of(view);
        let what = format!("sends {}", self.text);
        if !sent.is_empty() {
            findings.saw(format!("{}: {}", self.text, told(&sent)));
            return;
        }
        let miss = Miss::new("something that is sent", "nothing");
        let left_out = self.samples().into_iter().find_map(|path| {
            let decision = view.rules.decide(&path);
            decision.line.filter(|_| decision.ignored)
        });
        let note = match left_out {
            Some(line) => format!("{} leaves it out", view.line(line)),
            None => format!("nothing in {} matches", view.context.folder),
        };
        findings.check_with(span, what, Some(miss), note);
    }

    /// Judges that nothing of it is sent. Where nothing there matches, that it would not be.
    pub(super) fn kept(&self, span: Span, view: &View<'_>, findings: &mut Findings) {
        let sent = self.sent_of(view);
        let what = format!("excludes {}", self.text);
        if !sent.is_empty() {
            let miss = Miss::new("nothing that is sent", told(&sent));
            let note = match view.taken_back(&sent) {
                Some(line) => format!("{} takes it back", view.line(line)),
                None => view.no_line("leaves it out"),
            };
            findings.check_with(span, what, Some(miss), note);
            return;
        }
        let there = view.whole.into_iter().flat_map(|whole| &whole.entries);
        if there.into_iter().any(|entry| self.means(&entry.path)) {
            findings.saw(format!("{}: there, and nothing of it is sent", self.text));
            return;
        }
        let samples = self.samples();
        let would = samples.iter().find(|path| view.would_be_sent(path));
        match would {
            None => {
                let line = samples
                    .first()
                    .and_then(|path| view.rules.decide(path).line);
                let why = line.map_or(String::new(), |line| view.line(line));
                let why = format!("{why} would leave it out");
                findings.saw(format!("{}: not there now, and {why}", self.text));
            }
            Some(path) => {
                let actual = format!("not there now, but `{path}` would be sent");
                let miss = Miss::new("nothing that is sent", actual);
                let note = view.no_line("leaves out all of it");
                findings.check_with(span, what, Some(miss), note);
            }
        }
    }

    /// Some paths that it means: what it says, with a name for each wildcard.
    fn samples(&self) -> Vec<String> {
        let mut all: Vec<Vec<String>> = vec![Vec::new()];
        for name in self.text.split('/') {
            let choices: Vec<Option<String>> = match name {
                "**" => vec![None, Some("x".to_owned())],
                name => filled(name).into_iter().map(Some).collect(),
            };
            let longer = all.iter().flat_map(|path| {
                choices.iter().map(|choice| {
                    let mut path = path.clone();
                    path.extend(choice.clone());
                    path
                })
            });
            all = longer.take(SAMPLES).collect();
        }
        let paths = all.into_iter().map(|parts| parts.join("/"));
        paths.filter(|path| self.glob.matches(path)).collect()
    }
}

/// A name with something in the place of each wildcard: of a class each of some characters, of which
/// those that do not fit are sorted out later.
fn filled(name: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut rest = name.chars();
    while let Some(c) = rest.next() {
        let choices: Vec<char> = match c {
            '*' | '?' => vec!['x'],
            '[' => {
                let mut class: Vec<char> = rest.by_ref().take_while(|c| *c != ']').collect();
                // Of one that says what is not meant.
                class.extend(['x', '0']);
                class
            }
            c => vec![c],
        };
        let longer = out.iter().flat_map(|text| {
            choices.iter().map(move |c| {
                let mut text = text.clone();
                text.push(*c);
                text
            })
        });
        out = longer.take(SAMPLES).collect();
    }
    out
}

/// `3 files: a, b, c`
fn told(sent: &[&Sent]) -> String {
    let names = sent.iter().take(NAMED).map(|sent| match sent.kind {
        Kind::Directory => format!("{}/, empty", sent.path),
        Kind::Link => format!("{}, a link", sent.path),
        _ => sent.path.clone(),
    });
    let names: Vec<String> = names.collect();
    let more = match sent.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more} sent", names.join(", "))
}
