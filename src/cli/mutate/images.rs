//! The images under test that suites name, and what they say of themselves.

use super::Args;
use crate::cli::fault;
use crate::cli::out::Out;
use crate::engine::Engine;
use crate::fact::image::ImageFacts;
use crate::mutate::found::judging;
use crate::mutate::image::{Named, can_be_base};
use crate::suite::Suite;
use crate::suite::image::ImageSource;

/// Asks the engine for each of them once. What is not there yet is told, and is no reason not to go on.
pub(super) fn read(suites: &[Suite], args: &Args, out: &mut Out) -> Vec<Named> {
    let mut all: Vec<Named> = Vec::new();
    for (at, suite, case) in judging(suites) {
        let Some(image) = case.image_of(suite) else {
            continue;
        };
        let ImageSource::Ref { name, .. } = &image.source else {
            continue;
        };
        match all.iter_mut().find(|known| known.name == name.value) {
            Some(known) => known.cases.push(at),
            None => all.push(Named {
                name: name.value.clone(),
                span: image.span,
                facts: ImageFacts::default(),
                cases: vec![at],
            }),
        }
    }
    let mut known = Vec::new();
    for mut image in all {
        match look(&image.name, args) {
            Ok(facts) => {
                image.facts = facts;
                known.push(image);
            }
            Err(why) => out.note(&format!(
                "what the image {} says of itself is not changed: {why}",
                image.name
            )),
        }
    }
    known
}

fn look(name: &str, args: &Args) -> Result<ImageFacts, String> {
    if !can_be_base(name) {
        return Err("nothing can be built on an id or a digest".to_owned());
    }
    let facts = fault::wait(async {
        let engine = Engine::find(args.engine.as_deref()).await?;
        engine.images().inspect(name).await
    });
    facts.map_err(|fault| fault.message)
}
