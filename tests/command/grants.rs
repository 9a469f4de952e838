//! Powers over this machine: refused with their place, allowed by whoever runs the suites, told in the report.

use serde_json::Value as Json;
use tempfile::TempDir;

use super::{command, ended, folder, ran};

const SUITE: &str = "seaworthy: 1
name: mighty
image: { build: { context: context } }
run: { stdin_open: true, security_opt: ['seccomp:unconfined'] }
cases:
  - { name: sees all calls, expect: [ { seccomp: unconfined } ] }
";

fn mighty() -> TempDir {
    let folder = folder();
    std::fs::write(folder.path().join("suites/mighty.yaml"), SUITE).unwrap();
    folder
}

#[test]
fn what_a_suite_asks_for_is_refused_with_its_place_by_whoever_reads_it() {
    let folder = mighty();
    for name in ["run", "check", "plan"] {
        let (code, text) = ran(folder.path(), &[name, "suites/mighty.yaml"]);
        assert_eq!(code, Some(2), "{text}");
        for said in [
            "`security_opt=seccomp=unconfined` is refused: it takes away what keeps a container from the kernel",
            "suites/mighty.yaml:4:41",
            "`--allow security_opt=seccomp=unconfined`",
        ] {
            assert!(text.contains(said), "{name}: {said} in {text}");
        }
        let allowed = [
            name,
            "suites/mighty.yaml",
            "--allow",
            "security_opt",
            "--allow",
            "privileged",
        ];
        if name != "run" {
            assert_eq!(ran(folder.path(), &allowed).0, Some(0), "{name}");
        }
        let other = [
            name,
            "suites/mighty.yaml",
            "--allow",
            "security_opt=apparmor=unconfined",
        ];
        assert_eq!(ran(folder.path(), &other).0, Some(2), "{name}");
    }
}

#[test]
fn a_power_that_is_none_is_wrong_usage() {
    let folder = mighty();
    let (code, text) = ran(folder.path(), &["run", "--allow", "privilegd"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("did you mean `privileged`?"), "{text}");
}

#[test]
fn settings_allow_it_unless_whoever_runs_takes_other_settings() {
    let folder = mighty();
    let at = folder.path();
    let settings = "[run]\nallow = [\"security_opt=seccomp=unconfined\"]\n";
    std::fs::write(at.join("seaworthy.toml"), settings).unwrap();
    std::fs::write(at.join("other.toml"), "[run]\nallow = [\"privileged\"]\n").unwrap();
    for name in ["check", "plan", "list"] {
        let (code, text) = ran(at, &[name, "suites/mighty.yaml"]);
        assert_eq!(code, Some(0), "{text}");
    }
    for (instead, expected) in [("", 2), ("other.toml", 2), ("seaworthy.toml", 0)] {
        let mut check = command(at, &["check", "suites/mighty.yaml"]);
        check.env("SEAWORTHY_SETTINGS", instead);
        let (code, text) = ended(check.output().unwrap());
        assert_eq!(code, Some(expected), "{instead}: {text}");
    }
    std::fs::write(at.join("seaworthy.toml"), "[run]\nallow = [\"bnd\"]\n").unwrap();
    let (code, text) = ran(at, &["run", "suites/mighty.yaml"]);
    assert_eq!(code, Some(2), "{text}");
    for said in ["did you mean `bind`?", "in the table `run` of the settings"] {
        assert!(text.contains(said), "{text}");
    }
}

#[test]
fn a_power_that_is_allowed_is_given_and_told() {
    let folder = mighty();
    let power = "security_opt=seccomp=unconfined";
    let words = [
        "run",
        "suites/mighty.yaml",
        "--report",
        "out",
        "--allow",
        power,
    ];
    let (code, text) = ran(folder.path(), &words);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains(&format!("allowed: {power}\n")), "{text}");
    let read = |name: &str| std::fs::read_to_string(folder.path().join("out").join(name)).unwrap();
    let report: Json = serde_json::from_str(&read("report.json")).unwrap();
    let told = serde_json::json!([{ "power": power, "places": ["suites/mighty.yaml:4"] }]);
    assert_eq!(report["outcome"]["grants"], told);
    let sheet: Json = serde_json::from_str(&read("acceptance.json")).unwrap();
    assert_eq!(sheet["allowed"], told);
    let sheet = read("acceptance.md");
    let line = sheet
        .lines()
        .find(|line| line.starts_with("- allowed: "))
        .unwrap();
    let said = line.replace('\\', "");
    assert!(
        said.contains(power) && said.contains("suites/mighty.yaml:4"),
        "{line}"
    );
    assert!(read("report.html").contains(power));
}
