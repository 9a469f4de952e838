//! `http`: a request to the container, and what it gets.

mod asked;
mod expected;
mod metrics;
mod status;

use serde_json::Value as Json;

use super::{Credential, Findings, Judge, Scope};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::http::{Failure, Idle, Outcome, Request, TlsVersion};
use crate::fact::question::Question;
use crate::record;
use crate::text::matcher::Miss;
use crate::text::matcher::bound::Bound;
use crate::text::matcher::json::JsonMatch;
use crate::text::matcher::pairs::PairsMatch;
use crate::text::matcher::texts::TextMatch;
use crate::text::read::{Flag, Named, Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Spanned;
use crate::text::tree::Node;
use crate::text::units::Time;
use crate::text::url::Url;
use metrics::MetricsMatch;
use status::Status;

record! {
    /// A request to the container, and what it must get.
    pub struct HttpFields (short url) {
        /// Where the request goes, whole: `http://app:8000/health`. The host is `app`, the name of
        /// a service, or any name that `from` can resolve.
        url: Spanned<Url>,
        /// GET, POST, and so on. Without it, POST where a body or form is sent, else GET.
        method: Option<Spanned<String>>,
        /// What is sent as headers.
        headers: Named<String>,
        /// As whom the request is made.
        auth: Option<Spanned<Auth>>,
        /// The text that is sent.
        body: Option<Spanned<String>>,
        /// Names and texts that are sent as a form of a web page would be.
        form: Option<Spanned<Named<String>>>,
        /// How TLS is spoken.
        tls: Option<Spanned<TlsFields>>,
        /// Whether redirects within the same host are followed; they are not without it.
        follow: Flag,
        /// Where the request starts: `host`, a client outside the container (the default), or
        /// `app` or a service's name, from inside that container.
        from: Option<String>,
        /// How long it may take in all (10s without it).
        timeout: Option<Spanned<Time>>,
        /// The status of the answer. Without it and without `fails`, any from 200 to 299.
        status: Option<Spanned<Bound<Status>>>,
        /// Headers of the answer by name; `null` for one that must not be there.
        header: Option<Spanned<PairsMatch>>,
        /// The body of the answer as text.
        text: Option<Spanned<TextMatch>>,
        /// The body of the answer as JSON: a map of `JSONPath` to value or rule.
        json: Option<Spanned<JsonMatch>>,
        /// From the start of the connection to the end of the answer.
        time: Option<Spanned<Bound<Time>>>,
        /// The request must get no answer, in this way.
        fails: Option<Spanned<Failure>>,
        /// Figures of a page in the text format of Prometheus: `up`, `requests_total{code="200"}`, or
        /// `sum(requests_total)`. Every series that has the name and the labels must be as expected;
        /// `null` for one that must not be there.
        metrics: Option<Spanned<MetricsMatch>>,
        /// By how many replicas of the service requests are answered: the request is made again and again,
        /// up to twenty times for each of them.
        spread_over: Option<Spanned<Bound<u32>>>,
    }
}

record! {
    /// As whom a request is made: one of these.
    pub struct Auth {
        /// By name and password.
        basic: Option<Basic>,
        /// By a token.
        bearer: Option<String>,
    }
}

record! {
    /// A name and a password.
    pub struct Basic {
        /// The name.
        user: Spanned<String>,
        /// The password.
        password: String,
    }
}

record! {
    /// How TLS is spoken.
    pub struct TlsFields {
        /// The authority that signed the server's certificate, in place of the machine's: `ca` for
        /// that of `certificates:`, the name of one of these that signed itself, or the path of a PEM
        /// file.
        ca: Option<Spanned<String>>,
        /// The name of the certificate of `certificates:` that the client shows.
        certificate: Option<Spanned<String>>,
        /// Any certificate of the server will do.
        insecure: Flag,
        /// The one version of TLS that is spoken.
        version: Option<TlsVersion>,
    }
}

/// A request and what it must get.
#[derive(Debug, Clone)]
pub struct Http {
    request: Request,
    fields: HttpFields,
}

impl Read for Http {
    fn keys() -> &'static [&'static str] {
        HttpFields::keys()
    }
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let fields = HttpFields::read(node, reader)?;
        let request = fields.request(reader)?;
        Some(Self { request, fields })
    }
    fn schema(schemas: &mut Schemas) -> Json {
        HttpFields::schema(schemas)
    }
}

impl Http {
    /// The request that it makes.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// In what way an answer is not as claimed, if it is not.
    pub fn mismatch(&self, outcome: &Outcome) -> Option<String> {
        let mut findings = Findings::default();
        if let Err(Blocked::Unseen(why)) = self.compare(outcome, &mut findings) {
            return Some(why);
        }
        let miss = findings.misses.into_iter().next()?;
        let (expected, actual) = (miss.miss.expected, miss.miss.actual);
        Some(format!(
            "{}: expected {expected}, found {actual}",
            miss.what
        ))
    }
}

impl Judge for Http {
    const SCOPE: Scope = Scope::Running;

    fn questions(&self) -> Vec<Question> {
        let request = self.request.clone();
        vec![match self.fields.spread_over {
            Some(_) => Question::Spread(request),
            None => Question::Http(request),
        }]
    }

    fn credentials(&self) -> Vec<(Credential, &Spanned<String>)> {
        let tls = self.fields.tls.as_ref().map(|tls| &tls.value);
        let named = tls.into_iter().flat_map(|tls| {
            [
                (Credential::Authority, &tls.ca),
                (Credential::Certificate, &tls.certificate),
            ]
        });
        named
            .filter_map(|(how, name)| Some((how, name.as_ref()?)))
            .collect()
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let Some(expected) = &self.fields.spread_over else {
            return self.compare(seen.http(&self.request)?, findings);
        };
        let spread = seen.spread(&self.request)?;
        for outcome in &spread.outcomes {
            self.compare(outcome, findings)?;
        }
        let unanswered = !findings.misses.is_empty();
        if !unanswered {
            let (count, of) = (spread.answered, spread.replicas);
            let miss = expected.value.miss(&count).map(|miss| Miss {
                actual: format!("{count} of {of}, in {} requests", spread.requests),
                ..miss
            });
            findings.compare(
                expected.span,
                "spread_over",
                miss,
                format!("{count} of {of}"),
            );
        }
        // After an answer that is not as it should be nobody asks the others.
        let idle = spread.idle.iter();
        let idle = idle.filter(|idle| !unanswered || idle.state != "running");
        if let Some(last) = findings.misses.last_mut() {
            let told = idle.map(|Idle { replica, state }| match state.as_str() {
                "running" => format!("`{replica}` took no connection"),
                state => format!("`{replica}` is {state}"),
            });
            last.notes.extend(told);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
