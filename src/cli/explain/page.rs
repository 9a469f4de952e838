//! Pages of claims and steps, and tables of keys, for a terminal.

use anstyle::{AnsiColor, Style};

use super::index::Key;
use super::kind::Definitions;

const BOLD: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

/// A heading.
pub fn heading(text: &str) -> String {
    format!("{BOLD}{text}{BOLD:#}")
}

/// The Markdown of a page: headings stand out, code keeps its form and says whether it holds.
pub fn render(page: &str) -> String {
    let mut text = String::new();
    let mut code = false;
    for line in page.lines() {
        if let Some(info) = line.strip_prefix("```") {
            code = !code;
            if let Some((words, style)) = verdict(info) {
                text.push_str(&format!("  {style}{words}{style:#}\n"));
            }
        } else if code {
            text.push_str(format!("    {line}").trim_end());
            text.push('\n');
        } else if line.starts_with('#') {
            let title = line.trim_start_matches('#').trim();
            text.push_str(&format!("{}\n", heading(title)));
        } else {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

/// What the info string behind a code fence says of the examples in it.
fn verdict(info: &str) -> Option<(&'static str, Style)> {
    let mut words = info.split_whitespace().skip(1);
    match words.next()? {
        "pass" => Some(("holds:", AnsiColor::Green.on_default())),
        "good" => Some(("fine:", AnsiColor::Green.on_default())),
        "bad" => Some(("found:", AnsiColor::Red.on_default())),
        "fail" => Some(("fails:", AnsiColor::Red.on_default())),
        _ => None,
    }
}

/// A line or more for each key: its name, what it takes, what it is for.
pub fn table<'a>(keys: &[Key<'a>], definitions: Definitions<'a>) -> String {
    let widest = keys.iter().map(|k| k.name.len()).max().unwrap_or(0);
    let indent = widest + 4;
    let mut text = String::new();
    for key in keys {
        let must = if key.required { " (required)" } else { "" };
        let kind = definitions.kind(key.schema);
        let name = key.name;
        text.push_str(&format!(
            "  {BOLD}{name:widest$}{BOLD:#}  {FAINT}{kind}{must}{FAINT:#}\n"
        ));
        if !key.about().is_empty() {
            text.push_str(&wrap(key.about(), indent));
        }
    }
    text
}

/// One line each: a name and what is said about it.
pub fn lines(rows: &[(String, String)]) -> String {
    let widest = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, about) in rows {
        text.push_str(format!("  {BOLD}{name:widest$}{BOLD:#}  {about}").trim_end());
        text.push('\n');
    }
    text
}

/// The first sentence.
pub fn sentence(about: &str) -> &str {
    let end = [". ", ": ", "\n"]
        .iter()
        .filter_map(|stop| about.find(stop));
    let first = end.min().map_or(about, |end| &about[..end]);
    first.trim_end_matches('.')
}

/// Running text within 90 columns, `indent` from the left.
pub fn wrap(text: &str, indent: usize) -> String {
    const WIDTH: usize = 90;
    let mut out = String::new();
    for part in text.split("\n\n") {
        let mut line = String::new();
        for word in part.split_whitespace() {
            let wide = indent + line.chars().count() + word.chars().count();
            if !line.is_empty() && wide >= WIDTH {
                out.push_str(&format!("{:indent$}{line}\n", ""));
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        out.push_str(&format!("{:indent$}{line}\n", ""));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_keeps_its_code_and_says_what_holds() {
        let page = "# x\n\nText.\n\n```yaml fail\n- x: 1\n```\n";
        let shown = anstream::adapter::strip_str(&render(page)).to_string();
        assert_eq!(shown, "x\n\nText.\n\n  fails:\n    - x: 1\n");
    }

    #[test]
    fn long_text_is_wrapped_and_first_sentences_are_cut() {
        let shown = wrap(&"word ".repeat(40), 4);
        assert!(
            shown
                .lines()
                .all(|l| l.starts_with("    word") && l.len() <= 90)
        );
        assert_eq!(sentence("One thing. Another."), "One thing");
        assert_eq!(sentence("Only this."), "Only this");
    }
}
