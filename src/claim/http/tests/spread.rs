//! Requests that several replicas answer.

use super::*;

fn spread(answered: u32, outcomes: &[Outcome]) -> impl Fn(&Question) -> Fact + use<> {
    let spread = Spread {
        replicas: 3,
        answered,
        requests: 12,
        outcomes: outcomes.to_vec(),
    };
    move |_| Fact::Spread(spread.clone())
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
        ["spread_over: expected 3, actual 2 of 3, in 12 requests"]
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
    errs_unseen("http", &with("spread_over: 2"), spread(2, &good));
    fails_ended("http", &with("spread_over: 2"));
}
