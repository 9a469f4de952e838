//! What can be said of a text of which only the beginning is known.

use super::{Pattern, TextMatch, TextRules, chomp};
use crate::text::matcher::{Miss, quote};

/// What the beginning of a text says about the whole.
#[derive(Debug, Clone)]
pub enum Cut {
    /// The text is as expected, whatever follows.
    Holds,
    /// The text is not as expected, whatever follows.
    Misses(Miss),
    /// What follows decides.
    Open,
}

/// The same without words; the later one of two decides both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sure {
    Holds,
    Open,
    Misses,
}

impl TextMatch {
    /// Judges a text that begins with `kept` and goes on.
    pub fn cut(&self, kept: &str) -> Cut {
        // The cut may have gone through a character.
        let kept = kept.trim_end_matches(char::REPLACEMENT_CHARACTER);
        match self.sure(kept) {
            Sure::Holds => Cut::Holds,
            Sure::Open => Cut::Open,
            Sure::Misses => Cut::Misses(self.miss(kept).unwrap_or_else(|| {
                let actual = format!("{} and more", quote(kept));
                Miss::new(self.expected(), actual)
            })),
        }
    }

    fn sure(&self, kept: &str) -> Sure {
        match self {
            Self::Equals(expected) => equals(expected, kept),
            Self::Rules(rules) => rules.sure(kept),
        }
    }
}

impl TextRules {
    fn sure(&self, kept: &str) -> Sure {
        let one_of = self.one_of.0.iter().map(|text| equals(text, kept)).min();
        let contains = self.contains.0.iter().map(|text| {
            let found = kept.contains(text.as_str());
            if found { Sure::Holds } else { Sure::Open }
        });
        let not = self.not.iter().map(|not| match not.sure(kept) {
            Sure::Holds => Sure::Misses,
            Sure::Open => Sure::Open,
            Sure::Misses => Sure::Holds,
        });
        let all = self.equals.iter().map(|text| equals(text, kept));
        all.chain(one_of)
            .chain(contains)
            .chain(self.matches.0.iter().map(|pattern| found(pattern, kept)))
            .chain(self.starts_with.iter().map(|text| begins(text, kept)))
            .chain(self.ends_with.iter().map(|_| Sure::Open))
            .chain(not)
            .max()
            .unwrap_or(Sure::Holds)
    }
}

/// A text that goes on is no more than the beginning of another.
fn equals(expected: &str, kept: &str) -> Sure {
    let expected = chomp(expected);
    let begins = |end: &str| {
        let whole = format!("{expected}{end}");
        whole.len() > kept.len() && whole.starts_with(kept)
    };
    match begins("\n") || begins("\r\n") {
        true => Sure::Open,
        false => Sure::Misses,
    }
}

fn begins(expected: &str, kept: &str) -> Sure {
    if chomp(kept).starts_with(expected) {
        Sure::Holds
    } else if expected.starts_with(kept) || kept.starts_with(expected) {
        Sure::Open
    } else {
        Sure::Misses
    }
}

/// A match that may have looked at the end of what is known is none that stays: no rule looks further
/// than one character behind its match.
fn found(pattern: &Pattern, kept: &str) -> Sure {
    let looks = ["$", r"\z", r"\b", r"\B", r"\>", r"\<"];
    let free = !looks.iter().any(|look| pattern.0.as_str().contains(look));
    let mut matches = pattern.0.find_iter(kept);
    match matches.any(|found| free || found.end() < kept.len()) {
        true => Sure::Holds,
        false => Sure::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::read::{Read, Reader};
    use crate::text::source::FileId;
    use crate::text::yaml;

    fn judged(rule: &str, kept: &str) -> &'static str {
        let node = yaml::parse(FileId(0), rule).0.unwrap();
        match TextMatch::read(&node, &mut Reader::default())
            .unwrap()
            .cut(kept)
        {
            Cut::Holds => "holds",
            Cut::Misses(_) => "misses",
            Cut::Open => "open",
        }
    }

    #[test]
    fn only_what_no_more_text_can_change_is_sure() {
        for (rule, kept, expected) in [
            ("abc", "ab", "open"),
            ("abc", "abc", "open"),
            ("abc", "abc\r", "open"),
            ("abc", "abc\n", "misses"),
            ("abc", "abx", "misses"),
            ("{ equals: aé }", "a\u{fffd}", "open"),
            ("{ contains: [a, b] }", "ab", "holds"),
            ("{ contains: [a, b] }", "a", "open"),
            ("{ matches: 'a+' }", "xa", "holds"),
            ("{ matches: a$ }", "xa", "open"),
            ("{ matches: a$ }", "xa\nb", "holds"),
            ("{ matches: 'a\\z' }", "xa", "open"),
            ("{ matches: 'a\\b' }", "xa", "open"),
            ("{ matches: z }", "xa", "open"),
            ("{ starts_with: ab }", "abc", "holds"),
            ("{ starts_with: abc }", "ab", "open"),
            ("{ starts_with: abc }", "x", "misses"),
            ("{ ends_with: a }", "a", "open"),
            ("{ ends_with: a }", "b", "open"),
            ("{ one_of: [ab, cd] }", "c", "open"),
            ("{ one_of: [ab, cd] }", "x", "misses"),
            ("{ not: { contains: a } }", "xa", "misses"),
            ("{ not: { contains: a } }", "x", "open"),
            ("{ not: abc }", "x", "holds"),
            ("{ not: { matches: a$ } }", "a", "open"),
            ("{ contains: z, not: { contains: a } }", "a", "misses"),
            ("{ contains: a, starts_with: a }", "a", "holds"),
        ] {
            assert_eq!(judged(rule, kept), expected, "{rule} of {kept:?} and more");
        }
    }
}
