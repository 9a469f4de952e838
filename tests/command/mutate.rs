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
/// Then there is nothing to start, and every engine refuses to make a container of it.
const ENTRYPOINT: &str = "suites/mutated/Dockerfile:8 ENTRYPOINT removed";

#[test]
fn what_no_case_notices_is_told_and_errors_are_not_caught() {
    let folder = folder(SUITE);
    let before = images();
    let mut arguments = vec!["mutate", "--report", "out"];
    for filter in ["read_only", "WORD unset", EXPOSED, COPIED, USER, ENTRYPOINT] {
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
    assert_eq!(verdict(ENTRYPOINT), "not viable", "{text}");
    let why = of(&report, ENTRYPOINT)["why"].as_str().unwrap();
    assert!(why.starts_with("the engine refuses it: "), "{why}");
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

/// Its second service is waited for until it is healthy; nothing is claimed of it but that it is there.
const STACK: &str = "\
services:
  web:
    build: ../mutated
    stdin_open: true
    read_only: true
    environment: { WORD: given }
    depends_on: { db: { condition: service_healthy } }
  db:
    build: ../mutated
    stdin_open: true
    user: 1000:1000
    cap_drop: [ALL]
    healthcheck: { test: [CMD, /probe, exhaust, '0'], interval: 1s }
";

const COMPOSED: &str = "\
seaworthy: 1
name: composed
compose: { files: [stack/c.yaml], app: web }
cases:
  - name: it is as it should be
    expect:
      - env: { WORD: given }
      - { state: running, service: db }
      - { capabilities: { bounding: none }, service: db }
      - { tcp: { to: \"db:1\", from: web, open: false } }
      - whoami: 1000
";

const STACK_PLACE: &str = "suites/stack/c.yaml";

fn composed() -> TempDir {
    let folder = folder(COMPOSED);
    let at = folder.path().join("suites/stack");
    std::fs::create_dir_all(&at).unwrap();
    std::fs::write(at.join("c.yaml"), STACK).unwrap();
    folder
}

#[test]
fn what_a_compose_file_describes_is_changed_service_by_service() {
    let folder = composed();
    let before = images();
    let mut arguments = vec!["mutate", "--report", "out", "--jobs", "2"];
    let web = format!("{STACK_PLACE} web.");
    let db = format!("{STACK_PLACE} db.");
    let filters = [
        format!("{web}environment WORD unset"),
        format!("{web}read_only lifted"),
        format!("{db}cap_drop"),
        format!("{db}user root"),
        format!("{db}healthcheck off"),
        USER.to_owned(),
        ENTRYPOINT.to_owned(),
    ];
    for filter in &filters {
        arguments.extend(["--filter", filter]);
    }
    let (code, text) = ran(folder.path(), &arguments);
    assert_eq!(code, Some(0), "{text}");
    let report = report(folder.path());
    let verdict = |id: &str| of(&report, id)["verdict"].as_str().unwrap().to_owned();
    assert_eq!(verdict(&filters[0]), "caught", "{text}");
    assert_eq!(verdict(&filters[1]), "survived", "{text}");
    let given = format!("{db}cap_drop NET_RAW given");
    assert_eq!(of(&report, &given)["by"]["claim"], "capabilities bounding");
    assert_eq!(verdict(&format!("{db}cap_drop lifted")), "caught", "{text}");
    // Nobody claims as whom the other runs, nor that its health is checked, and nobody waits for it in vain.
    assert_eq!(verdict(&filters[3]), "survived", "{text}");
    assert_eq!(verdict(&filters[4]), "survived", "{text}");
    // Both are built from it, by our own builder.
    assert_eq!(verdict(USER), "caught", "{text}");
    assert_eq!(verdict(ENTRYPOINT), "not viable", "{text}");
    let why = of(&report, ENTRYPOINT)["why"].as_str().unwrap();
    assert!(why.starts_with("the engine refuses it:"), "{why}");
    let survivor = format!(
        "{STACK_PLACE}:5\n  5 |     read_only: true\n  its root file system can be written to, and the one case \
         that it concerns holds\n  a claim that would notice:\n      - filesystem: read_only\n"
    );
    assert!(text.contains(&survivor), "{text}");
    let survivor = format!("{STACK_PLACE}:11\n  11 |     user: 1000:1000\n");
    assert!(text.contains(&survivor), "{text}");
    assert!(text.contains("- { whoami: 1000, service: db }\n"), "{text}");
    let new = images().into_iter().filter(|name| !before.contains(name));
    let left: Vec<String> = new.collect();
    assert!(
        left.iter()
            .all(|name| name.starts_with("seaworthy/mutated:")),
        "{left:?}"
    );
}

#[test]
fn mutants_of_a_compose_file_are_listed_by_its_lines_without_an_engine() {
    let folder = composed();
    let list = |more: &[&str]| {
        let mut arguments = vec!["mutate", "--list", "--engine", "unix:///nowhere.sock"];
        arguments.extend(more);
        ran(folder.path(), &arguments)
    };
    let (code, all) = list(&[]);
    assert_eq!(code, Some(0), "{all}");
    assert!(all.contains(&format!("{STACK_PLACE} db away\n")), "{all}");
    assert!(all.contains(&format!("{USER}\n")), "{all}");
    let diff = format!(
        "--- a/{STACK_PLACE}\n+++ b/{STACK_PLACE}\n@@ -5 +5 @@\n-  x\n+    read_only: true\n"
    );
    std::fs::write(folder.path().join("changes.diff"), diff).unwrap();
    let (_, changed) = list(&["--in-diff", "changes.diff"]);
    let own = format!("{STACK_PLACE} web.read_only lifted");
    assert!(
        changed.contains(&own) && changed.contains("\n1 mutant of "),
        "{changed}"
    );
    let (_, drawn) = list(&["--sample", "2", "--filter", STACK_PLACE]);
    assert!(drawn.contains("\n2 mutants of "), "{drawn}");
}

#[test]
fn a_suite_whose_compose_file_cannot_be_read_is_left_out() {
    let folder = composed();
    let wrong = STACK.replace("stdin_open", "stdin_opened");
    std::fs::write(folder.path().join(STACK_PLACE), wrong).unwrap();
    let (code, text) = ran(folder.path(), &["mutate", "--list"]);
    assert_eq!(code, Some(4), "{text}");
    assert!(text.contains("suites/small.yaml: "), "{text}");
    assert!(
        text.contains("none of the Compose files of these suites can be read"),
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
