//! What the builder refuses once variables are replaced.

use super::expand::Broken;
use super::instruction::{Instruction, Kind};
use crate::text::signal::Signal;
use crate::text::source::Span;

/// What is wrong, and what to do.
type Said = (String, String);

/// The first characters, for messages.
fn cut(text: &str) -> String {
    text.chars().take(80).collect()
}

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
                false => format!(": {}", cut(message)),
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
            let named = words.first().and_then(Option::as_deref);
            if let Some(name) = named.filter(|name| words.len() == 1 && !is_signal(name)) {
                let message = format!("`{}` is no signal", cut(name));
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
    let covers = match target {
        Some("/") => true,
        None | Some("") => in_root,
        Some(_) => false,
    };
    (matches!(kind, "bind" | "cache" | "tmpfs") && covers).then(|| match target {
        Some("/") => (
            "nothing can be mounted over `/`".to_owned(),
            "name a folder below it, such as `target=/root/.cache`".to_owned(),
        ),
        _ => (
            format!("`--mount=type={kind}` names no `target`"),
            "add `target=/PATH`: without it the working directory is meant, which is `/` here"
                .to_owned(),
        ),
    })
}

/// The name of an image that cannot be one.
pub(super) fn image(name: &str) -> Option<Said> {
    let example = || "such as `debian:12` or `registry.example.org/team/app:1.2`".to_owned();
    let (rest, digest) = match name.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (name, None),
    };
    if let Some(digest) = digest.filter(|digest| !is_digest(digest)) {
        let mend = "such as `@sha256:` and 64 hexadecimal digits".to_owned();
        return Some((format!("`{}` is no digest", cut(digest)), mend));
    }
    let path = match rest.split_once('/') {
        Some((first, path)) if is_host(first) => path,
        _ => rest,
    };
    let (path, tag) = match path.rsplit_once(':') {
        Some((path, tag)) => (path, Some(tag)),
        None => (path, None),
    };
    let mut parts = path.split('/');
    if parts
        .clone()
        .any(|part| part.contains(|ch: char| ch.is_ascii_uppercase()))
    {
        let lower = name.replace(path, &path.to_ascii_lowercase());
        let message = format!(
            "an image's name is in lower case, and `{}` is not",
            cut(path)
        );
        return Some((message, format!("did you mean `{}`?", cut(&lower))));
    }
    if !parts.all(is_part) || path.is_empty() {
        return Some((format!("`{}` is no name of an image", cut(name)), example()));
    }
    let tag = tag.filter(|tag| !is_tag(tag))?;
    let what = format!("`{}` is no tag", cut(tag));
    Some((
        what,
        "letters, digits, `_`, `.` and `-`, at most 128 of them".to_owned(),
    ))
}

/// Whether what stands before the first slash is a registry. Newer builders take capitals for a sign of one.
fn is_host(first: &str) -> bool {
    let is_capital = |ch: char| ch.is_ascii_uppercase();
    first.contains(['.', ':']) || first == "localhost" || first.contains(is_capital)
}

/// A part of a name between slashes.
fn is_part(part: &str) -> bool {
    let plain = |ch: char| ch.is_ascii_lowercase() || ch.is_ascii_digit();
    let between =
        |gap: &str| matches!(gap, "." | "_" | "__") || gap.bytes().all(|byte| byte == b'-');
    part.starts_with(plain) && part.ends_with(plain) && part.split(plain).all(between)
}

fn is_tag(tag: &str) -> bool {
    let word = |ch: char| ch.is_ascii_alphanumeric() || ch == '_';
    tag.starts_with(word)
        && tag.len() <= 128
        && tag.chars().all(|ch| word(ch) || matches!(ch, '.' | '-'))
}

fn is_digest(digest: &str) -> bool {
    digest.split_once(':').is_some_and(|(kind, digits)| {
        let long = match kind {
            "sha256" => digits.len() == 64,
            _ => digits.len() >= 32,
        };
        !kind.is_empty() && long && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}
