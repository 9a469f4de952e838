//! Pages of claims and steps, and tables of keys, for a terminal.

use anstyle::{AnsiColor, Style};

use super::index::Key;
use super::kind::Definitions;
use crate::text::matcher::listed;

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
    let mut named: Vec<&str> = Vec::new();
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
            text.push_str(&unlinked(line, &mut named));
            text.push('\n');
        }
    }
    let mut also: Vec<String> = Vec::new();
    for name in named {
        let command = format!("`seaworthy explain {name}`");
        if !also.contains(&command) {
            also.push(command);
        }
    }
    if !also.is_empty() {
        text.push_str(&format!("\nSee also {}.\n", listed(&also, "and")));
    }
    text
}

/// A line without its links, which a terminal cannot follow: another page is called by its name, and goes into
/// `named`; a place elsewhere stands behind what leads to it.
fn unlinked<'a>(line: &'a str, named: &mut Vec<&'a str>) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, words, target, behind)) = link(rest) {
        text.push_str(before);
        match page_of(target) {
            Some(name) => {
                named.push(name);
                let bare = words.trim_matches('`') == name;
                text.push_str(&if bare {
                    format!("`{name}`")
                } else {
                    words.to_owned()
                });
            }
            None => text.push_str(&format!("{words} ({target})")),
        }
        rest = behind;
    }
    text + rest
}

/// What stands before the first link, its words, where it leads, and what stands behind it.
fn link(text: &str) -> Option<(&str, &str, &str, &str)> {
    let (front, back) = text.split_once("](")?;
    let (before, words) = front.rsplit_once('[')?;
    let (target, behind) = back.split_once(')')?;
    Some((before, words, target, behind))
}

/// The name of the page that a link from another page leads to.
fn page_of(target: &str) -> Option<&str> {
    let name = target.rsplit('/').next()?.strip_suffix(".md")?;
    (!target.contains("://")).then_some(name)
}

/// What the info string behind a code fence says of the examples in it.
fn verdict(info: &str) -> Option<(&'static str, Style)> {
    let mut words = info.split_whitespace().skip(1);
    match words.next()? {
        "pass" => Some(("holds:", AnsiColor::Green.on_default())),
        "good" => Some(("fine:", AnsiColor::Green.on_default())),
        "bad" => Some(("found:", AnsiColor::Red.on_default())),
        "refused" => Some(("refused:", AnsiColor::Red.on_default())),
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
    use crate::lint::RULES;
    use crate::suite::page::PAGES;
    use crate::{action, claim};

    #[test]
    fn a_page_keeps_its_code_and_says_what_holds() {
        let page = "# x\n\nText.\n\n```yaml fail\n- x: 1\n```\n";
        let shown = anstream::adapter::strip_str(&render(page)).to_string();
        assert_eq!(shown, "x\n\nText.\n\n  fails:\n    - x: 1\n");
    }

    #[test]
    fn links_become_names_that_can_be_explained() {
        let page = "# x\n\nSee [http](../claim/http.md), [the other](y.md) and [`http`](http.md): [here](https://x.example/a.md).\n";
        let shown = anstream::adapter::strip_str(&render(page)).to_string();
        assert_eq!(
            shown,
            "x\n\nSee `http`, the other and `http`: here (https://x.example/a.md).\n\n\
             See also `seaworthy explain http` and `seaworthy explain y`.\n"
        );
    }

    #[test]
    fn each_link_in_a_page_leads_to_a_page() {
        let claims = claim::NAMES.iter().map(|name| ("claim", claim::page(name)));
        let actions = action::NAMES
            .iter()
            .map(|name| ("action", action::page(name)));
        let rules = RULES.iter().map(|rule| ("lint", Some(rule.page)));
        let mut met = 0;
        let settings = PAGES.iter().map(|page| ("suite", Some(page.text)));
        for (folder, page) in claims.chain(actions).chain(rules).chain(settings) {
            let page = page.unwrap();
            let mut rest = page;
            while let Some((_, _, target, behind)) = link(rest) {
                rest = behind;
                met += 1;
                let path = target.strip_prefix("../").unwrap_or(target);
                let (of, name) = path.split_once('/').unwrap_or((folder, path));
                let name = name.strip_suffix(".md").unwrap();
                let there = match of {
                    "claim" => claim::page(name).is_some(),
                    "action" => action::page(name).is_some(),
                    "lint" => RULES.iter().any(|rule| rule.id == name),
                    _ => false,
                };
                assert!(there, "{target} in {}", page.lines().next().unwrap());
            }
            assert!(!render(page).contains("]("), "{page}");
            // The first paragraph is what editors show, which follow no path between pages.
            let first = page.split("\n\n").nth(1).unwrap();
            assert!(!first.contains("]("), "{first}");
        }
        assert!(met > 5, "{met} links");
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
