//! Suites: the typed form of a suite file, built from the tree. No I/O.

pub mod assemble;
pub mod case;
pub mod certificate;
pub mod check;
pub mod compose;
pub mod described;
pub mod document;
pub mod files;
pub mod gather;
pub mod item;
pub mod load;
pub mod matrix;
pub mod mount;
pub mod network;
pub mod order;
pub mod outside;
pub mod patch;
pub mod patched;
pub mod publish;
pub mod ready;
pub mod rebase;
pub mod recognise;
pub mod run;
pub mod schema;
pub mod service;
pub mod settings;

pub use crate::image::{self, secret};
pub use crate::text::pairs;
pub use case::{Body, Case, Step};
pub use item::Item;
pub use load::{Suite, load};
pub use outside::Outside;
