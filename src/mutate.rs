//! Changes of what suites judge, one at a time, to see whether they notice. What is changed, how, and what came of it
//! are values; nothing here runs anything.

/// Lists the kinds of a folder: of each its file, and the function in it that says what it would change.
macro_rules! kinds {
    ($changes:ident: $($name:ident,)*) => {
        $(mod $name;)*

        /// All kinds.
        pub const KINDS: &[Kind] = &[$(Kind { name: stringify!($name), $changes: $name::$changes },)*];
    };
}

pub mod changed;
pub mod compose;
pub mod diff;
pub mod dockerfile;
pub mod found;
pub mod image;
pub mod judged;
pub mod run;
pub mod sample;

use std::collections::BTreeMap;

use crate::suite::compose::laid::Laid;
use crate::text::source::Span;
use run::Edit;

/// One change, and what is known of it before it is tried.
#[derive(Debug, Clone)]
pub struct Mutant {
    /// What it is called: no other is, and it is called so as long as what it changes is.
    pub id: String,
    /// The kind that it is of, as its file is called.
    pub kind: &'static str,
    /// Where what it changes is written.
    pub span: Span,
    /// What is so then, in a sentence.
    pub says: String,
    /// A claim that would notice, to be pasted, or what one has to be about.
    pub claim: String,
    /// The cases that it concerns: suite and case.
    pub cases: Vec<(usize, usize)>,
    /// How it is made.
    pub change: Change,
}

/// How a mutant is made.
#[derive(Debug, Clone)]
pub enum Change {
    /// The image under test is run otherwise.
    Run(Edit),
    /// A network of the suite is no longer internal.
    Network(String),
    /// In the place of a service stands a program that does nothing.
    Service(String),
    /// A Compose file describes something else: for each suite by number, what is laid over it.
    Compose(BTreeMap<usize, Relaid>),
    /// A Dockerfile says something else.
    Dockerfile(Rewritten),
    /// An image that is not built says something else of itself.
    Image(Restated),
}

/// What a Compose file describes otherwise.
#[derive(Debug, Clone)]
pub struct Relaid {
    /// What is laid over it.
    pub laid: Vec<Laid>,
    /// The service that is no longer waited for as the suite says.
    pub unready: Option<String>,
}

/// An image that says something else of itself.
#[derive(Debug, Clone)]
pub struct Restated {
    /// Its name.
    pub name: String,
    /// The Dockerfile of one that builds on it.
    pub text: String,
}

/// A Dockerfile that says something else.
#[derive(Debug, Clone)]
pub struct Rewritten {
    /// Which, by the number among those that the suites build.
    pub recipe: usize,
    /// What it holds then.
    pub text: String,
    /// Whether claims of sources alone can tell, so that nothing has to be built.
    pub is_source: bool,
}

impl Mutant {
    /// Whether an image has to be built for it.
    pub fn builds(&self) -> bool {
        match &self.change {
            Change::Dockerfile(file) => !file.is_source,
            Change::Image(_) => true,
            Change::Run(_) | Change::Network(_) | Change::Service(_) | Change::Compose(_) => false,
        }
    }

    /// The Dockerfile that has to be written for it.
    pub fn text(&self) -> Option<&str> {
        match &self.change {
            Change::Dockerfile(new) => Some(&new.text),
            Change::Image(new) => Some(&new.text),
            Change::Run(_) | Change::Network(_) | Change::Service(_) | Change::Compose(_) => None,
        }
    }
}

/// Numbers those that are called alike, so that none is.
fn apart(mutants: &mut [Mutant]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for mutant in mutants {
        let count = seen.entry(mutant.id.clone()).or_default();
        *count += 1;
        if *count > 1 {
            mutant.id.push_str(&format!(" ({count})"));
        }
    }
}

/// A text as YAML and JSON both quote it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests;
