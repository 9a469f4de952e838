//! Values that are no secrets.

/// Words that stand where a value belongs.
const PLACEHOLDERS: [&str; 34] = [
    "changeme",
    "change-me",
    "change_me",
    "password",
    "passwd",
    "pass",
    "secret",
    "token",
    "key",
    "todo",
    "tbd",
    "dummy",
    "example",
    "placeholder",
    "replaceme",
    "replace-me",
    "replace_me",
    "redacted",
    "removed",
    "none",
    "null",
    "nil",
    "undefined",
    "unset",
    "empty",
    "test",
    "testing",
    "fake",
    "foo",
    "bar",
    "foobar",
    "insecure",
    "not-a-secret",
    "build-only",
];

/// What placeholders hold.
const HINTS: [&str; 14] = [
    "your",
    "changeme",
    "change-me",
    "change_me",
    "change-this",
    "change_this",
    "replace",
    "placeholder",
    "example",
    "insert",
    "dummy",
    "fill-in",
    "xxxx",
    "not-real",
];

/// Whether there is no value, or one that comes from elsewhere when it is needed.
pub(super) fn is_empty(value: &str) -> bool {
    let value = value.trim();
    let word = value.to_ascii_lowercase();
    value.is_empty()
        || value.starts_with(['$', '{', '`'])
        || is_path(value)
        || ["./", "~/", "<%", "%(", "%d"]
            .iter()
            .any(|start| value.starts_with(start))
        || [('<', '>'), ('[', ']'), ('%', '%'), ('@', '@')]
            .iter()
            .any(|(first, last)| value.starts_with(*first) && value.ends_with(*last))
        || value.starts_with('@') && value.contains(['/', '.'])
        || value.contains("$(")
        || value.contains("{{")
        || value.contains("%s")
        || is_mostly_given(value)
        || value.chars().all(|c| matches!(c, '*' | '.' | '-' | '_'))
        || matches!(
            word.as_str(),
            "true" | "false" | "yes" | "no" | "on" | "off" | "none" | "null" | "nil"
        )
        || value.starts_with("ssh-") && value.contains(' ')
        || value.starts_with("-----BEGIN PUBLIC")
        || value.starts_with("-----BEGIN CERT")
}

/// Whether a value that begins with a slash is a path. One in 64 of those in base64 begins so too.
fn is_path(value: &str) -> bool {
    let Some(rest) = value.strip_prefix('/') else {
        return false;
    };
    let has = |of: fn(&char) -> bool| rest.chars().any(|ch| of(&ch));
    let is_mixed =
        has(char::is_ascii_digit) && has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase);
    let is_one = !rest.contains(['/', '.', '-', '_']) && rest.len() >= 16;
    !(rest.contains('+') || rest.ends_with('=') || is_one && is_mixed)
}

/// Whether what is written is little beside what comes from elsewhere: `Bearer ${TOKEN}`.
fn is_mostly_given(value: &str) -> bool {
    let Some((mut left, mut rest)) = value.split_once("${").map(|(l, r)| (l.to_owned(), r)) else {
        return false;
    };
    loop {
        let Some((inner, behind)) = rest.split_once('}') else {
            return false;
        };
        if inner.contains(":-") {
            return false;
        }
        let (between, more) = behind.split_once("${").unwrap_or((behind, ""));
        left.push_str(between);
        if more.is_empty() {
            break;
        }
        rest = more;
    }
    left.chars().filter(char::is_ascii_alphanumeric).count() < 8
}

/// Whether a value only shows where one belongs.
pub(super) fn is_placeholder(value: &str) -> bool {
    let word = value.trim().to_ascii_lowercase();
    let first = word.chars().next();
    PLACEHOLDERS.contains(&word.as_str())
        || HINTS.iter().any(|hint| word.contains(hint))
        || first.is_some_and(|first| word.len() >= 3 && word.chars().all(|c| c == first))
}

/// A value without the quotes around it and the comment behind it.
fn bare(value: &str) -> &str {
    let value = value.trim().trim_end_matches(',');
    for quote in ['"', '\''] {
        if let Some(rest) = value.strip_prefix(quote) {
            return rest.split(quote).next().unwrap_or(rest);
        }
    }
    value.split(" #").next().unwrap_or(value).trim()
}

/// What is written as a value, where it is one: neither empty, nor from elsewhere, nor there to show where
/// one belongs.
pub(super) fn real(value: &str) -> Option<String> {
    let value = bare(value);
    // Of `${NAME:-default}` the default is what stands here.
    let inner = value
        .strip_prefix("${")
        .and_then(|rest| rest.split_once('}'));
    if let Some((inner, _)) = inner {
        let (_, default) = inner.split_once(":-").or_else(|| inner.split_once('-'))?;
        return real(default);
    }
    let none = is_empty(value) || is_placeholder(value);
    (!none).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_as_a_path_and_goes_on_as_none_is_a_value() {
        for value in [
            "/Zk39fjq8vRt2+Qe7w==",
            "/Zk39fjq8vRt2Qe7wA",
            "/a+b/c",
            "/aGVsbG8=",
        ] {
            assert_eq!(real(value).as_deref(), Some(value));
        }
    }

    #[test]
    fn what_comes_from_elsewhere_is_no_value() {
        for value in [
            "",
            " ",
            "${X}",
            "$X",
            "$(cat x)",
            "/run/secrets/x",
            "/run/Secrets2/db-password",
            "/DatabasePassword",
            "<token>",
            "{{ x }}",
            "%(x)s",
            "****",
            "true",
            "none",
            "ssh-ed25519 AAAA me",
            "Bearer ${TOKEN}",
            "gh%s_%s",
            "[REDACTED]",
            "v1-{{ checksum }}",
            "${A}-${B}",
        ] {
            assert!(is_empty(value), "{value}");
        }
        assert!(!is_empty("changeme") && is_placeholder("changeme"));
        for value in [
            "your-password",
            "REPLACE_ME",
            "xxxxxxxx",
            "secret",
            "insert-here",
        ] {
            assert!(is_placeholder(value), "{value}");
        }
        for value in ["hunter2", "aA1-bB2", "s3cr3t"] {
            assert!(!is_placeholder(value) && !is_empty(value), "{value}");
        }
    }
}
