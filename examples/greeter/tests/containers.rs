fn main() -> std::process::ExitCode {
    seaworthy::test("suites")
}
