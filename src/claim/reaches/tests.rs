use crate::claim::trial::{claim, errs_unseen, fails_ended, judged, misses as misses_of, refused};
use crate::fact::answer::Fact;
use crate::fact::network::{Networks, Route};
use crate::fact::question::Question;
use crate::fact::reach::{Aim, Came, Control, Reach, Try};

/// One try from the container.
pub(in crate::claim) fn tries(all: &[(&str, Came)]) -> Vec<Try> {
    let each = all.iter().map(|(to, came)| Try {
        to: (*to).to_owned(),
        came: came.clone(),
        again: Vec::new(),
    });
    each.collect()
}

/// One control, with what came of it.
pub(in crate::claim) fn control(of: &str, all: &[(&str, Came)]) -> Control {
    Control {
        of: of.to_owned(),
        from: "its own network".to_owned(),
        tries: tries(all),
        why: None,
        shut: false,
    }
}

/// The outside, which answers an open network like this, and the container like that.
pub(in crate::claim) fn outside(route: bool, open: Came, own: Option<Came>) -> Reach {
    let route = route.then(|| Route {
        gateway: "172.18.0.1".parse().ok(),
        device: "eth0".to_owned(),
    });
    Reach {
        networks: Networks {
            all: Vec::new(),
            routes: route.into_iter().collect(),
        },
        has_outside: true,
        tries: own.map_or_else(Vec::new, |came| tries(&[("10.0.0.1:53", came)])),
        controls: vec![control("outside", &[("10.0.0.1:53", open)])],
    }
}

fn misses(text: &str, came: &Came) -> Vec<String> {
    misses_of("reaches", text, |_| {
        Fact::Reach(Reach {
            tries: tries(&[("db:5432", came.clone())]),
            ..Reach::default()
        })
    })
}

#[test]
fn a_port_is_reached_that_takes_the_connection_and_a_host_that_answers() {
    assert_eq!(misses("db:5432", &Came::Taken), [""; 0]);
    for text in ["db", "[db]"] {
        assert_eq!(misses(text, &Came::Taken), [""; 0]);
        assert_eq!(misses(text, &Came::Refused), [""; 0]);
    }
    let refused = misses("[db:5432]", &Came::Refused);
    assert!(
        refused[0].starts_with("reaches: expected to reach db:5432, actual refused | the host is"),
        "{refused:?}"
    );
    for (came, said) in [
        (Came::Silent, "no answer in time"),
        (
            Came::Unknown("no such name".into()),
            "(dns): no such name | the engine gives",
        ),
        (
            Came::NoWay("unreachable".into()),
            "no way there: unreachable",
        ),
    ] {
        for text in ["db:5432", "db"] {
            let found = misses(text, &came);
            assert!(found.len() == 1 && found[0].contains(said), "{found:?}");
        }
    }
}

#[test]
fn each_target_is_judged_by_itself() {
    let found = misses_of("reaches", "[db:5432, cache:6379]", |question| {
        let Question::Reach(sight) = question else {
            panic!("{question:?}")
        };
        let is_db = sight.aim.to_string().starts_with("db");
        let came = if is_db { Came::Taken } else { Came::Silent };
        Fact::Reach(Reach {
            tries: tries(&[("x", came)]),
            ..Reach::default()
        })
    });
    assert!(
        found.len() == 1 && found[0].contains("cache:6379"),
        "{found:?}"
    );
}

#[test]
fn what_cannot_be_told_of_one_keeps_no_other_from_being_judged() {
    let found = judged("reaches", "[db:5432, cache:6379]", |question| {
        let Question::Reach(sight) = question else {
            panic!("{question:?}")
        };
        let is_db = sight.aim.to_string().starts_with("db");
        let all = match is_db {
            true => Vec::new(),
            false => vec![("x", Came::Silent)],
        };
        Fact::Reach(Reach {
            tries: tries(&all),
            ..Reach::default()
        })
    });
    assert_eq!(found.unseen, ["nothing was tried to reach db:5432"]);
    assert_eq!(found.misses.len(), 1, "{found:?}");
}

#[test]
fn the_outside_is_a_default_route_and_an_answer() {
    let found = |reach: Reach| misses_of("reaches", "outside", |_| Fact::Reach(reach.clone()));
    assert_eq!(
        found(outside(true, Came::Refused, Some(Came::Taken))),
        [""; 0]
    );
    let no_route = found(outside(false, Came::Taken, Some(Came::Taken)));
    assert!(no_route[0].contains("no default route"), "{no_route:?}");
    let silent = found(outside(true, Came::Taken, Some(Came::Silent)));
    assert!(
        silent[0].contains("10.0.0.1:53: no answer in time | a container on"),
        "{silent:?}"
    );
}

#[test]
fn without_an_outside_nothing_is_told_of_it() {
    let alone = Reach {
        has_outside: false,
        ..outside(true, Came::Taken, None)
    };
    let deaf = outside(true, Came::Silent, None);
    for (reach, said) in [
        (alone, "machine has no default route"),
        (deaf, "either (10.0.0.1:53: no"),
    ] {
        let found = judged("reaches", "outside", |_| Fact::Reach(reach.clone()));
        assert!(
            found.misses.is_empty() && found.seen.is_empty(),
            "{found:?}"
        );
        assert!(found.unseen[0].contains(said), "{found:?}");
    }
}

#[test]
fn what_is_not_seen_is_no_verdict() {
    let fact = |_: &_| {
        Fact::Reach(Reach {
            tries: tries(&[("db", Came::Taken)]),
            ..Reach::default()
        })
    };
    errs_unseen("reaches", "[db:5432, cache]", fact);
    fails_ended("reaches", "db:5432");
    let untried = judged("reaches", "db", |_| Fact::Reach(Reach::default()));
    assert!(
        untried.unseen[0].contains("nothing was tried"),
        "{untried:?}"
    );
}

#[test]
fn what_is_asked_is_what_is_written() {
    let asked = |text: &str| match claim("reaches", text).questions().as_slice() {
        [Question::Reach(sight)] => sight.aim.clone(),
        other => panic!("{other:?}"),
    };
    let host = |host: &str, port| Aim::Host {
        host: host.to_owned(),
        port,
    };
    assert_eq!(asked("DB:5432"), host("db", Some(5432)));
    assert_eq!(asked("db"), host("db", None));
    assert_eq!(asked("'[::1]:80'"), host("::1", Some(80)));
    assert_eq!(asked("outside"), Aim::Outside);
    for (text, says) in [
        ("[]", "at least one"),
        ("db:0", "1 to 65535"),
        ("{ to: db }", "found a map"),
        ("'outside:80'", "has no port"),
        ("all", "`all` is no host"),
        ("host", "no host that a container knows"),
        ("'tcp://db:80'", "port is not"),
    ] {
        let said = refused("reaches", text);
        assert!(said.contains(says), "{text}: {said}");
    }
}
