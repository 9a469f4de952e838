//! Shares: `40%`, `12.5%`.

use std::fmt;

use serde_json::{Value as Json, json};

use super::read::{Read, Reader};
use super::schema::Schemas;
use super::tree::Node;

/// A share of a whole, to a hundredth of a percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u32);

/// A hundred percent.
const WHOLE: u64 = 10_000;

impl Percent {
    /// How much of `whole` is gone where `rest` is left, rounded down; nothing of nothing.
    pub fn gone(whole: u64, rest: u64) -> Self {
        let gone = u128::from(whole.saturating_sub(rest)) * u128::from(WHOLE);
        let share = gone.checked_div(u128::from(whole)).unwrap_or(0);
        Self(u32::try_from(share).unwrap_or(0))
    }

    fn parse(text: &str) -> Option<Self> {
        let (whole, part) = match text.strip_suffix('%')?.split_once('.') {
            Some((whole, part)) => (whole, part),
            None => (text.strip_suffix('%')?, "0"),
        };
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(part) || part.len() > 2 {
            return None;
        }
        let part: u64 = format!("{part:0<2}").parse().ok()?;
        let share = whole
            .parse::<u64>()
            .ok()?
            .checked_mul(100)?
            .checked_add(part)?;
        (share <= WHOLE).then(|| u32::try_from(share).map(Self).ok())?
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
        read.or_else(|| reader.wrong(node, "a share such as 40%"))
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "type": "string", "pattern": "^[0-9]{1,3}(\\.[0-9]{1,2})?%$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_as_they_are_shown() {
        for text in ["0%", "40%", "12.5%", "99.99%", "7.05%", "100%"] {
            assert_eq!(Percent::parse(text).unwrap().to_string(), text);
        }
        for wrong in [
            "40", "%", "-1%", "101%", "1.234%", "1.%", "100.01%", "4 %", "x%",
        ] {
            assert_eq!(Percent::parse(wrong), None, "{wrong}");
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
    }
}
