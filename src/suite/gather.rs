//! What a file and its fragments hold together: cases, requirements, variables, secrets, matrix.
//!
//! Declarations are read one by one: a name whose value is wrong is still declared, so that one
//! error does not bring forth others where the name is used.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::document::{Nullable, Requirements};
use super::grant::Gate;
use super::matrix::{Combination, Dimension};
use super::outside::{FRAGMENT_KEYS, Outside, tree};
use super::rebase;
use super::secret::SecretSource;
use crate::text::read::{Read, Reader};
use crate::text::source::{Sources, Span, Spanned};
use crate::text::tree::Node;
use crate::text::vars::{Origin, Var, Vars};

/// Fragments may include fragments so deep.
const DEEPEST: u32 = 8;
/// What stands for a secret that cannot be read, of which that was said.
const UNREAD: &str = "secret";

/// The parts that come together.
#[derive(Debug, Default)]
pub struct Gathered {
    /// Cases as written.
    pub cases: Vec<Node>,
    /// Ids and what they say.
    pub requirements: Vec<(Spanned<String>, String)>,
    /// Some requirements could not be read: an id that is not known may be one of those.
    pub partial: bool,
    vars: Vec<(Spanned<String>, Option<String>)>,
    secrets: Vec<Secret>,
    vars_partial: bool,
}

#[derive(Debug)]
struct Secret {
    name: Spanned<String>,
    value: Option<String>,
    /// Whether the value is only there for want of the true one.
    stands_in: bool,
    /// Where it comes from.
    origin: Origin,
}

/// What gathering needs.
pub(super) struct Gathering<'a> {
    /// Takes the files in.
    pub sources: &'a mut Sources,
    /// The world.
    pub outside: &'a dyn Outside,
    /// What may be asked for.
    pub gate: &'a Gate<'a>,
    /// Takes what is wrong.
    pub reader: &'a mut Reader,
}

impl Gathering<'_> {
    /// Takes in the fragments of a file, and then what the file itself has of the same. `below` is
    /// the file's folder as seen from the suite's.
    pub fn take(&mut self, root: &Node, path: &Path, below: &Path, all: &mut Gathered, depth: u32) {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let includes = root.get("include");
        let includes = includes.and_then(|node| Vec::<Spanned<String>>::read(node, self.reader));
        for include in includes.unwrap_or_default() {
            self.include(&include, &folder, below, all, depth);
        }
        self.vars(root, all);
        self.secrets(root, &folder, all);
        self.requirements(root, &folder, all);
        if let Some(node) = root.get("cases") {
            if let Some(cases) = node.items() {
                if below.as_os_str().is_empty() {
                    all.cases.extend(cases.iter().cloned());
                } else {
                    all.cases
                        .extend(cases.iter().map(|case| rebase::case(case, below)));
                }
            } else {
                let message = format!("`cases` takes a list of cases, found {}", node.kind());
                let said = self.reader.say(node.span, message);
                said.help("begin each case with a dash: `- name: …`");
            }
        }
    }

    fn include(
        &mut self,
        include: &Spanned<String>,
        folder: &Path,
        below: &Path,
        all: &mut Gathered,
        depth: u32,
    ) {
        if depth >= DEEPEST {
            let message = "fragments include each other in a circle, or more than 8 deep";
            self.reader.say(include.span, message);
            return;
        }
        let path: PathBuf = folder.join(&include.value);
        let fragment = self.tree(&path, include.span);
        let Some(fragment) = fragment else {
            all.partial = true;
            all.vars_partial = true;
            return;
        };
        let Some(entries) = fragment.entries() else {
            let message = format!("a fragment is a map of keys, found {}", fragment.kind());
            let said = self.reader.say(fragment.span, message);
            said.help("put what it holds under `cases:`, `vars:` or `requirements:`");
            return;
        };
        for entry in entries {
            let key = entry.key.value.as_str();
            if !FRAGMENT_KEYS.contains(&key) && !key.starts_with("x-") {
                let known = FRAGMENT_KEYS;
                self.reader
                    .unknown(entry.key.span, "key of a fragment", key, known);
            }
        }
        let inner = Path::new(&include.value).parent();
        let below = below.join(inner.unwrap_or(Path::new("")));
        self.take(&fragment, &path, &below, all, depth + 1);
    }

    /// The tree of a file that is named here.
    fn tree(&mut self, path: &Path, named: Span) -> Option<Node> {
        match self.gate.reads(path, named, self.reader) {
            true => tree(self.sources, self.outside, self.reader, path, Some(named)),
            false => None,
        }
    }

    fn vars(&mut self, root: &Node, all: &mut Gathered) {
        let Some(node) = root.get("vars") else { return };
        let Some(entries) = node.entries() else {
            self.reader
                .wrong::<()>(node, "a map of names, such as `{ TAG: dev }`");
            all.vars_partial = true;
            return;
        };
        for entry in entries {
            let value = Nullable::read(&entry.value, self.reader);
            let value = value.map_or(Some(String::new()), |value| value.0);
            all.vars.push((entry.key.clone(), value));
        }
    }

    fn secrets(&mut self, root: &Node, folder: &Path, all: &mut Gathered) {
        let Some(node) = root.get("secrets") else {
            return;
        };
        let Some(entries) = node.entries() else {
            self.reader
                .wrong::<()>(node, "a map of names, such as `{ KEY: { random: 24 } }`");
            all.vars_partial = true;
            return;
        };
        for entry in entries {
            let named = self.outside.stands_for(&entry.key.value);
            let source = SecretSource::read(&entry.value, self.reader);
            let origin = match &source {
                Some(SecretSource::Env(env)) => Origin::Env(env.value.clone()),
                Some(SecretSource::File(file)) => Origin::File(file.value.clone()),
                Some(SecretSource::Random(_)) | None => Origin::Chance,
            };
            let (value, stands_in) = match (source, named) {
                (None, _) => (Some(UNREAD.to_owned()), true),
                // One that the run did without has no name in the facts.
                (Some(SecretSource::Env(env)), Some(named)) => {
                    let known = self.outside.secret(&env.value);
                    (known.filter(String::is_empty).or(Some(named)), true)
                }
                (Some(_), Some(named)) => (Some(named), true),
                (Some(SecretSource::Random(count)), None) => {
                    (Some(self.outside.random(count)), false)
                }
                (Some(SecretSource::Env(env)), None) => {
                    let value = self.outside.secret(&env.value);
                    let stands_in = value != self.outside.env(&env.value);
                    (value, stands_in)
                }
                (Some(SecretSource::File(file)), None) => {
                    let value = self.secret_file(&file, folder);
                    let stands_in = value.is_none();
                    (value.or_else(|| Some(UNREAD.to_owned())), stands_in)
                }
            };
            all.secrets.push(Secret {
                name: entry.key.clone(),
                value,
                stands_in,
                origin,
            });
        }
    }

    /// What the file holds; nothing where it cannot be read, of which that is said.
    fn secret_file(&mut self, file: &Spanned<String>, folder: &Path) -> Option<String> {
        let path = folder.join(&file.value);
        if !self.gate.reads(&path, file.span, self.reader) {
            return None;
        }
        match self.outside.read(&path) {
            Ok(text) => Some(text.strip_suffix('\n').unwrap_or(&text).to_owned()),
            Err(why) => {
                let message = format!("cannot read the secret from {}: {why}", file.value);
                self.reader.say(file.span, message);
                None
            }
        }
    }

    fn requirements(&mut self, root: &Node, folder: &Path, all: &mut Gathered) {
        let Some(node) = root.get("requirements") else {
            return;
        };
        let map = match Requirements::read(node, self.reader) {
            Some(Requirements::File(file)) => self.tree(&folder.join(&file.value), file.span),
            Some(Requirements::Map(map)) => Some(map),
            None => None,
        };
        let Some(map) = map else {
            all.partial = true;
            return;
        };
        let Some(entries) = map.entries() else {
            let expected = "a map of ids to what they say, such as `G1: it builds`";
            self.reader.wrong::<()>(&map, expected);
            all.partial = true;
            return;
        };
        for entry in entries {
            let says = String::read(&entry.value, self.reader).unwrap_or_default();
            all.requirements.push((entry.key.clone(), says));
        }
    }
}

impl Gathered {
    /// The variables of one combination of the matrix.
    pub fn declare(&self, combination: &Combination, outside: &dyn Outside) -> Vars {
        let mut vars = Vars::default();
        vars.partial = self.vars_partial;
        for (name, value) in &self.vars {
            vars.declare(Var {
                name: name.value.clone(),
                span: name.span,
                value: outside.env(&name.value).or_else(|| value.clone()),
                origin: Origin::Vars,
            });
        }
        for secret in &self.secrets {
            vars.declare(Var {
                name: secret.name.value.clone(),
                span: secret.name.span,
                value: secret.value.clone(),
                origin: secret.origin.clone(),
            });
        }
        for (name, value) in combination {
            vars.declare(Var {
                name: name.value.clone(),
                span: name.span,
                value: Some(value.clone()),
                origin: Origin::Matrix,
            });
        }
        vars
    }

    /// Values that the environment gives its variables, and that it gives none to a secret.
    pub fn given(&self, outside: &dyn Outside) -> Vec<(String, String)> {
        let names = self.vars.iter().map(|(name, _)| &name.value);
        let given = names.filter_map(|name| Some((name.clone(), outside.env(name)?)));
        let without = self.secrets.iter().filter_map(|secret| {
            let none = secret.value.as_deref().is_none_or(str::is_empty);
            match &secret.origin {
                Origin::Env(name) if none => Some((name.clone(), String::new())),
                _ => None,
            }
        });
        given.chain(without).collect()
    }

    /// Names and values that must never be shown.
    pub fn hidden(&self) -> Vec<(String, String)> {
        let secrets = self.secrets.iter().filter(|s| !s.stands_in);
        secrets
            .filter_map(|s| Some((s.name.value.clone(), s.value.clone()?)))
            .collect()
    }

    /// Says which names are declared in more than one way: one would win without a word.
    pub fn twice(&self, matrix: &[Dimension], reader: &mut Reader) {
        let vars = self.vars.iter().map(|(name, _)| (name, "vars"));
        let secrets = self.secrets.iter().map(|s| (&s.name, "secrets"));
        let matrix = matrix.iter().map(|(name, _)| (name, "matrix"));
        let mut seen: HashMap<&str, (Span, &str)> = HashMap::new();
        for (name, place) in vars.chain(secrets).chain(matrix) {
            let known = seen.insert(&name.value, (name.span, place));
            // A suite may give a value of its own to what a fragment declares.
            if let Some((first, other)) = known.filter(|(_, other)| *other != place) {
                let message = format!("`{}` stands under `{other}` and `{place}`", name.value);
                let said = reader.say(name.span, message);
                said.related(first, "first here")
                    .help("keep one of them, or give one another name");
            }
        }
    }
}
