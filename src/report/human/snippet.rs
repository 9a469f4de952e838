//! A line of a suite with a marker under the claim, as compilers show it.

use crate::report::clean;
use crate::report::style::{BAD, PLACE, paint, width};
use crate::text::source::Place;

/// How many columns of a source line are shown.
const SHOWN: usize = 100;

/// `file:line:column`.
pub fn at(place: &Place) -> String {
    let file = clean::line(&place.file);
    paint(PLACE, format!("{file}:{}:{}", place.line, place.column))
}

/// The place, its line, and the marker; each line begins with `indent`.
pub fn of(place: &Place, indent: &str) -> String {
    let gutter = place.line.to_string().len();
    let mut text = format!("{indent}{:gutter$}--> {}\n", "", at(place));
    if place.text.trim().is_empty() {
        return text;
    }
    let (source, before, marked) = window(place);
    let bar = paint(PLACE, "|");
    let number = paint(PLACE, place.line);
    let marker = paint(BAD.bold(), "^".repeat(marked));
    text.push_str(&format!("{indent}{:gutter$} {bar}\n", ""));
    text.push_str(&format!("{indent}{number} {bar} {source}\n"));
    text.push_str(&format!(
        "{indent}{:gutter$} {bar} {:before$}{marker}\n",
        "", ""
    ));
    text
}

/// The part of the line that is shown, the columns before the marker, and its own.
fn window(place: &Place) -> (String, usize, usize) {
    let chars: Vec<char> = place.text.chars().collect();
    let start = (place.column.saturating_sub(1)).min(chars.len());
    let end = start.saturating_add(place.width).min(chars.len());
    // A long line is shown from a little before the claim.
    let far = chars.len() > SHOWN && start > SHOWN / 2;
    let from = if far { start - SHOWN / 4 } else { 0 };
    let to = chars.len().min(from + SHOWN);
    let part = |a: usize, b: usize| -> String {
        let text: String = chars.get(a..b.max(a)).unwrap_or(&[]).iter().collect();
        clean::line(&text)
    };
    let cut = |there: bool| if there { "..." } else { "" };
    let (left, right) = (cut(from > 0), cut(to < chars.len()));
    let (before, marked) = (part(from, start), part(start, end.min(to)));
    let source = format!("{left}{before}{marked}{}{right}", part(end.min(to), to));
    (source, left.len() + width(&before), width(&marked).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::style::bare;

    fn shown(text: &str, column: usize, width: usize) -> Vec<String> {
        let place = Place {
            file: "s.yaml".into(),
            line: 31,
            column,
            width,
            text: text.into(),
        };
        bare(&of(&place, "")).lines().map(str::to_owned).collect()
    }

    #[test]
    fn the_marker_stands_under_the_claim() {
        assert_eq!(
            shown("  - whoami: aisopod", 13, 7),
            [
                "  --> s.yaml:31:13",
                "   |",
                "31 |   - whoami: aisopod",
                "   |             ^^^^^^^"
            ]
        );
        let wide = shown("\t日本: x", 6, 1);
        assert_eq!(wide[2], "31 |     日本: x");
        assert_eq!(wide[3], "   |           ^");
    }

    #[test]
    fn a_long_line_is_shown_around_the_claim() {
        let long = format!("{}needle{}", "a".repeat(300), "b".repeat(300));
        let lines = shown(&long, 301, 6);
        assert!(lines[2].starts_with("31 | ...aaa"), "{}", lines[2]);
        assert!(lines[2].ends_with("bbb..."), "{}", lines[2]);
        let at = lines[2].find("needle").unwrap();
        assert_eq!(lines[3].find("^^^^^^").unwrap(), at);
    }

    #[test]
    fn no_place_makes_it_stumble() {
        assert_eq!(shown("", 1, 1).len(), 1);
        assert_eq!(shown("x", 900, usize::MAX)[3], "   |  ^");
        assert_eq!(shown("x", 0, 0)[3], "   | ^");
    }
}
