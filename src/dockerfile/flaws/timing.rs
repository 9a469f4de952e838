//! When a health check runs, as far as the builder takes it.

use super::super::instruction::Flag;
use crate::text::cut::named;
use crate::text::source::Span;

/// Units of time in nanoseconds.
const UNITS: [(&str, f64); 8] = [
    ("ns", 1.0),
    ("us", 1e3),
    ("\u{b5}s", 1e3),
    ("\u{3bc}s", 1e3),
    ("ms", 1e6),
    ("s", 1e9),
    ("m", 60e9),
    ("h", 3600e9),
];

/// The shortest time but none, in nanoseconds.
const LEAST: f64 = 1e6;

/// Says what is wrong with the value of a flag of `HEALTHCHECK`. Variables are not replaced there.
pub(super) fn look(flag: &Flag, value: &str, say: &mut impl FnMut(Span, String, &str)) {
    let written = format!("`--{}={}`", flag.name, named(value));
    if value.is_empty() {
        return;
    }
    if flag.name == "retries" {
        match value.parse::<i32>() {
            // Older builders refuse 0, newer ones take it as if the flag were not there.
            Ok(0..) => {}
            _ => {
                let what = format!("{written} is no number of tries");
                say(flag.span, what, "a whole number belongs here, such as `3`");
            }
        }
        return;
    }
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    match nanoseconds(value) {
        None if digits => {
            let mend = format!(
                "write `{0}s` for seconds or `{0}m` for minutes",
                named(value)
            );
            say(flag.span, format!("{written} has no unit"), &mend);
        }
        None => {
            let mend = "a number with its unit belongs here, such as `30s` or `1m30s`";
            say(flag.span, format!("{written} is no time"), mend);
        }
        Some(time) if time < LEAST && time != 0.0 => {
            say(
                flag.span,
                format!("{written} is too short"),
                "the least is `1ms`",
            );
        }
        Some(_) => {}
    }
}

/// How long it is: numbers, each with its unit, one behind the other.
fn nanoseconds(text: &str) -> Option<f64> {
    let bare = text.strip_prefix(['-', '+']).unwrap_or(text);
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    if bare == "0" {
        return Some(0.0);
    }
    let is_number = |ch: char| ch.is_ascii_digit() || ch == '.';
    let (mut rest, mut total) = (bare, 0.0);
    while !rest.is_empty() || bare.is_empty() {
        let (number, behind) = rest.split_at(rest.find(|ch| !is_number(ch))?);
        let (unit, next) = behind.split_at(behind.find(is_number).unwrap_or(behind.len()));
        let (_, scale) = UNITS.iter().find(|(known, _)| *known == unit)?;
        total += number.parse::<f64>().ok()? * scale;
        rest = next;
    }
    Some(sign * total)
}
