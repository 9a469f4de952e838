use crate::claim::trial::{claim, errs_unseen, fails_ended, misses as misses_of, refused};
use crate::fact::answer::Fact;
use crate::fact::container::{ContainerFacts, PublishedPort};
use crate::fact::question::Question;
use crate::fact::socket::Listener;
use crate::text::units::Port;

fn listener(port: &str, address: &str) -> Listener {
    Listener {
        port: Port::parse(port).unwrap(),
        address: address.parse().unwrap(),
        uid: 1000,
    }
}

fn publishing(ports: &[(&str, Option<&str>, Option<u16>)]) -> Fact {
    let mut facts = ContainerFacts::default();
    for (port, ip, host_port) in ports {
        let bindings = facts.settings.port_bindings.entry((*port).to_owned());
        bindings.or_default().push(PublishedPort {
            host_ip: ip.map(str::to_owned),
            host_port: *host_port,
        });
    }
    Fact::Container(Box::new(facts))
}

fn seen(question: &Question) -> Fact {
    match question {
        Question::Listeners => Fact::Listeners(vec![
            listener("8443", "0.0.0.0"),
            listener("8443", "::"),
            listener("9090", "172.17.0.2"),
            listener("53/udp", "0.0.0.0"),
            listener("5000", "127.0.0.1"),
            listener("5001", "::1"),
            listener("41000", "127.0.0.11"),
            listener("41001/udp", "127.0.0.11"),
        ]),
        _ => publishing(&[
            ("8443/tcp", None, Some(443)),
            ("9090/tcp", Some("127.0.0.1"), None),
        ]),
    }
}

fn misses(text: &str) -> Vec<String> {
    misses_of("ports", text, seen)
}

#[test]
fn what_listens_and_is_published_passes_with_evidence() {
    for holds in [
        "{ listening: [8443/tcp, 9090] }",
        "{ listening: [8443, 9090, 53/udp], only: true }",
        "{ listening: [8443, 9090, 53/udp], loopback: [5000, 5001], only: true }",
        "{ loopback: [5000] }",
        "{ loopback: [5001, 5000], only: true }",
        "{ published: [8443, 9090] }",
        "{ published: ['443:8443', '9090/tcp'], only: true }",
    ] {
        assert_eq!(misses(holds), [""; 0], "{holds}");
    }
    let nothing = |_: &_| Fact::Listeners(vec![listener("41000", "127.0.0.11")]);
    for holds in ["{ only: true }", "{ listening: [], only: true }"] {
        assert_eq!(misses_of("ports", holds, nothing), [""; 0], "{holds}");
    }
}

#[test]
fn what_does_not_hold_fails() {
    const ALL: &str = "actual 53/udp at 0.0.0.0, 8443/tcp at 0.0.0.0, 8443/tcp at [::], \
                       9090/tcp at 172.17.0.2, 5000/tcp at 127.0.0.1 and 5001/tcp at [::1]";
    for (fails, says) in [
        (
            "{ listening: [8080] }",
            "port 8080/tcp: expected listening on 8080/tcp, actual ",
        ),
        ("{ listening: [8080] }", ALL),
        ("{ listening: [8443/udp] }", "listening on 8443/udp"),
        (
            "{ listening: [5000] }",
            "it listens on loopback, inside the container only",
        ),
        ("{ listening: [41000] }", "listening on 41000/tcp"),
        (
            "{ listening: [8443, 53/udp], only: true }",
            "ports: expected no port that others reach but 8443/tcp and 53/udp, actual also 9090/tcp at 172.17.0.2",
        ),
        (
            "{ listening: [8443, 9090], only: true }",
            "also 53/udp at 0.0.0.0 | a UDP socket that waits",
        ),
        (
            "{ only: true }",
            "expected no port that others reach, actual also 53/udp at 0.0.0.0, 8443/tcp at 0.0.0.0",
        ),
        ("{ loopback: [5002] }", "5002/tcp on loopback alone"),
        ("{ loopback: [8443] }", "which others reach"),
        (
            "{ loopback: [5000], only: true }",
            "no port on loopback but 5000/tcp, actual also 5001/tcp at [::1]",
        ),
        (
            "{ published: [53/udp] }",
            "published: expected 53/udp published, actual 443:8443/tcp and 127.0.0.1:any:9090/tcp",
        ),
        (
            "{ published: ['444:8443'] }",
            "expected 444:8443/tcp published",
        ),
        (
            "{ published: ['127.0.0.1:443:8443'] }",
            "expected 127.0.0.1:443:8443/tcp published",
        ),
        (
            "{ published: [8443], only: true }",
            "8443/tcp published, and no other, actual also 127.0.0.1:any:9090/tcp",
        ),
        (
            "{ published: [], only: true }",
            "nothing published, and no other, actual also 443:8443/tcp",
        ),
    ] {
        let said = misses(fails);
        assert_eq!(said.len(), 1, "{fails}: {said:?}");
        assert!(said[0].contains(says), "{fails}: {}", said[0]);
    }
    assert_eq!(misses("{ listening: [1, 2], published: [3] }").len(), 3);
}

#[test]
fn an_address_of_the_host_is_compared_as_an_address() {
    let fact = |_: &_| {
        publishing(&[
            ("80/tcp", Some("::1"), Some(8080)),
            ("81/tcp", Some("0.0.0.0"), Some(81)),
        ])
    };
    for holds in [
        "['[::1]:8080:80']",
        "['0:0:0:0:0:0:0:1:8080:80']",
        "['0.0.0.0:81:81']",
        "['8080:80']",
    ] {
        let said = misses_of("ports", &format!("{{ published: {holds} }}"), fact);
        assert_eq!(said, [""; 0], "{holds}");
    }
    let said = misses_of("ports", "{ published: ['127.0.0.1:8080:80'] }", fact);
    let actual = "actual [::1]:8080:80/tcp and 0.0.0.0:81:81/tcp";
    assert!(said[0].contains(actual), "{said:?}");
}

#[test]
fn only_what_is_needed_is_asked() {
    let asked = |text: &str| claim("ports", text).questions();
    assert_eq!(asked("{ listening: [80] }"), [Question::Listeners]);
    assert_eq!(asked("{ only: true }"), [Question::Listeners]);
    assert_eq!(
        asked("{ published: [80], only: true }"),
        [Question::Container]
    );
}

#[test]
fn what_is_not_seen_is_no_verdict() {
    errs_unseen("ports", "{ only: true }", seen);
    errs_unseen("ports", "{ listening: [1], published: [80] }", seen);
    fails_ended("ports", "{ only: true }");
}

#[test]
fn what_cannot_be_meant_is_refused() {
    for (text, says) in [
        ("{}", "names no port"),
        ("{ only: false }", "names no port"),
        ("{ listening: [] }", "at least one port"),
        ("{ published: [] }", "at least one port"),
        ("{ listening: [http] }", "expected a port such as"),
        ("{ listening: 80 }", "expected a list"),
        ("{ published: ['x:80'] }", "host and container"),
        ("{ published: ['0:80'] }", "host and container"),
        ("{ published: ['host:80:80'] }", "host and container"),
        ("{ published: ['80:'] }", "host and container"),
        ("{ open: [80] }", "unknown key `open`"),
        ("[80]", "a map of listening"),
    ] {
        let said = refused("ports", text);
        assert!(said.contains(says), "{text}: {said}");
    }
}
