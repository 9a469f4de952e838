//! Where a secret's value comes from.

use std::path::Path;

use crate::record;
use crate::text::cover;
use crate::text::outside::Outside;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Spanned;
use crate::text::tree::Node;

record! {
    /// A secret: exactly one of `random`, `env` and `file`.
    pub struct SecretFields {
        /// So many random letters and digits, new for each run.
        random: Option<Spanned<u32>>,
        /// The environment variable of this name.
        env: Option<Spanned<String>>,
        /// What this file holds, relative to the suite, without its final newline.
        file: Option<Spanned<String>>,
    }
}

/// Where a secret's value comes from.
#[derive(Debug, Clone)]
pub enum SecretSource {
    /// Chance.
    Random(u32),
    /// The environment.
    Env(Spanned<String>),
    /// A file.
    File(Spanned<String>),
}

impl Read for SecretSource {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let said = reader.diagnostics.len();
        let fields = SecretFields::read(node, reader)?;
        match (fields.random, fields.env, fields.file) {
            (Some(count), None, None) if (8..=4096).contains(&count.value) => {
                Some(Self::Random(count.value))
            }
            (Some(count), None, None) => {
                reader.say(count.span, "a random secret has from 8 to 4096 characters");
                None
            }
            (None, Some(name), None) => Some(Self::Env(name)),
            (None, None, Some(path)) => Some(Self::File(path)),
            (None, None, None) if reader.diagnostics.len() > said => None,
            _ => {
                reader.say(
                    node.span,
                    "a secret is exactly one of `random`, `env` and `file`",
                );
                None
            }
        }
    }
    fn schema(schemas: &mut Schemas) -> serde_json::Value {
        SecretFields::schema(schemas)
    }
}

/// A secret of a build.
#[derive(Debug, Clone)]
pub struct BuildSecret {
    /// Where its value comes from.
    pub source: SecretSource,
    /// Its value, once the suite is loaded, or why there is none.
    pub value: Result<String, String>,
}

impl BuildSecret {
    /// Gets the value. What must not be shown of it is given back.
    pub fn resolve(&mut self, id: &str, folder: &Path, outside: &dyn Outside) -> Option<String> {
        self.value = match &self.source {
            SecretSource::Random(count) => Ok(outside.random(*count)),
            SecretSource::Env(name) => {
                let missing =
                    || format!("the build secret `{id}` needs the variable {}", name.value);
                outside.env(&name.value).ok_or_else(missing)
            }
            SecretSource::File(path) => outside.read(&folder.join(&path.value)).map_err(|why| {
                let path = &path.value;
                format!("cannot read the build secret `{id}` from {path}: {why}")
            }),
        };
        if let Ok(value) = &self.value
            && !cover::covers(value)
        {
            let few = cover::SHORTEST;
            self.value = Err(match value.is_empty() {
                true => format!("the build secret `{id}` is empty"),
                false => format!(
                    "the build secret `{id}` has fewer than {few} characters, too few to be told from other text and masked"
                ),
            });
        }
        self.value.as_ref().ok().cloned()
    }
}

impl Read for BuildSecret {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let source = SecretSource::read(node, reader)?;
        let value = Err("its value was not looked up".to_owned());
        Some(Self { source, value })
    }
    fn schema(schemas: &mut Schemas) -> serde_json::Value {
        SecretSource::schema(schemas)
    }
}
