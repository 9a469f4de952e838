//! What a Compose file and those that it names hold, as far as that is known without its tool.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::Compose;
use crate::suite::Suite;
use crate::suite::outside::{Outside, shown};
use crate::text::diagnostic::Diagnostic;
use crate::text::source::{FileId, Spanned};
use crate::text::tree::{Node, Value};
use crate::text::yaml;

/// The most files that are looked at.
const MOST: usize = 200;
/// The file of variables that a tool reads without being told.
const BESIDE: &str = ".env";

/// The texts of all files that a tool reads for a suite.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    /// Those that the suite names, where all of them can be read.
    pub own: Vec<String>,
    /// Compose files that these include or extend.
    pub more: Vec<String>,
    /// Files of variables that the suite or the files name.
    pub variables: Vec<String>,
    /// Those that nobody names, and that tools read all the same.
    beside: Vec<String>,
    /// Whether a Compose file may be read that is not among them.
    pub partial: bool,
    /// Whether a file of variables may be read that is not among them.
    pub partial_variables: bool,
}

impl Texts {
    /// Reads them.
    pub fn read(compose: &Compose, folder: &Path, outside: &dyn Outside) -> Self {
        let mut walk = Walk {
            outside,
            seen: HashSet::new(),
            texts: Self::default(),
        };
        let paths: Vec<PathBuf> = compose
            .files
            .iter()
            .map(|file| folder.join(&file.value))
            .collect();
        let own = paths.iter().map(|path| outside.read(path).ok());
        let Some(own) = own.collect::<Option<Vec<String>>>() else {
            walk.texts.partial = true;
            walk.texts.partial_variables = true;
            return walk.texts;
        };
        // The tool is told that all lies beside the first.
        let base = paths
            .first()
            .and_then(|path| path.parent())
            .unwrap_or(folder);
        match &compose.env_file {
            Some(file) => walk.variables(&[folder.join(&file.value)], true),
            None => walk.beside(base),
        }
        for (path, text) in paths.iter().zip(&own) {
            walk.seen.insert(shown(path));
            walk.file(text, &[base, path.parent().unwrap_or(base)]);
        }
        walk.texts.own = own;
        walk.texts
    }

    /// Whether a variable is used anywhere; also where that cannot be told.
    pub fn may_use(&self, variable: &str) -> bool {
        if self.partial || self.partial_variables || is_of_tools(variable) {
            return true;
        }
        let mut files = self.own.iter().chain(&self.more);
        let mut variables = self.variables.iter().chain(&self.beside);
        files.any(|text| match tree(text) {
            Some(root) => holds(&root, variable),
            None => text.contains(variable),
        }) || variables.any(|text| hands_on(text, variable))
    }
}

/// Says which variables a suite gives its Compose files, and nothing in them uses. It is no fault of the suite alone: the
/// files may have used it before.
pub fn unused(suite: &Suite) -> Vec<Diagnostic> {
    let given = suite
        .compose
        .iter()
        .flat_map(|one| &one.value.environment.0);
    let names = given.map(|(name, _)| name);
    let unused = names.filter(|name| !suite.composed.may_use(&name.value));
    let say = |name: &Spanned<String>| {
        let message = format!("the Compose file never uses the variable `{}`", name.value);
        let mut said = Diagnostic::new(name.span, message);
        said.help(format!(
            "use it there as `${{{}}}`, or take it out",
            name.value
        ));
        said
    };
    unused.map(say).collect()
}

/// Reads files as one names the other.
struct Walk<'a> {
    outside: &'a dyn Outside,
    seen: HashSet<String>,
    texts: Texts,
}

impl Walk<'_> {
    /// What a Compose file names, relative to one of these folders: tools differ in which.
    fn file(&mut self, text: &str, folders: &[&Path]) {
        let Some(root) = tree(text) else {
            self.texts.partial = true;
            self.texts.partial_variables = true;
            return;
        };
        for included in list(root.get("include")) {
            self.included(included, folders);
        }
        let services = root.get("services").and_then(Node::entries).unwrap_or(&[]);
        for service in services.iter().map(|entry| &entry.value) {
            if let Some(file) = service.get("extends").and_then(|from| from.get("file")) {
                self.other(file.text(), folders, None);
            }
            for key in ["env_file", "label_file"] {
                for file in list(service.get(key)) {
                    let named = file.get("path").unwrap_or(file).text();
                    let required = file.get("required").and_then(Node::text) != Some("false");
                    self.named(named, folders, required);
                }
            }
        }
    }

    fn included(&mut self, included: &Node, folders: &[&Path]) {
        let Some(paths) = included.get("path") else {
            return self.other(included.text(), folders, None);
        };
        let project = included.get("project_directory").and_then(Node::text);
        for path in list(Some(paths)) {
            self.other(path.text(), folders, project);
        }
        for file in list(included.get("env_file")) {
            self.named(file.text(), folders, true);
        }
    }

    /// Takes in another Compose file; what it names is relative to `project`, or to itself.
    fn other(&mut self, path: Option<&str>, folders: &[&Path], project: Option<&str>) {
        let found = path.and_then(|path| self.found(path, folders));
        if found.is_none() || project.is_some_and(|project| project.contains('$')) {
            self.texts.partial = true;
            self.texts.partial_variables = true;
        }
        for (path, text) in found.unwrap_or_default() {
            if !self.is_new(&path) {
                continue;
            }
            let own = path.parent().unwrap_or(Path::new("")).to_owned();
            let mut bases: Vec<PathBuf> = vec![own];
            bases.extend(
                project
                    .into_iter()
                    .flat_map(|p| folders.iter().map(move |f| f.join(p))),
            );
            let mut relative: Vec<&Path> = bases.iter().map(PathBuf::as_path).collect();
            for folder in &relative {
                self.beside(folder);
            }
            relative.extend(folders);
            self.file(&text, &relative);
            self.texts.more.push(text);
        }
    }

    /// Takes in a file of variables.
    fn named(&mut self, path: Option<&str>, folders: &[&Path], required: bool) {
        match path.filter(|path| !path.contains('$')) {
            None => self.texts.partial_variables = true,
            Some(path) => {
                let paths: Vec<PathBuf> = folders.iter().map(|folder| folder.join(path)).collect();
                self.variables(&paths, required);
            }
        }
    }

    fn variables(&mut self, paths: &[PathBuf], required: bool) {
        let read = |path: &PathBuf| Some((path.clone(), self.outside.read(path).ok()?));
        let found: Vec<(PathBuf, String)> = paths.iter().filter_map(read).collect();
        self.texts.partial_variables |= found.is_empty() && required;
        for (path, text) in found {
            if self.is_new(&path) {
                self.texts.variables.push(text);
            }
        }
    }

    /// Takes in the file of variables that lies in a folder.
    fn beside(&mut self, folder: &Path) {
        let path = folder.join(BESIDE);
        if let Ok(text) = self.outside.read(&path)
            && self.is_new(&path)
        {
            self.texts.beside.push(text);
        }
    }

    /// The files of that name; none where it cannot be read, or lies on another machine.
    fn found(&self, path: &str, folders: &[&Path]) -> Option<Vec<(PathBuf, String)>> {
        let paths = folders.iter().map(|folder| folder.join(path));
        let read = paths.filter_map(|path| Some((path.clone(), self.outside.read(&path).ok()?)));
        let all: Vec<(PathBuf, String)> = read.collect();
        (!path.contains('$') && !all.is_empty()).then_some(all)
    }

    /// Whether a file is seen for the first time, and there is room for it.
    fn is_new(&mut self, path: &Path) -> bool {
        if self.seen.len() >= MOST {
            self.texts.partial = true;
            self.texts.partial_variables = true;
            return false;
        }
        self.seen.insert(shown(path))
    }
}

/// A Compose file that is read as it stands.
fn tree(text: &str) -> Option<Node> {
    let (root, said) = yaml::parse(FileId(u32::MAX), text);
    root.filter(|_| said.is_empty())
}

/// The items of a list, or the one thing that stands in its place.
fn list(node: Option<&Node>) -> Vec<&Node> {
    match node.map(|node| (node, &node.value)) {
        None | Some((_, Value::Null)) => Vec::new(),
        Some((_, Value::List(items))) => items.iter().collect(),
        Some((node, _)) => vec![node],
    }
}

/// Whether a part of a Compose file has the value of a variable: by `$`, by its name alone in the place of a value, or as
/// a key without one.
fn holds(node: &Node, variable: &str) -> bool {
    match &node.value {
        Value::Null => false,
        Value::Scalar(scalar) => scalar.text == variable || uses(&scalar.text, variable),
        Value::List(items) => items.iter().any(|item| holds(item, variable)),
        Value::Map(entries) => entries.iter().any(|entry| {
            let named = entry.key.value == variable && entry.value.is_null();
            named || uses(&entry.key.value, variable) || holds(&entry.value, variable)
        }),
    }
}

/// Whether a file of variables has the value of a variable: by `$`, or by its name without one.
fn hands_on(text: &str, variable: &str) -> bool {
    let bare = |line: &str| {
        let line = line.trim();
        line.strip_prefix("export ").unwrap_or(line).trim() == variable
    };
    uses(text, variable) || text.lines().any(bare)
}

/// Whether tools look at a variable themselves, and what they start.
fn is_of_tools(variable: &str) -> bool {
    let starts = [
        "COMPOSE_",
        "DOCKER_",
        "BUILDKIT_",
        "BUILDX_",
        "GIT_",
        "LC_",
        "OTEL_",
        "SSL_",
        "XDG_",
    ];
    let whole = [
        "CURL_CA_BUNDLE",
        "HOME",
        "LANG",
        "NO_COLOR",
        "PATH",
        "PWD",
        "REQUESTS_CA_BUNDLE",
    ];
    let more = [
        "SOURCE_DATE_EPOCH",
        "SSH_AUTH_SOCK",
        "TERM",
        "TMPDIR",
        "USER",
    ];
    starts.iter().any(|start| variable.starts_with(start))
        || whole.iter().chain(&more).any(|own| *own == variable)
        || variable.to_lowercase().ends_with("_proxy")
}

/// Whether a text has the value of this variable in it.
pub fn uses(text: &str, variable: &str) -> bool {
    let mut behind = text.split('$').skip(1);
    behind.any(|rest| {
        let name = rest.trim_start_matches('{');
        let after = name
            .strip_prefix(variable)
            .and_then(|rest| rest.chars().next());
        name.starts_with(variable) && after.is_none_or(|c| !c.is_alphanumeric() && c != '_')
    })
}

#[cfg(test)]
mod tests;
