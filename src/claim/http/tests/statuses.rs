//! Statuses, and what they say of the port.

use super::{answer, misses_of};
use crate::claim::http::status::Status;
use crate::fact::blob::Blob;
use crate::text::matcher::bound::Bound;
use crate::text::read::said;

#[test]
fn statuses_of_a_class_and_several_are_told_in_bounds() {
    let help = |status: &str| said::<Bound<Status>>(status).unwrap_or_default();
    assert!(help("2xx").ends_with("`{ at_least: 200, below: 300 }`"));
    assert!(help("{ not: 5XX }").ends_with("`{ at_least: 500, below: 600 }`"));
    assert!(help("[200, 204]").ends_with("`{ one_of: [200, 204] }`"));
    for never in ["{ below: 100 }", "{ at_least: 300, below: 200 }"] {
        assert_ne!(help(never), "", "{never}");
    }
    let some = "{ url: 'http://app/', status: { one_of: [200, 204] } }";
    let of = |status| misses_of("http", some, answer(status, &[], Blob::whole("")));
    assert_eq!(of(204), [""; 0]);
    assert!(of(201)[0].starts_with("status: expected 200 or 204, actual 201"));
    assert_eq!(help("{ above: 0, below: 1000 }"), "");
}

#[test]
fn a_server_that_wants_tls_is_told_of() {
    let body = "Client sent an HTTP request to an HTTPS server.\n";
    let said = |url: &str, status| {
        let got = answer(status, &[], Blob::whole(body));
        misses_of("http", &format!("{{ url: '{url}', status: 200 }}"), got).concat()
    };
    assert!(said("http://app/", 400).contains("write https://"));
    assert!(!said("http://app/", 404).contains("write https://"));
}

#[test]
fn what_a_header_must_not_be_is_none_of_several_of_its_name() {
    let got = || {
        let twice = [("x-frame", "one"), ("x-frame", "two"), ("via", "one")];
        answer(200, &twice, Blob::whole(""))
    };
    let of = |rule: &str| {
        misses_of(
            "http",
            &format!("{{ url: 'http://app/', header: {{ {rule} }} }}"),
            got(),
        )
    };
    assert_eq!(of("X-Frame: { not: three }"), [""; 0]);
    assert_eq!(of("X-Frame: 'one, two', Via: { not: two }"), [""; 0]);
    for (rule, said) in [
        (
            "X-Frame: { not: two }",
            "header x-frame: expected not \"two\", actual \"two\"",
        ),
        (
            "X-Frame: { not: { starts_with: tw } }",
            "expected not starting with \"tw\", actual \"two\"",
        ),
    ] {
        assert!(of(rule)[0].contains(said), "{:?}", of(rule));
    }
}

#[test]
fn a_body_that_a_miss_shows_is_not_shown_again() {
    let of = |rule: &str| {
        let got = answer(200, &[], Blob::whole("fine weather\n"));
        misses_of("http", &format!("{{ url: 'http://app/', {rule} }}"), got).concat()
    };
    for rule in ["text: bad", "json: { $.a: 1 }", "text: { contains: bad }"] {
        assert_eq!(of(rule).matches("fine weather").count(), 1, "{}", of(rule));
    }
    assert!(of("status: 404").contains("body: fine weather"));
}
