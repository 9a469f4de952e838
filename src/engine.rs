//! The only door to the container engine: where it is, how it is spoken to, what it answers.
//!
//! Nothing here prints, and nothing here judges: an operation gives a typed value or a [`Fault`]
//! that says what was being done, what went wrong and what to do about it.

pub mod answer;
pub mod api;
pub mod ask;
pub mod body;
pub mod fault;
pub mod lines;
pub mod path;
pub mod transport;
pub mod version;
pub mod wire;

pub use fault::{Fault, FaultKind, Result};
