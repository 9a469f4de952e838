//! Folders of reports: one run at a time, and nothing of anyone else's is lost.

use std::fs::File;
use std::path::Path;

use super::judge::write;
use super::ran;

const SUITE: &str = "seaworthy: 1\nimage: { ref: a }\ncases: [ { name: a, skip: later, expect: [ { path: /a } ] } ]\n";

fn read(at: &Path, name: &str) -> String {
    std::fs::read_to_string(at.join(name)).unwrap()
}

#[test]
fn of_two_runs_with_one_folder_the_second_is_told_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, "s.yaml", SUITE);
    let words = ["run", "s.yaml", "--report", "out"];
    assert_eq!(ran(at, &words).0, Some(4));
    let before = read(at, "out/report.json");
    // As a run does that is under way.
    let held = File::open(at.join("out")).unwrap();
    held.try_lock().unwrap();
    let merge = ["merge", "out/report.json", "--report", "out"];
    for words in [&words[..], &["judge", "out", "--report", "out"]] {
        let (code, text) = ran(at, words);
        assert_eq!(code, Some(2), "{text}");
        for part in [
            "another run is going to write its reports to `out`",
            "help: name a folder with `--report`",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
    assert_eq!(read(at, "out/report.json"), before);
    // Who only reads them may.
    assert_eq!(ran(at, &["judge", "out"]).0, Some(4));
    assert_eq!(ran(at, &merge).0, Some(2));
    drop(held);
    assert_eq!(ran(at, &words).0, Some(4));
    assert_ne!(read(at, "out/report.json"), before);
}

#[test]
fn what_seaworthy_has_not_made_stays_and_the_run_says_so_before_it_begins() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, "s.yaml", SUITE);
    let words = ["run", "s.yaml", "--report", "out"];
    assert_eq!(ran(at, &words).0, Some(4));
    write(at, "out/notes.md", "mine");
    assert_eq!(ran(at, &words).0, Some(4));
    write(at, "out/report.txt", "my own notes");
    let before = read(at, "out/report.json");
    let (code, text) = ran(at, &words);
    assert_eq!(code, Some(2), "{text}");
    let told =
        "`out/report.txt` is no report of seaworthy's, and one of its name would take its place";
    assert!(text.contains(told), "{text}");
    assert_eq!(read(at, "out/report.txt"), "my own notes");
    assert_eq!(read(at, "out/notes.md"), "mine");
    assert_eq!(read(at, "out/report.json"), before);
}
