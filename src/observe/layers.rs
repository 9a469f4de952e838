//! What the layers of an image hold: looked up once a run, and only where it is asked.

use crate::engine::Engine;
use crate::engine::images::LayerPaths;
use crate::fact::answer::{Answer, Fact};
use crate::fact::layers::Layer;
use crate::session::image::Ready;
use crate::text::glob::Glob;

/// The most paths of a layer that are kept as evidence.
const KEPT: usize = 100;

/// The layers of an image, each with the paths that match any of these patterns.
pub async fn of(engine: &Engine, image: &Ready, patterns: &[String]) -> Answer {
    let globs: Result<Vec<Glob>, String> = patterns.iter().map(|p| Glob::new(p)).collect();
    let globs = match globs {
        Ok(globs) => globs,
        Err(why) => return Answer::Unseen(why),
    };
    let mut kept = image.kept.lock().await;
    if kept.layers.is_none() {
        match engine.images().layers(&image.id).await {
            Ok(layers) => kept.layers = Some(layers),
            Err(fault) => return Answer::Unseen(fault.to_string()),
        }
    }
    let layers = kept.layers.iter().flatten();
    let matching = layers.map(|layer| held(layer, &globs)).collect();
    Answer::Seen(Fact::Layers(matching))
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
