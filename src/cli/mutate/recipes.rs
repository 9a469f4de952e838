//! The Dockerfiles that suites build.

use std::path::Path;

use crate::cli::exit::Exit;
use crate::cli::out::Out;
use crate::dockerfile::Dockerfile;
use crate::engine::context;
use crate::mutate::changed::is_of_text;
use crate::mutate::compose::Composed;
use crate::mutate::dockerfile::{Made, Recipe, key};
use crate::mutate::found::judging;
use crate::suite::image::{Build, Image, ImageSource};
use crate::suite::{Body, Case, Suite};
use crate::text::source::Sources;

/// Reads each of them once, and notes which cases are about images of it.
pub(super) fn read(
    suites: &[Suite],
    composed: &[Composed],
    sources: &mut Sources,
    out: &mut Out,
) -> Result<Vec<Recipe>, Exit> {
    let mut recipes: Vec<Recipe> = Vec::new();
    for (at, suite, case) in judging(suites) {
        let described = composed.iter().find(|one| one.suite == at.0);
        let described = described.filter(|_| case.is_of_compose());
        let services = described.iter().flat_map(|one| &one.builds);
        let services = services.filter_map(|(_, image)| Some((Path::new(""), build(image)?)));
        let own = built(suite, case).into_iter();
        let own = own.map(|build| (suite.folder.as_path(), build));
        for (folder, build) in own.chain(services) {
            let path = key(folder, build);
            let known = recipes.iter().position(|recipe| recipe.path == path);
            let place = match known {
                Some(place) => place,
                None => {
                    recipes.push(recipe(&path, folder, build, sources, out)?);
                    recipes.len() - 1
                }
            };
            take(&mut recipes[place], build, at, case);
        }
    }
    Ok(recipes)
}

fn build(image: &Image) -> Option<&Build> {
    match &image.source {
        ImageSource::Build(build) => Some(build),
        _ => None,
    }
}

/// What the image under test is built from, and services that are built from the same.
fn built<'a>(suite: &'a Suite, case: &'a Case) -> Vec<&'a Build> {
    let Some(own) = case.image_of(suite).and_then(build) else {
        return Vec::new();
    };
    let path = key(&suite.folder, own);
    let services = case
        .services
        .iter()
        .filter_map(|(_, service)| build(&service.image));
    let same = services.filter(|build| key(&suite.folder, build) == path);
    [own].into_iter().chain(same).collect()
}

fn recipe(
    path: &str,
    folder: &Path,
    build: &Build,
    sources: &mut Sources,
    out: &mut Out,
) -> Result<Recipe, Exit> {
    let file = build.dockerfile.as_ref().map(|file| Path::new(&file.value));
    let read = context::dockerfile(&folder.join(&build.context.value), file);
    let source = read.map_err(|error| {
        out.error(&error.to_string(), &[]);
        Exit::Wrong
    })?;
    let text = String::from_utf8_lossy(&source.text).into_owned();
    let id = sources.add(path, text.clone());
    Ok(Recipe {
        path: path.to_owned(),
        file: Dockerfile::read(id, &text),
        text,
        builds: Vec::new(),
        cases: Vec::new(),
        of_sources: Vec::new(),
    })
}

fn take(recipe: &mut Recipe, build: &Build, case: (usize, usize), own: &Case) {
    let args = build
        .args
        .given()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let made = Made {
        target: build.target.as_ref().map(|target| target.value.clone()),
        args: args.collect(),
    };
    if !recipe.builds.contains(&made) {
        recipe.builds.push(made);
    }
    if recipe.cases.last() == Some(&case) {
        return;
    }
    recipe.cases.push(case);
    let claims =
        matches!(own.body, Body::Expect(_)) && own.items().iter().any(|item| is_of_text(item));
    if claims {
        recipe.of_sources.push(case);
    }
}
