//! Secrets are taken out of everything that is printed or written.

mod veil;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::run::outcome::{Event, Outcome};
use crate::text::cover::{Cover, texts};
use crate::text::diagnostic::Diagnostic;
use crate::text::source::{Place, Sources};
pub use veil::Veil;

/// What stands where a secret stood.
const MASK: &str = "***";

/// Fields of outcomes that hold words of ours, which a secret may be a part of by chance. What a record and facts hold
/// of others was covered when it was written down.
const WORDS: [&str; 3] = ["verdict", "record", "facts"];

/// The secrets of a run.
#[derive(Debug, Clone, Default)]
pub struct Mask {
    cover: Cover,
}

impl Mask {
    /// Takes the secrets, each of its lines being one too.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            cover: Cover::new(secrets.into_iter().map(|secret| (secret, MASK))),
        }
    }

    /// Takes secrets with their names.
    pub fn of<'a>(secrets: impl IntoIterator<Item = &'a (String, String)>) -> Self {
        Self::new(secrets.into_iter().map(|(_, value)| value.as_str()))
    }

    /// The diagnostic as text without secrets: they go before it is laid out, which may change how
    /// they look, and then from the source lines too.
    pub fn diagnostic(&self, said: &Diagnostic, sources: &Sources, color: bool) -> String {
        self.text(self.cleaned(said).render(sources, color))
    }

    /// Where it is, what it says and what to do, without what is around it.
    pub fn message(&self, said: &Diagnostic, sources: &Sources) -> (Place, String) {
        let clean = self.cleaned(said);
        let help = clean.help.iter().map(|help| format!("\nhelp: {help}"));
        let place = sources.place(said.span);
        (place, clean.message.clone() + &help.collect::<String>())
    }

    fn cleaned(&self, said: &Diagnostic) -> Diagnostic {
        let text = |text: &String| self.text(text.clone());
        let related = said.related.iter();
        Diagnostic {
            span: said.span,
            message: text(&said.message),
            label: text(&said.label),
            related: related.map(|(span, label)| (*span, text(label))).collect(),
            help: said.help.iter().map(text).collect(),
            is_cause: said.is_cause,
        }
    }

    /// The text without secrets.
    pub fn text(&self, text: String) -> String {
        self.cover.text(text)
    }

    /// The value with every text in it without secrets; names of fields stay. `None` where the
    /// value cannot be taken apart, and then it must not be shown.
    pub fn value<T: Serialize + DeserializeOwned>(&self, value: T) -> Option<T> {
        if self.cover.is_empty() {
            return Some(value);
        }
        let mut apart = serde_json::to_value(value).ok()?;
        self.walk(&mut apart);
        serde_json::from_value(apart).ok()
    }

    /// The outcome without secrets: its facts hold none, and are not taken apart.
    pub fn outcome(&self, mut outcome: Outcome) -> Option<Outcome> {
        let facts = std::mem::take(&mut outcome.facts);
        let clean = self.value(outcome)?;
        Some(Outcome { facts, ..clean })
    }

    /// The event without secrets.
    pub fn event(&self, event: Event) -> Option<Event> {
        let text = |text: String| self.text(text);
        Some(match event {
            Event::Began { .. } | Event::TearDown => event,
            Event::Unguarded { why } => Event::Unguarded { why: text(why) },
            Event::Warned { said } => Event::Warned { said: text(said) },
            Event::ImageBegan {
                image,
                doing,
                compared,
            } => Event::ImageBegan {
                image: text(image),
                doing,
                compared,
            },
            Event::ImageLine { image, line } => Event::ImageLine {
                image: text(image),
                line: text(line),
            },
            Event::ImageDone { image, how, took } => Event::ImageDone {
                image: text(image),
                how: text(how),
                took,
            },
            Event::CaseBegan { index, name, doing } => Event::CaseBegan {
                index,
                name: text(name),
                doing,
            },
            Event::CaseDone { index, outcome } => Event::CaseDone {
                index,
                outcome: Box::new(self.value(*outcome)?),
            },
        })
    }

    fn walk(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(std::mem::take(text)),
            Value::Array(all) => {
                self.cover.lines(&mut texts(all));
                for one in all {
                    self.walk(one);
                }
            }
            Value::Object(all) => {
                let texts = all
                    .iter_mut()
                    .filter(|(key, _)| !WORDS.contains(&key.as_str()));
                texts.for_each(|(_, one)| self.walk(one));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::record::Done;

    #[test]
    fn no_spelling_of_a_secret_gets_through() {
        let mask = Mask::new(["s3cr\"et\\x", "s3cr", "one-line\nother-line\n", "ab"]);
        let cases = [
            ("a s3cr\"et\\x b", "a *** b"),
            (r#"{"p":"s3cr\"et\\x"}"#, r#"{"p":"***"}"#),
            ("s3cr!", "***!"),
            ("other-line", "***"),
            ("cab", "cab"),
        ];
        for (text, expected) in cases {
            assert_eq!(mask.text(text.to_owned()), expected);
        }
    }

    #[test]
    fn every_text_of_an_outcome_is_masked() {
        let outcome = crate::report::human::tests::sample();
        let mask = Mask::new(["aisopod", "root (0)"]);
        let masked = mask.value(outcome.clone()).unwrap();
        let text = serde_json::to_string(&masked).unwrap();
        assert!(
            !text.contains("aisopod") && !text.contains("root (0)"),
            "{text}"
        );
        assert_eq!(masked.cases.len(), outcome.cases.len());
        let line = Event::ImageLine {
            image: "aisopod".into(),
            line: "RUN echo aisopod".into(),
        };
        assert_eq!(
            format!("{:?}", mask.event(line).unwrap()),
            r#"ImageLine { image: "***", line: "RUN echo ***" }"#
        );
        assert_eq!(Mask::default().value(outcome.clone()), Some(outcome));
    }

    #[test]
    fn what_was_covered_when_it_was_written_down_is_left_alone() {
        let mut outcome = crate::report::human::tests::sample();
        let told = r#"{"question":"log","answer":{"unseen":"it is not there"}}"#;
        let key = outcome.facts.take(told.to_owned());
        let step = Done::Did("stop on 0".to_owned());
        outcome.cases[0].record.steps.push(step);
        let mask = Mask::new(["question", "unseen", "stop", "sources", key.as_str()]);
        let masked = mask.outcome(outcome.clone()).unwrap();
        assert_eq!(masked.facts, outcome.facts);
        assert_eq!(masked.cases[0].record, outcome.cases[0].record);
    }

    #[test]
    fn a_secret_like_a_verdict_leaves_verdicts_alone() {
        let outcome = crate::report::human::tests::sample();
        let mask = Mask::new(["pass", "fail", "failed", "skipped", "errored"]);
        let masked = mask.value(outcome.clone()).unwrap();
        let verdicts = |o: &Outcome| -> Vec<_> {
            let cases = o.cases.iter();
            cases
                .flat_map(|c| std::iter::once(c.verdict).chain(c.claims.iter().map(|c| c.verdict)))
                .collect()
        };
        assert_eq!(verdicts(&masked), verdicts(&outcome));
    }
}
