//! `no_secrets`: nothing that must stay secret is in the image, or in sources.

mod content;
mod files;
mod sources;
mod stated;
mod url;
mod value;

use serde_json::{Value as Json, json};

use super::{Findings, Judge, Scope};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::question::Question;
use crate::fact::search::{Find, Search, Searched};
use crate::record;
use crate::text::glob::{Glob, is_pattern};
use crate::text::matcher::{Miss, evident};
use crate::text::read::{OneOrMany, Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::{Span, Spanned};
use crate::text::tree::Node;

record! {
    /// Where no secret may be.
    pub struct Places {
        /// Files and folders beside the suite that are searched in place of the image.
        r#in: Option<Spanned<OneOrMany<String>>>,
        /// What may be there: paths or patterns of files, and names of variables, labels and build
        /// arguments.
        except: Vec<Spanned<Except>>,
    }
}

/// A path, a pattern or a name that is let through.
#[derive(Debug, Clone)]
pub struct Except(Glob);

impl Read for Except {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let text = String::read(node, reader)?;
        match Glob::new(&text) {
            Ok(glob) => Some(Self(glob)),
            Err(why) => {
                reader.say(node.span, why);
                None
            }
        }
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "type": "string" })
    }
}

/// That there is no secret.
#[derive(Debug, Clone)]
pub struct NoSecrets {
    span: Span,
    places: Places,
}

/// The most secrets that are told one by one.
const TOLD: usize = 20;

/// A secret that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Secret {
    /// Where, as a message says it.
    place: String,
    /// What it is.
    what: &'static str,
    /// The secret itself, which is never shown whole.
    text: String,
    /// The path or the name by which it can be let through.
    name: Option<String>,
    /// Its line in a file.
    line: Option<u64>,
    /// How many more of the same kind the file holds.
    more: usize,
}

impl Read for NoSecrets {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let places = match node.entries() {
            Some(_) => Places::read(node, reader)?,
            None if node.text() == Some("true") => Places {
                r#in: None,
                except: Vec::new(),
            },
            None => return reader.wrong(node, "`true`, or a map of in, except"),
        };
        for path in places.r#in.iter().flat_map(|paths| &paths.value.0) {
            if is_pattern(path) {
                let said = reader.say(
                    node.span,
                    format!("`{path}` is a pattern, and `in` takes paths"),
                );
                said.help("name the folder: everything below it is searched");
                return None;
            }
        }
        let span = node.span;
        Some(Self { span, places })
    }
    fn schema(schemas: &mut Schemas) -> Json {
        json!({ "anyOf": [{ "enum": [true] }, Places::schema(schemas)] })
    }
}

/// Ends of names (with `*` parts of them) of files that are not searched: libraries, which bring keys to test themselves with,
/// and what is compressed, in which no word can be found.
const PASS: [&str; 20] = [
    ".so", ".so.*", ".a", ".rlib", ".rmeta", ".gz", ".xz", ".bz2", ".zst", ".zip", ".whl", ".png",
    ".jpg", ".jpeg", ".gif", ".webp", ".ttf", ".woff", ".woff2", ".mo",
];

/// What the files of an image are searched for.
fn search() -> Search {
    let words = content::RULES.iter().flat_map(|rule| rule.words);
    let names = files::FILES.iter().flat_map(|file| file.names);
    Search {
        words: words.map(|word| (*word).to_owned()).collect(),
        names: names.map(|name| (*name).to_owned()).collect(),
        pass: PASS.map(str::to_owned).into(),
    }
}

impl Judge for NoSecrets {
    const SCOPE: Scope = Scope::Files;

    fn scope(&self) -> Scope {
        match self.places.r#in {
            Some(_) => Scope::Sources,
            None => Self::SCOPE,
        }
    }

    fn questions(&self) -> Vec<Question> {
        match &self.places.r#in {
            Some(paths) => sources::questions(&paths.value.0),
            None => vec![Question::Image, Question::Search(search())],
        }
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        if let Some(paths) = &self.places.r#in {
            return self.judge_sources(&paths.value.0, seen, findings);
        }
        let (image, searched) = (seen.image()?, seen.searched(&search())?);
        let mut found = stated::find(image);
        found.extend(in_files(searched, is_example));
        let found = self.tell(found, findings);
        whole(searched)?;
        if found == 0 {
            let (files, size) = (searched.count, crate::text::units::Bytes(searched.bytes));
            findings.saw(format!(
                "none in variables, labels, history and {files} files ({size})"
            ));
        }
        for path in &searched.partly {
            findings.saw(format!("only the first part of {path} was searched"));
        }
        Ok(())
    }
}

impl NoSecrets {
    /// Tells those that are not let through, and gives how many there are.
    fn tell(&self, found: Vec<Secret>, findings: &mut Findings) -> usize {
        let through = |secret: &Secret| {
            let name = secret.name.as_deref().unwrap_or("");
            self.places
                .except
                .iter()
                .any(|except| except.value.0.matches(name))
        };
        let found: Vec<Secret> = found
            .into_iter()
            .filter(|secret| !through(secret))
            .collect();
        for secret in found.iter().take(TOLD) {
            let actual = secret.shown();
            let miss = Miss::new("no secret", actual);
            findings.check_with(
                self.span,
                evident(&secret.place),
                Some(miss),
                secret.advice(),
            );
        }
        if let Some(more) = found.len().checked_sub(TOLD).filter(|more| *more > 0) {
            let miss = Miss::new("no secret", format!("{more} more like these"));
            findings.check(self.span, "no_secrets", Some(miss));
        }
        found.len()
    }
}

impl Secret {
    fn shown(&self) -> String {
        let more = match self.more {
            0 => String::new(),
            more => format!(", and {more} more in this file"),
        };
        match self.text.as_str() {
            "" => self.what.to_owned(),
            text => format!("{}: {}{more}", self.what, masked(text)),
        }
    }

    fn advice(&self) -> &'static str {
        match self.line {
            Some(_) => {
                "who has the file has the secret: take it out, and change it where it is in use; a later \
                 step that removes it leaves it in the layer below; `except` lets a file through"
            }
            None => {
                "who has the image can read it: give it when the container is run, or to a build by \
                 `RUN --mount=type=secret`, and change it where it is in use"
            }
        }
    }
}

/// The secrets in files, by what they hold and by what they are called. `known` tells files whose
/// secrets are examples.
fn in_files(searched: &Searched, known: fn(&str) -> bool) -> Vec<Secret> {
    let mut found = Vec::new();
    for find in &searched.finds {
        if known(&find.path) {
            continue;
        }
        found.extend(of_find(find));
    }
    for held in &searched.files {
        if known(&held.path) {
            continue;
        }
        for (what, line, text) in files::find(&held.path, &held.content.text()) {
            found.push(of_file(&held.path, line, what, text));
        }
    }
    found.sort_by(|a, b| (&a.place, a.line).cmp(&(&b.place, b.line)));
    // By what it holds and by its name, it is one secret.
    found.dedup_by(|a, b| {
        a.place == b.place && (a.text.contains(&b.text) || b.text.contains(&a.text))
    });
    let mut whole: Vec<Secret> = Vec::new();
    for secret in found {
        let first = whole
            .iter_mut()
            .rev()
            .find(|first| first.name == secret.name);
        match first.filter(|first| first.what == secret.what) {
            Some(first) => first.more += 1,
            None => whole.push(secret),
        }
    }
    whole
}

fn of_find(find: &Find) -> Option<Secret> {
    let rules = content::RULES.iter();
    let rule = rules
        .into_iter()
        .find(|rule| rule.words.contains(&find.word.as_str()))?;
    if rule.of_settings && !files::is_named(&find.path, &files::SETTINGS) {
        return None;
    }
    let place = content::Place {
        before: &find.before,
        word: &find.word,
        after: &find.after,
    };
    let text = (rule.at)(&place)?;
    let mut secret = of_file(&find.path, find.line, rule.what, text);
    // There are no lines in a program.
    if find.before.contains('\0') {
        secret.place.clone_from(&find.path);
    }
    Some(secret)
}

fn of_file(path: &str, line: u64, what: &'static str, text: String) -> Secret {
    Secret {
        place: format!("{path}:{line}"),
        what,
        text,
        name: Some(path.to_owned()),
        line: Some(line),
        more: 0,
    }
}

/// Folders whose files come with packages and show how something is used or tested.
fn is_example(path: &str) -> bool {
    let documents = ["/usr/share/doc/", "/usr/share/man/", "/usr/share/info/"];
    if documents.iter().any(|folder| path.starts_with(folder)) {
        return true;
    }
    let packages = [
        "/site-packages/",
        "/dist-packages/",
        "/node_modules/",
        "/gems/",
        "/pkg/mod/",
        "/.cargo/registry/",
        "/lib/python3",
        "/lib/perl",
        "/lib/ruby",
    ];
    let within = packages
        .iter()
        .filter_map(|mark| path.find(mark).map(|at| &path[at + mark.len()..]));
    within.into_iter().any(|rest| {
        let parts = [
            "test", "tests", "testing", "testdata", "example", "examples", "doc", "docs", "spec",
            "fixtures", "demo",
        ];
        rest.split('/')
            .rev()
            .skip(1)
            .any(|name| parts.contains(&name.trim_start_matches('_')))
    })
}

/// Whether everything was searched, without which nothing is known to be absent.
fn whole(searched: &Searched) -> Result<(), Blocked> {
    let why = match searched.unread.as_slice() {
        [] if searched.cut => "there is more in the files than is looked at".to_owned(),
        [] => return Ok(()),
        [(path, why), rest @ ..] => {
            let more = match rest.len() {
                0 => String::new(),
                more => format!(", and {more} more could not be read"),
            };
            format!("cannot read {path}: {why}{more}")
        }
    };
    Err(Blocked::Unseen(why))
}

/// The first characters of a secret and its length: enough to know it by, too little to use it.
fn masked(secret: &str) -> String {
    let length = secret.chars().count();
    let shown = match length {
        _ if secret.starts_with("-----BEGIN ") => return evident(secret),
        0..=7 => 1,
        8..=15 => 2,
        _ => 4,
    };
    let start: String = secret.chars().take(shown).collect();
    format!("{}… ({length} characters)", evident(&start))
}

#[cfg(test)]
mod tests;
