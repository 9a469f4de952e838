//! The documents and the style guide, checked against the repository. No engine is needed.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads the repository, and its helpers fail as tests do"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use seaworthy::{action, claim};

/// Folders that hold nothing of the project's own.
const FOREIGN: [&str; 3] = [".git", "target", "reports"];
/// The most lines of a Rust file.
const LONGEST: usize = 500;
/// Names that say nothing of what a module holds.
const EMPTY_NAMES: [&str; 7] = ["common", "helpers", "imp", "misc", "mod", "util", "utils"];
/// Claims that may stand as a step, and the step that holds claims.
const CLAIM_STEPS: [&str; 3] = ["exec", "expect", "http"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of the project, relative to its root.
fn files() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name();
            if FOREIGN.iter().any(|foreign| name == *foreign) {
                continue;
            }
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(folder.join(name)),
                false => found.push(folder.join(name)),
            }
        }
    }
    found.sort();
    found
}

fn with_extension(extension: &str) -> Vec<PathBuf> {
    let mut files = files();
    files.retain(|path| path.extension().is_some_and(|e| e == extension));
    files
}

fn text(path: impl AsRef<Path>) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// The targets of a document's links, those in code left out.
fn links(document: &str) -> Vec<String> {
    let mut targets = Vec::new();
    let mut fenced = false;
    for line in document.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            let prose: String = line.split('`').step_by(2).collect();
            let ends = prose.split("](").skip(1);
            targets.extend(ends.filter_map(|end| Some(end.split_once(')')?.0.to_owned())));
        }
    }
    targets
}

/// What stands below a heading of the second level, up to the next.
fn section<'a>(document: &'a str, heading: &str) -> &'a str {
    let (_, below) = document.split_once(&format!("\n## {heading}\n")).unwrap();
    below.split("\n## ").next().unwrap()
}

/// The word in code that begins each row of a section's table.
fn rows(section: &str) -> BTreeSet<&str> {
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.filter_map(|row| row.split('`').nth(1)).collect()
}

fn set<'a>(words: &[&'a str]) -> BTreeSet<&'a str> {
    words.iter().copied().collect()
}

/// The modules of the library, in the order of the pipeline.
fn modules() -> Vec<String> {
    let library = text("src/lib.rs");
    let lines = library.lines();
    let names = lines.filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    names.map(str::to_owned).collect()
}

/// The code of a file without its line comments.
fn code(path: &Path) -> String {
    let text = text(path);
    let bare = text.lines().map(|line| line.split("//").next().unwrap());
    bare.collect::<Vec<_>>().join("\n")
}

/// The names that stand right behind each `crate::`, alone or in braces.
fn named_of_crate(code: &str) -> Vec<String> {
    let mut named = Vec::new();
    for behind in code.split("crate::").skip(1) {
        match behind.strip_prefix('{') {
            None => named.push(first_word(behind)),
            Some(group) => {
                let mut depth = 0;
                let mut begins = true;
                for (at, ch) in group.char_indices() {
                    match ch {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => begins = true,
                        ch if begins && !ch.is_whitespace() => {
                            named.push(first_word(&group[at..]));
                            begins = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    named
}

fn first_word(text: &str) -> String {
    let word = |ch: &char| ch.is_alphanumeric() || *ch == '_';
    text.chars().take_while(word).collect()
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut dead = Vec::new();
    for document in with_extension("md") {
        let folder = root().join(document.parent().unwrap());
        for link in links(&text(&document)) {
            let target = link.split('#').next().unwrap();
            let elsewhere = target.contains("://") || target.starts_with("mailto:");
            if !elsewhere && !target.is_empty() && !folder.join(target).exists() {
                dead.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert_eq!(dead, [""; 0]);
}

#[test]
fn decision_notes_that_code_speaks_of_are_there_and_all_are_in_the_index() {
    let mut lost = Vec::new();
    for source in with_extension("rs") {
        for behind in text(&source).split("docs/decisions/").skip(1) {
            let name: String = behind
                .chars()
                .take_while(|ch| ch.is_ascii_lowercase() || *ch == '-')
                .collect();
            let path = format!("docs/decisions/{name}.md");
            if !name.is_empty() && !root().join(&path).exists() {
                lost.push(format!("{}: {path}", source.display()));
            }
        }
    }
    assert_eq!(lost, [""; 0]);
    let index = links(&text("docs/decisions/README.md"));
    for note in with_extension("md") {
        let name = note.file_name().unwrap().to_str().unwrap();
        if note.starts_with("docs/decisions") && name != "README.md" {
            assert!(index.iter().any(|link| link == name), "{name}");
        }
    }
}

#[test]
fn the_architecture_is_short_and_names_every_module() {
    let architecture = text("ARCHITECTURE.md");
    assert!(architecture.lines().count() <= 200);
    for module in modules() {
        assert!(architecture.contains(&format!("`{module}`")), "{module}");
    }
}

#[test]
fn the_readme_lists_the_claims_and_steps_that_there_are() {
    let readme = text("README.md");
    let claims = section(&readme, "Claims");
    assert_eq!(rows(claims), set(claim::NAMES));
    let steps = section(&readme, "Steps");
    let known: Vec<&str> = action::NAMES.iter().chain(&CLAIM_STEPS).copied().collect();
    assert_eq!(rows(steps), set(&known));
}

#[test]
fn the_readme_shows_the_first_suite_as_it_is() {
    let suite = text("suites/aisopod/first.yaml");
    assert!(text("README.md").contains(&format!("```yaml\n{suite}```")));
}

#[test]
fn nothing_names_a_folder_of_the_machine_it_was_written_on() {
    let folders = [["/wo", "rk/"].concat(), ["/tmp/", "wt"].concat()];
    let mut found = Vec::new();
    for path in files() {
        // What is no text names nothing.
        let text = fs::read_to_string(root().join(&path)).unwrap_or_default();
        if folders.iter().any(|folder| text.contains(folder)) {
            found.push(path);
        }
    }
    assert_eq!(found, [""; 0].map(PathBuf::from));
}

#[test]
fn rust_files_are_short_and_their_names_say_something() {
    let mut wrong = Vec::new();
    for path in with_extension("rs") {
        let lines = text(&path).lines().count();
        if lines > LONGEST {
            wrong.push(format!("{}: {lines} lines", path.display()));
        }
        let stems = path.iter().filter_map(|part| Path::new(part).file_stem());
        let stems = stems.map(|stem| stem.to_string_lossy().into_owned());
        let code = code(&path);
        let modules = code.lines().filter_map(|line| {
            let (front, name) = line.split_once("mod ")?;
            let front = front.trim();
            (front.is_empty() || front.starts_with("pub")).then(|| first_word(name))
        });
        for name in stems.chain(modules) {
            if EMPTY_NAMES.contains(&name.as_str()) {
                wrong.push(format!("{}: a module called {name}", path.display()));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn modules_import_only_those_that_stand_above_them() {
    let order = modules();
    let place = |name: &str| order.iter().position(|module| module == name);
    let mut wrong = Vec::new();
    for path in with_extension("rs") {
        let Some(top) = path.iter().nth(1).filter(|_| path.starts_with("src")) else {
            continue;
        };
        let Some(own) = Path::new(top).file_stem().and_then(|s| place(s.to_str()?)) else {
            continue;
        };
        for name in named_of_crate(&code(&path)) {
            if place(&name).is_some_and(|at| at > own) {
                wrong.push(format!("{}: {name}", path.display()));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn the_readers_of_this_test_see_what_they_are_to_see() {
    let links = links("[a](b.md) `[c](d.md)` [`e`](f.md#g)\n```\n[h](i.md)\n```\n");
    assert_eq!(links, ["b.md", "f.md#g"]);
    let code = "use crate::a::b; use crate::{c, d::{e, f}, g};";
    assert_eq!(named_of_crate(code), ["a", "c", "d", "g"]);
    let table = "| a | b |\n|---|---|\n| `c` | `d` |\n\n`g`\n";
    assert_eq!(rows(table), set(&["c"]));
}
