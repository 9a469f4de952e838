//! `$$` before a name: in a Compose file that is one dollar sign, in a suite it stays as it stands.

use crate::text::source::Sources;

/// Where that is written, since it may have been meant as in a Compose file: each with its place.
pub fn doubled(sources: &Sources) -> Vec<String> {
    let mut all = Vec::new();
    for (file, text) in sources.texts() {
        for (at, line) in text.lines().enumerate() {
            let is_comment = line.trim_start().starts_with('#');
            for name in names(line).into_iter().filter(|_| !is_comment) {
                let said = format!(
                    "{file}:{}: `$${name}` keeps both of its dollar signs: in a suite, unlike in a Compose file, one by itself \
                     is a dollar sign\n  help: write `${name}` where one is meant",
                    at + 1
                );
                // Suites share fragments.
                if !all.contains(&said) {
                    all.push(said);
                }
            }
        }
    }
    all
}

/// The names behind just two dollar signs.
fn names(line: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = line;
    while let Some(at) = rest.find('$') {
        let behind = rest[at..].trim_start_matches('$');
        let count = rest.len() - at - behind.len();
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = behind.find(|c| !is_name(c)).unwrap_or(behind.len());
        let (name, after) = behind.split_at(end);
        if count == 2 && name.starts_with(|c: char| !c.is_ascii_digit()) {
            names.push(name);
        }
        rest = after;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_dollar_signs_before_a_name_are_told_with_their_place() {
        let mut sources = Sources::default();
        let text = "a: echo $$HOME\n# $$NO\nb: 'kill $$; $$1 $${X} $x $$$y'\nc: [$$A, ü$$B_1]\n";
        sources.add("s.yaml", text);
        sources.add("s.yaml", text);
        let told: Vec<String> = doubled(&sources)
            .iter()
            .map(|said| said.split(" keeps").next().unwrap().to_owned())
            .collect();
        assert_eq!(
            told,
            ["s.yaml:1: `$$HOME`", "s.yaml:4: `$$A`", "s.yaml:4: `$$B_1`"]
        );
    }
}
