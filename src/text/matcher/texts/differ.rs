//! Where a text is not as expected: shown so that the place is seen, however long the text is.

use similar::TextDiff;

use crate::text::matcher::{Miss, QUOTED, quote};

/// Characters that are shown before and behind the place that matters.
const AROUND: usize = 60;
/// The most of a text that a difference is made of.
const COMPARED: usize = 64 << 10;
/// The most lines of a difference, and the most characters of each.
const LINES: usize = 60;
const WIDTH: usize = 240;
/// The most lines that are searched for one that is near to what is missing.
const SEARCHED: usize = 10_000;

/// Two texts that are not equal.
pub fn unequal(expected: &str, actual: &str) -> Miss {
    if let Some(actual) = line_ends(expected, actual) {
        return Miss::new(quote(expected), actual);
    }
    let mut miss = Miss::new(quote(expected), quote(actual));
    let many = expected.contains('\n') || actual.contains('\n');
    if many {
        miss.diff = Some(diff(expected, actual));
    } else if expected.chars().count().max(actual.chars().count()) > QUOTED {
        let same = common(expected, actual);
        let at = expected.get(..same).unwrap_or("").chars().count() + 1;
        let (left, right) = (around(expected, same, 0), around(actual, same, 0));
        miss.diff = Some(format!("@@ from character {at} on @@\n-{left}\n+{right}\n"));
    }
    miss
}

/// How two texts differ that are the same but for line ends: these are not seen in a difference.
fn line_ends(expected: &str, actual: &str) -> Option<String> {
    let ends = |text: &str| {
        let body = text.trim_end_matches(['\n', '\r']);
        text[body.len()..].matches('\n').count()
    };
    let (wanted, found) = (ends(expected), ends(actual));
    if expected.trim_end_matches(['\n', '\r']) == actual.trim_end_matches(['\n', '\r'])
        && wanted != found
    {
        let tail = |text: &str| text[text.trim_end_matches(['\n', '\r']).len()..].to_owned();
        let tails = (tail(actual), tail(expected));
        if [&tails.0, &tails.1].iter().any(|tail| tail.contains('\r')) {
            return Some(format!(
                "the same with {:?} rather than {:?} at its end",
                tails.0, tails.1
            ));
        }
        let lines = |count: usize| match count {
            1 => "one newline".to_owned(),
            count => format!("{count} newlines"),
        };
        let how = match found > wanted {
            true => format!("{} more", lines(found - wanted)),
            false => format!("{} less", lines(wanted - found)),
        };
        return Some(format!("the same with {how} at its end"));
    }
    let is_alike = expected.replace("\r\n", "\n") == actual.replace("\r\n", "\n");
    let are_mixed = expected.contains("\r\n") && actual.contains("\r\n");
    (is_alike && !are_mixed).then(|| {
        let crlf = |text: &str| match text.contains("\r\n") {
            true => "\\r\\n",
            false => "\\n",
        };
        format!(
            "the same with line ends of another kind ({} rather than {})",
            crlf(actual),
            crlf(expected)
        )
    })
}

/// A unified difference of two texts, without its header. Of texts that are long, the part that
/// begins where they differ.
pub fn diff(expected: &str, actual: &str) -> String {
    let long = |text: &str| text.len() > COMPARED || text.lines().any(|line| line.len() > WIDTH);
    let same = match long(expected) || long(actual) {
        true => common(expected, actual),
        false => 0,
    };
    // From two lines above on.
    let above = expected.get(..same).unwrap_or("");
    let from = above
        .rmatch_indices('\n')
        .nth(2)
        .map_or(0, |(at, _)| at + 1);
    // Not from the start of a line of which the place that differs would not be shown.
    let from = match same.saturating_sub(from) > 2 * WIDTH {
        true => same - AROUND,
        false => from,
    };
    let from = expected.floor_char_boundary(from);
    // What is cut in two says so: half a secret is known by it.
    let is_start = from == 0 || above.as_bytes().get(from - 1) == Some(&b'\n');
    let open = if is_start { "" } else { "…" };
    let part = |text: &str| {
        let rest = text.get(from..).unwrap_or("");
        let part = &rest[..rest.floor_char_boundary(COMPARED)];
        // Nobody would see it, nor that two lines differ by it alone.
        format!("{open}{}", part.replace('\r', "\\r"))
    };
    let (mut left, mut right) = (part(expected), part(actual));
    // A last line that has its end is another to the comparison than one that has none.
    if left.ends_with('\n') != right.ends_with('\n') {
        left.push('\n');
        right.push('\n');
    }
    let diff = TextDiff::from_lines(&left, &right);
    let whole = diff
        .unified_diff()
        .context_radius(2)
        .missing_newline_hint(false)
        .to_string();
    let skipped = above.get(..from).unwrap_or("").matches('\n').count();
    bounded(&whole, skipped)
}

/// The first lines, each of which is cut where it is long.
fn bounded(diff: &str, skipped: usize) -> String {
    let mut out = String::new();
    if skipped > 0 {
        out.push_str(&format!("(the first {skipped} lines are the same)\n"));
    }
    for line in diff.lines().take(LINES) {
        out.extend(line.chars().take(WIDTH));
        let more = line.chars().skip(WIDTH).count();
        if more > 0 {
            out.push_str(&format!("… and {more} more characters"));
        }
        out.push('\n');
    }
    let more = diff.lines().skip(LINES).count();
    if more > 0 {
        out.push_str(&format!("… and {more} more lines of difference\n"));
    }
    out
}

/// The bytes that two texts have in common at their beginning.
fn common(a: &str, b: &str) -> usize {
    let both = a.char_indices().zip(b.chars());
    let mut other = both.skip_while(|((_, x), y)| x == y);
    other.next().map_or(a.len().min(b.len()), |((at, _), _)| at)
}

/// What stands around the bytes from `at` to `at + length`, in quotation marks where it is whole.
fn around(text: &str, at: usize, length: usize) -> String {
    let start = text.floor_char_boundary(at);
    let end = text.ceil_char_boundary((at + length).min(text.len()));
    let before: Vec<char> = text[..start].chars().rev().take(AROUND).collect();
    let before: String = before.into_iter().rev().collect();
    let behind: String = text[end..].chars().take(AROUND).collect();
    let middle = &text[start..end];
    let open = if before.len() < start { "…" } else { "" };
    let close = if end + behind.len() < text.len() {
        "…"
    } else {
        ""
    };
    format!(
        "{open}{}{close}",
        quote(&format!("{before}{middle}{behind}"))
    )
}

/// A text in which something was looked for in vain: as it begins, and the line that is nearest.
pub fn lacking(text: &str, wanted: Option<&str>) -> String {
    if text.chars().count() <= QUOTED {
        return quote(text);
    }
    let near = wanted.and_then(|wanted| nearest(&text.lines(), wanted));
    format!("{}{}", quote(text), near.unwrap_or_default())
}

/// A text that ends in another way than expected.
pub fn ending(text: &str) -> String {
    if text.chars().count() <= QUOTED {
        return quote(text);
    }
    around(text, text.len(), 0)
}

/// A text that holds what it should not hold, from byte `at` on.
pub fn holding(text: &str, at: usize, length: usize) -> String {
    if text.chars().count() <= QUOTED {
        return quote(text);
    }
    let number = text[..text.floor_char_boundary(at)].matches('\n').count() + 1;
    let excerpt = around(text, at, length.min(AROUND));
    match text.contains('\n') {
        true => format!("line {number}: {excerpt}"),
        false => excerpt,
    }
}

/// The line that holds most of what is wanted, the same but for case, or more than half of it, in words
/// that go on from others.
pub fn nearest<'a>(text: &(impl Iterator<Item = &'a str> + Clone), wanted: &str) -> Option<String> {
    let wanted = wanted.lines().next().unwrap_or("").trim().to_lowercase();
    if wanted.chars().count() < 4 || wanted.len() > COMPARED {
        return None;
    }
    let half = wanted.floor_char_boundary(wanted.len() / 2 + 1);
    let last = wanted.ceil_char_boundary(wanted.len() - half);
    let (first, last) = (&wanted[..half], wanted[last..].trim_start());
    let lines = || text.clone().take(SEARCHED).enumerate();
    for part in [wanted.as_str(), first, last] {
        let found = lines().find_map(|(number, line)| {
            let start = &line[..line.floor_char_boundary(COMPARED)];
            let at = start.to_lowercase().find(part)?;
            let excerpt = around(line, at.min(line.len()), part.len());
            Some(format!("; near to it is line {}: {excerpt}", number + 1))
        });
        if found.is_some() {
            return found;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_show_the_place_where_they_differ() {
        let line = |c: char| format!("{}{c}{}", "a".repeat(500), "b".repeat(500));
        let said = unequal(&line('x'), &line('y')).diff.unwrap();
        let (a, b) = ("a".repeat(60), "b".repeat(59));
        let expected = format!("@@ from character 501 on @@\n-…\"{a}x{b}\"…\n+…\"{a}y{b}\"…\n");
        assert_eq!(said, expected);
        let shorter = unequal(&"ä".repeat(200), &"ä".repeat(170)).diff.unwrap();
        assert!(
            shorter.starts_with("@@ from character 171 on @@\n"),
            "{shorter}"
        );
        assert_eq!(unequal("short", "other").diff, None);
    }

    #[test]
    fn texts_that_differ_in_line_ends_alone_say_so() {
        for (expected, actual, said) in [
            ("ok", "ok\n", "the same with one newline more at its end"),
            (
                "a\nb\n\n\n",
                "a\nb",
                "the same with 3 newlines less at its end",
            ),
            (
                "a\nb",
                "a\r\nb",
                "the same with line ends of another kind (\\r\\n rather than \\n)",
            ),
        ] {
            let miss = unequal(expected, actual);
            assert_eq!((miss.actual.as_str(), miss.diff), (said, None));
        }
        let said = diff("a\nb", "a\nb\nc\n");
        assert!(said.ends_with(" a\n b\n+c\n+\n"), "{said}");
    }

    #[test]
    fn where_both_mix_line_ends_each_line_shows_its_own() {
        let miss = unequal("a\r\nb\nc", "a\nb\r\nc");
        assert_eq!(miss.actual, quote("a\nb\r\nc"));
        let said = miss.diff.unwrap();
        assert!(said.ends_with("-a\\r\n-b\n+a\n+b\\r\n c\n"), "{said}");
        // Of one that mixes them the other kind is still told.
        let mixed = unequal("a\nb\nc", "a\nb\r\nc");
        assert!(
            mixed.actual.ends_with("(\\r\\n rather than \\n)"),
            "{mixed:?}"
        );
        for (expected, actual, said) in [
            (
                "a\n",
                "a\r\n\r\n",
                "the same with \"\\r\\n\\r\\n\" rather than \"\\n\" at its end",
            ),
            (
                "a",
                "a\r\n",
                "the same with \"\\r\\n\" rather than \"\" at its end",
            ),
        ] {
            let miss = unequal(expected, actual);
            assert_eq!((miss.actual.as_str(), miss.diff), (said, None));
        }
    }

    #[test]
    fn a_carriage_return_is_seen() {
        let said = unequal("a\nb\n", "a\r\nc\n").diff.unwrap();
        assert!(said.ends_with("-a\n-b\n+a\\r\n+c\n"), "{said}");
        let said = diff("a\rb\n", "a\n");
        assert!(said.ends_with("-a\\rb\n+a\n"), "{said}");
    }

    #[test]
    fn a_difference_far_behind_is_shown_and_bounded() {
        let lines = |last: &str| format!("{}{last}", "the same line\n".repeat(100_000));
        let said = diff(&lines("x\n"), &lines("y\n"));
        assert!(
            said.starts_with("(the first 99998 lines are the same)\n"),
            "{said}"
        );
        assert!(said.contains("-x\n+y\n"), "{said}");
        let said = diff(&"a\n".repeat(1_000_000), &"b\n".repeat(1_000_000));
        assert!(said.lines().count() <= LINES + 2 && said.contains("more lines of difference"));
        let wide = diff(&format!("{}\n1", "a".repeat(1 << 20)), &"b".repeat(1 << 20));
        assert!(wide.len() < 4 * WIDTH, "{}", wide.len());
        assert!(wide.contains("more characters"), "{wide}");
        let late = |last: char| format!("{}{last}\nend", "ä".repeat(1 << 20));
        let said = diff(&late('x'), &late('y'));
        assert!(said.contains("äx\n") && said.contains("äy\n"), "{said}");
        assert!(said.len() < 4 * WIDTH, "{said}");
    }

    #[test]
    fn what_is_missing_is_looked_for_near_by() {
        let log = format!(
            "{}Listening on 8080\n{}",
            "noise\n".repeat(100),
            "noise\n".repeat(100)
        );
        assert!(
            lacking(&log, Some("listening on 8080")).ends_with("line 101: \"Listening on 8080\"")
        );
        assert!(lacking(&log, Some("Listening on 9090")).contains("near to it is line 101"));
        let far = lacking(&log, Some("zebra"));
        assert!(far.ends_with("more characters"), "{far}");
        assert_eq!(lacking("short", Some("zebra")), "\"short\"");
    }

    #[test]
    fn the_end_and_the_middle_are_shown_where_they_matter() {
        let text = format!("{}needle\n{}tail", "line\n".repeat(50), "line\n".repeat(50));
        assert!(
            ending(&text).ends_with("line\\ntail\""),
            "{}",
            ending(&text)
        );
        let at = text.find("needle").unwrap();
        let said = holding(&text, at, 6);
        assert!(
            said.starts_with("line 51: …\"") && said.contains("needle"),
            "{said}"
        );
        assert_eq!(holding("needle", 0, 6), "\"needle\"");
    }
}
