//! How many layers an image has, and what none of them may hold.

use serde_json::{Value as Json, json};

use crate::claim::Findings;
use crate::claim::path::At;
use crate::fact::answer::{Blocked, Seen};
use crate::fact::image::ImageFacts;
use crate::fact::layers::Layer;
use crate::fact::question::Question;
use crate::record;
use crate::text::cut::cut;
use crate::text::matcher::bound::Bound;
use crate::text::matcher::{Miss, evident};
use crate::text::read::{OneOrMany, Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::{Span, Spanned};
use crate::text::tree::Node;

record! {
    /// What no layer may hold.
    pub struct NoneHolds {
        /// Absolute paths or patterns. Each layer is looked at, also one whose file a later layer takes
        /// away.
        none_holds: Spanned<OneOrMany<At>>,
    }
}

/// What is expected of the layers.
#[derive(Debug, Clone)]
pub enum Layers {
    /// So many.
    Count(Bound<u64>),
    /// None with such a path.
    NoneHolds(Vec<At>),
}

/// The most paths of a layer that are told.
const TOLD: usize = 3;
/// The most characters of a step that are told.
const STEP: usize = 100;

impl Read for Layers {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let entries = node.entries().unwrap_or(&[]);
        // Also where it is written with a typing error, so that the right word is offered.
        if !entries.iter().any(|entry| entry.key.value.contains("hold")) {
            return Bound::read(node, reader).map(Self::Count);
        }
        let fields = NoneHolds::read(node, reader)?;
        Some(Self::NoneHolds(fields.none_holds.value.0))
    }
    fn schema(schemas: &mut Schemas) -> Json {
        json!({ "anyOf": [Bound::<u64>::schema(schemas), NoneHolds::schema(schemas)] })
    }
}

impl Layers {
    fn patterns(paths: &[At]) -> Vec<String> {
        paths.iter().map(|at| at.text().to_owned()).collect()
    }

    /// What must be known of them.
    pub fn question(&self) -> Option<Question> {
        match self {
            Self::Count(_) => None,
            Self::NoneHolds(paths) => Some(Question::Layers(Self::patterns(paths))),
        }
    }

    /// Compares them with what is expected at `span`.
    pub fn judge(
        &self,
        span: Span,
        image: &ImageFacts,
        seen: Seen<'_>,
        findings: &mut Findings,
    ) -> Result<(), Blocked> {
        let paths = match self {
            Self::Count(count) => {
                let layers = image.layers.len() as u64;
                findings.compare(span, "layers", count.miss(&layers), layers);
                return Ok(());
            }
            Self::NoneHolds(paths) => Self::patterns(paths),
        };
        let layers = seen.layers(&paths)?;
        let (shown, all) = (paths.join(", "), layers.len());
        let mut total = 0;
        for (number, layer) in (1..).zip(layers) {
            total += layer.paths;
            if layer.count == 0 {
                continue;
            }
            let miss = Miss::new(
                format!("no layer that holds {shown}"),
                format!("layer {number} of {all} holds {}", held(layer)),
            );
            let made = evident(&cut(&layer.made_by, STEP));
            let note = match made.as_str() {
                "" => String::new(),
                made => format!("that layer was made by: {made}; "),
            };
            let note = format!(
                "{note}what a later step removes stays in the layer below it: remove it in the step that makes it"
            );
            findings.check_with(span, "layers", Some(miss), note);
        }
        if findings.misses.is_empty() {
            findings.saw(format!("none of {total} paths in {all} layers is {shown}"));
        }
        Ok(())
    }
}

fn held(layer: &Layer) -> String {
    let told = layer.held.iter().take(TOLD).map(|path| evident(path));
    let told: Vec<String> = told.collect();
    let more = layer.count.saturating_sub(told.len() as u64);
    match more {
        0 => told.join(", "),
        more => format!("{} and {more} more", told.join(", ")),
    }
}
