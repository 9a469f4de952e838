//! What was seen: plain data that can be stored and judged again later.

pub mod build;
