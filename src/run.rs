//! The orchestrator: brings containers up, has them observed and judged, and takes them down.

pub mod outcome;
