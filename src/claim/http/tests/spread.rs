//! Requests that several replicas answer.

use super::*;

fn spread(answered: u32, outcomes: &[Outcome]) -> impl Fn(&Question) -> Fact + use<> {
    let spread = Spread {
        replicas: 3,
        answered,
        requests: 12,
        outcomes: outcomes.to_vec(),
        idle: (answered..3).map(|at| idle(at + 1)).collect(),
    };
    move |_| Fact::Spread(spread.clone())
}

/// The third is frozen.
fn idle(number: u32) -> Idle {
    let state = if number == 3 { "paused" } else { "running" };
    Idle {
        replica: format!("app/{number}"),
        state: state.to_owned(),
    }
}

fn answered(status: u16) -> Outcome {
    let fact = answer(status, &[], Blob::whole("x"))(&Question::Image);
    match fact {
        Fact::Http(outcome) => outcome,
        other => panic!("{other:?}"),
    }
}

#[test]
fn replicas_that_answer_are_counted_and_every_kind_of_answer_is_judged() {
    let misses =
        |more: &str, fact: &dyn Fn(&Question) -> Fact| misses_of("http", &with(more), fact);
    let good = [answered(200)];
    assert_eq!(misses("spread_over: 3", &spread(3, &good)), [""; 0]);
    assert_eq!(
        misses("spread_over: { at_least: 2 }", &spread(2, &good)),
        [""; 0]
    );
    assert_eq!(
        misses("spread_over: 3", &spread(2, &good)),
        ["spread_over: expected 3, actual 2 of 3, in 12 requests | `app/3` is paused"]
    );
    let said = misses(
        "spread_over: 3",
        &spread(3, &[answered(200), answered(503)]),
    );
    assert!(
        said.len() == 1 && said[0].starts_with("status: expected from 200 to 299, actual 503"),
        "{said:?}"
    );
    let refused = Outcome::Failed {
        failure: Failure::Refused,
        text: String::new(),
    };
    let said = misses("spread_over: 3", &spread(1, &[answered(200), refused]));
    assert!(
        said.len() == 1 && said[0].starts_with("http: expected an answer"),
        "{said:?}"
    );
    assert_eq!(
        misses("spread_over: 3", &spread(1, &good)),
        [
            "spread_over: expected 3, actual 1 of 3, in 12 requests | `app/2` took no connection | `app/3` is paused"
        ]
    );
    // Nobody has asked the others then.
    let said = misses("spread_over: 3", &spread(1, &[answered(503)]));
    assert!(
        said.len() == 1 && said[0].ends_with("| `app/3` is paused") && !said[0].contains("app/2"),
        "{said:?}"
    );
    errs_unseen("http", &with("spread_over: 2"), spread(2, &good));
    fails_ended("http", &with("spread_over: 2"));
}
