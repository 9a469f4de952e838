//! Keys of the language that are known and not judged yet.

use serde_json::{Value as Json, json};

use super::read::{Read, Reader};
use super::schema::Schemas;
use super::tree::Node;

/// The value of such a key: whatever it is, it is refused by name rather than passed over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Planned;

impl Planned {
    /// Says that what stands there is not supported yet.
    pub fn refuse<T>(node: &Node, reader: &mut Reader) -> Option<T> {
        reader.say(node.span, "this is not supported yet").help(
            "it is part of the language and will be judged by a later version; leave it out until then",
        );
        None
    }
}

impl Read for Planned {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        Self::refuse(node, reader)
    }
    fn absent() -> Option<Self> {
        Some(Self)
    }
    fn schema(_: &mut Schemas) -> Json {
        json!(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record;
    use crate::text::source::FileId;
    use crate::text::yaml;

    record! {
        /// A thing.
        pub struct Later {
            /// Its name.
            name: String,
            /// Its weight.
            weight: Planned,
        }
    }

    fn read(text: &str) -> (Option<Later>, usize) {
        let node = yaml::parse(FileId(0), text).0.unwrap();
        let mut reader = Reader::default();
        let read = Later::read(&node, &mut reader);
        (read, reader.diagnostics.len())
    }

    #[test]
    fn a_planned_key_may_be_absent_and_is_refused_when_written() {
        let (thing, said) = read("{ name: a }");
        let thing = thing.unwrap();
        assert_eq!((thing.name.as_str(), thing.weight, said), ("a", Planned, 0));
        assert!(matches!(read("{ name: a, weight: { x: 1 } }"), (None, 1)));
    }
}
