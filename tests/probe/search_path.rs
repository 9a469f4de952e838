//! What is remembered of the search path's folders, and for how long.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::absent::Absent;

fn later() -> SystemTime {
    SystemTime::now() + Duration::from_mins(1)
}

fn looked_for(absent: &mut Absent, folder: &Path, name: &[u8]) -> bool {
    let seen = fs::metadata(folder).unwrap();
    absent.remember(folder, &seen, name);
    absent.knows(folder, name)
}

#[test]
fn what_is_not_there_is_known_until_the_folder_changes() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let mut absent = Absent::new(later);
    assert!(looked_for(&mut absent, at, b"one"));
    assert!(!absent.knows(at, b"two"), "it was not looked for");
    assert!(looked_for(&mut absent, at, b"two"));
    fs::write(at.join("three"), "").unwrap();
    assert!(!absent.knows(at, b"one"), "the folder has changed");
    assert!(looked_for(&mut absent, at, b"one"));
    assert!(!absent.knows(at, b"two"), "that was before the change");
}

#[test]
fn another_folder_in_its_place_is_asked_anew() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("bin");
    fs::create_dir(&at).unwrap();
    let mut absent = Absent::new(later);
    assert!(looked_for(&mut absent, &at, b"one"));
    fs::rename(&at, folder.path().join("old")).unwrap();
    assert!(!absent.knows(&at, b"one"), "there is no folder");
    fs::create_dir(&at).unwrap();
    assert!(!absent.knows(&at, b"one"), "it is another folder");
}

#[test]
fn a_folder_that_has_just_changed_is_asked_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let mut absent = Absent::new(SystemTime::now);
    assert!(!looked_for(&mut absent, folder.path(), b"one"));
}

#[test]
fn a_link_to_nothing_is_no_absence() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    symlink(at.join("nothing"), at.join("one")).unwrap();
    let mut absent = Absent::new(later);
    assert!(!looked_for(&mut absent, at, b"one"));
    assert!(looked_for(&mut absent, at, b"two"));
}
