//! Why nothing sets a variable.

use std::collections::HashMap;

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
    /// Why nothing sets a variable, where that is so.
    pub(super) fn why(&self, at: usize, one: &Instruction, name: &str) -> Option<Why> {
        let upper = name.to_ascii_uppercase();
        if PROXIES.contains(&upper.as_str()) {
            return None;
        }
        let Some(stage) = one.stage.filter(|_| one.kind != Kind::From) else {
            if self.global.contains_key(name) || PLATFORM.contains(&name) {
                return None;
            }
            let near = near(name, self.global.keys().map(String::as_str).collect());
            return Some(near.unwrap_or(Why::Nothing));
        };
        if self.found.variable(stage, name).is_some() || self.args.contains_key(name) {
            return None;
        }
        let chain = self.found.chain(stage);
        let mut below = chain.iter().flat_map(|stage| self.file.of_stage(*stage));
        // BuildKit hands arguments on to stages that build on this one, other builders do not.
        let declares =
            |(_, other): (usize, &Instruction)| other.stage != Some(stage) && takes(other, name);
        if below.any(declares) {
            return None;
        }
        if self.global.contains_key(name) {
            return Some(Why::Global);
        }
        if PLATFORM.contains(&name) {
            return Some(Why::Undeclared);
        }
        if let Some(why) = self.declared(at, stage, name) {
            return Some(why);
        }
        let sets = chain.iter().filter_map(|stage| self.found.set.get(*stage));
        let known = sets.flat_map(HashMap::keys).chain(self.args.keys());
        let known = known.chain(self.global.keys()).map(String::as_str);
        let near = near(name, known.collect());
        if self.found.root(stage) == Some(&Base::Scratch) && name != "PATH" {
            return Some(near.unwrap_or(Why::Nothing));
        }
        near
    }

    /// Where else there is an `ARG` of this name.
    fn declared(&self, at: usize, stage: usize, name: &str) -> Option<Why> {
        let all = self.file.instructions.iter().enumerate();
        let named = all.filter(|(_, one)| takes(one, name));
        let stages: Vec<(usize, usize)> = named
            .filter_map(|(at, one)| Some((at, one.stage?)))
            .collect();
        if stages
            .iter()
            .any(|(number, own)| *own == stage && *number > at)
        {
            return Some(Why::Later);
        }
        (!stages.is_empty()).then_some(Why::Elsewhere)
    }
}

/// Whether it is an `ARG` of this name.
fn takes(one: &Instruction, name: &str) -> bool {
    one.kind == Kind::Arg && !one.onbuild && one.pairs().iter().any(|pair| pair.name == name)
}

/// A name that was meant. Names of a few letters are always near to others.
fn near(name: &str, known: Vec<&str>) -> Option<Why> {
    let near = nearest(name, known).filter(|_| name.len() > 4)?;
    let same_length = near.len().abs_diff(name.len()) <= 1;
    same_length.then(|| Why::Near(near.to_owned()))
}
