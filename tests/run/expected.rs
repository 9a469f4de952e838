//! What a suite's own comments say must come of it: `# fails: TEXT` at the end of a line whose claim
//! fails, `# errors: TEXT` where it cannot be told. All else must pass.

use std::collections::{BTreeMap, BTreeSet};

use seaworthy::run::outcome::{CaseOutcome, Failure, Outcome, Trouble, Verdict};

const KINDS: [(&str, Verdict); 2] = [
    ("# fails: ", Verdict::Failed),
    ("# errors: ", Verdict::Errored),
];

/// A comment: its line, what must come of the claim there, and what is said of it.
type Comment<'a> = (usize, Verdict, &'a str);

fn comments(text: &str) -> Vec<Comment<'_>> {
    let found = text.lines().enumerate().flat_map(|(at, line)| {
        KINDS.into_iter().filter_map(move |(mark, verdict)| {
            let (_, said) = line.split_once(mark)?;
            Some((at + 1, verdict, said.trim()))
        })
    });
    found.collect()
}

/// Everything that did not come as the comments in the texts of the suites say, a line each.
pub(crate) fn as_written(
    outcome: &Outcome,
    texts: &BTreeMap<String, String>,
) -> Result<(), String> {
    let mut wrong: Vec<String> = Vec::new();
    wrong.extend(outcome.troubles.iter().map(|t| t.message.clone()));
    if outcome.cases.is_empty() {
        wrong.push("nothing was run".to_owned());
    }
    for case in &outcome.cases {
        let file = &case.place.file;
        let same = outcome.cases.iter().filter(|c| c.place.file == *file);
        let lines: BTreeSet<usize> = same.map(|c| c.place.line).collect();
        let first = lines.first().copied().unwrap_or(0);
        let next = lines.range(case.place.line + 1..).next();
        let next = next.copied().unwrap_or(usize::MAX);
        let text = texts.get(file).map_or("", String::as_str);
        // What stands above the first case is of every case.
        let own = |line: usize| line < first || (case.place.line..next).contains(&line);
        let comments = comments(text).into_iter().filter(|c| own(c.0)).collect();
        judge(case, comments, &mut wrong);
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(wrong.join("\n")),
    }
}

fn judge(case: &CaseOutcome, comments: Vec<Comment<'_>>, wrong: &mut Vec<String>) {
    let CaseOutcome { suite, name, .. } = case;
    let file = &case.place.file;
    let mut met = vec![false; comments.len()];
    let mut meet = |line: usize, verdict: Verdict, texts: &[&str]| {
        let fits = |c: &Comment<'_>| c.0 == line && c.1 == verdict;
        let mut known = false;
        for (at, comment) in comments.iter().enumerate().filter(|(_, c)| fits(c)) {
            known = true;
            met[at] |= texts.iter().any(|text| text.contains(comment.2));
        }
        known
    };
    for failure in &case.failures {
        let Failure {
            place,
            claim,
            what,
            expected,
            actual,
            ..
        } = failure;
        let mut texts = vec![expected.as_str(), actual];
        texts.extend(failure.diff.as_deref());
        texts.extend(failure.notes.iter().map(String::as_str));
        if place.file != *file || !meet(place.line, Verdict::Failed, &texts) {
            let (at, line) = (&place.file, place.line);
            wrong.push(format!(
                "{at}:{line}: {suite}::{name}: fails, and nothing says so: {claim} {what}: expected {expected}, actual {actual} {:?}",
                failure.notes
            ));
        }
    }
    for trouble in &case.troubles {
        let line = trouble.place.as_ref().map_or(0, |p| p.line);
        if !meet(line, Verdict::Errored, &[&trouble.message]) {
            let said = &trouble.message;
            wrong.push(format!("{file}:{line}: {suite}::{name}: errors: {said}"));
        }
    }
    for ((line, verdict, text), met) in comments.into_iter().zip(met) {
        if !met {
            let at = |found: usize| found == line;
            let failures = case.failures.iter().filter(|f| at(f.place.line));
            let failures = failures
                .map(|f| format!("expected {}, actual {} {:?}", f.expected, f.actual, f.notes));
            let here = |t: &&Trouble| t.place.as_ref().is_some_and(|p| at(p.line));
            let troubles = case.troubles.iter().filter(here);
            let seen: Vec<String> = failures
                .chain(troubles.map(|t| t.message.clone()))
                .collect();
            wrong.push(format!(
                "{file}:{line}: {suite}::{name}: should be {verdict} with `{text}`, was: {seen:?}"
            ));
        }
    }
    if case.verdict == Verdict::Skipped {
        wrong.push(format!("{file}: {suite}::{name}: was skipped"));
    }
}
