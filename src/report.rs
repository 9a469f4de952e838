//! What a run came to, said to people and to programs. Everything here is made from the same
//! values; `cli/` decides where it goes.

pub mod clean;
pub mod mask;
pub mod plan;
pub mod style;
pub mod named;
pub mod required;
pub mod human;
pub mod json;
pub mod brief;
pub mod junit;
pub mod timings;
pub mod html;
pub mod tap;
pub mod acceptance;
pub mod statement;
pub mod github;
pub mod gitlab;
pub mod lint;
pub mod mutants;
pub mod own;
pub mod board;
pub mod watch;
