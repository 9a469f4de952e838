//! Reports of one run whose suites were named from different folders.

use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use super::outcome::{Outcome, Text};

/// The names of files that change: as it was, as it is to be.
type Names = Vec<(String, String)>;

/// Has all of these name their suites as the one that names them by the longest way. Where it is not plain which file of
/// the one is which of the other, names stay.
pub fn alike(reports: &mut [&mut Outcome]) {
    let depth = |outcome: &Outcome| {
        let texts = outcome.texts.iter();
        let depths = texts.map(|text| below(&text.file).components().count());
        depths.min().unwrap_or_default()
    };
    let farthest = reports.iter().rev().max_by_key(|outcome| depth(outcome));
    let Some(texts) = farthest.map(|outcome| outcome.texts.clone()) else {
        return;
    };
    for outcome in reports {
        if let Some(names) = names(&outcome.texts, &texts) {
            rename(outcome, &names);
        }
    }
}

/// How each of these files is called there; nothing where they are not the same files, or are called the same.
fn names(texts: &[Text], there: &[Text]) -> Option<Names> {
    if texts.len() != there.len() || texts == there {
        return None;
    }
    let one = |text: &Text| {
        let is_same = |other: &&Text| {
            let (one, two) = (below(&text.file), below(&other.file));
            other.sha256 == text.sha256 && (one.ends_with(&two) || two.ends_with(&one))
        };
        let mut same = there.iter().filter(is_same);
        let other = same.next().filter(|_| same.next().is_none())?;
        Some((text.file.clone(), other.file.clone()))
    };
    texts.iter().map(one).collect()
}

/// The path without the ways up that it begins with.
fn below(file: &str) -> PathBuf {
    let parts = Path::new(file).components();
    let is_way = |part: &Component<'_>| matches!(part, Component::ParentDir | Component::CurDir);
    parts.skip_while(is_way).collect()
}

fn rename(outcome: &mut Outcome, names: &Names) {
    // What claims were judged by is a matter of what suites say, not of where they lie.
    let facts = std::mem::take(&mut outcome.facts);
    let renamed = serde_json::to_value(&*outcome).ok().and_then(|mut value| {
        walk(&mut value, names);
        serde_json::from_value(value).ok()
    });
    if let Some(renamed) = renamed {
        *outcome = renamed;
    }
    outcome.facts = facts;
}

/// Keys whose texts are names of files.
const FILES: [&str; 3] = ["file", "suite_file", "suite_files"];
/// A key whose texts are files with lines.
const LINES: &str = "places";

fn walk(value: &mut Value, names: &Names) {
    match value {
        Value::Array(all) => all.iter_mut().for_each(|one| walk(one, names)),
        Value::Object(all) => {
            for (key, value) in all {
                match key.as_str() {
                    key if FILES.contains(&key) => name(value, names, ""),
                    LINES => name(value, names, ":"),
                    _ => walk(value, names),
                }
            }
        }
        _ => {}
    }
}

/// Has the text, or each of these, be called otherwise up to that mark.
fn name(value: &mut Value, names: &Names, mark: &str) {
    match value {
        Value::String(text) => {
            let (file, line) = match mark {
                "" => (text.as_str(), ""),
                mark => text
                    .rfind(mark)
                    .map_or((text.as_str(), ""), |at| text.split_at(at)),
            };
            let known = names.iter().find(|(before, _)| before == file);
            if let Some((_, now)) = known {
                *text = format!("{now}{line}");
            }
        }
        Value::Array(all) => all.iter_mut().for_each(|one| name(one, names, mark)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::grants::Given;
    use crate::run::outcome::Verdict::{Failed, Passed};
    use crate::run::outcome::tests::outcome;

    fn text(file: &str, sha256: &str) -> Text {
        Text {
            file: file.to_owned(),
            sha256: sha256.to_owned(),
            is_suite: true,
            text: None,
        }
    }

    /// A run with suites of these names.
    fn of(files: &[(&str, &str)]) -> Outcome {
        let mut outcome = outcome(&[Passed, Failed]);
        outcome.texts = files.iter().map(|(file, sum)| text(file, sum)).collect();
        for case in &mut outcome.cases {
            files[0].0.clone_into(&mut case.suite_file);
            files[0].0.clone_into(&mut case.place.file);
        }
        outcome.grants = vec![Given {
            power: "privileged".to_owned(),
            places: vec![format!("{}:7", files[0].0)],
        }];
        outcome
    }

    #[test]
    fn files_are_called_as_by_the_one_that_was_called_from_the_top() {
        let mut top = of(&[("sub/x/a.yaml", "1"), ("sub/y/a.yaml", "1")]);
        let mut own = of(&[("x/a.yaml", "1"), ("y/a.yaml", "1")]);
        let mut beside = of(&[("../sub/x/a.yaml", "1"), ("../sub/y/a.yaml", "1")]);
        let before = top.clone();
        alike(&mut [&mut own, &mut top, &mut beside]);
        assert_eq!(top, before);
        assert_eq!((&own, &beside), (&before, &before));
        assert_eq!(own.grants[0].places, ["sub/x/a.yaml:7"]);
    }

    #[test]
    fn other_files_keep_their_names() {
        for other in [
            of(&[("x/a.yaml", "2")]),
            of(&[("x/b.yaml", "1")]),
            of(&[("a.yaml", "1"), ("b.yaml", "1")]),
        ] {
            let (mut one, mut two) = (of(&[("sub/x/a.yaml", "1")]), other.clone());
            alike(&mut [&mut one, &mut two]);
            assert_eq!(two, other);
        }
        // It may be either.
        let mut one = of(&[("p/x/a.yaml", "1"), ("p/y/a.yaml", "1")]);
        let mut two = of(&[("a.yaml", "1"), ("y/a.yaml", "1")]);
        let before = two.clone();
        alike(&mut [&mut one, &mut two]);
        assert_eq!(two, before);
    }
}
