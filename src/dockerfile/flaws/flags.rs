//! Flags that the builder refuses.

use super::super::instruction::{Flag, Instruction, Kind};
use super::{mounts, timing};
use crate::text::cut::named;
use crate::text::near::nearest;
use crate::text::source::Span;

/// What the instruction takes; none where it takes none, or does not look at them.
fn known(one: &Instruction) -> Option<&'static [&'static str]> {
    let known: &[&str] = match one.kind {
        Kind::Add => &[
            "chown",
            "chmod",
            "link",
            "checksum",
            "keep-git-dir",
            "exclude",
            "unpack",
        ],
        Kind::Copy => &["from", "chown", "chmod", "link", "parents", "exclude"],
        Kind::From => &["platform"],
        Kind::Healthcheck if !one.is_none() => &[
            "interval",
            "timeout",
            "start-period",
            "start-interval",
            "retries",
        ],
        Kind::Run => &["mount", "network", "security", "device"],
        _ => return None,
    };
    Some(known)
}

/// Flags that stand alone, or are `true` or `false`.
const SWITCHES: [&str; 4] = ["link", "parents", "keep-git-dir", "unpack"];

/// Flags that may be given again.
const AGAIN: [&str; 3] = ["mount", "device", "exclude"];

/// Looks at each by itself, and whether one is there twice.
pub(super) fn look(one: &Instruction, say: &mut impl FnMut(Span, String, &str)) {
    let Some(known) = known(one) else { return };
    for (at, flag) in one.flags.iter().enumerate() {
        let name = flag.name.as_str();
        if name.is_empty() {
            continue;
        }
        if !known.contains(&name) {
            let what = format!("`{}` has no flag `--{}`", one.kind, named(name));
            let near = nearest(name, known.iter().copied());
            let mend = near.map_or_else(
                || format!("known here: --{}", known.join(", --")),
                |near| format!("did you mean `--{near}`?"),
            );
            say(flag.span, what, &mend);
            continue;
        }
        let mut before = one.flags.iter().take(at);
        if !AGAIN.contains(&name) && before.any(|other| other.name == name) {
            let what = format!("`--{name}` stands here a second time");
            say(flag.span, what, "remove one of the two");
        }
        value(one, flag, say);
    }
}

fn value(one: &Instruction, flag: &Flag, say: &mut impl FnMut(Span, String, &str)) {
    let name = flag.name.as_str();
    let is_switch = SWITCHES.contains(&name);
    let Some(value) = flag.value.as_deref() else {
        if !is_switch {
            let what = format!("`--{name}` has no value");
            let mend = format!("write `--{name}=…`, with `=` and without a space");
            say(flag.span, what, &mend);
        }
        return;
    };
    if is_switch && !matches!(value, "true" | "false") && !value.contains('$') {
        let what = format!("`--{name}` is `true` or `false`, not `{}`", named(value));
        say(flag.span, what, "write it without a value to switch it on");
    }
    match one.kind {
        Kind::Healthcheck => timing::look(flag, value, say),
        Kind::Run if name == "mount" => mounts::look(flag, value, say),
        _ => {}
    }
}
