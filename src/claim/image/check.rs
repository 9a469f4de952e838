//! The health check that an image declares.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::command::{Form, array_for_a_shell, show};
use crate::claim::Findings;
use crate::fact::image::Healthcheck;
use crate::record;
use crate::text::matcher::Miss;
use crate::text::matcher::bound::Bound;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::{Span, Spanned};
use crate::text::tree::Node;
use crate::text::units::Time;

record! {
    /// What a declared health check is expected to be.
    pub struct DeclaredCheck {
        /// A list of words, with or without `CMD` or `CMD-SHELL` before them, or the text of the
        /// shell form.
        test: Option<Spanned<Form>>,
        /// Between two checks.
        interval: Option<Spanned<Bound<Time>>>,
        /// How long a check may take.
        timeout: Option<Spanned<Bound<Time>>>,
        /// How long failures do not count after the start.
        start_period: Option<Spanned<Bound<Time>>>,
        /// Failures in a row that make the container unhealthy.
        retries: Option<Spanned<Bound<u64>>>,
    }
}

/// `none`, or what is expected of the check.
#[derive(Debug, Clone)]
pub enum HealthcheckRule {
    /// The image declares none.
    None,
    /// It declares one like this.
    Like(Box<DeclaredCheck>),
}

impl Read for HealthcheckRule {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.entries() {
            Some([]) => {}
            Some(_) => {
                return DeclaredCheck::read(node, reader).map(|check| Self::Like(Box::new(check)));
            }
            None if node.text() == Some("none") => return Some(Self::None),
            None => {}
        }
        reader.wrong(
            node,
            "`none`, or a map of test, interval, timeout, start_period, retries",
        )
    }
    fn schema(schemas: &mut Schemas) -> Json {
        let like = DeclaredCheck::schema(schemas);
        json!({ "anyOf": [{ "enum": ["none"] }, like] })
    }
}

/// What the engine takes where the image says nothing.
const INTERVAL: Duration = Duration::from_secs(30);
const TIMEOUT: Duration = Duration::from_secs(30);
const START_PERIOD: Duration = Duration::ZERO;
const RETRIES: u64 = 3;

impl HealthcheckRule {
    /// Compares the declared check with what is expected at `span`.
    pub fn judge(&self, span: Span, declared: Option<&Healthcheck>, findings: &mut Findings) {
        let declared = declared.filter(|check| check.test.first().is_some_and(|t| t != "NONE"));
        let first = findings.misses.len();
        match (self, declared) {
            (Self::None, None) => findings.saw("no health check"),
            (Self::None, Some(check)) => {
                let miss = Miss::new("no health check", show(&check.test));
                findings.check(span, "healthcheck", Some(miss));
            }
            (Self::Like(_), None) => {
                let miss = Miss::new("a health check", "the image declares none");
                findings.check(span, "healthcheck", Some(miss));
            }
            (Self::Like(rule), Some(check)) => rule.judge(check, findings),
        }
        let Some(trap) = declared.and_then(|check| array_for_a_shell(&check.test)) else {
            return;
        };
        match &mut findings.misses[first..] {
            [] => findings.saw(trap),
            misses => misses.iter_mut().for_each(|m| m.notes.push(trap.clone())),
        }
    }
}

impl DeclaredCheck {
    fn judge(&self, check: &Healthcheck, findings: &mut Findings) {
        if let Some(test) = &self.test {
            let miss = test.value.test_miss(&check.test);
            findings.compare(test.span, "healthcheck test", miss, show(&check.test));
        }
        let times = [
            ("interval", &self.interval, check.interval, INTERVAL),
            ("timeout", &self.timeout, check.timeout, TIMEOUT),
            (
                "start_period",
                &self.start_period,
                check.start_period,
                START_PERIOD,
            ),
        ];
        for (name, rule, nanos, default) in times {
            let Some(rule) = rule else { continue };
            let time = Time(nanos.map_or(default, Duration::from_nanos));
            let miss = by_default(rule.value.miss(&time), nanos.is_none());
            findings.compare(rule.span, format!("healthcheck {name}"), miss, time);
        }
        if let Some(rule) = &self.retries {
            let retries = check.retries.unwrap_or(RETRIES);
            let miss = by_default(rule.value.miss(&retries), check.retries.is_none());
            findings.compare(rule.span, "healthcheck retries", miss, retries);
        }
    }
}

/// The miss, saying that the image itself says nothing where that is so.
fn by_default(miss: Option<Miss>, default: bool) -> Option<Miss> {
    miss.map(|mut miss| {
        if default {
            miss.actual
                .push_str(", the engine's default: the image says nothing");
        }
        miss
    })
}
