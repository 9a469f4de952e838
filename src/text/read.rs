//! From the tree to typed values, gathering every error on the way.
//!
//! A type says with [`Read`] how it is written. [`record!`](crate::record) declares a map of
//! keys once and makes of it the struct, its reader and its JSON Schema; the doc comments become
//! the hover texts of editors and the tables of `explain`.

mod basics;

use std::collections::HashMap;

use regex::Regex;
use serde_json::Value as Json;

pub use basics::{Any, Filled, Flag, Named, OneOrMany, Several};

use super::diagnostic::Diagnostic;
use super::near::{kindred, nearest};
use super::schema::Schemas;
use super::source::{Span, Spanned};
use super::tree::{Entry, Node, Value};

/// A type that can be read from a node of the tree.
pub trait Read: Sized {
    /// The value, or `None` after saying what is wrong.
    fn read(node: &Node, reader: &mut Reader) -> Option<Self>;

    /// The value when its key is not there; `None` when the key is required.
    fn absent() -> Option<Self> {
        None
    }

    /// The keys of the map that it may be written as; none where it is never written as a map, or
    /// where that map's keys are of the author's choice.
    fn keys() -> &'static [&'static str] {
        &[]
    }

    /// The JSON Schema of what [`read`](Read::read) takes.
    fn schema(schemas: &mut Schemas) -> Json;
}

/// More known words than this are not listed in a message.
const LISTED: usize = 16;

/// Takes what is wrong while a tree is read.
#[derive(Debug, Default)]
pub struct Reader {
    /// Everything said so far.
    pub diagnostics: Vec<Diagnostic>,
    /// Regular expressions met so far: making one takes long, and suites repeat them.
    pub patterns: HashMap<String, Regex>,
}

impl Reader {
    /// Says that something is wrong at `span`.
    pub fn say(&mut self, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        let at = self.diagnostics.len();
        self.diagnostics.push(Diagnostic::new(span, message));
        &mut self.diagnostics[at]
    }

    /// Says that `node` is not what belongs there.
    pub fn wrong<T>(&mut self, node: &Node, expected: &str) -> Option<T> {
        let found = match node.text() {
            Some(text) if text.chars().count() <= 40 => format!("`{text}`"),
            _ => node.kind().to_owned(),
        };
        self.say(node.span, format!("expected {expected}, found {found}"));
        None
    }

    /// Says that `written` is not one of `known`, and which is near.
    pub fn unknown<'a>(
        &mut self,
        at: Span,
        what: &str,
        written: &str,
        known: impl IntoIterator<Item = &'a str> + Clone,
    ) -> &mut Diagnostic {
        let said = self.say(at, format!("unknown {what} `{written}`"));
        if let Some(near) = nearest(written, known.clone()) {
            return said.help(format!("did you mean `{near}`?"));
        }
        let all: Vec<&str> = known.clone().into_iter().collect();
        let kindred = kindred(written, known);
        match all.len() {
            0 => said,
            1..=LISTED => said.help(format!("known here: {}", all.join(", "))),
            _ if !kindred.is_empty() => {
                said.help(format!("known here, among others: {}", kindred.join(", ")))
            }
            _ => said.help("`seaworthy explain` shows all words"),
        }
    }
}

/// The keys of a map while a record is read from it.
#[derive(Debug)]
pub struct Fields<'a> {
    node: &'a Node,
    entries: &'a [Entry],
    /// Known keys that unknown ones were meant as.
    meant: Vec<String>,
}

impl<'a> Fields<'a> {
    /// The map's entries, after saying which keys are unknown.
    pub fn open(node: &'a Node, known: &[&str], reader: &mut Reader) -> Option<Self> {
        let Some(entries) = node.entries() else {
            return reader.wrong(node, &map_of(known));
        };
        let mut meant = Vec::new();
        for entry in entries {
            let key = entry.key.value.as_str();
            if !known.contains(&key) {
                reader.unknown(entry.key.span, "key", key, known.iter().copied());
                meant.extend(nearest(key, known.iter().copied()).map(str::to_owned));
            }
        }
        Some(Self {
            node,
            entries,
            meant,
        })
    }

    /// Says of unknown keys what stands in their place, where that is known.
    pub fn instead<S: Into<String>>(
        &self,
        said: usize,
        of: fn(&str) -> Option<S>,
        reader: &mut Reader,
    ) {
        for said in reader.diagnostics.iter_mut().skip(said) {
            let key = self.entries.iter().find(|e| e.key.span == said.span);
            if let Some(help) = key.and_then(|entry| of(&entry.key.value)) {
                said.help = vec![help.into()];
            }
        }
    }

    /// The value of `key`, what it is when absent, or `None` after saying that it is missing.
    pub fn take<T: Read>(&self, key: &str, reader: &mut Reader) -> Option<T> {
        match self.entries.iter().find(|e| e.key.value == key) {
            Some(entry) => T::read(&entry.value, reader),
            None => T::absent().or_else(|| {
                // Where it is there with a typing error, that was said.
                if !self.meant.iter().any(|meant| meant == key) {
                    reader.say(self.node.span, format!("the key `{key}` is missing here"));
                }
                None
            }),
        }
    }
}

/// What to expect where a map of these keys belongs.
fn map_of(known: &[&str]) -> String {
    match known {
        [] => "nothing".to_owned(),
        [first, rest @ ..] if rest.is_empty() || rest.len() > 6 => {
            format!("a map such as `{{ {first}: … }}`")
        }
        known => format!("a map of {}", known.join(", ")),
    }
}

/// `{ key: node }`, for a record that may be written as the value of its main key alone.
pub fn wrap(node: &Node, key: &str) -> Node {
    let entry = Entry {
        key: Spanned {
            span: node.span,
            value: key.to_owned(),
        },
        value: node.clone(),
    };
    Node {
        span: node.span,
        value: Value::Map(vec![entry]),
    }
}

/// Whether a value stands for a record's main key alone: it is no map, or a map of that key's own.
pub fn is_short(node: &Node, known: &[&str], of_main: &[&str]) -> bool {
    let Some(entries) = node.entries() else {
        return true;
    };
    let mut keys = entries.iter().map(|entry| entry.key.value.as_str());
    !entries.is_empty() && keys.all(|key| of_main.contains(&key) && !known.contains(&key))
}

/// Declares a map of keys: the struct, its reader and its schema. `(short KEY)` behind the name
/// lets a value that is not a map of these keys stand for that key alone, `(instead FUNCTION)` says
/// what to write in place of keys that are unknown here, and `(bare FUNCTION)` in place of what is no map.
#[macro_export]
macro_rules! record {
    ($(#[doc = $doc:literal])* pub struct $name:ident $((short $short:ident))? $((instead $instead:path))? $((bare $bare:path))? {
        $($(#[doc = $about:literal])* $field:ident: $type:ty),* $(,)?
    }) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone)]
        pub struct $name {
            $($(#[doc = $about])* pub $field: $type,)*
        }

        impl $crate::text::read::Read for $name {
            fn read(
                node: &$crate::text::tree::Node,
                reader: &mut $crate::text::read::Reader,
            ) -> Option<Self> {
                let known = [$(stringify!($field).trim_start_matches("r#")),*];
                let keys: &[&[&str]] = &[$(<$type as $crate::text::read::Read>::keys()),*];
                let _ = keys;
                $(
                    let wrapped;
                    let key = stringify!($short).trim_start_matches("r#");
                    let main = known.iter().position(|field| *field == key);
                    let of_main = main.and_then(|at| keys.get(at)).copied().unwrap_or_default();
                    let node = if $crate::text::read::is_short(node, &known, of_main) {
                        wrapped = $crate::text::read::wrap(node, key);
                        &wrapped
                    } else {
                        node
                    };
                )?
                let said = reader.diagnostics.len();
                let fields = $crate::text::read::Fields::open(node, &known, reader);
                $(
                    if let (None, Some(help)) = (&fields, $bare(node))
                        && let Some(said) = reader.diagnostics.last_mut()
                    {
                        said.help(help);
                    }
                )?
                let fields = fields?;
                let _ = (&fields, said);
                $(fields.instead(said, $instead, reader);)?
                $(let $field = fields.take::<$type>(stringify!($field).trim_start_matches("r#"), reader);)*
                Some(Self { $($field: $field?),* })
            }

            fn schema(schemas: &mut $crate::text::schema::Schemas) -> serde_json::Value {
                let short: &[&str] = &[$(stringify!($short).trim_start_matches("r#"))?];
                let short = short.first().copied();
                schemas.record(stringify!($name), concat!("" $(, $doc, "\n")*), short, |schemas| {
                    let _ = &schemas;
                    vec![$($crate::text::schema::Key {
                        name: stringify!($field).trim_start_matches("r#"),
                        about: concat!("" $(, $about, "\n")*),
                        schema: <$type as $crate::text::read::Read>::schema(schemas),
                        required: <$type as $crate::text::read::Read>::absent().is_none(),
                    }),*]
                })
            }
        }
    };
}

/// Declares a set of words: the enum, its reader, its schema and its text.
#[macro_export]
macro_rules! words {
    ($(#[doc = $doc:literal])* pub enum $name:ident {
        $($(#[doc = $about:literal])* $variant:ident = $word:literal),* $(,)?
    }) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        pub enum $name {
            $($(#[doc = $about])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// All the words.
            pub const WORDS: &'static [&'static str] = &[$($word),*];
            /// All that they stand for, in the same order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// As it is written.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }

        impl $crate::text::read::Read for $name {
            fn read(
                node: &$crate::text::tree::Node,
                reader: &mut $crate::text::read::Reader,
            ) -> Option<Self> {
                match node.text() {
                    $(Some($word) => Some(Self::$variant),)*
                    Some(other) => {
                        reader.unknown(node.span, "word", other, Self::WORDS.iter().copied());
                        None
                    }
                    None => reader.wrong(node, &format!("one of {}", Self::WORDS.join(", "))),
                }
            }

            fn schema(_: &mut $crate::text::schema::Schemas) -> serde_json::Value {
                let about = [$(concat!("" $(, $about, "\n")*)),*];
                serde_json::json!({
                    "enum": Self::WORDS,
                    "enumDescriptions": about.map($crate::text::schema::tidy),
                })
            }
        }
    };
}

/// For tests: what is said of a value that is not taken as a `T`, with its help; nothing of one that is.
#[cfg(test)]
pub fn said<T: Read>(text: &str) -> Option<String> {
    use super::source::FileId;
    let node = super::yaml::parse(FileId(0), text).0.unwrap();
    let mut reader = Reader::default();
    let read = T::read(&node, &mut reader);
    let said = reader.diagnostics.first();
    assert_eq!(read.is_none(), said.is_some(), "{text}");
    said.map(|said| format!("{} | {}", said.message, said.help.join(" ")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::text::source::FileId;
    use crate::text::yaml;

    words! {
        /// A colour.
        pub enum Colour {
            /// Like blood.
            Red = "red",
            /// Like grass.
            Green = "green",
        }
    }

    record! {
        /// A thing.
        pub struct Thing (short name) {
            /// Its name.
            name: Spanned<String>,
            /// Its colour.
            r#type: Option<Colour>,
            /// How many.
            count: Option<u32>,
        }
    }

    fn read(text: &str) -> (Option<Thing>, Vec<String>) {
        let (node, _) = yaml::parse(FileId(0), text);
        let mut reader = Reader::default();
        let thing = Thing::read(&node.unwrap(), &mut reader);
        (
            thing,
            reader
                .diagnostics
                .iter()
                .map(|d| format!("{} | {}", d.message, d.help.join(" ")))
                .collect(),
        )
    }

    #[test]
    fn words_stand_beside_what_they_mean() {
        let words: Vec<&str> = Colour::ALL.iter().map(|one| one.word()).collect();
        assert_eq!(words, Colour::WORDS);
    }

    #[test]
    fn a_record_is_read_whole_or_says_everything_that_is_wrong() {
        let (thing, said) = read("{ name: a, type: red, count: 3 }");
        let thing = thing.unwrap();
        assert_eq!(
            (thing.name.value.as_str(), thing.r#type, thing.count),
            ("a", Some(Colour::Red), Some(3))
        );
        assert!(said.is_empty());
        let (_, said) = read("{ nmae: a, type: gren, count: -3 }");
        assert_eq!(said.len(), 3, "{said:?}");
        assert!(said[0].contains("unknown key `nmae` | did you mean `name`?"));
        let (_, missing) = read("{ type: red }");
        assert!(missing[0].contains("`name` is missing"), "{missing:?}");
        assert!(said.iter().any(|s| s.contains("did you mean `green`?")));
        assert!(said.iter().any(|s| s.contains("not negative, found `-3`")));
    }

    #[test]
    fn a_short_form_stands_for_its_main_key() {
        let (thing, said) = read("plain");
        assert_eq!(thing.unwrap().name.value, "plain");
        assert!(said.is_empty());
    }

    record! {
        /// A crowd.
        pub struct Crowd (short count) {
            /// How many.
            count: Option<Spanned<crate::text::matcher::bound::Bound<u32>>>,
            /// Anything but a bound.
            not: Option<u32>,
        }
    }

    #[test]
    fn a_map_of_the_main_keys_own_words_is_a_short_form_too() {
        let read = |text: &str| {
            let node = yaml::parse(FileId(0), text).0.unwrap();
            let mut reader = Reader::default();
            let crowd = Crowd::read(&node, &mut reader);
            let crowd = crowd.filter(|_| reader.diagnostics.is_empty());
            crowd.map(|crowd| (crowd.count.is_some(), crowd.not))
        };
        assert_eq!(read("3"), Some((true, None)));
        assert_eq!(read("{ above: 3, below: 5 }"), Some((true, None)));
        // A key that is the record's too is the record's.
        assert_eq!(read("{ not: 3 }"), Some((false, Some(3))));
        for wrong in [
            "{ above: 3, not: 4 }",
            "{ above: 3, count: 4 }",
            "{ abov: 3 }",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(read("{}"), Some((false, None)));
    }

    #[test]
    fn the_schema_says_the_same() {
        let mut schemas = Schemas::default();
        Thing::schema(&mut schemas);
        let made = schemas.definitions()["Thing"].clone();
        let object = &made["anyOf"][1];
        assert_eq!(object["required"], json!(["name"]));
        assert_eq!(
            object["properties"]["type"]["enum"],
            json!(["red", "green"])
        );
        assert_eq!(
            object["properties"]["count"]["description"],
            json!("How many.")
        );
        assert_eq!(object["additionalProperties"], json!(false));
    }
}
