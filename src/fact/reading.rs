//! Lenient reading of an engine's JSON: what is missing, null or of another kind is absent.

use std::collections::BTreeMap;

use serde_json::Value;

use super::moment::Moment;

/// A place in an engine's answer that may not be there.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a>(Option<&'a Value>);

impl<'a> Place<'a> {
    /// The answer itself.
    pub fn root(value: &'a Value) -> Self {
        Self(Some(value))
    }

    /// A field below this place.
    #[must_use]
    pub fn at(self, name: &str) -> Self {
        Self(self.0.and_then(|value| value.get(name)))
    }

    /// Whether there is anything but null.
    pub fn is_there(self) -> bool {
        self.0.is_some_and(|value| !value.is_null())
    }

    /// A text that is not empty.
    pub fn text(self) -> Option<String> {
        let text = self.0?.as_str()?;
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// A text, empty where there is none.
    pub fn text_or_empty(self) -> String {
        self.text().unwrap_or_default()
    }

    /// A whole number.
    pub fn number(self) -> Option<i64> {
        self.0?.as_i64()
    }

    /// A whole number above zero: engines write 0 or -1 for "not limited".
    pub fn limit(self) -> Option<u64> {
        self.0?.as_u64().filter(|number| *number > 0)
    }

    /// True only where it says so.
    pub fn flag(self) -> bool {
        self.0.and_then(Value::as_bool).unwrap_or(false)
    }

    /// A time, unless it is "never".
    pub fn moment(self) -> Option<Moment> {
        Moment::read(self.0?.as_str()?)
    }

    /// The texts of a list; one text alone counts as a list of it.
    pub fn texts(self) -> Vec<String> {
        match self.0 {
            Some(Value::String(text)) if !text.is_empty() => vec![text.clone()],
            _ => self
                .list()
                .filter_map(|place| Some(place.0?.as_str()?.to_owned()))
                .collect(),
        }
    }

    /// The places of a list.
    pub fn list(self) -> impl Iterator<Item = Place<'a>> {
        let list = self.0.and_then(Value::as_array);
        list.into_iter().flatten().map(|value| Place(Some(value)))
    }

    /// The fields of a map.
    pub fn fields(self) -> impl Iterator<Item = (&'a str, Place<'a>)> {
        let map = self.0.and_then(Value::as_object);
        map.into_iter()
            .flatten()
            .map(|(name, value)| (name.as_str(), Place(Some(value))))
    }

    /// The names of a map's fields, sorted.
    pub fn names(self) -> Vec<String> {
        let mut names: Vec<String> = self.fields().map(|(name, _)| name.to_owned()).collect();
        names.sort();
        names
    }

    /// A map of texts.
    pub fn map(self) -> BTreeMap<String, String> {
        self.fields()
            .filter_map(|(name, place)| Some((name.to_owned(), place.0?.as_str()?.to_owned())))
            .collect()
    }
}
