//! Files that a suite names: what must be there, and where it may lie.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

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
    project: OnceCell<Option<PathBuf>>,
}

impl<'a> Files<'a> {
    /// Paths are relative to `folder`.
    pub fn new(folder: &'a Path, outside: &'a dyn Outside) -> Self {
        Self {
            folder,
            outside,
            project: OnceCell::new(),
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
        }
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
            if self.is_folder(&file.value) != Some(false) {
                self.missing(file, "file", reader);
            }
        }
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

    /// A bind mount may show the container only what belongs to the project.
    fn bind(&self, source: &str, span: Span, reader: &mut Reader) {
        if !self.outside.has_files() {
            return;
        }
        let full = self.folder.join(source);
        let Some(root) = self.project.get_or_init(|| self.project()) else {
            let said = reader.say(span, "a bind mount needs a project to lie in");
            said.help("put an empty `seaworthy.toml` into the project's top folder, or use a named volume");
            return;
        };
        let inside = |path: &Path| -> Option<PathBuf> {
            let mut plain = PathBuf::new();
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
        let within = match (inside(&full), inside(root)) {
            (Some(path), Some(root)) => path.starts_with(root) && !source.starts_with('~'),
            _ => false,
        };
        if !within {
            let said = reader.say(span, format!("`{source}` lies outside the project"));
            said.help(format!(
                "a bind mount takes a path below {}",
                root.display()
            ));
        } else if let (Some(real), Some(real_root)) =
            (self.outside.real(&full), self.outside.real(root))
            && !real.starts_with(&real_root)
        {
            let message = format!("`{source}` leads out of the project, to {}", real.display());
            let said = reader.say(span, message);
            said.help("a link in the project must not show the container what lies elsewhere: copy what it needs");
        } else if self.outside.is_folder(&full).is_none() {
            let said = reader.say(span, format!("there is no `{}` to bind", shown(&full)));
            said.help("an engine would make an empty folder of root's there: make it yourself, or use a named volume");
        }
    }

    /// The nearest folder above the suite that holds `seaworthy.toml` or `.git`.
    fn project(&self) -> Option<PathBuf> {
        // Of a suite in the current folder the folder is the empty path.
        let folder = std::path::absolute(self.folder.join(".")).ok()?;
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
