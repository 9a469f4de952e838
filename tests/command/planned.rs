//! What `plan` and `check` say of suites over Compose files, by the user's tool and without an engine.

use std::path::Path;

use super::ran;

/// A folder with this Compose file and a suite over it.
fn written(file: &str, compose: &str, expect: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("seaworthy.toml", "");
    write("compose.yaml", file);
    write(
        "suite.yaml",
        &format!(
            "seaworthy: 1\ncompose: {{ files: [compose.yaml], app: app{compose} }}\ncases:\n  - name: it\n    expect: [{expect}]\n"
        ),
    );
    std::fs::create_dir(folder.path().join("web")).unwrap();
    write("web/Dockerfile", "FROM scratch\n");
    folder
}

fn says(at: &Path, command: &str, code: i32, parts: &[&str]) {
    let (ended, text) = ran(at, &[command, "suite.yaml"]);
    assert_eq!(ended, Some(code), "{command}: {text}");
    for part in parts {
        assert!(text.contains(part), "{command}: {part} in {text}");
    }
}

#[test]
fn a_plan_of_a_compose_file_is_what_its_tool_makes_of_it() {
    let file = "services:
  app: { image: 'base:1', network_mode: 'service:net' }
  net: { image: 'base:1' }
  tail: { image: 'base:1', volumes_from: [app] }
  web: { build: ./web, deploy: { replicas: '${N:-2}' } }
  debug: { image: 'base:1', profiles: [debug] }
";
    let folder = written(file, "", "{ state: running }");
    let parts = [
        "  builds   web     used once\n  looks up base:1  used once\n",
        "  services  app: base:1\n",
        "            web: builds web ×2\n            not started: debug (profile debug)\n",
        "  networks  default: net, tail, web\n",
        "  order     net, web → app → tail\n",
        "looks up base:1 → starts net until it is ready → starts app until it is ready → starts tail until it is ready → judges",
        "1 case, 2 images, 5 containers\n",
    ];
    says(folder.path(), "plan", 0, &parts);
}

#[test]
fn without_a_tool_a_plan_shows_what_is_written_and_counts_nothing() {
    let file = "services:\n  web: { image: 'base:1', scale: 2, depends_on: [app] }\n  app: { image: 'base:1' }\n";
    let folder = written(file, "", "{ state: running }");
    let mut command = super::command(folder.path(), &["plan", "suite.yaml"]);
    let (code, text) = super::ended(command.env("PATH", "/nowhere").output().unwrap());
    assert_eq!(code, Some(0), "{text}");
    for part in [
        "note: Compose files of `suite` were not read: ",
        "  services  app: base:1\n            web: base:1 ×2\n",
        "  order     app → web\n",
        "brings up what the Compose file describes → judges\n",
        "1 case, and once what a Compose file describes: its tool tells at the run",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn a_plan_says_whose_sources_are_looked_at() {
    let file = "services:\n  app: { build: ./web }\n  web: { build: ./web }\n";
    let asks = "{ dockerfile: { stages: 1 } }, { dockerfile: { stages: 1 }, service: web }";
    let folder = written(file, "", asks);
    let parts = ["  asked     app: dockerfile\n            web: dockerfile\n"];
    says(folder.path(), "plan", 0, &parts);
}

#[test]
fn a_broken_compose_file_is_told_at_its_line_by_whoever_reads_it() {
    for (file, parts) in [
        (
            "services:\n  app: { image: x, depends_on: [b] }\n  b: { image: x, depends_on: [app] }\n",
            [
                " --> compose.yaml:2:33\n",
                "none of them could be started first",
            ],
        ),
        (
            "services:\n  app: { image: x, links: [b] }\n  b: { image: x, links: [app] }\n",
            [" --> compose.yaml:2:28\n", "error: "],
        ),
        (
            "services:\n  app: { image: x, depends_on: [databse] }\n  database: { image: x }\n",
            [" --> compose.yaml:2:33\n", "did you mean `database`?"],
        ),
        (
            "services:\n  app:\n    image: \"x\n    command: y\n",
            [
                " --> compose.yaml:4:5\n",
                "help: mend it, so that it is one plain YAML document\n",
            ],
        ),
        (
            "service:\n  app: { image: x }\n",
            [" --> compose.yaml:1:1\n", "did you mean `services`?"],
        ),
        (
            "services:\n  app:\n    image: x\n    healthcheck: { intervall: 3s }\n",
            [" --> compose.yaml:4:20\n", "did you mean `interval`?"],
        ),
        (
            "services:\n  app:\n    image: [redis]\n",
            [" --> compose.yaml:3:5\n", "a string\n"],
        ),
        (
            "services:\n  app: { image: x, ports: ['80:99999'] }\n",
            [" --> compose.yaml:2:28\n", "a number from 1 to 65535"],
        ),
        (
            "include: [more.yaml]\nservices:\n  app: { image: x }\n",
            [" --> compose.yaml:1:11\n", "more.yaml is not there\n"],
        ),
        ("services: {}\n", ["error: ", "help: "]),
    ] {
        let folder = written(file, "", "{ state: running }");
        let (code, text) = ran(folder.path(), &["plan", "suite.yaml"]);
        assert_eq!(code, Some(2), "{text}");
        for part in parts {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("--allow"), "{text}");
    }
}

#[test]
fn sources_of_a_service_that_is_not_started_are_told_before_the_run() {
    let file = "services:\n  app: { build: ./web }\n  tool: { build: ./web, profiles: [tools] }\n";
    let folder = written(file, "", "{ dockerfile: { stages: 1 }, service: tool }");
    let parts = [
        "the service `tool` is not started, so nothing can be told of it: there is app",
        " --> suite.yaml:5:52\n",
        "switch its profile on by `profiles`",
    ];
    says(folder.path(), "check", 2, &parts);
    says(folder.path(), "plan", 2, &parts);
    let folder = written(
        file,
        ", profiles: [tools]",
        "{ dockerfile: { stages: 1 }, service: tool }",
    );
    says(folder.path(), "check", 0, &[]);
}

#[test]
fn errors_of_suites_are_coloured_where_that_is_wanted() {
    let folder = written("service: {}\n", "", "{ state: running }");
    says(folder.path(), "check", 2, &["did you mean `services`?"]);
    let look = |how: &str| ran(folder.path(), &["check", "suite.yaml", "--color", how]).1;
    assert!(look("always").contains('\u{1b}'), "{}", look("always"));
    assert!(!look("never").contains('\u{1b}'), "{}", look("never"));
}
