//! Files that a suite names: what must be there, and where it may lie.

use std::collections::BTreeSet;
use std::path::Path;

use super::grant::{Gate, Kind, Power, asked, nested};
use super::image::secret::SecretSource;
use super::image::{Build, Image, ImageSource, name};
use super::mount::Origin;
use super::outside::{Outside, shown};
use super::run::Run;
use crate::text::read::Reader;
use crate::text::source::{Span, Spanned};

/// Looks at files beside a suite.
pub(super) struct Files<'a> {
    folder: &'a Path,
    outside: &'a dyn Outside,
    gate: &'a Gate<'a>,
}

impl<'a> Files<'a> {
    /// Paths are relative to `folder`.
    pub fn new(folder: &'a Path, outside: &'a dyn Outside, gate: &'a Gate<'a>) -> Self {
        Self {
            folder,
            outside,
            gate,
        }
    }

    /// Says what an image lacks.
    pub fn image(&self, image: &Image, reader: &mut Reader) {
        if !self.outside.has_files() {
            return;
        }
        match &image.source {
            ImageSource::Build(build) => self.build(build, reader),
            ImageSource::Archive(path) => {
                if self
                    .outside
                    .is_folder(&self.folder.join(&path.value))
                    .is_none()
                {
                    self.missing(path, "image archive", reader);
                } else {
                    self.reads(path, reader);
                }
            }
            ImageSource::Ref { name, .. } => {
                if let Some((message, help)) = name::wrong(&name.value) {
                    reader.say(name.span, message).help(help);
                }
            }
        }
    }

    fn build(&self, build: &Build, reader: &mut Reader) {
        let context = self.folder.join(&build.context.value);
        for (_, secret) in &build.secrets.0 {
            if let SecretSource::File(path) = &secret.source {
                self.reads(path, reader);
            }
        }
        let own = ["none", "default", "bridge"];
        if let Some(network) = build
            .network
            .as_ref()
            .filter(|n| !own.contains(&n.as_str()))
        {
            let value = Power::new(Kind::Build, format!("network:{network}"));
            let span = build.context.span;
            self.gate.lets([Spanned { span, value }], reader);
        }
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
            let message = format!("there is no Dockerfile `{}`", shown(&context.join(name)));
            reader
                .say(span, message)
                .help("`dockerfile` is relative to `context`");
        } else if self.reads(&build.context, reader) {
            self.gate.reads(&context.join(name), span, reader);
        }
    }

    /// Whether a file may be read that is named.
    pub fn reads(&self, path: &Spanned<String>, reader: &mut Reader) -> bool {
        self.gate
            .reads(&self.folder.join(&path.value), path.span, reader)
    }

    /// Refuses these unless they are allowed.
    pub fn lets(&self, asked: impl IntoIterator<Item = Spanned<Power>>, reader: &mut Reader) {
        self.gate.lets(asked, reader);
    }

    /// Whether a path is there; `Some(true)` for a folder. What cannot be looked at is taken for a file.
    pub fn is_folder(&self, path: &str) -> Option<bool> {
        if !self.outside.has_files() {
            return Some(false);
        }
        self.outside.is_folder(&self.folder.join(path))
    }

    /// Says that a path leads nowhere.
    pub fn missing(&self, path: &Spanned<String>, what: &str, reader: &mut Reader) {
        let full = self.folder.join(&path.value);
        let said = reader.say(path.span, format!("there is no {what} `{}`", shown(&full)));
        said.help("paths are relative to the file they stand in");
    }

    /// Says what a container's settings lack.
    pub fn run(&self, run: &Run, reader: &mut Reader) {
        for file in &run.env_file.0 {
            if self.is_folder(&file.value) == Some(false) {
                self.reads(file, reader);
            } else {
                self.missing(file, "file", reader);
            }
        }
        self.gate.lets(asked(run), reader);
        // With another's numbers, process 1 would be that other's, and judged as the program.
        if let Some(pid) = run.pid.as_ref().filter(|pid| pid.value != "private") {
            let message = format!("`pid: {}` is refused", pid.value);
            let said = reader.say(pid.span, message);
            said.help("claims about processes would judge those of another: take it out, so that the container has its own");
        }
        for mount in &run.volumes {
            if let Origin::Bind(source) = &mount.origin {
                self.bind(source, mount.span, reader);
            }
        }
    }

    /// A bind mount in a folder that another one may write to can lead elsewhere by the time that it is mounted.
    pub fn nested<'r>(&self, runs: impl Iterator<Item = &'r Run>, reader: &mut Reader) {
        let (mut met, mut spans) = (BTreeSet::new(), Vec::new());
        let mut mounts = Vec::new();
        for mount in runs.flat_map(|run| &run.volumes) {
            if let Origin::Bind(source) = &mount.origin
                && met.insert(mount.span)
            {
                spans.push(mount.span);
                mounts.push((self.folder.join(source), !mount.read_only));
            }
        }
        let asked = nested(&mounts, &|path| self.outside.real(path));
        let asked = asked.into_iter().filter_map(|(number, value)| {
            let span = *spans.get(number)?;
            Some(Spanned { span, value })
        });
        self.gate.lets(asked, reader);
    }

    /// A bind mount may show the container only what belongs to the project.
    fn bind(&self, source: &str, span: Span, reader: &mut Reader) {
        if !self.outside.has_files() {
            return;
        }
        let full = self.folder.join(source);
        if self.gate.binds(&full, span, reader) && self.outside.is_folder(&full).is_none() {
            let said = reader.say(span, format!("there is no `{}` to bind", shown(&full)));
            said.help("an engine would make an empty folder of root's there: make it yourself, or use a named volume");
        }
    }
}
