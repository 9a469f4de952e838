//! Sizes, times, ports and modes as they are written and shown.

mod instead;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::read::{Read, Reader};
use super::schema::Schemas;
use super::tree::Node;

/// A size where `MB` is a million bytes, as image sizes are printed.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Bytes(pub u64);

/// A size as [`Bytes`], of what is never of a few bytes: an image, a build's context.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Bulk(pub u64);

/// A size in Compose's words, where `MB` is 1024 × 1024 bytes.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Memory(pub u64);

/// A length of time.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Time(pub Duration);

/// A transport protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// A port of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Port {
    /// Its number.
    pub number: u16,
    /// Its protocol.
    pub protocol: Protocol,
}

/// Permission bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mode(pub u32);

const SIZE: &str = "a size such as 30MB or 1.5GiB";
const TIME: &str = "a time such as 500ms, 30s or 1m30s";
const PORT: &str = "a port such as 8080 or 53/udp";
const MODE: &str = "a mode in octal digits such as 0644";

fn size(text: &str, kilo: f64) -> Option<u64> {
    let split = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: f64 = number.parse().ok()?;
    let scale = match unit.trim_start().to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => kilo,
        "m" | "mb" => kilo.powi(2),
        "g" | "gb" => kilo.powi(3),
        "t" | "tb" => kilo.powi(4),
        "kib" => 1024.0,
        "mib" => 1024f64.powi(2),
        "gib" => 1024f64.powi(3),
        "tib" => 1024f64.powi(4),
        _ => return None,
    };
    let bytes = (number * scale).round();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be in range"
    )]
    (0.0..9e18).contains(&bytes).then_some(bytes as u64)
}

fn show(bytes: u64, kilo: f64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
    let mut number = bytes as f64;
    let mut unit = "B";
    for next in ["kB", "MB", "GB", "TB"] {
        if number < kilo {
            break;
        }
        number /= kilo;
        unit = next;
    }
    let digits = if unit == "B" || number >= 100.0 {
        0
    } else if number >= 10.0 {
        1
    } else {
        2
    };
    let shown = format!("{number:.digits$}");
    let shown = if digits > 0 {
        shown.trim_end_matches('0').trim_end_matches('.')
    } else {
        &shown
    };
    format!("{shown} {unit}")
}

impl std::fmt::Display for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&show(self.0, 1000.0))
    }
}

impl std::fmt::Display for Bulk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Bytes(self.0).fmt(f)
    }
}

impl std::fmt::Display for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&show(self.0, 1024.0))
    }
}

impl Read for Bytes {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let read = node.text().and_then(|text| size(text, 1000.0)).map(Self);
        read.or_else(|| refuse(node, reader, SIZE, instead::of_size))
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "title": SIZE, "type": ["string", "integer"] })
    }
}

impl Read for Bulk {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        Bytes::read(node, reader).map(|bytes| Self(bytes.0))
    }
    fn schema(schemas: &mut Schemas) -> Json {
        Bytes::schema(schemas)
    }
}

impl Read for Memory {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let read = node.text().and_then(|text| size(text, 1024.0)).map(Self);
        read.or_else(|| refuse(node, reader, SIZE, instead::of_size))
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "title": SIZE, "type": ["string", "integer"] })
    }
}

/// A time as it is written; `None` when it is not one.
pub fn time(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let (mut rest, mut nanos) = (text, 0f64);
    while !rest.is_empty() {
        let split = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(split);
        let unit = tail
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit);
        let scale = match unit {
            "us" | "µs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            "d" => 86_400e9,
            _ => return None,
        };
        nanos += number.parse::<f64>().ok()? * scale;
        rest = tail;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be in range"
    )]
    (!text.is_empty() && nanos < 1e18).then_some(Duration::from_nanos(nanos.round() as u64))
}

/// Says what was expected, and what to write where that can be told.
fn refuse<T>(
    node: &Node,
    reader: &mut Reader,
    expected: &str,
    other: fn(&str) -> Option<String>,
) -> Option<T> {
    reader.wrong::<()>(node, expected);
    let help = node.text().and_then(other);
    if let (Some(help), Some(said)) = (help, reader.diagnostics.last_mut()) {
        said.help(help);
    }
    None
}

/// A time as people read it.
pub fn show_time(time: Duration) -> String {
    let millis = time.as_millis();
    match millis {
        0 if !time.is_zero() => format!("{} µs", time.as_micros()),
        0..1_000 => format!("{millis} ms"),
        86_400_000.. => {
            let hours = millis / 3_600_000;
            format!("{} days {} h", hours / 24, hours % 24)
        }
        1_000..60_000 => {
            let shown = format!("{:.1}", time.as_secs_f64());
            format!("{} s", shown.trim_end_matches(".0"))
        }
        _ => format!("{} min {} s", millis / 60_000, millis / 1_000 % 60),
    }
}

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&show_time(self.0))
    }
}

impl Read for Time {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let read = node.text().and_then(time).map(Self);
        read.or_else(|| refuse(node, reader, TIME, instead::of_time))
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "title": TIME, "type": ["string", "integer"] })
    }
}

impl std::fmt::Display for Port {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let protocol = match self.protocol {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
        };
        write!(f, "{}/{protocol}", self.number)
    }
}

impl Port {
    /// `8080`, `8080/tcp` or `53/udp`.
    pub fn parse(text: &str) -> Option<Self> {
        let (number, protocol) = match text.split_once('/') {
            Some((number, "tcp")) => (number, Protocol::Tcp),
            Some((number, "udp")) => (number, Protocol::Udp),
            Some(_) => return None,
            None => (text, Protocol::Tcp),
        };
        let number = number.parse().ok().filter(|&n| n > 0)?;
        Some(Self { number, protocol })
    }
}

impl Read for Port {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let read = node.text().and_then(Self::parse);
        read.or_else(|| reader.wrong(node, PORT))
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "title": PORT, "type": ["string", "integer"] })
    }
}

impl std::fmt::Display for Mode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04o}", self.0)
    }
}

impl Read for Mode {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let text = node.text().map(|t| t.strip_prefix("0o").unwrap_or(t));
        let read = text
            .filter(|t| (3..=5).contains(&t.len()))
            .and_then(|t| u32::from_str_radix(t, 8).ok());
        read.filter(|&m| m <= 0o7777)
            .map(Self)
            .or_else(|| reader.wrong(node, MODE))
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "title": MODE, "type": ["string", "integer"] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_in_both_vocabularies() {
        assert_eq!(size("300MB", 1000.0), Some(300_000_000));
        assert_eq!(size("1.5 GiB", 1000.0), Some(1_610_612_736));
        assert_eq!(size("512MB", 1024.0), Some(536_870_912));
        assert_eq!(size("512m", 1024.0), Some(536_870_912));
        assert_eq!(size("17", 1000.0), Some(17));
        for wrong in ["", "MB", "1 lightyear", "-3MB", "1..2MB", "99999999TB"] {
            assert_eq!(size(wrong, 1000.0), None, "{wrong}");
        }
    }

    #[test]
    fn sizes_are_shown_with_three_digits() {
        let shown: Vec<String> = [0, 999, 1000, 73_400_000, 150_000_000, 2_500_000_000]
            .iter()
            .map(|&b| Bytes(b).to_string())
            .collect();
        assert_eq!(
            shown,
            ["0 B", "999 B", "1 kB", "73.4 MB", "150 MB", "2.5 GB"]
        );
        assert_eq!(Memory(536_870_912).to_string(), "512 MB");
    }

    #[test]
    fn times_are_read_and_shown() {
        assert_eq!(time("1m30s"), Some(Duration::from_secs(90)));
        assert_eq!(time("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(time("1.5s"), Some(Duration::from_millis(1500)));
        assert_eq!(time("30d"), Some(Duration::from_hours(720)));
        assert_eq!(show_time(Duration::from_hours(49)), "2 days 1 h");
        for wrong in ["", "30", "s", "3 s", "1w", "-1s", "1s5"] {
            assert_eq!(time(wrong), None, "{wrong}");
        }
        assert_eq!(show_time(Duration::from_secs(90)), "1 min 30 s");
        assert_eq!(show_time(Duration::from_millis(1240)), "1.2 s");
        assert_eq!(show_time(Duration::from_millis(30)), "30 ms");
    }

    #[test]
    fn ports_and_modes() {
        assert_eq!(
            Port::parse("53/udp").map(|p| p.to_string()).as_deref(),
            Some("53/udp")
        );
        assert_eq!(
            Port::parse("8080").map(|p| p.to_string()).as_deref(),
            Some("8080/tcp")
        );
        for wrong in ["0", "70000", "80/sctp", "http"] {
            assert_eq!(Port::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Mode(0o644).to_string(), "0644");
    }
}
