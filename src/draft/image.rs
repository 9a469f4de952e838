//! What is claimed of an image.

use super::seen::Seen;
use super::subject::Subject;
use super::{Case, Part, scalar};
use crate::fact::image::ImageFacts;

/// The most files that are listed by name.
const FILES: usize = 12;

/// The case about the image, where it was looked at.
pub fn case(subject: &Subject, seen: &Seen) -> Option<Case> {
    let image = seen.image()?;
    let mut parts = vec![size(image)];
    parts.extend(states(image));
    parts.extend(user(subject, image));
    parts.push(
        Part::claim("no_secrets: true")
            .says("No key, token or password in its files, variables, labels and history."),
    );
    parts.extend(rights(seen));
    parts.push(
        Part::claim("packages: { absent: [gcc, g++, make] }")
            .says("What only a build needs. List here what must never be in a release."),
    );
    if matches!(subject, Subject::Build { .. }) {
        parts.push(
            Part::claim("dockerfile: { bases: pinned }")
                .says("Every image that it builds on has a version."),
        );
        parts.push(
            Part::claim("dockerfile: { lint: clean }")
                .says("What `seaworthy lint` finds; `lint: { except: [RULE] }` lets a rule go."),
        );
    }
    Some(Case {
        name: "the image is what it was made to be".to_owned(),
        parts,
        ..Case::default()
    })
}

fn size(image: &ImageFacts) -> Part {
    let (seen, bound) = (scalar::seen(image.size), scalar::size(image.size, 1000));
    Part::claim(format!("image: {{ size: {{ below: {bound} }} }}"))
        .says(format!("It had {seen}; say how large it may get."))
}

/// What the image states, where it states something.
fn states(image: &ImageFacts) -> Option<Part> {
    let mut fields = Vec::new();
    if !image.exposed_ports.is_empty() {
        fields.push(format!(
            "exposes: {{ only: {} }}",
            scalar::list(&image.exposed_ports)
        ));
    }
    if !image.volumes.is_empty() {
        fields.push(format!(
            "volumes: {{ only: {} }}",
            scalar::list(&image.volumes)
        ));
    }
    if let Some(folder) = image.workdir.as_deref().filter(|folder| *folder != "/") {
        fields.push(format!("workdir: {}", scalar::text(folder)));
    }
    if let Some(signal) = &image.stop_signal {
        fields.push(format!("stop_signal: {}", scalar::text(signal)));
    }
    let all = fields.join(", ");
    (!fields.is_empty()).then(|| Part::claim(format!("image: {{ {all} }}")))
}

fn user(subject: &Subject, image: &ImageFacts) -> Option<Part> {
    match image.user.as_deref() {
        Some(user) if !is_root(user) => Some(Part::claim(format!(
            "image: {{ user: {} }}",
            scalar::text(user)
        ))),
        // Who did not write the Dockerfile cannot change it.
        _ if !matches!(subject, Subject::Build { .. }) => None,
        _ => Some(
            Part::claim("image: { user: app }")
                .off("its user is root. Give it a `USER`, and name that here"),
        ),
    }
}

/// Whether a user, as an image states it, is root.
fn is_root(user: &str) -> bool {
    let name = user.split(':').next().unwrap_or(user);
    name.is_empty() || name == "root" || name.parse() == Ok(0_u32)
}

/// Files that give rights to who runs them.
fn rights(seen: &Seen) -> Option<Part> {
    let files = seen.privileged()?;
    if files.cut || !files.unread.is_empty() || files.files.len() > FILES {
        return None;
    }
    if files.files.is_empty() {
        return Some(Part::claim("setuid: none"));
    }
    let paths = scalar::list(files.files.iter().map(|file| file.path.as_str()));
    let part = Part::claim(format!("setuid: {{ only: {paths} }}"));
    Some(part.says("Files that give root's rights to whoever runs them. Fewer are better."))
}
