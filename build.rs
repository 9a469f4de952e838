//! Builds the probe: the static Linux program of `probe/` that the library carries along.
#![expect(
    clippy::disallowed_methods,
    reason = "a build script is its own door to the world"
)]

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCE: &str = "probe/main.rs";

fn main() -> io::Result<()> {
    say("rerun-if-changed=probe");
    say("rerun-if-changed=build.rs");
    let architecture = variable("CARGO_CFG_TARGET_ARCH")?;
    let out = PathBuf::from(variable("OUT_DIR")?).join("probe");
    let mut refusals = Vec::new();
    for way in ways(&architecture)? {
        match compile(&way, &out)? {
            None => return Ok(()),
            Some(refusal) => refusals.push(format!("{}: {refusal}", way.target)),
        }
    }
    // The library is of use without a probe, and says at run time what is missing.
    fs::write(&out, [])?;
    for refusal in refusals {
        say(&format!("warning=the probe was not built for {refusal}"));
    }
    say(&format!(
        "warning=run `rustup target add {architecture}-unknown-linux-musl` and build again"
    ));
    Ok(())
}

/// One way to get a static program for Linux.
struct Way {
    target: String,
    flags: Vec<&'static str>,
}

/// The ways to try, best first: musl makes the smaller program, and glibc needs nothing to be added.
fn ways(architecture: &str) -> io::Result<Vec<Way>> {
    let host = variable("HOST")?;
    let musl = format!("{architecture}-unknown-linux-musl");
    // The linker that comes with Rust makes Linux programs on any host; `cc` makes the host's only.
    let own_linker = vec![
        "linker=rust-lld",
        "linker-flavor=ld.lld",
        "link-self-contained=yes",
    ];
    let native = host.starts_with(&format!("{architecture}-")) && host.contains("-linux-");
    if !native {
        return Ok(vec![Way {
            target: musl,
            flags: own_linker,
        }]);
    }
    Ok(vec![
        Way {
            target: musl.clone(),
            flags: Vec::new(),
        },
        Way {
            target: musl,
            flags: own_linker,
        },
        Way {
            target: format!("{architecture}-unknown-linux-gnu"),
            flags: Vec::new(),
        },
    ])
}

/// Compiles the probe, or says why that did not work.
fn compile(way: &Way, out: &Path) -> io::Result<Option<String>> {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let mut remap = OsString::from("--remap-path-prefix=");
    remap.push(&root);
    remap.push("=.");
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc
        .args([
            "--edition=2024",
            "--crate-type=bin",
            "--crate-name=probe",
            "--cap-lints=allow",
        ])
        .arg(format!("--target={}", way.target))
        .arg(remap);
    let usual = [
        "opt-level=3",
        "panic=abort",
        "lto=fat",
        "codegen-units=1",
        "strip=symbols",
        "target-feature=+crt-static",
        // At a fixed address there is nothing to relocate at each start.
        "relocation-model=static",
    ];
    for flag in usual.iter().chain(&way.flags) {
        rustc.args(["-C", flag]);
    }
    let output = rustc.arg("-o").arg(out).arg(root.join(SOURCE)).output()?;
    if output.status.success() {
        return Ok(None);
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    let first = errors
        .lines()
        .find(|line| line.starts_with("error"))
        .unwrap_or("error: no reason given");
    Ok(Some(first.chars().take(300).collect()))
}

fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(|error| io::Error::other(format!("{name}: {error}; build with cargo")))
}

fn say(instruction: &str) {
    println!("cargo:{instruction}");
}
