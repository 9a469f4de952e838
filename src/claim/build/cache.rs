//! Which steps of a build come from the cache after a file has changed.

use serde_json::{Value as Json, json};

use super::built;
use crate::claim::Findings;
use crate::fact::answer::{Blocked, Seen};
use crate::fact::build::{BuildFacts, BuildStep};
use crate::fact::source::{Attempt, Sort};
use crate::record;
use crate::text::glob::is_pattern;
use crate::text::matcher::Miss;
use crate::text::read::{OneOrMany, Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::{Span, Spanned};
use crate::text::tree::Node;

/// Most steps that are named in a message.
const NAMED: usize = 30;

record! {
    /// Which steps come from the cache after a file of the context has changed.
    pub struct CacheFields {
        /// The file, by its path within the context. It is changed in what the builder is sent, and stays
        /// as it is on disk.
        after_change: Spanned<Sent>,
        /// Texts of steps: every step that holds one comes from the cache.
        keeps: OneOrMany<Spanned<Words>>,
        /// Texts of steps: every step that holds one is carried out again.
        rebuilds: OneOrMany<Spanned<Words>>,
    }
}

/// The path of one file of a context.
#[derive(Debug, Clone)]
pub struct Sent(String);

impl Read for Sent {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let text = String::read(node, reader)?;
        let parts = text.split('/').filter(|part| !matches!(*part, "" | "."));
        let parts: Vec<&str> = parts.collect();
        let outside = text.starts_with('/') || parts.is_empty() || parts.contains(&"..");
        if outside || is_pattern(&text) {
            return reader.wrong(
                node,
                "one file within the build context, such as src/main.rs",
            );
        }
        Some(Self(parts.join("/")))
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "type": "string" })
    }
}

/// A text that steps hold, however its words are spaced.
#[derive(Debug, Clone)]
pub struct Words(String);

impl Read for Words {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let text = spaced(&String::read(node, reader)?);
        if text.is_empty() {
            return reader.wrong(node, "a text that a step holds, such as `COPY src`");
        }
        Some(Self(text))
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "type": "string" })
    }
}

fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Which steps come from the cache.
#[derive(Debug, Clone)]
pub struct Cache(CacheFields);

impl Read for Cache {
    fn keys() -> &'static [&'static str] {
        CacheFields::keys()
    }
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let fields = CacheFields::read(node, reader)?;
        if fields.keeps.0.is_empty() && fields.rebuilds.0.is_empty() {
            return reader.wrong(
                node,
                "`keeps: [TEXT]` or `rebuilds: [TEXT]` beside `after_change`",
            );
        }
        Some(Self(fields))
    }
    fn schema(schemas: &mut Schemas) -> Json {
        CacheFields::schema(schemas)
    }
}

/// A step of the build, and whether the change left it in the cache.
struct Step {
    stage: String,
    text: String,
    kept: bool,
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.stage.as_str() {
            "" => write!(f, "`{}`", self.text),
            stage => write!(f, "`{}` of stage {stage}", self.text),
        }
    }
}

impl Cache {
    pub(super) fn attempt(&self) -> Attempt {
        Attempt::Changed(self.0.after_change.value.0.clone())
    }

    pub(super) fn judge(
        &self,
        span: Span,
        seen: Seen<'_>,
        findings: &mut Findings,
    ) -> Result<(), Blocked> {
        let Self(fields) = self;
        let tried = seen.build(&self.attempt())?;
        let Some(before) = built(&tried.built, span, findings) else {
            return Ok(());
        };
        let path = &fields.after_change;
        if let Some(why) = tried.sent.and_then(unchangeable) {
            let miss = Miss::new("a file that the builder is sent", why.0);
            findings.check_with(
                path.span,
                format!("cache {}", path.value.0),
                Some(miss),
                why.1,
            );
            return Ok(());
        }
        let after = match &tried.again {
            Some(Ok(facts)) => facts,
            Some(Err(failure)) => {
                return Err(Blocked::Unseen(format!(
                    "with white space at the end of {} it does not build, so nothing can be told of the \
                     cache; name a file that allows it: {}",
                    path.value.0,
                    failure.what()
                )));
            }
            None => return Err(Blocked::Unseen("it was not built again".to_owned())),
        };
        let steps = steps(before, after);
        for text in &fields.keeps.0 {
            self.check(text, &steps, true, findings);
        }
        for text in &fields.rebuilds.0 {
            self.check(text, &steps, false, findings);
        }
        Ok(())
    }

    fn check(&self, text: &Spanned<Words>, steps: &[Step], kept: bool, findings: &mut Findings) {
        let Spanned {
            span,
            value: Words(text),
        } = text;
        let path = &self.0.after_change.value.0;
        let what = format!("cache after {path} changes");
        let meant: Vec<&Step> = steps.iter().filter(|s| s.text.contains(text)).collect();
        if meant.is_empty() {
            let miss = Miss::new(format!("a step that holds `{text}`"), "none");
            findings.check(*span, what, Some(miss));
            let listed = steps.iter().take(NAMED).map(|step| format!("step {step}"));
            if let Some(finding) = findings.misses.last_mut() {
                finding.notes = listed.collect();
            }
            return;
        }
        let (expected, actual) = match kept {
            true => ("from the cache", "carried out again"),
            false => ("carried out again", "from the cache"),
        };
        for step in &meant {
            if step.kept == kept {
                findings.saw(format!("{step} {expected}"));
                continue;
            }
            let miss = Miss::new(format!("{step} {expected}"), actual);
            let first = steps.iter().find(|step| !step.kept);
            let note = match first {
                Some(first) => format!("the first step that is carried out again is {first}"),
                None => format!("no step is carried out again: none uses {path}"),
            };
            findings.check_with(*span, what.clone(), Some(miss), note);
        }
    }
}

/// Why a path cannot be changed, and what to do.
fn unchangeable(sort: Sort) -> Option<(&'static str, &'static str)> {
    match sort {
        Sort::File => None,
        Sort::Folder => Some(("a folder", "name a file in it")),
        Sort::Link => Some(("a link", "name the file that it leads to")),
        Sort::Ignored => Some((
            "it is not sent",
            "it is there; either the ignore file leaves it out, or it is of a sort that cannot be sent",
        )),
        Sort::Nothing => Some((
            "nothing",
            "the path is relative to the build context, not to this file",
        )),
    }
}

/// The steps of both builds. One that the second does not tell of was not carried out in it: its result
/// was in the cache, or is contained in one that was.
fn steps(before: &BuildFacts, after: &BuildFacts) -> Vec<Step> {
    let own = |step: &&BuildStep| {
        let text = step.text.trim_start();
        let begins = |with: &str| {
            text.get(..with.len())
                .is_some_and(|t| t.eq_ignore_ascii_case(with))
        };
        // The classic builder makes a step of the labels by which the image is known as ours.
        !begins("FROM ") && !begins("LABEL io.seaworthy.")
    };
    let same = |a: &BuildStep, b: &BuildStep| {
        a.stage == b.stage && a.number == b.number && spaced(&a.text) == spaced(&b.text)
    };
    let first = before.steps.iter().filter(own);
    let second = || after.steps.iter().filter(own);
    let new = second().filter(|step| !before.steps.iter().any(|old| same(old, step)));
    let made = first.chain(new);
    made.map(|step| Step {
        stage: step.stage.clone(),
        text: spaced(&step.text),
        kept: second()
            .filter(|other| same(other, step))
            .all(|other| other.cached),
    })
    .collect()
}
