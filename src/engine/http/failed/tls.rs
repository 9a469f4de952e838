//! Why TLS was not agreed on, in words that do not need the library's source to be understood.

use std::time::Duration;

use tokio_rustls::rustls::{AlertDescription, CertificateError, Error, PeerIncompatible};

use crate::text::matcher::{listed, quote};
use crate::text::units::show_time;

/// What an error of the handshake means.
pub(super) fn words(error: &Error) -> String {
    match error {
        Error::InvalidMessage(_) => {
            "what answered does not speak TLS: write http://, or name the port that does".to_owned()
        }
        Error::AlertReceived(alert) => {
            format!("the server refused the handshake: {}", of_alert(*alert))
        }
        Error::InvalidCertificate(why) => {
            format!(
                "the server's certificate is not believed: {}",
                of_certificate(why)
            )
        }
        Error::NoCertificatesPresented => "the server showed no certificate".to_owned(),
        Error::PeerIncompatible(why) => of_peer(why),
        Error::PeerMisbehaved(why) => {
            format!("what the server sent breaks the rules of TLS ({why:?})")
        }
        Error::InappropriateMessage { .. } | Error::InappropriateHandshakeMessage { .. } => {
            format!("the server sent something that TLS does not have in this place ({error})")
        }
        Error::DecryptError => "what the server sent cannot be decrypted".to_owned(),
        error => error.to_string(),
    }
}

/// Why a certificate is not believed.
fn of_certificate(why: &CertificateError) -> String {
    let ago = |from: u64, to: u64| show_time(Duration::from_secs(to.saturating_sub(from)));
    // The library that checks certificates says some of it by names of its own.
    let name = format!("{why:?}");
    let words = match why {
        CertificateError::UnknownIssuer => {
            "who signed it is nobody that is believed here, or what lies between the two was not sent; \
             `tls: { ca: … }` names who is believed"
        }
        CertificateError::BadSignature => {
            "the authority that it names has not signed it, but another one of that name"
        }
        CertificateError::BadEncoding => "it cannot be read",
        CertificateError::Expired => "it has expired",
        CertificateError::ExpiredContext { time, not_after } => {
            return format!(
                "it expired {} ago",
                ago(not_after.as_secs(), time.as_secs())
            );
        }
        CertificateError::NotValidYet => "it is not good yet",
        CertificateError::NotValidYetContext { time, not_before } => {
            let left = ago(time.as_secs(), not_before.as_secs());
            return format!("it is not good yet, but in {left}");
        }
        CertificateError::Revoked => "it was revoked",
        CertificateError::NotValidForName => "it is for another name than the one in the address",
        CertificateError::NotValidForNameContext {
            expected,
            presented,
        } => {
            return of_name(&expected.to_str(), presented);
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "it is not for servers: its extended key usage lacks `serverAuth`"
        }
        CertificateError::UnhandledCriticalExtension => {
            "it has an extension that is marked as critical and is not known here"
        }
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "it is signed in a way that is not taken here, as SHA-1 is not"
        }
        _ if name.contains("CaUsedAsEndEntity") => {
            "it is that of an authority (`CA:TRUE`), as one that signs itself often is, and not of a server"
        }
        _ if name.contains("EndEntityUsedAsCa") => {
            "what signed it is no authority (`CA:TRUE` is missing)"
        }
        _ if name.contains("UnsupportedCertVersion") => "it is not of version 3 of its format",
        _ if name.contains("NameConstraintViolation") => {
            "the authority that signed it may not sign for this name"
        }
        _ => return why.to_string(),
    };
    words.to_owned()
}

/// That a certificate is for other names.
fn of_name(expected: &str, presented: &[String]) -> String {
    // The library shows what kind of name each is: `DnsName("app")`.
    let bare = |name: &String| {
        let inside = name
            .split_once('(')
            .and_then(|(_, rest)| rest.strip_suffix(')'));
        quote(inside.unwrap_or(name).trim_matches('"'))
    };
    let names: Vec<String> = presented.iter().map(bare).collect();
    match names.as_slice() {
        [] => format!(
            "it is for no name at all, so not for \"{expected}\": a subjectAltName is missing (the subject's CN does not count)"
        ),
        names => format!(
            "it is not for \"{expected}\", but for {}",
            listed(names, "and")
        ),
    }
}

/// What a server's alert means, with its name in the standard.
fn of_alert(alert: AlertDescription) -> String {
    use AlertDescription as Alert;
    let (words, name) = match alert {
        Alert::HandshakeFailure => (
            "nothing that is offered here will do for it, or it misses the client's certificate (`tls: { certificate: … }`)",
            "handshake_failure",
        ),
        Alert::ProtocolVersion => (
            "it does not speak the versions of TLS that are offered here",
            "protocol_version",
        ),
        Alert::CertificateRequired | Alert::NoCertificate => (
            "it wants a certificate of the client: `tls: { certificate: … }` names one",
            "certificate_required",
        ),
        Alert::UnknownCA => (
            "it does not believe who signed the client's certificate",
            "unknown_ca",
        ),
        Alert::BadCertificate => (
            "it does not take the client's certificate",
            "bad_certificate",
        ),
        Alert::UnsupportedCertificate => (
            "it does not take certificates of the kind of the client's",
            "unsupported_certificate",
        ),
        Alert::CertificateExpired => (
            "the client's certificate has expired",
            "certificate_expired",
        ),
        Alert::CertificateRevoked => (
            "the client's certificate was revoked",
            "certificate_revoked",
        ),
        Alert::CertificateUnknown => (
            "it does not take the client's certificate, or misses one",
            "certificate_unknown",
        ),
        Alert::AccessDenied => ("it denies access to the client", "access_denied"),
        Alert::DecryptError => (
            "it could not check what the client has signed",
            "decrypt_error",
        ),
        Alert::UnrecognisedName => (
            "it does not know the name that it was asked for",
            "unrecognized_name",
        ),
        Alert::NoApplicationProtocol => ("it does not speak HTTP/1.1", "no_application_protocol"),
        Alert::InsufficientSecurity => (
            "what is offered here is too weak for it",
            "insufficient_security",
        ),
        Alert::InternalError => ("something went wrong within it", "internal_error"),
        other => return format!("alert {other:?}"),
    };
    format!("{words} (alert {name})")
}

/// What keeps two sides from agreeing that both speak TLS.
fn of_peer(why: &PeerIncompatible) -> String {
    use PeerIncompatible as Peer;
    let words = match why {
        Peer::ServerTlsVersionIsDisabledByOurConfig
        | Peer::ServerDoesNotSupportTls12Or13
        | Peer::Tls12NotOffered
        | Peer::Tls12NotOfferedOrEnabled
        | Peer::SupportedVersionsExtensionRequired => {
            "the server answers in a version of TLS that is not asked for: 1.2 and 1.3 are spoken here, or the one that `version` names"
        }
        Peer::NoCipherSuitesInCommon => "server and client have no cipher in common",
        Peer::NoKxGroupsInCommon => "server and client have no way to exchange keys in common",
        other => return format!("server and client do not agree on TLS ({other:?})"),
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use tokio_rustls::rustls::pki_types::{ServerName, UnixTime};

    use super::*;

    #[test]
    fn a_certificate_that_is_not_believed_is_told_without_the_words_of_a_library() {
        let at = |seconds| UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let expected = ServerName::try_from("app").unwrap();
        let name = |presented: &[&str]| CertificateError::NotValidForNameContext {
            expected: expected.clone(),
            presented: presented.iter().map(|name| (*name).to_owned()).collect(),
        };
        for (why, said) in [
            (name(&[]), "for no name at all, so not for \"app\""),
            (
                name(&["DnsName(\"web\")", "IpAddress(127.0.0.1)"]),
                "it is not for \"app\", but for \"web\" and \"127.0.0.1\"",
            ),
            (
                CertificateError::ExpiredContext {
                    time: at(200_000),
                    not_after: at(20_000),
                },
                "it expired 2 days 2 h ago",
            ),
            (
                CertificateError::NotValidYetContext {
                    time: at(10),
                    not_before: at(70),
                },
                "it is not good yet, but in 1 min 0 s",
            ),
            (CertificateError::InvalidPurpose, "not for servers"),
        ] {
            let words = words(&Error::InvalidCertificate(why));
            assert!(
                words.starts_with("the server's certificate is not believed: "),
                "{words}"
            );
            assert!(words.contains(said) && !words.contains("UNIX"), "{words}");
        }
    }

    #[test]
    fn an_alert_is_told_in_words_with_its_name() {
        let said = words(&Error::AlertReceived(AlertDescription::UnknownCA));
        let expected = "the server refused the handshake: it does not believe who signed the client's \
                        certificate (alert unknown_ca)";
        assert_eq!(said, expected);
    }
}
