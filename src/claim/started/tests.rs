use crate::claim::trial::{errs_unseen, judged, misses as misses_of, refused};
use crate::fact::answer::Fact;
use crate::fact::company::{Companion, Together};
use crate::fact::container::{HealthFacts, HealthProbe, StateFacts};
use crate::fact::moment::Moment;

/// So many seconds after a certain moment.
fn at(second: u8) -> Option<Moment> {
    Moment::read(&format!("2026-11-21T01:00:{second:02}Z"))
}

fn nanos(second: u8) -> Option<i64> {
    at(second).and_then(|moment| moment.nanos)
}

fn app(second: u8) -> Companion {
    Companion {
        service: "app".to_owned(),
        label: "app".to_owned(),
        state: StateFacts {
            status: "running".to_owned(),
            started_at: at(second),
            ..StateFacts::default()
        },
        asked: nanos(second - 1),
        ..Companion::default()
    }
}

/// Started at 10, checked by the engine at 20 (failed) and at 30 and 40 (passed).
fn db() -> Companion {
    let run = |second, exit_code| HealthProbe {
        end: at(second),
        exit_code,
        ..HealthProbe::default()
    };
    Companion {
        service: "db".to_owned(),
        label: "db".to_owned(),
        state: StateFacts {
            status: "running".to_owned(),
            started_at: at(10),
            exit_code: Some(0),
            health: Some(HealthFacts {
                log: vec![run(20, 1), run(30, 0), run(40, 0)],
                ..HealthFacts::default()
            }),
            ..StateFacts::default()
        },
        checked: true,
        asked: nanos(9),
        ..Companion::default()
    }
}

fn with(app: Companion, db: Companion) -> Fact {
    Fact::Company(Together {
        own: 0,
        all: vec![app, db],
        same_clock: true,
        clock_set: false,
    })
}

fn misses(word: &str, app: &Companion, db: &Companion) -> Vec<String> {
    let text = format!("{{ after: {{ db: {word} }} }}");
    misses_of("started", &text, |_| with(app.clone(), db.clone()))
}

#[test]
fn the_engines_times_tell_who_was_first() {
    assert_eq!(misses("started", &app(11), &db()), [""; 0]);
    assert_eq!(misses("healthy", &app(31), &db()), [""; 0]);
    assert_eq!(
        misses("healthy", &app(25), &db()),
        [
            "after db: expected to be started after `db` was healthy, actual it was started 5 s before that \
          | `depends_on: { db: { condition: service_healthy } }` has it wait"
        ]
    );
    let early = misses("started", &app(8), &db());
    assert!(early[0].contains("2 s before that"), "{early:?}");
    let ended = |code| {
        let mut db = db();
        db.state.status = "exited".to_owned();
        db.state.exit_code = Some(code);
        db.state.finished_at = at(50);
        db
    };
    assert_eq!(misses("completed", &app(51), &ended(0)), [""; 0]);
    assert!(misses("completed", &app(49), &ended(0))[0].contains("1 s before"));
    assert!(misses("completed", &app(51), &ended(4))[0].contains("`db` ended with exit code 4"));
    assert!(misses("completed", &app(51), &db())[0].contains("`db` is running"));
}

#[test]
fn what_we_saw_counts_where_the_engine_saw_it_later() {
    let seen = Companion {
        healthy: nanos(12),
        ready: nanos(12),
        ..db()
    };
    for word in ["healthy", "ready"] {
        assert_eq!(misses(word, &app(14), &seen), [""; 0], "{word}");
        assert!(misses(word, &app(11), &seen)[0].contains("1 s before that"));
    }
    let never = misses("ready", &app(59), &db());
    assert!(never[0].contains("`db` was never seen ready"), "{never:?}");
    assert!(
        misses("ready", &app(11), &seen)[0].contains("`depends_on: [db]` of a suite has it wait")
    );
    let unchecked = Companion {
        checked: false,
        ..seen
    };
    let none = misses("healthy", &app(59), &unchecked);
    assert!(none[0].contains("no health check"), "{none:?}");
}

#[test]
fn checks_that_the_engine_has_forgotten_may_have_passed_before() {
    let mut old = db();
    if let Some(health) = &mut old.state.health {
        let run = health.log[2].clone();
        health.log = vec![run; 5];
    }
    let text = "{ after: { db: healthy } }";
    let found = judged("started", text, |_| with(app(20), old.clone()));
    assert!(found.unseen[0].contains("than the last 5"), "{found:?}");
    assert_eq!(misses("healthy", &app(41), &old), [""; 0]);
    old.healthy = nanos(30);
    assert!(misses("healthy", &app(20), &old)[0].contains("10 s before"));
}

#[test]
fn where_clocks_differ_only_the_order_of_our_own_doing_counts() {
    let seen = Companion {
        ready: nanos(12),
        ..db()
    };
    let far = |second| {
        let text = "{ after: { db: ready } }";
        misses_of("started", text, |_| {
            Fact::Company(Together {
                own: 0,
                all: vec![app(second), seen.clone()],
                same_clock: false,
                clock_set: false,
            })
        })
    };
    // It was asked for a second before it was started.
    assert_eq!(far(13), [""; 0]);
    assert!(far(12)[0].contains("before that was seen"), "{:?}", far(12));
}

#[test]
fn where_a_policy_has_started_it_again_only_our_own_asking_counts() {
    let again = |second, asked| Companion {
        restarted: true,
        asked: nanos(asked),
        ..app(second)
    };
    let seen = Companion {
        healthy: nanos(31),
        ..db()
    };
    let of = |app: Companion| {
        let text = "{ after: { db: healthy } }";
        judged("started", text, |_| with(app.clone(), seen.clone()))
    };
    assert!(of(again(50, 12)).unseen[0].contains("started it again"));
    let in_turn = of(again(50, 32));
    assert!(in_turn.unseen.is_empty() && in_turn.misses.is_empty());
}

#[test]
fn where_a_policy_has_started_the_other_again_what_we_saw_before_is_over() {
    let other = Companion {
        restarted: true,
        ready: nanos(12),
        healthy: nanos(12),
        ..db()
    };
    let of = |come: &str| {
        let text = format!("{{ after: {{ db: {come} }} }}");
        judged("started", &text, |_| with(app(20), other.clone()))
    };
    assert!(of("ready").unseen[0].contains("when it was ready since then is not known"));
    // The engine knows when its check passed since then.
    assert_eq!(of("healthy").misses.len(), 1);
}

#[test]
fn every_replica_must_have_come_so_far() {
    let replica = |number: u8, second| {
        let mut one = db();
        one.label = format!("db/{number}");
        one.state.started_at = at(second);
        one
    };
    let fact = |_: &_| {
        Fact::Company(Together {
            own: 0,
            all: vec![app(20), replica(1, 10), replica(2, 30)],
            same_clock: true,
            clock_set: false,
        })
    };
    let found = misses_of("started", "{ after: { db: started } }", fact);
    assert!(
        found.len() == 1 && found[0].starts_with("after db/2"),
        "{found:?}"
    );
    assert_eq!(
        misses_of("started", "{ after: { db/1: started } }", fact),
        [""; 0]
    );
}

#[test]
fn what_is_not_seen_is_no_verdict() {
    errs_unseen("started", "{ after: { db: healthy } }", |_| {
        with(app(31), db())
    });
    let text = "{ after: { other: started } }";
    let nobody = judged("started", text, |_| with(app(31), db()));
    assert!(
        nobody.unseen[0].contains("no container `other`"),
        "{nobody:?}"
    );
    let mut odd = db();
    odd.state.started_at = Moment::read("yesterday");
    let found = judged("started", "{ after: { db: started } }", |_| {
        with(app(31), odd.clone())
    });
    assert!(found.unseen[0].contains("`yesterday`"), "{found:?}");
    let mut unstarted = app(31);
    unstarted.state.started_at = None;
    let found = misses("started", &unstarted, &db());
    assert!(found[0].contains("never started"), "{found:?}");
    for (text, says) in [
        ("{ after: { db: up } }", "`up`"),
        ("{}", "`after`"),
        ("{ after: {} }", "names no service"),
        ("{ before: { db: healthy } }", "unknown key `before`"),
    ] {
        let said = refused("started", text);
        assert!(said.contains(says), "{text}: {said}");
    }
}

#[test]
fn where_the_clock_was_set_only_the_order_of_our_own_doing_counts() {
    let of = |asked, ready| {
        judged("started", "{ after: { db: ready } }", |_| {
            Fact::Company(Together {
                own: 0,
                all: vec![
                    Companion {
                        asked: nanos(asked),
                        ..app(20)
                    },
                    Companion {
                        ready: nanos(ready),
                        ..db()
                    },
                ],
                same_clock: true,
                clock_set: true,
            })
        })
    };
    let in_turn = of(13, 12);
    assert!(in_turn.unseen.is_empty() && in_turn.misses.is_empty());
    let unknown = of(11, 12);
    assert!(unknown.misses.is_empty());
    assert!(
        unknown.unseen[0].contains("clock was set"),
        "{:?}",
        unknown.unseen
    );
}
