//! Replaces `$NAME`, `${NAME}` and its variants, as the builder does.

use std::iter::Peekable;
use std::ops::Range;
use std::str::CharIndices;

/// What is known of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Variable {
    /// Its value.
    Set(String),
    /// It is not set.
    Unset,
    /// Perhaps it is set.
    Unknown,
}

/// A text with its variables replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expanded {
    /// Without quotes; none where it depends on what is not known.
    pub text: Option<String>,
    /// The variables it names.
    pub uses: Vec<Use>,
    /// The first thing in it that cannot be replaced.
    pub flaw: Option<Flaw>,
}

/// What cannot be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// Where, from the dollar sign or the quote on.
    pub range: Range<usize>,
    /// Why.
    pub broken: Broken,
}

/// Why something cannot be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// Nothing closes this.
    Open(char),
    /// No name stands in the braces.
    Nameless,
    /// What stands behind the name is no way to change its value.
    Sign,
    /// `${NAME:?MESSAGE}` of what is not set, or is empty.
    Wanted(String, String),
}

/// A variable that a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// Its name.
    pub name: String,
    /// Where, from the dollar sign on.
    pub range: Range<usize>,
    /// Whether it says what holds where the variable is not set.
    pub guarded: bool,
}

/// A longer result is not known.
const LONGEST: usize = 8 << 10;
/// Defaults within defaults, at most.
const DEEPEST: usize = 16;

/// Replaces what `look` knows.
pub fn expand(text: &str, escape: char, look: &mut dyn FnMut(&str) -> Variable) -> Expanded {
    let mut work = Work {
        chars: text.char_indices().peekable(),
        end: text.len(),
        escape,
        look,
        uses: Vec::new(),
        flaw: None,
    };
    let (text, _) = work.until(None, 0);
    Expanded {
        text: text.filter(|_| work.flaw.is_none()),
        uses: work.uses,
        flaw: work.flaw,
    }
}

struct Work<'a, 'l> {
    chars: Peekable<CharIndices<'a>>,
    end: usize,
    escape: char,
    look: &'l mut dyn FnMut(&str) -> Variable,
    uses: Vec<Use>,
    flaw: Option<Flaw>,
}

fn add(to: &mut Option<String>, more: Option<&str>) {
    *to = match (to.take(), more) {
        (Some(text), Some(more)) if text.len() + more.len() <= LONGEST => Some(text + more),
        _ => None,
    };
}

impl Work<'_, '_> {
    fn at(&mut self) -> usize {
        self.chars.peek().map_or(self.end, |(at, _)| *at)
    }

    /// Notes what cannot be replaced, where nothing was noted yet.
    fn flaw(&mut self, from: usize, broken: Broken) {
        let range = from..self.at();
        self.flaw.get_or_insert(Flaw { range, broken });
    }

    /// Up to a closing character, which is taken; the second value says whether it was there.
    fn until(&mut self, close: Option<char>, depth: usize) -> (Option<String>, bool) {
        let mut out = Some(String::new());
        let mut double = None;
        while let Some((at, ch)) = self.chars.next() {
            if Some(ch) == close && double.is_none() {
                return (out, true);
            }
            match ch {
                '\'' if double.is_none() => {
                    let mut closed = false;
                    for (_, inner) in self.chars.by_ref() {
                        closed = inner == '\'';
                        if closed {
                            break;
                        }
                        add(&mut out, Some(inner.encode_utf8(&mut [0; 4])));
                    }
                    if !closed {
                        self.flaw(at, Broken::Open('\''));
                    }
                }
                '"' => double = double.xor(Some(at)),
                '$' => {
                    let value = self.dollar(at, depth);
                    add(&mut out, value.as_deref());
                }
                ch if ch == self.escape => {
                    let next = self.chars.next().map(|(_, next)| next);
                    let kept = double.is_some()
                        && !next.is_some_and(|n| matches!(n, '"' | '$') || n == ch);
                    if kept {
                        add(&mut out, Some(ch.encode_utf8(&mut [0; 4])));
                    }
                    if let Some(next) = next {
                        add(&mut out, Some(next.encode_utf8(&mut [0; 4])));
                    }
                }
                ch => add(&mut out, Some(ch.encode_utf8(&mut [0; 4]))),
            }
        }
        if let Some(quote) = double {
            self.flaw(quote, Broken::Open('"'));
        }
        (out, close.is_none())
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        let is_name = |ch: char| ch.is_ascii_alphanumeric() || ch == '_';
        while let Some((_, ch)) = self.chars.next_if(|(_, ch)| is_name(*ch)) {
            name.push(ch);
        }
        name
    }

    /// What stands behind a dollar sign.
    fn dollar(&mut self, at: usize, depth: usize) -> Option<String> {
        let braced = self.chars.next_if(|(_, ch)| *ch == '{').is_some();
        let name = self.name();
        if name.is_empty() {
            return match braced {
                true => self.nameless(at, depth),
                false => Some("$".to_owned()),
            };
        }
        let value = (self.look)(&name);
        let used = self.uses.len();
        let end = self.at();
        self.uses.push(Use {
            name: name.clone(),
            range: at..end,
            guarded: false,
        });
        if !braced {
            return of(value);
        }
        let result = self.modified(at, &name, value, depth);
        let end = self.at();
        if let Some(one) = self.uses.get_mut(used) {
            one.range = at..end;
            one.guarded = result.1;
        }
        result.0
    }

    /// `${}`, and what else has no name in its braces.
    fn nameless(&mut self, at: usize, depth: usize) -> Option<String> {
        let next = self.chars.peek().map(|(_, ch)| *ch);
        // `$@` and its like, which nothing sets.
        let special = next.is_some_and(|ch| "@*#?-$!".contains(ch));
        let closed = depth < DEEPEST && self.until(Some('}'), depth + 1).1;
        match next {
            _ if depth >= DEEPEST || special && closed => {}
            Some('{' | '}' | ':') => self.flaw(at, Broken::Nameless),
            _ if !closed => self.flaw(at, Broken::Open('{')),
            _ => self.flaw(at, Broken::Sign),
        }
        None
    }

    /// What stands behind a name in braces, and whether it says what holds without it.
    fn modified(
        &mut self,
        at: usize,
        name: &str,
        value: Variable,
        depth: usize,
    ) -> (Option<String>, bool) {
        let Some((_, first)) = self.chars.next() else {
            self.flaw(at, Broken::Open('{'));
            return (None, false);
        };
        if first == '}' {
            return (of(value), false);
        }
        let colon = first == ':';
        let sign = match colon {
            true => self.chars.next().map(|(_, ch)| ch),
            false => Some(first),
        };
        if depth >= DEEPEST {
            return (None, true);
        }
        let (word, closed) = self.until(Some('}'), depth + 1);
        let is_known = match sign {
            Some('-' | '+' | '?' | '#' | '%') => true,
            Some('/') => !colon,
            _ => false,
        };
        match sign {
            Some(_) if !is_known => self.flaw(at, Broken::Sign),
            _ if !closed => self.flaw(at, Broken::Open('{')),
            _ => {}
        }
        let is_set = match &value {
            Variable::Set(text) => Some(!(colon && text.is_empty())),
            Variable::Unset => Some(false),
            Variable::Unknown => None,
        };
        match (sign, is_set) {
            (Some('-' | '?'), Some(true)) => (of(value), true),
            (Some('-'), Some(false)) | (Some('+'), Some(true)) => (word, true),
            (Some('+'), Some(false)) => (Some(String::new()), true),
            (Some('?'), Some(false)) => {
                let message = word.unwrap_or_default();
                self.flaw(at, Broken::Wanted(name.to_owned(), message));
                (None, true)
            }
            (Some('-' | '?' | '+'), _) => (None, true),
            // Patterns (`#`, `%`, `/`) are not worked out.
            _ => (None, false),
        }
    }
}

fn of(value: Variable) -> Option<String> {
    match value {
        Variable::Set(text) => Some(text),
        Variable::Unset => Some(String::new()),
        Variable::Unknown => None,
    }
}
