//! Shares as they are written and shown: percentages, and processors.

use serde_json::{Value as Json, json};

use super::read::{Read, Reader};
use super::schema::Schemas;
use super::tree::Node;

/// A share of a hundred, which may be more than all of it.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Percent(pub f64);

/// Processors, in hundred-thousandths of one: no engine divides them finer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cpus(pub u64);

const PERCENT: &str = "a percentage such as 5%";
const CPUS: &str = "a number of processors such as 0.5";

impl std::fmt::Display for Percent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = format!("{:.1}", self.0);
        write!(f, "{}%", shown.trim_end_matches(".0"))
    }
}

impl Read for Percent {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let text = node.text().unwrap_or_default();
        let number = text.strip_suffix('%').map(str::trim_end);
        let number = number.and_then(|number| number.parse::<f64>().ok());
        let number = number.filter(|number| number.is_finite() && *number >= 0.0);
        number.map(Self).or_else(|| {
            reader.wrong::<()>(node, PERCENT);
            let bare = text.parse::<f64>().is_ok();
            if let Some(said) = reader.diagnostics.last_mut().filter(|_| bare) {
                said.help(format!("write it with its sign: `{text}%`"));
            }
            None
        })
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "title": PERCENT, "type": "string", "pattern": "^[0-9.]+ *%$" })
    }
}

impl std::fmt::Display for Cpus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = format!("{}.{:05}", self.0 / 100_000, self.0 % 100_000);
        f.write_str(shown.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl Read for Cpus {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let number = node.text().and_then(|text| text.parse::<f64>().ok());
        let number = number.filter(|number| (0.0..1e6).contains(number));
        // As an engine does: billionths first, then what is left of them is dropped.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked to be in range"
        )]
        let parts = number.map(|number| (number * 1e9).round() as u64 / 10_000);
        parts.map(Self).or_else(|| reader.wrong(node, CPUS))
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
    fn percentages_have_their_sign() {
        assert_eq!(read("5%"), Ok(Percent(5.0)));
        assert_eq!(read("'12.5 %'"), Ok(Percent(12.5)));
        assert!(read::<Percent>("5").unwrap_err().contains("`5%`"));
        for wrong in ["'%'", "-5%", "five%", "NaN%", "inf%"] {
            assert!(read::<Percent>(wrong).is_err(), "{wrong}");
        }
        let shown = [0.0, 4.04, 4.26, 100.0, 312.96].map(|n| Percent(n).to_string());
        assert_eq!(shown, ["0%", "4%", "4.3%", "100%", "313%"]);
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
