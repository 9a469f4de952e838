//! What the layers of an image hold: looked up once a run, and only where it is asked.

mod folders;
mod links;

use crate::engine::images::LayerPaths;
use crate::engine::{Engine, Result};
use crate::fact::answer::{Answer, Fact};
use crate::fact::layers::Layer;
use crate::fact::question::Question;
use crate::fact::search::{Beneath, Search};
use crate::session::Session;
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
        globs.collect::<std::result::Result<Vec<Glob>, String>>()
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
    session: &Session,
    image: &Ready,
    questions: &[&Question],
) -> Vec<(Question, Answer)> {
    let mut answers = Vec::new();
    for question in questions {
        if let Question::Beneath(search) = question {
            let answer = match beneath(session, image, search).await {
                Ok(found) => Answer::Seen(Fact::Beneath(Box::new(found))),
                Err(fault) => Answer::Unseen(format!(
                    "{fault}; `layers: false` leaves out what a later step removed"
                )),
            };
            answers.push(((*question).clone(), answer));
        }
    }
    answers
}

/// What the layers of an image hold of what is searched for where containers do not see it, once a run.
async fn beneath(session: &Session, image: &Ready, search: &Search) -> Result<Beneath> {
    let all = image.facts.layers.len() as u64;
    // Of the only one a container sees everything.
    if all == 1 {
        return Ok(Beneath {
            layers: all,
            ..Beneath::default()
        });
    }
    let mut kept = image.kept.layers.lock().await;
    if let Some((_, known)) = kept.beneath.iter().find(|(asked, _)| asked == search) {
        return Ok(known.clone());
    }
    // What an engine keeps as folders is looked at where it lies, and all it can do otherwise is to pack it.
    let found = match folders::beneath(session, image, search).await {
        Ok(Some(found)) => found,
        Ok(None) | Err(_) => {
            let mut wider = search.clone();
            wider.skip.extend(SKIP.map(str::to_owned));
            let images = session.engine.images();
            let (layers, found) = images.searched(&image.id, &wider).await?;
            kept.paths = Some(layers);
            found
        }
    };
    kept.beneath.push((search.clone(), found.clone()));
    Ok(found)
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
