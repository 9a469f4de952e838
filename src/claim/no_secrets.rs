//! `no_secrets`: nothing that must stay secret is in the image, or in sources.

mod assigned;
mod command;
mod content;
mod files;
mod kind;
mod layered;
mod name;
mod sources;
mod stated;
mod told;
mod tree;
mod url;
mod value;

use serde_json::{Value as Json, json};

use super::{Findings, Judge, Scope};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::image::ImageFacts;
use crate::fact::question::Question;
use crate::fact::search::{Find, Search, Searched};
use crate::record;
use crate::text::glob::{Glob, is_pattern};
use crate::text::read::{OneOrMany, Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::{Span, Spanned};
use crate::text::tree::Node;
use crate::text::units::Bytes;

record! {
    /// Where no secret may be.
    pub struct Places {
        /// Files and folders beside the suite that are searched in place of the image.
        r#in: Option<Spanned<OneOrMany<String>>>,
        /// What may be there: paths or patterns of files, and names of variables, labels and build
        /// arguments.
        except: Vec<Spanned<Glob>>,
        /// Whether files of lower layers are searched too, which later layers took away or put others over;
        /// so it is without this.
        layers: Option<Spanned<bool>>,
    }
}

/// That there is no secret.
#[derive(Debug, Clone)]
pub struct NoSecrets {
    span: Span,
    places: Places,
}

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
    /// Lines of others of the same kind in the file.
    more: Vec<u64>,
    /// The step that made the layer in which alone it is.
    under: Option<String>,
    /// What stands behind it in its file: of a key it is known by its first line.
    behind: String,
}

impl Read for NoSecrets {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let places = match node.entries() {
            Some(_) => Places::read(node, reader)?,
            None if node.text() == Some("true") => Places {
                r#in: None,
                except: Vec::new(),
                layers: None,
            },
            None => return reader.wrong(node, "`true`, or a map of in, except, layers"),
        };
        if let (Some(_), Some(layers)) = (&places.r#in, &places.layers) {
            let said = reader.say(
                layers.span,
                "`layers` is about an image, and `in` about files beside the suite",
            );
            said.help("take one of the two away");
            return None;
        }
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
    let names = names.chain(&files::OWN_SETTINGS);
    Search {
        words: words.map(|word| (*word).to_owned()).collect(),
        names: names.map(|name| (*name).to_owned()).collect(),
        pass: PASS.map(str::to_owned).into(),
        skip: DOCUMENTS.map(str::to_owned).into(),
        packages: PACKAGES.map(str::to_owned).into(),
        leave: EXAMPLES.map(str::to_owned).into(),
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
            None => {
                let beneath = self.looks_beneath().then(|| Question::Beneath(search()));
                let asked = [Question::Image, Question::Search(search())];
                asked.into_iter().chain(beneath).collect()
            }
        }
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        if let Some(paths) = &self.places.r#in {
            return self.judge_sources(&paths.value.0, seen, findings);
        }
        let (image, searched) = (seen.image()?, seen.searched(&search())?);
        let mut found = stated::find(image);
        found.extend(gathered(in_files(searched, is_example, false)));
        let under = match self.looks_beneath() {
            true => Some(seen.beneath(&search())),
            false => None,
        };
        // What is found so far is told also where the layers could not be had.
        if let Some(Ok(under)) = under {
            found = layered::with(found, under);
        }
        let found = self.tell(found, findings);
        whole(searched, &self.places.except)?;
        self.read_to_its_end(searched)?;
        let under = under.transpose()?;
        if let Some(under) = under {
            self.all_beneath(under, searched, findings)?;
        }
        if found == 0 {
            let (files, size) = (searched.count, Bytes(searched.bytes));
            let beneath = layered::looked(under);
            findings.saw(format!(
                "none in variables, labels, history and {files} files ({size}){beneath}"
            ));
        }
        for path in &searched.partly {
            findings.saw(format!("only the first part of {path} was searched"));
        }
        Ok(())
    }
}

/// What an image states of itself that is a secret, so that whoever writes it down leaves it out.
pub fn stated(image: &ImageFacts) -> Vec<String> {
    let found = stated::find(image).into_iter();
    found.map(|secret| secret.text).collect()
}

impl NoSecrets {
    /// Whether what a container does not see of the image counts.
    fn looks_beneath(&self) -> bool {
        self.places
            .layers
            .as_ref()
            .is_none_or(|layers| layers.value)
    }

    /// Whether each file that is wanted by its name was read to its end: the secret may be behind what was.
    fn read_to_its_end(&self, searched: &Searched) -> Result<(), Blocked> {
        let through = |path: &str| {
            let excepts = &mut self.places.except.iter();
            is_example(path) || excepts.any(|except| except.value.matches(path))
        };
        let mut cut = searched.files.iter().filter(|held| held.content.is_cut());
        let Some(held) = cut.find(|held| !through(&held.path)) else {
            return Ok(());
        };
        let kept = Bytes(held.content.bytes.len() as u64);
        Err(Blocked::Unseen(format!(
            "only the first {kept} of the {} of {} were read; `except` lets it through",
            Bytes(held.content.total),
            held.path
        )))
    }
}

/// The secrets in files, by what they hold and by what they are called. `known` tells files whose
/// secrets are examples; `anywhere`, that what counts in settings only counts in all of them.
fn in_files(searched: &Searched, known: fn(&str) -> bool, anywhere: bool) -> Vec<Secret> {
    let finds = searched.finds.iter().filter(|find| !known(&find.path));
    let mut found: Vec<Secret> = finds.filter_map(|find| of_find(find, anywhere)).collect();
    for held in searched.files.iter().filter(|held| !known(&held.path)) {
        // One that is no text is looked at as far as it is.
        let said = sources::text(&held.content).unwrap_or_else(|| held.content.text());
        for (what, line, text) in files::find(&held.path, &said) {
            found.push(of_file(&held.path, line, what, text));
        }
        if !anywhere && files::is_named(&held.path, &files::OWN_SETTINGS) {
            let placed = sources::in_text(&held.path, &said).into_iter();
            found.extend(placed.map(|(line, what, text)| of_file(&held.path, line, what, text)));
        }
    }
    found
}

/// Each secret once, in order of their places, and those of one kind in one file together.
fn gathered(mut found: Vec<Secret>) -> Vec<Secret> {
    found.sort_by(|a, b| (&a.name, a.line).cmp(&(&b.name, b.line)));
    let mut whole: Vec<Secret> = Vec::new();
    // Where the file begins among them.
    let mut from = 0;
    for secret in found {
        if whole.last().is_some_and(|last| last.name != secret.name) {
            from = whole.len();
        }
        let of_file = &mut whole[from..];
        // By what it holds and by its name, it is one secret.
        let same = |one: &Secret| {
            let there =
                one.line == secret.line || secret.line.is_some_and(|line| one.more.contains(&line));
            there && (one.text.contains(&secret.text) || secret.text.contains(&one.text))
        };
        if of_file.iter().any(same) {
            continue;
        }
        match of_file.iter_mut().find(|one| one.what == secret.what) {
            Some(first) => first.more.extend(secret.line),
            None => whole.push(secret),
        }
    }
    whole
}

fn of_find(find: &Find, anywhere: bool) -> Option<Secret> {
    let rules = content::RULES.iter();
    let rule = rules
        .into_iter()
        .find(|rule| rule.words.contains(&find.word.as_str()))?;
    if rule.of_settings && !anywhere && !files::is_named(&find.path, &files::SETTINGS) {
        return None;
    }
    let place = content::Place {
        before: &find.before,
        word: &find.word,
        after: &find.after,
    };
    let text = (rule.at)(&place)?;
    if content::counts(&text) && kind::is_document(&find.path) {
        return None;
    }
    let mut secret = of_file(&find.path, find.line, rule.what, text);
    secret.behind.clone_from(&find.after);
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
        more: Vec::new(),
        under: None,
        behind: String::new(),
    }
}

/// Folders that hold documents.
const DOCUMENTS: [&str; 3] = ["/usr/share/doc", "/usr/share/man", "/usr/share/info"];

/// Parts of paths below which packages lie.
const PACKAGES: [&str; 9] = [
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

/// Folders of packages that show how something is used or tested.
const EXAMPLES: [&str; 11] = [
    "test", "tests", "testing", "testdata", "example", "examples", "doc", "docs", "spec",
    "fixtures", "demo",
];

/// Whether a file comes with a package and shows how something is used or tested. The probe does not enter
/// such folders; what it has found all the same does not count.
fn is_example(path: &str) -> bool {
    let is_document = |folder: &str| {
        let rest = path.strip_prefix(folder);
        rest.is_some_and(|rest| rest.starts_with('/'))
    };
    if DOCUMENTS.iter().any(|folder| is_document(folder)) {
        return true;
    }
    let within = PACKAGES
        .iter()
        .filter_map(|mark| path.find(mark).map(|at| &path[at + mark.len()..]));
    within.into_iter().any(|rest| {
        rest.split('/')
            .rev()
            .skip(1)
            .any(|name| EXAMPLES.contains(&name.trim_start_matches('_')))
    })
}

/// Whether everything was searched but what is let through, without which nothing is known to be absent.
fn whole(searched: &Searched, except: &[Spanned<Glob>]) -> Result<(), Blocked> {
    let through = |path: &str| except.iter().any(|except| except.value.matches(path));
    let unread = searched.unread.iter().filter(|(path, _)| !through(path));
    let unread: Vec<_> = unread.collect();
    let why = match unread.as_slice() {
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

#[cfg(test)]
mod tests;
