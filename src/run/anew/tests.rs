use std::path::Path;

use super::*;
use crate::run::among::{Among, Kind};
use crate::run::outcome::tests::outcome;
use crate::run::record::Done;
use crate::suite::grant::Allowed;
use crate::suite::{Outside, load};

/// A world of one file.
struct One(&'static str);

impl Outside for One {
    fn read(&self, _: &Path) -> Result<String, String> {
        Ok(self.0.to_owned())
    }
    fn is_folder(&self, _: &Path) -> Option<bool> {
        None
    }
    fn env(&self, _: &str) -> Option<String> {
        None
    }
    fn has_files(&self) -> bool {
        false
    }
    fn random(&self, _: u32) -> String {
        String::new()
    }
}

const SUITE: &str = "
seaworthy: 1
name: s
image: { ref: a }
services: { db: { image: b } }
cases:
  - { name: c, expect: [{ state: running, service: db }] }
  - { name: d, expect: [{ state: running }] }
";

fn judged(saved: &Outcome, filter: &[&str]) -> (Outcome, Vec<String>) {
    let mut sources = Sources::default();
    let read = load(
        &mut sources,
        Path::new("s.yaml"),
        &One(SUITE),
        &Allowed::default(),
    );
    assert!(read.diagnostics.is_empty(), "{:?}", read.diagnostics);
    let again = Again {
        suites: &read.suites,
        sources: &sources,
        saved,
        selection: Selection {
            filter: filter.iter().map(|&text| text.to_owned()).collect(),
            ..Selection::default()
        },
        own: false,
        secrets: Vec::new(),
        require_all: false,
    };
    (again.judged(), again.of_other_shards())
}

/// A run of the case `c` in which the service `app` alone was there.
fn saved() -> Outcome {
    let mut saved = outcome(&[Verdict::Passed]);
    let record = &mut saved.cases[0].record;
    record.among = Among::services(Kind::Containers, ["app"]);
    record.steps = vec![Done::Judged(Vec::new())];
    saved
}

#[test]
fn a_claim_about_nobody_cannot_be_told() {
    let (outcome, _) = judged(&saved(), &["s::c"]);
    let case = &outcome.cases[0];
    assert_eq!((case.verdict, outcome.cases.len()), (Verdict::Errored, 1));
    let said = &case.troubles[0].message;
    assert!(
        said.contains("the report holds no answer to what this claim asks"),
        "{said}"
    );
    assert_eq!(case.claims[0].claim, "state");
}

#[test]
fn what_a_shard_has_not_run_is_no_error_and_is_named() {
    let mut saved = saved();
    let (whole, others) = judged(&saved, &[]);
    assert_eq!(whole.cases.len(), 2);
    assert!(whole.cases[1].troubles[0].message.contains("no such case"));
    assert_eq!(others, [""; 0]);
    saved.part = Some(Part {
        number: 1,
        of: 2,
        all: 2,
        chosen: String::new(),
        cases: vec![0],
        unjudged: Vec::new(),
    });
    let (part, others) = judged(&saved, &[]);
    assert_eq!((part.cases.len(), part.unchosen), (1, 1));
    assert_eq!(part.cases[0].name, "c");
    assert_eq!(others, ["s::d"]);
    // What is left of a part says of each of its cases which it is.
    let (none, others) = judged(&saved, &["s::d"]);
    assert_eq!((none.cases.len(), none.part.unwrap().cases.len()), (0, 0));
    assert_eq!(others, ["s::d"]);
}
