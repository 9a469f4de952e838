//! An instruction is gone.

use super::{Look, Patch};
use crate::dockerfile::{Instruction, Kind};
use crate::mutate::quoted;

pub(super) fn patches(look: &Look<'_>) -> Vec<Patch> {
    let builds = look.needed().filter(|(_, one)| is_of_builds(one.kind));
    let states = look.shipped().filter(|(_, one)| is_statement(one.kind));
    builds
        .chain(states)
        // Variables that stand together are taken away one by one.
        .filter(|(_, one)| one.kind != Kind::Env || one.pairs().len() < 2)
        .map(|(at, one)| {
            // What is left of it is an empty line, so that all others keep their numbers.
            let what = match one.kind {
                Kind::Copy | Kind::Add | Kind::Run => format!("removed: {}", brief(one)),
                _ => "removed".to_owned(),
            };
            Patch::new(at, one.span, "", what)
                .says(format!("`{} {}` is gone", one.kind.word(), brief(one)))
                .noticed_by(if look.ships(one) { claim(one) } else { of_text(one) })
        })
        .collect()
}

/// Whether it makes what is in the image.
fn is_of_builds(kind: Kind) -> bool {
    matches!(kind, Kind::Copy | Kind::Add | Kind::Run | Kind::Workdir | Kind::Env)
}

/// Whether it says how the image is run.
fn is_statement(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::User
            | Kind::Healthcheck
            | Kind::Expose
            | Kind::Label
            | Kind::Volume
            | Kind::Stopsignal
            | Kind::Entrypoint
            | Kind::Cmd
    )
}

/// The most characters of an instruction that are shown.
const WIDE: usize = 40;

/// Its words in one line, not many of them.
pub(super) fn brief(one: &Instruction) -> String {
    let words: Vec<&str> = one.rest.as_str().split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(WIDE) {
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or_default()),
        None => line,
    }
}

/// A claim of what a Dockerfile says, where the image does not show it.
fn of_text(one: &Instruction) -> String {
    let line = format!("{} {}", one.kind.word(), brief(one));
    let text = quoted(line.trim_end_matches('…'));
    format!("- dockerfile: {{ instructions: {{ contains: {text} }} }}")
}

/// Where what an instruction copies lies, for a claim: a path that is none by itself has to be thought of.
pub(super) fn landed(one: &Instruction) -> String {
    let to = one.copied().map(|(_, to)| to.text).unwrap_or_default();
    match to.starts_with('/') {
        true => quoted(&to),
        false => "/where/it/lies".to_owned(),
    }
}

/// A claim that would notice.
pub(super) fn claim(one: &Instruction) -> String {
    let first = one.words().first().map(|word| word.text.clone());
    let first = first.unwrap_or_default();
    let list = || match &one.json {
        Some(words) => serde_json::to_string(words).unwrap_or_default(),
        None => format!("[/bin/sh, -c, {}]", quoted(one.rest.as_str().trim())),
    };
    match one.kind {
        Kind::User => {
            let name = first.split(':').next().unwrap_or_default();
            format!("- whoami: {}", quoted(name))
        }
        Kind::Healthcheck => "- health: healthy".to_owned(),
        Kind::Expose => {
            let ports: Vec<String> = one.words().into_iter().map(|word| word.text).collect();
            format!("- image: {{ exposes: [{}] }}", ports.join(", "))
        }
        Kind::Label | Kind::Env => {
            let key = if one.kind == Kind::Env { "env" } else { "labels" };
            let pair = one.pairs().into_iter().next();
            let name = pair.map_or_else(String::new, |pair| pair.name);
            format!("- image: {{ {key}: {{ {}: {{ not: \"\" }} }} }}", quoted(&name))
        }
        Kind::Volume => {
            let path = one.json.as_ref().and_then(|paths| paths.first().cloned());
            format!("- image: {{ volumes: [{}] }}", quoted(&path.unwrap_or(first)))
        }
        Kind::Stopsignal => format!("- image: {{ stop_signal: {first} }}"),
        Kind::Entrypoint => format!("- image: {{ entrypoint: {} }}", list()),
        Kind::Cmd => format!("- image: {{ cmd: {} }}", list()),
        Kind::Workdir => format!("- image: {{ workdir: {} }}", quoted(&first)),
        Kind::Copy | Kind::Add => {
            format!("- path: {{ at: {}, exists: true }} # what is copied there", landed(one))
        }
        _ => "- path: { at: /made/by/it, exists: true } # what it makes, or what it takes away"
            .to_owned(),
    }
}
