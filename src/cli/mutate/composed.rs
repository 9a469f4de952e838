//! What Compose files describe that suites judge, as the user's tool has resolved it.

use std::path::Path;

use crate::cli::fault;
use crate::engine::Fault;
use crate::engine::build::BuildRequest;
use crate::mutate::compose::Composed;
use crate::mutate::image;
use crate::session::compose::PROJECTS;
use crate::session::compose::read::{self, Files};
use crate::session::image::NoImage;
use crate::suite::Suite;
use crate::suite::compose::Compose;
use crate::suite::image::{Image, ImageSource};
use crate::suite::outside::shown;
use crate::text::pairs::Pairs;
use crate::text::source::{Sources, Span, Spanned};

/// Has the tool read them. A suite of which that cannot be done is left out: why is told.
pub(super) fn read(suites: &mut Vec<Suite>, sources: &mut Sources) -> (Vec<Composed>, Vec<String>) {
    let (mut all, mut left_out, mut number) = (Vec::new(), Vec::new(), 0);
    suites.retain(|suite| {
        if let Some(compose) = &suite.compose {
            match files(suite, &compose.value) {
                Ok(files) => all.push(composed((number, suite), &compose.value, &files, sources)),
                Err(why) => {
                    let why = why.lines().map(str::trim).collect::<Vec<_>>().join("; ");
                    left_out.push(format!("{}: {why}", shown(&suite.path)));
                    return false;
                }
            }
        }
        number += 1;
        true
    });
    (all, left_out)
}

fn files(suite: &Suite, compose: &Compose) -> Result<Files, String> {
    let read = async {
        let place = (&*suite.folder, &suite.reach, &[][..]);
        Ok::<_, Fault>(read::files((None, PROJECTS), compose, place, None).await)
    };
    match fault::wait(read) {
        Ok(Ok(files)) => Ok(files),
        Ok(Err(
            NoImage::Suite(why)
            | NoImage::Refused(why)
            | NoImage::Given(why)
            | NoImage::Named(_, why)
            | NoImage::There { said: why, .. },
        )) => Err(why),
        Ok(Err(NoImage::Failed(failure))) => Err(failure.what()),
        Ok(Err(NoImage::Fault(why))) | Err(why) => Err(why.to_string()),
    }
}

fn composed(
    (number, suite): (usize, &Suite),
    compose: &Compose,
    files: &Files,
    sources: &mut Sources,
) -> Composed {
    let names = compose.files.iter();
    let names = names.map(|file| shown(&suite.folder.join(&file.value)));
    let span = compose
        .files
        .first()
        .map_or(compose.app.span, |file| file.span);
    let parts = files.stack.parts.iter().filter(|part| part.of > 0);
    let builds = parts.clone().filter_map(|part| {
        let request = part.request()?;
        Some((part.name.clone(), built(request, span)))
    });
    let cases = suite.cases.iter().enumerate();
    let cases = cases.filter(|(_, case)| case.is_of_compose());
    Composed {
        suite: number,
        files: names.collect::<Vec<_>>().join("+"),
        named: span,
        roots: files.roots(sources),
        config: files.config.clone(),
        app: compose.app.value.clone(),
        builds: builds.collect(),
        started: parts.map(|part| part.name.clone()).collect(),
        is_fixed: files.has_fixed_addresses(),
        cases: cases.map(|(at, _)| at).collect(),
    }
}

/// The image of a service, as a suite in the folder of this call would write it.
fn built(request: BuildRequest, span: Span) -> Image {
    let here = std::path::absolute(".").unwrap_or_default();
    let context = request.context.strip_prefix(&here);
    let context = shown(context.unwrap_or(&request.context));
    let file = request
        .dockerfile
        .as_deref()
        .unwrap_or(Path::new("Dockerfile"));
    let mut image = image::built(span, &context, &file.display().to_string());
    if let ImageSource::Build(build) = &mut image.source {
        let text = |value| Spanned { span, value };
        build.target = request.target.map(text);
        let args = request.args.into_iter();
        build.args = Pairs(args.map(|(name, value)| (text(name), value)).collect());
        build.network = request.network;
    }
    image
}
