//! What the layers of an image hold: looked up once a run, and only where it is asked.

mod links;

use crate::engine::Engine;
use crate::engine::images::LayerPaths;
use crate::fact::answer::{Answer, Fact};
use crate::fact::layers::Layer;
use crate::fact::question::Question;
use crate::fact::search::{Beneath, Search};
use crate::session::image::Ready;
use crate::text::glob::Glob;

use super::contents::SKIP;
use links::Links;

/// The most paths of a layer that are kept as evidence.
const KEPT: usize = 100;

/// The layers of an image, each with the paths that match any of these patterns.
pub async fn of(engine: &Engine, image: &Ready, patterns: &[String]) -> Answer {
    let mut kept = image.kept.layers.lock().await;
    if kept.paths.is_none() {
        match engine.images().layers(&image.id).await {
            Ok(layers) => kept.paths = Some(layers),
            Err(fault) => return Answer::Unseen(fault.to_string()),
        }
    }
    let layers: Vec<&LayerPaths> = kept.paths.iter().flatten().collect();
    let links = Links::new(layers.iter().flat_map(|layer| &layer.links));
    let globs = links.real(patterns).and_then(|patterns| {
        let globs = patterns.iter().map(|pattern| Glob::new(pattern));
        globs.collect::<Result<Vec<Glob>, String>>()
    });
    match globs {
        Ok(globs) => {
            let matching = layers.into_iter().map(|layer| held(layer, &globs));
            Answer::Seen(Fact::Layers(matching.collect()))
        }
        Err(why) => Answer::Unseen(why),
    }
}

/// The answers to questions about what layers hold by themselves.
pub async fn all_beneath(
    engine: &Engine,
    image: &Ready,
    questions: &[&Question],
) -> Vec<(Question, Answer)> {
    let mut answers = Vec::new();
    for question in questions {
        if let Question::Beneath(search) = question {
            let answer = beneath(engine, image, search).await;
            answers.push(((*question).clone(), answer));
        }
    }
    answers
}

/// What the layers of an image hold of what is searched for, whether a container sees it or not.
pub async fn beneath(engine: &Engine, image: &Ready, search: &Search) -> Answer {
    let all = image.facts.layers.len() as u64;
    let seen = |found: Beneath| Answer::Seen(Fact::Beneath(Box::new(found)));
    // Of the only one a container sees everything.
    if all == 1 {
        return seen(Beneath {
            layers: all,
            ..Beneath::default()
        });
    }
    let mut kept = image.kept.layers.lock().await;
    if let Some((_, known)) = kept.beneath.iter().find(|(asked, _)| asked == search) {
        return seen(known.clone());
    }
    let mut wider = search.clone();
    wider.skip.extend(SKIP.map(str::to_owned));
    match engine.images().searched(&image.id, &wider).await {
        Ok((layers, found)) => {
            kept.paths = Some(layers);
            kept.beneath.push((search.clone(), found.clone()));
            seen(found)
        }
        Err(fault) => Answer::Unseen(format!(
            "{fault}; `layers: false` leaves out what a later step removed"
        )),
    }
}

fn held(layer: &LayerPaths, globs: &[Glob]) -> Layer {
    let mut held = Vec::new();
    let mut count = 0;
    for path in &layer.paths {
        if globs.iter().any(|glob| glob.matches(path)) {
            count += 1;
            if held.len() < KEPT {
                held.push(path.clone());
            }
        }
    }
    Layer {
        made_by: layer.made_by.clone(),
        held,
        count,
        paths: layer.paths.len() as u64,
    }
}
