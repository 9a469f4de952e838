//! Texts that must not be shown, and what stands in their place.

mod spelled;

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;

use serde_json::{Map, Value};

use super::base64;
use super::cut::LEFT_OUT;
use spelled::{Patience, Spelled};

/// Shorter ones are in every text by chance; to cover them would only make reports unreadable.
pub const SHORTEST: usize = 4;

/// A part of something in base64 that is shorter than this says too little of what it is a part of.
const SHORTEST_ENCODED: usize = 8;

/// What the value of a header begins with that holds a name and a password in base64.
const BASIC: &str = "Basic ";

/// The most places at which texts were cut off that are looked at in one text.
const CUTS: usize = 10_000;

/// Whether a secret of this value can be kept out of what is shown.
pub fn covers(value: &str) -> bool {
    value.trim().len() >= SHORTEST
}

/// What must not be shown, and for each what is shown in its place.
#[derive(Debug, Clone, Default)]
pub struct Cover {
    hidden: Vec<Hidden>,
    /// Whether one may begin with this byte.
    starts: Vec<bool>,
    /// Those that begin with a character.
    first: HashMap<char, Vec<usize>>,
    /// Those of which a part begins with a character, with its number.
    inner: HashMap<char, Vec<(usize, usize)>>,
}

#[derive(Debug, Clone)]
struct Hidden {
    text: String,
    spelled: Spelled,
    shown: String,
}

impl Cover {
    /// Takes texts, each of whose lines must not be shown either, with what stands for each. Of two that are the
    /// same the first counts.
    pub fn new<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut all: Vec<(String, usize, String)> = Vec::new();
        for (hidden, shown) in pairs {
            let lines = std::iter::once(hidden).chain(hidden.lines()).map(str::trim);
            // As it stands too: who compares it compares the blanks around it.
            let lines = std::iter::once(hidden).chain(lines);
            for line in lines.filter(|line| covers(line)) {
                all.push((line.to_owned(), SHORTEST, shown.to_owned()));
                let encoded = (0..3).flat_map(|offset| encoded(line, offset));
                all.extend(encoded.map(|one| (one, SHORTEST_ENCODED, shown.to_owned())));
            }
        }
        all.sort_by(|(a, ..), (b, ..)| a.cmp(b));
        all.dedup_by(|(later, ..), (first, ..)| later == first);
        let mut cover = Self {
            starts: (0..=u8::MAX).map(spelled::is_mark).collect(),
            ..Self::default()
        };
        for (index, (text, least, shown)) in all.into_iter().enumerate() {
            let spelled = Spelled::new(&text, least);
            let start = text.bytes().next().map(usize::from);
            if let Some(start) = start.and_then(|byte| cover.starts.get_mut(byte)) {
                *start = true;
            }
            for (number, character) in spelled.starts() {
                match number {
                    0 => cover.first.entry(character).or_default().push(index),
                    _ => {
                        let inner = cover.inner.entry(character).or_default();
                        inner.push((index, number));
                    }
                }
            }
            cover.hidden.push(Hidden {
                text,
                spelled,
                shown,
            });
        }
        cover
    }

    /// Whether nothing is covered.
    pub fn is_empty(&self) -> bool {
        self.hidden.is_empty()
    }

    /// The text with what must not be shown replaced.
    pub fn text(&self, text: String) -> String {
        if self.is_empty() {
            return text;
        }
        let apart = |one: &Hidden| !one.text.contains(BASIC);
        match text.contains(BASIC) && self.hidden.iter().all(apart) {
            true => self.basic(&text),
            false => self.plain(text, false),
        }
    }

    /// The text without it, of which with `open` some may have been cut off at both its ends.
    fn plain(&self, text: String, open: bool) -> String {
        let found = self.found(text.as_bytes(), open);
        if found.is_empty() {
            return text;
        }
        // In one go: what stands for one may hold another.
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        for (place, shown) in found {
            // Each begins and ends with a character.
            out.push_str(text.get(from..place.start).unwrap_or_default());
            out.push_str(shown);
            from = place.end;
        }
        out.push_str(text.get(from..).unwrap_or_default());
        out
    }

    /// Where it is, and what is shown there.
    fn found(&self, text: &[u8], open: bool) -> Vec<(Range<usize>, &str)> {
        let patience = &Patience::with(text.len());
        let mut all = Vec::new();
        let (mut at, mut cuts) = (0, 0);
        if open {
            let rest = self.rest_of_cut(text, 0, open, patience);
            at = rest.as_ref().map_or(0, |(place, _)| place.end);
            all.extend(rest);
        }
        while let Some(byte) = text.get(at) {
            if let Some(behind) = spelled::behind_cut(text, at).filter(|_| cuts < CUTS) {
                cuts += 1;
                // Lines may have been left out before the next one.
                let lines = spelled::next_line(text, behind).into_iter().flatten();
                let mut places = std::iter::once(behind).chain(lines);
                let rest = places.find_map(|at| self.rest_of_cut(text, at, open, patience));
                at = rest.as_ref().map_or(behind, |(place, _)| place.end);
                all.extend(rest);
                continue;
            }
            let found = match self.starts.get(usize::from(*byte)) {
                Some(true) => self.begins(text, at, open, patience),
                _ => None,
            };
            at = match found {
                Some((end, shown)) => {
                    all.push((at..end, shown));
                    end
                }
                None => at + 1,
            };
        }
        all
    }

    /// What begins at this place, the longest, and where it ends.
    fn begins(
        &self,
        text: &[u8],
        at: usize,
        open: bool,
        patience: &Patience,
    ) -> Option<(usize, &str)> {
        let meant = spelled::characters(text, at).into_iter().flatten();
        let those = meant.filter_map(|(character, _)| self.first.get(&character));
        let ends = those.flatten().filter_map(|&index| {
            let one = self.hidden.get(index)?;
            let end = one.spelled.end(0, text, at, open, patience)?;
            Some((end, one.shown.as_str()))
        });
        ends.max_by_key(|(end, shown)| (*end, Reverse(*shown)))
    }

    /// What is left of one whose beginning was cut off before this place.
    fn rest_of_cut(
        &self,
        text: &[u8],
        at: usize,
        open: bool,
        patience: &Patience,
    ) -> Option<(Range<usize>, &str)> {
        let meant = spelled::characters(text, at).into_iter().flatten();
        let those = meant.filter_map(|(character, _)| self.inner.get(&character));
        let ends = those.flatten().filter_map(|&(index, number)| {
            let one = self.hidden.get(index)?;
            let end = one.spelled.end(number, text, at, open, patience)?;
            Some((end, one.shown.as_str()))
        });
        let (end, shown) = ends.max_by_key(|(end, shown)| (*end, Reverse(*shown)))?;
        Some((at..end, shown))
    }

    /// Whether something begins in this text that may go on on a line to come.
    pub fn goes_on(&self, text: &str) -> bool {
        let text = text.as_bytes();
        let patience = Patience::with(text.len());
        let may_start = |at: &usize| self.starts.get(usize::from(text[*at])) == Some(&true);
        (0..text.len()).filter(may_start).any(|at| {
            let meant = spelled::characters(text, at).into_iter().flatten();
            let those = meant.filter_map(|(character, _)| self.first.get(&character));
            let mut all = those.flatten().filter_map(|&index| self.hidden.get(index));
            all.any(|one| one.spelled.goes_on(text, at, &patience))
        })
    }

    /// Replaces it in every text of a value, names of fields and bytes that a container gave among them. Whether
    /// anything was there.
    pub fn value(&self, value: &mut Value) -> bool {
        if self.is_empty() {
            return false;
        }
        match value {
            Value::String(text) => self.replaced(text),
            Value::Array(all) => {
                let any = self.lines(&mut texts(all));
                all.iter_mut().fold(any, |any, one| self.value(one) | any)
            }
            Value::Object(all) => {
                if let Some(covered) = self.bytes(all) {
                    return covered;
                }
                let mut any = false;
                for (name, mut one) in std::mem::take(all) {
                    let mut covered = name;
                    any |= self.value(&mut one) | self.replaced(&mut covered);
                    all.insert(covered, one);
                }
                any
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    /// Replaces what goes from one of these lines on to the next, in all that it is on. Whether anything was there.
    pub fn lines(&self, lines: &mut [&mut String]) -> bool {
        if self.is_empty() || lines.len() < 2 {
            return false;
        }
        let whole = lines.iter().map(|line| line.as_str());
        let whole = whole.collect::<Vec<_>>().join("\n");
        let found = self.found(whole.as_bytes(), false);
        let follow_cut = follow_cut(lines);
        let (mut end, mut any) = (whole.len(), false);
        let mut ahead = found.as_slice();
        // From the last on, so that places stay where they are.
        for (line, follows_cut) in lines.iter_mut().zip(follow_cut).rev() {
            let start = end - line.len();
            while let Some((last, rest)) = ahead.split_last()
                && last.0.start >= end
            {
                ahead = rest;
            }
            let here = ahead
                .iter()
                .rev()
                .take_while(|(place, _)| place.end > start);
            for (place, shown) in here {
                let crosses = place.start < start || place.end > end;
                let (from, to) = (place.start.max(start), place.end.min(end));
                if from < to && (crosses || follows_cut) {
                    line.replace_range(from - start..to - start, shown);
                    any = true;
                }
            }
            end = start.saturating_sub(1);
        }
        any
    }

    fn replaced(&self, text: &mut String) -> bool {
        let covered = self.text(text.clone());
        let any = covered != *text;
        *text = covered;
        any
    }

    /// Of bytes, as [`Blob`](crate::fact::blob::Blob) is written, how many there were goes with what is replaced:
    /// else some would seem to be left out.
    fn bytes(&self, all: &mut Map<String, Value>) -> Option<bool> {
        let total = all.get("total")?.as_u64().filter(|_| all.len() == 2)?;
        let form = all.get_mut("bytes")?.as_object_mut()?;
        let (name, written) = form.iter_mut().next()?;
        let Value::String(written) = written else {
            return None;
        };
        let width = match name.as_str() {
            "text" => 1,
            "hex" => 2,
            _ => return None,
        };
        // Bytes that are left out may have been the rest of it.
        let open = total > (written.len() / width) as u64;
        let covered = match width {
            1 if open => self.plain(written.clone(), open),
            1 => self.text(written.clone()),
            _ => self.digits(written, open),
        };
        let any = covered != *written;
        let [before, after] = [written.len(), covered.len()].map(|length| (length / width) as u64);
        *written = covered;
        let total = (total + after).saturating_sub(before);
        all.insert("total".to_owned(), total.into());
        Some(any)
    }

    /// Bytes that are no text, as hexadecimal digits.
    fn digits(&self, digits: &str, open: bool) -> String {
        let Some(bytes) = unhex(digits) else {
            return digits.to_owned();
        };
        let mut covered = String::with_capacity(digits.len());
        let mut from = 0;
        for (place, shown) in self.found(&bytes, open) {
            covered.push_str(&hex(&bytes[from..place.start]));
            covered.push_str(&hex(shown.as_bytes()));
            from = place.end;
        }
        covered.push_str(&hex(&bytes[from..]));
        covered
    }

    /// Names and passwords in base64, with what is in them replaced, so that they stay what they are; and what is
    /// around them.
    fn basic(&self, text: &str) -> String {
        let mut parts = text.split(BASIC);
        let mut out = self.plain(parts.next().unwrap_or_default().to_owned(), false);
        for part in parts {
            let digit = |c: char| c.is_ascii_alphanumeric() || "+/=-_".contains(c);
            let end = part.find(|c| !digit(c)).unwrap_or(part.len());
            let (encoded, behind) = part.split_at(end);
            let pair = base64::decode(encoded).and_then(|bytes| String::from_utf8(bytes).ok());
            out.push_str(BASIC);
            match pair.map(|pair| (self.plain(pair.clone(), false), pair)) {
                // The pair may be one secret as it stands.
                Some((covered, pair)) if covered == pair => {
                    let whole = self.hidden.iter().find(|one| one.text == encoded);
                    out.push_str(whole.map_or(encoded, |one| &one.shown));
                }
                Some((covered, _)) => out.push_str(&base64::encode(covered.as_bytes())),
                None => {
                    out.push_str(&self.plain(part.to_owned(), false));
                    continue;
                }
            }
            out.push_str(&self.plain(behind.to_owned(), false));
        }
        out
    }
}

/// The texts that follow each other in a list, of which each may be a line: themselves, or the `text` of each.
pub fn texts(all: &mut [Value]) -> Vec<&mut String> {
    all.iter_mut().filter_map(line).collect()
}

/// For each line whether those before it were left out, on which what it holds may have begun.
fn follow_cut(lines: &[&mut String]) -> Vec<bool> {
    let mut is_cut = false;
    let each = lines.iter().map(|line| {
        let before = is_cut;
        let seen = line.trim_end();
        is_cut = seen.ends_with(LEFT_OUT) || (seen.is_empty() && is_cut);
        before
    });
    each.collect()
}

fn line(value: &mut Value) -> Option<&mut String> {
    match value {
        Value::String(text) => Some(text),
        Value::Object(map) => line(map.get_mut("text")?),
        _ => None,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    pairs.map(byte).collect()
}

/// The part of base64 that is this text's alone where so many bytes of a group stand before it.
fn encoded(text: &str, offset: usize) -> Vec<String> {
    let bytes = [&[0; 2][..offset], text.as_bytes()].concat();
    let from = (offset * 8).div_ceil(6);
    let to = bytes.len() * 8 / 6;
    let both = [base64::encode(&bytes), base64::encode_url(&bytes)];
    let parts = both
        .iter()
        .filter_map(|one| one.get(from..to))
        .filter(|part| part.len() >= SHORTEST_ENCODED);
    parts.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
