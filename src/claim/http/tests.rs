mod spread;
mod statuses;

use crate::claim::Claim;
use crate::claim::trial::{claim, errs_unseen, fails_ended, judged, misses as misses_of, refused};
use crate::fact::answer::Fact;
use crate::fact::blob::Blob;
use crate::fact::http::{Failure, Idle, Outcome, Request, Response, Spread, TlsVersion};
use crate::fact::question::Question;

fn request(text: &str) -> Request {
    let Claim::Http(http) = claim("http", text) else {
        panic!("another claim");
    };
    http.request
}

fn answer(status: u16, headers: &[(&str, &str)], body: Blob) -> impl Fn(&Question) -> Fact + use<> {
    let response = Response {
        url: "http://app:8000/x".to_owned(),
        status,
        headers: headers
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect(),
        body,
        micros: 12_000,
    };
    move |_| Fact::Http(Outcome::Answered(response.clone()))
}

fn good() -> impl Fn(&Question) -> Fact {
    answer(
        200,
        &[
            ("content-type", "application/json"),
            ("set-cookie", "a=1; HttpOnly"),
            ("set-cookie", "b=2"),
        ],
        Blob::whole("{\"status\":\"ok\",\"n\":3}\n"),
    )
}

fn failed(failure: Failure) -> impl Fn(&Question) -> Fact {
    move |_| {
        Fact::Http(Outcome::Failed {
            failure,
            text: "as the system says".to_owned(),
        })
    }
}

#[test]
fn redirects_without_end_are_no_missing_answer() {
    let seen = |_: &Question| {
        Fact::Http(Outcome::Circled {
            text: "more than 10 redirects, the last one to http://app:8000/x".to_owned(),
        })
    };
    for (more, expected) in [
        ("follow: true, fails: any", "fails: expected no answer"),
        (
            "follow: true, fails: refused",
            "fails: expected no answer: refused",
        ),
        (
            "follow: true",
            "http: expected an answer to GET http://app:8000/x that leads to an end",
        ),
        (
            "follow: true, status: 302",
            "http: expected an answer to GET http://app:8000/x that leads to an end",
        ),
    ] {
        let said = format!(
            "{expected}, actual redirects without end: more than 10 redirects, the last one to http://app:8000/x"
        );
        assert_eq!(misses_of("http", &with(more), seen), [said]);
    }
}

fn with(more: &str) -> String {
    format!("{{ url: 'http://app:8000/x', {more} }}")
}

#[test]
fn the_request_is_what_the_keys_say() {
    let asked = request("HTTP://App:8000");
    assert_eq!(
        (
            asked.url.as_str(),
            asked.method.as_str(),
            asked.from.as_str()
        ),
        ("http://app:8000/", "GET", "host")
    );
    assert_eq!(
        (asked.timeout_millis, asked.follow, asked.body),
        (10_000, false, None)
    );

    let asked = request(
        "{ url: 'https://app/', method: PUT, headers: { X-A: b }, body: '{}', follow: true, \
          from: db, timeout: 1500ms, tls: { insecure: true, version: '1.2' } }",
    );
    assert_eq!(asked.headers, [("X-A".to_owned(), "b".to_owned())]);
    assert_eq!((asked.method.as_str(), asked.from.as_str()), ("PUT", "db"));
    assert_eq!(
        (asked.body.as_deref(), asked.timeout_millis),
        (Some("{}"), 1500)
    );
    assert!(asked.follow && asked.tls.insecure);
    assert_eq!(asked.tls.version, Some(TlsVersion::Tls12));
}

#[test]
fn forms_and_credentials_become_body_and_headers() {
    let asked = request(&with(
        "form: { 'a b': 'ü&=', c: d-_.* }, auth: { basic: { user: Aladdin, password: open sesame } }",
    ));
    assert_eq!(asked.method, "POST");
    assert_eq!(asked.body.as_deref(), Some("a+b=%C3%BC%26%3D&c=d-_.*"));
    let header = |name: &str| {
        let found = asked.headers.iter().find(|(n, _)| n == name);
        found.map(|(_, v)| v.as_str())
    };
    assert_eq!(
        header("Content-Type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(
        header("Authorization"),
        Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
    );
    let asked = request(&with("auth: { bearer: abc }, method: HEAD"));
    assert_eq!(asked.headers[0].1, "Bearer abc");
    assert_eq!(asked.method, "HEAD");
}

#[test]
fn what_holds_passes_with_evidence() {
    for holds in [
        "status: 200",
        "status: { below: 300 }",
        "header: { Content-Type: { contains: json }, X-None: null }",
        "header: { set-cookie: { contains: [HttpOnly, b=2] } }",
        "header: { without: [Server] }",
        "text: { contains: ok }",
        "json: { $.status: ok, $.n: { above: 2 } }",
        "time: { below: 13ms }",
    ] {
        assert_eq!(misses_of("http", &with(holds), good()), [""; 0], "{holds}");
    }
    let findings = judged("http", "http://app:8000/x", good());
    assert_eq!(findings.seen, ["GET http://app:8000/x: 200 in 12 ms"]);
    assert!(findings.misses.is_empty());
}

#[test]
fn what_does_not_hold_fails_and_shows_the_answer() {
    for (fails, says) in [
        ("status: 201", "status: expected 201, actual 200"),
        (
            "header: { Content-Type: text/html }",
            "header content-type: expected \"text/html\", actual \"application/json\"",
        ),
        (
            "header: { Content-Type: null }",
            "header content-type: expected not set",
        ),
        ("header: { X-None: a }", "actual not set"),
        (
            "header: { set-cookie: { not: { contains: HttpOnly } } }",
            "header set-cookie",
        ),
        (
            "header: { without: [Set-Cookie] }",
            "headers: expected no set-cookie",
        ),
        ("text: ok", "text: expected \"ok\""),
        (
            "json: { $.status: down }",
            "json: expected $.status is \"down\", actual \"ok\"",
        ),
        (
            "time: { below: 12ms }",
            "time: expected below 12 ms, actual 12 ms",
        ),
        ("fails: any", "fails: expected no answer, actual status 200"),
        (
            "fails: refused",
            "fails: expected no answer: refused, actual status 200",
        ),
    ] {
        let said = misses_of("http", &with(fails), good());
        assert_eq!(said.len(), 1, "{fails}: {said:?}");
        assert!(said[0].contains(says), "{fails}: {}", said[0]);
        let answered = " | GET http://app:8000/x answered 200, content-type \"application/json\"";
        let body = match fails {
            // It is what was compared.
            "text: ok" => "",
            _ => " | body: {\"status\":\"ok\",\"n\":3}",
        };
        assert!(
            said[0].ends_with(&format!("{answered}{body}")),
            "{}",
            said[0]
        );
    }
    let said = misses_of("http", &with("status: 404, text: no, time: 1s"), good());
    assert_eq!(said.len(), 3, "{said:?}");
}

#[test]
fn without_a_status_only_success_holds() {
    for (status, right) in [
        (199, false),
        (200, true),
        (299, true),
        (301, false),
        (503, false),
    ] {
        let said = misses_of(
            "http",
            "http://app:8000/x",
            answer(status, &[("location", "/y")], Blob::default()),
        );
        assert_eq!(said.is_empty(), right, "{said:?}");
        if !right {
            assert!(
                said[0].contains("status: expected from 200 to 299"),
                "{said:?}"
            );
            assert!(said[0].contains("location \"/y\""), "{said:?}");
        }
    }
}

#[test]
fn the_head_of_a_body_is_shown_escaped_and_bounded() {
    let body = format!("\u{1b}]0;x\u{7}\n{}", "a\n".repeat(5000));
    let said = misses_of(
        "http",
        "http://app:8000/x",
        answer(500, &[], Blob::whole(body)),
    )
    .remove(0);
    let notes: Vec<&str> = said.split(" | ").skip(1).collect();
    assert_eq!(notes[1], "body: \\u{1b}]0;x\\u{7}");
    assert_eq!(notes.len(), 10);
    assert_eq!(notes[9], "body: and so on, 10 kB in all");
}

#[test]
fn a_request_without_an_answer_fails_and_says_how() {
    for (failure, says) in [
        (Failure::Refused, "actual refused: as the system says"),
        (Failure::Timeout, "actual no answer in time (timeout): as"),
        (Failure::Tls, "actual TLS failed: as"),
        (Failure::Dns, "actual the name is not known (dns): as"),
        (Failure::Any, "actual as the system says"),
    ] {
        let said = misses_of(
            "http",
            &with("status: { above: 0 }, text: x"),
            failed(failure),
        );
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].starts_with("http: expected an answer to GET http://app:8000/x, "));
        assert!(said[0].contains(says), "{said:?}");
    }
}

#[test]
fn a_failure_that_is_claimed_must_be_of_that_kind() {
    let https = |more: &str| format!("{{ url: 'https://app/', fails: {more} }}");
    for failure in [
        Failure::Refused,
        Failure::Timeout,
        Failure::Tls,
        Failure::Dns,
    ] {
        assert_eq!(misses_of("http", &https("any"), failed(failure)), [""; 0]);
        assert_eq!(
            misses_of("http", &https(failure.word()), failed(failure)),
            [""; 0]
        );
        let other = match failure {
            Failure::Tls => Failure::Refused,
            _ => Failure::Tls,
        };
        let said = misses_of("http", &https(other.word()), failed(failure));
        assert!(said[0].contains("actual it failed: "), "{said:?}");
    }
    assert_eq!(
        misses_of("http", &https("tls"), failed(Failure::Any)).len(),
        1
    );
}

#[test]
fn a_body_that_was_not_kept_whole_leaves_open_what_it_says() {
    let cut = || {
        let body = Blob {
            bytes: b"{\"status\":".to_vec(),
            total: 5_000_000,
        };
        answer(200, &[], body)
    };
    for open in [
        "text: { not: { contains: secret } }",
        "text: { contains: secret }",
        "text: { matches: 'status\":$' }",
        "json: { $.status: ok }",
    ] {
        let findings = judged("http", &with(open), cut());
        assert!(findings.misses.is_empty(), "{findings:?}");
        assert!(findings.unseen[0].contains("only the first 10 B of the answer's 5 MB"));
    }
    assert_eq!(
        misses_of("http", &with("text: { contains: status }"), cut()),
        [""; 0]
    );
    let said = misses_of("http", &with("text: { starts_with: secret }"), cut());
    assert!(said[0].contains("only the first 10 B"), "{said:?}");
    assert_eq!(
        misses_of("http", &with("status: 201, json: { $.a: 1 }"), cut()).len(),
        1
    );
}

#[test]
fn a_body_that_is_no_text_is_said_to_be_none() {
    let latin = || answer(200, &[], Blob::whole(&b"{\"a\":\"\xe4\"}"[..]));
    let said = misses_of("http", &with("json: { $.a: ä }"), latin());
    assert!(said[0].contains("json: expected JSON, actual a body that is no UTF-8 from byte 7 on"));
    let said = misses_of("http", &with("text: ä"), latin());
    assert!(
        said[0].contains("no UTF-8 from byte 7 on; what is none is read as"),
        "{said:?}"
    );
    assert_eq!(
        misses_of("http", &with("text: { contains: a }"), latin()),
        [""; 0]
    );
    // A letter that was cut in two is no mistake of the body's.
    let cut = || {
        let mut body = Blob::whole("ä".as_bytes()[..1].to_vec());
        body.total += 1;
        answer(200, &[], body)
    };
    let said = misses_of("http", &with("status: 201"), cut());
    assert!(!said[0].contains("UTF-8"), "{said:?}");
}

#[test]
fn what_could_not_be_tried_is_no_verdict() {
    errs_unseen("http", "http://app:8000/x", good());
    errs_unseen("http", &with("fails: any"), failed(Failure::Refused));
    fails_ended("http", "http://app:8000/x");
    fails_ended("http", &with("fails: refused"));
}

#[test]
fn what_cannot_be_meant_is_refused() {
    for (text, says) in [
        ("/health", "not the address of a request"),
        ("{}", "`url` is missing"),
        (
            "{ url: 'http://app/', status: ok }",
            "a status of three digits",
        ),
        ("{ url: 'http://app/', method: get }", "capitals"),
        ("{ url: 'http://app/', method: 'GE T' }", "not a method"),
        (
            "{ url: 'http://app/', headers: { 'a b': c } }",
            "not the name of a header",
        ),
        (
            "{ url: 'http://app/', headers: { a: \"b\\nc\" } }",
            "control characters",
        ),
        (
            "{ url: 'http://app/', headers: { Content-Length: 3 } }",
            "not for a suite to say",
        ),
        (
            "{ url: 'http://app/', headers: { authorization: a }, auth: { bearer: b } }",
            "Authorization header too",
        ),
        (
            "{ url: 'http://app/', auth: {} }",
            "one of `basic` and `bearer`",
        ),
        (
            "{ url: 'http://app/', auth: { bearer: a, basic: { user: a, password: b } } }",
            "one of",
        ),
        (
            "{ url: 'http://app/', auth: { basic: { user: 'a:b', password: c } } }",
            "colon",
        ),
        (
            "{ url: 'http://app/', auth: { bearer: \"a\\nb\" } }",
            "control characters",
        ),
        (
            "{ url: 'http://app/', body: a, form: { b: c } }",
            "cannot both",
        ),
        (
            "{ url: 'http://app/', headers: { content-type: a }, form: { b: c } }",
            "Content-Type header too",
        ),
        ("{ url: 'http://app/', timeout: 0s }", "some time"),
        (
            "{ url: 'http://app/', tls: { insecure: true } }",
            "in the clear",
        ),
        ("{ url: 'http://app/', fails: tls }", "in the clear"),
        (
            "{ url: 'http://app/', fails: never }",
            "unknown word `never`",
        ),
        (
            "{ url: 'http://app/', fails: any, status: 200 }",
            "`status` says something of an answer",
        ),
        (
            "{ url: 'http://app/', fails: any, header: { a: b } }",
            "`header` says",
        ),
        ("{ url: 'http://app/', fails: any, text: a }", "`text` says"),
        (
            "{ url: 'http://app/', fails: any, json: { $.a: b } }",
            "`json` says",
        ),
        (
            "{ url: 'http://app/', fails: any, time: 1s }",
            "`time` says",
        ),
        (
            "{ url: 'http://app/', fails: any, spread_over: 2 }",
            "`spread_over` says",
        ),
        (
            "{ url: 'https://app/', tls: { ca: ca, insecure: true } }",
            "any certificate will do",
        ),
        (
            "{ url: 'http://app/', statuss: 200 }",
            "unknown key `statuss`",
        ),
    ] {
        let said = refused("http", text);
        assert!(said.contains(says), "{text}: {said}");
    }
}

#[test]
fn a_body_in_which_no_words_can_be_looked_for_is_no_verdict() {
    for (name, value, said) in [
        ("content-encoding", "gzip", "compressed (gzip)"),
        ("content-encoding", "identity, br", "compressed (br)"),
        (
            "content-type",
            "text/plain; charset=\"UTF-16\"",
            "written in utf-16",
        ),
    ] {
        let got = answer(200, &[(name, value)], Blob::whole("x"));
        for text in [
            "{ url: \"http://app/\", text: { not: { contains: traceback } } }",
            "{ url: \"http://app/\", json: { $.a: 1 } }",
        ] {
            let found = judged("http", text, &got);
            assert!(found.misses.is_empty(), "{text}: {found:?}");
            assert!(found.unseen[0].contains(said), "{text}: {found:?}");
        }
        let status = "{ url: \"http://app/\", status: 200 }";
        assert_eq!(misses_of("http", status, &got), [""; 0]);
        let wrong = "{ url: \"http://app/\", status: 404, text: x }";
        assert_eq!(misses_of("http", wrong, &got).len(), 1);
    }
    let plain = [
        ("content-encoding", "identity"),
        ("content-type", "text/plain; charset=utf-8"),
    ];
    let got = answer(200, &plain, Blob::whole("x"));
    assert_eq!(
        misses_of("http", "{ url: \"http://app/\", text: x }", got),
        [""; 0]
    );
}
