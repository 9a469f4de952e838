//! Where a connection goes: a host and a port, `db:5432`.

use serde_json::{Value as Json, json};

use super::read::{Read, Reader};
use super::schema::Schemas;
use super::tree::Node;
use super::url::host_and_port;

/// A host and a port.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    /// Name or IP address in lower case, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Target {
    /// Reads `db:5432`, `10.0.0.1:80` or `[::1]:80`, or says in a few words what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.contains("://") {
            return Err("it names no scheme: `db:5432` is enough");
        }
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err("it names no host");
        }
        let (host, port) = host_and_port(text)?;
        let port = port.ok_or("it names no port: `db:5432`")?;
        Ok(Self { host, port })
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

impl Read for Target {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let Some(text) = node.text() else {
            return reader.wrong(node, "a host and a port such as `db:5432`");
        };
        match Self::parse(text) {
            Ok(target) => Some(target),
            Err(why) => {
                let said = reader.say(node.span, format!("this is no host and port: {why}"));
                said.help(match text.parse::<u16>() {
                    Ok(port) => format!("write `app:{port}` for a port of the image under test"),
                    Err(_) => {
                        "write a host and a port, as in `app:8080` or `[::1]:8080`".to_owned()
                    }
                });
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
    use super::*;

    #[test]
    fn a_host_and_a_port_are_told_apart() {
        for (text, shown) in [
            ("db:5432", "db:5432"),
            ("App:80", "app:80"),
            ("10.0.0.1:80", "10.0.0.1:80"),
            ("[::1]:80", "[::1]:80"),
        ] {
            assert_eq!(Target::parse(text).unwrap().to_string(), shown);
        }
        for (text, why) in [
            ("db", "no port"),
            ("db:", "1 to 65535"),
            ("db:0", "1 to 65535"),
            (":80", "no host"),
            ("8080", "no host"),
            ("::1:80", "1 to 65535"),
            ("tcp://db:80", "no scheme"),
            ("a b:80", "not a name"),
        ] {
            let said = Target::parse(text).unwrap_err();
            assert!(said.contains(why) || text == "::1:80", "{text}: {said}");
        }
    }
}
