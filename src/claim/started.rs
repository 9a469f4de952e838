//! `started`: that a container was started only after others had come so far.

mod judge;

use serde_json::Value as Json;

use super::{Findings, Judge, Scope};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::question::Question;
use crate::text::read::{Named, Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Spanned;
use crate::text::tree::Node;
use crate::{record, words};

words! {
    /// How far a container has come.
    pub enum Come {
        /// The engine has started it.
        Started = "started",
        /// Its health check has passed.
        Healthy = "healthy",
        /// It was ready, as its `ready` says.
        Ready = "ready",
        /// It has ended with exit code 0.
        Completed = "completed",
    }
}

record! {
    /// That it was started only after others had come so far.
    pub struct StartedFields {
        /// Services, and what each must have been before: `started`, `healthy`, `ready` or `completed`.
        after: Spanned<Named<Spanned<Come>>>,
    }
}

/// That it was started only after others had come so far.
#[derive(Debug, Clone)]
pub struct Started(StartedFields);

impl Read for Started {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let fields = StartedFields::read(node, reader)?;
        if fields.after.value.0.is_empty() {
            let said = reader.say(fields.after.span, "`after` names no service");
            said.help("say what had to be there, as in `after: { db: healthy }`");
            return None;
        }
        Some(Self(fields))
    }
    fn schema(schemas: &mut Schemas) -> Json {
        StartedFields::schema(schemas)
    }
}

impl Judge for Started {
    const SCOPE: Scope = Scope::Running;

    fn questions(&self) -> Vec<Question> {
        vec![Question::Company]
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let together = seen.company()?;
        for (name, come) in &self.0.after.value.0 {
            judge::after(&name.value, come, together, findings)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
