//! Processors, and parts of one, as they are written and shown.

use serde_json::{Value as Json, json};

use super::read::{Read, Reader};
use super::schema::Schemas;
use super::tree::Node;

/// Processors, in hundred-thousandths of one: no engine divides them finer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cpus(pub u64);

const CPUS: &str = "a number of processors such as 0.5";

impl std::fmt::Display for Cpus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = format!("{}.{:05}", self.0 / 100_000, self.0 % 100_000);
        f.write_str(shown.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl Cpus {
    /// As they are written: `0.5`.
    pub fn parse(text: &str) -> Option<Self> {
        let number = text.parse::<f64>().ok();
        let number = number.filter(|number| (0.0..1e6).contains(number));
        // As an engine does: billionths first, then what is left of them is dropped.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked to be in range"
        )]
        let parts = number.map(|number| (number * 1e9).round() as u64 / 10_000);
        parts.map(Self)
    }
}

impl Read for Cpus {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let read = node.text().and_then(Self::parse);
        read.or_else(|| reader.wrong(node, CPUS))
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "title": CPUS, "type": ["number", "string"] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::source::FileId;
    use crate::text::yaml;

    fn read<T: Read>(text: &str) -> Result<T, String> {
        let node = yaml::parse(FileId(0), text).0.unwrap();
        let mut reader = Reader::default();
        let read = T::read(&node, &mut reader);
        read.ok_or_else(|| format!("{:?}", reader.diagnostics))
    }

    #[test]
    fn processors_are_divided_as_engines_do() {
        for (text, parts) in [
            ("0.5", 50_000),
            ("2", 200_000),
            ("0.3333333", 33_333),
            ("0.29", 29_000),
        ] {
            assert_eq!(read(text), Ok(Cpus(parts)));
        }
        for wrong in ["-1", "many", "NaN"] {
            assert!(read::<Cpus>(wrong).is_err(), "{wrong}");
        }
        let shown = [50_000, 200_000, 33_333, 1_000_000].map(|n| Cpus(n).to_string());
        assert_eq!(shown, ["0.5", "2", "0.33333", "10"]);
    }
}
