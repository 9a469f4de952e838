//! The examples on pages of settings: `yaml good` must be taken, and of `yaml refused` just what stands behind
//! `# refused:` must be said.

use libtest_mimic::{Failed, Trial};
use seaworthy::suite::page::{PAGES, Page};

use super::{check, root};

/// What stands before the text of an error that is to come.
const MARK: &str = "# refused: ";

pub(crate) fn trials() -> Vec<Trial> {
    let trial =
        |page: &'static Page| Trial::test(format!("pages::{}", page.name), move || judge(page));
    PAGES.iter().map(trial).collect()
}

fn judge(page: &Page) -> Result<(), Failed> {
    let (mut good, mut refused) = (0, 0);
    for part in page.text.split("```yaml ").skip(1) {
        let (kind, rest) = part.split_once('\n').ok_or("a block without an end")?;
        let (example, _) = rest.split_once("```").ok_or("a block without an end")?;
        let marks: Vec<&str> = example
            .lines()
            .filter_map(|line| line.split_once(MARK))
            .map(|(_, text)| text)
            .collect();
        let (code, said) = of_suite(page.name, example)?;
        match kind {
            "good" => good += 1,
            _ => refused += 1,
        }
        let expected = if kind == "good" { 0 } else { 2 };
        let count = said.matches("error: ").count();
        let lacking: Vec<&&str> = marks.iter().filter(|mark| !said.contains(**mark)).collect();
        if code != Some(expected) || count != marks.len() || !lacking.is_empty() {
            return Err(format!(
                "exit {code:?}, {count} errors, without {lacking:?}\n{example}\n{said}"
            )
            .into());
        }
    }
    match (good, refused) {
        (0, _) | (_, 0) => Err("a page has an example of each kind".into()),
        _ => Ok(()),
    }
}

/// Exit code and what is said of an example, laid into a suite with what it lacks.
fn of_suite(name: &str, example: &str) -> Result<(Option<i32>, String), Failed> {
    let holds = |key: &str| example.lines().any(|line| line.starts_with(key));
    let mut suite = "seaworthy: 1\n".to_owned();
    if !holds("compose:") {
        suite.push_str("image: { ref: app }\n");
    }
    // Lines are quoted in what is said, where a mark would meet itself.
    for line in example.lines() {
        suite.push_str(line.split_once(MARK).map_or(line, |(line, _)| line));
        suite.push('\n');
    }
    if !holds("cases:") {
        suite.push_str("cases:\n  - name: it runs\n    expect: [state: running]\n");
    }
    // Beside what the examples name.
    let file = format!("page-{name}-{}.yaml", std::process::id());
    let path = root().join(&file);
    std::fs::write(&path, suite)?;
    let (code, _, said) = check(&root(), file.as_ref());
    std::fs::remove_file(&path)?;
    Ok((code, said))
}
