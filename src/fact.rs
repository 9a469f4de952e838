//! What was seen: plain data, serialisable, without any judgement.

pub mod build;
pub mod container;
pub mod image;
pub mod moment;
pub mod reading;
