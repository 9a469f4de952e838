//! Suites as tests of `cargo test`: what a test program of a project does, seen from outside.
//!
//! This program is both: started with `SUBJECT`, it is the test of a project with suites in that folder.
#![cfg_attr(
    test,
    expect(clippy::disallowed_methods, reason = "a test plays the user's part")
)]

#[cfg(test)]
fn main() -> std::process::ExitCode {
    match std::env::var_os("SUBJECT") {
        Some(folder) => seaworthy::test(folder),
        None => trials::run(),
    }
}

#[cfg(not(test))]
fn main() {}

#[cfg(test)]
mod trials {
    use std::path::Path;
    use std::process::{Child, Command, ExitCode, Output, Stdio};
    use std::time::{Duration, Instant};

    use libtest_mimic::{Arguments, Failed, Trial};
    use seaworthy::engine::probe_binary;
    use tempfile::TempDir;

    const SUITE: &str = "
seaworthy: 1
name: s
image: { build: { context: context } }
run: { stdin_open: true, environment: { WORD: hello } }
cases:
  - { name: holds, expect: [ env: { WORD: hello } ] }
  - { name: shares its container, expect: [ whoami: { uid: 0 } ] }
  - { name: fails, expect: [ env: { WORD: bye } ] }
  - { name: left out, skip: no reason, expect: [ env: { WORD: bye } ] }
";
    /// Its case never gets ready.
    const PATIENT: &str = "
seaworthy: 1
image: { build: { context: context } }
run: { stdin_open: true, ready: { exec: { command: [/probe, nothing], code: 99 }, within: 90s } }
cases:
  - { name: waits, expect: [ whoami: { uid: 0 } ] }
";
    /// Where no engine is.
    const NOWHERE: (&str, &str) = ("DOCKER_HOST", "unix:///no/such/engine.sock");

    pub(super) fn run() -> ExitCode {
        let all: [(&str, fn()); 8] = [
            ("a_list_asks_no_engine", a_list_asks_no_engine),
            (
                "without_an_engine_nothing_passes",
                without_an_engine_nothing_passes,
            ),
            ("each_case_is_a_trial", each_case_is_a_trial),
            (
                "a_wrong_suite_is_one_failing_trial",
                a_wrong_suite_is_one_failing_trial,
            ),
            ("equal_names_are_told_apart", equal_names_are_told_apart),
            (
                "processes_of_one_run_of_nextest_write_one_report",
                processes_of_one_run_of_nextest_write_one_report,
            ),
            (
                "a_run_that_cannot_begin_leaves_no_report_of_an_earlier_one",
                a_run_that_cannot_begin_leaves_no_report_of_an_earlier_one,
            ),
            (
                "one_that_is_ended_leaves_nothing",
                one_that_is_ended_leaves_nothing,
            ),
        ];
        let trial = |(name, test): (&str, fn())| {
            Trial::test(name, move || {
                test();
                Ok::<(), Failed>(())
            })
        };
        let trials = all.into_iter().map(trial).collect();
        libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
    }

    /// A folder with these suites and what they build.
    fn folder(suites: &[(&str, &str)]) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        };
        for (name, text) in suites {
            write(name, text.as_bytes());
        }
        write("context/program", probe_binary::bytes());
        let dockerfile =
            "FROM scratch\nCOPY --chmod=755 program /probe\nENTRYPOINT [\"/probe\", \"serve\"]\n";
        write("context/Dockerfile", dockerfile.as_bytes());
        folder
    }

    fn command(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(arguments)
            .current_dir(folder)
            .env("SUBJECT", ".");
        for name in [
            "NEXTEST",
            "NEXTEST_RUN_ID",
            "SEAWORTHY_REQUIRE_ENGINE",
            "SEAWORTHY_IMAGE",
            "SEAWORTHY_REPORT",
        ] {
            command.env_remove(name);
        }
        command.envs(variables.iter().copied());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn ran(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String) {
        ended(command(folder, arguments, variables).output().unwrap())
    }

    fn ended(output: Output) -> (Option<i32>, String) {
        let (out, err) = (output.stdout, output.stderr);
        let text = [out, err].map(|bytes| String::from_utf8(bytes).unwrap());
        (output.status.code(), text.concat())
    }

    fn a_list_asks_no_engine() {
        let folder = folder(&[("s.yaml", SUITE)]);
        let (code, text) = ran(folder.path(), &["--list"], &[NOWHERE]);
        assert_eq!(code, Some(0), "{text}");
        let listed =
            "s::holds: test\ns::shares its container: test\ns::fails: test\ns::left out: test\n";
        assert_eq!(text, listed);
        let (_, text) = ran(folder.path(), &["--list", "--ignored"], &[NOWHERE]);
        assert_eq!(text, "s::left out: test\n");
    }

    fn without_an_engine_nothing_passes() {
        let folder = folder(&[("s.yaml", SUITE)]);
        let (code, text) = ran(folder.path(), &[], &[NOWHERE]);
        assert_eq!(code, Some(0), "{text}");
        assert!(text.contains("0 passed; 0 failed; 4 ignored"), "{text}");
        assert!(
            text.contains("ignored (cannot connect to the engine at unix:///no/such/engine.sock"),
            "{text}"
        );
        // There is no command line to say it on.
        assert!(!text.contains("--engine"), "{text}");
        for must in [("SEAWORTHY_REQUIRE_ENGINE", "1"), ("NEXTEST", "1")] {
            let (code, text) = ran(folder.path(), &[], &[NOWHERE, must]);
            assert_eq!(code, Some(101), "{must:?} {text}");
            assert!(text.contains("0 passed; 3 failed; 1 ignored"), "{text}");
            let help = "help: start the engine, or say where it is with DOCKER_HOST\n";
            assert!(text.contains(help), "{text}");
        }
    }

    fn each_case_is_a_trial() {
        let folder = folder(&[("s.yaml", SUITE)]);
        let report = folder.path().join("report");
        let reported = ("SEAWORTHY_REPORT", report.to_str().unwrap());
        let cases = || -> Vec<serde_json::Value> {
            let saved = std::fs::read_to_string(report.join("report.json")).unwrap();
            let saved: serde_json::Value = serde_json::from_str(&saved).unwrap();
            saved["outcome"]["cases"].as_array().unwrap().clone()
        };
        let (code, text) = ran(folder.path(), &[], &[reported]);
        assert_eq!(code, Some(101), "{text}");
        assert!(text.contains("2 passed; 1 failed; 1 ignored"), "{text}");
        let told = "      env WORD\n       --> s.yaml:9:";
        assert_eq!(text.matches(told).count(), 1, "{text}");
        assert!(
            text.contains("      expected  \"bye\"\n      actual    \"hello\""),
            "{text}"
        );
        // One container for the three.
        let all = cases();
        assert_eq!(all.len(), 4, "{all:?}");
        let calls = |at: usize| &all[at]["calls"];
        assert_eq!((calls(0), calls(0)), (calls(1), calls(2)), "{all:?}");

        let (code, text) = ran(folder.path(), &["--exact", "s::holds"], &[reported]);
        assert_eq!(code, Some(0), "{text}");
        assert!(text.contains("1 passed; 0 failed; 0 ignored"), "{text}");
        let one = cases();
        assert_eq!(
            (one.len(), &one[0]["name"]),
            (1, &"holds".into()),
            "{one:?}"
        );
        let (code, text) = ran(folder.path(), &["--ignored"], &[]);
        assert_eq!(code, Some(0), "{text}");
        assert!(
            text.contains("s::left out ... ignored (skip: no reason)"),
            "{text}"
        );
        let (code, text) = ran(folder.path(), &["--format", "json", "holds"], &[]);
        assert_eq!(code, Some(0), "{text}");
        assert!(
            text.contains(r#""name": "s::holds", "event": "ok""#),
            "{text}"
        );
    }

    /// The report in that folder.
    fn report(folder: &Path) -> serde_json::Value {
        let saved = std::fs::read_to_string(folder.join("report.json")).unwrap();
        serde_json::from_str(&saved).unwrap()
    }

    /// Its cases with their verdicts.
    fn verdicts(report: &serde_json::Value) -> Vec<String> {
        let cases = report["outcome"]["cases"].as_array().unwrap().iter();
        let text = |case: &serde_json::Value, key: &str| case[key].as_str().unwrap().to_owned();
        let verdict = |case| format!("{}: {}", text(case, "name"), text(case, "verdict"));
        cases.map(verdict).collect()
    }

    fn processes_of_one_run_of_nextest_write_one_report() {
        let folder = folder(&[
            ("s.yaml", SUITE),
            ("wrong.yaml", "seaworthy: 1\ncases: 3\n"),
        ]);
        let place = folder.path().join("report");
        let reported = ("SEAWORTHY_REPORT", place.to_str().unwrap());
        let begun = |run: &'static str, case: &str| {
            let arguments = ["--exact", case, "--nocapture"];
            let variables = [("NEXTEST", "1"), ("NEXTEST_RUN_ID", run), reported];
            command(folder.path(), &arguments, &variables)
                .spawn()
                .unwrap()
        };
        let ended = |process: Child| ended(process.wait_with_output().unwrap());
        // What the reports of an earlier run say is not of this one.
        assert_eq!(ended(begun("first", "s::holds")).0, Some(0));
        assert_eq!(
            verdicts(&report(&place)),
            ["holds: passed", "left out: skipped"]
        );
        let cases = ["s::fails", "s::shares its container", "wrong.yaml"];
        let processes = cases.map(|case| begun("second", case));
        for process in processes {
            let (code, text) = ended(process);
            let is_told = text.contains("report.json") && text.contains("junit.xml");
            assert!(matches!(code, Some(0 | 101)) && is_told, "{code:?} {text}");
        }
        let whole = report(&place);
        let expected = [
            "shares its container: passed",
            "fails: failed",
            "left out: skipped",
        ];
        assert_eq!(verdicts(&whole), expected);
        let outcome = &whole["outcome"];
        assert_eq!(
            (&outcome["run"], &outcome["unchosen"]),
            (&"second".into(), &1.into())
        );
        let trouble = outcome["troubles"][0]["message"].as_str().unwrap();
        assert!(
            trouble.starts_with("`wrong.yaml` is not as it must be"),
            "{trouble}"
        );
        let (code, text) = ran(
            folder.path(),
            &["--exact", "s::holds"],
            &[("NEXTEST", "1"), reported],
        );
        assert_eq!(code, Some(101), "{text}");
        assert!(text.contains("`NEXTEST_RUN_ID`"), "{text}");
    }

    fn a_run_that_cannot_begin_leaves_no_report_of_an_earlier_one() {
        let folder = folder(&[("s.yaml", SUITE)]);
        let place = folder.path().join("report");
        let reported = ("SEAWORTHY_REPORT", place.to_str().unwrap());
        let (_, text) = ran(folder.path(), &["--exact", "s::holds"], &[reported]);
        assert_eq!(
            report(&place)["outcome"]["cases"][0]["verdict"],
            "passed",
            "{text}"
        );
        // That of another program is not touched by one that runs nothing.
        let (code, text) = ran(folder.path(), &["nothing of this name"], &[reported]);
        assert_eq!(code, Some(0), "{text}");
        assert_eq!(verdicts(&report(&place)), ["holds: passed"]);
        let (code, text) = ran(folder.path(), &[], &[NOWHERE, reported]);
        assert_eq!(code, Some(0), "{text}");
        let report = report(&place);
        assert_eq!(verdicts(&report), [""; 0], "{text}");
        let trouble = report["outcome"]["troubles"][0]["message"]
            .as_str()
            .unwrap();
        assert!(
            trouble.contains("cannot connect to the engine"),
            "{trouble}"
        );
        let foreign = folder.path().join("foreign");
        std::fs::create_dir(&foreign).unwrap();
        std::fs::write(foreign.join("junit.xml"), "<testsuites name=\"jest\"/>").unwrap();
        let reported = ("SEAWORTHY_REPORT", foreign.to_str().unwrap());
        let (code, text) = ran(folder.path(), &[], &[reported]);
        assert_eq!(code, Some(101), "{text}");
        assert!(
            text.contains("is no report of seaworthy's") && !text.contains("running"),
            "{text}"
        );
    }

    fn a_wrong_suite_is_one_failing_trial() {
        let wrong = "seaworthy: 1\nname: w\nimage: { ref: x }\ncases: [{ name: a, expect: [{ whoam: 0 }] }, { name: b, expect: [{ nothing: 0 }] }]\n";
        let folder = folder(&[("s.yaml", SUITE), ("wrong.yaml", wrong)]);
        let (code, text) = ran(folder.path(), &["--skip", "fails"], &[]);
        assert_eq!(code, Some(101), "{text}");
        assert!(text.contains("2 passed; 1 failed; 1 ignored"), "{text}");
        assert!(
            text.contains(
                "---- wrong.yaml ----\n\nerror: unknown claim `whoam`\n --> wrong.yaml:4:"
            ),
            "{text}"
        );
        assert!(text.contains("unknown claim `nothing`"), "{text}");
        let empty = tempfile::tempdir().unwrap();
        let (code, text) = ran(empty.path(), &[], &[]);
        assert_eq!(code, Some(101), "{text}");
        assert!(text.contains("no suites found"), "{text}");
    }

    fn equal_names_are_told_apart() {
        let suite = SUITE.replace("context: context", "context: ../context");
        // Two that are told as one.
        let odd = "seaworthy: 1\nname: odd\nimage: { ref: none }\ncases:\n  \
                   - { name: \"a\\tb\", expect: [{ health: healthy }] }\n  - { name: \"a    b\", expect: [{ health: healthy }] }\n";
        let files = [
            ("a/s.yaml", &*suite),
            ("b/s.yaml", &*suite),
            ("odd.yaml", odd),
        ];
        let folder = folder(&files);
        let (code, text) = ran(folder.path(), &["--list"], &[NOWHERE]);
        assert_eq!(code, Some(0), "{text}");
        assert!(text.contains("odd::a    b (odd.yaml): test\n"), "{text}");
        assert!(
            text.contains("odd::a    b (odd.yaml) (2): test\n"),
            "{text}"
        );
        assert!(text.contains("s::holds (a/s.yaml): test\n"), "{text}");
        assert!(text.contains("s::holds (b/s.yaml): test\n"), "{text}");
        let mut names: Vec<&str> = text.lines().collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 10, "{text}");
    }

    /// The containers that this process made.
    fn containers(id: u32) -> usize {
        let output = Command::new("docker")
            .args(["ps", "-a", "--filter", "label=io.seaworthy.run", "--format"])
            .arg("{{.Label \"io.seaworthy.owner\"}}")
            .output()
            .unwrap();
        let all = String::from_utf8(output.stdout).unwrap();
        let ours = format!(":{id}:");
        all.lines().filter(|line| line.contains(&ours)).count()
    }

    fn one_that_is_ended_leaves_nothing() {
        let folder = folder(&[("patient.yaml", PATIENT)]);
        // As nextest ends what takes too long, and as a terminal does.
        for signal in ["-TERM", "-INT"] {
            let reports = folder.path().join(format!("reports{signal}"));
            let report = ("SEAWORTHY_REPORT", reports.to_str().unwrap());
            let run: Child = command(folder.path(), &[], &[report]).spawn().unwrap();
            let id = run.id();
            let deadline = Instant::now() + Duration::from_mins(1);
            while containers(id) == 0 {
                assert!(Instant::now() < deadline, "its container is there in time");
            }
            let sent = Command::new("kill")
                .args([signal, &id.to_string()])
                .status();
            assert!(sent.unwrap().success());
            let (code, text) = ended(run.wait_with_output().unwrap());
            assert_eq!(code, Some(130), "{signal} {text}");
            assert!(text.contains("stopping: removing containers"), "{text}");
            assert_eq!(containers(id), 0, "{signal} {text}");
            // What was judged before is told.
            let report = std::fs::read_to_string(reports.join("report.json")).unwrap();
            assert!(report.contains("\"interrupted\": true"), "{report}");
            assert!(reports.join("junit.xml").exists());
        }
    }
}
