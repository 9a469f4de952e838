//! Container conformance tests: suite text becomes a plan, a session brings containers up,
//! observation turns them into facts, pure judges turn facts into verdicts, a report says so.
//!
//! The modules stand in pipeline order; a module imports only modules above it.

pub mod action;
pub mod claim;
pub mod cli;
pub mod fact;
pub mod suite;
pub mod text;
