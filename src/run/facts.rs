//! The facts of a run as its report holds them: each once, whoever has asked for it.

#[cfg(test)]
mod schema;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use crate::fact::answer::Answer;
use crate::fact::load::Traffic;

/// Facts by their keys, each as the text of a JSON value. A key follows from what it stands for, so that those of
/// several reports can be put together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts(BTreeMap<String, Arc<str>>);

/// What was asked, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The question. What must not be shown has its name in it.
    pub question: serde_json::Value,
    /// What came of it.
    pub answer: Answer,
}

/// Of a key so many hexadecimal digits are kept.
const DIGITS: usize = 20;

impl Facts {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Takes the text of a value in, and gives its key.
    pub fn take(&mut self, text: String) -> String {
        let key = digest(&text);
        self.0.entry(key.clone()).or_insert_with(|| text.into());
        key
    }

    /// Gives the text of that key up.
    pub fn remove(&mut self, key: &str) -> Option<Arc<str>> {
        self.0.remove(key)
    }

    /// Those of another report too.
    pub fn add(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The question and the answer of that key.
    pub fn told(&self, key: &str) -> Option<Told> {
        serde_json::from_str(self.0.get(key)?).ok()
    }

    /// What came of requests, of that key.
    pub fn traffic(&self, key: &str) -> Option<Traffic> {
        serde_json::from_str(self.0.get(key)?).ok()
    }

    /// All of them, as text.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(AsRef::as_ref)
    }
}

/// The SHA-256 of a text.
pub fn sha256(text: &str) -> String {
    let bytes = Sha256::digest(text);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What tells a text from others, in a few digits.
pub fn digest(text: &str) -> String {
    sha256(text).chars().take(DIGITS).collect()
}

impl Serialize for Facts {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let raw = |text: &Arc<str>| {
            let text = String::from(text.as_ref());
            RawValue::from_string(text).map_err(serde::ser::Error::custom)
        };
        let all: Result<Vec<_>, S::Error> = self
            .0
            .iter()
            .map(|(key, text)| Ok((key, raw(text)?)))
            .collect();
        to.collect_map(all?)
    }
}

impl<'de> Deserialize<'de> for Facts {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let all = BTreeMap::<String, Box<RawValue>>::deserialize(from)?;
        let text = |(key, raw): (String, Box<RawValue>)| (key, Arc::from(raw.get()));
        Ok(Self(all.into_iter().map(text).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::answer::Fact;
    use crate::fact::ending::Ending;

    #[test]
    fn a_fact_is_kept_once_and_survives_a_report() {
        let told = |answer: Answer| {
            let question = serde_json::json!({ "stat": { "path": "/x", "follow": true } });
            serde_json::to_string(&Told { question, answer }).unwrap()
        };
        let mut facts = Facts::default();
        let there = Answer::Seen(Fact::Stat(None));
        let first = facts.take(told(there.clone()));
        assert_eq!(facts.take(told(there.clone())), first);
        let other = facts.take(told(Answer::Ended(Ending::default())));
        assert_ne!(other, first);
        assert_eq!(facts.texts().count(), 2);
        let pretty = serde_json::to_string_pretty(&facts).unwrap();
        assert_eq!(pretty.lines().count(), 4, "{pretty}");
        let read: Facts = serde_json::from_str(&pretty).unwrap();
        assert_eq!(read, facts);
        let taken_apart = serde_json::to_value(&facts).unwrap();
        assert_eq!(serde_json::from_value::<Facts>(taken_apart).unwrap(), facts);
        assert_eq!(read.told(&first).unwrap().answer, there);
        assert_eq!(read.told("0"), None);
    }
}
