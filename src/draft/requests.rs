//! Which requests are tried, and what is claimed of those that were answered.

use std::collections::HashSet;

use serde_json::Value;

use super::Part;
use super::scalar::text;
use super::seen::Seen;
use crate::fact::http::{Outcome, Request, Response};
use crate::fact::metrics::Page;

/// Paths at which servers are often asked how they are.
const USUAL: [&str; 6] = [
    "/",
    "/health",
    "/healthz",
    "/ready",
    "/api/health",
    "/metrics",
];
/// Keys of an answer that say how a server is.
const TELLING: [&str; 6] = ["status", "state", "health", "healthy", "ok", "ready"];
/// The most ports that are asked.
const PORTS: usize = 6;
/// The most requests to a port that become claims.
const CLAIMS: usize = 4;

/// A request to try.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Call {
    /// The service that is asked.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether TLS is spoken.
    pub tls: bool,
    /// With a slash before it.
    pub path: String,
    /// Whether the image's own health check asks for it.
    pub is_check: bool,
}

impl Call {
    fn url(&self) -> String {
        let (scheme, usual) = if self.tls {
            ("https", 443)
        } else {
            ("http", 80)
        };
        match self.port == usual {
            true => format!("{scheme}://{}{}", self.host, self.path),
            false => format!("{scheme}://{}:{}{}", self.host, self.port, self.path),
        }
    }

    /// A claim that brings the answer, whatever it is.
    pub fn probing(&self) -> String {
        let url = text(&self.url());
        let tls = if self.tls {
            ", tls: { insecure: true }"
        } else {
            ""
        };
        format!("http: {{ url: {url}{tls}, status: {{ at_least: 100 }}, time: {{ below: 5s }} }}")
    }
}

/// The requests that are worth a try to these ports of a service, whose health check runs this command.
pub fn calls(host: &str, ports: &[u16], check: &[String]) -> Vec<Call> {
    let checked = asked(check);
    let mut all = Vec::new();
    for port in ports.iter().copied().take(PORTS) {
        let own = checked.iter().filter(|(_, of, _)| *of == port);
        let own = own.map(|(tls, _, path)| (*tls, path.clone(), true));
        let plain = USUAL.iter().map(|path| (false, (*path).to_owned(), false));
        let over_tls = [(true, "/".to_owned(), false)];
        let mut seen = HashSet::new();
        for (tls, path, is_check) in own.chain(plain).chain(over_tls) {
            if seen.insert((tls, path.clone())) {
                all.push(Call {
                    host: host.to_owned(),
                    port,
                    tls,
                    path,
                    is_check,
                });
            }
        }
    }
    all
}

/// The addresses in a health check's command: whether TLS is spoken, the port, the path.
fn asked(check: &[String]) -> Vec<(bool, u16, String)> {
    let command = check.join(" ");
    let mut found = Vec::new();
    for (at, _) in command.match_indices("http") {
        let rest = &command[at + "http".len()..];
        let (tls, rest) = match rest.strip_prefix('s') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let Some(rest) = rest.strip_prefix("://") else {
            continue;
        };
        let ends = |c: char| c.is_whitespace() || "\"'`|;)<>&$\\".contains(c);
        let whole = rest.split(ends).next().unwrap_or_default();
        let (host, path) = match whole.find('/') {
            Some(at) => whole.split_at(at),
            None => (whole, "/"),
        };
        let usual = if tls { 443 } else { 80 };
        let port = match host.rsplit_once(':') {
            Some((_, port)) => port.parse().ok(),
            None => Some(usual),
        };
        found.extend(port.map(|port| (tls, port, path.to_owned())));
    }
    found
}

/// The claims that follow from the answers.
pub fn claims(calls: &[Call], seen: &Seen) -> Vec<Part> {
    let answered = seen.requests();
    let mut ports: Vec<(&str, u16)> = Vec::new();
    for call in calls {
        if !ports.contains(&(call.host.as_str(), call.port)) {
            ports.push((call.host.as_str(), call.port));
        }
    }
    let of_port = |(host, port): (&str, u16)| {
        let own = calls
            .iter()
            .filter(|call| call.host == host && call.port == port);
        let own = own.filter_map(|call| Some((call, answer(call, &answered)?)));
        of_one(&own.collect::<Vec<_>>())
    };
    ports.into_iter().flat_map(of_port).collect()
}

fn answer<'a>(call: &Call, all: &[(&Request, &'a Outcome)]) -> Option<&'a Response> {
    let url = call.url();
    let own = all.iter().find(|(request, _)| request.url == url);
    match own? {
        (_, Outcome::Answered(response)) => Some(response),
        _ => None,
    }
}

/// The claims about one port.
fn of_one(answers: &[(&Call, &Response)]) -> Vec<Part> {
    // Some servers answer everything with their first page.
    let root = answers.iter().find(|(call, _)| call.path == "/");
    let is_root = |call: &Call, response: &Response| {
        let same = root.is_some_and(|(_, root)| root.body == response.body);
        same && call.path != "/" && !call.is_check
    };
    let good = answers.iter().filter(|(call, response)| {
        (200..300).contains(&response.status) && !is_root(call, response)
    });
    let good: Vec<_> = good.collect();
    if good.is_empty() {
        let first = answers.iter().find(|(call, _)| call.path == "/");
        return first
            .map(|(call, response)| {
                let part = Part::claim(format!(
                    "http: {{ {}, status: {} }}",
                    address(call),
                    response.status
                ));
                part.says("What it answers to a stranger. Put an address here that it serves.")
            })
            .into_iter()
            .collect();
    }
    good.into_iter()
        .take(CLAIMS)
        .map(|(call, response)| of_answer(call, response))
        .collect()
}

fn address(call: &Call) -> String {
    let tls = if call.tls {
        ", tls: { insecure: true }"
    } else {
        ""
    };
    format!("url: {}{tls}", text(&call.url()))
}

fn of_answer(call: &Call, response: &Response) -> Part {
    let what = metrics(response).or_else(|| json(response));
    let what = what.map(|what| format!(", {what}")).unwrap_or_default();
    let part = Part::claim(format!(
        "http: {{ {}, status: {}{what} }}",
        address(call),
        response.status
    ));
    match (call.tls, call.is_check) {
        (true, _) => part
            .says("Its certificate is not looked at: name who signed it with `tls: { ca: FILE }`."),
        (_, true) => part.says("What the health check asks for."),
        _ => part,
    }
}

/// A figure of a page of metrics, which shows that it is one.
fn metrics(response: &Response) -> Option<String> {
    if !response.body.text().contains("# TYPE ") {
        return None;
    }
    let page = Page::parse(&response.body.bytes).ok()?;
    let is_plain = |name: &&str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let mut names = page
        .samples
        .iter()
        .map(|sample| sample.series.name.as_str());
    let name = names.find(is_plain)?;
    Some(format!("metrics: {{ {name}: {{ at_least: 0 }} }}"))
}

/// What a JSON answer says of how the server is.
fn json(response: &Response) -> Option<String> {
    let Value::Object(all) = serde_json::from_slice(&response.body.bytes).ok()? else {
        return None;
    };
    let said = TELLING.iter().find_map(|key| Some((key, all.get(*key)?)))?;
    let (key, value) = match said {
        (key, Value::String(word)) => (key, text(word)),
        (key, Value::Bool(is)) => (key, is.to_string()),
        _ => return None,
    };
    Some(format!("json: {{ $.{key}: {value} }}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_on_a_usual_port_is_found_by_its_address() {
        let of = |port: u16, tls: bool| {
            let call = Call {
                host: "app".to_owned(),
                port,
                tls,
                path: "/".to_owned(),
                is_check: false,
            };
            call.url()
        };
        assert_eq!(of(80, false), "http://app/");
        assert_eq!(of(443, true), "https://app/");
        assert_eq!(of(443, false), "http://app:443/");
    }

    #[test]
    fn addresses_are_found_in_health_checks() {
        let of = |check: &str| asked(&["CMD-SHELL".to_owned(), check.to_owned()]);
        assert_eq!(
            of("curl -fsS http://localhost:8000/health/ || exit 1"),
            [(false, 8000, "/health/".to_owned())]
        );
        assert_eq!(
            of("wget -q --spider 'https://127.0.0.1/up'; true"),
            [(true, 443, "/up".to_owned())]
        );
        assert_eq!(of("nc -z localhost 80"), []);
        assert_eq!(of("curl http://localhost"), [(false, 80, "/".to_owned())]);
        assert_eq!(of("curl http://localhost:$PORT/"), []);
    }
}
