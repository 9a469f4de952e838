//! `twins.yaml` of a system, as it is written.

use std::path::{Path, PathBuf};

use seaworthy::text::source::FileId;
use seaworthy::text::tree::Node;
use seaworthy::text::yaml;

/// A test says what is wrong, a line each.
pub(crate) type Result<T = ()> = std::result::Result<T, String>;

/// One twin.
#[derive(Debug)]
pub(crate) struct Twin {
    /// The system's name, which its folders have.
    pub(crate) system: String,
    /// The requirement that its change breaks.
    pub(crate) breaks: String,
    /// The suite's file.
    pub(crate) suite: String,
    /// The case that must fail.
    pub(crate) case: String,
    /// What a failure of that case says.
    pub(crate) because: String,
    /// A case of the same suite that holds nevertheless.
    pub(crate) control: String,
    /// Cases of other requirements that fail with it, since they look at the same thing.
    pub(crate) also: Vec<String>,
    /// Files that are changed.
    pub(crate) patches: Vec<Patch>,
    /// Laid over the `run` of the case.
    pub(crate) run: Option<Node>,
    /// Laid over the build's arguments.
    pub(crate) args: Option<Node>,
    /// Its change breaks so much that no other twin can be looked at beside it.
    pub(crate) alone: bool,
}

/// A change of a file of the system.
#[derive(Debug)]
pub(crate) struct Patch {
    /// Below `fixtures/NAME`.
    pub(crate) file: PathBuf,
    /// What is replaced, or nothing where `to` is put at the end.
    pub(crate) from: Option<String>,
    /// What is there then.
    pub(crate) to: String,
}

/// The twins of every system.
pub(crate) fn all(root: &Path) -> Result<Vec<Twin>> {
    let entries = std::fs::read_dir(root.join("fixtures")).unwrap();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let mut twins = Vec::new();
    for folder in folders {
        let file = folder.join("twins.yaml");
        if file.is_file() {
            let system = folder.file_name().unwrap().to_string_lossy();
            let said = |what: String| format!("{}: {what}", file.display());
            twins.extend(of(&system, &file).map_err(said)?);
        }
    }
    Ok(twins)
}

fn of(system: &str, file: &Path) -> Result<Vec<Twin>> {
    let root = tree(&std::fs::read_to_string(file).unwrap())?;
    let list = root.get("twins").and_then(Node::items);
    let control = root.get("controls");
    only(&root, &["controls", "twins"])?;
    let list = list.ok_or("there is no list `twins`")?;
    let twin = |node| twin(system, node, control);
    list.iter().map(twin).collect()
}

/// The tree of a text that has no errors.
pub(crate) fn tree(text: &str) -> Result<Node> {
    match yaml::parse(FileId(0), text) {
        (Some(node), said) if said.is_empty() => Ok(node),
        (_, said) => Err(said.iter().map(|d| format!("{}\n", d.message)).collect()),
    }
}

fn twin(system: &str, node: &Node, controls: Option<&Node>) -> Result<Twin> {
    let known = [
        "breaks", "suite", "case", "change", "because", "control", "also", "alone",
    ];
    only(node, &known)?;
    let text = |key: &str| needed(node, key);
    let suite = text("suite")?;
    let change = node.get("change").ok_or("a twin needs a `change`")?;
    only(change, &["patch", "run", "args"])?;
    let of_suite = controls
        .and_then(|controls| controls.get(&suite))
        .and_then(Node::text);
    let control = node.get("control").and_then(Node::text).or(of_suite);
    let control = control
        .ok_or_else(|| format!("`controls` names no case of {suite}"))?
        .to_owned();
    let also = node.get("also").and_then(Node::items).unwrap_or_default();
    let patches = match change.get("patch") {
        None => Vec::new(),
        Some(patch) => match patch.items() {
            Some(patches) => patches.iter().map(Patch::read).collect::<Result<_>>()?,
            None => vec![Patch::read(patch)?],
        },
    };
    Ok(Twin {
        system: system.to_owned(),
        breaks: text("breaks")?,
        case: text("case")?,
        because: text("because")?,
        also: also
            .iter()
            .filter_map(Node::text)
            .map(str::to_owned)
            .collect(),
        run: change.get("run").cloned(),
        args: change.get("args").cloned(),
        suite,
        control,
        patches,
        alone: flag(node, "alone")?,
    })
}

impl Patch {
    fn read(node: &Node) -> Result<Self> {
        only(node, &["file", "from", "to", "append"])?;
        let append = node.get("append").and_then(Node::text).map(str::to_owned);
        Ok(Self {
            file: needed(node, "file")?.into(),
            from: match append {
                Some(_) => None,
                None => Some(needed(node, "from")?),
            },
            to: append.map_or_else(|| needed(node, "to"), Ok)?,
        })
    }
}

/// Whether it says `KEY: true`; nothing else is to be said of it.
fn flag(node: &Node, key: &str) -> Result<bool> {
    match node.get(key) {
        None => Ok(false),
        Some(said) if said.text() == Some("true") => Ok(true),
        Some(_) => Err(format!("`{key}` is `true` where it stands")),
    }
}

fn needed(node: &Node, key: &str) -> Result<String> {
    let text = node.get(key).and_then(Node::text);
    text.map(str::to_owned)
        .ok_or_else(|| format!("a text `{key}` is needed"))
}

fn only(node: &Node, known: &[&str]) -> Result {
    let entries = node.entries().ok_or("a map is needed")?;
    match entries
        .iter()
        .find(|entry| !known.contains(&entry.key.value.as_str()))
    {
        Some(entry) => Err(format!("`{}` is not one of {known:?}", entry.key.value)),
        None => Ok(()),
    }
}
