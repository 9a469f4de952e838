//! Container conformance tests: suite text becomes a plan, a session brings containers up,
//! observation turns them into facts, pure judges turn facts into verdicts, a report says so.
//!
//! The modules stand in pipeline order; a module imports only modules above it.

pub mod text;
pub mod dockerfile;
pub mod lint;
pub mod fact;
pub mod image;
pub mod claim;
pub mod action;
pub mod suite;
pub mod plan;
pub mod engine;
pub mod session;
pub mod observe;
pub mod run;
pub mod mutate;
pub mod report;
pub mod draft;
pub mod cli;
pub mod api;
pub mod harness;

pub use api::{Attached, Contained, Malformed, Report, Suites, Unjudged, attach};
pub use harness::{Harness, test};
