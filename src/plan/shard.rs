//! Which cases one of several machines runs, where they share those of a run. Pure: each finds the same.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Plan, Unit};
use crate::suite::Suite;
use crate::suite::outside::shown;

/// What a unit is taken to need of which no time is known, where none is known of any.
const TYPICAL: Duration = Duration::from_secs(1);

/// One of several parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Which, counted from 1.
    pub number: usize,
    /// Of how many.
    pub of: usize,
}

/// A case's suite file, suite and name.
pub type Name = [String; 3];

/// How long cases took in an earlier run.
pub type Times = HashMap<Name, Duration>;

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/');
        let numbers = parts.and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
        let Some((number, of)) = numbers else {
            return Err("write I/N, such as 2/3 for the second of three".to_owned());
        };
        match (number, of) {
            (_, 0) => Err("there has to be at least one shard".to_owned()),
            (0, _) => Err(format!("shards are counted from 1: the first is 1/{of}")),
            (_, of) if of > MOST => Err(format!("there are at most {MOST} shards")),
            (number, of) if number > of => Err(format!("there is no shard {number} of {of}")),
            (number, of) => Ok(Self { number, of }),
        }
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

/// The most parts that a run has.
const MOST: usize = 10_000;

/// The names of the plan's cases, in its order.
pub fn names(suites: &[Suite], plan: &Plan) -> Vec<Name> {
    let name = |&(suite, case): &(usize, usize)| {
        let suite = suites.get(suite)?;
        let case = suite.cases.get(case)?;
        Some([
            shown(&suite.path),
            suite.name.clone(),
            case.name.value.clone(),
        ])
    };
    let named = plan.cases.iter().map(|at| name(at).unwrap_or_default());
    named.collect()
}

/// Those of the plan's cases that are the shard's. What shares containers stays together; the rest depends on names
/// and times alone, and not on the order in which suites are named.
pub fn cases(names: &[Name], plan: &Plan, shard: Shard, times: &Times) -> HashSet<(usize, usize)> {
    let mut known: Vec<Duration> = names
        .iter()
        .filter_map(|name| times.get(name).copied())
        .collect();
    known.sort_unstable();
    let typical = known.get(known.len() / 2).copied().unwrap_or(TYPICAL);
    let mut groups: Vec<(Duration, BTreeSet<&Name>, Vec<usize>)> = Vec::new();
    let mut planned = HashSet::new();
    let named = |cases: &[usize]| cases.iter().filter_map(|at| names.get(*at)).collect();
    for unit in &plan.units {
        let cases: Vec<usize> = unit.parts().flat_map(|part| part.cases.clone()).collect();
        planned.extend(cases.iter().copied());
        let took = unit
            .parts()
            .map(|part| needs(part, names, times, typical))
            .sum();
        groups.push((took, named(&cases), cases));
    }
    // What is skipped needs no time, and belongs into one of the reports.
    let skipped = (0..plan.cases.len()).filter(|at| !planned.contains(at));
    groups.extend(skipped.map(|at| (Duration::ZERO, named(&[at]), vec![at])));
    // The longest first, each to whoever has the least to do.
    groups.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let mut loads: BTreeMap<usize, (Duration, usize)> =
        (1..=shard.of).map(|at| (at, Default::default())).collect();
    let mut chosen = HashSet::new();
    for (took, _, cases) in groups {
        let least = loads.iter_mut().min_by_key(|(at, load)| (**load, **at));
        let Some((at, load)) = least else { continue };
        *load = (load.0 + took, load.1 + 1);
        if *at == shard.number {
            chosen.extend(
                cases
                    .iter()
                    .filter_map(|case| plan.cases.get(*case).copied()),
            );
        }
    }
    chosen
}

/// Cases that share a container share its time.
fn needs(unit: &Unit, names: &[Name], times: &Times, typical: Duration) -> Duration {
    let cases = unit.cases.iter().filter_map(|at| names.get(*at));
    let known = cases.filter_map(|name| times.get(name).copied()).max();
    known.unwrap_or(typical)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Selection;
    use crate::plan::tests::suites_of;

    const SUITE: &str = "
seaworthy: 1
image: { ref: a }
cases:
  - { name: stated, expect: [{ image: { user: app } }] }
  - { name: stated too, expect: [{ image: { user: app } }] }
  - { name: live, expect: [{ whoami: app }] }
  - { name: live too, expect: [{ state: running }] }
  - { name: goes on, shared: true, steps: [stop] }
  - { name: steps a, steps: [stop] }
  - { name: steps b, steps: [stop] }
  - { name: steps c, steps: [stop] }
  - { name: alone, alone: true, expect: [{ whoami: app }] }
  - { name: skipped, skip: why, expect: [{ whoami: app }] }
";

    /// The names of the cases of each shard.
    fn shards(text: &'static str, of: usize, times: &[(&str, u64)]) -> Vec<BTreeSet<String>> {
        let suites = suites_of(text);
        let plan = Plan::new(&suites, &Selection::default());
        let names = names(&suites, &plan);
        let times: Times = names
            .iter()
            .filter_map(|name| {
                let (_, millis) = times.iter().find(|(own, _)| *own == name[2])?;
                Some((name.clone(), Duration::from_millis(*millis)))
            })
            .collect();
        let all = (1..=of).map(|number| {
            let cases = cases(&names, &plan, Shard { number, of }, &times);
            let named = cases
                .iter()
                .map(|(_, at)| suites[0].cases[*at].name.value.clone());
            named.collect()
        });
        all.collect()
    }

    #[test]
    fn each_case_is_in_one_shard_whatever_their_number() {
        for of in 1..=12 {
            let shards = shards(SUITE, of, &[]);
            let all: Vec<&String> = shards.iter().flatten().collect();
            let unique: BTreeSet<&String> = all.iter().copied().collect();
            assert_eq!((all.len(), unique.len()), (10, 10), "{of}");
            for together in [
                &["stated", "stated too"][..],
                &["live", "live too", "goes on"],
            ] {
                let has =
                    |shard: &&BTreeSet<String>| together.iter().all(|name| shard.contains(*name));
                assert_eq!(shards.iter().filter(has).count(), 1, "{of}: {together:?}");
            }
        }
        let sizes: Vec<usize> = shards(SUITE, 12, &[]).iter().map(BTreeSet::len).collect();
        assert_eq!(
            sizes.iter().filter(|size| **size == 0).count(),
            5,
            "{sizes:?}"
        );
    }

    #[test]
    fn shards_are_the_same_in_whatever_order_cases_are_written() {
        let (head, cases) = SUITE.split_once("cases:\n").unwrap();
        let lines: Vec<&str> = cases.lines().rev().collect();
        let turned = format!("{head}cases:\n{}\n", lines.join("\n"));
        for of in [2, 3, 5] {
            assert_eq!(
                shards(SUITE, of, &[]),
                shards(turned.clone().leak(), of, &[])
            );
        }
    }

    #[test]
    fn with_times_no_shard_has_much_more_to_do_than_another() {
        let times = [
            ("live", 100),
            ("live too", 300),
            ("goes on", 50),
            ("steps a", 900),
            ("steps b", 500),
            ("steps c", 400),
            ("alone", 450),
            ("stated", 10),
        ];
        let shards = shards(SUITE, 2, &times);
        // Cases that share a container take as long as the longest of them.
        let took = |shard: &BTreeSet<String>| -> u64 {
            let of = |(name, millis): &(&str, u64)| {
                if shard.contains(*name) && *name != "live" {
                    *millis
                } else {
                    0
                }
            };
            times.iter().map(of).sum()
        };
        assert_eq!(
            (took(&shards[0]), took(&shards[1])),
            (1310, 1300),
            "{shards:?}"
        );
    }

    #[test]
    fn a_shard_is_written_as_one_of_several() {
        let of = |text: &str| text.parse::<Shard>().map(|shard| (shard.number, shard.of));
        assert_eq!(of("2/3"), Ok((2, 3)));
        let cases = [
            ("0/3", "shards are counted from 1: the first is 1/3"),
            ("4/3", "there is no shard 4 of 3"),
            ("1/10001", "there are at most 10000 shards"),
            ("1/0", "there has to be at least one shard"),
            ("2", "write I/N"),
            ("a/3", "write I/N"),
            ("-1/3", "write I/N"),
        ];
        for (text, said) in cases {
            assert!(of(text).unwrap_err().contains(said), "{text}");
        }
    }
}
