//! Judged from certificates as servers showed them.

use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;

use crate::claim::trial::{errs_unseen, fails_ended, judged, misses, refused};
use crate::fact::answer::Fact;
use crate::fact::blob::Blob;
use crate::fact::handshake::{Missing, Reply, Shown, Version};
use crate::fact::http::Failure;
use crate::fact::question::Question;

const SERVER: &str = include_str!("../../../fixtures/http/server.pem");
const ALONE: &str = include_str!("../../../fixtures/http/self.pem");
/// A day.
const DAY: i64 = 86_400;

fn der(pem: &str) -> Vec<u8> {
    CertificateDer::from_pem_slice(pem.as_bytes())
        .unwrap()
        .to_vec()
}

/// When the certificate begins and ends.
fn span(der: &[u8]) -> (i64, i64) {
    use x509_parser::prelude::FromDer as _;
    let (_, read) = x509_parser::certificate::X509Certificate::from_der(der).unwrap();
    let time = read.validity();
    (time.not_before.timestamp(), time.not_after.timestamp())
}

fn shown(der: &[u8], seconds: i64) -> Shown {
    let refused = || Reply::Refused("protocol version".to_owned());
    Shown {
        chain: Ok(vec![Blob::whole(der)]),
        versions: vec![
            (Version::Ssl3, Reply::Closed),
            (Version::Tls10, refused()),
            (Version::Tls11, refused()),
            (Version::Tls12, Reply::Accepted),
            (Version::Tls13, Reply::Accepted),
        ],
        seconds,
    }
}

fn good() -> Shown {
    let der = der(SERVER);
    shown(&der, span(&der).0 + DAY)
}

fn fact(shown: Shown) -> impl Fn(&Question) -> Fact {
    move |_| Fact::Certificate(shown.clone())
}

fn with(more: &str) -> String {
    format!("{{ port: 8443, {more} }}")
}

fn said(more: &str, shown: Shown) -> Vec<String> {
    misses("certificate", &with(more), fact(shown))
}

#[test]
fn what_holds_passes() {
    for more in [
        "subject: app",
        "subject: CN=app",
        "subject: { contains: app }",
        "subject: { matches: '^CN=app$' }",
        "issuer: Test authority",
        "issuer: { not: CN=app }",
        "dns: [APP]",
        "dns: { only: [127.0.0.1, app] }",
        "dns: { without: [localhost] }",
        "expires_after: 30d",
        "expires_after: 0s",
        "protocols: [TLSv1.2]",
        "protocols: [1.3]",
        "protocols: { only: [TLSv1.3, TLSv1.2] }",
        "protocols: { without: [SSLv3, TLSv1, 1.1] }",
    ] {
        assert_eq!(said(more, good()), [""; 0], "{more}");
    }
    assert_eq!(misses("certificate", "8443", fact(good())), [""; 0]);
}

#[test]
fn what_does_not_hold_fails_with_what_was_seen() {
    for (more, says) in [
        ("subject: ap", "subject: expected \"ap\", actual \"app\""),
        ("subject: CN=ap", "actual \"CN=app\""),
        ("issuer: app", "actual \"Test authority\""),
        ("dns: [localhost]", "actual app and 127.0.0.1"),
        ("dns: { only: [app] }", "too many: 127.0.0.1"),
        ("dns: { without: [app] }", "has app"),
        ("protocols: [TLSv1.1]", "TLSv1.1 among them"),
        ("protocols: { only: [TLSv1.3] }", "too many: TLSv1.2"),
        ("protocols: { without: [TLSv1.2] }", "has TLSv1.2"),
    ] {
        let said = said(more, good());
        assert!(
            said.len() == 1 && said[0].contains(says),
            "{more}: {said:?}"
        );
    }
}

#[test]
fn one_that_is_not_good_now_fails_whatever_else_is_claimed() {
    let der = der(SERVER);
    let (from, to) = span(&der);
    for (seconds, says) in [
        (from - 2 * DAY, "it is good from"),
        (to + DAY, "it expired on"),
    ] {
        for more in ["subject: app", "expires_after: 0s", "expires_after: 1d"] {
            let said = said(more, shown(&der, seconds));
            assert!(
                said.len() == 1 && said[0].contains(says),
                "{more}: {said:?}"
            );
        }
    }
    let late = said("expires_after: 30d", shown(&der, to - 29 * DAY));
    assert!(late[0].contains("29 days 0 h from now"), "{late:?}");
    assert_eq!(
        said("expires_after: 30d", shown(&der, to - 30 * DAY)),
        [""; 0]
    );
    assert_eq!(said("subject: app", shown(&der, to)), [""; 0]);
}

#[test]
fn only_the_servers_own_certificate_is_judged() {
    let mut two = good();
    two.chain = Ok(vec![Blob::whole(der(ALONE)), Blob::whole(der(SERVER))]);
    two.seconds = span(&der(ALONE)).0 + DAY;
    assert_eq!(said("issuer: app, dns: { only: [app] }", two), [""; 0]);
}

#[test]
fn bytes_that_are_no_certificate_fail_with_what_they_are() {
    let whole = der(SERVER);
    for cut in [0, 1, 17, whole.len() / 2, whole.len() - 1] {
        let said = said("subject: app", shown(&whole[..cut], 0));
        let says = format!("actual {cut} bytes that are none: ");
        assert!(said.len() == 1 && said[0].contains(&says), "{said:?}");
    }
    // Whatever a server shows: nothing of it is too much.
    for at in 0..whole.len() {
        for byte in [0, 0x30, 0x7f, 0xff] {
            let mut changed = whole.clone();
            changed[at] = byte;
            judged(
                "certificate",
                &with("subject: app, dns: [app]"),
                fact(shown(&changed, 0)),
            );
        }
    }
}

#[test]
fn a_server_without_one_fails_and_says_how() {
    let none = |failure| {
        let text = "as the system says".to_owned();
        let chain = Err(Missing { failure, text });
        Shown {
            chain,
            versions: Vec::new(),
            seconds: 0,
        }
    };
    for (failure, says) in [
        (Failure::Refused, "actual refused: as the system says"),
        (Failure::Timeout, "no answer in time: "),
        (Failure::Tls, "TLS failed: "),
        (Failure::Any, "actual as the system says"),
    ] {
        for more in ["subject: app", "protocols: { without: [TLSv1.0] }"] {
            let said = said(more, none(failure));
            assert!(
                said.len() == 1 && said[0].contains(says),
                "{more}: {said:?}"
            );
        }
    }
}

#[test]
fn a_server_of_old_versions_has_these_judged() {
    let mut old = good();
    let text = "protocol version".to_owned();
    let failure = Failure::Tls;
    old.chain = Err(Missing { failure, text });
    for (version, reply) in &mut old.versions {
        *reply = match version {
            Version::Tls10 => Reply::Accepted,
            _ => Reply::Closed,
        };
    }
    assert_eq!(said("protocols: { only: [TLSv1.0] }", old.clone()), [""; 0]);
    let found = said("protocols: { without: [TLSv1.0] }", old.clone());
    assert!(found[0].contains("has TLSv1.0"), "{found:?}");
    let found = said("subject: app, protocols: [TLSv1.0]", old);
    assert!(
        found.len() == 1 && found[0].contains("it speaks TLSv1.0; "),
        "{found:?}"
    );
}

#[test]
fn a_version_without_a_word_is_no_verdict() {
    let mut silent = good();
    silent.versions[1].1 = Reply::Unknown("no answer after 10 s".to_owned());
    for more in [
        "protocols: { without: [TLSv1.1] }",
        "protocols: { only: [TLSv1.2, TLSv1.3] }",
    ] {
        let findings = judged("certificate", &with(more), fact(silent.clone()));
        let why = "it cannot be told whether TLSv1.0 is spoken: no answer after 10 s";
        assert_eq!(findings.unseen, [why], "{more}");
        assert!(findings.misses.is_empty());
    }
    // Of one that is not asked about nothing need be known.
    assert_eq!(said("protocols: [TLSv1.2]", silent), [""; 0]);
}

#[test]
fn what_could_not_be_tried_is_no_verdict() {
    errs_unseen("certificate", "8443", fact(good()));
    fails_ended("certificate", "8443");
}

#[test]
fn what_cannot_be_meant_is_refused() {
    for (text, says) in [
        ("{}", "`port` is missing"),
        ("0", "port 0"),
        ("https", "whole number"),
        (
            "{ port: 1, protocols: [TLSv2] }",
            "unknown version of TLS `TLSv2`",
        ),
        ("{ port: 1, protocols: [] }", "at least one name"),
        ("{ port: 1, expires_after: 30 }", "a time"),
        ("{ port: 1, name: '' }", "no name of a host"),
        ("{ port: 1, dns: app }", "a list"),
    ] {
        let said = refused("certificate", text);
        assert!(said.contains(says), "{text}: {said}");
    }
}
