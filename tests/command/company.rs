//! A case with services that is interrupted or killed at every stage of its start leaves nothing.

use std::process::{Child, Command};

use super::{ended, folder, ran, send, soon};

/// Each service is started when the one before is ready; the image under test never gets ready.
const SUITE: &str = r"
seaworthy: 1
name: together
image: { build: { context: context } }
networks: { back: { internal: true } }
services:
  first: { build: context, networks: [back], stdin_open: true, volumes: ['shared:/shared'] }
  second: { build: context, networks: [back], stdin_open: true, depends_on: [first] }
run:
  stdin_open: true
  networks: [back]
  volumes: ['shared:/shared']
  ready: { exec: { command: [/probe, nothing], code: 99 }, within: 90s }
cases:
  - name: waits
    expect: [ { whoami: 0 } ]
";

const KINDS: [&str; 3] = ["container", "network", "volume"];

/// What of this kind a process made.
fn made(kind: &str, id: u32) -> Vec<String> {
    let all: &[&str] = if kind == "container" { &["-a"] } else { &[] };
    let output = Command::new("docker")
        .args([kind, "ls", "--filter", "label=io.seaworthy.run"])
        .args(all)
        .args(["--format", "{{.Label \"io.seaworthy.owner\"}}"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let ours = format!(":{id}:");
    let lines = text.lines().filter(|line| line.contains(&ours));
    lines.map(str::to_owned).collect()
}

/// A run of which so many containers are there.
fn begun(folder: &std::path::Path, containers: usize) -> Child {
    let path = folder.join("suites/together.yaml");
    std::fs::write(&path, SUITE).unwrap();
    let arguments = ["run", "suites/together.yaml"];
    let run = super::command(folder, &arguments).spawn().unwrap();
    soon("its containers are there", || {
        made("container", run.id()).len() >= containers
    });
    run
}

#[test]
fn an_interrupt_at_any_stage_leaves_no_container_network_or_volume() {
    let folder = folder();
    for containers in 1..=3 {
        let run = begun(folder.path(), containers);
        let id = run.id();
        send("-INT", &run);
        let (code, text) = ended(run.wait_with_output().unwrap());
        assert_eq!(code, Some(130), "{text}");
        for kind in KINDS {
            assert!(
                made(kind, id).is_empty(),
                "{kind} after {containers}: {text}"
            );
        }
    }
}

#[test]
fn what_a_killed_run_leaves_of_its_services_is_collected() {
    let folder = folder();
    let mut run = begun(folder.path(), 3);
    let id = run.id();
    super::kill(&mut run);
    for kind in KINDS {
        assert!(!made(kind, id).is_empty(), "{kind}");
    }
    let (code, text) = ran(folder.path(), &["gc"]);
    assert_eq!(code, Some(0), "{text}");
    for kind in KINDS {
        assert!(made(kind, id).is_empty(), "{kind}: {text}");
    }
}

#[test]
fn a_network_of_a_killed_run_that_another_container_is_on_is_left_with_what_to_do() {
    let folder = folder();
    let mut run = begun(folder.path(), 3);
    let id = run.id();
    let shown = super::docker(&["ps", "--format", "{{.Names}} {{.Image}}"]);
    let first = shown
        .lines()
        .find(|line| line.ends_with("-first") || line.contains("-first "));
    let image = first.and_then(|line| line.split(' ').nth(1)).unwrap();
    let mine = format!(":{id}:");
    let networks = "{{.Name}} {{.Label \"io.seaworthy.owner\"}}";
    let all = super::docker(&[
        "network",
        "ls",
        "--filter",
        "label=io.seaworthy.run",
        "--format",
        networks,
    ]);
    let network = all.lines().find(|line| line.contains(&mine)).unwrap();
    let network = network.split(' ').next().unwrap();
    let other = super::docker(&["run", "-di", "--network", network, image]);
    super::kill(&mut run);
    let (code, text) = ran(folder.path(), &["gc"]);
    super::docker(&["rm", "-fv", &other]);
    assert_eq!(code, Some(0), "{text}");
    let left = text
        .lines()
        .skip_while(|line| !line.starts_with(&format!("left network {network}: ")));
    let left: Vec<&str> = left.take(2).collect();
    assert!(
        left.len() == 2 && left[0].contains("has active endpoints"),
        "{text}"
    );
    assert!(
        left[1].starts_with("  help: take the containers off it that"),
        "{text}"
    );
    let (code, text) = ran(folder.path(), &["gc"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains(&format!("removed network {network}\n")),
        "{text}"
    );
}

#[test]
fn a_link_in_the_project_shows_a_container_nothing_from_elsewhere() {
    let folder = folder();
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("seaworthy.toml"), "").unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), folder.path().join("suites/link")).unwrap();
    let suite = "seaworthy: 1\nimage: { ref: x }\nrun: { volumes: ['./link:/data'] }\ncases: [{ name: a, expect: [{ whoami: x }] }]\n";
    std::fs::write(folder.path().join("suites/link.yaml"), suite).unwrap();
    let (code, text) = ran(folder.path(), &["check", "suites/link.yaml"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(
        text.contains("is refused: it shows a container what lies outside the project"),
        "{text}"
    );
}

#[test]
fn what_is_kept_of_a_company_goes_by_the_commands_that_are_told() {
    let folder = folder();
    let suite = "
seaworthy: 1
image: { build: { context: context } }
services: { other: { build: context, stdin_open: true } }
run: { stdin_open: true, volumes: ['shared:/shared'] }
cases: [{ name: wrong, expect: [{ whoami: nobody }] }]
";
    std::fs::write(folder.path().join("suites/kept.yaml"), suite).unwrap();
    let mut run = super::command(folder.path(), &["run", "--keep", "suites/kept.yaml"]);
    let run = run.spawn().unwrap();
    let id = run.id();
    let (code, said) = ended(run.wait_with_output().unwrap());
    assert_eq!(code, Some(1), "{said}");
    let (code, text) = ran(folder.path(), &["gc"]);
    assert_eq!(code, Some(0), "{text}");
    // There is no shell in it.
    assert!(
        said.contains("docker export ") && !said.contains("docker exec"),
        "{said}"
    );
    for (kind, count) in KINDS.into_iter().zip([2, 1, 1]) {
        assert_eq!(made(kind, id).len(), count, "{kind}: {text}");
    }
    let told = said
        .lines()
        .filter_map(|line| line.find("docker ").map(|at| &line[at..]));
    for command in told.filter(|command| command.contains(" rm ")) {
        let words: Vec<&str> = command.split(' ').collect();
        super::docker(&words[1..]);
    }
    for kind in KINDS {
        assert!(made(kind, id).is_empty(), "{kind}: {said}");
    }
}
