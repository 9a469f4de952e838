//! What the layers of an image hold: looked up once a run, and only where it is asked.

mod links;

use crate::engine::Engine;
use crate::engine::images::LayerPaths;
use crate::fact::answer::{Answer, Fact};
use crate::fact::layers::Layer;
use crate::session::image::Ready;
use crate::text::glob::Glob;
use links::Links;

/// The most paths of a layer that are kept as evidence.
const KEPT: usize = 100;

/// The layers of an image, each with the paths that match any of these patterns.
pub async fn of(engine: &Engine, image: &Ready, patterns: &[String]) -> Answer {
    let mut kept = image.kept.lock().await;
    if kept.layers.is_none() {
        match engine.images().layers(&image.id).await {
            Ok(layers) => kept.layers = Some(layers),
            Err(fault) => return Answer::Unseen(fault.to_string()),
        }
    }
    let layers: Vec<&LayerPaths> = kept.layers.iter().flatten().collect();
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
