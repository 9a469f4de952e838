//! TLS to a server in a container, as the request says it.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{
    ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

use crate::engine::certificates::Certificate;
use crate::fact::http::{Tls, TlsVersion};

/// What the names in a request stand for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    /// Believe what these authorities signed (PEM), in place of the machine's.
    pub ca: Option<String>,
    /// What the client shows where it is asked for a certificate.
    pub identity: Option<Certificate>,
}

/// What opens TLS on a stream; or why a request of this kind cannot be made here.
pub(super) fn connector(tls: &Tls, credentials: &Credentials) -> Result<TlsConnector, String> {
    let provider = Arc::new(ring::default_provider());
    let versions = match tls.version {
        None => &[&TLS13, &TLS12][..],
        Some(TlsVersion::Tls12) => &[&TLS12],
        Some(TlsVersion::Tls13) => &[&TLS13],
    };
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)
        .map_err(|error| error.to_string())?;
    let builder = match tls.insecure {
        true => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyCertificate::of(provider))),
        false => builder.with_root_certificates(roots(credentials.ca.as_deref())?),
    };
    let mut config = match &credentials.identity {
        Some(identity) => {
            let wrong = |error: &dyn std::fmt::Display| {
                format!("the client's certificate `{}`: {error}", identity.name)
            };
            let chain = CertificateDer::pem_slice_iter(identity.pem.as_bytes());
            let chain = chain
                .collect::<Result<Vec<_>, _>>()
                .map_err(|e| wrong(&e))?;
            let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes());
            let key = key.map_err(|e| wrong(&e))?;
            builder
                .with_client_auth_cert(chain, key)
                .map_err(|e| wrong(&e))?
        }
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}

fn roots(ca: Option<&str>) -> Result<Arc<RootCertStore>, String> {
    match ca {
        Some(pem) => named(pem).map(Arc::new),
        None => machine(),
    }
}

fn named(pem: &str) -> Result<RootCertStore, String> {
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|error| format!("the authority: {error}"))?;
        store
            .add(certificate)
            .map_err(|error| format!("the authority: {error}"))?;
    }
    match store.is_empty() {
        true => Err("the authority holds no certificate".to_owned()),
        false => Ok(store),
    }
}

/// The authorities of this machine, read once.
fn machine() -> Result<Arc<RootCertStore>, String> {
    static STORE: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    let store = STORE.get_or_init(|| {
        let mut store = RootCertStore::empty();
        // A machine may hold roots that cannot be read; those that can are enough.
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Arc::new(store)
    });
    match store.is_empty() {
        true => Err(
            "this machine has no authorities to check certificates by: install its package of them (ca-certificates)"
                .to_owned(),
        ),
        false => Ok(Arc::clone(store)),
    }
}

/// Certificates as they came, the server's own first.
pub(in crate::engine) type Kept = Arc<Mutex<Vec<Vec<u8>>>>;

/// What opens TLS on a stream and keeps the certificates that are shown, also where the server then
/// goes no further.
pub(in crate::engine) fn certificates_of(kept: &Kept) -> Result<TlsConnector, String> {
    let provider = Arc::new(ring::default_provider());
    let any = AnyCertificate {
        provider: Arc::clone(&provider),
        kept: Some(Arc::clone(kept)),
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(|error| error.to_string())?;
    let config = builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(any))
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// Takes whatever certificate a server shows.
#[derive(Debug)]
struct AnyCertificate {
    provider: Arc<CryptoProvider>,
    /// Where they are kept.
    kept: Option<Kept>,
}

impl AnyCertificate {
    fn of(provider: Arc<CryptoProvider>) -> Self {
        let kept = None;
        Self { provider, kept }
    }
}

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(kept) = &self.kept {
            let all = std::iter::once(own).chain(others);
            let all = all.map(|one| one.as_ref().to_vec()).collect();
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = all;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let provider = &self.provider;
        provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
