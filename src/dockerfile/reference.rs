//! Names of images as builders and engines read them: `[REGISTRY/]PATH[:TAG][@DIGEST]`.

use crate::text::cut::named;

/// The most characters of a path, and of a tag.
const LONGEST_PATH: usize = 255;
const LONGEST_TAG: usize = 128;

/// What is wrong with a text that cannot be the name of an image, and what to do; nothing of one that can.
pub fn wrong(name: &str) -> Option<(String, String)> {
    let (rest, digest) = match name.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (name, None),
    };
    if let Some(digest) = digest.filter(|digest| !is_digest(digest)) {
        let mend = "such as `@sha256:` and 64 hexadecimal digits in lower case".to_owned();
        return Some((format!("`{}` is no digest", named(digest)), mend));
    }
    let no_name = || format!("`{}` is not the name of an image", named(name));
    if let Some((scheme, _)) = name.split_once("://") {
        return Some((no_name(), format!("leave `{}://` out", named(scheme))));
    }
    let (registry, rest) = match rest.split_once('/') {
        Some((first, behind)) if is_registry(first) => (Some(first), behind),
        _ => (None, rest),
    };
    if registry.is_some_and(|registry| !is_address(registry)) {
        let mend =
            "a registry in front is written such as `registry.example.org` or `localhost:5000`";
        return Some((no_name(), mend.to_owned()));
    }
    let (path, tag) = match rest.rsplit_once(':') {
        Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
        _ => (rest, None),
    };
    if path.contains(|ch: char| ch.is_ascii_uppercase()) {
        let begin = registry.map_or(0, |registry| registry.len() + 1);
        let (before, behind) = (&name[..begin], &name[begin + path.len()..]);
        let lower = format!("{before}{}{behind}", path.to_ascii_lowercase());
        if wrong(&lower).is_none() {
            let message = format!(
                "an image's name is in lower case, and `{}` is not",
                named(path)
            );
            return Some((message, format!("did you mean `{}`?", named(&lower))));
        }
    }
    if !path.split('/').all(is_part) {
        let mend = "such as `debian:12` or `registry.example.org/team/app:1.2`".to_owned();
        return Some((no_name(), mend));
    }
    if path.len() > LONGEST_PATH {
        let message = format!("a name of {} characters is too long", path.len());
        return Some((message, format!("at most {LONGEST_PATH} are taken")));
    }
    let tag = tag.filter(|tag| !is_tag(tag))?;
    Some(match tag {
        "" => (
            format!("nothing stands behind the colon of `{}`", named(name)),
            "name a tag, or leave the colon out".to_owned(),
        ),
        tag => (
            format!("`{}` is no tag", named(tag)),
            format!(
                "letters, digits, `_`, `.` and `-`, at most {LONGEST_TAG} of them, and neither `.` nor `-` first"
            ),
        ),
    })
}

/// Whether what stands before the first slash is a registry. Newer builders take capitals for a sign of one.
fn is_registry(first: &str) -> bool {
    let is_capital = |ch: char| ch.is_ascii_uppercase();
    first.contains(['.', ':']) || first == "localhost" || first.contains(is_capital)
}

/// A name such as `registry.example.org` or an address such as `[::1]`, perhaps with a port.
fn is_address(text: &str) -> bool {
    let six = text.strip_prefix('[').and_then(|text| text.split_once(']'));
    let (is_host, behind) = match six {
        Some((six, behind)) => {
            let of_six = |ch: char| ch.is_ascii_hexdigit() || ch == ':';
            (!six.is_empty() && six.chars().all(of_six), behind)
        }
        None => {
            let (name, behind) = text.split_at(text.find(':').unwrap_or(text.len()));
            (name.split('.').all(is_label), behind)
        }
    };
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    is_host && (behind.is_empty() || behind.strip_prefix(':').is_some_and(is_port))
}

/// A part of a host's name between dots.
fn is_label(label: &str) -> bool {
    let plain = |ch: char| ch.is_ascii_alphanumeric();
    label.starts_with(plain)
        && label.ends_with(plain)
        && label.chars().all(|ch| plain(ch) || ch == '-')
}

/// A part of a path between slashes: `.`, `_`, `__` or dashes stand between letters and digits.
fn is_part(part: &str) -> bool {
    let plain = |ch: char| ch.is_ascii_lowercase() || ch.is_ascii_digit();
    let between =
        |gap: &str| matches!(gap, "." | "_" | "__") || gap.bytes().all(|byte| byte == b'-');
    part.starts_with(plain) && part.ends_with(plain) && part.split(plain).all(between)
}

fn is_tag(tag: &str) -> bool {
    let word = |ch: char| ch.is_ascii_alphanumeric() || ch == '_';
    tag.starts_with(word)
        && tag.len() <= LONGEST_TAG
        && tag.chars().all(|ch| word(ch) || matches!(ch, '.' | '-'))
}

/// The kinds that builders and engines know.
fn is_digest(digest: &str) -> bool {
    let of_kind = |(kind, digits): (&str, &str)| {
        let length = match kind {
            "sha256" => 64,
            "sha384" => 96,
            "sha512" => 128,
            _ => return false,
        };
        let hexadecimal = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        digits.len() == length && digits.bytes().all(hexadecimal)
    };
    digest.split_once(':').is_some_and(of_kind)
}
