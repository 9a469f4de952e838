//! `report.html` in a real browser: Chromium without a window. Where there is none these tests are ignored.
#![cfg_attr(
    test,
    expect(
        clippy::disallowed_methods,
        reason = "a test is its own door to the world"
    )
)]

#[cfg(test)]
#[path = "page/browser.rs"]
mod browser;
#[cfg(test)]
#[path = "page/looks.rs"]
mod looks;
#[cfg(test)]
#[path = "page/made.rs"]
mod made;
#[cfg(test)]
#[path = "page/works.rs"]
mod works;

#[cfg(test)]
fn main() -> std::process::ExitCode {
    let mut arguments = libtest_mimic::Arguments::from_args();
    // Each starts a browser of its own.
    arguments.test_threads = arguments.test_threads.or(Some(2));
    let mut trials = [works::trials(), looks::trials()].concat();
    let all = trials.drain(..).map(|(name, test)| {
        let missing = browser::found().is_none();
        let name = match missing {
            true => format!("{name} (there is no chromium on PATH)"),
            false => name.to_owned(),
        };
        libtest_mimic::Trial::test(name, move || test().map_err(Into::into))
            .with_ignored_flag(missing)
    });
    libtest_mimic::run(&arguments, all.collect()).exit_code()
}

#[cfg(not(test))]
fn main() {}
