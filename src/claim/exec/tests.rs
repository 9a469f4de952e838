use crate::claim::Claim;
use crate::claim::trial::{claim, errs_unseen, fails_ended, judged, misses, refused};
use crate::fact::answer::Fact;
use crate::fact::blob::Blob;
use crate::fact::command::{Command, End, Ran};
use crate::fact::question::Question;

fn ran(end: End, stdout: &str, stderr: &str) -> Fact {
    Fact::Ran(Ran {
        end,
        stdout: Blob::whole(stdout),
        stderr: Blob::whole(stderr),
        micros: 900,
    })
}

fn command(text: &str) -> Command {
    let Claim::Exec(exec) = claim("exec", text) else {
        panic!("not an exec");
    };
    exec.to_run()
}

#[test]
fn what_is_run_is_what_is_written() {
    let run = command(
        "{ command: [a, 'b c'], user: root, workdir: /tmp, environment: { A: 1, B: null }, stdin: x, timeout: 2s }",
    );
    assert_eq!(run.argv, ["a", "b c"]);
    assert_eq!(
        (run.user.as_deref(), run.workdir.as_deref()),
        (Some("root"), Some("/tmp"))
    );
    assert_eq!(
        run.environment,
        [
            ("A".to_owned(), Some("1".to_owned())),
            ("B".to_owned(), None)
        ]
    );
    assert_eq!(
        (run.stdin.as_deref(), run.timeout_millis),
        (Some("x"), 2_000)
    );
    let brief = command("sh -c 'exit 0'");
    assert_eq!(brief.argv, ["sh", "-c", "exit 0"]);
    assert_eq!((brief.timeout_millis, brief.user), (30_000, None));
}

#[test]
fn codes_and_outputs_are_compared() {
    let two = |_: &Question| ran(End::Code(2), "out\n", "usage\nmore\n");
    for holds in [
        "{ command: a, code: 2 }",
        "{ command: a, code: { not: 0 }, stdout: out, stderr: { contains: usage } }",
    ] {
        assert_eq!(misses("exec", holds, two), [""; 0], "{holds}");
    }
    assert_eq!(
        misses("exec", "a", two),
        [
            "exit code: expected 0, actual 2 | stderr: \"usage\" | stderr: \"more\" | stdout: \"out\""
        ]
    );
    assert_eq!(
        misses(
            "exec",
            "{ command: a, code: 2, stdout: no, stderr: { matches: '^x' } }",
            two
        ),
        [
            "stdout: expected \"no\", actual \"out\"",
            "stderr: expected matching /^x/, actual \"usage\\nmore\"",
        ]
    );
}

#[test]
fn what_was_written_is_shown_once() {
    let one = |_: &Question| ran(End::Code(1), "out\n", "usage\n");
    let found = misses("exec", "{ command: a, stdout: no }", one);
    let expected = [
        "exit code: expected 0, actual 1",
        "stdout: expected \"no\", actual \"out\" | stderr: \"usage\"",
    ];
    assert_eq!(found, expected);
}

#[test]
fn other_ends_are_failures_with_their_reason() {
    let killed = |_: &Question| ran(End::Signal(9), "", "");
    assert_eq!(misses("exec", "{ command: a, code: 137 }", killed), [""; 0]);
    let said = "exit code: expected 0, actual 137 | SIGKILL ended it";
    assert_eq!(misses("exec", "a", killed), [said]);
    let lost = |_: &Question| ran(End::NotStarted("no such file".to_owned()), "", "");
    let said = "exec: expected \"a b\" to run, actual not started: no such file";
    assert_eq!(
        misses("exec", "{ command: a b, code: { not: 0 } }", lost),
        [said]
    );
    let slow = |_: &Question| ran(End::TimedOut, "begun", "");
    let said = "exec: expected \"a\" to end within 2 s, actual still running then, so it was killed | stdout: \"begun\"";
    assert_eq!(
        misses(
            "exec",
            "{ command: a, timeout: 2s, code: { not: 0 } }",
            slow
        ),
        [said]
    );
}

#[test]
fn long_output_is_shown_by_its_head() {
    let lines: String = (0..10).map(|n| format!("{n}\u{1b}\n")).collect();
    let said = misses("exec", "a", |_| ran(End::Code(1), "", &lines)).remove(0);
    assert!(
        said.contains("| stderr: \"7\\u{1b}\" | stderr: and 2 more lines"),
        "{said}"
    );
    assert!(!said.contains("\"8"), "{said}");
}

#[test]
fn what_was_cut_is_said_and_is_no_proof() {
    let cut = |_: &Question| {
        let stdout = Blob {
            bytes: b"begin".to_vec(),
            total: 5_000,
        };
        Fact::Ran(Ran {
            end: End::Code(0),
            stdout,
            stderr: Blob::default(),
            micros: 1,
        })
    };
    assert_eq!(
        misses("exec", "{ command: a, stdout: { contains: begin } }", cut),
        [""; 0]
    );
    let never = "{ command: a, stdout: { not: { contains: beg } } }";
    let said = misses("exec", never, cut).remove(0);
    assert!(
        said.ends_with("| only the first 5 B of stdout's 5 kB were kept"),
        "{said}"
    );
    for open in ["not: { contains: end }", "contains: end", "equals: begins"] {
        let text = format!("{{ command: a, stdout: {{ {open} }} }}");
        let unsure = judged("exec", &text, cut);
        assert!(unsure.misses.is_empty(), "{unsure:?}");
        assert_eq!(
            unsure.unseen,
            ["only the first 5 B of stdout's 5 kB were kept, so the rest is not known"]
        );
    }
}

#[test]
fn what_is_not_seen_is_no_verdict() {
    errs_unseen("exec", "a", |_| ran(End::Code(0), "", ""));
    fails_ended("exec", "a");
}

#[test]
fn commands_without_a_program_are_refused() {
    for wrong in ["[]", "''", "{ command: ['', a] }"] {
        assert!(
            refused("exec", wrong).contains("names a program"),
            "{wrong}"
        );
    }
    assert!(refused("exec", "a 'b").contains("never closed"));
    assert!(refused("exec", "{ command: a, environment: [A=1] }").contains("a map of name"));
    assert!(refused("exec", "{ code: 0 }").contains("`command` is missing"));
}
