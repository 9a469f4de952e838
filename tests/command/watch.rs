//! `run --watch`: what a changed file touches is run again.

use std::fs::{self, File};
use std::path::Path;

use super::{command, ran, send, soon};

const SUITE: &str = "seaworthy: 1\nname: NAME\ncases:\n  - name: says it\n    expect: [ { source: { at: ./NAME.txt, content: { contains: yes } } } ]\n";

#[test]
fn a_changed_file_has_its_suite_run_again_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    fs::create_dir(folder.path().join("suites")).unwrap();
    for name in ["one", "two"] {
        write(&format!("suites/{name}.yaml"), &SUITE.replace("NAME", name));
        write(&format!("suites/{name}.txt"), "yes");
    }
    let log = folder.path().join("log");
    let mut watching = command(folder.path(), &["run", "--watch"]);
    let open = || File::options().create(true).append(true).open(&log);
    watching.stdout(open().unwrap()).stderr(open().unwrap());
    let mut watching = watching.spawn().unwrap();
    let said = |wanted: &str, times: usize| {
        soon(wanted, || read(&log).matches(wanted).count() >= times);
    };
    said("watching the files of 2 suites", 1);
    assert!(read(&log).contains("2 passed"), "{}", read(&log));
    write("suites/one.txt", "no longer");
    said("changed: suites/one.txt", 1);
    said("watching", 2);
    let again = read(&log).split("changed:").nth(1).unwrap().to_owned();
    assert!(
        again.contains("1 failed") && !again.contains("two"),
        "{again}"
    );
    // A suite that is wrong is told, and the next change is waited for.
    write("suites/two.yaml", "seaworthy: 1\ncasse: []\n");
    said("did you mean `cases`?", 1);
    said("watching", 3);
    write("suites/two.yaml", &SUITE.replace("NAME", "two"));
    said("watching", 4);
    send("-INT", &watching);
    // As the last run ended, which was of the second suite alone.
    assert_eq!(watching.wait().unwrap().code(), Some(0), "{}", read(&log));
}

fn read(log: &Path) -> String {
    fs::read_to_string(log).unwrap_or_default()
}

#[test]
fn a_run_that_goes_on_has_no_document() {
    let folder = tempfile::tempdir().unwrap();
    let (code, text) = ran(folder.path(), &["run", "--watch", "--format", "json"]);
    assert!(
        code == Some(2) && text.contains("no end of one document"),
        "{text}"
    );
}
