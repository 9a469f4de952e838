//! Addresses of HTTP requests: absolute, `http` or `https`.

use serde_json::{Value as Json, json};

use super::read::{Read, Reader};
use super::schema::Schemas;
use super::source::Span;
use super::tree::Node;

/// How a server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// In the clear.
    Http,
    /// Through TLS.
    Https,
}

/// An absolute address of a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Url {
    /// How the server is spoken to.
    pub scheme: Scheme,
    /// Name or IP address in lower case, without brackets.
    pub host: String,
    /// The port, also where it is the scheme's own.
    pub port: u16,
    /// What is asked for: begins with `/`, with the query.
    pub target: String,
}

/// Whether a host is the machine itself, whichever that is.
pub fn is_loopback(host: &str) -> bool {
    let address: Option<std::net::IpAddr> = host.parse().ok();
    address.map_or_else(
        || host == "localhost" || host.ends_with(".localhost"),
        |address| address.to_canonical().is_loopback(),
    )
}

/// Says so of a host that would be the machine of the test, where the container was meant.
pub fn check_host(host: &str, from: Option<&str>, span: Span, reader: &mut Reader) {
    if from.is_none_or(|from| from == "host") && is_loopback(host) {
        let message = format!("`{host}` is the machine that the test runs on, not the container");
        let help = "write `app` for the container, or add `from: app` to ask from inside it";
        reader.say(span, message).help(help);
    }
}

impl Scheme {
    /// The port where an address names none.
    pub fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }

    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

impl Url {
    /// Reads an address, or says in a few words what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let (scheme, rest) = text
            .split_once("://")
            .ok_or("it must begin with http:// or https://")?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return Err("it must begin with http:// or https://"),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        if authority.contains('@') {
            return Err("a user and password are not written in the address: use `auth`");
        }
        let (host, port) = host_and_port(authority)?;
        Ok(Self {
            scheme,
            host,
            port: port.unwrap_or(scheme.port()),
            target: checked_target(target)?,
        })
    }

    /// The address that a redirect from this one leads to. What it says behind `#` is for readers.
    pub fn join(&self, location: &str) -> Result<Self, &'static str> {
        let location = location.split('#').next().unwrap_or("").trim();
        let head = location.find(['/', '?']).unwrap_or(location.len());
        if location[..head].contains(':') {
            return Self::parse(location);
        }
        if location.starts_with("//") {
            return Self::parse(&format!("{}:{location}", self.scheme.word()));
        }
        let path = self.target.split('?').next().unwrap_or("/");
        let target = match location.chars().next() {
            None => self.target.clone(),
            Some('/') => location.to_owned(),
            Some('?') => format!("{path}{location}"),
            Some(_) => {
                let folder = path.rfind('/').map_or("/", |at| &path[..=at]);
                format!("{folder}{location}")
            }
        };
        Ok(Self {
            target: without_dots(&checked_target(&target)?),
            ..self.clone()
        })
    }

    /// Host and port as the `Host` header has them.
    pub fn authority(&self) -> String {
        let host = match self.host.contains(':') {
            true => format!("[{}]", self.host),
            false => self.host.clone(),
        };
        match self.port == self.scheme.port() {
            true => host,
            false => format!("{host}:{}", self.port),
        }
    }

    /// Whether the other is at the same server: scheme, host and port.
    pub fn same_origin(&self, other: &Self) -> bool {
        (self.scheme, &self.host, self.port) == (other.scheme, &other.host, other.port)
    }
}

impl std::fmt::Display for Url {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}://{}{}",
            self.scheme.word(),
            self.authority(),
            self.target
        )
    }
}

pub fn host_and_port(authority: &str) -> Result<(String, Option<u16>), &'static str> {
    const NO_HOST: &str = "it names no host";
    let (host, rest) = match authority.strip_prefix('[') {
        Some(inside) => {
            let (host, rest) = inside
                .split_once(']')
                .ok_or("the bracket of its address is never closed")?;
            host.parse::<std::net::Ipv6Addr>()
                .map_err(|_| "what stands in brackets is not an IPv6 address")?;
            (host, rest)
        }
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    if host.is_empty() {
        return Err(NO_HOST);
    }
    let named = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    if !authority.starts_with('[') && !host.chars().all(named) {
        return Err("its host is not a name or an IP address");
    }
    let port = match rest.strip_prefix(':') {
        None if rest.is_empty() => None,
        Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
            let port = digits.parse().ok().filter(|port| *port > 0);
            Some(port.ok_or("its port is not a number from 1 to 65535")?)
        }
        _ => return Err("its port is not a number from 1 to 65535"),
    };
    Ok((host.to_ascii_lowercase(), port))
}

fn checked_target(target: &str) -> Result<String, &'static str> {
    if target.contains('#') {
        return Err("what stands behind `#` is never sent: leave it out, or write %23");
    }
    let unsent = |c: char| !c.is_ascii_graphic() || "\"<>\\^`{|}".contains(c);
    let (path, query) = target.split_at(target.find('?').unwrap_or(target.len()));
    if path.contains(unsent) {
        return Err(
            "spaces, quotation marks, braces and letters beyond ASCII are written as %XX in its path",
        );
    }
    if query.contains(|c: char| c.is_control()) {
        return Err("line ends and other control characters are written as %XX in it");
    }
    let encoded = |c: char| match unsent(c) {
        true => c
            .to_string()
            .bytes()
            .map(|byte| format!("%{byte:02X}"))
            .collect(),
        false => c.to_string(),
    };
    let target = path.to_owned() + &query.chars().map(encoded).collect::<String>();
    match target.starts_with('/') {
        true => Ok(target),
        false => Ok(format!("/{target}")),
    }
}

/// Without `.` and `..` in the path.
fn without_dots(target: &str) -> String {
    let (path, query) = target.split_at(target.find('?').unwrap_or(target.len()));
    let mut kept: Vec<&str> = Vec::new();
    let mut parts = path.split('/').skip(1).peekable();
    while let Some(part) = parts.next() {
        let last = parts.peek().is_none();
        match part {
            "." | ".." => {
                if part == ".." {
                    kept.pop();
                }
                if last {
                    kept.push("");
                }
            }
            part => kept.push(part),
        }
    }
    format!("/{}{query}", kept.join("/"))
}

/// What to write in place of an address that is none.
fn meant(text: &str) -> String {
    let whole = match text {
        path if path.starts_with('/') => format!("http://app:8000{path}"),
        port if port.parse::<u16>().is_ok() => format!("http://app:{port}/"),
        port if port.starts_with(':') => format!("http://app{port}"),
        other => format!("http://{other}"),
    };
    match !text.contains("://") && Url::parse(&whole).is_ok() {
        true => format!("write it whole: {whole}"),
        false => "such as http://app:8000/health".to_owned(),
    }
}

impl Read for Url {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let text = String::read(node, reader)?;
        match Self::parse(&text) {
            Ok(url) => Some(url),
            Err(why) => {
                let message = format!("`{text}` is not the address of a request: {why}");
                reader.say(node.span, message).help(meant(&text));
                None
            }
        }
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "type": "string" })
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_machine_itself_has_many_names() {
        for own in [
            "localhost",
            "127.0.0.1",
            "127.9.9.9",
            "::1",
            "::ffff:127.0.0.1",
            "x.localhost",
        ] {
            assert!(is_loopback(own), "{own}");
        }
        for other in ["app", "localhost.example", "10.0.0.1", "::"] {
            assert!(!is_loopback(other), "{other}");
        }
    }

    use super::*;

    #[test]
    fn a_part_of_an_address_is_told_whole() {
        use crate::text::read::said;
        for (text, help) in [
            ("8080", "whole: http://app:8080/"),
            ("app:8080/health", "whole: http://app:8080/health"),
            ("/health", "whole: http://app:8000/health"),
            ("ftp://app", "such as http://app:8000/health"),
            ("a b", "such as http://app:8000/health"),
        ] {
            assert!(said::<Url>(text).unwrap().ends_with(help), "{text}");
        }
    }

    #[test]
    fn addresses_are_read_into_their_parts() {
        for (text, host, port, target, shown) in [
            ("http://app", "app", 80, "/", "http://app/"),
            (
                "https://App:8443/a?b=c",
                "app",
                8443,
                "/a?b=c",
                "https://app:8443/a?b=c",
            ),
            (
                "https://db_1.x:443?q",
                "db_1.x",
                443,
                "/?q",
                "https://db_1.x/?q",
            ),
            ("http://[::1]:8080/", "::1", 8080, "/", "http://[::1]:8080/"),
            (
                "HTTP://127.0.0.1/%20",
                "127.0.0.1",
                80,
                "/%20",
                "http://127.0.0.1/%20",
            ),
            (
                r#"http://app/?query=up{job="é"} > 1%20"#,
                "app",
                80,
                "/?query=up%7Bjob=%22%C3%A9%22%7D%20%3E%201%20",
                "http://app/?query=up%7Bjob=%22%C3%A9%22%7D%20%3E%201%20",
            ),
        ] {
            let url = Url::parse(text).unwrap();
            assert_eq!(
                (url.host.as_str(), url.port, url.target.as_str()),
                (host, port, target)
            );
            assert_eq!(url.to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_the_reason() {
        for (text, why) in [
            ("/health", "begin with http"),
            ("app:8080/", "begin with http"),
            ("ftp://app/", "begin with http"),
            ("http:///x", "no host"),
            ("http://:80", "no host"),
            ("http://app:/", "port"),
            ("http://app:0", "port"),
            ("http://app:65536", "port"),
            ("http://app:8x", "port"),
            ("http://u:p@app/", "`auth`"),
            ("http://a b/", "not a name"),
            ("http://[::1", "never closed"),
            ("http://[x]/", "not an IPv6"),
            ("http://[::1]x/", "port"),
            ("http://app/#top", "behind `#`"),
            ("http://app/a b", "%XX"),
            ("http://app/é", "%XX"),
            ("http://app/\r\nX: y", "%XX"),
            ("http://app/?a=\r\nX: y", "%XX"),
            ("http://app/{a}?b", "%XX in its path"),
            ("", "begin with http"),
        ] {
            let said = Url::parse(text).unwrap_err();
            assert!(said.contains(why), "{text}: {said}");
        }
    }

    #[test]
    fn redirects_lead_on_from_where_they_were_met() {
        let from = Url::parse("http://app:8000/a/b?c").unwrap();
        for (location, to) in [
            ("/x", "http://app:8000/x"),
            ("x?y", "http://app:8000/a/x?y"),
            ("../x/./y/..", "http://app:8000/x/"),
            ("../../../x", "http://app:8000/x"),
            ("?d", "http://app:8000/a/b?d"),
            ("", "http://app:8000/a/b?c"),
            ("#there", "http://app:8000/a/b?c"),
            ("//other/x", "http://other/x"),
            ("https://app:8443/x#y", "https://app:8443/x"),
            ("/a:b", "http://app:8000/a:b"),
            ("/r?to=http://x/", "http://app:8000/r?to=http://x/"),
        ] {
            assert_eq!(from.join(location).unwrap().to_string(), to, "{location}");
        }
        assert!(from.join("javascript:alert(1)").is_err());
        assert!(from.join("/a b").is_err());
        assert!(from.same_origin(&from.join("/x").unwrap()));
        assert!(!from.same_origin(&from.join("https://app:8000/x").unwrap()));
    }
}
