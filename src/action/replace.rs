//! `replace`.

use serde_json::Value as Json;

use super::Act;
use crate::fact::deed::Deed;
use crate::image::{Build, Image, ImageSource};
use crate::record;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::tree::Node;

record! {
    /// The image that the container is made from instead: exactly one of `image` and `build`.
    pub struct ReplaceFields {
        /// By name, or as `image` of a suite says it.
        image: Option<Image>,
        /// Built from a Dockerfile.
        build: Option<Build>,
    }
}

/// Another image takes the place of the container's own.
#[derive(Debug, Clone)]
pub struct Replace {
    image: Image,
}

impl Read for Replace {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let said = reader.diagnostics.len();
        let fields = ReplaceFields::read(node, reader)?;
        let image = match (fields.image, fields.build) {
            (Some(image), None) => image,
            (None, Some(build)) => Image {
                span: node.get("build").map_or(node.span, |build| build.span),
                source: ImageSource::Build(Box::new(build)),
            },
            (None, None) if reader.diagnostics.len() > said => return None,
            _ => {
                let message = "`replace` takes exactly one of `image` and `build`";
                let said = reader.say(node.span, message);
                said.help("such as `replace: { image: postgres:16 }`");
                return None;
            }
        };
        Some(Self { image })
    }
    fn schema(schemas: &mut Schemas) -> Json {
        ReplaceFields::schema(schemas)
    }
}

impl Act for Replace {
    fn deed(&self) -> Deed {
        Deed::Replace
    }
    fn image(&self) -> Option<&Image> {
        Some(&self.image)
    }
    fn image_mut(&mut self) -> Option<&mut Image> {
        Some(&mut self.image)
    }
}
