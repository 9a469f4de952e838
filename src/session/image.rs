//! The image under test: found, pulled, loaded or built, and resolved to an id once.

use std::collections::BTreeMap;
use std::path::{Component, Path};
use std::sync::Arc;

use tokio::sync::Mutex;

use super::Session;
use crate::engine::build::{self, BuildError, BuildEvent, BuildRequest, Built, SecretValue};
use crate::engine::images::LayerPaths;
use crate::engine::{Fault, FaultKind};
use crate::fact::build::BuildFailure;
use crate::fact::image::ImageFacts;
use crate::fact::layers::Other;
use crate::fact::search::{Beneath, Search, Searched};
use crate::plan::ImagePlan;
use crate::suite::image::{Build, ImageSource, Pull};
use crate::suite::outside::shown as shown_path;
use crate::text::source::{Sources, Span};

/// An image that can be run.
#[derive(Debug, Clone)]
pub struct Ready {
    /// Its id: what runs, whatever happens to its name.
    pub id: String,
    /// What it is called in the report.
    pub name: String,
    /// What it states about itself.
    pub facts: ImageFacts,
    /// How it came.
    pub how: String,
    /// What was looked up of its contents, so that a run does so once.
    pub kept: Arc<Kept>,
    /// The images that it is compared with, by what tells them apart.
    pub others: BTreeMap<String, Result<Other, String>>,
}

/// What was looked up of an image's contents.
#[derive(Debug, Default)]
pub struct Kept {
    /// Searches of its files.
    pub searched: Mutex<Vec<(Search, Searched)>>,
    /// What its layers hold, which may be looked up at the same time.
    pub layers: Mutex<KeptLayers>,
}

/// What was looked up of an image's layers.
#[derive(Debug, Default)]
pub struct KeptLayers {
    /// The paths in them.
    pub paths: Option<Vec<LayerPaths>>,
    /// Searches of them.
    pub beneath: Vec<(Search, Beneath)>,
}

/// Why there is no image.
#[derive(Debug, Clone)]
pub enum NoImage {
    /// The Dockerfile does not build: the image is wrong.
    Failed(Box<BuildFailure>),
    /// The suite names something that is not there.
    Suite(String),
    /// Likewise, and it stands there.
    Named(Span, String),
    /// A file that the suite names is wrong, there in these sources.
    There {
        /// That file, and those beside it.
        sources: Sources,
        /// Where.
        span: Span,
        /// What is wrong.
        said: String,
    },
    /// It asks for powers over this machine that are not allowed.
    Refused(String),
    /// It cannot be had, and no suite names it: `--image` does.
    Given(String),
    /// We could not tell.
    Fault(Fault),
}

impl NoImage {
    /// The same of the image of that name, which may be the one that the command line puts in the place of others.
    #[must_use]
    pub fn of(self, name: &str, instead: Option<&str>) -> Self {
        match self {
            Self::Fault(fault) if instead == Some(name) => Self::Given(format!(
                "the image `{name}`, which was given in place of what suites say (`--image`, or SEAWORTHY_IMAGE), cannot be had: {fault}"
            )),
            other => other,
        }
    }
}

impl From<Fault> for NoImage {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// What an image is called before it is there.
pub fn label(plan: &ImagePlan) -> String {
    match &plan.image.source {
        ImageSource::Ref { name, .. } => name.value.clone(),
        ImageSource::Archive(path) => shown_path(&plan.folder.join(&path.value)),
        ImageSource::Build(build) => {
            let own = build
                .dockerfile
                .iter()
                .filter(|file| file.value != "Dockerfile");
            let parts = own.chain(&build.target).map(|part| part.value.as_str());
            let parts = parts.collect::<Vec<_>>().join(", ");
            let context = called(&plan.folder.join(&build.context.value));
            match parts.is_empty() {
                true => context,
                false => format!("{context} ({parts})"),
            }
        }
    }
}

/// What is done to get it, as it follows the image's name.
pub fn doing(plan: &ImagePlan) -> &'static str {
    match plan.image.source {
        ImageSource::Ref { .. } => "looks up",
        ImageSource::Archive(_) => "loads",
        ImageSource::Build(_) => "builds",
    }
}

impl Ready {
    /// The image that holds nothing but the probe.
    pub fn of_probe(id: String) -> Self {
        Self {
            id,
            name: "the probe".to_owned(),
            facts: ImageFacts::default(),
            how: "made".to_owned(),
            kept: Arc::default(),
            others: BTreeMap::new(),
        }
    }
}

impl Session {
    /// Gets the image; tells each line of a build or a pull.
    pub async fn image(
        &self,
        plan: &ImagePlan,
        line: impl Fn(String) + Send + Sync,
    ) -> Result<Ready, NoImage> {
        let (id, how) = match &plan.image.source {
            ImageSource::Ref { name, pull } => self.by_name(&name.value, *pull, &line).await?,
            ImageSource::Archive(path) => self.archived(&plan.folder.join(&path.value)).await?,
            ImageSource::Build(build) => {
                let request = request(build, &plan.folder).map_err(NoImage::Suite)?;
                let (built, how) = self.build(&request, &line).await?;
                (built.image_id, how)
            }
        };
        let facts = self.engine.images().inspect(&id).await?;
        Ok(Ready {
            id: facts.id.clone(),
            name: label(plan),
            facts,
            how,
            kept: Arc::default(),
            others: BTreeMap::new(),
        })
    }

    pub(super) async fn by_name(
        &self,
        name: &str,
        pull: Pull,
        line: &(impl Fn(String) + Send + Sync),
    ) -> Result<(String, String), NoImage> {
        let images = self.engine.images();
        if pull != Pull::Always
            && let Some(id) = images.id_of(name).await?
        {
            return Ok((id, "found".to_owned()));
        }
        if pull == Pull::Never {
            let message =
                format!("the engine has no image `{name}`, and `pull: never` says not to pull it");
            let fault = Fault::new(FaultKind::NotFound, format!("find image {name}"), message);
            return Err(fault
                .help("build or load it first, or take `pull: never` away")
                .into());
        }
        images
            .pull(name, None, |progress| line(progress.to_string()))
            .await?;
        let id = images.id_of(name).await?;
        let missing = || {
            Fault::new(
                FaultKind::Broken,
                format!("find image {name}"),
                "it was pulled and is not there",
            )
        };
        Ok((id.ok_or_else(missing)?, "pulled".to_owned()))
    }

    /// Builds by our own builder; gives the image and how it came.
    pub(super) async fn build(
        &self,
        request: &BuildRequest,
        line: &(impl Fn(String) + Send + Sync),
    ) -> Result<(Built, String), NoImage> {
        let tell = |event: BuildEvent| {
            if let Some(text) = shown(&event) {
                line(text);
            }
        };
        let built = match self.is_passing(request) {
            true => self.passing_build(request, tell).await,
            false => build::build(&self.engine, request, tell).await,
        };
        match built {
            Ok(built) => {
                let how = if built.facts.reused {
                    "built before from the same content"
                } else {
                    "built"
                };
                Ok((built, how.to_owned()))
            }
            Err(BuildError::Failed(failure)) => Err(NoImage::Failed(failure)),
            Err(BuildError::Context(error)) => Err(NoImage::Suite(error.to_string())),
            Err(BuildError::Fault(fault)) => Err(NoImage::Fault(fault)),
        }
    }
}

/// A folder as people are told of it: by its path, or by its name where its path is only a way up.
fn called(folder: &Path) -> String {
    let path = shown_path(folder);
    let mut way = Path::new(&path).components();
    match way.all(|part| matches!(part, Component::CurDir | Component::ParentDir)) {
        true => name_of(folder).unwrap_or(path),
        false => path,
    }
}

/// What a folder is called, by whichever way it is named.
fn name_of(folder: &Path) -> Option<String> {
    let absolute = std::path::absolute(folder).ok()?;
    let plain = shown_path(&absolute);
    let name = Path::new(&plain).file_name()?;
    Some(name.to_string_lossy().into_owned())
}

/// What the builder is asked for by what a suite says, or what is missing for that.
pub fn request(build: &Build, folder: &Path) -> Result<BuildRequest, String> {
    let context = folder.join(&build.context.value);
    let name = name_of(&context).unwrap_or_else(|| "image".to_owned());
    let mut request = BuildRequest::new(name, &context);
    request.dockerfile = build.dockerfile.as_ref().map(|d| d.value.clone().into());
    request.target = build.target.as_ref().map(|t| t.value.clone());
    let args = build.args.0.iter();
    request.args = args.map(|(n, v)| (n.value.clone(), v.clone())).collect();
    request.platform.clone_from(&build.platform);
    request.network.clone_from(&build.network);
    request.no_cache = build.no_cache.0;
    request.pull = build.pull.0;
    for (id, secret) in &build.secrets.0 {
        let value = SecretValue::new(secret.value.clone()?.into_bytes());
        request.secrets.push((id.value.clone(), value));
    }
    Ok(request)
}

fn shown(event: &BuildEvent) -> Option<String> {
    match event {
        BuildEvent::Step {
            number,
            total,
            text,
            ..
        } => Some(format!("[{number}/{total}] {text}")),
        BuildEvent::Output { line, .. } => Some(format!("    {line}")),
        BuildEvent::Waiting => Some("waits for another build of the same".to_owned()),
        BuildEvent::Note(note) => Some(note.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_called_by_a_name_whichever_way_leads_there() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let own = here.file_name().unwrap().to_string_lossy();
        for way in [".", "suites/.."] {
            assert_eq!(called(Path::new(way)), own, "{way}");
        }
        assert_eq!(called(Path::new("suites/../app")), "app");
        assert_eq!(called(Path::new("/a/suites/../app")), "/a/app");
        assert_eq!(name_of(Path::new("/a/suites/..")).unwrap(), "a");
    }
}
