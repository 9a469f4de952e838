//! The acceptance suites of the five systems, as trials of `cargo test`.

fn main() -> std::process::ExitCode {
    seaworthy::test("suites")
}
