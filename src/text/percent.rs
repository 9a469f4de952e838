//! Percentages: `40%`, `12.5%`.

use std::fmt;

use serde_json::{Value as Json, json};

use super::measured::Measured;
use super::read::{Read, Reader};
use super::schema::Schemas;
use super::tree::Node;

/// So many of a hundred, to a hundredth of one; may be more than all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u64);

/// A share that is no more than the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part(pub Percent);

/// A hundred percent.
const WHOLE: u64 = 10_000;

const PERCENT: &str = "a percentage such as 5%";
const PART: &str = "a share such as 40%";

impl Percent {
    /// What `part` is of `whole`, rounded down; nothing of nothing.
    pub fn of(part: u64, whole: u64) -> Self {
        let share = u128::from(part) * u128::from(WHOLE);
        let share = share.checked_div(u128::from(whole)).unwrap_or(0);
        Self(u64::try_from(share).unwrap_or(u64::MAX))
    }

    /// How much of `whole` is gone where `rest` is left, rounded down.
    pub fn gone(whole: u64, rest: u64) -> Self {
        Self::of(whole.saturating_sub(rest), whole)
    }

    fn parse(text: &str) -> Option<Self> {
        let number = text.strip_suffix('%')?.trim_end();
        let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(part) || part.len() > 2 {
            return None;
        }
        let part: u64 = format!("{part:0<2}").parse().ok()?;
        let whole = whole.parse::<u64>().ok()?.checked_mul(100)?;
        whole.checked_add(part).map(Self)
    }

    /// Says what was expected, and where only the sign is missing, that it is.
    fn refuse<T>(node: &Node, reader: &mut Reader, expected: &str) -> Option<T> {
        reader.wrong::<()>(node, expected);
        // 0.4 may be meant as 40%.
        let bare = node
            .text()
            .filter(|text| !text.starts_with("0."))
            .filter(|text| Self::parse(&format!("{text}%")).is_some());
        if let (Some(bare), Some(said)) = (bare, reader.diagnostics.last_mut()) {
            said.help(format!("write it with its sign: `{bare}%`"));
        }
        None
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / 100, self.0 % 100);
        match part {
            0 => write!(f, "{whole}%"),
            part if part % 10 == 0 => write!(f, "{whole}.{}%", part / 10),
            part => write!(f, "{whole}.{part:02}%"),
        }
    }
}

impl Read for Percent {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let read = node.text().and_then(Self::parse);
        read.or_else(|| Self::refuse(node, reader, PERCENT))
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "title": PERCENT, "type": "string", "pattern": PATTERN })
    }
}

impl Measured for Percent {
    fn least() -> Option<Self> {
        Some(Self(0))
    }
}

impl Read for Part {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let read = node.text().and_then(Percent::parse);
        let read = read.filter(|percent| percent.0 <= WHOLE).map(Self);
        read.or_else(|| Percent::refuse(node, reader, PART))
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "title": PART, "type": "string", "pattern": PATTERN })
    }
}

const PATTERN: &str = "^[0-9]+(\\.[0-9]{1,2})? *%$";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::source::FileId;
    use crate::text::yaml;

    #[test]
    fn shares_are_read_as_they_are_shown() {
        for text in ["0%", "40%", "12.5%", "99.99%", "7.05%", "100%"] {
            assert_eq!(Percent::parse(text).unwrap().to_string(), text);
        }
        for text in ["4 %", "312.96%"] {
            let shown = Percent::parse(text).unwrap().to_string();
            assert_eq!(shown, text.replace(' ', ""));
        }
        for wrong in [
            "40", "%", "-1%", "1.234%", "1.%", ".5%", "x%", "NaN%", "inf%", "1e3%",
        ] {
            assert_eq!(Percent::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn percentages_have_their_sign_and_a_part_is_no_more_than_the_whole() {
        fn read<T: Read>(text: &str) -> Result<T, String> {
            let node = yaml::parse(FileId(0), text).0.unwrap();
            let mut reader = Reader::default();
            let read = T::read(&node, &mut reader);
            read.ok_or_else(|| format!("{:?}", reader.diagnostics))
        }
        assert_eq!(read("5%"), Ok(Percent(500)));
        assert_eq!(read("'312.5 %'"), Ok(Percent(31_250)));
        assert!(read::<Percent>("5").unwrap_err().contains("`5%`"));
        assert!(read::<Percent>("five").unwrap_err().contains(PERCENT));
        assert_eq!(read("100%"), Ok(Part(Percent(WHOLE))));
        assert!(read::<Part>("60").unwrap_err().contains("`60%`"));
        for wrong in ["100.01%", "101%"] {
            assert!(read::<Part>(wrong).unwrap_err().contains(PART), "{wrong}");
        }
    }

    #[test]
    fn what_is_gone_is_never_rounded_up() {
        for (whole, rest, gone) in [
            (100, 60, "40%"),
            (3, 1, "66.66%"),
            (0, 0, "0%"),
            (5, 9, "0%"),
            (u64::MAX, 0, "100%"),
            (u64::MAX, 1, "99.99%"),
        ] {
            assert_eq!(Percent::gone(whole, rest).to_string(), gone);
        }
        assert_eq!(Percent::of(3129, 1000).to_string(), "312.9%");
    }
}
