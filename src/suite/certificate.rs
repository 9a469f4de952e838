//! `certificates:` of a suite, and what names them.

use crate::claim::Credential;
use crate::record;
use crate::text::read::{Flag, Reader};
use crate::text::source::{Span, Spanned};

/// The name of the volume that holds them.
pub const VOLUME: &str = "certificates";
/// What a claim calls the authority that signs them.
pub const AUTHORITY: &str = "ca";

record! {
    /// A certificate made for the run.
    pub struct Certificate {
        /// Host names and IP addresses it is for; `app` and `localhost` without it, none for a client.
        dns: Option<Spanned<Vec<Spanned<String>>>>,
        /// `server` (the default) or `client`.
        usage: Option<Usage>,
        /// Its time is over.
        expired: Flag,
        /// Signed by itself, not by the run's authority.
        self_signed: Flag,
    }
}

crate::words! {
    /// What a certificate is for.
    pub enum Usage {
        /// A server.
        Server = "server",
        /// A client.
        Client = "client",
    }
}

impl Certificate {
    /// The names that it is for.
    pub fn hosts(&self) -> Vec<String> {
        match &self.dns {
            Some(names) => names.value.iter().map(|name| name.value.clone()).collect(),
            None if self.usage == Some(Usage::Client) => Vec::new(),
            None => ["app", "localhost"].map(str::to_owned).to_vec(),
        }
    }
}

/// Whether a claim's `ca` is the path of a file, and not a name.
pub fn is_path(written: &str) -> bool {
    written.contains(['/', '.'])
}

/// Says what is wrong with names of certificates, and with the names that these are for.
pub(super) fn check(certificates: &[(Spanned<String>, Spanned<Certificate>)], reader: &mut Reader) {
    for (name, certificate) in certificates {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.value == AUTHORITY {
            let message = "`ca` is the authority that signs the others";
            let said = reader.say(name.span, message);
            said.help("give the certificate another name");
        } else if name.value.is_empty() || !name.value.chars().all(word) {
            let message = format!("`{}` cannot be the name of a certificate", name.value);
            let said = reader.say(name.span, message);
            said.help("it becomes the name of files: use letters, digits, `-` and `_`");
        }
        for host in certificate.value.dns.iter().flat_map(|dns| &dns.value) {
            if !is_host(&host.value) {
                let message = format!("`{}` is no name of a host", host.value);
                let said = reader.say(host.span, message);
                said.help("write a name such as `app`, `*.example.org`, or an IP address");
            }
        }
    }
}

fn is_host(name: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let label = |label: &str| (1..64).contains(&label.len()) && label.chars().all(word);
    let bare = name.strip_prefix("*.").unwrap_or(name);
    let named = name.len() < 254 && bare.split('.').all(label);
    named || name.parse::<std::net::IpAddr>().is_ok()
}

/// Says what is wrong with a certificate or an authority that a claim names.
pub(super) fn named(
    how: Credential,
    written: &Spanned<String>,
    certificates: &[(Spanned<String>, Spanned<Certificate>)],
    is_folder: impl Fn(&str) -> Option<bool>,
    reader: &mut Reader,
) {
    let name = written.value.as_str();
    let of_authority = how == Credential::Authority;
    if of_authority && is_path(name) {
        if is_folder(name) != Some(false) {
            let said = reader.say(written.span, format!("there is no file `{name}`"));
            said.help("paths are relative to the suite");
        }
        return;
    }
    if certificates.is_empty() {
        let message = format!("there is no certificate `{name}`: this suite has no `certificates`");
        let said = reader.say(written.span, message);
        said.help("say at the top `certificates: { server: { dns: [app] } }`");
        if of_authority {
            said.help("a file is named by its path: `./ca.pem`");
        }
        return;
    }
    if !of_authority && name == AUTHORITY {
        let message = "`ca` is the authority, and nobody holds its key";
        let said = reader.say(written.span, message);
        said.help("name one of the certificates that it signed");
        return;
    }
    let names = certificates.iter().map(|(name, _)| name.value.as_str());
    let authority = of_authority.then_some(AUTHORITY);
    let known: Vec<&str> = authority.into_iter().chain(names).collect();
    if !known.contains(&name) {
        let said = reader.unknown(written.span, "certificate", name, known);
        if is_path(name) {
            said.help("what a client shows is one of the suite's `certificates`, not a file");
        }
        return;
    }
    let certificate = certificates.iter().find(|(known, _)| known.value == name);
    if let Some((known, _)) = certificate.filter(|(_, c)| of_authority && !c.value.self_signed.0) {
        let message = format!("`{name}` is signed by `ca`, and signs nothing itself");
        let said = reader.say(written.span, message);
        said.related(known.span, "this one").help("write `ca: ca`");
    }
}

/// The suite's certificates and what of it uses them.
#[derive(Default)]
pub(super) struct Use {
    /// Where a run mounts the volume.
    pub mounts: Vec<Span>,
    /// Where services of a Compose file are to find them.
    pub folders: Vec<Span>,
    /// Whether a claim names one of them.
    pub named: bool,
    /// Whether a Compose file says what is started.
    pub of_compose: bool,
}

impl Use {
    /// Says what has no use, or nothing behind it.
    pub(super) fn check(
        &self,
        certificates: &[(Spanned<String>, Spanned<Certificate>)],
        reader: &mut Reader,
    ) {
        match certificates.first() {
            Some((first, _))
                if self.mounts.is_empty() && self.folders.is_empty() && !self.named =>
            {
                let said = reader.say(first.span, "nothing uses these certificates");
                said.help(match self.of_compose {
                    true => "give them to a service: `compose: { certificates: { web: /etc/tls } }`, or take them out",
                    false => "give them to the container: `run: { volumes: [\"certificates:/tls:ro\"] }`, or take them out",
                });
            }
            None => {
                for span in self.folders.iter().take(1) {
                    let said = reader.say(
                        *span,
                        "this suite has no certificates that a service could find there",
                    );
                    said.help("say at the top `certificates: { server: { dns: [app] } }`, or take this out");
                }
                for span in &self.mounts {
                    let message = "the volume `certificates` holds those of the suite, and this suite has none";
                    let said = reader.say(*span, message);
                    said.help("say at the top `certificates: { server: { dns: [app] } }`, or give the volume another name");
                }
            }
            Some(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_and_addresses() {
        for right in [
            "app",
            "a.example.org",
            "*.example.org",
            "10.0.0.1",
            "::1",
            "my_app-2",
        ] {
            assert!(is_host(right), "{right}");
        }
        let long = "a".repeat(64);
        for wrong in [
            "",
            "a b",
            "https://app",
            "app:8443",
            "*",
            "a..b",
            "ä",
            long.as_str(),
        ] {
            assert!(!is_host(wrong), "{wrong}");
        }
    }

    #[test]
    fn paths_and_names_are_told_apart() {
        assert!(is_path("./ca.pem") && is_path("ca.pem") && is_path("/etc/ca"));
        assert!(!is_path("ca") && !is_path("self-signed_2"));
    }
}
