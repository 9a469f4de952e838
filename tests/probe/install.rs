//! `probe install`.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, SystemTime};

use crate::client::PROBE;

fn install(folder: &Path) -> Output {
    Command::new(PROBE)
        .arg("install")
        .arg(folder)
        .output()
        .unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| name(entry.unwrap()))
        .collect();
    names.sort();
    names
}

#[test]
fn installs_itself_whole_and_executable() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("probe");
    fs::write(&at, "the broken rest of something else").unwrap();
    assert!(install(folder.path()).status.success());
    assert_eq!(fs::read(&at).unwrap(), fs::read(PROBE).unwrap());
    let first = fs::metadata(&at).unwrap();
    assert_eq!(first.permissions().mode() & 0o7777, 0o555);
    assert!(install(folder.path()).status.success());
    assert_eq!(
        fs::metadata(&at).unwrap().ino(),
        first.ino(),
        "what is right already is left alone"
    );
    assert_eq!(names(folder.path()), ["probe"]);
}

#[test]
fn many_at_once_leave_one_whole_program() {
    let folder = tempfile::tempdir().unwrap();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert!(install(folder.path()).status.success()));
        }
    });
    assert_eq!(names(folder.path()), ["probe"]);
    assert_eq!(
        fs::read(folder.path().join("probe")).unwrap(),
        fs::read(PROBE).unwrap()
    );
}

#[test]
fn removes_what_killed_installations_left_but_not_what_runs() {
    let folder = tempfile::tempdir().unwrap();
    for (name, age) in [(".probe-old", 120), (".probe-new", 5), ("other-old", 120)] {
        let file = fs::File::create(folder.path().join(name)).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(age))
            .unwrap();
    }
    assert!(install(folder.path()).status.success());
    assert_eq!(names(folder.path()), [".probe-new", "other-old", "probe"]);
}

#[test]
fn says_where_it_cannot() {
    let output = install(Path::new("/no/such/folder"));
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.starts_with("probe: cannot install into /no/such/folder: "),
        "{text}"
    );
}
