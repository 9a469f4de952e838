//! Answers that come late, byte by byte or never, and events that end or say what no engine says.

use super::proxy::{Fault, Plan};
use super::spoiled::{Comes, Trial, counts, wrong};
use super::systems::System;
use super::{all, each};

/// Kinds of calls of which an answer is waited for in the ordinary test.
const WAITED_FOR: [(&str, Fault); 2] = [
    ("POST /containers/X/start", Fault::Never),
    ("GET /containers/X/json", Fault::Silent),
];

/// A build may say nothing for an hour, as one that compiles does.
const MAY_BE_SILENT: &str = "POST /build";

fn of(system: System, kind: &str, fault: Fault, comes: Comes) -> Trial {
    let plan = Plan {
        fault,
        kind: Some(kind.to_owned()),
        number: 0,
        lasts: false,
        after: None,
    };
    Trial {
        system,
        plan,
        comes,
    }
}

#[test]
fn an_answer_that_is_late_or_comes_byte_by_byte_is_an_answer() {
    let system = System::Whole;
    let kinds = counts(system).into_keys().enumerate();
    let kinds = kinds.filter(|(at, _)| all() || at % 12 == 5);
    let late = kinds.map(|(_, kind)| of(system, &kind, Fault::Late, Comes::Passed));
    let slow = [System::Whole, System::Restarted, System::Composed];
    let slow = slow.into_iter().map(|system| Trial {
        system,
        plan: Plan {
            fault: Fault::Slow,
            kind: None,
            number: 0,
            lasts: true,
            after: None,
        },
        comes: Comes::Passed,
    });
    let found = each(slow.chain(late).collect(), wrong);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn an_answer_that_never_comes_is_an_error_in_time() {
    let system = System::Whole;
    let trial = |kind: &str, fault| {
        let comes = match kind.split(' ').next() {
            // What was not removed is removed at the end.
            Some("DELETE") => Comes::Either,
            _ => Comes::Errored,
        };
        of(system, kind, fault, comes)
    };
    let open = match all() {
        false => WAITED_FOR.map(|(kind, fault)| trial(kind, fault)).into(),
        true => {
            let kinds = counts(system).into_keys();
            let kinds = kinds.filter(|kind| kind != MAY_BE_SILENT);
            let both =
                |kind: String| [Fault::Never, Fault::Silent].map(|fault| trial(&kind, fault));
            kinds.flat_map(both).collect()
        }
    };
    let found = each(open, wrong);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn events_that_end_or_say_what_no_engine_says_are_an_error() {
    let usual = [Fault::Closed, Fault::Garbage, Fault::Endless, Fault::Silent];
    let more = [Fault::Refused, Fault::Reset, Fault::CutOff, Fault::Nonsense];
    let more = more.into_iter().filter(|_| all());
    let trials = usual.into_iter().chain(more).map(|fault| {
        let mut trial = of(System::Restarted, "GET /events", fault, Comes::Met);
        trial.plan.lasts = true;
        trial
    });
    let found = each(trials.collect(), wrong);
    assert!(found.is_empty(), "{}", found.join("\n"));
}
