//! From a file to suites: fragments, variables, secrets and the matrix are resolved here.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::assemble::{Draft, OfSuite, draft};
use super::case::Case;
use super::certificate::Certificate;
use super::check::{self, Whole};
use super::compose::{Compose, laid::Laid, texts::Texts};
use super::described::{self, Described};
use super::document::{Defaults, Document, VERSION};
use super::gather::{Gathered, Gathering};
use super::grant::{Allowed, Gate, Power, Reach};
use super::image::Image;
use super::matrix::{Combination, combinations, matrix};
use super::network::Network;
use super::outside::{Outside, tree};
use super::run::Run;
use crate::text::diagnostic::Diagnostic;
use crate::text::read::{Read, Reader};
use crate::text::source::{Sources, Span, Spanned};
use crate::text::tree::{Entry, Node, Scalar, Value};
use crate::text::vars::Vars;

/// A suite, ready to be planned.
#[derive(Debug, Clone)]
pub struct Suite {
    /// Its name, with the values of the matrix where there is one.
    pub name: String,
    /// What it is about.
    pub description: Option<String>,
    /// The file, as named on the command line.
    pub path: PathBuf,
    /// The folder that its paths are relative to.
    pub folder: PathBuf,
    /// Ids and what they say.
    pub requirements: Vec<(Spanned<String>, String)>,
    /// Names and values that must never be shown.
    pub secrets: Vec<(String, String)>,
    /// Values that the environment gave its variables.
    pub given: Vec<(String, String)>,
    /// The image under test.
    pub image: Option<Image>,
    /// The Compose file that describes what is under test, in place of the image.
    pub compose: Option<Spanned<Compose>>,
    /// What the Compose files hold.
    pub composed: Texts,
    /// What is laid over what the tool makes of them; nothing where a suite is judged as it is.
    pub laid: Vec<Laid>,
    /// The services that it is known to describe without its tool.
    pub described: Vec<Described>,
    /// Certificates that are made for a run.
    pub certificates: Vec<(Spanned<String>, Spanned<Certificate>)>,
    /// Its networks.
    pub networks: Vec<(Spanned<String>, Option<Network>)>,
    /// What holds where a case does not say otherwise.
    pub defaults: Defaults,
    /// The cases.
    pub cases: Vec<Case>,
    /// What it and its containers may reach of this machine.
    pub reach: Reach,
    /// The powers over this machine that it asks for, all of which are allowed.
    pub granted: Vec<Spanned<Power>>,
}

/// What a file holds.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Its suites: several with a matrix.
    pub suites: Vec<Suite>,
    /// Everything that is wrong with it. A message may hold secrets.
    pub diagnostics: Vec<Diagnostic>,
    /// Names and values that must never be shown, whether there is a suite or not.
    pub secrets: Vec<(String, String)>,
    /// Whether a power was refused that it asks for.
    pub is_refused: bool,
}

/// Loads the suites of the file, which may ask for what is allowed and for nothing else.
pub fn load(
    sources: &mut Sources,
    path: &Path,
    outside: &dyn Outside,
    allowed: &Allowed,
) -> Loaded {
    let mut reader = Reader::default();
    let gate = Gate::new(path.parent().unwrap_or(Path::new("")), outside, allowed);
    let root = tree(sources, outside, &mut reader, path, None);
    let (suites, secrets) = root.map_or_else(Default::default, |root| {
        let mut gathered = Gathered::default();
        let mut gathering = Gathering {
            sources,
            outside,
            gate: &gate,
            reader: &mut reader,
        };
        gathering.take(&root, path, Path::new(""), &mut gathered, 0);
        let mut loader = Loader {
            path,
            outside,
            gate: &gate,
            reader: &mut reader,
            gathered: &gathered,
        };
        (loader.suites(&root), gathered.hidden())
    });
    // A suite's `run` is read for each case and a case for each combination of the matrix: what
    // is wrong with it is said once.
    let mut seen = HashSet::new();
    let mut said = reader.diagnostics;
    said.retain(|d| seen.insert((d.span, d.message.clone())));
    // What stands where a variable could not be replaced is not known either.
    let causes: HashSet<Span> = said.iter().filter(|d| d.is_cause).map(|d| d.span).collect();
    said.retain(|d| d.is_cause || !causes.contains(&d.span));
    said.sort_by_key(|d| d.span);
    Loaded {
        suites,
        diagnostics: said,
        secrets,
        is_refused: gate.has_refused(),
    }
}

struct Loader<'a> {
    path: &'a Path,
    outside: &'a dyn Outside,
    gate: &'a Gate<'a>,
    reader: &'a mut Reader,
    gathered: &'a Gathered,
}

impl Loader<'_> {
    fn suites(&mut self, root: &Node) -> Vec<Suite> {
        let Some(entries) = root.entries() else {
            let message = format!("a suite is a map of keys, found {}", root.kind());
            let said = self.reader.say(root.span, message);
            said.help("a suite begins with `seaworthy: 1`");
            return Vec::new();
        };
        let top = self.top(root, entries);
        let matrix = matrix(root, self.reader);
        self.gathered.twice(&matrix, self.reader);
        let mut suites = Vec::new();
        let mut unused: Option<Vec<(String, Span)>> = None;
        for combination in combinations(&matrix) {
            let vars = self.gathered.declare(&combination, self.outside);
            suites.extend(self.suite(&top, &vars, &combination));
            let now = vars.unused();
            let now = now.iter().map(|v| (v.name.clone(), v.span)).collect();
            unused = Some(match unused {
                None => now,
                Some(before) => before.into_iter().filter(|v| now.contains(v)).collect(),
            });
        }
        for (name, span) in unused.into_iter().flatten() {
            let message = format!("the variable `{name}` is never used");
            let said = self.reader.say(span, message);
            said.help(format!("use it as `${{{name}}}`, or take it out"));
        }
        suites
    }

    /// The keys that are not gathered, with the version judged.
    fn top(&mut self, root: &Node, entries: &[Entry]) -> Node {
        let gathered = [
            "vars",
            "secrets",
            "include",
            "matrix",
            "requirements",
            "cases",
        ];
        let kept = entries.iter().filter(|e| {
            let key = e.key.value.as_str();
            !gathered.contains(&key) && !key.starts_with("x-")
        });
        let mut kept: Vec<Entry> = kept.cloned().collect();
        // What is missing at the top is said at the first key, not with the whole file marked.
        let start = entries.first().map_or(
            Span {
                end: root.span.start,
                ..root.span
            },
            |first| first.key.span,
        );
        if entries.is_empty() {
            let said = self.reader.say(start, "this suite is empty");
            said.help("a suite begins with `seaworthy: 1`");
        } else if self.gathered.cases.is_empty() {
            let none = root.get("cases").is_none_or(|node| node.items().is_some());
            let span = root.get("cases").map_or(start, |node| node.span);
            if none {
                let said = self.reader.say(span, "this suite has no cases");
                said.help("say under `cases:` what must hold");
            }
        }
        self.version(&mut kept, start);
        Node {
            span: start,
            value: Value::Map(kept),
        }
    }

    /// Says what is wrong with the version, and puts the right one in its place.
    fn version(&mut self, entries: &mut Vec<Entry>, start: Span) {
        let version = VERSION.to_string();
        let right = |span| Node {
            span,
            value: Value::Scalar(Scalar {
                text: version.clone(),
                plain: true,
            }),
        };
        let Some(entry) = entries.iter_mut().find(|e| e.key.value == "seaworthy") else {
            let near =
                |e: &Entry| crate::text::near::nearest(&e.key.value, ["seaworthy"]).is_some();
            if !entries.iter().any(near) {
                let said = self
                    .reader
                    .say(start, "the version of the language is missing");
                said.help(format!("begin the file with `seaworthy: {version}`"));
            }
            let key = Spanned {
                span: start,
                value: "seaworthy".to_owned(),
            };
            let value = right(start);
            entries.push(Entry { key, value });
            return;
        };
        if entry.value.text() != Some(&version) {
            let message = format!("this seaworthy reads version {version} of the language");
            let said = self.reader.say(entry.value.span, message);
            let written = entry.value.text().and_then(|text| text.parse::<u32>().ok());
            said.help(match written {
                Some(newer) if newer > VERSION => {
                    format!(
                        "a newer seaworthy may read version {newer}; this is `seaworthy: {version}`"
                    )
                }
                _ => format!("write `seaworthy: {version}`"),
            });
            entry.value = right(entry.value.span);
        }
    }

    fn suite(&mut self, top: &Node, vars: &Vars, combination: &Combination) -> Option<Suite> {
        let top = vars.expand(top, self.reader);
        let document = Document::read(&top, self.reader);
        let run = top.get("run");
        if let Some(run) = run {
            // For itself too: a case may lay its own over what is wrong.
            Run::read(run, self.reader);
        }
        let image = top.get("image");
        let of_suite = OfSuite {
            run,
            services: top.get("services"),
            image: image.map_or(String::new(), |node| node.json().to_string()),
        };
        let drafts: Vec<Draft> = self
            .gathered
            .cases
            .iter()
            .map(|node| {
                let node = vars.expand(node, self.reader);
                draft(&node, &of_suite, self.reader)
            })
            .collect();
        let folder = self.path.parent().unwrap_or(Path::new("")).to_owned();
        let compose = document.as_ref().and_then(|d| d.compose.as_ref());
        let texts = compose.map(|one| Texts::read(&one.value, &folder, self.outside));
        let composed = texts.unwrap_or_default();
        let described = described::services(&composed.own);
        let whole = Whole {
            top: &top,
            image: image.and_then(|node| Image::read(node, &mut Reader::default())),
            gathered: self.gathered,
            drafts: &drafts,
            networks: document.as_ref().map_or(&[], |d| d.networks.0.as_slice()),
            certificates: document.as_ref().map(|d| d.certificates.0.as_slice()),
            compose,
            described: described.as_deref(),
            described_networks: &described::networks(&composed.own),
            folder: &folder,
            outside: self.outside,
            gate: self.gate,
        };
        check::suite(&whole, self.reader);
        let mut document = document?;
        let cases = drafts.into_iter().filter_map(|draft| draft.case);
        let mut cases: Vec<Case> = cases.collect();
        let mut secrets = self.gathered.hidden();
        let own = cases.iter_mut().flat_map(Case::images);
        for image in document.image.iter_mut().chain(own) {
            secrets.extend(image.resolve(&folder, self.outside));
        }
        let networks = document.networks.0.clone().into_iter();
        Some(Suite {
            name: name(&document, self.path, combination),
            description: document.description,
            path: self.path.to_owned(),
            folder,
            requirements: self.gathered.requirements.clone(),
            secrets,
            given: self.gathered.given(self.outside),
            image: document.image,
            described: described.unwrap_or_default(),
            compose: document.compose,
            composed,
            laid: Vec::new(),
            certificates: document.certificates.0,
            networks: networks.map(|(name, n)| (name, n.value.0)).collect(),
            defaults: document.defaults.unwrap_or(Defaults {
                within: None,
                timeout: None,
            }),
            cases,
            reach: self.gate.reach(),
            granted: self.gate.granted(),
        })
    }
}

/// The suite's name, else the file's stem, with the values of the matrix.
fn name(document: &Document, path: &Path, combination: &Combination) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let name = document.name.as_ref().map_or(&*stem, |name| &name.value);
    if combination.is_empty() {
        return name.to_owned();
    }
    let values: Vec<String> = combination
        .iter()
        .map(|(name, value)| format!("{}={value}", name.value))
        .collect();
    format!("{name} [{}]", values.join(" "))
}
