//! Texts of `run` that are looked at where they stand: an engine would refuse them late, and without a
//! place.

/// Declares texts, each with the function that says what is wrong with one.
macro_rules! checked {
    ($($(#[doc = $doc:literal])* pub struct $name:ident = $check:path;)*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
        pub struct $name(pub String);

        impl $crate::text::read::Read for $name {
            fn read(
                node: &$crate::text::tree::Node,
                reader: &mut $crate::text::read::Reader,
            ) -> Option<Self> {
                let text = String::read(node, reader)?;
                let said = reader.diagnostics.len();
                $check(&text, node, reader);
                (reader.diagnostics.len() == said).then_some(Self(text))
            }
            fn schema(schemas: &mut $crate::text::schema::Schemas) -> serde_json::Value {
                String::schema(schemas)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name> for serde_json::Value {
            fn from(text: $name) -> Self {
                text.0.into()
            }
        }
    )*};
}

pub(super) use checked;
