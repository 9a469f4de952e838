//! The probe: a static program that answers questions inside containers, in bulk and dumbly.
//!
//! It says what the kernel says, as raw bytes; the harness knows what they mean.

mod absent;
mod beneath;
mod commands;
mod create;
mod digest;
mod exhaust;
mod files;
mod fill;
mod find;
mod install;
mod lookup;
mod needles;
mod network;
mod others;
mod processes;
mod reap;
mod relay;
mod relays;
mod resolve;
mod search;
mod send;
mod serve;
mod sift;
mod sys;
mod tree;
mod walk;
#[expect(unused_imports, reason = "the harness uses more of it")]
mod wire;
mod write;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

const USAGE: &str = "\
usage: probe serve                        answer the requests on standard input
       probe install DIR                  copy this program to DIR/probe
       probe relay HOST PORT TIMEOUT_MS   connect standard input and output to a TCP port
       probe relays                       open connections as standard input asks
       probe write FILE                   write standard input to FILE
       probe fill DIR LEAVE               fill the file system of DIR until LEAVE bytes are free
       probe exhaust BYTES                take so much memory
       probe reap ORDER                   remove what a run has made once standard input ends; ORDER is JSON
";

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let words: Vec<Option<&str>> = arguments.iter().map(|word| word.to_str()).collect();
    if std::process::id() == 1 {
        sys::die_when_told();
    }
    match (words.as_slice(), arguments.get(1)) {
        ([Some("serve")], None) => serve::serve(),
        ([Some("install"), _], Some(folder)) => match install::install(folder.as_ref()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => complain(&format!(
                "cannot install into {}: {error}",
                folder.display()
            )),
        },
        ([Some("relay"), Some(host), Some(port), Some(time)], _) => {
            match (port.parse(), time.parse()) {
                (Ok(port), Ok(time)) => relay::relay(host, port, time),
                _ => usage(),
            }
        }
        ([Some("relays")], None) => relays::relays(),
        ([Some("write"), _], Some(file)) => write::write(file),
        ([Some("fill"), _, Some(leave)], Some(folder)) => match leave.parse() {
            Ok(leave) => fill::fill(folder, leave),
            Err(_) => usage(),
        },
        ([Some("exhaust"), Some(bytes)], _) => match bytes.parse() {
            Ok(bytes) => exhaust::exhaust(bytes),
            Err(_) => usage(),
        },
        ([Some("reap"), Some(order)], _) => match reap::Order::read(order) {
            Some(order) => reap::reap(&order),
            None => usage(),
        },
        _ => usage(),
    }
}

fn usage() -> ExitCode {
    let _ = std::io::stderr().write_all(USAGE.as_bytes());
    ExitCode::from(2)
}

/// Says what went wrong, in one line, as far as anyone listens.
fn complain(text: &str) -> ExitCode {
    let _ = std::io::stderr().write_all(format!("probe: {text}\n").as_bytes());
    ExitCode::FAILURE
}
