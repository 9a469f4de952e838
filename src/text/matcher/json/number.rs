//! Numbers of a document, compared as they are written: whole ones exactly, however large.

use std::cmp::Ordering;
use std::fmt;

use serde_json::{Number, Value as Json};

use crate::text::measured::Measured;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::tree::{Node, Value};

/// A number.
#[derive(Debug, Clone, Copy)]
pub(super) enum Exact {
    /// Without a fraction; of those that fit 64 bits.
    Whole(i128),
    /// Any other.
    Real(f64),
}

impl Exact {
    pub(super) fn of(number: &Number) -> Option<Self> {
        let whole = number.as_i64().map(i128::from);
        let whole = whole.or_else(|| number.as_u64().map(i128::from));
        whole
            .map(Self::Whole)
            .or_else(|| number.as_f64().map(Self::Real))
    }
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(number) => number.fmt(f),
            Self::Real(number) => number.fmt(f),
        }
    }
}

impl PartialEq for Exact {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => a.partial_cmp(b),
            (Self::Real(a), Self::Real(b)) => a.partial_cmp(b),
            (Self::Whole(a), Self::Real(b)) => beside(*a, *b),
            (Self::Real(a), Self::Whole(b)) => beside(*b, *a).map(Ordering::reverse),
        }
    }
}

/// A whole number beside any other.
fn beside(whole: i128, real: f64) -> Option<Ordering> {
    let below = real.floor();
    // All digits are written, so this is exact; what does not fit is beyond all whole numbers here.
    match format!("{below:.0}").parse::<i128>() {
        Ok(below) if whole == below && real.fract() != 0.0 => Some(Ordering::Less),
        Ok(below) => Some(whole.cmp(&below)),
        Err(_) => 0.0.partial_cmp(&real),
    }
}

impl Measured for Exact {}

impl Read for Exact {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let whole = node.text().and_then(|text| text.parse::<i128>().ok());
        let fits = |n: &i128| i64::try_from(*n).is_ok() || u64::try_from(*n).is_ok();
        match whole.filter(fits) {
            Some(whole) => Some(Self::Whole(whole)),
            None => f64::read(node, reader).map(Self::Real),
        }
    }
    fn schema(schemas: &mut Schemas) -> Json {
        f64::schema(schemas)
    }
}

/// Says so where a whole number is meant that a document's numbers cannot be compared with: of one that does
/// not fit 64 bits, the last digits are lost when a document is read.
pub(super) fn fits(node: &Node, reader: &mut Reader) -> bool {
    match &node.value {
        Value::Map(entries) => entries.iter().all(|entry| fits(&entry.value, reader)),
        Value::List(items) => items.iter().all(|item| fits(item, reader)),
        Value::Scalar(scalar) if scalar.plain => {
            let digits = scalar.text.trim_start_matches(['+', '-']);
            let whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            let kept = !matches!(scalar.json(), Json::Number(number) if number.is_f64());
            if whole && !kept {
                let message = format!(
                    "{} is a whole number of more than 64 bits, which no document's number is compared with",
                    scalar.text
                );
                let said = reader.say(node.span, message);
                said.help("the last digits of such a number are not kept: let the document hold it as text, and quote it here");
            }
            match whole {
                true => kept,
                false => is_finite(&scalar.text, node, reader),
            }
        }
        _ => true,
    }
}

/// Says so where a number is meant that no number is as large as: as a text it would equal nothing.
fn is_finite(text: &str, node: &Node, reader: &mut Reader) -> bool {
    let digits = text.trim_start_matches(['+', '-', '.']);
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit());
    let finite = !is_number || !text.parse::<f64>().is_ok_and(f64::is_infinite);
    if !finite {
        let message = format!("{text} is more than any number of a document can be");
        let said = reader.say(node.span, message);
        said.help("quote it where the text is meant");
    }
    finite
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Exact {
        Exact::of(&serde_json::from_str(text).unwrap()).unwrap()
    }

    #[test]
    fn whole_numbers_are_compared_digit_by_digit() {
        for (less, more) in [
            ("9007199254740992", "9007199254740993"),
            ("18446744073709551614", "18446744073709551615"),
            ("-9223372036854775808", "-9223372036854775807"),
            ("9007199254740992.0", "9007199254740993"),
            ("9007199254740993", "9007199254740994.0"),
            ("2", "2.5"),
            ("-2.5", "-2"),
            ("18446744073709551615", "1e300"),
            ("-1e300", "-9223372036854775808"),
        ] {
            assert!(exact(less) < exact(more), "{less} {more}");
            assert!(exact(more) > exact(less), "{less} {more}");
            assert!(exact(less) != exact(more), "{less} {more}");
        }
        for (a, b) in [
            ("1", "1.0"),
            ("1e3", "1000"),
            ("9007199254740992", "9007199254740992.0"),
        ] {
            assert!(exact(a) == exact(b), "{a} {b}");
        }
    }
}
