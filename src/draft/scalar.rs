//! Texts and figures as a suite writes them.

use crate::report::clean;
use crate::text::units::{Bytes, Port, Protocol};

/// What YAML, or a reader of it, takes for something else than a text.
const WORDS: [&str; 10] = [
    "true", "false", "yes", "no", "on", "off", "null", "none", "~", "y",
];

/// A text that stands in a list or map of one line.
pub fn text(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    let first = text.chars().next();
    // A figure has no slash.
    let is_word = first.is_some_and(|c| c.is_ascii_alphabetic())
        || text.contains('/')
        || matches!(text, "." | "..");
    let lower = text.to_ascii_lowercase();
    if is_word && text.chars().all(is_plain) && !WORDS.contains(&lower.as_str()) {
        return text.to_owned();
    }
    quoted(text)
}

/// A text in quotes, with nothing in it that a terminal would obey or nobody would see.
pub fn quoted(text: &str) -> String {
    let text = serde_json::Value::from(text.replace("${", "$${")).to_string();
    let shown = |c: char| {
        let own = c.to_string();
        let mut pair = [0; 2];
        match c.is_ascii_graphic() || c == ' ' || clean::line(&own) == own {
            true => own,
            false => c
                .encode_utf16(&mut pair)
                .iter()
                .map(|unit| format!("\\u{unit:04x}"))
                .collect(),
        }
    };
    text.chars().map(shown).collect()
}

/// Texts as a list of one line.
pub fn list<S: AsRef<str>>(texts: impl IntoIterator<Item = S>) -> String {
    let texts: Vec<String> = texts.into_iter().map(|one| text(one.as_ref())).collect();
    format!("[{}]", texts.join(", "))
}

/// Ports as a list of one line.
pub fn ports(ports: impl IntoIterator<Item = Port>) -> String {
    let mut all: Vec<Port> = ports.into_iter().collect();
    all.sort_unstable();
    all.dedup();
    let shown = all.iter().map(|port| match port.protocol {
        Protocol::Tcp => format!("{}/tcp", port.number),
        Protocol::Udp => format!("{}/udp", port.number),
    });
    format!("[{}]", shown.collect::<Vec<_>>().join(", "))
}

/// A bound with room above what was seen: half as much again, in two digits.
pub fn room(seen: u64) -> u64 {
    let wanted = seen.saturating_add(seen / 2).max(1);
    let mut unit = 1_u64;
    while wanted / unit >= 100 {
        unit *= 10;
    }
    wanted.div_ceil(unit).saturating_mul(unit)
}

/// A size with room above what was seen, in the unit that is easiest to read. `thousand` is 1000, or 1024 where Compose's
/// words count so.
pub fn size(seen: u64, thousand: u64) -> String {
    let (kilo, mega, giga) = (thousand, thousand.pow(2), thousand.pow(3));
    match seen {
        _ if seen >= giga * 2 => format!("{}GB", room(seen / giga + 1)),
        _ if seen >= mega => format!("{}MB", room(seen.div_ceil(mega))),
        _ => format!("{}kB", room(seen.div_ceil(kilo))),
    }
}

/// A size as it was seen, for people.
pub fn seen(bytes: u64) -> String {
    Bytes(bytes).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_yaml_takes_for_something_else_are_quoted() {
        for plain in ["caracal", "/data", "../web", "8080/tcp", ".", "a-b_c.d"] {
            assert_eq!(text(plain), plain);
        }
        for (other, quoted) in [
            ("1000", "\"1000\""),
            ("", "\"\""),
            ("Yes", "\"Yes\""),
            ("a: b", "\"a: b\""),
            ("-x", "\"-x\""),
            ("${X} $Y", "\"$${X} $Y\""),
            ("a\"b\n", "\"a\\\"b\\n\""),
            ("\u{9b}31m\u{2028}", "\"\\u009b31m\\u2028\""),
            ("ok\u{7f}\u{202e}", "\"ok\\u007f\\u202e\""),
        ] {
            assert_eq!(text(other), quoted);
        }
    }

    #[test]
    fn bounds_have_room_and_two_digits() {
        let rooms = [0, 1, 7, 64, 132, 999, 123_456].map(room);
        assert_eq!(rooms, [1, 1, 10, 96, 200, 1_500, 190_000]);
        assert_eq!(size(132_000_000, 1000), "200MB");
        assert_eq!(size(4_000, 1000), "6kB");
        assert_eq!(size(2_500_000_000, 1000), "4GB");
        assert_eq!(size(12 << 20, 1024), "18MB");
    }
}
