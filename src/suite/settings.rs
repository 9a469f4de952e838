//! Settings of `run` that have a form of their own.

use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::text::read::{Flag, Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Spanned;
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

/// Has the image's shell run the text behind it.
const SHELL: &str = "CMD-SHELL";

/// The `test` of a health check: a list as the engine has it, or a text for the shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthTest(pub Vec<String>);

impl Read for HealthTest {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let words = match &node.value {
            Value::List(_) => Vec::<String>::read(node, reader)?,
            _ => vec![SHELL.to_owned(), String::read(node, reader)?],
        };
        let (message, help) = match (words.first().map(String::as_str), words.len()) {
            (Some("NONE"), 1) => return Some(Self(words)),
            (Some("NONE"), _) => (
                "nothing stands behind NONE, which switches the check off",
                "write `[NONE]`, or `[CMD, program, argument]`",
            ),
            (Some("CMD" | SHELL), _) if words.get(1).is_none_or(|w| w.trim().is_empty()) => (
                "this health check runs nothing",
                "write `[CMD, program, argument]`; `[NONE]` switches the check off",
            ),
            (Some(SHELL), 3..) => (
                "CMD-SHELL takes the command as one text",
                "write `[CMD-SHELL, \"program argument\"]`, or `[CMD, program, argument]` without a shell",
            ),
            (Some("CMD" | SHELL), _) => return Some(Self(words)),
            _ => (
                "a health check written as a list begins with CMD, CMD-SHELL or NONE",
                "write `[CMD, program, argument]`, or the command as one text for the shell",
            ),
        };
        reader.say(node.span, message).help(help);
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
        test: Option<Spanned<HealthTest>>,
        /// Time between two checks.
        interval: Option<Pause>,
        /// How long one check may take.
        timeout: Option<Pause>,
        /// How many failures in a row make it unhealthy.
        retries: Option<Retries>,
        /// Time after the start in which failures do not count.
        start_period: Option<Time>,
        /// Time between two checks within the start period.
        start_interval: Option<Pause>,
        /// Switches off the image's own check.
        disable: Flag,
    }
}

impl Healthcheck {
    /// Whether there is to be none.
    pub fn is_off(&self) -> bool {
        let words = self.test.as_ref().map(|test| &test.value.0);
        self.disable.0 || words.is_some_and(|words| words.first().is_some_and(|w| w == "NONE"))
    }
}

/// A time of at least a millisecond; an engine takes none for its own 30 seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause(pub Duration);

impl Read for Pause {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let Time(time) = Time::read(node, reader)?;
        if time >= Duration::from_millis(1) {
            return Some(Self(time));
        }
        let message = format!("`{}` is too short", node.text().unwrap_or_default());
        let said = reader.say(node.span, message);
        said.help("the least is `1ms`; leave it out for what the image or the engine has");
        None
    }
    fn schema(schemas: &mut Schemas) -> Json {
        Time::schema(schemas)
    }
}

/// A count of failures; an engine takes 0 for its own 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries(pub u32);

impl Read for Retries {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match u32::read(node, reader)? {
            0 => {
                let said = reader.say(node.span, "`0` failures make nothing unhealthy");
                said.help("the least is 1; leave it out for what the image or the engine has");
                None
            }
            retries => Some(Self(retries)),
        }
    }
    fn schema(schemas: &mut Schemas) -> Json {
        u32::schema(schemas)
    }
}

/// The time in nanoseconds, as the engine counts.
pub fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
