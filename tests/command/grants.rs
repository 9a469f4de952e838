//! Powers over this machine: refused with their place, allowed by whoever runs the suites, told in the report.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use seaworthy::engine::probe_binary;
use serde_json::Value as Json;
use tempfile::TempDir;

use super::{command, docker, ended, folder, ran};

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

const COMPOSED: &str = "seaworthy: 1
name: composed
compose: { files: [compose.yaml], app: web }
cases:
  - { name: runs, expect: [ { state: running } ] }
";

#[test]
fn check_refuses_a_compose_file_whose_words_are_those_of_a_tool_that_lacks_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("p");
    std::fs::create_dir_all(at.join("env file not found")).unwrap();
    let write = |name: &str, text: &str| std::fs::write(at.join(name), text).unwrap();
    write("seaworthy.toml", "");
    write("suite.yaml", COMPOSED);
    for (file, says) in [
        (
            "services: { web: { image: x, env_file: '../env file not found' } }",
            "env file not found` is refused: it reads what lies outside the project",
        ),
        (
            "services: { web: { image: x, env_file: '${WHERE}.env' } }",
            "compose.yaml:1: `read` is refused: a variable names the file: write the path without a variable",
        ),
        (
            "services: { web: { image: x } }\n---\nservices: { web: { env_file: /etc/hostname } }",
            "the Compose file cannot be read: a second YAML document in one file\n --> compose.yaml:3:",
        ),
    ] {
        write("compose.yaml", file);
        let (code, text) = ran(&at, &["check", "suite.yaml"]);
        assert_eq!(code, Some(2), "{file}: {text}");
        assert!(text.contains(says), "{says} in {text}");
    }
    write("compose.yaml", "services: { web: { image: x } }");
    write(".env", "TAG=1\nDOCKER_CONFIG=./tools\n");
    let (code, text) = ran(&at, &["check", "suite.yaml"]);
    assert_eq!(code, Some(2), "{text}");
    let says = ".env:2: `variable=DOCKER_CONFIG` is refused: it has the Compose tool";
    assert!(text.contains(says), "{text}");
    let words = ["check", "suite.yaml", "--allow", "variable=DOCKER_CONFIG"];
    let (_, text) = ran(&at, &words);
    assert!(!text.contains("is refused"), "{text}");
}

#[test]
fn a_suite_has_no_program_of_its_own_run_as_the_compose_tool() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let write = |name: &str, text: &str| std::fs::write(at.join(name), text).unwrap();
    std::fs::create_dir(at.join("tools")).unwrap();
    for name in ["docker", "docker-compose"] {
        let program = at.join("tools").join(name);
        std::fs::write(&program, "#!/bin/sh\necho ran > ran\nexit 1\n").unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&program, mode).unwrap();
    }
    write("seaworthy.toml", "");
    write("compose.yaml", "services: { web: { image: x } }");
    let path = format!("{}:/usr/bin:/bin", at.join("tools").display());
    let given = format!("app: web, environment: {{ PATH: '{path}' }}");
    write("suite.yaml", &COMPOSED.replace("app: web", &given));
    for name in ["check", "run", "plan"] {
        let (code, text) = ran(at, &[name, "suite.yaml"]);
        assert_eq!(code, Some(2), "{text}");
        let says = "`variable=PATH` is refused: it has the Compose tool, or what it starts, go by what the suite says";
        for says in [says, "suite.yaml:3:", "`--allow variable=PATH`"] {
            assert!(text.contains(says), "{name}: {says} in {text}");
        }
    }
    assert!(!at.join("ran").exists());
}

const TRUSTS: &str = "seaworthy: 1
name: trusts
image: { build: { context: context } }
run: { stdin_open: true, volumes: ['./shared:/shared'] }
cases:
  - name: asks
    steps:
      - exec: { command: [/probe, write, /shared/go], stdin: '1' }
      - expect: [ { path: /shared/gone, within: 1m } ]
      - http: { url: 'https://app:8443/', tls: { ca: ./ca.pem }, status: 200 }
";

#[test]
fn an_authority_that_is_a_link_out_of_the_project_by_then_is_not_read() {
    let folder = folder();
    let at = folder.path().join("suites");
    let elsewhere = tempfile::tempdir().unwrap();
    let outside = elsewhere.path().join("key.pem");
    for (path, text) in [
        (outside.clone(), "secret"),
        (at.join("trusts.yaml"), TRUSTS),
        (at.join("ca.pem"), "none"),
        (folder.path().join("seaworthy.toml"), ""),
    ] {
        std::fs::write(path, text).unwrap();
    }
    std::fs::create_dir(at.join("shared")).unwrap();
    let run = command(folder.path(), &["run", "suites/trusts.yaml"])
        .spawn()
        .unwrap();
    // Once it runs, another file stands there.
    let deadline = Instant::now() + Duration::from_mins(2);
    while !at.join("shared/go").exists() && Instant::now() < deadline {
        std::thread::yield_now();
    }
    std::fs::remove_file(at.join("ca.pem")).unwrap();
    std::os::unix::fs::symlink(&outside, at.join("ca.pem")).unwrap();
    std::fs::write(at.join("shared/gone"), "").unwrap();
    let (code, text) = ended(run.wait_with_output().unwrap());
    assert_eq!(code, Some(3), "{text}");
    let outside = std::fs::canonicalize(&outside).unwrap();
    let says = format!("`read={}` is refused", outside.display());
    assert!(text.contains(&says), "{text}");
}

/// An image of nothing but a label, on the engine as long as this is there.
struct Image(String);

impl Image {
    /// Makes one, or another, of that name; gives its id.
    fn made(&self, label: &str) -> String {
        let mut import = Command::new("docker")
            .args(["import", "--change", label, "-", &self.0])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // An archive of nothing.
        let mut input = import.stdin.take().unwrap();
        std::io::Write::write_all(&mut input, &[0; 1024]).unwrap();
        drop(input);
        assert!(import.wait().unwrap().success());
        self.id()
    }

    fn id(&self) -> String {
        docker(&["image", "inspect", "--format", "{{.Id}}", &self.0])
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        docker(&["image", "rm", "-f", &self.0]);
    }
}

/// The archive with another name of the same length in it.
fn renamed(archive: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut made = tar::Builder::new(Vec::new());
    for entry in tar::Archive::new(archive).entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().into_owned();
        let mut header = entry.header().clone();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
        let name = path.to_string_lossy().into_owned();
        if ["manifest.json", "index.json", "repositories"].contains(&name.as_str()) {
            let text = String::from_utf8(bytes).unwrap();
            bytes = text.replace(from, to).into_bytes();
        }
        made.append_data(&mut header, &path, &bytes[..]).unwrap();
    }
    made.into_inner().unwrap()
}

#[test]
fn an_archive_takes_no_name_from_another_image_and_none_of_ours() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let own = at.file_name().unwrap().to_string_lossy().to_lowercase();
    let own: String = own.chars().filter(char::is_ascii_alphanumeric).collect();
    let image = Image(format!("walls-archive/{own}:1"));
    let theirs = image.made("LABEL whose=theirs");
    let archive = at.join("image.tar");
    docker(&["save", "-o", archive.to_str().unwrap(), &image.0]);
    let first = image.made("LABEL whose=first");
    assert_ne!(theirs, first);
    docker(&["image", "rm", &theirs]);
    let suite = "seaworthy: 1
name: archived
image: { archive: image.tar }
cases:
  - { name: is theirs, expect: [ { image: { labels: { whose: theirs } } } ] }
";
    std::fs::write(at.join("suite.yaml"), suite).unwrap();
    let (code, text) = ran(at, &["run", "suite.yaml", "--verbose"]);
    assert_eq!(code, Some(0), "{text}");
    let says = format!("loaded; `{}` is still the image that it was", image.0);
    assert!(text.contains(&says), "{text}");
    assert_eq!(image.id(), first);
    docker(&["image", "rm", "-f", &theirs]);

    // As the images are called that are found again by their names.
    let ours = format!("seaworthy/arc/{own}:1");
    let bytes = renamed(&std::fs::read(&archive).unwrap(), &image.0, &ours);
    std::fs::write(&archive, bytes).unwrap();
    let (code, text) = ran(at, &["run", "suite.yaml"]);
    assert_eq!(code, Some(3), "{text}");
    for says in [
        format!("it calls its image `{ours}`"),
        "save it by that".to_owned(),
    ] {
        assert!(text.contains(&says), "{says} in {text}");
    }
    assert_eq!(docker(&["image", "ls", "-q", &ours]), "");
}

#[test]
fn an_image_that_is_called_as_the_probes_is_not_taken_for_it() {
    let folder = folder();
    let name = format!("seaworthy-probe:{:016x}", probe_binary::digest());
    // It goes when the probe's own takes its name.
    let image = Image(name.clone());
    let fake = image.made("LABEL io.seaworthy.cache=probe");
    let suite = "seaworthy: 1
name: certified
certificates: { server: { dns: [app] } }
image: { build: { context: context } }
run: { stdin_open: true, volumes: ['certificates:/etc/tls:ro'] }
cases:
  - { name: has its keys, run: {}, expect: [ { path: { at: /etc/tls/server.key, mode: '0600' } } ] }
";
    std::fs::write(folder.path().join("suites/certified.yaml"), suite).unwrap();
    let (code, text) = ran(folder.path(), &["run", "suites/certified.yaml"]);
    assert_eq!(code, Some(0), "{text}");
    let now = docker(&["image", "inspect", "--format", "{{.Id}}", &name]);
    assert_ne!(now, fake);
    docker(&["image", "rm", &fake]);
}

/// A container that stays, with a volume that an engine made again without a label.
struct Kept(String, String);

impl Drop for Kept {
    fn drop(&mut self) {
        docker(&["rm", "-fv", &self.0]);
        docker(&["volume", "rm", &self.1]);
    }
}

#[test]
fn a_volume_without_a_label_stays_with_the_container_that_is_kept() {
    let run = seaworthy::engine::world::random(8).to_lowercase();
    let kept = Kept(
        format!("walls-{run}-kept"),
        format!("seaworthy{run}x0_data"),
    );
    let image = Image(format!("walls-gc-{run}:1"));
    image.made("LABEL of=walls");
    docker(&["volume", "create", &kept.1]);
    let label = format!("io.seaworthy.run={run}");
    let volume = format!("{}:/data", kept.1);
    docker(&[
        "create", "--name", &kept.0, "--label", &label, "-v", &volume, &image.0, "/x",
    ]);
    let folder = tempfile::tempdir().unwrap();
    let (code, text) = ran(folder.path(), &["gc", "--all", "--dry-run"]);
    assert_eq!(code, Some(0), "{text}");
    for (what, name) in [("container", &kept.0), ("volume", &kept.1)] {
        assert!(text.contains(&format!("left {what} {name}: ")), "{text}");
    }
}
