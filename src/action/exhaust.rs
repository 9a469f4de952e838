//! `exhaust`.

use serde_json::{Value as Json, json};

use super::Act;
use crate::fact::deed::Deed;
use crate::record;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::tree::Node;
use crate::text::units::Bytes;

record! {
    /// A process in the container takes what there is of something.
    pub struct Exhaust {
        /// Memory: `true` for as much as it gets until the kernel ends it, or a size that it takes and
        /// then lets go.
        memory: Amount,
    }
}

/// How much is taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Amount {
    /// All that there is.
    All,
    /// So much.
    Size(Bytes),
}

impl Read for Amount {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let size = |text| Bytes::read(node, &mut Reader::default()).filter(|_| text != "0");
        match node.text() {
            Some("true") => Some(Self::All),
            Some(text) if size(text).is_some() => size(text).map(Self::Size),
            _ => reader.wrong(node, "`true`, or a size such as 64MB"),
        }
    }
    fn schema(schemas: &mut Schemas) -> Json {
        json!({ "anyOf": [{ "const": true }, Bytes::schema(schemas)] })
    }
}

impl Act for Exhaust {
    fn deed(&self) -> Deed {
        Deed::Exhaust {
            bytes: match self.memory {
                Amount::All => None,
                Amount::Size(size) => Some(size.0),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::source::FileId;
    use crate::text::yaml;

    #[test]
    fn memory_is_all_there_is_or_a_size() {
        let read = |text: &str| {
            let node = yaml::parse(FileId(0), text).0.unwrap();
            let mut reader = Reader::default();
            let deed = Exhaust::read(&node, &mut reader).map(|step| step.deed());
            (deed, reader.diagnostics.len())
        };
        let of = |bytes| (Some(Deed::Exhaust { bytes }), 0);
        assert_eq!(read("{ memory: true }"), of(None));
        assert_eq!(read("{ memory: 64MB }"), of(Some(64_000_000)));
        assert_eq!(read("{ memory: 64MiB }"), of(Some(64 << 20)));
        for wrong in ["{ memory: false }", "{ memory: 0 }", "{ memory: much }"] {
            assert_eq!(read(wrong), (None, 1), "{wrong}");
        }
    }
}
