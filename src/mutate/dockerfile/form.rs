//! A shell stands before the program.

use super::removed::claim;
use super::{Look, Patch};
use crate::dockerfile::Kind;

pub(super) fn patches(look: &Look<'_>) -> Vec<Patch> {
    let mut all = Vec::new();
    let runs = [Kind::Entrypoint, Kind::Cmd].map(|word| look.stated(word));
    for (at, one) in runs.into_iter().flatten() {
        let Some(words) = one.json.as_ref().filter(|words| !words.is_empty()) else {
            continue;
        };
        // What `CMD` gives to an entry point is no program.
        let has_entrypoint = look.stated(Kind::Entrypoint).next().is_some();
        if one.kind == Kind::Cmd && has_entrypoint {
            continue;
        }
        let line: Vec<String> = words.iter().map(|word| in_shell(word)).collect();
        let patch = Patch::new(at, one.rest.whole(), line.join(" "), "in shell form")
            .says("a shell stands before the program, which gets no signal and no arguments of `CMD`")
            .noticed_by(claim(one));
        all.push(patch);
    }
    all
}

/// A word as a shell reads it.
fn in_shell(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}
