use crate::claim::trial::{claim, errs_unseen, fails_ended, judged, misses as misses_of, refused};
use crate::fact::answer::Fact;
use crate::fact::blob::Blob;
use crate::fact::question::Question;
use crate::fact::tcp::{Finish, Met, Shut, Talk};

fn open(said: &str, finish: Finish) -> Fact {
    let heard = Blob::whole(said);
    Fact::Tcp(Met::Open { heard, finish })
}

fn shut(how: Shut) -> Fact {
    let text = "172.17.0.2:5432".to_owned();
    Fact::Tcp(Met::Shut { how, text })
}

fn misses(text: &str, fact: &Fact) -> Vec<String> {
    misses_of("tcp", text, |_| fact.clone())
}

fn asked(text: &str) -> Talk {
    match claim("tcp", text).questions().as_slice() {
        [Question::Tcp(talk)] => talk.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_open_passes_and_what_is_not_fails() {
    let silent = open("", Finish::Unasked);
    for text in [
        "app:5432",
        "{ to: 'app:5432' }",
        "{ to: 'app:5432', open: true }",
    ] {
        assert_eq!(misses(text, &silent), [""; 0], "{text}");
        for (how, said) in [
            (
                Shut::Refused,
                "tcp: expected app:5432 to be open, actual refused: 172.17.0.2:5432 | what listens on loopback",
            ),
            (Shut::Timeout, "actual no answer in time (timeout)"),
            (Shut::Dns, "actual the name is not known (dns)"),
            (Shut::Unreachable, "actual not reached"),
        ] {
            let found = misses(text, &shut(how));
            assert!(found.len() == 1 && found[0].contains(said), "{found:?}");
        }
    }
}

#[test]
fn a_port_that_is_not_open_is_one_that_was_tried() {
    let text = "{ to: 'app:5432', open: false }";
    for how in [Shut::Refused, Shut::Timeout, Shut::Unreachable] {
        assert_eq!(misses(text, &shut(how)), [""; 0], "{how}");
    }
    let found = misses(text, &open("", Finish::Unasked));
    assert_eq!(
        found,
        ["tcp: expected app:5432 to take no connection, actual it is open"]
    );
    // A name without an address has no port that could be closed.
    let found = judged("tcp", text, |_| shut(Shut::Dns));
    assert!(found.misses.is_empty() && found.seen.is_empty());
    assert!(found.unseen[0].contains("dns: 172"), "{found:?}");
}

#[test]
fn what_came_is_judged_with_how_it_ended() {
    let text = "{ to: 'app:6379', send: \"PING\\r\\n\", receive: +PONG }";
    assert_eq!(misses(text, &open("+PONG\r\n", Finish::Enough)), [""; 0]);
    for (said, finish, expected) in [
        (
            "-ERR\r\n",
            Finish::Closed,
            "receive: expected \"+PONG\", actual \"-ERR\" | the other end closed, having said 6 B",
        ),
        ("", Finish::Closed, "closed, having said nothing"),
        (
            "+PO",
            Finish::TimeUp,
            "actual \"+PO\" | after 10 s it had said 3 B, and the connection was still open",
        ),
        (
            "",
            Finish::Broken("reset".into()),
            "broke, nothing having come: reset",
        ),
    ] {
        let found = misses(text, &open(said, finish));
        assert!(found.len() == 1 && found[0].contains(expected), "{found:?}");
    }
}

#[test]
fn what_a_broken_connection_did_not_say_is_no_proof() {
    let broken = |text: &str, said: &str| {
        let fact = open(said, Finish::Broken("reset".into()));
        judged("tcp", text, |_| fact.clone())
    };
    let not = "{ to: 'app:25', receive: { not: { starts_with: '5' } } }";
    let found = broken(not, "");
    assert!(found.unseen[0].contains("broke (reset)"), "{found:?}");
    let found = broken(
        "{ to: 'app:25', receive: { contains: '220' } }",
        "220 hello",
    );
    assert!(
        found.unseen.is_empty() && found.misses.is_empty(),
        "{found:?}"
    );
}

#[test]
fn of_what_said_too_much_only_what_is_sure_is_judged() {
    let full = || {
        Fact::Tcp(Met::Open {
            heard: Blob {
                total: 9,
                ..Blob::whole("xaxa")
            },
            finish: Finish::Full,
        })
    };
    let on = |rule: &str| format!("{{ to: 'app:1', receive: {rule} }}");
    assert_eq!(misses(&on("{ contains: a }"), &full()), [""; 0]);
    assert_eq!(misses(&on("{ starts_with: b }"), &full()).len(), 1);
    let found = judged("tcp", &on("{ contains: z }"), |_| full());
    assert!(found.unseen[0].contains("only the first 4 B"), "{found:?}");
}

#[test]
fn what_is_asked_is_what_is_written() {
    let talk = asked(
        "{ to: 'DB:5432', from: app, send: \"a\\r\\n\\0\", receive: { contains: ok }, timeout: 2s }",
    );
    assert_eq!(
        (talk.host.as_str(), talk.port, talk.from.as_str()),
        ("db", 5432, "app")
    );
    assert_eq!(talk.send.as_deref(), Some("a\r\n\0"));
    assert_eq!((talk.receive, talk.timeout_millis), (true, 2000));
    assert_eq!(talk.enough, ["ok"]);
    let talk = asked("app:1");
    assert_eq!(
        (talk.from.as_str(), talk.receive, talk.timeout_millis),
        ("host", false, 10_000)
    );
}

#[test]
fn what_is_not_seen_is_no_verdict() {
    for text in [
        "app:1",
        "{ to: 'app:1', open: false }",
        "{ to: 'app:1', receive: x }",
    ] {
        errs_unseen("tcp", text, |_| shut(Shut::Refused));
        fails_ended("tcp", text);
    }
}

#[test]
fn what_cannot_be_meant_is_refused() {
    for (text, says) in [
        ("app", "it names no port"),
        ("{ to: 'app:0' }", "1 to 65535"),
        ("{ open: true }", "`to`"),
        ("{ to: 'app:1', open: yes }", "true or false"),
        (
            "{ to: 'app:1', open: false, receive: x }",
            "`receive` needs a connection",
        ),
        (
            "{ to: 'app:1', open: false, send: x }",
            "`send` needs a connection",
        ),
        (
            "{ to: 'app:1', send: x }",
            "nothing of what must come of it",
        ),
        (
            "{ to: 'app:1', receive: x, timeout: 0s }",
            "needs some time",
        ),
        ("{ to: 'app:1', recieve: x }", "unknown key `recieve`"),
    ] {
        let said = refused("tcp", text);
        assert!(said.contains(says), "{text}: {said}");
    }
}
