//! From a draft to the text of a suite.

use std::ops::RangeInclusive;

use super::heed::one_line;
use super::{Case, Draft, Kind, Part, scalar};

/// The widest line of a comment.
const WIDTH: usize = 100;

/// Where a part stands.
#[derive(Debug)]
pub struct Standing {
    /// The number of its case.
    pub case: usize,
    /// Its number in it.
    pub part: usize,
    /// Its lines, from 1.
    pub lines: RangeInclusive<usize>,
}

/// The name of a case, bare where it may be.
fn name(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || " ._-".contains(c);
    match name.chars().all(is_bare) && !name.starts_with('-') {
        true => name.to_owned(),
        false => scalar::quoted(name),
    }
}

impl Draft {
    /// The suite's text, and where its parts stand in it.
    pub fn render(&self) -> (String, Vec<Standing>) {
        let mut page = Page::default();
        page.text.push_str(&self.top);
        page.line(0, "cases:", false);
        for (at, case) in self.cases.iter().enumerate() {
            if at > 0 {
                page.text.push('\n');
            }
            page.case(at, case);
        }
        (page.text, page.places)
    }
}

#[derive(Debug, Default)]
struct Page {
    text: String,
    places: Vec<Standing>,
}

impl Page {
    /// A line, or a comment with it.
    fn line(&mut self, indent: usize, text: &str, is_off: bool) {
        let (blank, mark) = (" ".repeat(indent), if is_off { "# " } else { "" });
        self.text.push_str(&format!("{blank}{mark}{text}\n"));
    }

    fn comment(&mut self, indent: usize, text: &str) {
        // What somebody else said stands as it was.
        if text.starts_with("| ") {
            return self.line(indent, text, true);
        }
        let mut line = String::new();
        for word in text.split_whitespace() {
            let length = line.chars().count() + word.chars().count();
            if !line.is_empty() && indent + length + 3 > WIDTH {
                self.line(indent, &line, true);
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        if !line.is_empty() {
            self.line(indent, &line, true);
        }
    }

    fn case(&mut self, at: usize, case: &Case) {
        for says in &case.says {
            self.comment(2, says);
        }
        let is_off = !case.is_on();
        if let Some(why) = &case.off {
            self.comment(
                2,
                &format!(
                    "This case did not pass when it was tried: {}",
                    one_line(why)
                ),
            );
        }
        self.line(2, &format!("- name: {}", name(&case.name)), is_off);
        for head in &case.head {
            self.line(4, head, is_off);
        }
        let has_steps = case.has_steps();
        self.line(4, if has_steps { "steps:" } else { "expect:" }, is_off);
        let mut within = false;
        for (number, part) in case.parts.iter().enumerate() {
            let in_expect = has_steps && part.kind == Kind::Claim;
            if in_expect && !within {
                let rest = &case.parts[number..];
                let group = rest.iter().take_while(|part| part.kind == Kind::Claim);
                let all_off = group.clone().all(|part| part.off.is_some());
                self.line(6, "- expect:", is_off || all_off);
            }
            within = in_expect;
            let indent = if in_expect { 10 } else { 6 };
            let first = self.text.lines().count() + 1;
            self.part(indent, part, is_off);
            let lines = first..=self.text.lines().count();
            self.places.push(Standing {
                case: at,
                part: number,
                lines,
            });
        }
    }

    fn part(&mut self, indent: usize, part: &Part, is_off: bool) {
        match (&part.off, &part.says) {
            (Some(why), _) => self.comment(indent, &format!("Does not hold: {}", one_line(why))),
            (None, Some(says)) => self.comment(indent, says),
            (None, None) => {}
        }
        let is_off = is_off || part.off.is_some();
        for (at, line) in part.yaml.lines().enumerate() {
            let dash = if at == 0 { "- " } else { "  " };
            self.line(indent, &format!("{dash}{line}"), is_off);
        }
        if let Some(beside) = &part.beside {
            self.line(indent, &format!("  {beside}"), is_off);
        }
    }
}
