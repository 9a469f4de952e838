//! Text with places: sources and spans, the YAML tree, variables, values and diagnostics.
//!
//! Nothing here does I/O. Every value read from a suite keeps the span it came from.

pub mod base64;
pub mod cover;
pub mod cpus;
pub mod cut;
pub mod diagnostic;
pub mod glob;
pub mod host;
pub mod ignore;
pub mod matcher;
pub mod measured;
pub mod near;
pub mod outside;
#[cfg(test)]
pub mod pace;
pub mod pairs;
pub mod path;
pub mod percent;
pub mod read;
pub mod schema;
pub mod signal;
pub mod source;
pub mod target;
pub mod tree;
pub mod units;
pub mod url;
pub mod vars;
pub mod words;
pub mod yaml;
