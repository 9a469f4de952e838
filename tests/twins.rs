//! Each claim of the systems in `fixtures` can fail: a twin is a system with one change, which a case of
//! its suites must notice, for the reason that is written beside it.
//!
//! Twins of a suite that do not meet are run together, unless a filter chooses some.
//!
//! `SEAWORTHY_TWINS=whole` runs whole suites rather than a twin's own case and a control, and then no case
//! of another requirement may fail either.
//!
//! With `SEAWORTHY_SUITES=FOLDER` nothing is run: the changed systems are written there, for `ci/engines`.
#![cfg_attr(
    test,
    expect(
        clippy::disallowed_methods,
        reason = "a test is its own door to the world"
    )
)]

#[cfg(test)]
#[path = "twins/changed.rs"]
mod changed;
#[cfg(test)]
#[path = "twins/judged.rs"]
mod judged;
#[cfg(test)]
#[path = "twins/laid.rs"]
mod laid;
#[cfg(test)]
#[path = "twins/together.rs"]
mod together;
#[cfg(test)]
#[path = "twins/written.rs"]
mod written;

#[cfg(test)]
#[expect(clippy::print_stderr, reason = "nobody else says why")]
fn main() -> std::process::ExitCode {
    let mut arguments = libtest_mimic::Arguments::from_args();
    if let Some(folder) = std::env::var_os("SEAWORTHY_SUITES") {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let of = arguments.filter.unwrap_or_default();
        let written = together::write(root, &of, std::path::Path::new(&folder));
        return written.map_or_else(
            |why| {
                eprintln!("{why}");
                std::process::ExitCode::FAILURE
            },
            |()| std::process::ExitCode::SUCCESS,
        );
    }
    // Trials wait for the engine, they do not compute.
    arguments.test_threads = arguments.test_threads.or(Some(3));
    let are_chosen = arguments.filter.is_some();
    libtest_mimic::run(&arguments, judged::trials(are_chosen)).exit_code()
}

#[cfg(not(test))]
fn main() {}
