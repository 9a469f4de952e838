//! Suites on a real engine, from their text to their verdicts.
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
fn main() -> std::process::ExitCode {
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
