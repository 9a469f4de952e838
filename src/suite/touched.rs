//! What of this machine the runs of a suite depend on, beside the suite's own texts.

use std::path::{Path, PathBuf};

use super::image::{Image, ImageSource};
use super::mount::Origin;
use super::run::Run;
use super::{Case, Suite};
use crate::fact::question::Question;

/// Something of this machine that a run depends on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Ground {
    /// A file, or a folder with all that is in it.
    Path(PathBuf),
    /// Likewise, where a run may write too.
    Written(PathBuf),
    /// What an image is built from: a folder, and a Dockerfile where it has a name of its own.
    Context(PathBuf, Option<PathBuf>),
}

/// All that the suite's runs depend on, each once.
pub fn grounds(suite: &Suite) -> Vec<Ground> {
    let mut all = Vec::new();
    let folder = suite.folder.as_path();
    all.extend(
        suite
            .image
            .iter()
            .filter_map(|image| of_image(image, folder)),
    );
    if let Some(compose) = &suite.compose {
        let files = compose.value.files.iter().chain(&compose.value.env_file);
        let files = files.map(|file| folder.join(&file.value));
        // What the file builds from and mounts lies beside it as a rule.
        all.extend(files.map(|file| {
            let beside = file.parent().map(Path::to_owned);
            Ground::Written(beside.unwrap_or(file))
        }));
    }
    for case in &suite.cases {
        all.extend(of_case(case, folder));
    }
    let mut once = Vec::new();
    for ground in all {
        if !once.contains(&ground) {
            once.push(ground);
        }
    }
    once
}

fn of_case(case: &Case, folder: &Path) -> Vec<Ground> {
    let images = case
        .image
        .iter()
        .chain(case.services.iter().map(|(_, one)| &one.image));
    let images = images.filter_map(|image| of_image(image, folder));
    let runs = case
        .services
        .iter()
        .map(|(_, one)| &one.run)
        .chain([&case.run]);
    let binds = runs.flat_map(|run| of_run(run, folder));
    let questions = case
        .items()
        .into_iter()
        .flat_map(|item| item.claim.questions());
    let sources = questions.filter_map(|question| match question {
        Question::Source(look) => Some(Ground::Path(folder.join(look.path()))),
        _ => None,
    });
    images.chain(binds).chain(sources).collect()
}

fn of_image(image: &Image, folder: &Path) -> Option<Ground> {
    match &image.source {
        ImageSource::Build(build) => {
            let context = folder.join(&build.context.value);
            let file = build
                .dockerfile
                .as_ref()
                .map(|file| context.join(&file.value));
            Some(Ground::Context(context, file))
        }
        ImageSource::Archive(path) => Some(Ground::Path(folder.join(&path.value))),
        ImageSource::Ref { .. } => None,
    }
}

fn of_run(run: &Run, folder: &Path) -> Vec<Ground> {
    let mounts = run.volumes.iter();
    let binds = mounts.filter_map(|mount| match &mount.origin {
        Origin::Bind(path) if mount.read_only => Some(Ground::Path(folder.join(path))),
        Origin::Bind(path) => Some(Ground::Written(folder.join(path))),
        _ => None,
    });
    binds.collect()
}
