//! Why nothing sets a variable.

use std::collections::HashMap;

use super::super::Dockerfile;
use super::super::instruction::{Instruction, Kind};
use super::{Base, PLATFORM, PROXIES, Work};
use crate::text::near::nearest;

/// Why a variable is not set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// There is an `ARG` of this name before the first `FROM`, and none in the stage.
    Global,
    /// There is an `ARG` of this name in another stage.
    Elsewhere,
    /// There is an `ARG` of this name further down in the stage.
    Later,
    /// The builder would give it to a stage that declares it.
    Undeclared,
    /// Nothing sets it, and one of nearly that name is set.
    Near(String),
    /// Nothing sets it, nor can a base image.
    Nothing,
}

impl Work<'_> {
    /// Whether something sets a variable, or a build may.
    pub(super) fn is_set(&self, one: &Instruction, name: &str) -> bool {
        if PROXIES.contains(&name.to_ascii_uppercase().as_str()) {
            return true;
        }
        let Some(stage) = one.stage.filter(|_| one.kind != Kind::From) else {
            return self.global.contains_key(name) || PLATFORM.contains(&name);
        };
        if self.found.variable(stage, name).is_some() || self.args.contains_key(name) {
            return true;
        }
        // BuildKit hands arguments on to stages that build on this one, other builders do not.
        let chain = self.found.chain(stage);
        let mut others = self.declares(name).iter().map(|(other, _)| other);
        others.any(|other| *other != stage && chain.binary_search(other).is_ok())
    }

    /// Why a variable is not set, where that is known.
    pub(super) fn why(&self, at: usize, one: &Instruction, name: &str) -> Option<Why> {
        let global = self.global.keys().map(String::as_str);
        let Some(stage) = one.stage.filter(|_| one.kind != Kind::From) else {
            return Some(near(name, global).unwrap_or(Why::Nothing));
        };
        if self.global.contains_key(name) {
            return Some(Why::Global);
        }
        if PLATFORM.contains(&name) {
            return Some(Why::Undeclared);
        }
        let declares = self.declares(name);
        if declares.iter().any(|(of, last)| *of == stage && *last > at) {
            return Some(Why::Later);
        }
        if !declares.is_empty() {
            return Some(Why::Elsewhere);
        }
        let chain = self.found.chain(stage);
        let is_below = |of: &(usize, Option<String>)| chain.binary_search(&of.0).is_ok();
        let sets = self.found.set.iter();
        let sets = sets.filter(|(_, stages)| stages.iter().any(is_below));
        let known = sets.map(|(name, _)| name).chain(self.args.keys());
        let near = near(name, known.map(String::as_str).chain(global));
        if self.found.root(stage) == Some(&Base::Scratch) && name != "PATH" {
            return Some(near.unwrap_or(Why::Nothing));
        }
        near
    }

    /// The stages that have an `ARG` of this name.
    fn declares(&self, name: &str) -> &[(usize, usize)] {
        self.declared.get(name).map_or(&[], Vec::as_slice)
    }
}

/// The stages that have an `ARG` of a name, in order, each with its last instruction that does.
pub(super) fn declared(file: &Dockerfile) -> HashMap<String, Vec<(usize, usize)>> {
    let mut declared: HashMap<String, Vec<(usize, usize)>> = HashMap::new();
    let arguments = file.instructions.iter().enumerate();
    for (at, one) in arguments.filter(|(_, one)| one.kind == Kind::Arg && !one.onbuild) {
        let Some(stage) = one.stage else { continue };
        for pair in one.pairs() {
            let all = declared.entry(pair.name).or_default();
            match all.last_mut() {
                Some((of, last)) if *of == stage => *last = at,
                _ => all.push((stage, at)),
            }
        }
    }
    declared
}

/// A name that was meant. Names of a few letters are always near to others.
fn near<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Option<Why> {
    if name.len() <= 4 {
        return None;
    }
    let near = nearest(name, known)?;
    let same_length = near.len().abs_diff(name.len()) <= 1;
    same_length.then(|| Why::Near(near.to_owned()))
}
