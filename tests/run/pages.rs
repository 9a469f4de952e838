//! The examples of every claim's and action's page, run against the aisopod fixture.

use std::path::Path;

use libtest_mimic::Trial;
use seaworthy::{action, claim};

use super::bench::{Job, Result, bare};

/// A page without examples that are run is a mistake in the page, or in reading it.
const LEAST: usize = 2;

pub(crate) fn trials() -> Vec<Trial> {
    let trial = |(kind, name, page): (&str, &str, Option<&'static str>)| {
        let path = format!("src/{kind}/{name}.md");
        Trial::test(format!("pages::{kind}::{name}"), move || {
            let page = page.ok_or_else(|| format!("there is no {path}"))?;
            run(&path, page).map_err(Into::into)
        })
    };
    pages().map(trial).collect()
}

/// The kind, the name and the text of each.
fn pages() -> impl Iterator<Item = (&'static str, &'static str, Option<&'static str>)> {
    let claims = claim::NAMES.iter().map(|n| ("claim", *n, claim::page(n)));
    let actions = action::NAMES
        .iter()
        .map(|n| ("action", *n, action::page(n)));
    claims.chain(actions)
}

/// Writes the suites of all pages into a folder, and the bare image's context, to be run by the command.
pub(crate) fn write(folder: &Path) -> Result {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    for (kind, name, page) in pages() {
        let path = format!("src/{kind}/{name}");
        let page = page.ok_or_else(|| format!("there is no {path}.md"))?;
        let text = suite(&format!("{path}.md"), page)?;
        std::fs::create_dir_all(folder.join("src").join(kind)).map_err(failed)?;
        std::fs::write(folder.join(format!("{path}.yaml")), text).map_err(failed)?;
    }
    std::fs::create_dir_all(folder.join("bare")).map_err(failed)?;
    for entry in std::fs::read_dir(bare()).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let to = folder.join("bare").join(entry.file_name());
        std::fs::copy(entry.path(), to).map_err(failed)?;
    }
    Ok(())
}

fn run(path: &str, page: &str) -> Result {
    let text = suite(path, page)?;
    Job::text(path, text).run()?.as_written()
}

/// The page as a suite with the same lines, so that what is said of a line is said of the page's.
fn suite(path: &str, page: &str) -> Result<String> {
    let head = [
        "seaworthy: 1",
        "image: { build: { context: ../../fixtures/aisopod } }",
        "cases:",
    ];
    let pages: Vec<&str> = page.lines().collect();
    let mut lines: Vec<String> = vec![String::new(); pages.len()];
    for (line, text) in lines.iter_mut().zip(head) {
        text.clone_into(line);
    }
    let mut indent = None;
    let mut examples = 0;
    for (at, line) in pages.iter().enumerate() {
        if let Some(spaces) = indent {
            if *line == "```" {
                indent = None;
            } else {
                lines[at] = format!("{spaces}{line}");
                examples += usize::from(line.starts_with("- "));
            }
        } else if line.starts_with("```yaml pass") || line.starts_with("```yaml fail") {
            let free = lines[at - 1].is_empty() && pages[at - 1].is_empty();
            if !free || at < head.len() + 1 {
                return Err(format!(
                    "{path}:{}: an example needs an empty line before it",
                    at + 1
                ));
            }
            let cases = pages[at + 1].starts_with("- name:");
            indent = Some(if cases { "  " } else { "      " });
            if !cases {
                lines[at - 1] = format!("  - name: the example at line {}", at + 1);
                "    expect:".clone_into(&mut lines[at]);
            }
        }
    }
    if examples < LEAST && path.starts_with("src/claim") || examples == 0 {
        return Err(format!("{path}: only {examples} examples were found"));
    }
    lines.push(String::new());
    Ok(lines.join("\n"))
}
