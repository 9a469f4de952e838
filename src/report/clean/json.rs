//! JSON that is printed: a terminal or the log of a build server shows it.

use super::{AZURE, GITLAB, hidden};

/// The same JSON, in which what a terminal obeys or hides and what begins a command of a build server is
/// written as `\uXXXX`.
pub fn json(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let (before, rest) = lower.split_at(at);
        let obeyed = match c {
            '#' => AZURE.iter().any(|mark| rest.starts_with(mark)),
            ':' => {
                let leads = || before.trim_end_matches(' ').ends_with('"');
                GITLAB.iter().any(|word| before.ends_with(word))
                    || rest.starts_with("::") && leads()
            }
            // Between texts it is layout, and within them it is written out already.
            c if c.is_ascii_whitespace() => false,
            c => hidden(c),
        };
        if obeyed {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn printed_json_is_the_same_and_nothing_obeys_it() {
        let cases = [
            ("a ##vso[task.complete]", r"a \u0023#vso[task.complete]"),
            ("###[group]", r"#\u0023#[group]"),
            ("##TeamCity[x]", r"\u0023#TeamCity[x]"),
            ("section_start:1:x", r"section_start\u003a1:x"),
            ("::error::x", r"\u003a:error::x"),
            ("a\u{9b}2J\u{7f}", r"a\u009b2J\u007f"),
            ("user\u{202e}txt", r"user\u202etxt"),
            ("\u{e0041}", r"\udb40\udc41"),
            ("ü 日本 ## x std::vec\n", r"ü 日本 ## x std::vec\n"),
        ];
        for (text, expected) in cases {
            let value = serde_json::json!({ "seen": [text], text: 1 });
            let printed = json(&format!("{value:#}"));
            let again: Value = serde_json::from_str(&printed).unwrap();
            assert_eq!(again, value);
            let found = printed.matches(&format!("\"{expected}\"")).count();
            assert_eq!(found, 2, "{printed}");
        }
    }
}
