//! Statuses of answers.

use serde_json::{Value as Json, json};

use crate::text::measured::Measured;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::tree::Node;

/// The status of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Status(pub u16);

/// What begins to be a status: three digits.
const LEAST: u16 = 100;

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Measured for Status {
    fn least() -> Option<Self> {
        Some(Self(LEAST))
    }
    fn borders(&self, greater: &Self) -> bool {
        self.0.borders(&greater.0)
    }
}

/// The class that a text such as `2xx` means.
fn class(text: &str) -> Option<u16> {
    let lower = text.to_ascii_lowercase();
    let digit = lower
        .strip_suffix("xx")
        .or_else(|| lower.strip_suffix("**"))?;
    digit.parse().ok().filter(|class| (1..=9).contains(class))
}

impl Read for Status {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let number = node.text().and_then(|text| text.parse().ok());
        if let Some(status) = number {
            return Some(Self(status));
        }
        reader.wrong::<()>(node, "a status of three digits such as 200");
        let class = node.text().and_then(class);
        if let (Some(class), Some(said)) = (class, reader.diagnostics.last_mut()) {
            let (from, to) = (class * 100, class * 100 + 100);
            said.help(format!(
                "all of them are `{{ at_least: {from}, below: {to} }}`"
            ));
        }
        None
    }
    fn schema(_: &mut Schemas) -> Json {
        Schemas::scalar(&json!({ "type": "integer" }))
    }
}
