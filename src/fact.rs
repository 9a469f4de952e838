//! What can be asked of a container, and what was seen: data only, serialisable.
//!
//! A claim asks [`Question`](question::Question)s; observation answers each with an
//! [`Answer`](answer::Answer); a judge reads the answers through [`Seen`](answer::Seen).

pub mod accounts;
pub mod answer;
pub mod blob;
pub mod build;
pub mod calls;
pub mod cgroup;
pub mod command;
pub mod company;
pub mod container;
pub mod deed;
pub mod ending;
pub mod handshake;
pub mod health;
pub mod http;
pub mod image;
pub mod layers;
pub mod linked;
pub mod load;
pub mod log;
pub mod metrics;
pub mod moment;
pub mod mount;
pub mod network;
pub mod packages;
pub mod path;
pub mod privilege;
pub mod process;
pub mod question;
pub mod reach;
pub mod reading;
pub mod restart;
pub mod search;
pub mod security;
pub mod socket;
pub mod source;
pub mod tcp;
pub mod timeline;
