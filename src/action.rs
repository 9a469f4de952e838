//! Actions: what a step does to a container. One file an action, with its page beside it.
//!
//! To add one, write `action/NAME.rs` and `action/NAME.md` and add the two lines below that list it.

use crate::fact::deed::Deed;
use crate::image::Image;
use crate::text::read::{Read, Reader};
use crate::text::schema::{Key, Schemas, tidy};
use crate::text::source::{FileId, Span, Spanned};
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

            /// The network that it is about.
            pub fn network(&self) -> Option<&Spanned<String>> {
                match self {
                    $(Self::$type(action) => action.network(),)*
                }
            }

            /// The image that it names.
            pub fn image(&self) -> Option<&Image> {
                match self {
                    $(Self::$type(action) => action.image(),)*
                }
            }

            /// The same, to be changed.
            pub fn image_mut(&mut self) -> Option<&mut Image> {
                match self {
                    $(Self::$type(action) => action.image_mut(),)*
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

pub mod connect;
pub mod crash;
pub mod disconnect;
pub mod exhaust;
pub mod fill;
pub mod load;
pub mod pause;
pub mod recreate;
pub mod replace;
pub mod restart;
pub mod signal;
pub mod start;
pub mod stop;
pub mod unpause;
pub mod write;

actions! {
    connect: Connect,
    crash: Crash,
    disconnect: Disconnect,
    exhaust: Exhaust,
    fill: Fill,
    load: Load,
    pause: Pause,
    recreate: Recreate,
    replace: Replace,
    restart: Restart,
    signal: Signal,
    start: Start,
    stop: Stop,
    unpause: Unpause,
    write: Write,
}

/// What an action's file gives.
pub trait Act {
    /// What is done.
    fn deed(&self) -> Deed;

    /// The network that it is about.
    fn network(&self) -> Option<&Spanned<String>> {
        None
    }

    /// The image that it names.
    fn image(&self) -> Option<&Image> {
        None
    }

    /// The same, to be changed.
    fn image_mut(&mut self) -> Option<&mut Image> {
        None
    }
}

/// The first paragraph below a page's title, as running text.
fn first_paragraph(page: &'static str) -> &'static str {
    page.split("\n\n")
        .find(|part| !part.trim_start().starts_with('#'))
        .unwrap_or("")
}

/// How a step is written that says no more than it has to, without braces around it.
pub fn bare(name: &str) -> String {
    let span = Span {
        file: FileId(0),
        start: 0,
        end: 0,
    };
    let empty = Node {
        span,
        value: Value::Map(Vec::new()),
    };
    let mut reader = Reader::default();
    if Action::read(name, &empty, &mut reader).is_some() && reader.diagnostics.is_empty() {
        return format!("{name}: {{}}");
    }
    // Its page builds what lies beside the page.
    if name == "replace" {
        return format!("{name}: {{ image: postgres:16 }}");
    }
    let lines = page(name).unwrap_or_default().lines();
    let mut items = lines.filter_map(|line| line.trim_start().strip_prefix("- "));
    let begins = format!("{name}: ");
    let shown = items.find(|item| item.starts_with(&begins) && !item.contains(" # "));
    shown.map_or_else(|| format!("{name}: {{}}"), str::to_owned)
}

/// The first paragraph below a page's title: what the action does.
pub fn brief(name: &str) -> Option<String> {
    page(name).map(|page| tidy(first_paragraph(page)))
}
