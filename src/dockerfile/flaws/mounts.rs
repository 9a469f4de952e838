//! `RUN --mount=…`, as far as the builder takes it.

use super::super::instruction::Flag;
use crate::text::cut::named;
use crate::text::near::nearest;
use crate::text::source::Span;

const TYPES: [&str; 5] = ["bind", "cache", "tmpfs", "secret", "ssh"];
const SHARING: [&str; 3] = ["shared", "private", "locked"];
/// Options with a value.
const OPTIONS: [&str; 12] = [
    "type",
    "from",
    "source",
    "src",
    "target",
    "dst",
    "destination",
    "id",
    "sharing",
    "mode",
    "uid",
    "gid",
];
/// Others, of which all but the last two stand alone too.
const MORE: [&str; 7] = [
    "readonly",
    "ro",
    "readwrite",
    "rw",
    "required",
    "size",
    "env",
];

/// Says what is wrong with the value of one `--mount`.
pub(super) fn look(flag: &Flag, value: &str, say: &mut impl FnMut(Span, String, &str)) {
    let mut names = false;
    for part in value.split(',') {
        let (key, value) = match part.split_once('=') {
            Some((key, value)) => (key, Some(value)),
            None => (part, None),
        };
        let key = key.to_ascii_lowercase();
        let all = OPTIONS.iter().chain(&MORE).copied();
        if !all.clone().any(|known| known == key) {
            let what = format!("a mount has no option `{}`", named(&key));
            let mend = nearest(&key, all.clone()).map_or_else(
                || "such as `--mount=type=cache,target=/root/.cache`".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            say(flag.span, what, &mend);
            return;
        }
        let alone = MORE[..5].contains(&key.as_str());
        match value {
            None if !alone => {
                let mend = format!("write `{key}=…`");
                say(flag.span, format!("`{key}` has no value"), &mend);
                return;
            }
            // What a variable holds is not known here.
            Some(value) if value.contains('$') => {}
            Some(value) => word(flag, &key, value, say),
            None => {}
        }
        names |= matches!(
            key.as_str(),
            "id" | "source" | "src" | "target" | "dst" | "destination" | "env"
        );
    }
    if kind(value) == "secret" && !names {
        let what = "nothing says which secret it is".to_owned();
        say(flag.span, what, "add `id=NAME`");
    }
}

/// Options that take one of few words.
fn word(flag: &Flag, key: &str, value: &str, say: &mut impl FnMut(Span, String, &str)) {
    let words: &[&str] = match key {
        "type" => &TYPES,
        "sharing" => &SHARING,
        _ => return,
    };
    let lower = value.to_ascii_lowercase();
    if words.contains(&lower.as_str()) {
        return;
    }
    let what = format!("`{key}={}` is not known", named(value));
    let mend = nearest(&lower, words.iter().copied()).map_or_else(
        || format!("known here: {}", words.join(", ")),
        |near| format!("did you mean `{key}={near}`?"),
    );
    say(flag.span, what, &mend);
}

/// The kind of a mount: without a word it is `bind`.
fn kind(value: &str) -> &str {
    let mut parts = value.split(',');
    parts
        .find_map(|part| part.strip_prefix("type="))
        .unwrap_or("bind")
}
