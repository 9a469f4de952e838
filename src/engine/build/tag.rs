//! The tag of a built image: made of everything that goes into it, so that equal builds share one image.

use sha2::{Digest as _, Sha256};

use super::Bases;
use super::request::BuildRequest;
use crate::engine::context::{hex, part};
use crate::fact::build::BuilderKind;

/// `seaworthy/NAME:DIGEST`.
pub(super) fn of(
    request: &BuildRequest,
    context: &str,
    bases: &Bases,
    builder: BuilderKind,
) -> String {
    let mut hash = Sha256::new();
    let mut group = |name: &str, parts: &[&str]| {
        part(&mut hash, name.as_bytes());
        hash.update((parts.len() as u64).to_le_bytes());
        for text in parts {
            part(&mut hash, text.as_bytes());
        }
    };
    group("context", &[context]);
    group(
        "dockerfile",
        &[&request
            .dockerfile
            .as_ref()
            .map(|path| path.display().to_string())
            .unwrap_or_default()],
    );
    group(
        "builder",
        &[if builder == BuilderKind::BuildKit {
            "buildkit"
        } else {
            "classic"
        }],
    );
    for (name, value) in [
        ("target", &request.target),
        ("platform", &request.platform),
        ("network", &request.network),
    ] {
        group(name, &value.iter().map(String::as_str).collect::<Vec<_>>());
    }
    for (name, pairs) in [("args", &request.given_args()), ("labels", &request.labels)] {
        let mut pairs: Vec<_> = pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        pairs.sort_unstable();
        group(
            name,
            &pairs
                .into_iter()
                .flat_map(|(name, value)| [name, value])
                .collect::<Vec<_>>(),
        );
    }
    // Their ids only: a tag must tell nothing of a secret, and what a secret opens is no content.
    let mut secrets: Vec<_> = request.secrets.iter().map(|(id, _)| id.as_str()).collect();
    secrets.sort_unstable();
    group("secrets", &secrets);
    for (name, id) in &bases.ids {
        group("base", &[name, id.as_deref().unwrap_or_default()]);
    }
    let digest = hex(&hash.finalize());
    format!("seaworthy/{}:{}", slug(&request.name), &digest[..16])
}

/// A name as a repository may be called: lower-case letters and digits, with single dashes between.
pub fn slug(name: &str) -> String {
    let mut slug = String::new();
    for ch in name.chars().flat_map(char::to_lowercase) {
        if ch.is_ascii_alphanumeric() {
            slug.push(ch);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() >= 40 {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() {
        "image".to_owned()
    } else {
        slug.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::SecretValue;
    use super::*;

    #[test]
    fn names_become_slugs() {
        for (name, expected) in [
            ("gateway", "gateway"),
            ("My  Gateway!", "my-gateway"),
            ("--", "image"),
            ("", "image"),
            ("ünder_score.", "nder-score"),
        ] {
            assert_eq!(slug(name), expected);
        }
        assert!(slug(&"ab ".repeat(100)).len() <= 40);
    }

    #[test]
    fn everything_that_goes_in_changes_the_tag() {
        let base = |id: Option<&str>| Bases {
            ids: BTreeMap::from([("debian".to_owned(), id.map(str::to_owned))]),
            complete: true,
        };
        let tag = |change: fn(&mut BuildRequest)| {
            let mut request = BuildRequest::new("x", "/c");
            change(&mut request);
            of(&request, "d", &base(Some("1")), BuilderKind::BuildKit)
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        let plain = BuildRequest::new("x", "/c");
        let mut tags = vec![
            tag(|_| ()),
            tag(|request| request.target = Some("a".to_owned())),
            tag(|request| request.platform = Some("a".to_owned())),
            tag(|request| request.network = Some("a".to_owned())),
            tag(|request| request.dockerfile = Some("D".into())),
            tag(|request| request.args = vec![("a".to_owned(), Some("bc".to_owned()))]),
            tag(|request| request.args = vec![("ab".to_owned(), Some("c".to_owned()))]),
            tag(|request| request.labels = vec![("ab".to_owned(), "c".to_owned())]),
            tag(|request| request.secrets = vec![("a".to_owned(), SecretValue::new("b"))]),
            of(&plain, "e", &base(Some("1")), BuilderKind::BuildKit),
            of(&plain, "d", &base(Some("2")), BuilderKind::BuildKit),
            of(&plain, "d", &base(None), BuilderKind::BuildKit),
            of(&plain, "d", &base(Some("1")), BuilderKind::Classic),
        ];
        let count = tags.len();
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), count);
        // The order of labels and a secret's value do not count.
        let mut one = BuildRequest::new("x", "/c");
        one.labels = vec![pair("a", "1"), pair("b", "2")];
        one.secrets = vec![("s".to_owned(), SecretValue::new("1"))];
        let mut two = one.clone();
        two.labels.reverse();
        two.secrets = vec![("s".to_owned(), SecretValue::new("2"))];
        let of = |request| of(request, "d", &base(None), BuilderKind::BuildKit);
        assert_eq!(of(&one), of(&two));
        assert_eq!(of(&one).len(), "seaworthy/x:".len() + 16);
    }
}
