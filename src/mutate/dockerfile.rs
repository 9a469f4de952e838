//! Kinds of mutants of Dockerfiles: one file a kind, which says what of the instructions it would change.
//!
//! To add one, write `mutate/dockerfile/NAME.rs` and add its line below.

use std::path::Path;

use super::{Change, Mutant, Rewritten};
use crate::dockerfile::resolved::Resolved;
use crate::dockerfile::{Dockerfile, Instruction, Kind as Word};
use crate::image::Build;
use crate::suite::outside::shown;
use crate::text::source::Span;

/// A Dockerfile that suites build, and what is known of it.
#[derive(Debug)]
pub struct Recipe {
    /// Its path, as one would write it.
    pub path: String,
    /// What it holds.
    pub text: String,
    /// What it says.
    pub file: Dockerfile,
    /// The images that are built of it.
    pub builds: Vec<Made>,
    /// The cases that are about an image of it: suite and case.
    pub cases: Vec<(usize, usize)>,
    /// Those of them that claim something of what it says.
    pub of_sources: Vec<(usize, usize)>,
}

/// An image that is built of a Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The stage that it is; the last one without it.
    pub target: Option<String>,
    /// The build's arguments.
    pub args: Vec<(String, String)>,
}

/// The path of the Dockerfile of a build.
pub fn key(folder: &Path, build: &Build) -> String {
    let file = build.dockerfile.as_ref();
    let file = file.map_or("Dockerfile", |file| file.value.as_str());
    shown(&folder.join(&build.context.value).join(file))
}

/// A Dockerfile as kinds look at it.
#[derive(Debug)]
pub struct Look<'a> {
    /// What it says.
    pub file: &'a Dockerfile,
    /// What it holds.
    text: &'a str,
    /// Whether each stage is needed for an image that suites build.
    needed: Vec<bool>,
    /// Whether what each stage says of its image is said of one that suites build.
    shipped: Vec<bool>,
    /// The last stages of those images.
    pub last: Vec<usize>,
}

/// A change of a Dockerfile's text.
#[derive(Debug)]
pub struct Patch {
    /// The instruction.
    pub at: usize,
    /// What is replaced.
    pub span: Span,
    /// By what.
    pub with: String,
    /// What becomes of it, in a few words.
    pub what: String,
    /// What is so then, in a sentence.
    pub says: String,
    /// A claim that would notice.
    pub claim: String,
    /// Whether claims of sources alone can tell.
    pub is_source: bool,
}

/// A kind of mutants.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// What it is called.
    pub name: &'static str,
    /// What it would change of this Dockerfile.
    pub patches: fn(&Look<'_>) -> Vec<Patch>,
}

kinds! { patches:
    base_floating,
    form,
    health_true,
    mode,
    order,
    owner,
    port_moved,
    removed,
    signal,
    stages,
    user_root,
    variable,
}

/// The mutants of a Dockerfile, in the order of its lines.
pub fn mutants(number: usize, recipe: &Recipe) -> Vec<Mutant> {
    let look = Look::new(recipe);
    let mut all: Vec<(usize, Mutant)> = Vec::new();
    for kind in KINDS {
        for patch in (kind.patches)(&look) {
            let Some(one) = recipe.file.instructions.get(patch.at) else {
                continue;
            };
            let range = patch.span.range();
            let Some(replaced) = recipe.text.get(range.clone()) else {
                continue;
            };
            if replaced == patch.with {
                continue;
            }
            let mut text = recipe.text.clone();
            text.replace_range(range, &patch.with);
            let line = 1 + line_breaks(&recipe.text, one.span);
            let cases = match patch.is_source {
                true => &recipe.of_sources,
                false => &recipe.cases,
            };
            let mutant = Mutant {
                id: format!("{}:{line} {} {}", recipe.path, one.kind.word(), patch.what),
                kind: kind.name,
                span: patch.span,
                says: patch.says,
                claim: patch.claim,
                cases: cases.clone(),
                change: Change::Dockerfile(Rewritten {
                    recipe: number,
                    text,
                    is_source: patch.is_source,
                }),
            };
            all.push((patch.at, mutant));
        }
    }
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, mutant)| mutant).collect()
}

fn line_breaks(text: &str, before: Span) -> usize {
    let front = text.get(..before.range().start);
    front.map_or(0, |front| front.matches('\n').count())
}

impl<'a> Look<'a> {
    fn new(recipe: &'a Recipe) -> Self {
        let file = &recipe.file;
        let count = file.stages.len();
        let mut look = Self {
            file,
            text: &recipe.text,
            needed: vec![false; count],
            shipped: vec![false; count],
            last: Vec::new(),
        };
        for Made { target, args } in &recipe.builds {
            let resolved = Resolved::new(file, args);
            let named = match target {
                Some(name) => file.stage_named(name, count).or_else(|| name.parse().ok()),
                None => count.checked_sub(1),
            };
            let Some(last) = named.filter(|at| *at < count) else {
                continue;
            };
            if !look.last.contains(&last) {
                look.last.push(last);
            }
            for stage in resolved.chain(last) {
                if let Some(place) = look.shipped.get_mut(*stage) {
                    *place = true;
                }
            }
            look.need(last, &resolved);
        }
        look
    }

    /// A stage with all that it builds on and takes files from.
    fn need(&mut self, stage: usize, resolved: &Resolved) {
        let mut open = vec![stage];
        while let Some(stage) = open.pop() {
            match self.needed.get_mut(stage) {
                Some(place) if !*place => *place = true,
                _ => continue,
            }
            open.extend(resolved.chain(stage));
            let file = self.file;
            let own = file.of_stage(stage);
            open.extend(own.flat_map(|(_, one)| taken_from(file, stage, one)));
        }
    }

    /// The instructions of stages that are needed, with their numbers. What is for images that build on this one is
    /// not among them.
    pub fn needed(&self) -> impl Iterator<Item = (usize, &'a Instruction)> {
        self.of(&self.needed)
    }

    /// Those of stages that say what the image is.
    pub fn shipped(&self) -> impl Iterator<Item = (usize, &'a Instruction)> {
        self.of(&self.shipped)
    }

    /// What is written there.
    fn written(&self, span: Span) -> Option<&'a str> {
        self.text.get(span.range())
    }

    /// Whether an instruction stands in a stage that says what the image is.
    fn ships(&self, one: &Instruction) -> bool {
        let stage = one.stage.and_then(|stage| self.shipped.get(stage));
        stage.is_some_and(|holds| *holds)
    }

    fn of<'b>(&'b self, stages: &'b [bool]) -> impl Iterator<Item = (usize, &'a Instruction)> + 'b {
        let all = self.file.instructions.iter().enumerate();
        all.filter(|(_, one)| {
            let stage = one.stage.and_then(|stage| stages.get(stage));
            !one.onbuild && stage.is_some_and(|holds| *holds)
        })
    }

    /// Those of a word that says something of the image.
    pub fn stated(&self, word: Word) -> impl Iterator<Item = (usize, &'a Instruction)> {
        self.shipped().filter(move |(_, one)| one.kind == word)
    }
}

/// The stages that an instruction takes files from.
fn taken_from(file: &Dockerfile, stage: usize, one: &Instruction) -> Vec<usize> {
    let mut named: Vec<String> = Vec::new();
    named.extend(one.flag("from").and_then(|flag| flag.value.clone()));
    for mount in one.mounts() {
        let from = mount.iter().filter(|(key, _)| *key == "from");
        named.extend(from.map(|(_, name)| (*name).to_owned()));
    }
    let place = |name: String| {
        let known = file.stage_named(&name, stage);
        known.or_else(|| name.parse().ok().filter(|at| *at < stage))
    };
    named.into_iter().filter_map(place).collect()
}

impl Patch {
    /// Something else in the place of a part of an instruction.
    fn new(at: usize, span: Span, with: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            at,
            span,
            with: with.into(),
            what: what.into(),
            says: String::new(),
            claim: String::new(),
            is_source: false,
        }
    }

    fn says(mut self, text: impl Into<String>) -> Self {
        self.says = text.into();
        self
    }

    fn noticed_by(mut self, claim: impl Into<String>) -> Self {
        self.claim = claim.into();
        self
    }
}

#[cfg(test)]
pub(super) mod tests;
