//! From the keys of a suite to the request that is made, with what cannot be meant refused.

use super::{Auth, HttpFields};
use crate::fact::http::{Failure, Request, Tls};
use crate::text::base64;
use crate::text::read::Reader;
use crate::text::source::{Span, Spanned};
use crate::text::url::{Scheme, check_host};

/// How long a request may take where the suite does not say.
const TIMEOUT_MILLIS: u64 = 10_000;
/// Headers that follow from the rest of a request.
const OURS: [&str; 4] = [
    "connection",
    "content-length",
    "transfer-encoding",
    "upgrade",
];

impl HttpFields {
    /// The request, or `None` after saying everything that cannot be meant.
    pub(super) fn request(&self, reader: &mut Reader) -> Option<Request> {
        let said = reader.diagnostics.len();
        check_host(
            &self.url.value.host,
            self.from.as_deref(),
            self.url.span,
            reader,
        );
        let method = self.checked_method(reader);
        let mut headers = self.checked_headers(reader);
        let mut add = |name: &str, value: String, span: Span, reader: &mut Reader| {
            if headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name)) {
                let message = format!("`headers` has a {name} header too");
                reader.say(span, message).help("leave one of them out");
            }
            headers.push((name.to_owned(), value));
        };
        if let Some(auth) = &self.auth
            && let Some(value) = authorization(auth, reader)
        {
            add("Authorization", value, auth.span, reader);
        }
        let mut body = self.body.as_ref().map(|body| body.value.clone());
        if let Some(form) = &self.form {
            if body.is_some() {
                reader.say(form.span, "`body` and `form` cannot both be sent");
            }
            let of_form = "application/x-www-form-urlencoded".to_owned();
            add("Content-Type", of_form, form.span, reader);
            body = Some(urlencoded(&form.value.0));
        }
        let timeout_millis = self.checked_timeout(reader);
        self.check_tls(reader);
        self.check_fails(reader);
        (reader.diagnostics.len() == said).then(|| Request {
            url: self.url.value.to_string(),
            method,
            headers,
            body,
            follow: self.follow.0,
            from: self.from.clone().unwrap_or_else(|| "host".to_owned()),
            tls: self.tls.as_ref().map_or_else(Tls::default, |tls| Tls {
                insecure: tls.value.insecure.0,
                version: tls.value.version,
                ca: tls.value.ca.as_ref().map(|ca| ca.value.clone()),
                certificate: tls.value.certificate.as_ref().map(|c| c.value.clone()),
            }),
            timeout_millis,
        })
    }

    fn checked_method(&self, reader: &mut Reader) -> String {
        let sends = self.body.is_some() || self.form.is_some();
        let Some(method) = &self.method else {
            return if sends { "POST" } else { "GET" }.to_owned();
        };
        if !is_token(&method.value) || method.value.eq_ignore_ascii_case("CONNECT") {
            let message = format!("`{}` is not a method of a request", method.value);
            reader.say(method.span, message);
        } else if method.value.chars().any(|c| c.is_ascii_lowercase()) {
            let message = format!("`{}`: methods are written in capitals", method.value);
            let help = format!("write {}", method.value.to_ascii_uppercase());
            reader.say(method.span, message).help(help);
        }
        method.value.clone()
    }

    fn checked_headers(&self, reader: &mut Reader) -> Vec<(String, String)> {
        for (name, value) in &self.headers.0 {
            let said = match name.value.as_str() {
                n if !is_token(n) => "is not the name of a header",
                n if OURS.iter().any(|ours| n.eq_ignore_ascii_case(ours)) => {
                    "is not for a suite to say: each request has a connection of its own, and its length follows from its body"
                }
                _ if !is_header_value(value) => "has a value with control characters in it",
                _ => continue,
            };
            reader.say(name.span, format!("the header `{}` {said}", name.value));
        }
        let pair = |(name, value): &(Spanned<String>, String)| (name.value.clone(), value.clone());
        self.headers.0.iter().map(pair).collect()
    }

    fn checked_timeout(&self, reader: &mut Reader) -> u64 {
        let Some(timeout) = &self.timeout else {
            return TIMEOUT_MILLIS;
        };
        let millis = u64::try_from(timeout.value.0.as_millis()).unwrap_or(u64::MAX);
        if millis == 0 {
            reader.say(timeout.span, "a request needs some time");
        }
        millis
    }

    fn check_tls(&self, reader: &mut Reader) {
        if let Some(tls) = &self.tls
            && let Some(ca) = tls.value.ca.as_ref().filter(|_| tls.value.insecure.0)
        {
            let message = "with `insecure` any certificate will do, so `ca` says nothing";
            reader.say(ca.span, message).help("leave one of them out");
        }
        if self.url.value.scheme == Scheme::Https {
            return;
        }
        if let Some(tls) = &self.tls
            && !self.follow.0
        {
            let message = "`tls` says nothing of a request in the clear";
            reader
                .say(tls.span, message)
                .related(self.url.span, "this does not begin with https://");
        }
        if let Some(fails) = &self.fails
            && fails.value == Failure::Tls
            && !self.follow.0
        {
            let message = "a request in the clear cannot fail in TLS";
            reader
                .say(fails.span, message)
                .related(self.url.span, "this does not begin with https://");
        }
    }

    fn check_fails(&self, reader: &mut Reader) {
        let Some(fails) = &self.fails else { return };
        let of_answers = [
            ("status", self.status.as_ref().map(|f| f.span)),
            ("header", self.header.as_ref().map(|f| f.span)),
            ("text", self.text.as_ref().map(|f| f.span)),
            ("json", self.json.as_ref().map(|f| f.span)),
            ("metrics", self.metrics.as_ref().map(|f| f.span)),
            ("time", self.time.as_ref().map(|f| f.span)),
            ("spread_over", self.spread_over.as_ref().map(|f| f.span)),
        ];
        for (name, span) in of_answers {
            if let Some(span) = span {
                let message = format!("`{name}` says something of an answer");
                let label = "and this says that there is none";
                reader.say(span, message).related(fails.span, label);
            }
        }
    }
}

fn authorization(auth: &Spanned<Auth>, reader: &mut Reader) -> Option<String> {
    let value = match (&auth.value.basic, &auth.value.bearer) {
        (Some(basic), None) => {
            if basic.user.value.contains(':') {
                let message = "a user's name cannot have a colon in it here";
                reader.say(basic.user.span, message);
            }
            let pair = format!("{}:{}", basic.user.value, basic.password);
            format!("Basic {}", base64::encode(pair.as_bytes()))
        }
        (None, Some(token)) => format!("Bearer {token}"),
        _ => {
            reader.say(auth.span, "`auth` takes one of `basic` and `bearer`");
            return None;
        }
    };
    if !is_header_value(&value) {
        reader.say(auth.span, "the token has control characters in it");
    }
    Some(value)
}

/// What names of headers and methods are made of.
fn is_token(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !text.is_empty() && text.chars().all(allowed)
}

fn is_header_value(text: &str) -> bool {
    text.chars().all(|c| c == '\t' || !c.is_control())
}

/// A form as a browser sends it.
fn urlencoded(form: &[(Spanned<String>, String)]) -> String {
    let encoded = |text: &str| -> String {
        let one = |byte: u8| match byte {
            b' ' => "+".to_owned(),
            b'*' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
            _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        };
        text.bytes().map(one).collect()
    };
    let pairs: Vec<String> = form
        .iter()
        .map(|(name, value)| format!("{}={}", encoded(&name.value), encoded(value)))
        .collect();
    pairs.join("&")
}
