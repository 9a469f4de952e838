//! Settings of `run` that have a form of their own.

use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::text::read::{Flag, Read, Reader};
use crate::text::schema::Schemas;
use crate::text::tree::{Node, Value};
use crate::text::units::Time;
use crate::{record, words};

words! {
    /// When the engine starts an ended container again.
    pub enum RestartPolicy {
        /// Never.
        No = "no",
        /// When it ended with an error.
        OnFailure = "on-failure",
        /// Whenever it ended.
        Always = "always",
        /// Whenever it ended, unless it was stopped.
        UnlessStopped = "unless-stopped",
    }
}

/// `restart`: a policy, with a count for `on-failure`.
#[derive(Debug, Clone, Copy)]
pub struct Restart {
    /// When.
    pub policy: RestartPolicy,
    /// How often at most; without bound if 0.
    pub most: u32,
}

impl Read for Restart {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let Some(text) = node.text() else {
            return reader.wrong(node, "a restart policy");
        };
        if text == "false" {
            return Some(Self {
                policy: RestartPolicy::No,
                most: 0,
            });
        }
        if let Some(count) = text.strip_prefix("on-failure:") {
            return match count.parse() {
                Ok(most) => Some(Self {
                    policy: RestartPolicy::OnFailure,
                    most,
                }),
                Err(_) => reader.wrong(node, "a count behind `on-failure:`"),
            };
        }
        RestartPolicy::read(node, reader).map(|policy| Self { policy, most: 0 })
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "type": ["string", "boolean"], "pattern": "^(no|false|always|unless-stopped|on-failure(:[0-9]+)?|.*\\$\\{.*)$" })
    }
}

record! {
    /// A limit of the kernel on the processes of the container.
    pub struct Ulimit (short soft) {
        /// What holds until a process raises it.
        soft: i64,
        /// What it can be raised to; the same without it.
        hard: Option<i64>,
    }
}

/// The `test` of a health check: a list as the engine has it, or a text for the shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthTest(pub Vec<String>);

impl Read for HealthTest {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let words = match &node.value {
            Value::List(_) => Vec::<String>::read(node, reader)?,
            _ => vec!["CMD-SHELL".to_owned(), String::read(node, reader)?],
        };
        let known = ["CMD", "CMD-SHELL", "NONE"];
        if words.first().is_some_and(|w| known.contains(&w.as_str())) {
            return Some(Self(words));
        }
        let said = reader.say(
            node.span,
            "a health check written as a list begins with CMD, CMD-SHELL or NONE",
        );
        said.help("write `[CMD, program, argument]`, or the command as one text for the shell");
        None
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] })
    }
}

record! {
    /// How the container's health is checked, in place of what the image says.
    pub struct Healthcheck {
        /// The check: `[CMD, …]`, `[CMD-SHELL, …]`, `[NONE]`, or a text for the shell.
        test: Option<HealthTest>,
        /// Time between two checks.
        interval: Option<Time>,
        /// How long one check may take.
        timeout: Option<Time>,
        /// How many failures in a row make it unhealthy.
        retries: Option<u32>,
        /// Time after the start in which failures do not count.
        start_period: Option<Time>,
        /// Time between two checks within the start period.
        start_interval: Option<Time>,
        /// Switches off the image's own check.
        disable: Flag,
    }
}

/// The time in nanoseconds, as the engine counts.
pub fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// A user of the container: a name or a number, with a group behind a colon.
pub fn is_user(text: &str) -> bool {
    let part = |p: &str| !p.is_empty() && !p.contains(char::is_whitespace);
    let mut parts = text.split(':');
    parts.next().is_some_and(part) && parts.next().is_none_or(part) && parts.next().is_none()
}

/// `user` of `run`.
#[derive(Debug, Clone)]
pub struct RunUser(pub String);

impl Read for RunUser {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let text = node
            .text()
            .filter(|t| is_user(t))
            .map(|t| Self(t.to_owned()));
        text.or_else(|| reader.wrong(node, "a user such as `app`, `1000` or `1000:1000`"))
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "type": ["string", "integer"] })
    }
}
