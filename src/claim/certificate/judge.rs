//! A certificate beside what was expected of it.

use std::time::Duration;

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer as _;
use x509_parser::time::ASN1Time;

use super::name::Name;
use super::{Certificate, CertificateFields};
use crate::claim::Findings;
use crate::fact::answer::Blocked;
use crate::fact::handshake::{Missing, Reply, Shown, Version};
use crate::fact::http::Failure;
use crate::text::matcher::names::Names;
use crate::text::matcher::{Miss, listed, quote};
use crate::text::units::show_time;

/// What is read of a certificate.
struct Read {
    subject: Name,
    issuer: Name,
    /// Names and addresses that it is for.
    hosts: Vec<String>,
    /// From when it is good.
    from: Moment,
    /// Until when.
    to: Moment,
}

/// A moment in a certificate.
struct Moment {
    seconds: i64,
    shown: String,
}

impl Moment {
    fn of(time: ASN1Time) -> Self {
        let at = time.to_datetime();
        let shown = format!(
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC",
            at.year(),
            u8::from(at.month()),
            at.day(),
            at.hour(),
            at.minute(),
            at.second()
        );
        Self {
            seconds: time.timestamp(),
            shown,
        }
    }
}

impl Read {
    /// Reads the bytes; or says why they are no certificate.
    fn of(der: &[u8]) -> Result<Self, String> {
        let (_, parsed) = X509Certificate::from_der(der).map_err(|error| error.to_string())?;
        let names = parsed.subject_alternative_name();
        let names = names.map_err(|error| error.to_string())?;
        let names = names.iter().flat_map(|names| &names.value.general_names);
        let hosts = names.filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
            GeneralName::IPAddress(bytes) => address(bytes),
            _ => None,
        });
        let validity = parsed.validity();
        Ok(Self {
            subject: Name::of(parsed.subject()),
            issuer: Name::of(parsed.issuer()),
            hosts: hosts.collect(),
            from: Moment::of(validity.not_before),
            to: Moment::of(validity.not_after),
        })
    }
}

fn address(bytes: &[u8]) -> Option<String> {
    let four = <[u8; 4]>::try_from(bytes).ok();
    let sixteen = <[u8; 16]>::try_from(bytes).ok();
    let four = four.map(|four| std::net::Ipv4Addr::from(four).to_string());
    four.or_else(|| Some(std::net::Ipv6Addr::from(sixteen?).to_string()))
}

impl Certificate {
    pub(super) fn compare(&self, shown: &Shown, findings: &mut Findings) -> Result<(), Blocked> {
        let fields = &self.fields;
        let mut unsure = None;
        let first = findings.misses.len();
        match &shown.chain {
            Ok(chain) => self.chain(
                chain.first().map(|own| own.bytes.as_slice()),
                shown,
                findings,
            ),
            Err(missing) => self.missing(missing, shown, findings),
        }
        let spoken = shown.chain.is_ok() || speaks(shown).next().is_some();
        if let (Some(expected), true) = (&fields.protocols, spoken) {
            unsure = protocols(expected.span, &expected.value, shown, findings);
        }
        match unsure {
            Some(why) if findings.misses.len() == first => Err(Blocked::Unseen(why)),
            _ => Ok(()),
        }
    }

    fn missing(&self, missing: &Missing, shown: &Shown, findings: &mut Findings) {
        let fields = &self.fields;
        // Of a server that speaks old versions only, no certificate is looked at, and versions are
        // all that is claimed of it at times.
        let of_certificate = fields.subject.is_some()
            || fields.dns.is_some()
            || fields.issuer.is_some()
            || fields.expires_after.is_some();
        let old: Vec<String> = speaks(shown).map(|version| version.to_string()).collect();
        if !old.is_empty() && !of_certificate {
            return;
        }
        let port = fields.port.value;
        let expected = format!("a certificate on {port}/tcp");
        let how = match missing.failure {
            Failure::Refused => "refused: ",
            Failure::Timeout => "no answer in time: ",
            Failure::Tls => "TLS failed: ",
            Failure::Any | Failure::Dns => "",
        };
        let miss = Miss::new(expected, format!("{how}{}", missing.text));
        if old.is_empty() {
            findings.check(fields.port.span, "certificate", Some(miss));
        } else {
            let note = format!(
                "it speaks {}; certificates are looked at by TLS 1.2 and 1.3",
                listed(&old, "and")
            );
            findings.check_with(fields.port.span, "certificate", Some(miss), note);
        }
    }

    fn chain(&self, own: Option<&[u8]>, shown: &Shown, findings: &mut Findings) {
        let span = self.fields.port.span;
        match Read::of(own.unwrap_or_default()) {
            Ok(read) => self.fields.judge(&read, shown.seconds, findings),
            Err(why) => {
                let size = own.unwrap_or_default().len();
                let actual = format!("{size} bytes that are none: {why}");
                let miss = Miss::new("a certificate that can be read", actual);
                findings.check(span, "certificate", Some(miss));
            }
        }
    }
}

impl CertificateFields {
    fn judge(&self, read: &Read, now: i64, findings: &mut Findings) {
        for (what, expected, actual) in [
            ("subject", &self.subject, &read.subject),
            ("issuer", &self.issuer, &read.issuer),
        ] {
            if let Some(expected) = expected {
                let miss = expected.value.miss(actual);
                findings.compare(expected.span, what, miss, quote(&actual.whole));
            }
        }
        if let Some(dns) = &self.dns {
            let shown = listed(&read.hosts, "and");
            let miss = lower(&dns.value).miss(&read.hosts);
            findings.compare(dns.span, "dns", miss, shown);
        }
        self.time(read, now, findings);
    }

    /// Whether it is good now, and for long enough.
    fn time(&self, read: &Read, now: i64, findings: &mut Findings) {
        let (from, to) = (&read.from, &read.to);
        let span = self
            .expires_after
            .as_ref()
            .map_or(self.port.span, |t| t.span);
        let left = to.seconds.saturating_sub(now);
        let away = |seconds: i64| show_time(Duration::from_secs(seconds.unsigned_abs()));
        let state = if now < from.seconds {
            Err(format!(
                "it is good from {} on, in {}",
                from.shown,
                away(from.seconds - now)
            ))
        } else if left < 0 {
            Err(format!("it expired on {}, {} ago", to.shown, away(left)))
        } else {
            Ok(format!("until {}, {} from now", to.shown, away(left)))
        };
        let wanted = self
            .expires_after
            .as_ref()
            .map_or(Duration::ZERO, |t| t.value.0);
        let expected = match wanted.is_zero() {
            true => "a certificate that is good now".to_owned(),
            false => format!("good for {} from now", show_time(wanted)),
        };
        let miss = match state {
            Err(actual) => Some(Miss::new(expected, actual)),
            Ok(actual) if Duration::from_secs(left.unsigned_abs()) < wanted => {
                Some(Miss::new(expected, format!("good {actual}")))
            }
            Ok(actual) => {
                findings.saw(format!("{} is good {actual}", quote(&read.subject.whole)));
                None
            }
        };
        let what = match self.expires_after {
            Some(_) => "expires_after",
            None => "certificate",
        };
        findings.check(span, what, miss);
    }
}

fn lower(names: &Names<String>) -> Names<String> {
    let lower = |names: &Vec<String>| names.iter().map(|n| n.to_ascii_lowercase()).collect();
    Names {
        holds: lower(&names.holds),
        only: names.only.as_ref().map(lower),
        without: lower(&names.without),
    }
}

fn speaks(shown: &Shown) -> impl Iterator<Item = Version> + '_ {
    let accepted = |(version, reply): &(Version, Reply)| match reply {
        Reply::Accepted => Some(*version),
        _ => None,
    };
    shown.versions.iter().filter_map(accepted)
}

/// Judges versions; says why it cannot be told whether all holds, if so.
fn protocols(
    span: crate::text::source::Span,
    expected: &Names<Version>,
    shown: &Shown,
    findings: &mut Findings,
) -> Option<String> {
    let spoken: Vec<Version> = speaks(shown).collect();
    // A server that closes the connection without a word refuses, where it answers others.
    let unknown = |reply: &Reply| match reply {
        Reply::Unknown(why) => Some(why.clone()),
        Reply::Closed if spoken.is_empty() => Some("it closed the connection".to_owned()),
        Reply::Accepted | Reply::Refused(_) | Reply::Closed => None,
    };
    let matters = |version: &Version| expected.holds.is_empty() || expected.holds.contains(version);
    let mut all = shown
        .versions
        .iter()
        .filter(|(version, _)| matters(version));
    let unsure = all.find_map(|(version, reply)| {
        let why = unknown(reply)?;
        Some(format!(
            "it cannot be told whether {version} is spoken: {why}"
        ))
    });
    let words: Vec<String> = spoken.iter().map(ToString::to_string).collect();
    if unsure.is_none() {
        let miss = expected.miss(&spoken);
        findings.compare(span, "protocols", miss, listed(&words, "and"));
    }
    unsure
}
