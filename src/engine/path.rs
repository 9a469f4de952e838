//! Paths of the engine's API, with every part that comes from outside percent-encoded.

use std::fmt::{self, Write as _};

/// A path and query below the API version: `/containers/web/logs?tail=10`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    text: String,
    kind: String,
    asked: bool,
}

impl Path {
    /// Starts from a literal such as `/containers`.
    pub fn new(literal: &str) -> Self {
        Self {
            text: literal.to_owned(),
            kind: literal.to_owned(),
            asked: false,
        }
    }

    /// Adds one part, whatever it holds: an id or a name.
    #[must_use]
    pub fn part(mut self, part: &str) -> Self {
        self.text.push('/');
        self.kind.push_str("/{name}");
        encode(&mut self.text, part, b"-_~.");
        self
    }

    /// Adds an image reference, whose slashes, colons and at-sign the engine reads as they are.
    #[must_use]
    pub fn image(mut self, reference: &str) -> Self {
        self.text.push('/');
        self.kind.push_str("/{name}");
        encode(&mut self.text, reference, b"-_~./:@");
        self
    }

    /// Adds a literal such as `/json`.
    #[must_use]
    pub fn then(mut self, literal: &str) -> Self {
        self.text.push_str(literal);
        self.kind.push_str(literal);
        self
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.text.push(if self.asked { '&' } else { '?' });
        self.asked = true;
        encode(&mut self.text, name, b"-_~.");
        self.text.push('=');
        encode(&mut self.text, value, b"-_~.");
        self
    }

    /// Adds a query parameter if it is true; engines take false for unset.
    #[must_use]
    pub fn flag(self, name: &str, value: bool) -> Self {
        if value { self.query(name, "1") } else { self }
    }

    /// Adds the engine's `filters` parameter for objects that carry this label.
    #[must_use]
    pub fn labelled(self, label: &str) -> Self {
        let filters = serde_json::json!({ "label": [label] });
        self.query("filters", &filters.to_string())
    }

    /// The path without its query, and with `{name}` for every part that comes from outside.
    pub fn kind(&self) -> &str {
        self.kind.split('?').next().unwrap_or("")
    }

    /// The text as it is sent.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<&str> for Path {
    /// A literal path, with its query if it has one.
    fn from(literal: &str) -> Self {
        Self {
            text: literal.to_owned(),
            kind: literal.to_owned(),
            asked: literal.contains('?'),
        }
    }
}

fn encode(out: &mut String, text: &str, plain: &[u8]) {
    for &byte in text.as_bytes() {
        if byte.is_ascii_alphanumeric() || plain.contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_outside_cannot_change_the_path() {
        let path = Path::new("/containers")
            .part("a/../b?x=1#é")
            .then("/json")
            .query("size", "1&2 3");
        assert_eq!(
            path.as_str(),
            "/containers/a%2F..%2Fb%3Fx%3D1%23%C3%A9/json?size=1%262%203"
        );
    }

    #[test]
    fn an_image_reference_keeps_its_shape() {
        let path = Path::new("/images")
            .image("r.example:5000/a/b:1@sha256:00")
            .then("/json");
        assert_eq!(path.as_str(), "/images/r.example:5000/a/b:1@sha256:00/json");
    }

    #[test]
    fn queries_follow_each_other() {
        let path = Path::from("/x?a=1").flag("b", true).flag("c", false);
        assert_eq!(path.as_str(), "/x?a=1&b=1");
        let path = Path::new("/volumes").labelled("io.seaworthy.run=r 1");
        assert_eq!(
            path.as_str(),
            "/volumes?filters=%7B%22label%22%3A%5B%22io.seaworthy.run%3Dr%201%22%5D%7D"
        );
    }
}
