//! Through TLS.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::version::TLS12;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use super::*;
use crate::engine::certificates::{Certificates, Order};
use crate::fact::http::TlsVersion;

const CA: &str = include_str!("../../../../fixtures/http/ca.pem");
const SIGNED: (&str, &str) = (
    include_str!("../../../../fixtures/http/server.pem"),
    include_str!("../../../../fixtures/http/server.key"),
);
const SELF_SIGNED: (&str, &str) = (
    include_str!("../../../../fixtures/http/self.pem"),
    include_str!("../../../../fixtures/http/self.key"),
);

/// A TLS server that answers every request the same way.
async fn serving_tls(config: ServerConfig) -> u16 {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    serving(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                heard(&mut stream).await;
                let _ = stream.write_all(OK.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        }
    })
    .await
}

fn server(shown: (&str, &str), asks: bool, only_12: bool) -> ServerConfig {
    server_of(CA, shown, asks, only_12)
}

/// One that shows this certificate, and may ask for one of this authority.
fn server_of(ca: &str, shown: (&str, &str), asks: bool, only_12: bool) -> ServerConfig {
    let (certificate, key) = shown;
    let certificates = CertificateDer::pem_slice_iter(certificate.as_bytes());
    let certificates = certificates.collect::<Result<Vec<_>, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = match only_12 {
        true => builder.with_protocol_versions(&[&TLS12]),
        false => builder.with_safe_default_protocol_versions(),
    };
    let builder = builder.unwrap();
    let builder = if asks {
        let mut roots = RootCertStore::empty();
        let ca = CertificateDer::from_pem_slice(ca.as_bytes()).unwrap();
        roots.add(ca).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        builder.with_client_cert_verifier(verifier.build().unwrap())
    } else {
        builder.with_no_client_auth()
    };
    builder.with_single_cert(certificates, key).unwrap()
}

fn by_ca(url: &str) -> Request {
    let mut request = request(url);
    request.tls.ca = Some(CA.to_owned());
    request
}

#[tokio::test]
async fn a_certificate_of_the_named_authority_is_taken() {
    let port = serving_tls(server(SIGNED, false, false)).await;
    for host in ["app", "127.0.0.1"] {
        let response = answer(&by_ca(&format!("https://{host}:{port}/"))).await;
        assert_eq!(response.body.text(), "ok");
    }
}

#[tokio::test]
async fn other_certificates_are_refused_but_for_insecure() {
    let signed = serving_tls(server(SIGNED, false, false)).await;
    let alone = serving_tls(server(SELF_SIGNED, false, false)).await;
    for (port, host, ca) in [
        (signed, "other", true),
        (signed, "app", false),
        (alone, "app", true),
        (alone, "app", false),
    ] {
        let url = format!("https://{host}:{port}/");
        let mut request = if ca { by_ca(&url) } else { request(&url) };
        let (how, text) = failure(&request, true).await;
        assert_eq!(how, Failure::Tls, "{url}: {text}");
        assert!(text.contains("certificate"), "{text}");
        let has_words = !text.contains("Error(") && !text.contains("UnknownIssuer");
        assert!(has_words, "{text}");
        let is_unknown = text.contains("`tls: { ca: … }` names who is believed");
        assert_eq!(is_unknown, host == "app", "{text}");
        let is_named = text.contains("it is not for \"other\", but for \"");
        assert_eq!(is_named, host == "other", "{text}");
        request.tls.insecure = true;
        assert_eq!(answer(&request).await.status, 200);
    }
}

#[tokio::test]
async fn a_certificate_of_the_wrong_kind_is_told_by_its_kind() {
    let make = |name: &str, is_ca: bool| {
        let mut params = CertificateParams::new(vec!["app".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = match is_ca {
            true => IsCa::Ca(BasicConstraints::Unconstrained),
            false => IsCa::ExplicitNoCa,
        };
        (params, KeyPair::generate().unwrap())
    };
    let (root, root_key) = make("root", true);
    let (middle, middle_key) = make("middle", false);
    let (leaf, leaf_key) = make("leaf", false);
    let of_root = root.self_signed(&root_key).unwrap().pem();
    let by_root = Issuer::from_params(&root, &root_key);
    let of_middle = middle.signed_by(&middle_key, &by_root).unwrap().pem();
    let by_middle = Issuer::from_params(&middle, &middle_key);
    let of_leaf = leaf.signed_by(&leaf_key, &by_middle).unwrap().pem();
    for (shown, key, said) in [
        (
            of_root.clone(),
            root_key,
            "it is that of an authority (`CA:TRUE`)",
        ),
        (
            of_leaf + &of_middle,
            leaf_key,
            "what signed it is no authority",
        ),
    ] {
        let port = serving_tls(server((&shown, &key.serialize_pem()), false, false)).await;
        let mut request = request(&format!("https://app:{port}/"));
        request.tls.ca = Some(of_root.clone());
        let (how, text) = failure(&request, true).await;
        assert_eq!(how, Failure::Tls, "{text}");
        assert!(text.contains(said), "{text}");
    }
}

#[tokio::test]
async fn a_version_is_pinned() {
    let old = serving_tls(server(SIGNED, false, true)).await;
    let both = serving_tls(server(SIGNED, false, false)).await;
    let mut request = by_ca(&format!("https://app:{old}/"));
    request.tls.version = Some(TlsVersion::Tls12);
    assert_eq!(answer(&request).await.status, 200);
    request.tls.version = Some(TlsVersion::Tls13);
    let (how, text) = failure(&request, true).await;
    assert_eq!(how, Failure::Tls);
    assert!(text.ends_with("(alert protocol_version)"), "{text}");
    request.url = format!("https://app:{both}/");
    assert_eq!(answer(&request).await.status, 200);
}

#[tokio::test]
async fn a_server_that_misses_a_certificate_fails_in_tls() {
    for only_12 in [false, true] {
        let port = serving_tls(server(SIGNED, true, only_12)).await;
        let (how, text) = failure(&by_ca(&format!("https://app:{port}/")), true).await;
        assert_eq!(how, Failure::Tls, "{text}");
        assert!(text.ends_with("(alert certificate_required)"), "{text}");
    }
}

#[tokio::test]
async fn a_client_shows_the_certificate_that_it_has() {
    let order = |name: &str, client: bool, expired: bool| Order {
        name: name.to_owned(),
        hosts: vec!["app".to_owned()],
        client,
        expired,
        self_signed: name == "stranger",
    };
    let orders = [
        order("server", false, false),
        order("right", true, false),
        order("late", true, true),
        order("stranger", true, false),
    ];
    let made = Certificates::make(&orders).unwrap();
    let of_server = made.named("server").unwrap();
    let signed = (of_server.pem.as_str(), of_server.key.as_str());
    for (only_12, name, good) in [
        (false, "right", true),
        (true, "right", true),
        (false, "late", false),
        (true, "late", false),
        (false, "stranger", false),
        (true, "stranger", false),
    ] {
        let port = serving_tls(server_of(&made.ca, signed, true, only_12)).await;
        let request = request(&format!("https://app:{port}/"));
        let credentials = Credentials {
            ca: Some(made.ca.clone()),
            identity: made.named(name).cloned(),
        };
        let mut here = Here { relayed: true };
        let got = fetch(&request, &credentials, &mut here, 10).await.unwrap();
        match got {
            Outcome::Answered(_) => assert!(good, "{name} {only_12}"),
            Outcome::Failed { failure, text } => {
                assert_eq!((failure, good), (Failure::Tls, false), "{name}: {text}");
            }
            circled @ Outcome::Circled { .. } => panic!("{circled:?}"),
        }
    }
}

#[tokio::test]
async fn a_server_that_drops_the_connection_over_a_certificate_fails_in_tls() {
    // The server's part of TLS 1.3 ends before the client's: here the alert never gets through.
    let acceptor = TlsAcceptor::from(Arc::new(server(SIGNED, true, false)));
    let port = serving(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let (near, far) = tokio::io::duplex(1 << 16);
            let (mut server_says, mut server_hears) = tokio::io::split(near);
            let (mut client_says, mut client_hears) = stream.into_split();
            let refused = tokio::spawn(async move { acceptor.accept(far).await.is_err() });
            let (mut one, mut other) = (vec![0; 1 << 14], vec![0; 1 << 14]);
            let count = client_says.read(&mut one).await.unwrap();
            server_hears.write_all(&one[..count]).await.unwrap();
            let count = loop {
                tokio::select! {
                    count = client_says.read(&mut one) => break count.unwrap(),
                    count = server_says.read(&mut other) => {
                        client_hears.write_all(&other[..count.unwrap()]).await.unwrap();
                    }
                }
            };
            server_hears.write_all(&one[..count]).await.unwrap();
            let onward = tokio::io::copy(&mut client_says, &mut server_hears);
            let refused = tokio::select! {
                refused = refused => refused.unwrap(),
                _ = onward => false,
            };
            assert!(refused);
        }
    })
    .await;
    let (how, text) = failure(&by_ca(&format!("https://app:{port}/")), false).await;
    assert_eq!(how, Failure::Tls, "{text}");
    assert!(text.contains("misses a certificate"), "{text}");
}

#[tokio::test]
async fn a_server_without_tls_fails_in_tls() {
    let (port, _) = answering(vec!["HTTP/1.1 400 Bad Request\r\n\r\n".to_owned(); 1]).await;
    // It hears no request in a handshake, so it speaks first here.
    let early = serving(|mut stream| async move {
        stream.readable().await.unwrap();
        let said = b"HTTP/1.1 400 Bad Request\r\n\r\n";
        stream.write_all(said).await.unwrap();
        let _ = stream.shutdown().await;
        let _ = stream.read(&mut [0; 2048]).await;
    })
    .await;
    let (how, text) = failure(&by_ca(&format!("https://app:{early}/")), true).await;
    assert_eq!(how, Failure::Tls);
    assert!(text.contains("does not speak TLS: write http://"), "{text}");
    let mut silent = by_ca(&format!("https://app:{port}/"));
    silent.timeout_millis = 200;
    assert_eq!(failure(&silent, true).await.0, Failure::Timeout);
}

#[tokio::test]
async fn what_is_taken_in_between_and_by_nobody_behind_is_refused() {
    for scheme in ["http", "https"] {
        for (relayed, patient, how) in [
            (true, false, Some(Failure::Refused)),
            (true, true, None),
            (false, false, None),
        ] {
            let port = serving(move |mut stream| async move {
                if patient {
                    let _ = stream.read(&mut [0; 1 << 14]).await;
                }
            })
            .await;
            let by_itself = match scheme {
                "http" => Failure::Any,
                _ => Failure::Tls,
            };
            let got = failure(&by_ca(&format!("{scheme}://app:{port}/")), relayed).await;
            let expected = how.unwrap_or(by_itself);
            assert_eq!(got.0, expected, "{scheme} {relayed} {patient}: {got:?}");
        }
    }
}

#[tokio::test]
async fn an_authority_that_cannot_be_read_is_no_failure_of_the_container() {
    let port = serving_tls(server(SIGNED, false, false)).await;
    for ca in [
        "",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        let mut request = request(&format!("https://app:{port}/"));
        request.tls.ca = Some(ca.to_owned());
        let got = fetch(
            &request,
            &credentials(&request),
            &mut Here { relayed: false },
            1,
        )
        .await;
        let Err(Untried(why)) = got else {
            panic!("tried");
        };
        assert!(why.contains("the authority"), "{why}");
    }
}
