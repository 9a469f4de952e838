//! What a run was of: requirements, the texts of the suites, the engine.

use super::facts::sha256;
use super::options::Options;
use super::outcome::{LeftOut, Outcome, Requirement, Text};
use crate::engine::info::EngineFacts;
use crate::plan::Plan;
use crate::suite::Suite;
use crate::suite::outside::shown;
use crate::text::source::Sources;

/// The most that is kept of one text.
const ONE_TEXT: usize = 512 << 10;
/// The most that is kept of all of them.
const ALL_TEXTS: usize = 2 << 20;

/// What is known of a run before it begins.
pub fn of_run(suites: &[Suite], sources: &Sources, plan: &Plan, options: &Options) -> Outcome {
    Outcome {
        strict: options.strict,
        part: options.part(suites, plan, &[]),
        instead: options.selection.image.clone(),
        ..before(suites, sources, options.require_all)
    }
}

/// What is known before anything is judged: all cases are left out yet.
pub fn before(suites: &[Suite], sources: &Sources, require_all: bool) -> Outcome {
    Outcome {
        requirements: requirements(suites, sources),
        left_out: verifying(suites),
        texts: texts(suites, sources),
        given: suites
            .iter()
            .flat_map(|suite| suite.given.clone())
            .collect(),
        require_all,
        ..Outcome::default()
    }
}

/// The cases that verify something.
fn verifying(suites: &[Suite]) -> Vec<LeftOut> {
    let cases = suites
        .iter()
        .flat_map(|suite| suite.cases.iter().map(move |case| (suite, case)));
    let verifying = cases.filter(|(_, case)| !case.verifies.is_empty());
    verifying
        .map(|(suite, case)| LeftOut {
            suite_file: shown(&suite.path),
            suite: suite.name.clone(),
            name: case.name.value.clone(),
            verifies: case.verifies.iter().map(|id| id.value.clone()).collect(),
        })
        .collect()
}

/// The requirements of all suites in written order; a file of them that suites share is one.
fn requirements(suites: &[Suite], sources: &Sources) -> Vec<Requirement> {
    let mut all: Vec<Requirement> = Vec::new();
    for suite in suites {
        for (id, says) in &suite.requirements {
            let place = sources.place(id.span);
            let file = place.file.clone();
            let known = all
                .iter()
                .position(|one| one.file == file && one.id == id.value);
            let at = known.unwrap_or_else(|| {
                all.push(Requirement {
                    file,
                    place: Some(place),
                    id: id.value.clone(),
                    says: says.clone(),
                    suites: Vec::new(),
                    suite_files: Vec::new(),
                });
                all.len() - 1
            });
            if let Some(one) = all.get_mut(at) {
                let add = |known: &mut Vec<String>, one: String| {
                    if !known.contains(&one) {
                        known.push(one);
                    }
                };
                add(&mut one.suites, suite.name.clone());
                add(&mut one.suite_files, shown(&suite.path));
            }
        }
    }
    all
}

/// The files that suites are written in, with their digests and what they hold: suites, fragments, requirements,
/// whatever they are called. Files of secrets and of variables are read elsewhere, and are not among the sources.
fn texts(suites: &[Suite], sources: &Sources) -> Vec<Text> {
    let text = |(name, text): (&str, &str)| Text {
        file: name.to_owned(),
        sha256: sha256(text),
        is_suite: suites.iter().any(|suite| shown(&suite.path) == name),
        text: (text.len() <= ONE_TEXT).then(|| text.to_owned()),
    };
    let mut texts: Vec<Text> = sources.texts().map(text).collect();
    texts.sort_by(|a, b| a.file.cmp(&b.file));
    texts.dedup();
    let mut taken = 0;
    for one in &mut texts {
        taken += one.text.as_ref().map_or(0, String::len);
        if taken > ALL_TEXTS {
            one.text = None;
        }
    }
    texts
}

/// The engine in a line.
pub fn engine(facts: &EngineFacts) -> String {
    let cgroup = facts
        .cgroup_version
        .as_ref()
        .map(|version| format!("cgroup v{version}"));
    let platform = facts.os.iter().chain(&facts.architecture).cloned();
    let platform = platform.collect::<Vec<_>>().join("/");
    let about = [Some(platform), facts.storage_driver.clone(), cgroup];
    let about: Vec<String> = about
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect();
    format!("{} {} ({})", facts.name, facts.version, about.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_of_a_suite_is_named_once_with_its_digest() {
        let mut sources = Sources::default();
        sources.add("b.yaml", "abc");
        sources.add("REQUIREMENTS", "");
        sources.add("b.yaml", "abc");
        let texts = texts(&[], &sources);
        let names: Vec<&str> = texts.iter().map(|text| text.file.as_str()).collect();
        assert_eq!(names, ["REQUIREMENTS", "b.yaml"]);
        assert!(texts[1].sha256.starts_with("ba7816bf8f01cfea"), "{texts:?}");
    }
}
