//! How exactly the images are named that a Dockerfile builds on.

use super::View;
use crate::claim::Findings;
use crate::dockerfile::resolved::Base;
use crate::lint::latest_base::moves;
use crate::lint::look::tag;
use crate::text::matcher::Miss;
use crate::text::source::Spanned;
use crate::words;

words! {
    /// How exactly an image is named.
    pub enum Pinned {
        /// By a tag that is not moved to each new release.
        Pinned = "pinned",
        /// By a version of at least two numbers, such as 3.11.
        Minor = "minor",
        /// By a version of at least three numbers, such as 3.11.2.
        Patch = "patch",
        /// By its digest.
        Digest = "digest",
    }
}

impl Pinned {
    fn expected(self) -> &'static str {
        match self {
            Self::Pinned => "a tag that is not moved to each new release, or a digest",
            Self::Minor => "a version of two numbers such as 3.11, or a digest",
            Self::Patch => "a version of three numbers such as 3.11.2, or a digest",
            Self::Digest => "a digest",
        }
    }

    fn holds(self, image: &str) -> bool {
        let (tag, digest) = tag(image);
        let numbers = tag.map_or(0, version);
        digest
            || match self {
                Self::Pinned => tag.is_some_and(|tag| !tag.is_empty() && !moves(tag)),
                Self::Minor => numbers >= 2,
                Self::Patch => numbers >= 3,
                Self::Digest => false,
            }
    }
}

/// Of how many numbers the version is that a tag begins with.
fn version(tag: &str) -> usize {
    let digits = tag.strip_prefix(['v', 'V']).unwrap_or(tag);
    let end = digits.find(|c: char| !c.is_ascii_digit() && c != '.');
    let numbers = &digits[..end.unwrap_or(digits.len())];
    numbers.split('.').take_while(|n| !n.is_empty()).count()
}

pub(super) fn judge(rule: &Spanned<Pinned>, view: &View<'_>, findings: &mut Findings) {
    let before = findings.misses.len();
    let mut named = Vec::new();
    for (stage, base) in view.file.stages.iter().zip(&view.resolved.bases) {
        let line = view.line(stage.image.span);
        let actual = match base {
            Base::Scratch | Base::Stage(_) => continue,
            Base::Image(image) if rule.value.holds(image) => {
                named.push(image.clone());
                continue;
            }
            Base::Image(image) => format!("{image} (line {line})"),
            Base::Unknown => {
                let written = &stage.image.value;
                format!("{written}, for which no build argument is given (line {line})")
            }
        };
        let miss = Miss::new(rule.value.expected(), actual);
        findings.check(rule.span, "base", Some(miss));
    }
    if findings.misses.len() == before {
        findings.saw(match named.is_empty() {
            true => "no image is built on".to_owned(),
            false => format!("built on {}", named.join(", ")),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_named_more_or_less_exactly() {
        let of = |image: &str| {
            let all = [Pinned::Pinned, Pinned::Minor, Pinned::Patch, Pinned::Digest];
            all.map(|rule| u8::from(rule.holds(image)))
        };
        for (image, holds) in [
            ("python", [0, 0, 0, 0]),
            ("python:latest", [0, 0, 0, 0]),
            // What an argument leaves that nothing sets.
            ("python:", [0, 0, 0, 0]),
            ("python:3", [1, 0, 0, 0]),
            ("python:3.11-slim", [1, 1, 0, 0]),
            ("python:3.11.2-slim-bookworm", [1, 1, 1, 0]),
            ("prom/prometheus:v2.42.0", [1, 1, 1, 0]),
            ("debian:bookworm-slim", [1, 0, 0, 0]),
            ("localhost:5000/app", [0, 0, 0, 0]),
            ("localhost:5000/app:1.2", [1, 1, 0, 0]),
            ("app:1.", [1, 0, 0, 0]),
            ("app@sha256:00", [1, 1, 1, 1]),
            ("app:latest@sha256:00", [1, 1, 1, 1]),
        ] {
            assert_eq!(of(image), holds, "{image}");
        }
    }
}
