use super::super::world::Context;
use super::*;

fn world(variables: &[(&str, &str)]) -> World {
    World {
        variables: variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        home: Some("/home/me".into()),
        config_folder: Some("/home/me/.docker".into()),
        contexts: vec![
            Context {
                name: "far".to_owned(),
                host: "ssh://me@far:2222".to_owned(),
                skip_tls_verify: false,
                tls_folder: "/home/me/.docker/contexts/tls/1/docker".into(),
            },
            Context {
                name: "secure".to_owned(),
                host: "tcp://secure:2376".to_owned(),
                skip_tls_verify: false,
                tls_folder: "/tls".into(),
            },
            Context {
                name: "careless".to_owned(),
                host: "tcp://careless:2376".to_owned(),
                skip_tls_verify: true,
                tls_folder: "/tls".into(),
            },
        ],
        files: [
            "/tls/ca.pem",
            "/tls/cert.pem",
            "/tls/key.pem",
            "/half/cert.pem",
        ]
        .map(PathBuf::from)
        .into(),
    }
}

fn decide(wish: Option<&str>, current: &str, variables: &[(&str, &str)]) -> Result<Vec<String>> {
    let config = DockerConfig {
        current_context: Some(current.to_owned()),
        ..DockerConfig::default()
    };
    let choice = candidates(wish, &config, &world(variables))?;
    Ok(choice
        .candidates
        .iter()
        .map(|candidate| candidate.address.to_string())
        .collect())
}

#[test]
fn a_wish_goes_before_the_environment_and_that_before_the_configuration() {
    let host = ("DOCKER_HOST", "tcp://env:1");
    let context = ("DOCKER_CONTEXT", "far");
    let first = |wish: Option<&str>, current: &str, variables: &[(&str, &str)]| {
        decide(wish, current, variables).unwrap().remove(0)
    };
    assert_eq!(
        first(Some("/x.sock"), "secure", &[host, context]),
        "unix:///x.sock"
    );
    assert_eq!(
        first(Some("secure"), "far", &[host, context]),
        "tcp://secure:2376"
    );
    assert_eq!(first(None, "secure", &[host, context]), "tcp://env:1");
    assert_eq!(first(None, "secure", &[context]), "ssh://me@far:2222");
    assert_eq!(first(None, "secure", &[]), "tcp://secure:2376");
    assert_eq!(first(None, "default", &[]), "unix:///var/run/docker.sock");
    // An empty variable is one that is not set.
    assert_eq!(
        first(None, "", &[("DOCKER_HOST", "")]),
        "unix:///var/run/docker.sock"
    );
}

#[test]
fn with_nothing_said_the_usual_places_are_tried_in_order() {
    assert_eq!(
        decide(None, "", &[("XDG_RUNTIME_DIR", "/run/user/7")]).unwrap(),
        [
            "unix:///var/run/docker.sock",
            "unix:///run/user/7/docker.sock",
            "unix:///home/me/.docker/run/docker.sock",
            "unix:///home/me/.docker/desktop/docker.sock",
            "unix:///run/user/7/podman/podman.sock",
            "unix:///run/podman/podman.sock",
        ]
    );
}

#[test]
fn only_what_nobody_named_may_be_replaced() {
    let config = DockerConfig::default();
    let named = |wish| candidates(wish, &config, &world(&[])).unwrap().named;
    assert!(named(Some("far")));
    assert!(named(Some("unix:///x")));
    assert!(!named(Some("default")));
    assert!(!named(None));
}

#[test]
fn tls_comes_from_the_environment_or_the_context() {
    let tls = |wish, variables: &[(&str, &str)]| {
        let choice = candidates(wish, &DockerConfig::default(), &world(variables)).unwrap();
        match choice.candidates.into_iter().next().unwrap().address {
            Address::Tcp { tls, port, .. } => (port, tls),
            other => panic!("{other}"),
        }
    };
    let whole = TlsFiles {
        ca: Some("/tls/ca.pem".into()),
        client: Some(("/tls/cert.pem".into(), "/tls/key.pem".into())),
    };
    let verify = ("DOCKER_TLS_VERIFY", "1");
    let path = ("DOCKER_CERT_PATH", "/tls");
    assert_eq!(
        tls(Some("tcp://h"), &[verify, path]),
        (2376, Some(whole.clone()))
    );
    assert_eq!(tls(Some("tcp://h"), &[path]), (2375, None));
    assert_eq!(tls(Some("secure"), &[]), (2376, Some(whole)));
    // Neither a certificate without its key nor an empty folder switches TLS off again.
    let nothing = TlsFiles {
        ca: None,
        client: None,
    };
    assert_eq!(
        tls(Some("tcp://h"), &[verify, ("DOCKER_CERT_PATH", "/half")]),
        (2376, Some(nothing))
    );
}

#[test]
fn what_cannot_be_is_said() {
    let message = |wish, variables: &[(&str, &str)]| {
        decide(Some(wish), "", variables).unwrap_err().to_string()
    };
    let unknown = message("fra", &[]);
    assert!(unknown.contains("`fra`") && unknown.contains("far, secure, careless, default"));
    assert!(message("careless", &[]).contains("without looking"));
    assert!(message("tcp://h", &[("DOCKER_TLS", "1")]).contains("without looking"));
    assert!(message("ftp://h", &[]).contains("`ftp` is not a way"));
    assert!(message("npipe:////./pipe/x", &[]).contains("named pipes"));
    assert!(message("tcp://h:port", &[]).contains("`port` is not a port"));
    assert!(message("tcp://h:1/path", &[]).contains("a path may not follow"));
    assert!(message("ssh://u:secret@h", &[]).contains("may not hold a password"));
    assert!(message("ssh://", &[]).contains("names no host"));
    assert!(message("tcp://[::1", &[]).contains("bracket"));
}

#[test]
fn addresses_are_read_and_written() {
    for (text, written) in [
        ("unix://", "unix:///var/run/docker.sock"),
        ("tcp://[::1]:5", "tcp://[::1]:5"),
        ("host:5", "tcp://host:5"),
        ("tcp://", "tcp://127.0.0.1:2375"),
        ("ssh://h/run/x.sock", "ssh://h/run/x.sock"),
        ("ssh://u@h:22/", "ssh://u@h:22"),
    ] {
        assert_eq!(address(text, false).unwrap().to_string(), written, "{text}");
    }
}
