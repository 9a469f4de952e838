//! A text as others may have written it: escaped, in an address, over several lines, or cut off.

use std::cell::Cell;

use crate::text::cut::LEFT_OUT;

/// What stands where a text was cut off.
const CUT: &[u8] = LEFT_OUT.as_bytes();

/// So many characters of a text are as good as all of it: to look for more would take the square of the time in a text
/// that nearly is one, over and over.
const ENOUGH: usize = 256;

/// The most steps of a search, for each byte that is searched and for all of them.
const EACH: usize = 256;
const ANY: usize = 1 << 20;

/// A shorter one is on two lines by chance.
const SHORTEST_BROKEN: usize = 8;

/// The most white space that stands before the rest of a text on its next line.
const WIDEST: usize = 64;

/// A text that is looked for however it is written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spelled {
    characters: Vec<char>,
    /// So many characters of it are still said to be it where it was cut off.
    least: usize,
}

impl Spelled {
    /// The text, of which fewer characters than `least` say nothing.
    pub fn new(text: &str, least: usize) -> Self {
        Self {
            characters: text.chars().collect(),
            least,
        }
    }

    /// Its characters with the number of each: those with which a part of it may begin that was cut off before it.
    pub fn starts(&self) -> impl Iterator<Item = (usize, char)> {
        let last = self.characters.len().saturating_sub(self.least);
        let each = self.characters.iter().copied().enumerate();
        each.take(last + 1)
    }

    /// Where it ends that begins at `at` with its character number `from`. With `open` it may have been cut off at
    /// the end of the text.
    pub fn end(
        &self,
        from: usize,
        text: &[u8],
        at: usize,
        open: bool,
        patience: &Patience,
    ) -> Option<usize> {
        let mut places = Places::default();
        places.add(at);
        for (count, wanted) in self.characters.iter().skip(from).enumerate() {
            // Of what there is no time to look at, nothing is shown.
            if !patience.lasts() {
                return Some(text.len());
            }
            let next = self.next(places, *wanted, count > 0, text);
            if next.each().next().is_none() {
                let cut = places
                    .each()
                    .filter(|place| is_cut(&text[*place..], open))
                    .max();
                return cut
                    .filter(|_| count >= self.least)
                    .or_else(|| places.each().max().filter(|_| count >= ENOUGH));
            }
            places = next;
        }
        places.each().max()
    }

    /// Whether it begins at `at` and has not ended where the text does, so that it may go on on a line to come.
    pub fn goes_on(&self, text: &[u8], at: usize, patience: &Patience) -> bool {
        let mut places = Places::default();
        places.add(at);
        if self.characters.len() < SHORTEST_BROKEN {
            return false;
        }
        for (count, wanted) in self.characters.iter().enumerate() {
            let is_end = |place| behind_orders(text, place) == text.len();
            if count > 0 && places.each().any(is_end) {
                return true;
            }
            places = self.next(places, *wanted, count > 0, text);
            if places.each().next().is_none() || !patience.lasts() {
                return false;
            }
        }
        false
    }

    /// The places behind one more character; the first one stands at its place and nowhere else.
    fn next(&self, places: Places, wanted: char, is_within: bool, text: &[u8]) -> Places {
        let breaks = self.characters.len() >= SHORTEST_BROKEN;
        let mut next = Places::default();
        for place in places.each() {
            next.behind(wanted, text, place);
            if !is_within {
                continue;
            }
            // What commands a terminal is not seen.
            let shown = behind_orders(text, place);
            if shown != place {
                next.behind(wanted, text, shown);
            }
            if breaks {
                let lines = next_line(text, shown).into_iter().flatten();
                lines.for_each(|line| next.behind(wanted, text, behind_orders(text, line)));
            }
        }
        next
    }
}

/// How long a search goes on.
#[derive(Debug)]
pub struct Patience(Cell<usize>);

impl Patience {
    /// That for a text of so many bytes.
    pub fn with(length: usize) -> Self {
        Self(Cell::new(length.saturating_mul(EACH).saturating_add(ANY)))
    }

    /// Takes one step; whether there was one left.
    fn lasts(&self) -> bool {
        let left = self.0.get();
        self.0.set(left.saturating_sub(1));
        left > 0
    }
}

/// Where a text may go on that can be read in more than one way.
#[derive(Default, Clone, Copy)]
struct Places {
    at: [Option<usize>; 6],
}

impl Places {
    fn add(&mut self, place: usize) {
        if self.at.contains(&Some(place)) {
            return;
        }
        if let Some(free) = self.at.iter_mut().find(|at| at.is_none()) {
            *free = Some(place);
        }
    }

    /// Adds the places behind this character where it stands at `at`.
    fn behind(&mut self, wanted: char, text: &[u8], at: usize) {
        let ways = characters(text, at).into_iter().flatten();
        ways.filter(|(c, _)| *c == wanted)
            .for_each(|(_, end)| self.add(end));
    }

    fn each(self) -> impl Iterator<Item = usize> {
        self.at.into_iter().flatten()
    }
}

/// Whether a text begins with the mark of a cut, perhaps behind its quotation mark.
fn is_cut(rest: &[u8], open: bool) -> bool {
    let inner = rest.strip_prefix(b"\"").unwrap_or(rest);
    inner.starts_with(CUT) || (open && rest.is_empty())
}

/// Where what was cut off before it goes on, if a mark of a cut begins at `at`.
pub fn behind_cut(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?.strip_prefix(CUT)?;
    let inner = rest.strip_prefix(b"\"").unwrap_or(rest);
    Some(text.len() - inner.len())
}

/// Where a text goes on that was broken at `at`: behind what stands before it on the next line, behind the mark that a
/// difference or a quotation has there, and behind a word that says where the line comes from.
pub fn next_line(text: &[u8], at: usize) -> [Option<usize>; 5] {
    const ENDS: [&[u8]; 5] = [b"\r\n", b"\n", b"\\r\\n", b"\\n", b"%0A"];
    let rest = text.get(at..).unwrap_or_default();
    // Each line may have quotation marks of its own.
    let bare = rest.strip_prefix(b"\"").unwrap_or(rest);
    let line = ENDS.iter().find_map(|end| bare.strip_prefix(*end));
    let Some(line) = line else {
        return [None; 5];
    };
    let start = |line: &[u8]| {
        let blank = |byte: &&u8| matches!(byte, b' ' | b'\t');
        text.len() - line.len() + line.iter().take(WIDEST).take_while(blank).count()
    };
    let plain = start(line);
    let marked = text[plain..].split_first();
    let marked = marked.filter(|(mark, _)| b"+-|>".contains(mark));
    let quoted = |at: usize| (text.get(at) == Some(&b'"')).then_some(at + 1);
    let named = behind_name(text, plain);
    [
        Some(plain),
        marked.map(|(_, line)| start(line)),
        quoted(plain),
        named,
        named.and_then(quoted),
    ]
}

/// The longest name of where a line comes from.
const LONGEST_NAME: usize = 40;

/// Where a line goes on behind such a name: `stderr: `, `web-1  | `.
fn behind_name(text: &[u8], at: usize) -> Option<usize> {
    let line = text.get(at..)?;
    let within = line.get(..LONGEST_NAME).unwrap_or(line);
    let within = within.split(|byte| *byte == b'\n').next()?;
    let is_end = |two: &[u8]| matches!(two, b": " | b"| ");
    let name = within.windows(2).position(is_end)?;
    Some(at + name + 2)
}

/// The most that orders to a terminal take up between two characters.
const LONGEST_ORDERS: usize = 256;
/// What begins an order, as it stands and as messages show it.
const ESCAPES: [&[u8]; 4] = [b"\x1b", b"\\u{1b}", b"\\u001b", b"\\x1b"];
/// Characters that show nothing, as bytes.
const UNSEEN: [&str; 6] = ["\r", "\u{8}", "\0", "\u{200b}", "\u{200d}", "\u{feff}"];

/// Where a text goes on behind what commands a terminal (colours, titles, links) and behind what shows nothing.
fn behind_orders(text: &[u8], at: usize) -> usize {
    let mut place = at;
    while place - at < LONGEST_ORDERS {
        let rest = text.get(place..).unwrap_or_default();
        let unseen = UNSEEN.iter().find(|c| rest.starts_with(c.as_bytes()));
        let order = ESCAPES.iter().find_map(|escape| {
            let behind = rest.strip_prefix(*escape)?;
            Some(escape.len() + order(behind))
        });
        // A line's end is for `next_line`.
        let is_end = rest.starts_with(b"\r\n");
        match (unseen.filter(|_| !is_end), order) {
            (Some(c), _) => place += c.len(),
            (None, Some(length)) => place += length,
            (None, None) => break,
        }
    }
    place
}

/// How long the order is whose escape stands before this.
fn order(rest: &[u8]) -> usize {
    let end = |rest: &[u8], ends: &dyn Fn(u8) -> bool| {
        let within = rest.iter().take(LONGEST_ORDERS);
        within
            .enumerate()
            .skip(1)
            .find(|(_, byte)| ends(**byte))
            .map_or(rest.len().min(1), |(at, _)| at + 1)
    };
    match rest.first() {
        Some(b'[') => end(rest, &|byte| (0x40..0x7f).contains(&byte)),
        // A title or a link ends with a bell, or with an escape and a backslash.
        Some(b']') => end(rest, &|byte| byte == 7 || byte == b'\\'),
        Some(b'(' | b')' | b'#') => rest.len().min(2),
        Some(_) => 1,
        None => 0,
    }
}

/// The character at `at` as it stands, and what it stands for, each with where it ends.
pub fn characters(text: &[u8], at: usize) -> [Option<(char, usize)>; 2] {
    let rest = text.get(at..).unwrap_or_default();
    let Some((&first, behind)) = rest.split_first() else {
        return [None, None];
    };
    let meant = match first {
        b'%' => percent(rest),
        b'+' => Some((' ', 1)),
        b'\\' => escaped(behind).map(|(c, length)| (c, length + 1)),
        b'&' => entity(behind).map(|(c, length)| (c, length + 1)),
        _ => None,
    };
    [plain(rest), meant].map(|one| one.map(|(c, length)| (c, at + length)))
}

/// Whether what stands there may stand for another character.
pub fn is_mark(byte: u8) -> bool {
    b"%+\\&".contains(&byte)
}

fn plain(rest: &[u8]) -> Option<(char, usize)> {
    let first = *rest.first()?;
    if first.is_ascii() {
        return Some((char::from(first), 1));
    }
    decoded(rest.iter().copied())
}

/// A character of UTF-8, and how many bytes it has.
fn decoded(mut bytes: impl Iterator<Item = u8>) -> Option<(char, usize)> {
    let first = bytes.next()?;
    let length = match first {
        0..0x80 => 1,
        0xc0..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0.. => 4,
        _ => return None,
    };
    let mut all = [first, 0, 0, 0];
    for byte in &mut all[1..length] {
        *byte = bytes.next()?;
    }
    let c = std::str::from_utf8(&all[..length]).ok()?.chars().next()?;
    Some((c, length))
}

/// `%C3%A4`, as addresses and forms have it.
fn percent(rest: &[u8]) -> Option<(char, usize)> {
    let bytes = rest.chunks(3).map_while(|three| match three {
        [b'%', digits @ ..] => u8::try_from(number(digits, 2)?).ok(),
        _ => None,
    });
    decoded(bytes).map(|(c, length)| (c, length * 3))
}

/// What stands behind a backslash in JSON, in a shell, in a program, and how long it is.
fn escaped(rest: &[u8]) -> Option<(char, usize)> {
    let (kind, behind) = rest.split_first()?;
    let one = match kind {
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'0' => '\0',
        b'x' => return char::from_u32(number(behind, 2)?).map(|c| (c, 3)),
        b'u' => return unicode(behind).map(|(c, length)| (c, length + 1)),
        other if other.is_ascii_punctuation() => char::from(*other),
        _ => return None,
    };
    Some((one, 1))
}

fn unicode(rest: &[u8]) -> Option<(char, usize)> {
    if let Some(braced) = rest.strip_prefix(b"{") {
        let length = braced.iter().take(7).position(|byte| *byte == b'}')?;
        return Some((char::from_u32(number(braced, length)?)?, length + 2));
    }
    let first = number(rest, 4)?;
    if let Some(c) = char::from_u32(first) {
        return Some((c, 4));
    }
    let second = number(rest.get(4..)?.strip_prefix(b"\\u")?, 4)?;
    let [first, second] = [first, second].map(|half| u16::try_from(half).ok());
    let c = char::decode_utf16([first?, second?]).next()?.ok()?;
    Some((c, 10))
}

/// `amp;` or `#x26;`, as pages have it.
fn entity(rest: &[u8]) -> Option<(char, usize)> {
    let length = rest.iter().take(9).position(|byte| *byte == b';')?;
    let c = match &rest[..length] {
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" => '\'',
        [b'#', b'x' | b'X', digits @ ..] => char::from_u32(number(digits, digits.len())?)?,
        [b'#', digits @ ..] => std::str::from_utf8(digits)
            .ok()?
            .parse()
            .ok()
            .and_then(char::from_u32)?,
        _ => return None,
    };
    Some((c, length + 1))
}

/// So many digits of base 16.
fn number(digits: &[u8], count: usize) -> Option<u32> {
    let digits = std::str::from_utf8(digits.get(..count)?).ok()?;
    let are_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    are_digits.then(|| u32::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests;
