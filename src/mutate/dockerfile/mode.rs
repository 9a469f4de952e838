//! Everyone may write what few could.

use super::removed::landed;
use super::{Look, Patch};
use crate::dockerfile::Kind;
use crate::dockerfile::shell::{Command, Word, commands, scripts};
use crate::mutate::quoted;

const WIDE: &str = "777";

pub(super) fn patches(look: &Look<'_>) -> Vec<Patch> {
    let mut all = Vec::new();
    for (at, one) in look.needed() {
        if let Some(flag) = one.flag("chmod") {
            let to = one.copied().map(|(_, to)| to.text).unwrap_or_default();
            let patch = Patch::new(at, flag.span, format!("--chmod={WIDE}"), "mode loosened");
            all.push(told(patch, &to, &landed(one)));
        }
        if one.kind != Kind::Run {
            continue;
        }
        let scripts = scripts(one);
        let found = scripts.iter().flat_map(|script| commands(script, one.escape));
        for command in found {
            if let Some((mode, path)) = changed(&command) {
                let patch = Patch::new(at, mode.span, WIDE, format!("{} loosened", path.text));
                let at = match path.text.starts_with('/') {
                    true => quoted(&path.text),
                    false => "/where/it/lies".to_owned(),
                };
                all.push(told(patch, &path.text, &at));
            }
        }
    }
    all
}

fn told(patch: Patch, path: &str, at: &str) -> Patch {
    patch.says(format!("everyone may write `{path}`")).noticed_by(format!(
        "- path: {{ at: {at}, mode: \"0755\" }} # the mode that it is to have"
    ))
}

/// The mode and the first path of a `chmod`.
fn changed(command: &Command) -> Option<(&Word, &Word)> {
    if command.program() != "chmod" {
        return None;
    }
    let mut args = command.args().iter().filter(|word| !word.text.starts_with('-'));
    let (mode, path) = (args.next()?, args.next()?);
    let is_number = mode.text.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && !mode.text.ends_with(WIDE)).then_some((mode, path))
}
