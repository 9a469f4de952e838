//! `seaworthy.toml`, found in a folder or above it.

use tempfile::TempDir;

use super::ran as says;

const SUITE: &str = "seaworthy: 1\nname: NAME\nimage: { ref: nobody/asks:1 }\ncases:\n  - name: is small\n    expect: [ { image: { size: { below: 1MB } } } ]\n";

fn project(settings: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("acceptance/a.yaml", &SUITE.replace("NAME", "a"));
    write("other/b.yaml", &SUITE.replace("NAME", "b"));
    write("below/deep/README", "");
    write("seaworthy.toml", settings);
    folder
}

#[test]
fn suites_are_found_where_it_says_also_from_a_folder_below() {
    let project = project("suites = [\"acceptance\"]\n");
    let (code, text) = says(project.path(), &["list"]);
    assert!(
        code == Some(0) && text.contains("acceptance/a.yaml") && !text.contains("other/b.yaml"),
        "{text}"
    );
    let (code, text) = says(&project.path().join("below/deep"), &["check"]);
    assert!(
        code == Some(0) && text.contains("1 suite, 1 case"),
        "{text}"
    );
}

#[test]
fn what_is_given_on_the_command_line_stands() {
    let project = project("suites = [\"acceptance\"]\n[list]\nformat = \"json\"\n");
    let (code, text) = says(project.path(), &["list", "other"]);
    assert!(
        code == Some(0) && text.contains("\"b\"") && !text.contains("\"a\""),
        "{text}"
    );
    let (code, text) = says(project.path(), &["list", "--format", "text"]);
    assert!(
        code == Some(0) && text.contains("acceptance/a.yaml") && !text.contains('{'),
        "{text}"
    );
}

#[test]
fn what_failed_in_a_report_is_of_the_suites_of_that_report() {
    let project = project("suites = [\"acceptance\"]\n");
    let at = project.path();
    let claims = "seaworthy: 1\nname: c\ncases:\n  - { name: it is there, expect: [{ source: { at: gone, type: file } }] }\n";
    std::fs::write(at.join("other/c.yaml"), claims).unwrap();
    let (code, text) = says(at, &["run", "other/c.yaml", "--report", "out"]);
    assert_eq!(code, Some(1), "{text}");
    let (code, text) = says(at, &["run", "--rerun-failed", "out"]);
    assert!(
        code == Some(1) && text.contains("failed  it is there"),
        "{text}"
    );
    // Paths that are given are those.
    let (code, text) = says(at, &["run", "acceptance", "--rerun-failed", "out"]);
    assert!(
        code == Some(4) && text.contains("not in these suites"),
        "{text}"
    );
}

#[test]
fn an_option_of_the_file_gives_way_to_one_that_excludes_it() {
    let project = project("[run]\nquiet = true\nengine = \"unix:///nowhere\"\n");
    let (code, text) = says(project.path(), &["run", "acceptance", "--verbose"]);
    assert!(code == Some(3) && text.contains("/nowhere"), "{text}");
}

#[test]
fn what_is_wrong_with_it_is_said_with_its_place_and_nothing_is_done() {
    let wrong = project("[list]\nformt = \"json\"\n");
    let (code, text) = says(wrong.path(), &["list", "acceptance"]);
    assert_eq!(code, Some(2), "{text}");
    for part in [
        "seaworthy.toml:2:1",
        "`seaworthy list` has no option `formt`",
        "did you mean `format`?",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let wrong = project("[run]\njobs = 1000\n");
    let (code, text) = says(wrong.path(), &["run", "acceptance"]);
    assert!(
        code == Some(2) && text.contains("a whole number from 1 to 64 belongs here"),
        "{text}"
    );
    for part in ["seaworthy.toml:2:8", "in the table `run` of the settings"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    // What a table says of other commands too is said where it stands.
    let wrong = project("[run]\njobs = 4\nallow = [\"bogus\"]\n");
    let (code, text) = says(wrong.path(), &["check", "acceptance"]);
    assert_eq!(code, Some(2), "{text}");
    for part in [
        "there is no power `bogus`",
        "seaworthy.toml:3:9",
        "in the table `run` of the settings",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("`check`"), "{text}");
    // Who only asks for help gets it.
    assert_eq!(says(wrong.path(), &["run", "--help"]).0, Some(0));
}

#[test]
fn a_run_of_another_folder_of_the_project_is_judged_and_run_again() {
    let project = project("suites = [\"acceptance\"]\n");
    let at = project.path();
    // Two suites of one name, which only their files tell apart.
    let suite = "seaworthy: 1\nname: c\ncases:\n  - { name: it is there, expect: [{ source: { at: gone, type: file } }] }\n";
    for name in ["a", "b"] {
        std::fs::write(at.join(format!("acceptance/{name}.yaml")), suite).unwrap();
    }
    let below = at.join("below/deep");
    for (from, to, up, out) in [
        (at, below.as_path(), "../../", "../../out"),
        (&below, at, "", "below/deep/out"),
    ] {
        let (code, text) = says(from, &["run", "--report", "out"]);
        assert_eq!(code, Some(1), "{text}");
        let report = std::fs::read_to_string(from.join("out/report.json")).unwrap();
        let folder = at.to_str().unwrap();
        assert!(
            !report.contains(folder),
            "where it lies is no part of it: {report}"
        );
        let again = ["run", "--rerun-failed", out];
        for words in [
            &again[..],
            &["run", &format!("{up}acceptance"), "--rerun-failed", out],
        ] {
            let (code, text) = says(to, words);
            assert_eq!(code, Some(1), "{text}");
            assert!(text.contains("0 passed, 2 failed, 0 errored"), "{text}");
            let place = format!("--> {up}acceptance/b.yaml:4");
            assert!(text.contains(&place), "{place}: {text}");
        }
        let (code, text) = says(to, &["judge", out, &format!("{up}acceptance")]);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains("0 passed, 2 failed, 0 errored"), "{text}");
    }
    // What lies nowhere near is told.
    let elsewhere = tempfile::tempdir().unwrap();
    let there = elsewhere.path();
    std::fs::create_dir(there.join("moved")).unwrap();
    std::fs::write(there.join("moved/c.yaml"), suite).unwrap();
    let out = at.join("out");
    let (code, text) = says(there, &["judge", out.to_str().unwrap(), "moved"]);
    let said = "the report holds such a case of `acceptance/a.yaml` and `acceptance/b.yaml`, and none of `moved/c.yaml`: \
                call this in the folder that the run was called in";
    assert!(code == Some(3) && text.contains(said), "{text}");
}

#[test]
fn suites_that_are_not_there_are_told_at_the_line_of_the_settings() {
    let project =
        project("[lint]\nlevel = \"error\"\n\n[run]\npaths = [\"acceptanc\", \"other\"]\n");
    let (code, text) = says(&project.path().join("below"), &["run"]);
    assert_eq!(code, Some(2), "{text}");
    for said in [
        "there is no file or folder `../acceptanc`",
        "--> ../seaworthy.toml:5:9",
        "in the table `run` of the settings",
        "did you mean `../acceptance`?",
    ] {
        assert!(text.contains(said), "{text}");
    }
    let (code, text) = says(project.path(), &["list", "other"]);
    assert_eq!(code, Some(0), "{text}");
}
