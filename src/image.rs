//! Where an image comes from: built, by name, from an archive.

pub mod name;
pub mod secret;

use std::path::Path;

use crate::text::outside::Outside;
use crate::text::pairs::Pairs;
use crate::text::read::{Flag, Named, Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::{Span, Spanned};
use crate::text::tree::Node;
use crate::{record, words};
use secret::BuildSecret;

words! {
    /// When an image is pulled.
    pub enum Pull {
        /// When it is not there.
        Missing = "missing",
        /// Always.
        Always = "always",
        /// Never: it must be there.
        Never = "never",
    }
}

record! {
    /// How an image is built.
    pub struct Build (short context) {
        /// The folder that is sent to the builder, relative to this file.
        context: Spanned<String>,
        /// The Dockerfile, relative to the context.
        dockerfile: Option<Spanned<String>>,
        /// The stage that is built; the last without it.
        target: Option<Spanned<String>>,
        /// Build arguments.
        args: Pairs,
        /// Secrets for `RUN --mount=type=secret`: id to `{ env: NAME }` or `{ file: PATH }`.
        secrets: Named<BuildSecret>,
        /// The platform, such as `linux/arm64`.
        platform: Option<String>,
        /// The network of RUN steps, such as `none` or `host`.
        network: Option<String>,
        /// Nothing is taken from the builder's cache.
        no_cache: Flag,
        /// Base images are pulled even where they are there.
        pull: Flag,
    }
}

record! {
    /// The image under test: exactly one of `build`, `ref` and `archive`.
    pub struct ImageFields {
        /// Built from a Dockerfile.
        build: Option<Build>,
        /// By name: a tag, a digest or an id.
        r#ref: Option<Spanned<String>>,
        /// When `ref` is pulled: `missing` (the default), `always` or `never`.
        pull: Option<Spanned<Pull>>,
        /// From a file: an archive that `docker save` wrote, or an OCI layout, also in a folder; of one image.
        /// It may be compressed by gzip. A name that another image has on the engine stays with that. One that
        /// begins with `seaworthy/` or `seaworthy-` is refused, and so is a link out of the folder.
        archive: Option<Spanned<String>>,
    }
}

/// Where an image comes from.
#[derive(Debug, Clone)]
pub enum ImageSource {
    /// It is built.
    Build(Box<Build>),
    /// It has a name.
    Ref {
        /// The name.
        name: Spanned<String>,
        /// When it is pulled.
        pull: Pull,
    },
    /// It lies in a file.
    Archive(Spanned<String>),
}

impl ImageSource {
    /// What tells it from others.
    pub fn words(&self) -> String {
        match self {
            Self::Ref { name, pull } => format!("ref {pull} {}", name.value),
            Self::Archive(path) => format!("archive {}", path.value),
            Self::Build(build) => {
                let args: Vec<_> = build.args.0.iter().map(|(n, v)| (&n.value, v)).collect();
                let text = |part: &Option<Spanned<String>>| part.as_ref().map(|p| p.value.clone());
                let secrets: Vec<_> = build.secrets.0.iter().map(|(n, _)| &n.value).collect();
                let (platform, network) = (&build.platform, &build.network);
                format!(
                    "build {} {:?} {:?} {args:?} {secrets:?} {platform:?} {network:?} {} {}",
                    build.context.value,
                    text(&build.dockerfile),
                    text(&build.target),
                    build.no_cache.0,
                    build.pull.0,
                )
            }
        }
    }
}

/// An image and where the suite says so.
#[derive(Debug, Clone)]
pub struct Image {
    /// Where.
    pub span: Span,
    /// From where.
    pub source: ImageSource,
}

impl Image {
    /// Gets the values of the build's secrets, and gives them with their ids.
    pub fn resolve(&mut self, folder: &Path, outside: &dyn Outside) -> Vec<(String, String)> {
        let ImageSource::Build(build) = &mut self.source else {
            return Vec::new();
        };
        let secrets = build.secrets.0.iter_mut();
        secrets
            .filter_map(|(id, secret)| {
                let value = secret.resolve(&id.value, folder, outside)?;
                Some((id.value.clone(), value))
            })
            .collect()
    }
}

impl Read for Image {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if let Some(name) = node.text() {
            let name = Spanned {
                span: node.span,
                value: name.to_owned(),
            };
            return Some(Self {
                span: node.span,
                source: ImageSource::Ref {
                    name,
                    pull: Pull::Missing,
                },
            });
        }
        let said = reader.diagnostics.len();
        let fields = ImageFields::read(node, reader)?;
        let other = fields.build.is_some() || fields.archive.is_some();
        if let (Some(pull), None, true) = (&fields.pull, &fields.r#ref, other) {
            reader.say(pull.span, "`pull` goes with `ref`");
        }
        let pull = fields.pull.map_or(Pull::Missing, |p| p.value);
        let source = match (fields.build, fields.r#ref, fields.archive) {
            (Some(build), None, None) => ImageSource::Build(Box::new(build)),
            (None, Some(name), None) => ImageSource::Ref { name, pull },
            (None, None, Some(path)) => ImageSource::Archive(path),
            // A key that is none of these was named already.
            (None, None, None) if reader.diagnostics.len() > said => return None,
            _ => {
                let said = reader.say(
                    node.span,
                    "an image is exactly one of `build`, `ref` and `archive`",
                );
                said.help(
                    "such as `image: { build: { context: . } }` or `image: { ref: postgres:15 }`",
                );
                return None;
            }
        };
        Some(Self {
            span: node.span,
            source,
        })
    }
    fn schema(schemas: &mut Schemas) -> serde_json::Value {
        let fields = ImageFields::schema(schemas);
        serde_json::json!({ "anyOf": [{ "type": "string" }, fields] })
    }
}
