//! The powers over this machine that the suites of a run were given.

use serde::{Deserialize, Serialize};

use super::Shared;

/// A power that was given, and what asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Given {
    /// As `--allow` has it.
    pub power: String,
    /// The files and lines that ask for it.
    pub places: Vec<String>,
}

/// Those of a run, each once: of the suites that have a case in it, and of the Compose files that were read.
pub fn of(shared: &Shared) -> Vec<Given> {
    let mut all = Vec::new();
    let suites = shared.suites.iter().enumerate();
    let chosen = suites.filter(|(at, _)| shared.plan.cases.iter().any(|(suite, _)| suite == at));
    for power in chosen.flat_map(|(_, suite)| &suite.granted) {
        let place = shared.sources.place(power.span);
        let place = format!("{}:{}", place.file, place.line);
        add(&mut all, power.value.grant(), place);
    }
    let projects = shared.projects.iter().filter_map(|cell| cell.get());
    for project in projects.filter_map(|project| project.as_ref().ok()) {
        for one in project.granted() {
            add(&mut all, one.power.clone(), one.place.clone());
        }
    }
    all
}

/// Those of several runs together.
pub fn together(runs: impl IntoIterator<Item = Vec<Given>>) -> Vec<Given> {
    let mut all = Vec::new();
    for given in runs.into_iter().flatten() {
        for place in given.places {
            add(&mut all, given.power.clone(), place);
        }
    }
    all
}

fn add(all: &mut Vec<Given>, power: String, place: String) {
    match all.iter_mut().find(|given| given.power == power) {
        Some(given) if given.places.contains(&place) => {}
        Some(given) => given.places.push(place),
        None => all.push(Given {
            power,
            places: vec![place],
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_several_runs_were_given_is_told_once() {
        let given = |power: &str, places: &[&str]| Given {
            power: power.to_owned(),
            places: places.iter().map(|&place| place.to_owned()).collect(),
        };
        let all = together([
            vec![given("privileged", &["a.yaml:1"])],
            vec![
                given("bind=/x", &["b.yaml:2"]),
                given("privileged", &["a.yaml:1", "b.yaml:3"]),
            ],
        ]);
        assert_eq!(
            all,
            [
                given("privileged", &["a.yaml:1", "b.yaml:3"]),
                given("bind=/x", &["b.yaml:2"])
            ]
        );
    }
}
