//! The ways to an engine other than a socket of this machine, and programs that help on the way.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use seaworthy::engine::api::Api;
use seaworthy::engine::config::DockerConfig;
use seaworthy::engine::transport::{Address, Dialer, TlsFiles};
use seaworthy::engine::{Engine, Fault, FaultKind};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use crate::peer::PING;

fn tls(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/engine/tls")
        .join(file)
}

/// A TLS server that wants a client of the test authority and answers a ping.
async fn tls_peer() -> u16 {
    let ca = CertificateDer::from_pem_file(tls("ca.pem")).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(ca).unwrap();
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(
            vec![CertificateDer::from_pem_file(tls("server.pem")).unwrap()],
            PrivateKeyDer::from_pem_file(tls("server-key.pem")).unwrap(),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let mut head = [0; 1024];
            if stream.read(&mut head).await.is_ok_and(|count| count > 0) {
                let _ = stream.write_all(PING.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        }
    });
    port
}

async fn open(port: u16, files: Option<TlsFiles>) -> Result<Api, Fault> {
    let dialer = Dialer::new(Address::Tcp {
        host: "127.0.0.1".to_owned(),
        port,
        tls: files,
    })?;
    Api::open(dialer, Duration::from_secs(5)).await
}

#[tokio::test]
async fn tls_knows_both_sides() {
    let port = tls_peer().await;
    let client = Some((tls("cert.pem"), tls("key.pem")));
    let right = TlsFiles {
        ca: Some(tls("ca.pem")),
        client: client.clone(),
    };
    assert_eq!(
        open(port, Some(right)).await.unwrap().version().to_string(),
        "1.41"
    );

    let no_client = TlsFiles {
        ca: Some(tls("ca.pem")),
        client: None,
    };
    assert_eq!(
        open(port, Some(no_client)).await.unwrap_err().kind,
        FaultKind::Unreachable
    );
    let other_authority = TlsFiles {
        ca: Some(tls("cert.pem")),
        client: client.clone(),
    };
    let fault = open(port, Some(other_authority)).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unreachable);
    assert!(fault.message.contains("certificate"), "{fault}");
    assert!(open(port, None).await.is_err());

    let absent = TlsFiles {
        ca: Some(tls("absent.pem")),
        client,
    };
    let fault = open(port, Some(absent)).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Local);
    assert!(fault.message.contains("absent.pem"), "{fault}");
}

/// Runs an ignored test of this file in a process of its own, with these programs before all others.
fn with_programs(test: &str, programs: &[(&str, &str)]) {
    let folder = tempfile::tempdir().unwrap();
    for (name, script) in programs {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let before = std::env::var("PATH").unwrap_or_default();
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", &format!("carriers::{test}")])
        .env("PATH", format!("{}:{before}", folder.path().display()))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
}

#[test]
fn an_engine_is_reached_through_ssh() {
    // Everything but ssh itself: the far end's dialer is the one of the Docker CLI.
    with_programs(
        "through_ssh",
        &[(
            "ssh",
            r#"while [ "$1" != -- ]; do shift; done
               if [ "$2" = closed ]; then echo "Connection refused" >&2; exit 255; fi
               shift 2; exec "$@""#,
        )],
    );
}

#[tokio::test]
#[ignore = "run by an_engine_is_reached_through_ssh"]
async fn through_ssh() {
    let engine = Engine::find(Some("ssh://me@far")).await.unwrap();
    let facts = engine.facts().await.unwrap();
    assert!(!facts.version.is_empty());
    let absent = engine
        .containers()
        .inspect("no-such-container")
        .await
        .unwrap_err();
    assert_eq!(absent.kind, FaultKind::NotFound);

    let fault = Engine::find(Some("ssh://closed")).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unreachable);
    assert!(fault.to_string().contains("Connection refused"), "{fault}");
}

#[test]
fn credentials_come_from_a_helper() {
    with_programs(
        "from_a_helper",
        &[
            (
                "docker-credential-right",
                r#"read -r server; printf '{"Username":"%s","Secret":"%s"}' "$1" "$server""#,
            ),
            (
                "docker-credential-locked",
                "echo the keychain is locked; exit 1",
            ),
        ],
    );
}

#[tokio::test]
#[ignore = "run by credentials_come_from_a_helper"]
async fn from_a_helper() {
    let config =
        DockerConfig::parse(r#"{"credsStore": "right", "credHelpers": {"r.example": "locked"}}"#)
            .unwrap();
    let login = config.credentials_for("debian").await.login.unwrap();
    assert_eq!(login.username, "get");
    assert_eq!(login.password, "https://index.docker.io/v1/");
    let found = config.credentials_for("r.example/a:1").await;
    assert_eq!(found.login, None);
    assert!(found.trouble.unwrap().contains("the keychain is locked"));
}

#[test]
fn podman_is_served_where_nothing_else_answers() {
    // No podman need be installed: a program of its name that opens no socket shows what is asked
    // of it and that its words reach the user.
    with_programs(
        "podman_that_fails",
        &[("podman", r#"echo "asked: $*" >&2; exit 125"#)],
    );
}

#[tokio::test]
#[ignore = "run by podman_is_served_where_nothing_else_answers"]
async fn podman_that_fails() {
    let fault = seaworthy::engine::podman::Service::start()
        .await
        .unwrap_err();
    assert!(
        fault
            .message
            .contains("asked: system service --time=0 unix:///"),
        "{fault}"
    );
}
