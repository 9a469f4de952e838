//! What cleans up after a run, asked by itself: what it takes, what it leaves, and when it does nothing.

use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use seaworthy::engine::probe_binary;
use seaworthy::engine::world::random;

use super::engine;

/// Things of a run that never was, made by hand.
struct Scene {
    run: String,
}

fn docker(words: &[&str]) -> (bool, String) {
    let mut docker = Command::new("docker");
    docker
        .args(["--host", &format!("unix://{}", engine().display())])
        .args(words);
    let output = docker.output().unwrap();
    let text =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (output.status.success(), text.concat())
}

fn made(words: &[&str]) {
    let (done, text) = docker(words);
    assert!(done, "{words:?}: {text}");
}

/// Whether the engine knows it.
fn there(kind: &str, name: &str) -> bool {
    docker(&[kind, "inspect", name]).0
}

impl Scene {
    fn new() -> Self {
        let run = random(8).to_lowercase();
        let scene = Self { run };
        scene.image("image", &scene.label());
        scene.image("image-of-another", "of=another");
        scene.image("build-without-label", "of=another");
        made(&[
            "network",
            "create",
            "--label",
            &scene.label(),
            &scene.name("network"),
        ]);
        made(&[
            "volume",
            "create",
            "--label",
            &scene.label(),
            &scene.name("volume"),
        ]);
        made(&["volume", "create", &scene.project_volume()]);
        made(&[
            "volume",
            "create",
            &format!("{}-of-another", scene.project_volume()),
        ]);
        made(&[
            "volume",
            "create",
            "--label",
            "of=another",
            &format!("{}-labelled", scene.project_volume()),
        ]);
        scene.container("goes", &scene.label(), "image");
        scene.container(
            "of-another",
            "io.seaworthy.run=another1",
            "image-of-another",
        );
        scene
    }

    fn image(&self, name: &str, label: &str) {
        let mut import = Command::new("docker")
            .args([
                "--host",
                &format!("unix://{}", engine().display()),
                "import",
            ])
            .args(["--change", &format!("LABEL {label}"), "-", &self.name(name)])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // An archive of nothing.
        import.stdin.take().unwrap().write_all(&[0; 1024]).unwrap();
        assert!(import.wait().unwrap().success());
    }

    fn container(&self, name: &str, label: &str, image: &str) {
        let (name, image) = (&self.name(name), &self.name(image));
        let volume = format!("{name}-volume:/data");
        made(&[
            "create", "--name", name, "--label", label, "-v", &volume, image, "/x",
        ]);
    }

    fn label(&self) -> String {
        format!("io.seaworthy.run={}", self.run)
    }

    fn name(&self, what: &str) -> String {
        format!("reaped-{}-{what}", self.run)
    }

    fn projects(&self) -> String {
        format!("seaworthy{}x", self.run)
    }

    fn images(&self) -> String {
        format!("reaped-{}-build", self.run)
    }

    fn project_volume(&self) -> String {
        format!("{}0_data", self.projects())
    }

    /// Starts the one that cleans up, gives it this to read, and waits for its end.
    fn reaped(&self, input: &[u8]) {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("probe");
        fs::write(&program, probe_binary::bytes()).unwrap();
        fs::set_permissions(&program, Permissions::from_mode(0o700)).unwrap();
        let address = format!("unix://{}", engine().display());
        let mut child = Command::new(&program)
            .args([
                "reap",
                &address,
                "/v1.41",
                &self.label(),
                &self.projects(),
                &self.images(),
                "-kept",
                "",
                "0",
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        assert!(child.wait().unwrap().success());
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        for name in ["goes", "of-another", "stays-kept"] {
            docker(&["rm", "-fv", &self.name(name)]);
            docker(&["volume", "rm", &self.name(&format!("{name}-volume"))]);
        }
        let volume = self.project_volume();
        for name in [
            self.name("volume"),
            volume.clone(),
            format!("{volume}-of-another"),
            format!("{volume}-labelled"),
        ] {
            docker(&["volume", "rm", &name]);
        }
        docker(&["network", "rm", &self.name("network")]);
        docker(&[
            "image",
            "rm",
            &self.name("image"),
            &self.name("image-of-another"),
        ]);
    }
}

#[test]
fn all_of_a_run_goes_and_nothing_of_another() {
    let scene = Scene::new();
    scene.reaped(b"!");
    assert!(
        there("container", &scene.name("goes")),
        "it was told that nothing is left"
    );
    scene.reaped(b"...");
    assert!(!there("container", &scene.name("goes")));
    assert!(!there("network", &scene.name("network")));
    assert!(!there("volume", &scene.name("volume")));
    assert!(!there("volume", &scene.project_volume()));
    assert!(!there("image", &scene.name("image")));
    assert!(!there("image", &scene.name("build-without-label")));
    assert!(there("container", &scene.name("of-another")));
    assert!(there("image", &scene.name("image-of-another")));
    assert!(there("volume", &scene.name("of-another-volume")));
    assert!(there(
        "volume",
        &format!("{}-labelled", scene.project_volume())
    ));
}

#[test]
fn what_was_kept_stays_with_all_that_it_needs() {
    let scene = Scene::new();
    scene.container("stays-kept", &scene.label(), "image");
    scene.reaped(b"");
    assert!(!there("container", &scene.name("goes")));
    assert!(there("container", &scene.name("stays-kept")));
    assert!(there("volume", &scene.name("stays-kept-volume")));
    assert!(there("network", &scene.name("network")));
    assert!(there("image", &scene.name("image")));
}
