//! Makes what a container says safe to print: nothing that a terminal or a build server obeys, and
//! never more of it than a reader can use.

mod ends;
mod json;
pub mod page;

use std::collections::BTreeSet;

pub use ends::{ENDS, ends};
pub use json::json;

/// How many characters of a line are shown.
pub const WIDTH: usize = 480;

/// How a line is written out.
type Written = fn(&str) -> String;

/// A text on one line, everything unusual in it written out: `\n`, `\x1b`, `\u{202e}`.
pub fn line(text: &str) -> String {
    line_by(text, calm)
}

fn line_by(text: &str, written: Written) -> String {
    let text = text.trim_end_matches(['\n', '\r']);
    match text.char_indices().nth(WIDTH) {
        None => written(text),
        Some((at, _)) => {
            let left = text[at..].chars().count();
            format!("{}… ({left} more characters)", written(&text[..at]))
        }
    }
}

/// A text in lines, everything unusual in it written out; at most `most` lines.
pub fn lines(text: &str, most: usize) -> Vec<String> {
    lines_by(text, most, calm)
}

fn lines_by(text: &str, most: usize, written: Written) -> Vec<String> {
    let text = text.trim_end_matches(['\n', '\r']);
    let all = text.split('\n').take(most + 1);
    let mut all: Vec<String> = all.map(|one| line_by(one, written)).collect();
    if all.len() > most {
        all.truncate(most);
        let left = text.split('\n').count() - most;
        all.push(format!("(and {left} more lines)"));
    }
    all
}

/// A line of a log or of a build: colours and cursor movements are dropped without a trace, since
/// programs write them for terminals; what is unusual beside them is written out.
pub fn log(text: &str) -> Vec<String> {
    log_by(text, calm)
}

fn log_by(text: &str, written: Written) -> Vec<String> {
    let bare = without_sequences(text);
    let parts = bare.split(['\n', '\r']).filter(|part| !part.is_empty());
    let lines: Vec<String> = parts.map(|part| line_by(part, written)).collect();
    if lines.is_empty() {
        vec![String::new()]
    } else {
        lines
    }
}

/// The name, with a number behind it where it is taken.
pub fn free(taken: &mut BTreeSet<String>, name: &str) -> String {
    let numbered = (2..).map(|number| format!("{name} ({number})"));
    let mut all = std::iter::once(name.to_owned()).chain(numbered);
    let free = all.find(|one| !taken.contains(one)).unwrap_or_default();
    taken.insert(free.clone());
    free
}

/// A text as it is, but for the commands in it that a build server would obey.
pub fn unheeded(text: &str) -> String {
    let lines = text.split('\n').map(|line| disarm(line.to_owned()));
    lines.collect::<Vec<_>>().join("\n")
}

/// Writes out what a terminal obeys or hides, and breaks what a build server would obey.
fn calm(text: &str) -> String {
    disarm(escape(text))
}

/// Writes out what a terminal obeys or hides.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => out.push_str("    "),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() && u32::from(c) < 0x100 => {
                out.push_str(&format!("\\x{:02x}", u32::from(c)));
            }
            c if hidden(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

/// Characters that show nothing, or that change the order in which others are shown.
fn hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
        || c.is_control()
}

/// What begins a command of Azure, and one of `TeamCity`.
const AZURE: [&str; 3] = ["##[", "##vso[", "##teamcity["];
/// What stands before the colon of one of GitLab.
const GITLAB: [&str; 2] = ["section_start", "section_end"];

/// Breaks the commands that build servers read from their logs: `::error` of GitHub, `##[…]` and
/// `##vso[…]` of Azure, `##teamcity[…]`, `section_start:` of GitLab. Some of them look for these
/// anywhere in a line.
fn disarm(text: String) -> String {
    let lower = text.to_ascii_lowercase();
    let begin = lower.trim_start();
    let github = begin
        .strip_prefix("::")
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
    let gitlab = |word| lower.contains(&format!("{word}:"));
    if !github && !AZURE.iter().any(|mark| lower.contains(mark)) && !GITLAB.iter().any(gitlab) {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 8);
    let at_start = text.len() - begin.len();
    for (at, c) in text.char_indices() {
        let rest = &lower[at..];
        out.push(c);
        let azure =
            c == '#' && !rest.starts_with("###") && AZURE.iter().any(|mark| rest.starts_with(mark));
        let gitlab = c == ':'
            && !rest.starts_with(": ")
            && GITLAB.iter().any(|word| lower[..at].ends_with(word));
        if azure || gitlab || github && at == at_start {
            out.push(' ');
        }
    }
    out
}

/// Drops well-formed terminal sequences: CSI, OSC and the like, and two-character ones.
fn without_sequences(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let kind = match c {
            '\u{1b}' => match chars.next_if(|next| ('\u{20}'..='\u{7e}').contains(next)) {
                Some(next) => next,
                None => {
                    out.push(c);
                    continue;
                }
            },
            '\u{9b}' => '[',
            '\u{9d}' => ']',
            c => {
                out.push(c);
                continue;
            }
        };
        match kind {
            '[' => {
                while chars
                    .next_if(|c| ('\u{20}'..='\u{3f}').contains(c))
                    .is_some()
                {}
                chars.next_if(|c| ('\u{40}'..='\u{7e}').contains(c));
            }
            // These hold text up to their end: BEL, ST, or the end of the line if they have none.
            ']' | 'P' | 'X' | '^' | '_' => {
                while let Some(c) = chars.next_if(|c| *c != '\n') {
                    if matches!(c, '\u{7}' | '\u{9c}') {
                        break;
                    }
                    if c == '\u{1b}' {
                        chars.next_if_eq(&'\\');
                        break;
                    }
                }
            }
            ' '..='/' => {
                while chars
                    .next_if(|c| ('\u{20}'..='\u{2f}').contains(c))
                    .is_some()
                {}
                chars.next();
            }
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_a_text_gives_orders_to_a_build_server() {
        let text =
            "error: unknown key `##[add-mask]k`\n  ::error::d\n5 | a: b\n\nsection_start:1:x";
        let calm =
            "error: unknown key `# #[add-mask]k`\n  : :error::d\n5 | a: b\n\nsection_start: 1:x";
        assert_eq!(unheeded(text), calm);
        assert_eq!(unheeded(calm), calm);
    }

    #[test]
    fn what_a_terminal_obeys_is_written_out() {
        let cases = [
            ("plain ü 日本", "plain ü 日本"),
            ("a\u{1b}[31mb\u{7}", "a\\x1b[31mb\\x07"),
            ("a\u{9b}2Jb", "a\\x9b2Jb"),
            ("user\u{202e}txt.exe", "user\\u{202e}txt.exe"),
            ("zero\u{200b}width\u{feff}", "zero\\u{200b}width\\u{feff}"),
            ("one\ntwo\rthree\n", "one\\ntwo\\rthree"),
            ("a\tb", "a    b"),
            ("\u{7f}", "\\x7f"),
        ];
        for (text, expected) in cases {
            assert_eq!(line(text), expected);
        }
    }

    #[test]
    fn a_log_loses_its_colours_and_nothing_else() {
        let cases: [(&str, &[&str]); 8] = [
            ("\u{1b}[1;31mred\u{1b}[0m", &["red"]),
            ("\u{1b}]0;title\u{7}text", &["text"]),
            (
                "\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{1b}\\",
                &["link"],
            ),
            ("10%\r20%\r", &["10%", "20%"]),
            ("\u{1b}(Bplain\u{1b}c", &["plain"]),
            ("end\u{1b}", &["end\\x1b"]),
            ("\u{1b}Pnever closed\nnext", &["next"]),
            ("", &[""]),
        ];
        for (text, expected) in cases {
            assert_eq!(log(text), expected, "{text:?}");
        }
    }

    #[test]
    fn no_build_server_obeys() {
        let cases = [
            ("::error file=a::b", ": :error file=a::b"),
            ("  ::add-mask::x", "  : :add-mask::x"),
            ("::ADD-MASK::x", ": :ADD-MASK::x"),
            ("##[group]x", "# #[group]x"),
            ("x ##VSO[task.setvariable]y", "x # #VSO[task.setvariable]y"),
            ("##teamcity[buildStatus]", "# #teamcity[buildStatus]"),
            ("###[x", "## #[x"),
            (
                "section_start:1:x\r\u{1b}[0K",
                "section_start: 1:x\\r\\x1b[0K",
            ),
            ("a section_END:1:x", "a section_END: 1:x"),
        ];
        for (text, expected) in cases {
            assert_eq!(line(text), expected);
            assert_eq!(log(text)[0], expected.split("\\r").next().unwrap());
        }
        for harmless in [
            "::1",
            "std::vec::Vec",
            "# heading",
            "## x",
            "http://[::1]:80",
            "::",
        ] {
            assert_eq!(line(harmless), harmless);
        }
        // Dropping what stands between does not make a command of two halves.
        assert_eq!(log(":\u{1b}[0m:error::x"), [": :error::x"]);
    }

    #[test]
    fn nothing_is_longer_than_a_reader_can_use() {
        let long = "x".repeat(WIDTH + 5);
        assert!(line(&long).ends_with("x… (5 more characters)"));
        let many = "y\n".repeat(9) + "y";
        let shown = lines(&many, 4);
        assert_eq!(shown.len(), 5);
        assert_eq!(shown[4], "(and 6 more lines)");
        assert_eq!(lines("a\nb", 2), ["a", "b"]);
        let huge = "z".repeat(3_000_000);
        assert!(line(&huge).chars().count() < WIDTH + 40);
    }
}
