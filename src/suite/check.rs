//! What must be so between the parts of a suite.

use std::collections::HashMap;
use std::path::Path;

use super::case::{Body, Case, Step};
use super::document::Document;
use super::image::{Build, Image, ImageSource};
use super::item::Services;
use super::load::Outside;
use super::mount::Origin;
use crate::text::read::Reader;
use crate::text::source::{Span, Spanned};

/// Says everything that does not fit together.
pub fn suite(
    document: &Document,
    requirements: &[(Spanned<String>, String)],
    cases: &[Case],
    folder: &Path,
    outside: &dyn Outside,
    reader: &mut Reader,
) {
    planned(document, reader);
    names(cases, reader);
    verified(requirements, cases, reader);
    services(document, cases, reader);
    let files = Files { folder, outside };
    let images = document
        .image
        .iter()
        .chain(cases.iter().filter_map(|c| c.image.as_ref()));
    for image in images {
        files.image(image, reader);
    }
    for case in cases {
        files.run(case, reader);
        if document.image.is_none() && case.image.is_none() && document.compose.is_none() {
            let said = reader.say(case.name.span, "this case has no image to judge");
            said.help(
                "say at the top `image: { build: { context: . } }` or `image: { ref: NAME }`",
            );
        }
    }
}

fn planned(document: &Document, reader: &mut Reader) {
    let compose = document.compose.iter().map(|c| ("compose", c.span));
    let certificates = document
        .certificates
        .0
        .iter()
        .map(|(_, c)| ("certificates", c.span));
    let services = document
        .services
        .0
        .iter()
        .map(|(_, s)| ("services", s.span));
    let networks = document
        .networks
        .0
        .iter()
        .map(|(_, n)| ("networks", n.span));
    for (what, span) in compose.chain(certificates).chain(services).chain(networks) {
        let said = reader.say(span, format!("`{what}` is not supported yet"));
        said.help(
            "this version runs one image by itself; it refuses what it would have to pass over",
        );
    }
}

fn names(cases: &[Case], reader: &mut Reader) {
    let mut seen: HashMap<&str, Span> = HashMap::new();
    for case in cases {
        let name = &case.name;
        if name.value.trim().is_empty() {
            reader.say(name.span, "a case needs a name that says what it claims");
        } else if let Some(first) = seen.insert(&name.value, name.span) {
            let said = reader.say(name.span, format!("two cases are called `{}`", name.value));
            said.related(first, "the first")
                .help("names are how results are told apart: change one");
        }
    }
}

fn verified(requirements: &[(Spanned<String>, String)], cases: &[Case], reader: &mut Reader) {
    let mut seen: HashMap<&str, Span> = HashMap::new();
    for (id, _) in requirements {
        if let Some(first) = seen.insert(&id.value, id.span) {
            let said = reader.say(
                id.span,
                format!("the requirement `{}` stands here twice", id.value),
            );
            said.related(first, "the first");
        }
    }
    for id in cases.iter().flat_map(|c| &c.verifies) {
        if !seen.contains_key(id.value.as_str()) {
            let known: Vec<&str> = requirements
                .iter()
                .map(|(id, _)| id.value.as_str())
                .collect();
            let said = reader.unknown(id.span, "requirement", &id.value, known);
            said.help("list it under `requirements:` with what it says");
        }
    }
}

fn services(document: &Document, cases: &[Case], reader: &mut Reader) {
    let mut known = vec!["app", "all"];
    known.extend(
        document
            .services
            .0
            .iter()
            .map(|(name, _)| name.value.as_str()),
    );
    if document.compose.is_some() {
        return;
    }
    let mut one = |services: Option<&Services>| {
        for name in services.iter().flat_map(|s| &s.0) {
            let bare = name.value.split('/').next().unwrap_or("");
            if !known.contains(&bare) {
                reader.unknown(name.span, "service", bare, known.iter().copied());
            } else if name.value.contains('/') {
                let said = reader.say(name.span, "replicas are not supported yet");
                said.help("take the number behind the `/` away");
            }
        }
    };
    for case in cases {
        one(case.service.as_ref());
        case.items()
            .iter()
            .for_each(|item| one(item.modifiers.service.as_ref()));
        if let Body::Steps(steps) = &case.body {
            for step in steps {
                if let Step::Act { modifiers, .. } = step {
                    one(modifiers.service.as_ref());
                }
            }
        }
    }
}

struct Files<'a> {
    folder: &'a Path,
    outside: &'a dyn Outside,
}

impl Files<'_> {
    fn image(&self, image: &Image, reader: &mut Reader) {
        match &image.source {
            ImageSource::Build(build) => self.build(build, reader),
            ImageSource::Archive(path) => {
                if self
                    .outside
                    .is_folder(&self.folder.join(&path.value))
                    .is_none()
                {
                    self.missing(path, "image archive", reader);
                }
            }
            ImageSource::Ref { name, .. } => {
                if name.value.is_empty() || name.value.contains(char::is_whitespace) {
                    reader.say(
                        name.span,
                        format!("`{}` is not the name of an image", name.value),
                    );
                }
            }
        }
    }

    fn build(&self, build: &Build, reader: &mut Reader) {
        let context = self.folder.join(&build.context.value);
        match self.outside.is_folder(&context) {
            None => return self.missing(&build.context, "build context", reader),
            Some(false) => {
                let said = reader.say(
                    build.context.span,
                    format!("the build context `{}` is a file", build.context.value),
                );
                said.help("name the folder that is sent to the builder");
                return;
            }
            Some(true) => {}
        }
        let (span, name) = match &build.dockerfile {
            Some(name) => (name.span, name.value.as_str()),
            None => (build.context.span, "Dockerfile"),
        };
        if self.outside.is_folder(&context.join(name)) != Some(false) {
            let message = format!("there is no Dockerfile `{}`", context.join(name).display());
            reader
                .say(span, message)
                .help("`dockerfile` is relative to `context`");
        }
    }

    fn missing(&self, path: &Spanned<String>, what: &str, reader: &mut Reader) {
        let full = self.folder.join(&path.value);
        let said = reader.say(
            path.span,
            format!("there is no {what} `{}`", full.display()),
        );
        said.help("paths are relative to the file they stand in");
    }

    fn run(&self, case: &Case, reader: &mut Reader) {
        for file in &case.run.env_file.0 {
            if self.outside.is_folder(&self.folder.join(&file.value)) != Some(false) {
                self.missing(file, "file", reader);
            }
        }
        if let Some(networks) = &case.run.networks {
            reader.say(networks.span, "`networks` is not supported yet");
        }
        if let Some(depends) = &case.run.depends_on {
            reader.say(depends.span, "`depends_on` is not supported yet");
        }
        for mount in &case.run.volumes {
            match &mount.origin {
                Origin::Volume(name) if name == "certificates" => {
                    reader.say(mount.span, "the volume `certificates` is not supported yet");
                }
                Origin::Bind(source) => self.bind(source, mount.span, reader),
                _ => {}
            }
        }
    }

    /// A bind mount may show the container only what belongs to the project.
    fn bind(&self, source: &str, span: Span, reader: &mut Reader) {
        let full = self.folder.join(source);
        let Some(root) = self.project() else {
            let said = reader.say(span, "a bind mount needs a project to lie in");
            said.help("put an empty `seaworthy.toml` into the project's top folder, or use a named volume");
            return;
        };
        let inside = |path: &Path| -> Option<std::path::PathBuf> {
            let mut plain = std::path::PathBuf::new();
            for part in std::path::absolute(path).ok()?.components() {
                match part {
                    std::path::Component::ParentDir => {
                        plain.pop();
                    }
                    part => plain.push(part),
                }
            }
            Some(plain)
        };
        let within = match (inside(&full), inside(&root)) {
            (Some(path), Some(root)) => path.starts_with(root) && !source.starts_with('~'),
            _ => false,
        };
        if !within {
            let said = reader.say(span, format!("`{source}` lies outside the project"));
            said.help(format!(
                "a bind mount takes a path below {}",
                root.display()
            ));
        } else if self.outside.is_folder(&full).is_none() {
            let said = reader.say(span, format!("there is no `{}` to bind", full.display()));
            said.help("an engine would make an empty folder of root's there: make it yourself, or use a named volume");
        }
    }

    /// The nearest folder above the suite that holds `seaworthy.toml` or `.git`.
    fn project(&self) -> Option<std::path::PathBuf> {
        let folder = std::path::absolute(self.folder).ok()?;
        let marked = |dir: &Path| {
            [".git", "seaworthy.toml"]
                .iter()
                .any(|mark| self.outside.is_folder(&dir.join(mark)).is_some())
        };
        folder
            .ancestors()
            .find(|dir| marked(dir))
            .map(Path::to_owned)
    }
}
