//! `seaworthy init`: a first suite of what there is, which passes.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::ran as says;

/// The folder of a small web server, copied so that nothing is written beside the fixture.
fn project() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/web");
    let copied = Command::new("cp")
        .arg("-r")
        .args([own, folder.path().join("web")])
        .status();
    assert!(copied.unwrap().success());
    folder
}

fn written(folder: &TempDir, path: &str) -> String {
    std::fs::read_to_string(folder.path().join(path)).unwrap()
}

fn docker(arguments: &[&str]) -> String {
    let output = Command::new("docker").args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The lines of a suite that are no comments.
fn live(suite: &str) -> Vec<&str> {
    let lines = suite.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
}

#[test]
fn a_suite_of_a_dockerfile_says_what_was_seen_and_passes() {
    let folder = project();
    let (code, text) = says(folder.path(), &["init", "web"]);
    assert!(
        code == Some(0) && text.contains("wrote suites/web.yaml"),
        "{text}"
    );
    let suite = written(&folder, "suites/web.yaml");
    let live = live(&suite);
    for line in [
        "context: ../web",
        "ready: { ports: { listening: [8080/tcp, 8444/tcp, 8446/tcp] } }",
        "- image: { exposes: { only: [8080/tcp, 8443/tcp] } }",
        "- image: { user: caracal }",
        "- whoami: caracal",
        "- restart",
        "- stop",
    ] {
        assert!(live.contains(&line), "{line} in:\n{suite}");
    }
    assert!(suite.contains("- exited: { code: 0, took:"), "{suite}");
    // A key that lies in it is named.
    assert!(
        suite.contains("# - no_secrets: true") && suite.contains("# Does not hold: /own/"),
        "{suite}"
    );
    let (code, text) = says(folder.path(), &["run", "suites"]);
    assert!(
        code == Some(0) && text.contains("0 failed"),
        "{text}\n{suite}"
    );
    // Nothing is written over.
    let (code, text) = says(folder.path(), &["init", "web"]);
    assert!(code == Some(2) && text.contains("left as it is"), "{text}");
    assert_eq!(written(&folder, "suites/web.yaml"), suite);
}

#[test]
fn a_suite_of_what_ends_by_itself_says_so_with_its_last_words() {
    let folder = tempfile::tempdir().unwrap();
    let dockerfile =
        "FROM debian:bookworm-slim\nCMD [\"sh\", \"-c\", \"echo no DB_HOST; exit 3\"]\n";
    std::fs::write(folder.path().join("Dockerfile"), dockerfile).unwrap();
    let (code, text) = says(folder.path(), &["init", "-o", "first.yaml"]);
    assert!(code == Some(0), "{text}");
    let suite = written(&folder, "first.yaml");
    assert!(
        suite.contains("- exited: 3") && suite.contains("# | no DB_HOST"),
        "{suite}"
    );
    // What is not as it should be stands as a comment, with what to do.
    assert!(
        suite.contains("# - image: { user:") && suite.contains("Give it a `USER`"),
        "{suite}"
    );
    let (code, text) = says(folder.path(), &["run", "first.yaml"]);
    assert!(code == Some(0), "{text}\n{suite}");
}

#[test]
fn a_container_that_runs_is_left_as_it_is_and_no_secret_of_it_is_written() {
    let folder = project();
    let (code, text) = says(folder.path(), &["init", "web", "-o", "web.yaml"]);
    assert!(code == Some(0), "{text}");
    let name = format!("seaworthy-init-{}", std::process::id());
    let image = docker(&["build", "-q", folder.path().join("web").to_str().unwrap()]);
    docker(&[
        "run",
        "-d",
        "--name",
        &name,
        "-e",
        "DB_PASSWORD=hunter2hunter2",
        "-e",
        "MODE=fast",
        "--read-only",
        "-m",
        "256m",
        &image,
    ]);
    let before = docker(&["inspect", "--format", "{{.State.StartedAt}} {{.Id}}", &name]);
    let (code, text) = says(folder.path(), &["init", "--container", &name, "-o", "-"]);
    let after = docker(&["inspect", "--format", "{{.State.StartedAt}} {{.Id}}", &name]);
    docker(&["rm", "-f", &name]);
    assert_eq!(before, after);
    assert!(code == Some(0), "{text}");
    let live = live(&text);
    for line in [
        "DB_PASSWORD: \"${DB_PASSWORD}\"",
        "DB_PASSWORD: { env: DB_PASSWORD }",
        "MODE: fast",
        "read_only: true",
        "mem_limit: 256MB",
        "- filesystem: read_only",
        "- limits: { memory: 256MB }",
    ] {
        assert!(live.contains(&line), "{line} in:\n{text}");
    }
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn a_suite_of_a_compose_file_is_about_each_of_its_services() {
    let folder = project();
    let file = "services:\n  db:\n    image: redis:7.0\n  site:\n    build: web\n    ports: [\"8080:8080\"]\n    depends_on: [db]\n";
    std::fs::write(folder.path().join("compose.yaml"), file).unwrap();
    let (code, text) = says(folder.path(), &["init", "-o", "suites/all.yaml"]);
    assert!(code == Some(0), "{text}");
    let suite = written(&folder, "suites/all.yaml");
    let live = live(&suite);
    for line in [
        "files: [../compose.yaml]",
        "app: site",
        "service: db",
        "- ports: { listening: [6379/tcp], only: true }",
        "- ports: { published: [], only: true }",
        "- ports: { published: [\"8080:8080\"], only: true }",
        "site: { ports: { listening: [8080/tcp, 8444/tcp, 8446/tcp] } }",
        "- http: { url: \"http://site:8080/\", status: 200, json: { $.status: ok } }",
    ] {
        assert!(live.contains(&line), "{line} in:\n{suite}");
    }
    let (code, text) = says(folder.path(), &["run", "suites"]);
    assert!(code == Some(0), "{text}\n{suite}");
}

#[test]
fn what_there_is_nothing_to_see_of_is_told_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let said = |arguments: &[&str], code: i32, wanted: &str| {
        let (seen, text) = says(folder.path(), arguments);
        assert!(
            seen == Some(code) && text.contains(wanted),
            "{arguments:?}: {seen:?} {text}"
        );
        assert!(!folder.path().join("suites").exists(), "{arguments:?}");
    };
    said(&["init"], 2, "no Dockerfile and no Compose file");
    said(&["init", "nginx"], 2, "seaworthy init --image nginx");
    said(
        &["init", "--container", "nobody-is-here"],
        3,
        "nobody-is-here",
    );
    said(
        &["init", "--image", "nobody-is-here:1"],
        3,
        "nobody-is-here",
    );
    std::fs::write(
        folder.path().join("Dockerfile"),
        "FROM scratch\nCOPY gone /\n",
    )
    .unwrap();
    said(&["init"], 1, "gone");
    std::fs::write(
        folder.path().join("compose.yml"),
        "services: { a: { image: b } }\n",
    )
    .unwrap();
    said(
        &["init", "compose.yml", "--app", "b"],
        2,
        "has no service `b`",
    );
    std::fs::write(
        folder.path().join("cut.yml"),
        "services: { a: { image: \"redis:${SEAWORTHY_NEVER_SET}\" } }\n",
    )
    .unwrap();
    said(
        &["init", "cut.yml"],
        3,
        "set the variable where you call this or in `.env` beside the file",
    );
    std::fs::write(folder.path().join("notes.txt"), "").unwrap();
    said(
        &["init", "notes.txt"],
        2,
        "neither a Dockerfile nor a Compose file",
    );
}

#[test]
fn of_a_dockerfile_and_a_compose_file_in_one_folder_it_says_which_it_takes() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::write(at.join("Dockerfile"), "FROM scratch\n").unwrap();
    let nowhere = ["init", "-o", "-", "--engine", "unix:///nowhere.sock"];
    let (code, text) = says(at, &nowhere);
    assert!(code == Some(3) && !text.contains("taking"), "{text}");
    std::fs::write(at.join("compose.yaml"), "services: { web: { build: . } }\n").unwrap();
    let (code, text) = says(at, &nowhere);
    let said =
        "taking `Dockerfile`; for `compose.yaml` beside it say `seaworthy init ./compose.yaml`\n";
    assert!(code == Some(3) && text.starts_with(said), "{text}");
}
