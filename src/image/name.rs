//! Names of images: `postgres:15`, `registry.example.org:5000/team/app@sha256:…`, or an id.

/// What to do about a text that cannot be the name of an image; nothing of one that can.
pub fn mend(text: &str) -> Option<String> {
    if is_name(text) {
        return None;
    }
    let is_path = text.starts_with(['.', '/', '~']) || text.ends_with('/');
    let (bare, tag) = cut(text);
    Some(if is_path && text.to_ascii_lowercase().ends_with(".tar") {
        format!("an image in a file is `image: {{ archive: {text} }}`")
    } else if is_path {
        format!("to build what stands in a folder, write `image: {{ build: {text} }}`")
    } else if tag == Some("") {
        "nothing stands behind its colon".to_owned()
    } else if bare.chars().any(|c| c.is_ascii_uppercase()) && is_name(&lower(text)) {
        format!("names of images are in lower case: `{}`", lower(text))
    } else {
        "such as `postgres:15` or `registry.example.org/team/app:1.2`".to_owned()
    })
}

/// A name in lower case, its tag as it is.
fn lower(text: &str) -> String {
    let (bare, _) = cut(text);
    let bare = bare.len();
    text[..bare].to_lowercase() + &text[bare..]
}

/// A name without its tag, and the tag.
fn cut(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (text, None),
    }
}

fn is_name(text: &str) -> bool {
    let (named, digest) = match text.split_once('@') {
        Some((named, digest)) => (named, Some(digest)),
        None => (text, None),
    };
    let (bare, tag) = cut(named);
    let mut parts: Vec<&str> = bare.split('/').collect();
    // The first of several may be a host.
    let is_capital = |c: char| c.is_ascii_uppercase();
    let is_host = |part: &&str| {
        part.contains(['.', ':']) || *part == "localhost" || part.contains(is_capital)
    };
    if parts.len() > 1 && parts.first().is_some_and(is_host) {
        let host = parts.remove(0);
        let allowed = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
        if !host.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[')
            || !host.chars().all(allowed)
        {
            return false;
        }
    }
    parts.into_iter().all(is_part) && tag.is_none_or(is_tag) && digest.is_none_or(is_digest)
}

/// Letters and digits, with `.`, `_`, `__` and dashes between them.
fn is_part(part: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let allowed = |c: char| plain(c) || "._-".contains(c);
    part.starts_with(plain)
        && part.ends_with(plain)
        && part.chars().all(allowed)
        && !part.contains("..")
}

fn is_tag(tag: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    tag.starts_with(word) && tag.len() <= 128 && tag.chars().all(|c| word(c) || ".-".contains(c))
}

fn is_digest(digest: &str) -> bool {
    let hex = |hex: &str| hex.len() >= 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    digest
        .split_once(':')
        .is_some_and(|(kind, rest)| !kind.is_empty() && hex(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_what_is_none() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        for name in [
            "postgres:15",
            "a",
            "localhost/x_y__z-1:V1.2-rc",
            "registry.example.org:5000/team-free/app",
            "R.example.org/team/app",
            "REGISTRY/team/app",
            "[::1]:5000/app",
            &digest,
            &"0a".repeat(32),
            &format!("team/app:1@{digest}"),
            "seaworthy/bare:0123",
        ] {
            assert_eq!(mend(name), None, "{name}");
        }
        for (text, help) in [
            (".", "`image: { build: . }`"),
            ("./app", "`image: { build: ./app }`"),
            ("..", "`image: { build: .. }`"),
            ("app/", "build: app/"),
            ("./image.tar", "`image: { archive: ./image.tar }`"),
            ("Postgres:15", "in lower case: `postgres:15`"),
            ("postgres:", "nothing stands behind its colon"),
            ("", "such as `postgres:15`"),
            ("a b", "such as"),
            ("-", "such as"),
            ("app@sha256:12", "such as"),
            ("app:a:b", "such as"),
            ("http://x/y", "such as"),
        ] {
            assert!(
                mend(text).is_some_and(|said| said.contains(help)),
                "{text}: {:?}",
                mend(text)
            );
        }
    }
}
