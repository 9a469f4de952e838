//! Another image that the judged one must be smaller than.

use serde_json::Value as Json;

use crate::claim::Findings;
use crate::fact::answer::{Blocked, Seen};
use crate::fact::image::ImageFacts;
use crate::fact::layers::Other as OtherFacts;
use crate::fact::question::Question;
use crate::image::{Build, ImageSource, Pull};
use crate::record;
use crate::text::matcher::Miss;
use crate::text::percent::{Part, Percent};
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::{Span, Spanned};
use crate::text::tree::Node;
use crate::text::units::Bytes;

record! {
    /// Another image, and how much smaller than it this one is: exactly one of `build`, `ref` and
    /// `target`.
    pub struct OtherFields {
        /// Built from a Dockerfile.
        build: Option<Build>,
        /// By name.
        r#ref: Option<Spanned<String>>,
        /// The same build with another target.
        target: Option<Spanned<String>>,
        /// By how much at least; any less is smaller without it.
        by: Option<Part>,
    }
}

/// Where another image comes from.
#[derive(Debug, Clone)]
pub enum OtherSource {
    /// From where it says.
    Image(ImageSource),
    /// From the same build with this target.
    Target(Spanned<String>),
}

/// Another image that the judged one is compared with.
#[derive(Debug, Clone)]
pub struct Other {
    /// Where the suite says so.
    pub span: Span,
    /// From where it comes.
    pub source: OtherSource,
    by: Option<Part>,
}

impl Read for Other {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let said = reader.diagnostics.len();
        let fields = OtherFields::read(node, reader)?;
        let source = match (fields.build, fields.r#ref, fields.target) {
            (Some(build), None, None) => {
                if let Some((id, _)) = build.secrets.0.first() {
                    let said =
                        reader.say(id.span, "a build that is compared with takes no secrets");
                    said.help("build it beforehand and name it by `ref`, or make it a `target` of the image's own build");
                    return None;
                }
                OtherSource::Image(ImageSource::Build(Box::new(build)))
            }
            (None, Some(name), None) => OtherSource::Image(ImageSource::Ref {
                name,
                pull: Pull::Missing,
            }),
            (None, None, Some(target)) => OtherSource::Target(target),
            (None, None, None) if reader.diagnostics.len() > said => return None,
            _ => {
                let message = "another image is exactly one of `build`, `ref` and `target`";
                let said = reader.say(node.span, message);
                said.help("such as `smaller_than: { target: development, by: 60% }`");
                return None;
            }
        };
        let (span, by) = (node.span, fields.by);
        Some(Self { span, source, by })
    }
    fn schema(schemas: &mut Schemas) -> Json {
        OtherFields::schema(schemas)
    }
}

impl Other {
    /// What tells it from others.
    pub fn key(&self) -> String {
        match &self.source {
            OtherSource::Image(source) => source.words(),
            OtherSource::Target(name) => format!("target {}", name.value),
        }
    }

    /// What must be known of it.
    pub fn question(&self) -> Question {
        Question::Other(self.key())
    }

    /// Compares the sizes.
    pub fn judge(
        &self,
        image: &ImageFacts,
        seen: Seen<'_>,
        findings: &mut Findings,
    ) -> Result<(), Blocked> {
        let (name, other) = match seen.other(&self.key())? {
            OtherFacts::There { name, size } => (name, *size),
            OtherFacts::Unbuilt { name, what, lines } => {
                let miss = Miss::new(format!("{name} to build, to be compared with"), what);
                findings.check_with(self.span, "smaller_than", Some(miss), lines.join("\n"));
                return Ok(());
            }
        };
        let holds = image.size < other
            && self
                .by
                .is_none_or(|by| Percent::gone(other, image.size) >= by.0);
        let (own, whole) = (Bytes(image.size), Bytes(other));
        // Two that are shown alike may differ all the same.
        let exact = match own.to_string() == whole.to_string() {
            true => format!(" ({} of {other} bytes)", image.size),
            false => String::new(),
        };
        let actual = match image.size.cmp(&other) {
            std::cmp::Ordering::Less => {
                format!(
                    "{} smaller: {own} of {whole}{exact}",
                    Percent::gone(other, image.size)
                )
            }
            std::cmp::Ordering::Equal => format!("as large: {own}"),
            std::cmp::Ordering::Greater => format!("larger: {own} to {whole}{exact}"),
        };
        let least = self
            .by
            .map_or(String::new(), |by| format!("at least {} ", by.0));
        let miss = (!holds).then(|| Miss::new(format!("{least}smaller than {name}"), &actual));
        findings.compare(self.span, "smaller_than", miss, format!("{name}: {actual}"));
        Ok(())
    }
}
