//! `tcp`: whether a program takes connections, and what it says on them.

use serde_json::{Value as Json, json};

use super::{Findings, Judge, Scope};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::blob::Blob;
use crate::fact::question::Question;
use crate::fact::tcp::{Finish, Met, Shut, Talk};
use crate::record;
use crate::text::matcher::texts::TextMatch;
use crate::text::matcher::texts::cut::Cut;
use crate::text::matcher::{Miss, quote};
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Spanned;
use crate::text::target::Target;
use crate::text::tree::Node;
use crate::text::units::{Bytes, Time, show_time};
use crate::text::url::check_host;

record! {
    /// Whether a program takes connections, and what it says on them.
    pub struct TcpFields (short to) {
        /// Host and port, `db:5432`. The host is `app`, a service, or any name that `from` can resolve.
        to: Spanned<Target>,
        /// Where the connection starts: `host`, a client outside of all containers (the default), or
        /// `app` or a service's name, from inside that container.
        from: Option<Spanned<String>>,
        /// Whether a program takes the connection (`true` without it).
        open: Option<Spanned<Open>>,
        /// What is sent once it is open; `"\r\n"` in double quotes is the end of a line.
        send: Option<Spanned<String>>,
        /// What must come back.
        receive: Option<Spanned<TextMatch>>,
        /// How long it may take in all (10s without it).
        timeout: Option<Spanned<Time>>,
    }
}

/// Whether a connection is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Open(pub bool);

impl Read for Open {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        bool::read(node, reader).map(Self)
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "type": "boolean" })
    }
}

/// Whether a program takes connections, and what it says on them.
#[derive(Debug, Clone)]
pub struct Tcp {
    talk: Talk,
    fields: TcpFields,
}

/// How long it may take where the suite does not say.
const TIMEOUT_MILLIS: u64 = 10_000;

impl Read for Tcp {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let fields = TcpFields::read(node, reader)?;
        let said = reader.diagnostics.len();
        let from = fields.from.as_ref();
        let start = from.map(|from| from.value.as_str());
        check_host(&fields.to.value.host, start, fields.to.span, reader);
        let shut = fields.open.as_ref().filter(|open| !open.value.0);
        let talks = [
            ("send", fields.send.as_ref().map(|f| f.span)),
            ("receive", fields.receive.as_ref().map(|f| f.span)),
        ];
        for (name, span) in talks {
            if let (Some(span), Some(shut)) = (span, shut) {
                let message =
                    format!("`{name}` needs a connection, and `open: false` says there is none");
                reader.say(span, message).related(shut.span, "here");
            }
        }
        if let (Some(send), None, None) = (&fields.send, &fields.receive, shut) {
            let message = "`send` says nothing of what must come of it";
            reader.say(send.span, message).help("give `receive` too");
        }
        let millis = |time: &Spanned<Time>| u64::try_from(time.value.0.as_millis());
        let timeout = fields.timeout.as_ref();
        let timeout_millis = timeout.map_or(TIMEOUT_MILLIS, |t| millis(t).unwrap_or(u64::MAX));
        if let (0, Some(timeout)) = (timeout_millis, timeout) {
            reader.say(timeout.span, "a connection needs some time");
        }
        let receive = fields.receive.as_ref();
        let talk = Talk {
            host: fields.to.value.host.clone(),
            port: fields.to.value.port,
            from: from.map_or_else(|| "host".to_owned(), |from| from.value.clone()),
            send: fields.send.as_ref().map(|send| send.value.clone()),
            receive: receive.is_some(),
            enough: receive.map_or_else(Vec::new, |receive| receive.value.enough()),
            timeout_millis,
        };
        (reader.diagnostics.len() == said).then_some(Self { talk, fields })
    }
    fn schema(schemas: &mut Schemas) -> Json {
        TcpFields::schema(schemas)
    }
}

impl Judge for Tcp {
    const SCOPE: Scope = Scope::Running;

    fn questions(&self) -> Vec<Question> {
        vec![Question::Tcp(self.talk.clone())]
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let to = &self.fields.to;
        let open = self.fields.open.as_ref().is_none_or(|open| open.value.0);
        match (seen.tcp(&self.talk)?, open) {
            (Met::Open { heard, finish }, true) => return self.heard(heard, finish, findings),
            (Met::Open { .. }, false) => {
                let span = self.fields.open.as_ref().map_or(to.span, |open| open.span);
                let expected = format!("{} to take no connection", to.value);
                findings.check(span, "tcp", Some(Miss::new(expected, "it is open")));
            }
            (
                Met::Shut {
                    how: Shut::Dns,
                    text,
                },
                false,
            ) => {
                let why = format!(
                    "{} has no known address (dns: {text}), so nothing is known of its port",
                    quote(&to.value.host)
                );
                return Err(Blocked::Unseen(why));
            }
            (Met::Shut { how, text }, false) => {
                findings.saw(format!(
                    "{} is not open: {}",
                    to.value,
                    in_words(*how, text)
                ));
            }
            (Met::Shut { how, text }, true) => {
                let expected = format!("{} to be open", to.value);
                let miss = Some(Miss::new(expected, in_words(*how, text)));
                match how {
                    Shut::Refused if to.value.host == "app" => {
                        findings.check_with(to.span, "tcp", miss, LOOPBACK);
                    }
                    _ => findings.check(to.span, "tcp", miss),
                }
            }
        }
        Ok(())
    }
}

const LOOPBACK: &str = "what listens on loopback inside the container takes no connections of others, and what listens on IPv6 alone \
     none over IPv4, by which `app` is reached: see `ports`";

impl Tcp {
    fn heard(&self, heard: &Blob, finish: &Finish, findings: &mut Findings) -> Result<(), Blocked> {
        let to = &self.fields.to.value;
        let Some(expected) = &self.fields.receive else {
            findings.saw(format!("{to} is open"));
            return Ok(());
        };
        let text = heard.text();
        let miss = match finish {
            Finish::Full => match expected.value.cut(&text) {
                Cut::Holds => None,
                Cut::Misses(miss) => Some(miss),
                Cut::Open => {
                    let kept = Bytes(heard.bytes.len() as u64);
                    let why = format!(
                        "only the first {kept} of what {to} said were kept, so the rest is not known"
                    );
                    return Err(Blocked::Unseen(why));
                }
            },
            Finish::Broken(why) => match expected.value.miss(&text) {
                None if !matches!(expected.value.cut(&text), Cut::Holds) => {
                    let why = format!(
                        "the connection to {to} broke ({why}), so what more it would have said is not known"
                    );
                    return Err(Blocked::Unseen(why));
                }
                miss => miss,
            },
            _ => expected.value.miss(&text),
        };
        let note = self.ended(heard, finish);
        match miss {
            None => findings.saw(format!("{to} said {}", quote(&text))),
            miss => findings.check_with(expected.span, "receive", miss, note),
        }
        Ok(())
    }

    /// How listening ended.
    fn ended(&self, heard: &Blob, finish: &Finish) -> String {
        let said = match heard.bytes.len() {
            0 => "nothing".to_owned(),
            count => Bytes(count as u64).to_string(),
        };
        let limit = std::time::Duration::from_millis(self.talk.timeout_millis);
        match finish {
            Finish::Closed => format!("the other end closed, having said {said}"),
            Finish::TimeUp => format!(
                "after {} it had said {said}, and the connection was still open",
                show_time(limit)
            ),
            Finish::Broken(why) => format!("the connection broke, {said} having come: {why}"),
            Finish::Full | Finish::Enough | Finish::Unasked => {
                format!("{said} had come")
            }
        }
    }
}

fn in_words(how: Shut, text: &str) -> String {
    let how = match how {
        Shut::Refused => "refused",
        Shut::Timeout => "no answer in time (timeout)",
        Shut::Dns => "the name is not known (dns)",
        Shut::Unreachable => "not reached",
    };
    match text {
        "" => how.to_owned(),
        text => format!("{how}: {text}"),
    }
}

#[cfg(test)]
mod tests;
