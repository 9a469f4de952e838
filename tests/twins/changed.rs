//! A system's folders, copied, with the changes of twins.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use seaworthy::text::tree::Node;
use tempfile::TempDir;

use super::laid::Laid;
use super::written::{Patch, Result, Twin, tree};

/// Where a changed system lies, and the suite of it.
pub(crate) struct Changed {
    /// Removed with this value.
    pub(crate) folder: TempDir,
    /// The suite's file in it.
    pub(crate) suite: PathBuf,
}

/// Makes the changes of twins of one suite in a copy.
pub(crate) fn changed(root: &Path, twins: &[&Twin]) -> Result<Changed> {
    let folder = tempfile::tempdir().unwrap();
    let suite = folder.path().join(changed_in(folder.path(), root, twins)?);
    Ok(Changed { folder, suite })
}

/// Makes them in this folder, and gives the path of the suite in it. Only what belongs to the project is copied, not
/// what lies about.
pub(crate) fn changed_in(folder: &Path, root: &Path, twins: &[&Twin]) -> Result<PathBuf> {
    let first = twins.first().ok_or("there is no twin")?;
    let of = |kind: &str| format!("{kind}/{}", first.system);
    copy(root, folder, &[of("fixtures"), of("suites")]);
    std::fs::write(folder.join("seaworthy.toml"), "").unwrap();
    for (file, text) in texts(root, twins)? {
        std::fs::write(folder.join(of("fixtures")).join(file), text).unwrap();
    }
    let path = Path::new(&of("suites")).join(&first.suite);
    let suite = folder.join(&path);
    let text = std::fs::read_to_string(&suite);
    let text = text.map_err(|error| format!("suites/{}/{}: {error}", first.system, first.suite))?;
    if twins.iter().any(|t| t.run.is_some() || t.args.is_some()) {
        std::fs::write(&suite, patched(&tree(&text)?, twins)?).unwrap();
    }
    Ok(path)
}

/// The files that git knows or would take, so that what is ignored is not copied.
fn copy(root: &Path, to: &Path, below: &[String]) {
    let mut git = Command::new("git");
    git.args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
        "--",
    ]);
    let listed = git.args(below).current_dir(root).output().unwrap();
    assert!(listed.status.success(), "git lists the fixtures' files");
    let names = String::from_utf8(listed.stdout).unwrap();
    for name in names.split_terminator('\0') {
        let target = to.join(name);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        if root.join(name).is_file() {
            std::fs::copy(root.join(name), target).unwrap();
        }
    }
}

/// The files that twins change, as they are then.
pub(crate) fn texts(root: &Path, twins: &[&Twin]) -> Result<BTreeMap<PathBuf, String>> {
    let mut texts = BTreeMap::new();
    for twin in twins {
        let fixture = root.join("fixtures").join(&twin.system);
        for patch in &twin.patches {
            let text = match texts.remove(&patch.file) {
                Some(text) => Ok(text),
                None => std::fs::read_to_string(fixture.join(&patch.file)),
            };
            texts.insert(patch.file.clone(), after(patch, text)?);
        }
    }
    Ok(texts)
}

fn after(patch: &Patch, text: std::io::Result<String>) -> Result<String> {
    let name = patch.file.display();
    let text = match (text, &patch.from) {
        (Ok(text), _) => text,
        // A file that is not there can be written.
        (Err(_), None) => String::new(),
        (Err(error), Some(_)) => return Err(format!("{name}: {error}")),
    };
    match &patch.from {
        None => Ok(text + &patch.to),
        Some(from) => match text.matches(from.as_str()).count() {
            1 => Ok(text.replacen(from.as_str(), &patch.to, 1)),
            count => Err(format!(
                "{name} holds this {count} times, not once: {from:?}"
            )),
        },
    }
}

/// The suite's text with the changes of the cases' `run`, and of the build's arguments.
fn patched(suite: &Node, twins: &[&Twin]) -> Result<String> {
    let mut laid = Laid::open(suite);
    for twin in twins {
        if let Some(args) = &twin.args {
            laid.at("image").at("build").at("args").lay(args);
        }
        let Some(run) = &twin.run else {
            continue;
        };
        let cases = suite.get("cases").and_then(Node::items).unwrap_or_default();
        let is_meant =
            |case: &Node| case.get("name").and_then(Node::text) == Some(twin.case.as_str());
        let meant: Vec<bool> = cases.iter().map(is_meant).collect();
        if !meant.contains(&true) {
            return Err(format!("{} has no case `{}`", twin.suite, twin.case));
        }
        if let Laid::List(cases) = laid.at("cases") {
            for (case, _) in cases.iter_mut().zip(meant).filter(|(_, meant)| *meant) {
                case.at("run").lay(run);
            }
        }
    }
    Ok(laid.text())
}
