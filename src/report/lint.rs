//! Dockerfiles as the rules see them, for people and for programs. No secret of a file is in it.

use serde_json::{Value as Json, json};

use super::clean;
use super::mask::Mask;
use crate::dockerfile::Dockerfile;
use crate::dockerfile::resolved::Resolved;
use crate::lint::secret_in_variable::is_secret;
use crate::lint::secrets::masked;
use crate::lint::{Finding, Level, lint};
use crate::text::diagnostic::{Diagnostic, Grade};
use crate::text::near::nearest;
use crate::text::source::{Sources, Span};

/// More findings of a file than these are only counted.
pub const MOST: usize = 100;

/// What to judge a file by.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Rules that are not asked.
    pub except: Vec<String>,
    /// The least level that counts.
    pub level: Option<Level>,
    /// Build arguments.
    pub args: Vec<(String, String)>,
    /// The stage that is built.
    pub target: Option<String>,
}

/// A Dockerfile and what was found in it.
#[derive(Debug)]
pub struct Linted {
    /// Its path.
    pub path: String,
    /// What was found, in the order of the file.
    pub findings: Vec<Finding>,
    /// The build arguments that it declares.
    pub declares: Vec<String>,
    /// Its text without secrets.
    sources: Sources,
    mask: Mask,
}

/// Judges a file. It has no stage of the wanted name: what to do about it.
pub fn judge(path: &str, text: &str, wanted: &Wanted) -> Result<Linted, String> {
    let mut sources = Sources::default();
    let id = sources.add(path, "");
    let file = Dockerfile::read(id, text);
    let target = match &wanted.target {
        Some(name) => Some(stage(&file, name)?),
        None => None,
    };
    let resolved = Resolved::new(&file, &wanted.args);
    let mut findings = lint(&file, &resolved, target);
    findings.retain(|one| !wanted.except.iter().any(|rule| rule == one.rule));
    findings.retain(|one| {
        wanted
            .level
            .is_none_or(|least| rank(one.level) >= rank(least))
    });
    let hidden = masked(&file, text);
    let given = wanted.args.iter().filter(|(name, _)| is_secret(name));
    let secrets = hidden.secrets.iter().chain(given.map(|(_, value)| value));
    let mask = Mask::new(secrets.map(String::as_str));
    let mut sources = Sources::default();
    sources.add(path, hidden.text);
    let args = file
        .instructions
        .iter()
        .filter(|one| one.kind == crate::dockerfile::Kind::Arg);
    let declares = args
        .flat_map(crate::dockerfile::Instruction::pairs)
        .map(|pair| pair.name);
    Ok(Linted {
        path: path.to_owned(),
        findings,
        declares: declares.collect(),
        sources,
        mask,
    })
}

/// The stage of that name or number.
fn stage(file: &Dockerfile, name: &str) -> Result<usize, String> {
    let number = name.parse().ok().filter(|at| *at < file.stages.len());
    if let Some(at) = file.stage_named(name, usize::MAX).or(number) {
        return Ok(at);
    }
    let names = file.stages.iter().filter_map(|stage| stage.name.as_ref());
    let names: Vec<&str> = names.map(|name| name.value.as_str()).collect();
    Err(match nearest(name, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.is_empty() => "its stages have no names".to_owned(),
        None => format!("its stages are {}", shown(&names)),
    })
}

fn shown(names: &[&str]) -> String {
    let names: Vec<String> = names
        .iter()
        .take(20)
        .map(|name| format!("`{name}`"))
        .collect();
    names.join(", ")
}

fn rank(level: Level) -> u8 {
    match level {
        Level::Error => 2,
        Level::Warning => 1,
        Level::Info => 0,
    }
}

impl Linted {
    /// The findings as text, each with its lines.
    pub fn text(&self) -> Vec<String> {
        let mut all: Vec<String> = self
            .findings
            .iter()
            .take(MOST)
            .map(|one| self.finding(one))
            .collect();
        if let left @ 1.. = self.findings.len().saturating_sub(MOST) {
            all.push(format!(
                "{left} more findings in {} are not shown",
                clean::line(&self.path)
            ));
        }
        all
    }

    fn say(&self, text: &str) -> String {
        clean::line(&self.mask.text(text.to_owned()))
    }

    fn finding(&self, one: &Finding) -> String {
        let mut said = Diagnostic::new(one.span, self.say(&one.message));
        said.help(self.say(&one.mend));
        for (span, label) in &one.related {
            said.related(*span, self.say(label));
        }
        let grade = match one.level {
            Level::Error => Grade::Error,
            Level::Warning => Grade::Warning,
            Level::Info => Grade::Info,
        };
        said.graded(grade, one.rule, &self.sources, true)
    }

    /// The findings for programs.
    pub fn json(&self) -> Json {
        let at = |span: Span| {
            let place = self.sources.place(span);
            json!({
                "line": place.line, "column": place.column, "width": place.width,
                "text": place.text.chars().take(clean::WIDTH).collect::<String>(),
            })
        };
        let finding = |one: &Finding| {
            let related = one
                .related
                .iter()
                .map(|(span, label)| json!({ "place": at(*span), "message": self.say(label) }));
            json!({
                "rule": one.rule, "level": one.level.word(), "place": at(one.span),
                "message": self.say(&one.message), "help": self.say(&one.mend),
                "related": related.collect::<Vec<_>>(),
            })
        };
        let shown: Vec<Json> = self.findings.iter().take(MOST).map(finding).collect();
        json!({
            "path": self.path, "findings": shown,
            "not_shown": self.findings.len().saturating_sub(MOST),
        })
    }
}
