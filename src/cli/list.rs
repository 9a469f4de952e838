//! `seaworthy list`: the cases of suites, or the requirements that they verify.

use std::path::PathBuf;

use serde_json::{Value as Json, json};

use super::allow::Allow;
use super::check::look;
use super::exit::Exit;
use super::out::{Out, count, plain};
use super::suites::{self, Loaded};
use crate::report::clean;

/// What to show, and how.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Suite files, or folders of them [default: suites/**/*.yaml].
    pub paths: Vec<PathBuf>,
    /// Show requirements with the cases that verify them, in place of suites with their cases.
    #[arg(long)]
    pub requirements: bool,
    /// How it is written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// What they may ask for.
    #[command(flatten)]
    pub allow: Allow,
}

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Columns.
    Text,
    /// JSON.
    Json,
}

/// A suite as it is listed.
#[derive(Debug)]
struct Suite {
    path: String,
    name: String,
    description: Option<String>,
    /// File, id and what it says.
    requirements: Vec<(String, String, String)>,
    cases: Vec<Case>,
}

#[derive(Debug)]
struct Case {
    name: String,
    line: usize,
    tags: Vec<String>,
    verifies: Vec<String>,
    skip: Option<String>,
}

/// Lists what was found; wrong suites are said and the exit code tells.
pub fn run(args: &Args, out: &mut Out) -> Exit {
    let found = match look(&args.paths, out) {
        Ok(found) => found,
        Err(exit) => return exit,
    };
    let color = out.colors();
    let read = suites::each(&found.files, &args.allow.unstarted(), |loaded| {
        (summary(loaded), loaded.complaints(color))
    });
    let mut exit = Exit::Held;
    let mut all = Vec::new();
    for (suites, said) in read {
        for text in said {
            out.note(&format!("{text}\n"));
            exit = Exit::Wrong;
        }
        all.extend(suites);
    }
    let text = match (args.requirements, args.format) {
        (false, Format::Text) => cases_text(&all),
        (false, Format::Json) => cases_json(&all),
        (true, Format::Text) => requirements_text(&requirements(&all)),
        (true, Format::Json) => requirements_json(&requirements(&all)),
    };
    out.say(text.trim_end());
    exit
}

fn summary(loaded: &Loaded<'_>) -> Vec<Suite> {
    let place = |span| loaded.sources.place(span);
    let text = |text: &str| loaded.mask.text(text.to_owned());
    let case = |case: &crate::suite::Case| Case {
        name: text(&case.name.value),
        line: place(case.name.span).line,
        tags: case.tags.iter().map(|tag| text(tag)).collect(),
        verifies: case.verifies.iter().map(|id| id.value.clone()).collect(),
        skip: case.skip.as_deref().map(text),
    };
    let suites = loaded.suites.iter().map(|suite| Suite {
        path: loaded.path.display().to_string(),
        name: text(&suite.name),
        description: suite.description.as_deref().map(text),
        requirements: suite
            .requirements
            .iter()
            .map(|(id, says)| (place(id.span).file, id.value.clone(), says.clone()))
            .collect(),
        cases: suite.cases.iter().map(case).collect(),
    });
    suites.collect()
}

fn cases_text(suites: &[Suite]) -> String {
    let mut text = String::new();
    for suite in suites {
        let (path, name) = (plain(&suite.path), plain(&suite.name));
        text.push_str(&format!("{path}  {name}\n"));
        if let Some(about) = &suite.description {
            text.push_str(&format!("  {}\n", plain(about)));
        }
        let rows: Vec<Vec<String>> = suite.cases.iter().map(Case::row).collect();
        text.push_str(&columns(&rows));
        text.push('\n');
    }
    let cases = suites.iter().map(|s| s.cases.len()).sum();
    text + &format!("{}, {}", count(suites.len(), "suite"), count(cases, "case"))
}

impl Case {
    fn row(&self) -> Vec<String> {
        let tags = self.tags.iter().map(|t| format!("#{t}"));
        let skipped = self.skip.iter().map(|why| format!("skipped: {why}"));
        let row = [
            self.name.clone(),
            self.verifies.join(" "),
            tags.chain(skipped).collect::<Vec<_>>().join(" "),
        ];
        row.iter().map(|cell| plain(cell)).collect()
    }
}

/// Rows in columns as wide as they need, but for long names, which push their row alone.
fn columns(rows: &[Vec<String>]) -> String {
    const WIDEST: usize = 72;
    let wide = |cell: &String| cell.chars().count();
    let most = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |at: usize| {
        let cells = rows.iter().filter_map(|row| row.get(at)).map(wide);
        cells.filter(|w| *w <= WIDEST).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..most).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::from("  ");
        for (cell, width) in row.iter().zip(&widths).filter(|(_, width)| **width > 0) {
            line.push_str(&format!("{cell:width$}  "));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn cases_json(suites: &[Suite]) -> String {
    let case = |case: &Case| {
        json!({
            "name": case.name, "line": case.line, "tags": case.tags,
            "verifies": case.verifies, "skip": case.skip,
        })
    };
    let suites = suites.iter().map(|suite| {
        json!({
            "path": suite.path, "name": suite.name, "description": suite.description,
            "cases": suite.cases.iter().map(case).collect::<Vec<_>>(),
        })
    });
    clean::json(&format!(
        "{:#}",
        json!({ "suites": suites.collect::<Vec<_>>() })
    ))
}

/// A requirement and the cases that verify it.
#[derive(Debug)]
struct Requirement {
    file: String,
    id: String,
    says: String,
    cases: Vec<Verifier>,
}

#[derive(Debug)]
struct Verifier {
    suite: String,
    path: String,
    case: String,
    skipped: bool,
}

/// Requirements in written order; a file of them that suites share is listed once.
fn requirements(suites: &[Suite]) -> Vec<Requirement> {
    let mut all: Vec<Requirement> = Vec::new();
    for suite in suites {
        for (file, id, says) in &suite.requirements {
            let known = all.iter().position(|r| r.file == *file && r.id == *id);
            let at = known.unwrap_or_else(|| {
                all.push(Requirement {
                    file: file.clone(),
                    id: id.clone(),
                    says: says.clone(),
                    cases: Vec::new(),
                });
                all.len() - 1
            });
            let verify = suite.cases.iter().filter(|c| c.verifies.contains(id));
            all[at].cases.extend(verify.map(|case| Verifier {
                suite: suite.name.clone(),
                path: suite.path.clone(),
                case: case.name.clone(),
                skipped: case.skip.is_some(),
            }));
        }
    }
    all
}

impl Requirement {
    fn covered(&self) -> bool {
        self.cases.iter().any(|c| !c.skipped)
    }
}

fn requirements_text(all: &[Requirement]) -> String {
    let mut text = String::new();
    let mut file = "";
    for requirement in all {
        if requirement.file != file {
            let gap = if file.is_empty() { "" } else { "\n" };
            file = &requirement.file;
            text.push_str(&format!("{gap}{file}\n"));
        }
        let (id, says) = (plain(&requirement.id), plain(&requirement.says));
        let mark = match (requirement.covered(), requirement.cases.is_empty()) {
            (true, _) => "",
            (false, true) => "  NOT COVERED",
            (false, false) => "  NOT COVERED: all its cases are skipped",
        };
        text.push_str(&format!("  {id}  {says}{mark}\n"));
        for case in &requirement.cases {
            let skipped = if case.skipped { " (skipped)" } else { "" };
            text.push_str(&format!("      {}: {}{skipped}\n", case.suite, case.case));
        }
    }
    let open = all.iter().filter(|r| !r.covered()).count();
    text + &format!("\n{}, {open} not covered", count(all.len(), "requirement"))
}

fn requirements_json(all: &[Requirement]) -> String {
    let case = |c: &Verifier| json!({ "path": c.path, "suite": c.suite, "case": c.case, "skipped": c.skipped });
    let list: Vec<Json> = all
        .iter()
        .map(|r| {
            json!({
                "file": r.file, "id": r.id, "says": r.says, "covered": r.covered(),
                "cases": r.cases.iter().map(case).collect::<Vec<_>>(),
            })
        })
        .collect();
    clean::json(&format!("{:#}", json!({ "requirements": list })))
}
