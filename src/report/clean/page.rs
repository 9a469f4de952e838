//! The same for a page, which no build server takes orders from: nothing in it is broken up.

use super::{Written, escape, line_by, lines_by, log_by};

const SEEN: Written = escape;

/// As [`super::line`].
pub fn line(text: &str) -> String {
    line_by(text, SEEN)
}

/// As [`super::lines`].
pub fn lines(text: &str, most: usize) -> Vec<String> {
    lines_by(text, most, SEEN)
}

/// As [`super::log`].
pub fn log(text: &str) -> Vec<String> {
    log_by(text, SEEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_build_server_would_obey_stands_as_it_is() {
        for text in ["##[error]x", "::error::x", "section_start:1:x"] {
            assert_eq!(line(text), text);
            assert_eq!(lines(text, 1), [text]);
            assert_eq!(log(text), [text]);
            assert_ne!(super::super::line(text), text);
        }
        assert_eq!(line("a\u{1b}[2J\u{202e}"), "a\\x1b[2J\\u{202e}");
        assert_eq!(log("a\u{1b}[2Jb"), ["ab"]);
    }
}
