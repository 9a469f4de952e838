//! What the builder refuses once variables are replaced.

use super::expand::Broken;
use super::instruction::{Instruction, Kind};
use crate::text::cut::named;
use crate::text::signal::Signal;
use crate::text::source::Span;

/// What is wrong, and what to do.
pub(super) type Said = (String, String);

/// A variable that cannot be replaced.
pub(super) fn variable(broken: &Broken, kind: Kind) -> Said {
    match broken {
        Broken::Open('{') => (
            "nothing closes this brace".to_owned(),
            "write `${NAME}`".to_owned(),
        ),
        Broken::Open(quote) => {
            let mend = match kind {
                Kind::Add | Kind::Copy | Kind::Volume => {
                    "names with spaces stand in a JSON array: `COPY [\"a file\", \"/to/\"]`"
                        .to_owned()
                }
                _ => format!("close it, or write `\\{quote}` for the character itself"),
            };
            ("nothing closes this quote".to_owned(), mend)
        }
        Broken::Nameless => (
            "no variable is named here".to_owned(),
            "write `${NAME}`".to_owned(),
        ),
        Broken::Sign => (
            "the builder knows no such way to replace a variable".to_owned(),
            "`${NAME}`, `${NAME:-DEFAULT}` and `${NAME:+TEXT}` are known everywhere".to_owned(),
        ),
        Broken::Wanted(name, message) => {
            let why = match message.is_empty() {
                true => String::new(),
                false => format!(": {}", named(message)),
            };
            let mend = format!("give it by `--build-arg {name}=…`, or a default by `ARG {name}=…`");
            (format!("`{name}` must be set{why}"), mend)
        }
    }
}

/// The words of an instruction.
pub(super) fn words(
    one: &Instruction,
    words: &[Option<String>],
    say: &mut impl FnMut(Span, String, String),
) {
    let whole = one.rest.whole();
    match one.kind {
        Kind::Stopsignal => {
            let first = words.first().and_then(Option::as_deref);
            if let Some(name) = first.filter(|name| words.len() == 1 && !is_signal(name)) {
                let message = format!("`{}` is no signal", named(name));
                let mend = match Signal::near(name) {
                    Some(near) => format!("did you mean `SIG{near}`?"),
                    None => "such as `SIGTERM` or `SIGINT`".to_owned(),
                };
                say(whole, message, mend);
            }
        }
        Kind::Volume => {
            let blank =
                |word: &Option<String>| word.as_deref().is_some_and(|w| w.trim().is_empty());
            if words.iter().any(blank) {
                let mend = "name a folder, such as `/data`".to_owned();
                say(whole, "a volume needs a path".to_owned(), mend);
            }
        }
        _ => {}
    }
}

/// Engines take more names than one list has, and any number but 0.
fn is_signal(name: &str) -> bool {
    let number = name.parse::<i64>();
    name.eq_ignore_ascii_case("CLD")
        || name.eq_ignore_ascii_case("SIGCLD")
        || Signal::parse(name).is_some()
        || number.is_ok_and(|number| number != 0)
}

/// A mount over the root, which the working directory may be.
pub(super) fn mount(value: &str, in_root: bool) -> Option<Said> {
    let parts: Vec<(String, &str)> = value
        .split(',')
        .filter_map(|part| part.split_once('='))
        .map(|(key, value)| (key.to_ascii_lowercase(), value))
        .collect();
    let of = |key: &str| {
        let found = parts.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| *value)
    };
    let kind = of("type").unwrap_or("bind");
    let target = ["target", "dst", "destination"]
        .iter()
        .find_map(|key| of(key));
    let target = target.filter(|target| !target.is_empty());
    let covers = match target {
        Some(target) => target == "/" || in_root && leads_nowhere(target),
        None => in_root,
    };
    let below = || "name a folder below it, such as `target=/root/.cache`".to_owned();
    (matches!(kind, "bind" | "cache" | "tmpfs") && covers).then(|| match target {
        Some("/") => ("nothing can be mounted over `/`".to_owned(), below()),
        Some(target) => (
            format!(
                "`target={}` is `/` here, and nothing can be mounted over that",
                named(target)
            ),
            below(),
        ),
        None => (
            format!("`--mount=type={kind}` names no `target`"),
            "add `target=/PATH`: without it the working directory is meant, which is `/` here"
                .to_owned(),
        ),
    })
}

/// Whether a relative path ends in the folder that it begins in, which has none above it.
fn leads_nowhere(path: &str) -> bool {
    let deeper = |depth: usize, part: &str| match part {
        "" | "." => depth,
        ".." => depth.saturating_sub(1),
        _ => depth + 1,
    };
    !path.starts_with('/') && path.split('/').fold(0, deeper) == 0
}
