//! Certificates made for one run, signed by an authority that is thrown away with it.

use std::fmt;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};

use super::{Fault, FaultKind, Result, clock};

/// A day.
const DAY: Duration = Duration::from_hours(24);
/// How long before now certificates begin: the engine's clock may differ from ours.
const BEFORE: Duration = DAY;
/// How long they are good for.
const GOOD: Duration = Duration::from_hours(365 * 24);
/// For how many days before it ended an expired one was good.
const WAS_GOOD: Duration = Duration::from_hours(30 * 24);

/// A certificate to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its name, which is the common name of its subject too.
    pub name: String,
    /// Names and IP addresses that it is for.
    pub hosts: Vec<String>,
    /// Whether a client shows it, not a server.
    pub client: bool,
    /// Whether its time is over.
    pub expired: bool,
    /// Whether its own key signs it.
    pub self_signed: bool,
}

/// A certificate with its keys, as PEM.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Its name.
    pub name: String,
    /// The certificate.
    pub pem: String,
    /// Its private key (PKCS #8).
    pub key: String,
    /// Its public key.
    pub public: String,
}

/// Keys are not for those who look into a program's inside.
impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// What was made for a suite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificates {
    /// The authority's certificate, as PEM.
    pub ca: String,
    /// The others.
    pub all: Vec<Certificate>,
}

impl Certificates {
    /// Makes an authority and what it signs. The authority's key is gone when this returns.
    pub fn make(orders: &[Order]) -> Result<Self> {
        let wrong = |what: &str, error: rcgen::Error| {
            Fault::new(
                FaultKind::Broken,
                format!("make the {what}"),
                error.to_string(),
            )
        };
        let of_authority = |error| wrong("authority of this run's certificates", error);
        let key = KeyPair::generate().map_err(of_authority)?;
        let params = authority();
        let ca = params.self_signed(&key).map_err(of_authority)?.pem();
        let issuer = Issuer::from_params(&params, &key);
        let made = orders.iter().map(|order| {
            one(order, &issuer).map_err(|error| {
                let name = &order.name;
                wrong(&format!("certificate {name}"), error)
            })
        });
        let all = made.collect::<Result<_>>()?;
        Ok(Self { ca, all })
    }

    /// The certificate of that name.
    pub fn named(&self, name: &str) -> Option<&Certificate> {
        self.all.iter().find(|made| made.name == name)
    }
}

fn authority() -> CertificateParams {
    let mut params = CertificateParams::default();
    subject(&mut params, "seaworthy throw-away authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    // It was good when the expired ones were.
    valid(&mut params, before(WAS_GOOD + DAY * 2), now() + GOOD + DAY);
    params
}

fn one(
    order: &Order,
    issuer: &Issuer<'_, &KeyPair>,
) -> std::result::Result<Certificate, rcgen::Error> {
    let mut params = CertificateParams::new(order.hosts.clone())?;
    subject(&mut params, &order.name);
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let purpose = match order.client {
        true => ExtendedKeyUsagePurpose::ClientAuth,
        false => ExtendedKeyUsagePurpose::ServerAuth,
    };
    params.extended_key_usages = vec![purpose];
    params.use_authority_key_identifier_extension = true;
    match order.expired {
        true => valid(&mut params, before(DAY + WAS_GOOD), before(DAY)),
        false => valid(&mut params, before(BEFORE), now() + GOOD),
    }
    let key = KeyPair::generate()?;
    let made = match order.self_signed {
        true => params.self_signed(&key)?,
        false => params.signed_by(&key, issuer)?,
    };
    Ok(Certificate {
        name: order.name.clone(),
        pem: made.pem(),
        key: key.serialize_pem(),
        public: key.public_key_pem(),
    })
}

fn subject(params: &mut CertificateParams, name: &str) {
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
}

/// From when to when it is good, since 1970.
fn valid(params: &mut CertificateParams, from: Duration, to: Duration) {
    params.not_before = date_time_ymd(1970, 1, 1) + from;
    params.not_after = date_time_ymd(1970, 1, 1) + to;
}

/// Now, since 1970, in whole seconds as certificates count.
fn now() -> Duration {
    let nanos = u64::try_from(clock::wall_nanos()).unwrap_or_default();
    Duration::from_secs(nanos / 1_000_000_000)
}

/// So long ago, since 1970.
fn before(time: Duration) -> Duration {
    now().saturating_sub(time)
}

#[cfg(test)]
mod tests {
    use x509_parser::parse_x509_certificate;

    use super::*;

    fn order(name: &str) -> Order {
        Order {
            name: name.to_owned(),
            hosts: vec!["app".to_owned(), "127.0.0.1".to_owned()],
            client: false,
            expired: false,
            self_signed: false,
        }
    }

    #[test]
    fn keys_are_new_each_time_and_stay_out_of_what_is_printed() {
        let made = Certificates::make(&[order("a"), order("b")]).unwrap();
        let again = Certificates::make(&[order("a")]).unwrap();
        assert_ne!(made.ca, again.ca);
        let (a, b) = (made.named("a").unwrap(), made.named("b").unwrap());
        assert!(a.key.starts_with("-----BEGIN PRIVATE KEY-----"), "PKCS #8");
        assert!(a.public.starts_with("-----BEGIN PUBLIC KEY-----"));
        assert!(a.pem.starts_with("-----BEGIN CERTIFICATE-----"));
        assert!(a.key != b.key && a.key != again.all[0].key);
        let shown = format!("{made:?}");
        let line = a.key.lines().nth(1).unwrap();
        assert!(
            !shown.contains(line) && !shown.contains("PRIVATE"),
            "{shown}"
        );
        assert_eq!(made.named("c"), None);
    }

    /// The bytes between the lines of a PEM text.
    fn der(pem: &str) -> Vec<u8> {
        x509_parser::pem::parse_x509_pem(pem.as_bytes())
            .unwrap()
            .1
            .contents
    }

    #[test]
    fn each_is_what_was_ordered() {
        let orders = [
            order("server"),
            Order {
                hosts: Vec::new(),
                client: true,
                ..order("client")
            },
            Order {
                expired: true,
                ..order("late")
            },
            Order {
                self_signed: true,
                ..order("alone")
            },
        ];
        let made = Certificates::make(&orders).unwrap();
        let authority = der(&made.ca);
        let (_, authority) = parse_x509_certificate(&authority).unwrap();
        assert!(authority.is_ca());
        let day = 86_400;
        let seconds = i64::try_from(now().as_secs()).unwrap();
        for (order, made) in orders.iter().zip(&made.all) {
            let bytes = der(&made.pem);
            let (_, read) = parse_x509_certificate(&bytes).unwrap();
            let name = &order.name;
            assert!(!read.is_ca(), "{name}");
            assert_eq!(read.subject().to_string(), format!("CN={name}"));
            let own = read.issuer() == read.subject();
            assert_eq!(own, order.self_signed, "{name}");
            assert_eq!(read.issuer() == authority.subject(), !own, "{name}");
            // The public key that goes along is that of the certificate.
            assert_eq!(read.public_key().raw, der(&made.public), "{name}");
            let usage = read.extended_key_usage().unwrap().unwrap().value;
            let usages = (usage.client_auth, usage.server_auth);
            assert_eq!(usages, (order.client, !order.client), "{name}");
            let hosts = read.subject_alternative_name().unwrap();
            let hosts = hosts.map_or(0, |hosts| hosts.value.general_names.len());
            assert_eq!(hosts, order.hosts.len(), "{name}");
            let time = read.validity();
            let (from, to) = (time.not_before.timestamp(), time.not_after.timestamp());
            assert!(from < seconds - day / 2, "{name}");
            match order.expired {
                true => assert!(to < seconds - day / 2, "{name}"),
                false => assert!(to > seconds + 300 * day, "{name}"),
            }
            // A chain is good only as long as what signed it.
            let signed = authority.validity();
            assert!(own || signed.not_before.timestamp() <= from, "{name}");
            assert!(own || signed.not_after.timestamp() >= to, "{name}");
        }
    }

    #[test]
    fn a_name_that_no_certificate_can_hold_is_a_fault() {
        let mut wrong = order("a");
        wrong.hosts = vec!["ä".to_owned()];
        let fault = Certificates::make(&[wrong]).unwrap_err();
        assert!(fault.doing.contains("certificate a"), "{fault}");
    }
}
