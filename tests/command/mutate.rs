//! `seaworthy mutate`: what a suite notices, what it does not, and what could not be told.

use std::path::Path;
use std::process::Command;

use seaworthy::engine::probe_binary;
use serde_json::Value as Json;
use tempfile::TempDir;

use super::ran;

/// It claims the user and not that nothing can be written. Without its variable it never gets ready, and the case is
/// given up before that can be told.
const SUITE: &str = r#"
seaworthy: 1
name: small
secrets:
  WORD: { random: 20 }
image: { build: { context: mutated } }
run:
  stdin_open: true
  read_only: true
cases:
  - name: runs as nobody in particular
    expect: [ { whoami: 1000 } ]
  - name: gets ready by a variable
    timeout: 15s
    run:
      environment: { WORD: "${WORD}" }
      ready: { env: { WORD: { not: "" } }, within: 60s }
    expect: [ { state: running } ]
"#;

const DOCKERFILE: &str = "\
FROM scratch AS made
COPY program /made
FROM scratch
COPY --from=made --chmod=755 /made /probe
EXPOSE 80
EXPOSE 80
USER 1000
ENTRYPOINT [\"/probe\", \"serve\"]
";

fn folder(suite: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("suites/mutated");
    std::fs::create_dir_all(&at).unwrap();
    std::fs::write(folder.path().join("suites/small.yaml"), suite).unwrap();
    std::fs::write(at.join("program"), probe_binary::bytes()).unwrap();
    std::fs::write(at.join("Dockerfile"), DOCKERFILE).unwrap();
    folder
}

/// What came of each mutant, by what it is called.
fn report(folder: &Path) -> Json {
    let text = std::fs::read_to_string(folder.join("out/mutants.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn of<'a>(report: &'a Json, id: &str) -> &'a Json {
    let mutants = report["findings"]["mutants"].as_array().unwrap();
    let found = mutants.iter().find(|mutant| mutant["id"] == id);
    found.unwrap_or_else(|| panic!("{id} in {report:#}"))
}

/// What docker prints when it is asked for this.
fn docker(arguments: &[&str]) -> String {
    let output = Command::new("docker").args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The images that were made of this suite's Dockerfile, or for one run alone without a label of it: no other kind of
/// run has such.
fn images() -> Vec<String> {
    let listed = docker(&["image", "ls", "--format", "{{.Repository}}:{{.Tag}}"]);
    let is_ours = |name: &&str| {
        let passing = name.starts_with("seaworthy-") && name.contains("-build:");
        let labels = || docker(&["image", "inspect", name, "--format", "{{.Config.Labels}}"]);
        name.starts_with("seaworthy/mutated:") || passing && labels().trim() == "map[]"
    };
    let ours = listed.lines().filter(is_ours);
    ours.map(str::to_owned).collect()
}

const EXPOSED: &str = "suites/mutated/Dockerfile:5 EXPOSE removed";
const COPIED: &str = "suites/mutated/Dockerfile:2 COPY removed: program /made";
const USER: &str = "suites/mutated/Dockerfile:7 USER removed";

#[test]
fn what_no_case_notices_is_told_and_errors_are_not_caught() {
    let folder = folder(SUITE);
    let before = images();
    let mut arguments = vec!["mutate", "--report", "out"];
    for filter in ["read_only", "WORD unset", EXPOSED, COPIED, USER] {
        arguments.extend(["--filter", filter]);
    }
    let (code, text) = ran(folder.path(), &arguments);
    assert_eq!(code, Some(3), "{text}");
    let report = report(folder.path());
    let verdict = |id: &str| of(&report, id)["verdict"].as_str().unwrap().to_owned();
    assert_eq!(verdict(USER), "caught", "{text}");
    let by = &of(&report, USER)["by"];
    assert_eq!(by["case"], "runs as nobody in particular");
    assert_eq!(
        (&by["place"]["line"], &by["actual"]),
        (&12.into(), &"0, which has no name in /etc/passwd".into())
    );
    assert_eq!(verdict("small run.read_only lifted"), "survived", "{text}");
    assert_eq!(
        verdict("small::gets ready by a variable run.environment WORD unset"),
        "errored"
    );
    assert_eq!(verdict(EXPOSED), "not viable", "{text}");
    assert_eq!(of(&report, EXPOSED)["why"], "the image is as it was");
    assert_eq!(verdict(COPIED), "not viable", "{text}");
    let why = of(&report, COPIED)["why"].as_str().unwrap();
    let at = "it does not build: suites/mutated/Dockerfile:4: ";
    assert!(why.starts_with(at), "{why}");
    assert_eq!(report["score_in_thousandths"], 500);
    let survivor = "survived: small run.read_only lifted\n  suites/small.yaml:9\n  9 |   read_only: true\n  its root \
                    file system can be written to, and all 2 cases that it concerns hold\n  a claim that would \
                    notice:\n      - filesystem: read_only\n";
    assert!(text.contains(survivor), "{text}");
    assert!(
        text.contains("score: 50.0 % of what could be noticed was"),
        "{text}"
    );
    // The image as it is stays, to be found by the next run.
    let is_new = |name: &String| !before.contains(name);
    let left: Vec<String> = images().into_iter().filter(is_new).collect();
    assert!(left.len() <= 1, "{left:?}");
    assert!(
        left.iter()
            .all(|name| name.starts_with("seaworthy/mutated:")),
        "{left:?}"
    );
}

#[test]
fn too_low_a_score_fails_and_a_claim_raises_it() {
    let folder = folder(SUITE);
    let arguments = ["mutate", "--filter", "read_only", "--minimum", "95"];
    let (code, text) = ran(folder.path(), &arguments);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("the score is 0.0 %, less than 95 %"),
        "{text}"
    );
    let noticed = SUITE.replace("{ whoami: 1000 }", "{ filesystem: read_only }");
    std::fs::write(folder.path().join("suites/small.yaml"), noticed).unwrap();
    let (code, text) = ran(folder.path(), &arguments);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("score: 100.0 %"), "{text}");
}

#[test]
fn suites_that_do_not_hold_as_they_are_are_not_changed() {
    let folder = folder(&SUITE.replace("whoami: 1000", "whoami: 1001"));
    let (code, text) = ran(folder.path(), &["mutate", "--filter", "read_only"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("nothing was changed: the suites have to hold first"),
        "{text}"
    );
    assert!(!text.contains("survived"), "{text}");
}

#[test]
fn what_would_be_changed_is_listed_without_an_engine() {
    let folder = folder(SUITE);
    let list = |more: &[&str]| {
        let mut arguments = vec!["mutate", "--list", "--engine", "unix:///nowhere.sock"];
        arguments.extend(more);
        ran(folder.path(), &arguments)
    };
    let (code, all) = list(&[]);
    assert_eq!(code, Some(0), "{all}");
    assert!(all.contains("small run.read_only lifted\n"), "{all}");
    assert!(all.contains(&format!("{USER}\n")), "{all}");
    // The same are drawn for the same seed.
    let drawn = |seed: &str| list(&["--sample", "3", "--seed", seed]).1;
    assert_eq!(drawn("4"), drawn("4"));
    assert!(drawn("4").contains("3 mutants of "), "{}", drawn("4"));
    assert_ne!(drawn("4"), drawn("5"));
    let diff = "--- a/suites/small.yaml\n+++ b/suites/small.yaml\n@@ -8,2 +8,2 @@\n   stdin_open: true\n-  x\n+  read_only: true\n";
    std::fs::write(folder.path().join("changes.diff"), diff).unwrap();
    let (_, changed) = list(&["--in-diff", "changes.diff"]);
    assert!(
        changed.contains("run.read_only") && changed.contains("\n1 mutant of "),
        "{changed}"
    );
    let (code, none) = list(&["--filter", "no such thing"]);
    assert_eq!(code, Some(4), "{none}");
    let (_, json) = list(&["--format", "json"]);
    let json: Json = serde_json::from_str(&json).unwrap();
    assert!(json["findings"]["mutants"][0]["verdict"].is_null());
}

#[test]
fn of_a_compose_file_it_is_said_that_there_are_none_yet() {
    let folder = tempfile::tempdir().unwrap();
    let suite = "seaworthy: 1\ncompose: { files: [a.yml], app: web }\n\
                 cases: [ { name: c, expect: [ { state: running } ] } ]\n";
    std::fs::create_dir(folder.path().join("suites")).unwrap();
    std::fs::write(folder.path().join("suites/c.yaml"), suite).unwrap();
    std::fs::write(
        folder.path().join("suites/a.yml"),
        "services: { web: { image: a } }\n",
    )
    .unwrap();
    let (code, text) = ran(folder.path(), &["mutate", "--list"]);
    assert_eq!(code, Some(4), "{text}");
    assert!(
        text.contains("mutants of what a Compose file describes are not made yet"),
        "{text}"
    );
}

#[test]
fn what_there_was_no_time_for_is_told_as_that() {
    let folder = folder(SUITE);
    let arguments = [
        "mutate",
        "--filter",
        "read_only",
        "--timeout",
        "1ms",
        "--report",
        "out",
    ];
    let (code, text) = ran(folder.path(), &arguments);
    assert_eq!(code, Some(3), "{text}");
    let report = report(folder.path());
    assert_eq!(
        of(&report, "small run.read_only lifted")["verdict"],
        "not run"
    );
    assert!(text.contains("score: none"), "{text}");
}
