//! A name that an archive takes from another image, where its loading is interrupted.

use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::proxy::{Fault, Plan};
use super::{begun, docker, ended, engine};

/// An image of nothing but a label, gone when this is.
struct Image {
    name: String,
    ids: Vec<String>,
}

impl Image {
    fn made(&mut self, label: &str) {
        let host = format!("unix://{}", engine().display());
        let mut import = Command::new("docker")
            .args([
                "--host", &host, "import", "--change", label, "-", &self.name,
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // An archive of nothing.
        let mut input = import.stdin.take().unwrap();
        std::io::Write::write_all(&mut input, &[0; 1024]).unwrap();
        drop(input);
        assert!(import.wait().unwrap().success());
        self.ids.push(self.id());
    }

    fn id(&self) -> String {
        let (_, id) = docker(&["image", "inspect", "--format", "{{.Id}}", &self.name]);
        id.trim().to_owned()
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        for id in &self.ids {
            docker(&["image", "rm", "-f", id]);
        }
    }
}

const SUITE: &str = "seaworthy: 1
name: archived
image: { archive: image.tar }
cases:
  - { name: is theirs, expect: [ { image: { labels: { whose: theirs } } } ] }
";

#[test]
fn a_name_is_given_back_where_the_loading_of_an_archive_is_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let own = seaworthy::engine::world::random(8).to_lowercase();
    let mut image = Image {
        name: format!("faults-lent/{own}:1"),
        ids: Vec::new(),
    };
    image.made("LABEL whose=theirs");
    std::fs::create_dir(at.join("suites")).unwrap();
    let archive = at.join("suites/image.tar");
    let (done, text) = docker(&["save", "-o", archive.to_str().unwrap(), &image.name]);
    assert!(done, "{text}");
    image.made("LABEL whose=first");
    let first = image.id();
    std::fs::write(at.join("suites/suite.yaml"), SUITE).unwrap();
    // The engine loads it, and the run never hears of it.
    let plan = Plan {
        fault: Fault::Never,
        kind: Some("POST /images/load".to_owned()),
        number: 0,
        lasts: false,
        after: None,
    };
    let (mut run, _proxy) = begun(at, Some(plan));
    let deadline = Instant::now() + Duration::from_mins(2);
    let goes_on = |run: &mut Child| Instant::now() < deadline && run.try_wait().unwrap().is_none();
    while image.id() == first && goes_on(&mut run) {
        thread::yield_now();
    }
    let loaded = image.id();
    let process = run.id().to_string();
    // Where it has ended already, what it said is told below.
    let _ = Command::new("kill").args(["-INT", &process]).status();
    let (code, text) = ended(run);
    assert_eq!(loaded, image.ids[0], "it was not loaded: {text}");
    assert!(code.is_some_and(|code| code != 0), "{text}");
    assert_eq!(image.id(), first, "{text}");
}
