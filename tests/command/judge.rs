//! Saved runs that are judged again without an engine, by the same suites and by changed ones.

use std::path::Path;

use serde_json::Value as Json;

use super::{command, ended};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const WORD: &str = "open sesame+1";

/// A program that tells its secrets to everyone, and a suite that knows them.
const SUITE: &str = r#"
seaworthy: 1
name: told
vars: { SEAWORTHY_TEST_CODE: "404" }
secrets: { WORD: { env: SEAWORTHY_TEST_WORD }, KEY: { random: 24 } }
image: { ref: "python:3.11.2-slim" }
run:
  environment: { WORD: "${WORD}", KEY: "${KEY}" }
  command:
    - python3
    - -u
    - -c
    - |
      import http.server, os
      print("the key is " + os.environ["KEY"])
      open("/tmp/word", "w").write(os.environ["WORD"] + "\n")
      class Echo(http.server.BaseHTTPRequestHandler):
          def do_GET(self):
              body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
              self.send_response(200)
              self.send_header("x-word", os.environ["WORD"])
              self.end_headers()
              self.wfile.write(f"{self.headers.get('authorization')} {body} by {os.environ['WORD']}".encode())
          do_POST = do_GET
      http.server.HTTPServer(("", 8000), Echo).serve_forever()
  ready: { tcp: { to: "app:8000" }, within: 60s }
cases:
  - name: it tells all it knows
    expect:
      - env: { WORD: "${WORD}", KEY: { not: public } }
      - logs: { contains: "the key is ${KEY}" }
        within: 10s
      - path: { at: /tmp/word, content: "${WORD}", mode: 644 }
      - http: { url: "http://app:8000/?w=${WORD}", auth: { basic: { user: me, password: "${WORD}" } }, header: { x-word: "${WORD}" }, status: "${SEAWORTHY_TEST_CODE}" }
      - http: { url: "http://app:8000/", form: { word: "${WORD}" }, text: { contains: "${WORD}" } }
      - http: { url: "http://app:8000/", headers: { X-Key: "${KEY}" }, body: "key=${KEY}", status: 201 }
      - exec: { command: [sh, -c, "echo $KEY"], stdout: "${KEY}" }
      - env: { WORD: public }
  - name: its files
    expect:
      - path: { at: /etc/os-release, content: { contains: Debian } }
      - path: { at: "/etc/apt/*", type: directory }
      - image: { user: nobody, size: { below: 1GB } }
      - path: { at: "/usr/**", exists: true }
      - no_secrets: true
      - packages: { absent: [gcc] }
  - name: it is stopped
    steps:
      - exec: { command: [python3, -c, "print(1)"], stdout: "1" }
      - stop: { grace: 1s }
      - expect:
          - exited: { code: 137 }
          - path: { at: /tmp/word, exists: true }
          - whoami: root
  - name: it is not made
    run: { command: [/nowhere], ready: running }
    expect: [ { state: running } ]
  - name: it is not looked at
    skip: another day
    expect: [ { state: running } ]
"#;

pub(super) fn write(at: &Path, file: &str, text: &str) {
    std::fs::write(at.join(file), text).unwrap();
}

fn read(at: &Path, file: &str) -> String {
    std::fs::read_to_string(at.join(file)).unwrap()
}

/// What the command said, and its exit code; it has no engine where it judges again.
pub(super) fn ran(at: &Path, words: &[&str]) -> (Option<i32>, String) {
    let mut command = command(at, words);
    match words.first() {
        Some(&"run") => command
            .env("SEAWORTHY_TEST_WORD", WORD)
            .env("SEAWORTHY_TEST_CODE", "200"),
        _ => command
            .env("DOCKER_HOST", "unix:///nowhere.sock")
            .env_remove("SEAWORTHY_TEST_WORD"),
    };
    ended(command.output().unwrap())
}

pub(super) fn outcome(at: &Path, file: &str) -> Json {
    let mut report: Json = serde_json::from_str(&read(at, file)).unwrap();
    report["outcome"].take()
}

#[test]
fn a_run_of_a_project_is_judged_again_to_the_same_outcome() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let [out, again] = ["out", "again"].map(|name| at.join(name).display().to_string());
    let root = Path::new(ROOT);
    let run = [
        "run",
        "suites/aisopod/first.yaml",
        "suites/aisopod/image.yaml",
        "--report",
        &out,
    ];
    let (code, said) = ran(root, &run);
    assert_eq!(code, Some(0), "{said}");
    let (code, judged) = ran(at, &["judge", "out", "--report", &again]);
    assert_eq!(code, Some(0), "{judged}");
    assert_eq!(read(at, "again/report.txt"), read(at, "out/report.txt"));
    let last = said.lines().find(|line| line.starts_with("14 passed"));
    assert_eq!(
        last,
        judged.lines().find(|line| line.starts_with("14 passed"))
    );
    assert_eq!(
        outcome(at, "again/report.json"),
        outcome(at, "out/report.json")
    );
    // And by the suites as they lie there.
    let suites = ["suites/aisopod/first.yaml", "suites/aisopod/image.yaml"];
    let (code, judged) = ran(root, &[&["judge", &out], &suites[..]].concat());
    assert!(
        code == Some(0) && last.is_some_and(|last| judged.contains(last)),
        "{judged}"
    );
    let length = read(at, "out/report.json").len();
    assert!(length < 1 << 20, "{length}");
}

#[test]
fn what_a_run_said_of_secrets_is_judged_again_without_them() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, "told.yaml", SUITE);
    let (code, said) = ran(at, &["run", "told.yaml", "--report", "out"]);
    assert_eq!(code, Some(1), "{said}");
    let report = read(at, "out/report.json");
    let spelled = [
        "open sesame",
        "open+sesame",
        "open%20sesame",
        "b3BlbiBzZXNhbWUrM",
    ];
    for spelled in spelled {
        assert!(
            !report.contains(spelled) && !said.contains(spelled),
            "{spelled}: {report}"
        );
    }
    for kept in ["${WORD}", "the key is ${KEY}", "word=${WORD}", "key=${KEY}"] {
        assert!(report.contains(kept), "{kept}");
    }
    let (code, judged) = ran(at, &["judge", "out/report.json", "--report", "again"]);
    assert_eq!(code, Some(1), "{judged}");
    assert_eq!(read(at, "again/report.txt"), read(at, "out/report.txt"));
    assert_eq!(
        outcome(at, "again/report.json"),
        outcome(at, "out/report.json")
    );
    let length = report.len();
    assert!(length < 1 << 20, "{length}");
}

#[test]
fn changed_claims_are_judged_by_what_was_seen_of_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, "told.yaml", SUITE);
    let (code, said) = ran(at, &["run", "told.yaml", "--report", "out"]);
    assert_eq!(code, Some(1), "{said}");
    let changes = [
        (
            "WORD: \"${WORD}\", KEY: { not: public }",
            "WORD: { contains: \"${WORD}\" }, KEY: \"${KEY}\"",
        ),
        (
            "contains: \"the key is ${KEY}\"",
            "contains: \"a key is ${KEY}\"",
        ),
        (
            "content: \"${WORD}\", mode: 644",
            "content: { contains: \"${WORD}\" }, mode: 600",
        ),
        (
            "header: { x-word: \"${WORD}\" }, ",
            "header: { x-word: { starts_with: \"${WORD}\" } }, ",
        ),
        (
            "text: { contains: \"${WORD}\" }",
            "text: { contains: \"by ${WORD}\" }",
        ),
        ("status: 201", "status: 200"),
        ("stdout: \"${KEY}\"", "stdout: { starts_with: \"${KEY}\" }"),
        ("size: { below: 1GB }", "size: { below: 1MB }"),
        ("no_secrets: true", "no_secrets: { except: [/etc/x] }"),
        ("exists: true }\n      - no", "type: file }\n      - no"),
        ("exited: { code: 137 }", "exited: { code: 0 }"),
        ("state: running", "state: exited"),
    ];
    let mut text = SUITE.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    std::fs::create_dir(at.join("other")).unwrap();
    write(at, "other/new.yaml", &text);
    let words = ["judge", "../out", "new.yaml", "--report", "out"];
    let (code, judged) = ran(&at.join("other"), &words);
    assert_eq!(code, Some(1), "{judged}");
    let before = outcome(at, "out/report.json");
    let outcome = outcome(at, "other/out/report.json");
    let list = |case: usize, of: &str, keys: [&str; 3]| -> Vec<String> {
        let all = outcome["cases"][case][of].as_array().unwrap().iter();
        let words = |one: &Json| {
            keys.map(|key| one[key].as_str().unwrap_or("").to_owned())
                .join(" | ")
        };
        all.map(words).collect()
    };
    let failures = |case| list(case, "failures", ["what", "expected", "actual"]);
    let troubles = |case| list(case, "troubles", ["message", "", ""]);
    let first = failures(0);
    assert_eq!(first.len(), 3, "{first:?}");
    assert!(first[0].contains("a key is ***"), "{first:?}");
    assert!(
        first[1].contains("/tmp/word mode") && first[1].contains("644"),
        "{first:?}"
    );
    assert_eq!(first[2], "WORD | \"public\" | \"***\"");
    assert_eq!(troubles(0), [""; 0], "{judged}");
    assert!(
        failures(1).iter().any(|one| one.starts_with("size | ")),
        "{judged}"
    );
    let unkept = troubles(1);
    assert_eq!(unkept.len(), 2, "{unkept:?}");
    assert!(
        unkept[0]
            .contains("larger than the 256 kB that a report keeps of one: run the suite again"),
        "{unkept:?}"
    );
    assert!(
        unkept[1].contains("looks like a secret is not kept in reports"),
        "{unkept:?}"
    );
    assert_eq!(failures(2).len(), 2, "{judged}");
    assert!(
        failures(2)[0].starts_with("exit code | 0 | 137"),
        "{judged}"
    );
    // What is no claim is as it was.
    let shown = |outcome: &Json| outcome["cases"][3]["failures"][0]["actual"].clone();
    assert_eq!(shown(&outcome), shown(&before));
    assert!(!shown(&before).is_null(), "{before}");
}

/// A case with steps, at its own pace.
pub(super) const STEPS: &str = r"
seaworthy: 1
name: paced
image: { build: { context: context } }
run: { stdin_open: true }
cases:
  - name: it goes on
    steps:
      - expect: [ { whoami: 0 }, { state: running } ]
      - restart
      - expect: [ { state: running } ]
      - stop: { grace: 1s }
      - expect: [ { exited: { code: { not: 0 } } } ]
  - name: it ends
    steps:
      - stop: { grace: 1s }
      - expect: [ { exited: { code: 0 } } ]
      - start
      - expect: [ { state: running } ]
";

#[test]
fn steps_that_are_not_those_that_were_done_cannot_be_told() {
    let folder = super::folder();
    let at = &folder.path().join("suites");
    write(at, "paced.yaml", STEPS);
    let (code, said) = ran(at, &["run", "paced.yaml", "--report", "out"]);
    assert_eq!(code, Some(1), "{said}");
    let judged = |from: &str, to: &str| {
        assert!(STEPS.contains(from), "{from}");
        write(at, "new.yaml", &STEPS.replacen(from, to, 1));
        let (_, text) = ran(at, &["judge", "out", "new.yaml"]);
        text
    };
    let same = judged("whoami: 0", "whoami: { uid: 0 }");
    assert!(
        same.contains("✓ passed  it goes on") && same.contains("1 passed, 1 failed"),
        "{same}"
    );
    let failed = judged(
        "{ state: running } ]\n      - restart",
        "{ state: exited } ]\n      - restart",
    );
    assert!(
        failed.contains("✗ failed  it goes on") && failed.contains("0 passed, 2 failed"),
        "{failed}"
    );
    // What is run otherwise is another thing, of which nothing was seen.
    let other = judged("stdin_open: true", "stdin_open: true, user: \"7\"");
    let said = "its image, the way it is run or its services are not those of the report";
    assert!(
        other.matches(said).count() >= 2 && !other.contains("✓"),
        "{other}"
    );
    // A part of a run is not taken for all of it.
    let words = ["judge", "out", "--filter", "goes on", "--report", "part"];
    assert_eq!(ran(at, &words).0, Some(0));
    let statement = read(at, "part/statement.json");
    assert!(!statement.contains("\"PASSED\""), "{statement}");
    // Of what was done otherwise nothing is known, and of what came before it is.
    let other = judged("- restart\n", "- restart: { grace: 1s }\n");
    let said = "this is not what was done when the report was made";
    assert!(
        other.contains(said) && other.contains("new.yaml:10:9"),
        "{other}"
    );
    assert!(judged("      - restart\n", "").contains(said));
    // One that is left out at the end changes nothing.
    let shorter = judged(
        "      - stop: { grace: 1s }\n      - expect: [ { exited: { code: { not: 0 } } } ]\n",
        "",
    );
    assert!(shorter.contains("✓ passed  it goes on"), "{shorter}");
    let more = judged(
        "- expect: [ { exited: { code: { not: 0 } } } ]",
        "- expect: [ { state: exited } ]\n      - start",
    );
    assert!(
        more.contains("the report holds no answer to what this claim asks"),
        "{more}"
    );
    // What ended the case then does not end it now.
    let on = judged("code: 0 }", "code: { not: 0 } }");
    assert!(
        on.contains("the case had ended before: run the suite again"),
        "{on}"
    );
    assert!(
        on.contains("✓ passed  it goes on") && on.contains("new.yaml:18:9"),
        "{on}"
    );
    // Cases that nobody has run.
    let (code, text) = ran(
        at,
        &["judge", "out", "new.yaml", "--filter", "goes on", "--quiet"],
    );
    assert_eq!(
        (code, text.trim()),
        (Some(0), text.lines().last().unwrap()),
        "{text}"
    );
    let renamed = judged("it goes on", "it went on");
    assert!(
        renamed.contains("the report holds no such case"),
        "{renamed}"
    );
    assert!(
        renamed.contains("0 passed, 1 failed, 1 errored"),
        "{renamed}"
    );
}

#[test]
fn what_is_no_report_is_told_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let suite = "seaworthy: 1\nimage: { ref: a }\nsecrets: { W: { env: SEAWORTHY_TEST_WORD } }\ncases:\n  - { name: it, skip: \"${W}\", expect: [ { state: running } ] }\n";
    write(at, "it.yaml", suite);
    let (code, said) = ran(at, &["run", "it.yaml", "--report", "out"]);
    assert_eq!(code, Some(4), "{said}");
    let (code, judged) = ran(at, &["judge", "out"]);
    assert_eq!(code, Some(4), "{judged}");
    assert!(
        judged.contains("0 passed, 0 failed, 0 errored, 1 skipped"),
        "{judged}"
    );
    let report = read(at, "out/report.json");
    for (text, wanted) in [
        (
            report[..report.len() / 2].to_owned(),
            "is no report that can be judged again: it ends too early, at line ",
        ),
        (
            "nothing".to_owned(),
            "is no report that can be judged again: it is no JSON at line 1, column 2",
        ),
        (
            "[1]".to_owned(),
            "is no report that can be judged again: something else is expected before line 1, column ",
        ),
        (
            r#"{ "version": "x" }"#.to_owned(),
            "is no report that can be judged again: something else is expected before line 1, column 16",
        ),
        (r#"{ "tests": 1 }"#.to_owned(), "it has no `version`"),
        (r#"{ "version": 1 }"#.to_owned(), "it has no `outcome`"),
        (
            report.replace("\"version\": 1,", "\"version\": 9,"),
            "has the form 9 of `report.json`",
        ),
        (
            report.replace("\"given\"", "\"taken\""),
            "it holds no facts, since an older seaworthy wrote it",
        ),
        (
            report.replace("\"cases\": [", "\"cases\": [ 7, "),
            "is no report that can be judged again: something else is expected before line ",
        ),
        (
            report.replace("image: { ref: a }", "image: { ref: b }"),
            "does not hold `it.yaml` as it was",
        ),
    ] {
        write(at, "broken.json", &text);
        let (code, said) = ran(at, &["judge", "broken.json"]);
        assert_eq!(code, Some(2), "{said}");
        assert!(
            said.contains(wanted) && said.matches("error").count() == 1,
            "{wanted}: {said}"
        );
        assert!(said.contains("help: "), "{said}");
    }
    let (code, said) = ran(at, &["judge", "nowhere.json"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("cannot read `nowhere.json`"), "{said}");
    // A suite that is wrong is told as that.
    write(at, "it.yaml", &suite.replace("name: it", "nam: it"));
    let (code, said) = ran(at, &["judge", "out", "it.yaml", "--report", "out"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("unknown key `nam`") && said.contains("nothing was judged"),
        "{said}"
    );
    assert_eq!(read(at, "out/report.json"), report);
    let (code, said) = ran(at, &["judge", "out", "--report", "out"]);
    assert_eq!(code, Some(4), "{said}");
    assert_eq!(
        outcome(at, "out/report.json")["cases"][0]["verdict"],
        "skipped"
    );
}
