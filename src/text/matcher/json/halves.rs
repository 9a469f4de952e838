//! Escapes such as `\ud800` that are half of a pair. JSON's grammar has them, and no text can hold them: as other tools
//! do, each is read as the character that stands for what is none.

use std::borrow::Cow;

/// How long such an escape is, and the one that stands in its place.
const LENGTH: usize = 6;
const NONE: &str = "\\ufffd";

/// The document with no half of a pair; everything else stands where it stood.
pub fn paired(text: &str) -> Cow<'_, str> {
    let mut halves = Vec::new();
    let mut at = 0;
    while let Some(next) = text.get(at..).and_then(|rest| rest.find('\\')) {
        at += next;
        at += match (unit(text, at), unit(text, at + LENGTH)) {
            (Some(0xd800..0xdc00), Some(0xdc00..0xe000)) => 2 * LENGTH,
            (Some(0xd800..0xe000), _) => {
                halves.push(at);
                LENGTH
            }
            // The next character may be a backslash that begins nothing.
            _ => {
                1 + text
                    .get(at + 1..)
                    .and_then(|rest| rest.chars().next())
                    .map_or(0, char::len_utf8)
            }
        };
    }
    if halves.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut whole = String::with_capacity(text.len());
    let mut from = 0;
    for at in halves {
        whole.push_str(text.get(from..at).unwrap_or_default());
        whole.push_str(NONE);
        from = at + LENGTH;
    }
    whole.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(whole)
}

/// The number of an escape `\uXXXX` that stands there.
fn unit(text: &str, at: usize) -> Option<u16> {
    let digits = text.get(at..at + LENGTH)?.strip_prefix("\\u")?;
    let are_digits = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    are_digits.then(|| u16::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_a_pair_is_the_character_for_none_and_all_else_stays() {
        for (text, whole) in [
            (r#"["\ud800"]"#, r#"["\ufffd"]"#),
            (r#"["\uDFFF", 1]"#, r#"["\ufffd", 1]"#),
            (r#"["\ud83d\ud83d\ude00é"]"#, r#"["\ufffd\ud83d\ude00é"]"#),
            (r#"["\ud800\u0041"]"#, r#"["\ufffd\u0041"]"#),
            (r#"["\ud800\n\udc00"]"#, r#"["\ufffd\n\ufffd"]"#),
        ] {
            assert_eq!(paired(text), whole);
        }
        for same in [
            r#"["\ud83d\ude00"]"#,
            r#"["\\ud800", "\é\ud8"]"#,
            r#"["\u00e9\\", "é"]"#,
            "\\",
            "\\ud8é0",
            "",
        ] {
            assert!(
                matches!(paired(same), Cow::Borrowed(text) if text == same),
                "{same}"
            );
        }
    }
}
