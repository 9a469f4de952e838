//! x
pub mod protobuf;
