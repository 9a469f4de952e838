//! From a file to suites: fragments, variables, secrets and the matrix are resolved here.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::case::{Body, Case, CaseFields};
use super::check;
use super::document::{Defaults, Document, Nullable, Requirements, VERSION};
use super::image::Image;
use super::patch;
use super::run::Run;
use super::secret::SecretSource;
use crate::text::diagnostic::Diagnostic;
use crate::text::read::{Named, Read, Reader};
use crate::text::source::{FileId, Sources, Span, Spanned};
use crate::text::tree::{Entry, Node, Value};
use crate::text::vars::{Var, Vars};
use crate::text::yaml;

/// Keys that a fragment may have.
pub const FRAGMENT_KEYS: [&str; 6] = [
    "seaworthy",
    "include",
    "vars",
    "secrets",
    "requirements",
    "cases",
];

/// What reading a suite needs of the world.
pub trait Outside {
    /// The text of a file, or why it cannot be read.
    fn read(&self, path: &Path) -> Result<String, String>;
    /// Whether a file or folder is there; `Some(true)` for a folder.
    fn is_folder(&self, path: &Path) -> Option<bool>;
    /// A variable of the environment.
    fn env(&self, name: &str) -> Option<String>;
    /// So many random letters and digits.
    fn random(&self, count: u32) -> String;
}

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
    /// The image under test.
    pub image: Option<Image>,
    /// What holds where a case does not say otherwise.
    pub defaults: Defaults,
    /// The cases.
    pub cases: Vec<Case>,
}

/// All suites of the file (several with a matrix), and everything that is wrong with it.
pub fn load(
    sources: &mut Sources,
    path: &Path,
    outside: &dyn Outside,
) -> (Vec<Suite>, Vec<Diagnostic>) {
    let mut loader = Loader {
        sources,
        outside,
        reader: Reader::default(),
        vars: Vec::new(),
        secrets: Vec::new(),
    };
    let suites = loader.file(path);
    // A suite's `run` is read for each case and a case for each combination of the matrix: what
    // is wrong with it is said once.
    let mut seen = HashSet::new();
    let mut said = loader.reader.diagnostics;
    said.retain(|d| seen.insert((d.span, d.message.clone())));
    said.sort_by_key(|d| d.span);
    (suites, said)
}

struct Loader<'a> {
    sources: &'a mut Sources,
    outside: &'a dyn Outside,
    reader: Reader,
    vars: Vec<(Spanned<String>, Option<String>)>,
    secrets: Vec<(Spanned<String>, SecretSource)>,
}

/// The parts of a file and its fragments that come together.
#[derive(Default)]
struct Gathered {
    cases: Vec<Node>,
    requirements: Vec<(Spanned<String>, String)>,
}

impl Loader<'_> {
    fn file(&mut self, path: &Path) -> Vec<Suite> {
        let Some(root) = self.tree(path, None) else {
            return Vec::new();
        };
        self.version(&root);
        let mut gathered = Gathered::default();
        self.gather(&root, path, &mut gathered, 0);
        let matrix = self
            .part::<Named<Vec<String>>>(&root, "matrix")
            .unwrap_or_default();
        let secrets = self.secret_values(path);
        let mut suites = Vec::new();
        let mut unused: Option<Vec<(String, Span)>> = None;
        for combination in combinations(&matrix) {
            let vars = self.declare(&combination, &secrets);
            suites.extend(self.suite(&root, path, &gathered, &vars, &combination, &secrets));
            let now: Vec<(String, Span)> = vars
                .unused()
                .iter()
                .map(|v| (v.name.clone(), v.span))
                .collect();
            unused = Some(match unused {
                None => now,
                Some(before) => before.into_iter().filter(|v| now.contains(v)).collect(),
            });
        }
        for (name, span) in unused.into_iter().flatten() {
            let said = self
                .reader
                .say(span, format!("the variable `{name}` is never used"));
            said.help(format!("use it as `${{{name}}}`, or take it out"));
        }
        suites
    }

    fn tree(&mut self, path: &Path, from: Option<Span>) -> Option<Node> {
        let name = path.display().to_string();
        match self.outside.read(path) {
            Ok(text) => {
                let file = self.sources.add(name, text);
                let text = self
                    .sources
                    .get(file)
                    .map(|s| s.text.clone())
                    .unwrap_or_default();
                let (root, said) = yaml::parse(file, &text);
                self.reader.diagnostics.extend(said);
                root
            }
            Err(why) => {
                let span = from.unwrap_or_else(|| {
                    let file = self.sources.add(&name, "");
                    Span {
                        file,
                        start: 0,
                        end: 0,
                    }
                });
                self.reader.say(span, format!("cannot read {name}: {why}"));
                None
            }
        }
    }

    fn version(&mut self, root: &Node) {
        let Some(node) = root.get("seaworthy") else {
            return;
        };
        if node.text() != Some(&VERSION.to_string()) {
            let said = self.reader.say(
                node.span,
                "this version of seaworthy reads version 1 of the language",
            );
            said.help("write `seaworthy: 1`");
        }
    }

    fn part<T: Read>(&mut self, root: &Node, key: &str) -> Option<T> {
        root.get(key)
            .and_then(|node| T::read(node, &mut self.reader))
    }

    /// Takes in the fragments of a file, and then what the file itself has of the same.
    fn gather(&mut self, root: &Node, path: &Path, gathered: &mut Gathered, depth: u32) {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        for include in self
            .part::<Vec<Spanned<String>>>(root, "include")
            .unwrap_or_default()
        {
            if depth >= 8 {
                self.reader.say(
                    include.span,
                    "fragments include each other in a circle, or more than 8 deep",
                );
                continue;
            }
            let path = folder.join(&include.value);
            let Some(fragment) = self.tree(&path, Some(include.span)) else {
                continue;
            };
            for entry in fragment.entries().unwrap_or(&[]) {
                let key = entry.key.value.as_str();
                if !FRAGMENT_KEYS.contains(&key) && !key.starts_with("x-") {
                    let known = FRAGMENT_KEYS;
                    self.reader
                        .unknown(entry.key.span, "key of a fragment", key, known);
                }
            }
            self.gather(&fragment, &path, gathered, depth + 1);
        }
        if let Some(vars) = self.part::<Named<Nullable>>(root, "vars") {
            self.vars
                .extend(vars.0.into_iter().map(|(name, value)| (name, value.0)));
        }
        if let Some(secrets) = self.part::<Named<SecretSource>>(root, "secrets") {
            self.secrets.extend(secrets.0);
        }
        match self.part::<Requirements>(root, "requirements") {
            Some(Requirements::Map(map)) => gathered.requirements.extend(map.0),
            Some(Requirements::File(file)) => {
                let read = self.tree(&folder.join(&file.value), Some(file.span));
                let map = read.and_then(|node| Named::<String>::read(&node, &mut self.reader));
                gathered.requirements.extend(map.unwrap_or_default().0);
            }
            None => {}
        }
        if let Some(node) = root.get("cases") {
            match node.items() {
                Some(cases) => gathered.cases.extend(cases.iter().cloned()),
                None => {
                    self.reader.wrong::<()>(node, "a list of cases");
                }
            }
        }
    }

    fn secret_values(&mut self, path: &Path) -> Vec<(Spanned<String>, Option<String>)> {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let mut values = Vec::new();
        for (name, source) in std::mem::take(&mut self.secrets) {
            let value = match source {
                SecretSource::Random(count) => Some(self.outside.random(count)),
                SecretSource::Env(env) => self.outside.env(&env.value),
                SecretSource::File(file) => match self.outside.read(&folder.join(&file.value)) {
                    Ok(text) => Some(text.strip_suffix('\n').unwrap_or(&text).to_owned()),
                    Err(why) => {
                        let message = format!("cannot read the secret from {}: {why}", file.value);
                        self.reader.say(file.span, message);
                        Some(String::new())
                    }
                },
            };
            values.push((name, value));
        }
        values
    }

    fn declare(
        &self,
        combination: &[(Spanned<String>, String)],
        secrets: &[(Spanned<String>, Option<String>)],
    ) -> Vars {
        let mut vars = Vars::default();
        for (name, value) in &self.vars {
            let value = self.outside.env(&name.value).or_else(|| value.clone());
            vars.declare(Var {
                name: name.value.clone(),
                span: name.span,
                value,
            });
        }
        for (name, value) in secrets {
            vars.declare(Var {
                name: name.value.clone(),
                span: name.span,
                value: value.clone(),
            });
        }
        for (name, value) in combination {
            vars.declare(Var {
                name: name.value.clone(),
                span: name.span,
                value: Some(value.clone()),
            });
        }
        vars
    }

    fn suite(
        &mut self,
        root: &Node,
        path: &Path,
        gathered: &Gathered,
        vars: &Vars,
        combination: &[(Spanned<String>, String)],
        secrets: &[(Spanned<String>, Option<String>)],
    ) -> Option<Suite> {
        let resolved = [
            "vars",
            "secrets",
            "include",
            "matrix",
            "requirements",
            "cases",
        ];
        let entries = root.entries().map(|entries| {
            let kept = entries.iter().filter(|e| {
                let key = e.key.value.as_str();
                !resolved.contains(&key) && !key.starts_with("x-")
            });
            kept.cloned().collect::<Vec<Entry>>()
        });
        let Some(entries) = entries else {
            let said = self.reader.say(
                root.span,
                format!("a suite is a map of keys, found {}", root.kind()),
            );
            said.help("a suite begins with `seaworthy: 1`");
            return None;
        };
        let top = Node {
            span: first_line(root.span, entries.first()),
            value: Value::Map(entries),
        };
        let top = vars.expand(&top, &mut self.reader);
        let document = Document::read(&top, &mut self.reader);
        let suite_run = top.get("run");
        let suite_image = top
            .get("image")
            .map_or(String::new(), |n| n.json().to_string());
        if gathered.cases.is_empty() && root.get("cases").is_none() {
            self.reader
                .say(top.span, "this suite has no cases")
                .help("say under `cases:` what must hold");
        }
        let mut cases = Vec::new();
        for node in &gathered.cases {
            let node = vars.expand(node, &mut self.reader);
            cases.extend(case(&node, suite_run, &suite_image, &mut self.reader));
        }
        let document = document?;
        let stem = path
            .file_stem()
            .map(|s| s.to_string_lossy().into_owned())
            .unwrap_or_default();
        let mut name = document.name.as_ref().map_or(stem, |n| n.value.clone());
        if !combination.is_empty() {
            let values: Vec<String> = combination
                .iter()
                .map(|(n, v)| format!("{}={v}", n.value))
                .collect();
            name = format!("{name} [{}]", values.join(" "));
        }
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        check::suite(
            &document,
            gathered.requirements.as_slice(),
            &cases,
            &folder,
            self.outside,
            &mut self.reader,
        );
        let secrets = secrets
            .iter()
            .filter_map(|(n, v)| v.clone().map(|v| (n.value.clone(), v)))
            .collect();
        Some(Suite {
            name,
            description: document.description,
            path: path.to_owned(),
            folder,
            requirements: gathered.requirements.clone(),
            secrets,
            image: document.image,
            defaults: document.defaults.unwrap_or(Defaults {
                within: None,
                timeout: None,
            }),
            cases,
        })
    }
}

/// What is missing at the top level is said at its first line, not with the whole file marked.
fn first_line(whole: Span, first: Option<&Entry>) -> Span {
    first.map_or(
        Span {
            end: whole.start,
            ..whole
        },
        |entry| entry.key.span,
    )
}

fn case(
    node: &Node,
    suite_run: Option<&Node>,
    suite_image: &str,
    reader: &mut Reader,
) -> Option<Case> {
    let fields = CaseFields::read(node, reader);
    let patch = fields
        .as_ref()
        .and_then(|f| f.run.as_ref())
        .map(|p| &p.node);
    let empty = Node {
        span: node.span,
        value: Value::Map(Vec::new()),
    };
    let merged = patch::merge(suite_run, patch, reader).unwrap_or(empty);
    let run = match (patch, suite_run) {
        (None, None) => Run::read(&merged, &mut Reader::default()),
        _ => Run::read(&merged, reader),
    };
    let (fields, run) = (fields?, run?);
    let image = node
        .get("image")
        .map_or_else(|| suite_image.to_owned(), |n| n.json().to_string());
    // The order of names is no difference between two runs.
    let mut settings = merged.json();
    settings.sort_all_objects();
    let key = format!("{image}\n{settings}");
    let body = match (fields.expect, fields.steps) {
        (Some(items), None) => Body::Expect(items.value.0),
        (None, Some(steps)) => Body::Steps(steps.value.0),
        (Some(_), Some(steps)) => {
            let said = reader.say(steps.span, "a case has either `expect` or `steps`");
            said.help("put the claims into the steps: `- expect: […]`");
            return None;
        }
        (None, None) => {
            let said = reader.say(fields.name.span, "this case claims nothing");
            said.help("give it `expect:` with a list of claims, or `steps:`");
            return None;
        }
    };
    if let Some(services) = fields.services {
        reader.say(services.span, "`services` of a case is not supported yet");
    }
    Some(Case {
        name: fields.name,
        verifies: fields.verifies,
        tags: fields.tags,
        skip: fields.skip,
        alone: fields.alone.0,
        timeout: fields.timeout,
        within: fields.within,
        service: fields.service,
        image: fields.image,
        run,
        key,
        body,
    })
}

/// Every combination of the matrix's values; one empty combination without a matrix.
fn combinations(matrix: &Named<Vec<String>>) -> Vec<Vec<(Spanned<String>, String)>> {
    let mut all = vec![Vec::new()];
    for (name, values) in &matrix.0 {
        all = all
            .into_iter()
            .flat_map(|front: Vec<(Spanned<String>, String)>| {
                values.iter().map(move |value| {
                    let mut longer = front.clone();
                    longer.push((name.clone(), value.clone()));
                    longer
                })
            })
            .collect();
    }
    all
}

/// The file that a span of another file is said to stand in, for tests and reports.
pub fn name_of(sources: &Sources, file: FileId) -> Option<&str> {
    sources.get(file).map(|s| s.name.as_str())
}
