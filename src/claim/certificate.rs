//! `certificate`: what a server shows while TLS is agreed on.

mod judge;
mod name;

use serde_json::{Value as Json, json};

use super::{Findings, Judge, Scope};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::handshake::{Handshake, Version};
use crate::fact::question::Question;
use crate::record;
use crate::text::matcher::names::Names;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Spanned;
use crate::text::tree::Node;
use crate::text::units::Time;
use name::NameMatch;

/// How long each connection may take.
const TIMEOUT_MILLIS: u64 = 10_000;

record! {
    /// The certificate that a server shows, and the versions of TLS that it speaks.
    pub struct CertificateFields (short port) {
        /// The port of the container.
        port: Spanned<u16>,
        /// The name that the server is asked for (SNI); `app` without it.
        name: Option<Spanned<String>>,
        /// For whom it is: the common name, or with a `=` in it the whole: `CN=app, O=Example`.
        subject: Option<Spanned<NameMatch>>,
        /// Names and IP addresses that it is for, as written in it: a `*` stands for itself.
        dns: Option<Spanned<Names<String>>>,
        /// Who signed it, written as `subject` is.
        issuer: Option<Spanned<NameMatch>>,
        /// It is good for at least so long from now: `30d`. Without it, it is good now.
        expires_after: Option<Spanned<Time>>,
        /// Versions that the server speaks, each tried by itself: `SSLv3`, `TLSv1.0`, `TLSv1.1`,
        /// `TLSv1.2`, `TLSv1.3`.
        protocols: Option<Spanned<Names<Version>>>,
    }
}

impl Read for Version {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let text = node.text().unwrap_or_default();
        // The number alone is how `http` has it, and the first has its zero only sometimes.
        let is = |known: &Self| {
            let number = known.word().trim_start_matches("TLSv");
            text == known.word() || text == number || (text == "TLSv1" && *known == Self::Tls10)
        };
        let found = Self::ALL.into_iter().find(is);
        if found.is_none() {
            let known = Self::ALL.map(Self::word);
            reader.unknown(node.span, "version of TLS", text, known);
        }
        found
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "enum": Self::ALL.map(Self::word) })
    }
}

/// The certificate that a server shows.
#[derive(Debug, Clone)]
pub struct Certificate {
    handshake: Handshake,
    fields: CertificateFields,
}

impl Read for Certificate {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let fields = CertificateFields::read(node, reader)?;
        if fields.port.value == 0 {
            reader.say(fields.port.span, "nothing listens on port 0");
            return None;
        }
        if let Some(name) = &fields.name
            && (name.value.is_empty() || !name.value.chars().all(|c| c.is_ascii_graphic()))
        {
            let message = format!("`{}` is no name of a host", name.value);
            reader.say(name.span, message);
            return None;
        }
        let name = fields.name.as_ref().map(|name| name.value.clone());
        let handshake = Handshake {
            port: fields.port.value,
            name: name.unwrap_or_else(|| "app".to_owned()),
            versions: fields.protocols.is_some(),
            timeout_millis: TIMEOUT_MILLIS,
        };
        Some(Self { handshake, fields })
    }
    fn schema(schemas: &mut Schemas) -> Json {
        CertificateFields::schema(schemas)
    }
}

impl Judge for Certificate {
    const SCOPE: Scope = Scope::Running;

    fn questions(&self) -> Vec<Question> {
        vec![Question::Certificate(self.handshake.clone())]
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        self.compare(seen.certificate(&self.handshake)?, findings)
    }
}

#[cfg(test)]
mod tests;
