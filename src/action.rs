//! Actions: what a step does to a container. One file an action, with its page beside it.
//!
//! To add one, write `action/NAME.rs` and `action/NAME.md` and add the two lines below that list it.

use crate::fact::deed::Deed;
use crate::text::read::{Read, Reader};
use crate::text::schema::{Key, Schemas, tidy};
use crate::text::tree::{Node, Value};

/// Lists the actions: makes the enum, and what reads, describes and explains it.
macro_rules! actions {
    ($($name:ident: $type:ident,)*) => {
        /// Any action.
        #[derive(Debug, Clone)]
        pub enum Action {
            $(#[doc = concat!("`", stringify!($name), "`")] $type($name::$type),)*
        }

        /// Names of all actions that are done.
        pub const NAMES: &[&str] = &[$(stringify!($name)),*];

        impl Action {
            /// Reads the action of that name from its value.
            pub fn read(name: &str, node: &Node, reader: &mut Reader) -> Option<Self> {
                let empty = Node { span: node.span, value: Value::Map(Vec::new()) };
                let node = if node.is_null() { &empty } else { node };
                match name {
                    $(stringify!($name) => <$name::$type>::read(node, reader).map(Self::$type),)*
                    _ => None,
                }
            }

            /// The action's name.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$type(_) => stringify!($name),)*
                }
            }

            /// What is done.
            pub fn deed(&self) -> Deed {
                match self {
                    $(Self::$type(action) => action.deed(),)*
                }
            }
        }

        /// A key for each action.
        pub fn keys(schemas: &mut Schemas) -> Vec<Key> {
            vec![$(Key {
                name: stringify!($name),
                about: first_paragraph(page(stringify!($name)).unwrap_or("")),
                schema: <$name::$type as Read>::schema(schemas),
                required: false,
            }),*]
        }

        /// The page of the action of that name.
        pub fn page(name: &str) -> Option<&'static str> {
            match name {
                $(stringify!($name) => Some(include_str!(concat!("action/", stringify!($name), ".md"))),)*
                _ => None,
            }
        }
    };
}

pub mod crash;
pub mod pause;
pub mod recreate;
pub mod restart;
pub mod signal;
pub mod start;
pub mod stop;
pub mod unpause;
pub mod write;

actions! {
    crash: Crash,
    pause: Pause,
    recreate: Recreate,
    restart: Restart,
    signal: Signal,
    start: Start,
    stop: Stop,
    unpause: Unpause,
    write: Write,
}

/// Actions of the language that this version does not do yet.
pub const PLANNED: &[&str] = &[
    "connect",
    "disconnect",
    "exhaust",
    "fill",
    "load",
    "replace",
];

/// What an action's file gives.
pub trait Act {
    /// What is done.
    fn deed(&self) -> Deed;
}

/// The first paragraph below a page's title, as running text.
fn first_paragraph(page: &'static str) -> &'static str {
    page.split("\n\n")
        .find(|part| !part.trim_start().starts_with('#'))
        .unwrap_or("")
}

/// The first paragraph below a page's title: what the action does.
pub fn brief(name: &str) -> Option<String> {
    page(name).map(|page| tidy(first_paragraph(page)))
}
