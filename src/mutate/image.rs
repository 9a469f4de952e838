//! Mutants of what an image by name says of itself: a Dockerfile that builds on it says otherwise.

use super::run::{UNHEEDED, good_check};
use super::{Change, Mutant, Restated, quoted};
use crate::fact::image::ImageFacts;
use crate::image::{Build, Image, ImageSource};
use crate::text::pairs::Pairs;
use crate::text::read::{Flag, Named as ByName};
use crate::text::source::{Span, Spanned};

/// An image under test that is not built, and what is known of it.
#[derive(Debug, Clone)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// Where a suite names it.
    pub span: Span,
    /// What it says of itself.
    pub facts: ImageFacts,
    /// The cases that are about it: suite and case.
    pub cases: Vec<(usize, usize)>,
}

/// Whether a Dockerfile can build on what is called so: an id is no name.
pub fn can_be_base(name: &str) -> bool {
    let is_id = name.len() >= 12 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    !name.contains("sha256:") && !is_id
}

/// The mutants of what it says.
pub fn mutants(image: &Named) -> Vec<Mutant> {
    let facts = &image.facts;
    let mut all = Vec::new();
    let mut add = |kind, what: &str, line: &str, says: String, claim: String| {
        all.push(Mutant {
            id: format!("{} {what}", image.name),
            kind,
            span: image.span,
            says,
            claim,
            cases: image.cases.clone(),
            change: Change::Image(Restated {
                name: image.name.clone(),
                text: format!("FROM {}\n{line}\n", image.name),
            }),
        });
    };
    let user = facts.user.as_deref().unwrap_or_default();
    let name = user.split(':').next().unwrap_or_default();
    if !matches!(name, "" | "root" | "0") {
        let says = format!("the image runs as root, not as `{name}`");
        add(
            "user_root",
            "USER root",
            "USER 0:0",
            says,
            format!("- whoami: {}", quoted(name)),
        );
    }
    for name in facts
        .env
        .iter()
        .filter_map(|pair| Some(pair.split_once('=')?.0))
    {
        let says = format!("the variable `{name}` is empty");
        let claim = format!(
            "- image: {{ env: {{ {}: {{ not: \"\" }} }} }}",
            quoted(name)
        );
        add(
            "variable",
            &format!("ENV {name} emptied"),
            &format!("ENV {name}="),
            says,
            claim,
        );
    }
    let check = facts.healthcheck.as_ref();
    let word = check.and_then(|check| check.test.first());
    if word.is_some_and(|word| word != "NONE") {
        let says = "its health is not checked".to_owned();
        add(
            "health",
            "HEALTHCHECK off",
            "HEALTHCHECK NONE",
            says,
            "- health: healthy".to_owned(),
        );
        let words = good_check();
        let program = serde_json::to_string(words.get(1..).unwrap_or_default());
        let line = format!("HEALTHCHECK CMD {}", program.unwrap_or_default());
        let says = "its health is good whatever happens".to_owned();
        let claim = "- health: unhealthy # once a step has stopped what the check looks at";
        add(
            "health_true",
            "HEALTHCHECK always true",
            &line,
            says,
            claim.to_owned(),
        );
    }
    let says = format!("it is asked to end by {UNHEEDED}, which it does not heed");
    let claim = "- exited: { code: 0, took: { below: 5s } } # after the step `stop`";
    add(
        "signal",
        "STOPSIGNAL swallowed",
        &format!("STOPSIGNAL {UNHEEDED}"),
        says,
        claim.to_owned(),
    );
    all
}

/// The image that a Dockerfile in a folder of its own makes.
pub fn built(span: Span, context: &str, dockerfile: &str) -> Image {
    let text = |value: &str| Spanned {
        span,
        value: value.to_owned(),
    };
    Image {
        span,
        source: ImageSource::Build(Box::new(Build {
            context: text(context),
            dockerfile: Some(text(dockerfile)),
            target: None,
            args: Pairs::default(),
            secrets: ByName::default(),
            platform: None,
            network: None,
            no_cache: Flag(false),
            pull: Flag(false),
        })),
    }
}
