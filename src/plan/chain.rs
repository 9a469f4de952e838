//! What has to come one after the other: the longest of these chains is what a run takes at least.

use std::collections::BTreeMap;

use super::{Kind, Plan, Unit};
use crate::suite::order::{self, Needs};
use crate::suite::service::APP;
use crate::suite::{Body, Case, Step, Suite};

/// One thing after the other.
pub type Chain = Vec<String>;

/// The chain of a unit, from its image to its last claim. `up` is that of what a Compose file
/// describes, where that is known, `image` how its image comes.
pub fn of(case: &Case, unit: &Unit, up: Option<Chain>, image: impl Fn(usize) -> String) -> Chain {
    let mut chain = Chain::new();
    let mut last = None;
    if unit.kind == Kind::Live {
        let needs = order::needs(&case.run, &case.services);
        let way = longest(&needs, APP);
        let first = way.first().map_or(APP, String::as_str);
        let own = unit.services.iter().find(|(name, _)| name == first);
        last = own.map(|(_, number)| *number);
        let starts = way
            .iter()
            .map(|name| format!("starts {name} until it is ready"));
        chain.extend(starts);
    } else if unit.kind == Kind::Compose {
        let untold = || vec!["brings up what the Compose file describes".to_owned()];
        chain.extend(up.unwrap_or_else(untold));
    } else if unit.kind == Kind::Files {
        chain.push("starts the probe in the image".to_owned());
    }
    let first = unit.services.first().map(|(_, number)| *number);
    if let Some(number) = last.or(unit.image).or(first) {
        chain.insert(0, image(number));
    }
    chain.extend(done(case));
    chain
}

/// What a case does once its containers are there.
pub fn done(case: &Case) -> Chain {
    match &case.body {
        Body::Expect(_) => vec!["judges".to_owned()],
        Body::Steps(steps) => {
            let word = |step: &Step| match step {
                Step::Expect { .. } => "judges".to_owned(),
                step => word(step),
            };
            steps.iter().map(word).collect()
        }
    }
}

/// A step in a few words: what is done, and to whom where that is said.
pub fn word(step: &Step) -> String {
    match step {
        Step::Expect { items, .. } if items.len() == 1 => "judge 1 claim".to_owned(),
        Step::Expect { items, .. } => format!("judge {} claims", items.len()),
        Step::Act {
            action, modifiers, ..
        } => {
            let names = modifiers.service.iter().flat_map(|s| &s.0);
            let names: Vec<&str> = names.map(|name| name.value.as_str()).collect();
            format!("{} {}", action.name(), names.join(", "))
                .trim_end()
                .to_owned()
        }
        Step::Load { during, .. } => {
            let inner: Vec<String> = during.iter().map(word).collect();
            format!("load while ({})", inner.join(" → "))
        }
    }
}

/// The longest way of containers that wait for each other, the first to start first.
/// Of ways of one length that to `app` is told, as claims come when all are ready.
pub fn longest(needs: &Needs, app: &str) -> Vec<String> {
    let mut known = BTreeMap::new();
    let mut longest: Vec<String> = Vec::new();
    for name in needs.keys() {
        let one = way(name, needs, &mut known);
        if one.len() > longest.len() || one.len() == longest.len() && name == app {
            longest = one;
        }
    }
    longest
}

fn way<'a>(
    name: &'a str,
    needs: &'a Needs,
    known: &mut BTreeMap<&'a str, Vec<String>>,
) -> Vec<String> {
    if let Some(way) = known.get(name) {
        return way.clone();
    }
    // Of a circle, which no suite has that was read without errors, each is met once.
    known.insert(name, Vec::new());
    let mut longest: Vec<String> = Vec::new();
    for (other, _) in needs.get(name).into_iter().flatten() {
        let one = way(other, needs, known);
        // The first of the longest, so that a plan is the same each time.
        if one.len() > longest.len() {
            longest = one;
        }
    }
    longest.push(name.to_owned());
    known.insert(name, longest.clone());
    longest
}

/// Which containers are started side by side: one row after the other.
pub fn rows(needs: &Needs) -> Vec<Vec<String>> {
    let mut known = BTreeMap::new();
    let mut rows: Vec<Vec<String>> = Vec::new();
    for name in needs.keys() {
        let at = way(name, needs, &mut known).len().saturating_sub(1);
        if rows.len() <= at {
            rows.resize(at + 1, Vec::new());
        }
        rows[at].push(name.clone());
    }
    rows
}

/// The longest chain of a plan: the longest of those that run side by side, then those that are timed alone,
/// one after the other.
pub fn of_plan(chains: &[(&Unit, Chain)]) -> Chain {
    let (alone, rest): (Vec<_>, Vec<_>) = chains.iter().partition(|(unit, _)| unit.alone);
    let mut longest: &[String] = &[];
    for (_, chain) in rest {
        if chain.len() > longest.len() {
            longest = chain;
        }
    }
    let mut whole = longest.to_vec();
    whole.extend(alone.into_iter().flat_map(|(_, chain)| chain.clone()));
    whole
}

impl Plan {
    /// The case of a unit that says how its containers are run, and its suite.
    pub fn leader<'a>(&self, unit: &Unit, suites: &'a [Suite]) -> Option<(&'a Suite, &'a Case)> {
        let (suite, case) = *self.cases.get(*unit.cases.first()?)?;
        let suite = suites.get(suite)?;
        Some((suite, suite.cases.get(case)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::run::Wait;

    fn needs(of: &[(&str, &[&str])]) -> Needs {
        let before = |names: &[&str]| {
            let names = names.iter();
            names
                .map(|name| ((*name).to_owned(), Wait::Ready))
                .collect()
        };
        of.iter()
            .map(|(name, names)| ((*name).to_owned(), before(names)))
            .collect()
    }

    #[test]
    fn the_longest_way_is_that_through_most_containers() {
        let needs = needs(&[
            ("app", &["cache", "queue"]),
            ("cache", &[]),
            ("db", &[]),
            ("queue", &["db"]),
            ("tail", &[]),
        ]);
        assert_eq!(longest(&needs, APP), ["db", "queue", "app"]);
        let expected: [&[&str]; 3] = [&["cache", "db", "tail"], &["queue"], &["app"]];
        assert_eq!(rows(&needs), expected);
    }

    #[test]
    fn many_that_wait_for_many_are_told_at_once() {
        let names: Vec<String> = (0..40).map(|n| format!("s{n:02}")).collect();
        let all: Needs = (0..40)
            .map(|n| {
                let before = names[..n].iter();
                let before = before.map(|name| (name.clone(), Wait::Ready));
                (names[n].clone(), before.collect())
            })
            .collect();
        assert_eq!(longest(&all, APP).len(), 40);
    }
}
