//! When enough of a text has come to judge it, where more may come and nobody knows when.

use regex::escape;

use super::{TextMatch, TextRules, chomp};

impl TextMatch {
    /// Regular expressions that together say that what has come is as expected and is not likely to
    /// change; none where only the end can tell.
    pub fn enough(&self) -> Vec<String> {
        let all = match self {
            Self::Equals(text) => equal(&[text]).into_iter().collect(),
            Self::Rules(rules) => rules.enough().unwrap_or_default(),
        };
        let known = |text: &String| regex::Regex::new(text).is_ok_and(|found| !found.is_match(""));
        match all.iter().all(known) {
            true => all,
            false => Vec::new(),
        }
    }
}

/// Equal to one of these, with the end of the line, which says that no more of it comes.
fn equal(texts: &[&String]) -> Option<String> {
    let words: Vec<String> = texts.iter().map(|text| escape(chomp(text))).collect();
    let empty = words.iter().all(String::is_empty);
    (!empty).then(|| format!(r"\A(?:{})\r?\n\z", words.join("|")))
}

impl TextRules {
    fn enough(&self) -> Option<Vec<String>> {
        if self.not.is_some() {
            return None;
        }
        let mut all: Vec<String> = self.contains.0.iter().map(|text| escape(text)).collect();
        for pattern in &self.matches.0 {
            let source = pattern.0.as_str();
            let looks = ["$", r"\z", r"\b", r"\B", r"\>", r"\<"];
            // What looks at the end of what has come may see another end later.
            let behind = if looks.iter().any(|look| source.contains(look)) {
                "(?s:.)"
            } else {
                ""
            };
            all.push(format!("(?m:{source}){behind}"));
        }
        if let Some(text) = &self.starts_with {
            all.push(format!(r"\A{}", escape(text)));
        }
        if let Some(text) = &self.ends_with {
            all.push(format!(r"{}\r?\n\z", escape(chomp(text))));
        }
        if let Some(text) = &self.equals {
            all.push(equal(&[text])?);
        }
        if !self.one_of.0.is_empty() {
            let texts: Vec<&String> = self.one_of.0.iter().collect();
            all.push(equal(&texts)?);
        }
        Some(all)
    }
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;
    use crate::text::read::{Read, Reader};
    use crate::text::source::FileId;
    use crate::text::yaml;

    #[test]
    fn enough_has_come_when_more_would_not_change_it() {
        for (rule, enough, not_yet) in [
            ("+PONG", "+PONG\r\n", "+PONG"),
            ("{ equals: a }", "a\n", "b\n"),
            ("{ contains: [a, b] }", "ba", "b"),
            ("{ starts_with: '220 ' }", "220 x", "220"),
            ("{ ends_with: ok }", "is ok\n", "is ok"),
            ("{ one_of: [a, b] }", "b\n", "b"),
            ("{ matches: '^SSH-2' }", "x\nSSH-2", "x SSH-2"),
            ("{ matches: '^\\d+$' }", "22\n", "22"),
            ("{ matches: 'a|b', contains: c }", "bc", "b"),
        ] {
            let node = yaml::parse(FileId(0), rule).0.unwrap();
            let rule = TextMatch::read(&node, &mut Reader::default()).unwrap();
            let all: Vec<Regex> = rule
                .enough()
                .iter()
                .map(|e| Regex::new(e).unwrap())
                .collect();
            assert!(!all.is_empty(), "{rule:?}");
            assert!(all.iter().all(|e| e.is_match(enough)), "{rule:?} {enough}");
            assert!(
                !all.iter().all(|e| e.is_match(not_yet)),
                "{rule:?} {not_yet}"
            );
        }
        for rule in [
            "''",
            "{ not: x }",
            "{ contains: a, not: { contains: b } }",
            "{ matches: '' }",
            "{ matches: 'a*' }",
            "{ matches: '(?x)a # b' }",
            "{ one_of: [''] }",
        ] {
            let node = yaml::parse(FileId(0), rule).0.unwrap();
            let read = TextMatch::read(&node, &mut Reader::default()).unwrap();
            assert_eq!(read.enough(), [""; 0], "{rule}");
        }
    }
}
