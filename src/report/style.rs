//! How things look: colours, symbols, times. Nothing is said by colour or symbol alone.

use std::time::Duration;

use anstyle::{AnsiColor, Color, Style};
use unicode_width::UnicodeWidthStr;

use crate::run::outcome::{CaseOutcome, Verdict};

/// What is good.
pub const GOOD: Style = color(AnsiColor::Green);
/// What is wrong.
pub const BAD: Style = color(AnsiColor::Red);
/// What is in doubt.
pub const DOUBT: Style = color(AnsiColor::Yellow);
/// What is there for those who look for it.
pub const DIM: Style = Style::new().dimmed();
/// What is to be found at a glance.
pub const BOLD: Style = Style::new().bold();
/// Where something is written.
pub const PLACE: Style = color(AnsiColor::Cyan);

const fn color(color: AnsiColor) -> Style {
    Style::new().fg_color(Some(Color::Ansi(color)))
}

/// The text in that style.
pub fn paint(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// Without styles, for files and for those who want no colours.
pub fn bare(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

/// Which characters can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Characters {
    /// All of them.
    Unicode,
    /// For our own symbols, letters and punctuation only.
    Ascii,
}

impl Characters {
    /// What a locale can show, as `LC_ALL`, `LC_CTYPE` or `LANG` name it.
    pub fn of_locale(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        if name.contains("utf-8") || name.contains("utf8") {
            Self::Unicode
        } else {
            Self::Ascii
        }
    }

    /// A symbol and the word for what came of a case.
    pub fn mark_of(self, case: &CaseOutcome) -> String {
        match (case.is_flaky(), self) {
            (false, _) => self.mark(case.verdict),
            (true, _) => paint(DOUBT.bold(), format!("~ {:7}", case.word())),
        }
    }

    /// A symbol and the word for it.
    pub fn mark(self, verdict: Verdict) -> String {
        let (style, unicode, ascii) = match verdict {
            Verdict::Passed => (GOOD, "✓", "+"),
            Verdict::Failed => (BAD.bold(), "✗", "x"),
            Verdict::Errored => (DOUBT.bold(), "!", "!"),
            Verdict::Skipped => (DIM, "-", "-"),
        };
        let symbol = match self {
            Self::Unicode => unicode,
            Self::Ascii => ascii,
        };
        paint(style, format!("{symbol} {:7}", verdict.word()))
    }
}

/// How many columns a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// A time as people say it: `23 ms`, `0.34 s`, `12.3 s`, `2 min 5 s`.
pub fn time(time: Duration) -> String {
    let (seconds, millis) = (time.as_secs(), time.as_millis());
    match millis {
        0..100 => format!("{millis} ms"),
        100..1000 => format!("{:.2} s", time.as_secs_f64()),
        1000..60_000 => format!("{}.{} s", seconds, time.subsec_millis() / 100),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// `1 case`, `3 cases`.
pub fn count(number: usize, thing: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{s}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_as_people_say_them() {
        let cases = [
            (0, "0 ms"),
            (99, "99 ms"),
            (340, "0.34 s"),
            (996, "1.00 s"),
            (1000, "1.0 s"),
            (12_399, "12.3 s"),
            (59_999, "59.9 s"),
            (60_000, "1 min 0 s"),
            (3_725_000, "62 min 5 s"),
        ];
        for (millis, expected) in cases {
            assert_eq!(time(Duration::from_millis(millis)), expected);
        }
    }

    #[test]
    fn symbols_stand_beside_words_and_the_locale_decides_which() {
        let failed = |c: Characters| bare(&c.mark(Verdict::Failed));
        assert_eq!(failed(Characters::of_locale("de_DE.UTF-8")), "✗ failed ");
        assert_eq!(failed(Characters::of_locale("C.utf8")), "✗ failed ");
        assert_eq!(failed(Characters::of_locale("POSIX")), "x failed ");
        assert_eq!(failed(Characters::of_locale("")), "x failed ");
    }
}
