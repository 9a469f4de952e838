//! Suites on a real engine, from their text to their verdicts.
//!
//! With `SEAWORTHY_SUITES=FOLDER` nothing is run: what `ci/engines` runs of them is written there.
#![cfg_attr(
    test,
    expect(
        clippy::disallowed_methods,
        reason = "a test is its own door to the world"
    )
)]

#[cfg(test)]
#[path = "run/again.rs"]
mod again;
#[cfg(test)]
#[path = "run/bench.rs"]
mod bench;
#[cfg(test)]
#[path = "run/behaviour.rs"]
mod behaviour;
#[cfg(test)]
#[path = "run/counted.rs"]
mod counted;
#[cfg(test)]
#[path = "run/expected.rs"]
mod expected;
#[cfg(test)]
#[path = "run/mechanics.rs"]
mod mechanics;
#[cfg(test)]
#[path = "run/pages.rs"]
mod pages;
#[cfg(test)]
#[path = "run/wrong.rs"]
mod wrong;

#[cfg(test)]
#[expect(clippy::print_stderr, reason = "nobody else says why")]
fn main() -> std::process::ExitCode {
    if let Some(folder) = std::env::var_os("SEAWORTHY_SUITES") {
        let written = pages::write(std::path::Path::new(&folder));
        return written.map_or_else(
            |why| {
                eprintln!("{why}");
                std::process::ExitCode::FAILURE
            },
            |()| std::process::ExitCode::SUCCESS,
        );
    }
    let mut arguments = libtest_mimic::Arguments::from_args();
    // Trials wait for the engine, they do not compute.
    arguments.test_threads = arguments.test_threads.or(Some(4));
    let trials = [
        again::trials(),
        pages::trials(),
        behaviour::trials(),
        counted::trials(),
        mechanics::trials(),
        wrong::trials(),
    ];
    let trials = trials.into_iter().flatten().collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

#[cfg(not(test))]
fn main() {}
