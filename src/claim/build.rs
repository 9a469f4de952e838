//! `build`: what comes of building the image.

mod cache;
#[cfg(test)]
mod tests;

use super::{Findings, Judge, Scope};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::build::{BuildFacts, BuildFailure, Warning};
use crate::fact::question::Question;
use crate::fact::source::Attempt;
use crate::record;
use crate::text::matcher::Miss;
use crate::text::matcher::bound::Bound;
use crate::text::matcher::texts::TextMatch;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::{Span, Spanned};
use crate::text::tree::Node;
use crate::text::units::Time;
use crate::words;
pub use cache::Cache;

words! {
    /// What a builder's own checks find.
    pub enum Checks {
        /// Nothing.
        Clean = "clean",
    }
}

record! {
    /// What comes of building the image.
    pub struct BuildFields {
        /// How long it takes to build with nothing from the cache.
        time: Option<Spanned<Bound<Time>>>,
        /// That it does not build, and what the builder says of it: its message, and the last lines of the
        /// step that failed.
        fails: Option<Spanned<TextMatch>>,
        /// That it builds, or is refused because this engine's builder lacks just this.
        needs: Option<Spanned<String>>,
        /// That the builder's own checks find nothing.
        checks: Option<Spanned<Checks>>,
        /// Which steps come from the cache after a file has changed.
        cache: Option<Spanned<Cache>>,
    }
}

/// What is expected of a build.
#[derive(Debug, Clone)]
pub struct Build(BuildFields);

impl Read for Build {
    fn keys() -> &'static [&'static str] {
        BuildFields::keys()
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let fields = BuildFields::read(node, reader)?;
        let builds = fields.time.is_some() || fields.checks.is_some() || fields.cache.is_some();
        if let Some(needs) = &fields.needs
            && (builds || fields.fails.is_some())
        {
            let message = "`needs` stands alone: where the builder lacks it nothing else can hold";
            reader.say(needs.span, message);
            return None;
        }
        match &fields.fails {
            None if !builds && fields.needs.is_none() => {
                return reader.wrong(node, "a map of time, fails, needs, checks or cache");
            }
            Some(fails) if builds => {
                let message = "`fails` stands alone: of what does not build nothing else can hold";
                reader.say(fails.span, message);
                return None;
            }
            Some(fails) if matches!(fails.value, TextMatch::Equals(_)) => {
                let message =
                    "`fails` takes rules for what the builder says, which is more than one line";
                let said = reader.say(fails.span, message);
                said.help("write `fails: { contains: TEXT }`");
                return None;
            }
            _ => {}
        }
        Some(Self(fields))
    }

    fn schema(schemas: &mut Schemas) -> serde_json::Value {
        BuildFields::schema(schemas)
    }
}

impl Judge for Build {
    const SCOPE: Scope = Scope::Sources;

    fn questions(&self) -> Vec<Question> {
        let Self(fields) = self;
        let attempts = [
            fields.fails.as_ref().map(|_| Attempt::Plain),
            fields.needs.as_ref().map(|_| Attempt::Plain),
            fields.checks.as_ref().map(|_| Attempt::Checked),
            fields.time.as_ref().map(|_| Attempt::Anew),
            fields.cache.as_ref().map(|cache| cache.value.attempt()),
        ];
        attempts
            .into_iter()
            .flatten()
            .map(Question::Build)
            .collect()
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let Self(fields) = self;
        if let Some(rule) = &fields.fails {
            match &seen.build(&Attempt::Plain)?.built {
                Ok(_) => {
                    let miss = Miss::new("a build that fails", "it builds");
                    findings.check(rule.span, "build", Some(miss));
                }
                Err(failure) => failed_as(rule, failure, findings)?,
            }
        }
        if let Some(needs) = &fields.needs {
            let tried = seen.build(&Attempt::Plain)?;
            builds_or_lacks(needs, &tried.built, findings);
        }
        if let Some(rule) = &fields.checks {
            let tried = seen.build(&Attempt::Checked)?;
            if let Some(facts) = built(&tried.built, rule.span, findings) {
                clean(rule.span, &facts.warnings, findings);
            }
        }
        if let Some(rule) = &fields.time {
            let tried = seen.build(&Attempt::Anew)?;
            if let Some(facts) = built(&tried.built, rule.span, findings) {
                let time = Time(facts.duration);
                findings.compare(rule.span, "build time", rule.value.miss(&time), time);
            }
        }
        match &fields.cache {
            Some(rule) => rule.value.judge(rule.span, seen, findings),
            None => Ok(()),
        }
    }
}

/// What a build that does not fail tells; one that does is a miss.
fn built<'a>(
    result: &'a Result<BuildFacts, Box<BuildFailure>>,
    span: Span,
    findings: &mut Findings,
) -> Option<&'a BuildFacts> {
    match result {
        Ok(facts) => Some(facts),
        Err(failure) => {
            let miss = Miss::new("an image that builds", failure.what());
            findings.check(span, "build", Some(miss));
            if let Some(finding) = findings.misses.last_mut() {
                finding.notes = evidence(failure);
            }
            None
        }
    }
}

/// It builds, or the builder says that it lacks what is needed.
fn builds_or_lacks(
    needs: &Spanned<String>,
    result: &Result<BuildFacts, Box<BuildFailure>>,
    findings: &mut Findings,
) {
    match result {
        Err(failure) if failure.lacking && failure.message.contains(&needs.value) => {
            findings.saw(format!("refused, as it should be: {}", failure.message));
        }
        result => {
            if built(result, needs.span, findings).is_some() {
                findings.saw("it builds");
            }
        }
    }
}

/// The last lines of what failed, and what to do.
fn evidence(failure: &BuildFailure) -> Vec<String> {
    let lines = failure.last_lines.iter().map(|line| format!("| {line}"));
    lines.chain(failure.help.clone()).collect()
}

fn failed_as(
    rule: &Spanned<TextMatch>,
    failure: &BuildFailure,
    findings: &mut Findings,
) -> Result<(), Blocked> {
    if failure.lacking {
        let help = failure.help.as_deref().unwrap_or_default();
        let why = format!("it cannot be built here: {}; {help}", failure.what());
        return Err(Blocked::Unseen(why));
    }
    let mut text = failure.what();
    for line in &failure.last_lines {
        text.push('\n');
        text.push_str(line);
    }
    match rule.value.miss(&text) {
        None => findings.saw(format!("it does not build: {}", failure.message)),
        miss => {
            findings.check(rule.span, "what the builder says", miss);
            if let Some(finding) = findings.misses.last_mut() {
                finding.notes = evidence(failure);
            }
        }
    }
    Ok(())
}

fn clean(span: Span, warnings: &[Warning], findings: &mut Findings) {
    if warnings.is_empty() {
        findings.saw("the builder's checks find nothing");
    }
    for warning in warnings {
        let line = warning.line.map(|line| format!("line {line}"));
        // Most of them name it themselves.
        let line = line.filter(|line| !warning.text.contains(line.as_str()));
        let line = line.map(|line| format!("{line}: "));
        let actual = format!("{}{}", line.unwrap_or_default(), warning.text);
        let miss = Miss::new("nothing to be found", actual);
        findings.check(span, "the builder's checks", Some(miss));
        if let Some(finding) = findings.misses.last_mut() {
            let more = warning
                .url
                .as_ref()
                .map(|url| format!("more about it: {url}"));
            finding.notes.extend(more);
        }
    }
}
