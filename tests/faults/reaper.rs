//! What cleans up after a run, asked by itself: what it takes, what it leaves, and when it does nothing.

use std::fs::{self, Permissions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use seaworthy::engine::probe_binary;
use seaworthy::engine::world::random;

use super::{docker, engine};

#[path = "../../probe/reap/engine.rs"]
#[expect(dead_code, reason = "of the reaper's client a part is tried here")]
mod client;

/// Things of a run that never was, made by hand.
struct Scene {
    run: String,
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

    fn reaped(&self, input: &[u8]) {
        reaped(&self.order(Duration::ZERO), input);
    }

    /// What the one that cleans up is told, which goes for so long without a word.
    fn order(&self, silence: Duration) -> String {
        let names = [self.label(), self.projects(), self.images()];
        let address = format!("unix://{}", engine().display());
        order(&address, names, silence)
    }
}

/// What the one that cleans up is told of an engine, a run's label, and what its volumes and images are called.
fn order(address: &str, [label, projects, images]: [String; 3], silence: Duration) -> String {
    let order = serde_json::json!({
        "address": address,
        "prefix": "/v1.41",
        "label": label,
        "projects": projects,
        "images": images,
        "kept": "-kept",
        "owner": "",
        "silence_ms": silence.as_millis().to_string(),
    });
    order.to_string()
}

/// Starts the one that cleans up.
fn begun(order: &str) -> Child {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("probe");
    fs::write(&program, probe_binary::bytes()).unwrap();
    fs::set_permissions(&program, Permissions::from_mode(0o700)).unwrap();
    Command::new(&program)
        .args(["reap", order])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Starts it, gives it this to read, and waits for its end.
fn reaped(order: &str, input: &[u8]) {
    let mut child = begun(order);
    child.stdin.take().unwrap().write_all(input).unwrap();
    assert!(child.wait().unwrap().success());
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

#[test]
fn one_that_hears_a_beat_waits_and_one_that_hears_nothing_begins() {
    let scene = Scene::new();
    let silence = Duration::from_secs(3);
    let mut child = begun(&scene.order(silence));
    let mut input = child.stdin.take().unwrap();
    let began = Instant::now();
    thread::scope(|scope| {
        let beats = scope.spawn(|| {
            while began.elapsed() < 2 * silence {
                input.write_all(b".").unwrap();
                thread::park_timeout(silence / 20);
            }
        });
        while !beats.is_finished() {
            assert!(there("container", &scene.name("goes")), "it was heard");
        }
    });
    // Its input stays open.
    let deadline = Instant::now() + Duration::from_mins(1);
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            child.kill().unwrap();
        }
        thread::yield_now();
    }
    assert!(child.wait().unwrap().success(), "it never began");
    assert!(!there("container", &scene.name("goes")));
    drop(input);
}

/// An engine that answers as it likes: what it is asked, and what it says.
fn peer(answer: impl Fn(&str, usize) -> String + Send + 'static) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("engine.sock");
    let listener = std::os::unix::net::UnixListener::bind(&at).unwrap();
    thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let mut stream = stream.unwrap();
            let mut asked = Vec::new();
            let mut byte = [0];
            while !asked.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
                asked.push(byte[0]);
            }
            let asked = String::from_utf8(asked).unwrap();
            let said = answer(asked.lines().next().unwrap_or_default(), number);
            let _ = stream.write_all(said.as_bytes());
        }
    });
    (folder, format!("unix://{}", at.display()))
}

#[test]
fn a_container_that_is_being_removed_is_waited_for_also_where_something_is_kept() {
    let deleted = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&deleted);
    // More than are asked for while it is looked whether all stays quiet.
    let most = 13;
    let (_folder, address) = peer(move |asked, _| {
        if asked.starts_with("DELETE") {
            return match count.fetch_add(1, Ordering::Relaxed) + 1 < most {
                true => said("409 Conflict", "{}"),
                false => said("204 No Content", ""),
            };
        }
        let goes = match count.load(Ordering::Relaxed) < most {
            true => r#",{"Id":"b","Names":["/b"]}"#,
            false => "",
        };
        match asked.contains("/containers/json") {
            true => said(
                "200 OK",
                &format!(r#"[{{"Id":"a","Names":["/a-kept"]}}{goes}]"#),
            ),
            false if asked.contains("/volumes") => said("200 OK", r#"{"Volumes":[]}"#),
            false => said("200 OK", "[]"),
        }
    });
    let names = ["io.seaworthy.run=x", "", ""].map(str::to_owned);
    reaped(&order(&address, names, Duration::ZERO), b"");
    assert_eq!(deleted.load(Ordering::Relaxed), most);
}

/// What an engine says that has a status and a body.
fn said(status: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.0 {status}\r\nContent-Length: {length}\r\n\r\n{body}")
}

#[test]
fn an_image_is_known_by_its_name_also_where_an_engine_puts_a_host_before_it() {
    let (tell, deleted) = std::sync::mpsc::channel();
    let (_folder, address) = peer(move |asked, _| {
        if let Some(path) = asked.strip_prefix("DELETE ") {
            tell.send(path.to_owned()).unwrap();
            return said("404 Not Found", "{}");
        }
        let called = asked.contains("/images/json?filters") && asked.contains("localhost%2Fown-");
        match called {
            true => said(
                "200 OK",
                r#"[{"Id":"a","RepoTags":["localhost/own-1-build:x","localhost/other:1","own-2-build:x","b/own-3:1"]}]"#,
            ),
            false if asked.contains("/volumes") => said("200 OK", r#"{"Volumes":[]}"#),
            false => said("200 OK", "[]"),
        }
    });
    let names = ["io.seaworthy.run=x", "", "own-"].map(str::to_owned);
    reaped(&order(&address, names, Duration::ZERO), b"");
    let mut all: Vec<String> = deleted.try_iter().collect();
    all.sort();
    all.dedup();
    let path = |name: &str| format!("/v1.41/images/{name} HTTP/1.0");
    assert_eq!(
        all,
        [path("localhost/own-1-build%3Ax"), path("own-2-build%3Ax")]
    );
}

#[tokio::test]
async fn an_engine_that_takes_no_connection_is_not_waited_for_beyond_its_time() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("engine.sock");
    let socket = tokio::net::UnixSocket::new_stream().unwrap();
    socket.bind(&at).unwrap();
    // It takes none, and those that wait are soon as many as may.
    let _listener = socket.listen(1).unwrap();
    let mut waiting = Vec::new();
    let soon = Duration::from_millis(200);
    while let Ok(one) = tokio::time::timeout(soon, tokio::net::UnixStream::connect(&at)).await {
        match one {
            Ok(one) => waiting.push(one),
            // As the kernel says it to those who do not wait.
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => panic!("{error}"),
        }
    }
    let address = format!("unix://{}", at.display());
    let (tell, told) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let engine = client::Engine::at(&address, "/v1.41").unwrap();
        let engine = engine.until(Instant::now() + soon);
        let _ = tell.send(engine.ask("GET", "/volumes").unwrap_err().kind());
    });
    let why = told.recv_timeout(Duration::from_mins(1));
    assert_eq!(why, Ok(ErrorKind::TimedOut), "it waits on");
}

#[test]
fn an_answer_that_comes_byte_by_byte_is_not_waited_for_beyond_its_time() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("engine.sock");
    let listener = std::os::unix::net::UnixListener::bind(&at).unwrap();
    let peer = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream
            .set_read_timeout(Some(Duration::from_millis(20)))
            .unwrap();
        let mut bytes = [0; 1024];
        for _ in 0..2_000 {
            // It waits for what never comes.
            let _ = stream.read(&mut bytes);
            if stream.write_all(b"H").is_err() {
                return;
            }
        }
    });
    let address = format!("unix://{}", at.display());
    let engine = client::Engine::at(&address, "/v1.41").unwrap();
    let engine = engine.until(Instant::now() + Duration::from_millis(500));
    let why = engine.ask("GET", "/volumes").unwrap_err();
    // As a system says it whose time is over, or as we do.
    let over = [ErrorKind::TimedOut, ErrorKind::WouldBlock];
    assert!(over.contains(&why.kind()), "{why}");
    peer.join().unwrap();
}
