//! The files that a Compose tool reads of its own accord: what a file includes and extends, and files of variables.
//! The tool does not tell of them afterwards, so they are looked at before, as they are written.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use super::refusal::Asked;
use crate::engine::sources::{read, real};
use crate::suite::compose::{Compose, variables};
use crate::suite::grant::{Kind, Power, Reach};
use crate::suite::outside::shown;
use crate::text::source::{Sources, Span};
use crate::text::tree::{Node, Value};
use crate::text::yaml;

/// The most of a file that is looked at.
const LIMIT: u64 = 1 << 20;
/// How many files are looked at; what more of them name is not known.
const FILES: usize = 64;
/// The file of variables that lies beside a Compose file.
const BESIDE: &str = ".env";

/// A file, the folder that its paths are relative to, and who names it.
struct Next {
    path: PathBuf,
    folder: PathBuf,
    place: String,
    /// Where it is named, unless the suite does so.
    named: Option<(Sources, Span)>,
}

/// All that the tool would read from outside the project, and the variables that it would go by.
pub(super) fn asked(compose: &Compose, suite: &Path, reach: &Reach) -> Vec<Asked> {
    let mut looking = Looking {
        reach,
        all: Vec::new(),
        ahead: VecDeque::new(),
        known: Vec::new(),
    };
    let first = compose.files.first().map(|file| suite.join(&file.value));
    let project = first.as_deref().and_then(Path::parent).unwrap_or(suite);
    // Those of the suite itself were looked at with the suite, unless they lead elsewhere since.
    for file in &compose.files {
        let path = suite.join(&file.value);
        looking.goes_on(Next {
            folder: project.to_owned(),
            place: shown(&path),
            path,
            named: None,
        });
    }
    match &compose.env_file {
        Some(file) => {
            let path = suite.join(&file.value);
            looking.variables(&path, &shown(&path));
        }
        None => looking.beside(project),
    }
    while let Some(next) = looking.ahead.pop_front() {
        looking.look(&next);
    }
    looking.all
}

struct Looking<'a> {
    reach: &'a Reach,
    all: Vec<Asked>,
    ahead: VecDeque<Next>,
    known: Vec<(PathBuf, PathBuf)>,
}

impl Looking<'_> {
    /// Whether a file may be read.
    fn may(&mut self, path: &Path, place: &str) -> bool {
        let asked = self.reach.bounds.read(path, &real);
        let may = asked
            .as_ref()
            .is_none_or(|power| self.reach.allowed.has(power));
        self.all.extend(asked.map(|power| Asked::new(power, place)));
        may
    }

    fn goes_on(&mut self, next: Next) {
        let key = (next.path.clone(), next.folder.clone());
        if !self.may(&next.path, &next.place) || self.known.contains(&key) {
            return;
        }
        if self.known.len() == FILES {
            let why = format!("it names more than {FILES} files: take some out");
            self.unknown(&next.place, why);
        } else {
            self.known.push(key);
            self.ahead.push_back(next);
        }
    }

    fn look(&mut self, next: &Next) {
        let Some(blob) = read(&next.path, LIMIT).ok().flatten() else {
            // Of one that the suite names the tool says it better.
            if let Some(named) = &next.named {
                let what = match real(&next.path) {
                    Some(_) => "cannot be read",
                    None => "is not there",
                };
                let why = format!(
                    "the file {} {what}\n  help: write the path as it is seen from the folder of the file that names it",
                    shown(&next.path)
                );
                self.broken(named.clone(), why);
            }
            return;
        };
        let text = String::from_utf8_lossy(&blob.bytes).into_owned();
        if text.trim().is_empty() {
            return;
        }
        let mut sources = Sources::default();
        let file = sources.add(shown(&next.path), &text);
        let place = |span: Span| placed(&sources, span);
        if blob.total > LIMIT {
            let why = format!("{} is larger than 1 MiB: divide it", shown(&next.path));
            return self.unknown(&next.place, why);
        }
        let (root, said) = yaml::parse(file, &text);
        let is_text = std::str::from_utf8(&blob.bytes).is_ok() && !text.contains('\0');
        let tags = yaml::strange_tags(file, &text);
        let whole = Span {
            file,
            start: 0,
            end: 0,
        };
        // What cannot be read as it stands could name anything.
        let map = root.filter(|root| root.entries().is_some());
        let root = match (said.first(), tags.first(), map) {
            _ if !is_text => {
                return self.unreadable(&sources, whole, "it is not UTF-8 text");
            }
            (Some(one), ..) => return self.unreadable(&sources, one.span, &one.message),
            (None, Some((span, tag)), _) => {
                let why = format!(
                    "{} cannot be looked at: the tag `{tag}` changes what is written; write it as one plain YAML document",
                    place(*span)
                );
                return self.unknown(&next.place, why);
            }
            (None, None, None) => {
                return self.unreadable(&sources, whole, "it is no map");
            }
            (None, None, Some(root)) => root,
        };
        self.inclusions(&root, next, &sources);
        let services = root.get("services").and_then(Node::entries).unwrap_or(&[]);
        for service in services.iter().map(|entry| &entry.value) {
            for key in ["env_file", "label_file"] {
                for named in service.get(key).map(many).unwrap_or_default() {
                    let named = named.get("path").unwrap_or(named);
                    let at = place(named.span);
                    if let Some(path) = self.path(named, next, &at) {
                        self.may(&path, &at);
                    }
                }
            }
            if let Some(named) = service.get("extends").and_then(|one| one.get("file")) {
                let at = place(named.span);
                if let Some(path) = self.path(named, next, &at) {
                    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
                    self.other(path, folder, (&sources, named.span));
                }
            }
        }
    }

    /// What a file includes: all of it is relative to the file's own folder, and what the included files name to that of
    /// the first of them, unless it says to which.
    fn inclusions(&mut self, root: &Node, next: &Next, sources: &Sources) {
        let place = |span: Span| placed(sources, span);
        for one in root.get("include").map(many).unwrap_or_default() {
            let mut folder = None;
            if let Some(named) = one
                .get("project_directory")
                .filter(|named| !named.is_null())
            {
                let at = place(named.span);
                let Some(path) = self.path(named, next, &at) else {
                    continue;
                };
                if !self.may(&path, &at) {
                    continue;
                }
                folder = Some(path);
            }
            for named in one.get("path").map_or_else(|| vec![one], many) {
                let at = place(named.span);
                let Some(path) = self.path(named, next, &at) else {
                    continue;
                };
                let own = || path.parent().unwrap_or(Path::new("")).to_owned();
                let folder = folder.get_or_insert_with(own).clone();
                self.other(path, folder, (sources, named.span));
            }
            let files = one.get("env_file").filter(|files| !files.is_null());
            for named in files.map(many).unwrap_or_default() {
                let at = place(named.span);
                if let Some(path) = self.path(named, next, &at) {
                    self.variables(&path, &at);
                }
            }
            if let Some(folder) = folder.filter(|_| files.is_none()) {
                self.beside(&folder);
            }
        }
    }

    fn other(&mut self, path: PathBuf, folder: PathBuf, (sources, span): (&Sources, Span)) {
        self.goes_on(Next {
            path,
            folder,
            place: placed(sources, span),
            named: Some((sources.clone(), span)),
        });
    }

    /// The file of variables that a tool looks for in a folder.
    fn beside(&mut self, folder: &Path) {
        let path = folder.join(BESIDE);
        // Where none is, none is read.
        if real(&path).is_some() {
            let place = shown(&path);
            self.variables(&path, &place);
        }
    }

    /// A file of variables that the tool takes for its own.
    fn variables(&mut self, path: &Path, place: &str) {
        if !self.may(path, place) {
            return;
        }
        let Some(blob) = read(path, LIMIT).ok().flatten() else {
            return;
        };
        if blob.total > LIMIT {
            let why = format!("{} is larger than 1 MiB: divide it", shown(path));
            return self.unknown(place, why);
        }
        let text = String::from_utf8_lossy(&blob.bytes);
        for (line, power) in variables::asked(&text) {
            let place = format!("{}:{line}", shown(path));
            self.all.push(Asked::new(power, &place));
        }
    }

    /// The file that is named, where that can be told.
    fn path(&mut self, named: &Node, next: &Next, place: &str) -> Option<PathBuf> {
        if named.is_null() {
            return None;
        }
        let text = named.text().unwrap_or_default();
        let why = if text.is_empty() {
            "what stands here is no path: write one"
        } else if text.contains('$') {
            "a variable names the file: write the path without a variable"
        } else if is_elsewhere(text) {
            "the file is on another machine: name a file of the project"
        } else {
            return Some(next.folder.join(text));
        };
        self.unknown(place, why.to_owned());
        None
    }

    /// A file cannot be read as it stands.
    fn unreadable(&mut self, sources: &Sources, span: Span, why: &str) {
        let why = format!(
            "the Compose file cannot be read: {why}\n  help: mend it, so that it is one plain YAML document"
        );
        self.broken((sources.clone(), span), why);
    }

    /// Something is wrong there, whatever is allowed.
    fn broken(&mut self, (sources, span): (Sources, Span), why: String) {
        let place = placed(&sources, span);
        self.all.push(Asked {
            why: Some(why),
            broken: Some((sources, span)),
            ..Asked::new(Power::new(Kind::Read, ""), &place)
        });
    }

    /// Something is read, and what is not known: only who allows all may have that.
    fn unknown(&mut self, place: &str, why: String) {
        self.all.push(Asked {
            why: Some(why),
            ..Asked::new(Power::new(Kind::Read, ""), place)
        });
    }
}

/// The file and line of a place.
fn placed(sources: &Sources, span: Span) -> String {
    let place = sources.place(span);
    format!("{}:{}", place.file, place.line)
}

/// Whether a tool would fetch what is called so, whatever lies here.
fn is_elsewhere(text: &str) -> bool {
    let is_of_someone = || {
        text.split_once(':')
            .is_some_and(|(host, _)| host.contains('@'))
    };
    text.contains("://") || text.starts_with("github.com/") || is_of_someone()
}

/// One, or those of a list.
fn many(node: &Node) -> Vec<&Node> {
    match &node.value {
        Value::List(items) => items.iter().collect(),
        _ => vec![node],
    }
}

#[cfg(test)]
mod tests;
