//! The images of a run, and what each step of their making added.

use serde::{Deserialize, Serialize};

use super::Shared;
use crate::fact::image::ImageFacts;
use crate::session::image::Ready;
use crate::text::cover::Cover;

/// How many steps of an image are kept: an engine takes no more layers than this.
const STEPS: usize = 128;
/// How many characters of a step's command are kept.
const COMMAND: usize = 400;

/// An image, and what it is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ImageLayers {
    /// What it is called.
    pub name: String,
    /// Its id.
    pub id: String,
    /// Bytes of all its layers.
    pub size: u64,
    /// The steps of its making, the first one first; none where the engine does not tell.
    pub steps: Vec<LayerStep>,
    /// How many more steps there were before these.
    #[serde(default)]
    pub left_out: usize,
}

/// A step of an image's making.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LayerStep {
    /// What the builder did, in its own words.
    pub by: String,
    /// Bytes that it added.
    pub size: u64,
}

/// Those of a run that are there, each once, in the order in which the suites need them.
pub fn of(shared: &Shared) -> Vec<ImageLayers> {
    let brought = shared.images.iter().filter_map(|cell| cell.get());
    let brought = brought.filter_map(|image| image.as_ref().ok());
    let projects = shared.projects.iter().filter_map(|cell| cell.get());
    let projects = projects.filter_map(|project| project.as_ref().ok());
    let composed = projects.flat_map(|project| project.images().map(|(_, image)| image));
    // That of any suite covers the secrets of all, and what images state.
    let cover = shared.keeper.cover(0);
    let mut all: Vec<ImageLayers> = Vec::new();
    for Ready { name, facts, .. } in brought.chain(composed) {
        if !all.iter().any(|known| known.id == facts.id) {
            all.push(layers(name, facts, &cover));
        }
    }
    all
}

fn layers(name: &str, facts: &ImageFacts, cover: &Cover) -> ImageLayers {
    // The engine tells the newest first.
    let kept = facts.history.iter().take(STEPS).rev();
    let steps = kept.map(|step| LayerStep {
        // Before it is cut, so that no part of a secret is left.
        by: cover
            .text(step.created_by.clone())
            .chars()
            .take(COMMAND)
            .collect(),
        size: step.size,
    });
    ImageLayers {
        name: name.to_owned(),
        id: facts.id.clone(),
        size: facts.size,
        steps: steps.collect(),
        left_out: facts.history.len().saturating_sub(STEPS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_recorded_image_is_made_of_is_told_from_its_first_step_on() {
        let image = include_str!("../../fixtures/engine/image.json");
        let history = include_str!("../../fixtures/engine/image-history.json");
        let mut facts = ImageFacts::read(
            &serde_json::from_str(image).unwrap(),
            Some(&serde_json::from_str(history).unwrap()),
        );
        let told = layers("play:1", &facts, &Cover::default());
        assert_eq!((told.size, told.steps.len()), (1_242_792, 12));
        assert_eq!(told.steps[0].size, 1_242_792);
        assert!(told.steps[11].by.ends_with("CMD [\"serve\"]"));
        let last = facts.history[0].clone();
        facts.history = vec![last; STEPS + 2];
        // A secret that the cut would go through.
        let secret = format!("{}open sesame", "y".repeat(COMMAND - 4));
        facts.history[0].created_by.clone_from(&secret);
        let cover = Cover::new([("open sesame", "${WORD}")]);
        let told = layers("play:1", &facts, &cover);
        assert!(
            told.steps[STEPS - 1].by.ends_with("y${WO"),
            "{:?}",
            told.steps[STEPS - 1]
        );
        facts.history[0].created_by = "x".repeat(COMMAND * 2);
        let told = layers("play:1", &facts, &Cover::default());
        assert_eq!((told.steps.len(), told.left_out), (STEPS, 2));
        assert_eq!(told.steps[STEPS - 1].by.len(), COMMAND);
    }
}
