use crate::claim::reaches::tests::{control, outside, tries};
use crate::claim::trial::{errs_unseen, fails_ended, judged, misses as misses_of, refused};
use crate::fact::answer::Fact;
use crate::fact::network::On;
use crate::fact::reach::{Came, Control, Reach};

fn unknown() -> Came {
    Came::Unknown("no such name".to_owned())
}

/// By its name and by its address, with the control.
fn db(name: Came, address: Came, answer: Came) -> Reach {
    Reach {
        tries: tries(&[("db:5432", name), ("172.18.0.2:5432", address)]),
        controls: vec![control("db:5432", &[("172.18.0.2:5432", answer)])],
        ..Reach::default()
    }
}

fn misses(text: &str, reach: &Reach) -> Vec<String> {
    misses_of("isolated_from", text, |_| Fact::Reach(reach.clone()))
}

fn unseen(text: &str, reach: &Reach) -> String {
    let found = judged("isolated_from", text, |_| Fact::Reach(reach.clone()));
    assert!(
        found.misses.is_empty() && found.seen.is_empty(),
        "{found:?}"
    );
    found.unseen.join("; ")
}

#[test]
fn neither_name_nor_address_may_be_reached() {
    let text = "db:5432";
    assert_eq!(
        misses(text, &db(unknown(), Came::Silent, Came::Taken)),
        [""; 0]
    );
    // The port is what is not to be reached, whatever else the host answers.
    assert_eq!(
        misses(text, &db(unknown(), Came::Refused, Came::Taken)),
        [""; 0]
    );
    assert_eq!(
        misses(text, &db(Came::Taken, Came::Taken, Came::Taken)),
        ["isolated_from: expected not to reach db:5432, actual db:5432: the connection is taken"]
    );
    let by_address = misses(text, &db(unknown(), Came::Taken, Came::Taken));
    assert!(
        by_address[0].contains("actual 172.18.0.2:5432: the connection is taken | its name is not"),
        "{by_address:?}"
    );
    // Without a port no answer may come at all.
    assert_eq!(
        misses("db", &db(unknown(), Came::Refused, Came::Taken)).len(),
        1
    );
}

#[test]
fn a_gap_of_a_moment_is_no_way() {
    let again = |count: usize| {
        let mut reach = db(Came::Taken, Came::Silent, Came::Taken);
        reach.tries[0].again = vec![Came::Taken; count];
        reach.tries[0].again.resize(5, Came::Silent);
        reach
    };
    for count in 0..=2 {
        assert_eq!(misses("db:5432", &again(count)), [""; 0], "{count}");
    }
    for count in 3..=5 {
        assert_eq!(misses("db:5432", &again(count)).len(), 1, "{count}");
    }
    let found = judged("isolated_from", "db:5432", |_| Fact::Reach(again(1)));
    let said = "taken, but not in 4 of 5 tries after that";
    assert!(found.seen[0].contains(said), "{found:?}");
}

#[test]
fn what_answers_nobody_is_not_isolated() {
    for (text, answer) in [
        ("db:5432", Came::Refused),
        ("db:5432", Came::Silent),
        ("db", Came::NoWay("unreachable".into())),
    ] {
        let said = unseen(text, &db(unknown(), Came::Silent, answer));
        let expected = "db:5432 does not answer from its own network either, so isolation says nothing (172.18.0.2:5432: ";
        assert!(said.starts_with(expected), "{said}");
    }
    let mut down = db(unknown(), Came::Silent, Came::Silent);
    down.controls[0].why = Some("`db` ended with exit code 3".to_owned());
    assert!(unseen("db:5432", &down).contains("(`db` ended with exit code 3)"));
    let none = Reach {
        controls: Vec::<Control>::new(),
        ..db(unknown(), Came::Silent, Came::Taken)
    };
    assert!(unseen("db:5432", &none).contains("nothing shows"));
    // What is reached is reached, whatever the control says.
    assert_eq!(
        misses("db:5432", &db(Came::Taken, Came::Taken, Came::Silent)).len(),
        1
    );
}

#[test]
fn who_has_no_network_need_not_have_answered() {
    let mut alone = db(unknown(), Came::Silent, Came::Silent);
    alone.controls[0].tries.clear();
    alone.controls[0].why = Some("`db` is on no network of its own".to_owned());
    assert!(unseen("db:5432", &alone).contains("(`db` is on no network of its own)"));
    alone.controls[0].shut = true;
    assert_eq!(misses("db:5432", &alone), [""; 0]);
    let found = judged("isolated_from", "db:5432", |_| Fact::Reach(alone.clone()));
    let said = "db:5432 has no network but its own loopback";
    assert!(found.seen[0].contains(said), "{found:?}");
    // Another of that name may be on one.
    alone
        .controls
        .push(control("db/2:5432", &[("172.18.0.3:5432", Came::Silent)]));
    assert!(unseen("db:5432", &alone).starts_with("db/2:5432 does not answer"));
    // What is reached is reached.
    alone.tries[0].came = Came::Taken;
    assert_eq!(misses("db:5432", &alone).len(), 1);
}

#[test]
fn every_replica_must_have_answered() {
    let mut two = db(unknown(), Came::Silent, Came::Taken);
    two.controls
        .push(control("db/2:5432", &[("172.18.0.3:5432", Came::Silent)]));
    assert!(unseen("db:5432", &two).starts_with("db/2:5432 does not answer"));
}

#[test]
fn the_outside_is_neither_a_route_nor_an_answer() {
    let text = "outside";
    let no_way = || Some(Came::NoWay("unreachable".to_owned()));
    assert_eq!(
        misses(text, &outside(false, Came::Refused, no_way())),
        [""; 0]
    );
    let routed = misses(text, &outside(true, Came::Taken, no_way()));
    assert!(
        routed[0].contains("a default route by 172.18.0.1 (eth0)"),
        "{routed:?}"
    );
    // A route that ends at an internal network's own end is no way out, but an answer would be one.
    let mut closed = outside(true, Came::Taken, Some(Came::Silent));
    closed.networks.all.push(On {
        name: "back".to_owned(),
        internal: true,
        gateways: vec!["172.18.0.1".parse().unwrap()],
    });
    assert_eq!(misses(text, &closed), [""; 0]);
    closed.tries[0].came = Came::Refused;
    assert!(misses(text, &closed)[0].contains("10.0.0.1:53: refused"));
    let answered = misses(text, &outside(false, Came::Taken, Some(Came::Refused)));
    assert!(answered[0].contains("10.0.0.1:53: refused"), "{answered:?}");
    let said = unseen(text, &outside(false, Came::Silent, None));
    assert!(said.contains("does not reach the outside either"), "{said}");
    let alone = Reach {
        has_outside: false,
        ..outside(false, Came::Taken, None)
    };
    assert!(unseen(text, &alone).contains("machine has no default route"));
}

#[test]
fn what_is_not_seen_is_no_verdict() {
    errs_unseen("isolated_from", "[db:5432, cache]", |_| {
        Fact::Reach(db(unknown(), Came::Silent, Came::Taken))
    });
    fails_ended("isolated_from", "db:5432");
    assert!(refused("isolated_from", "[]").contains("at least one"));
}
