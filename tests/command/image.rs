//! `--image`: the image that takes the place of those that suites name.

use super::judge::write;
use super::ran;

const SUITE: &str = "seaworthy: 1\nname: s\nimage: { ref: \"nowhere.invalid/a:1\" }\ncases: [ { name: a, expect: [ { path: /nowhere } ] } ]\n";

#[test]
fn what_failed_is_run_again_on_the_image_of_that_run() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, "s.yaml", SUITE);
    let image = ["--image", "debian:bookworm-slim"];
    let run = ["run", "s.yaml", "--report", "out"];
    let (code, said) = ran(at, &[&run[..], &image].concat());
    assert_eq!(code, Some(1), "{said}");
    let again = ["run", "--rerun-failed", "out", "--report", "again"];
    let (code, said) = ran(at, &again);
    assert_eq!(code, Some(1), "{said}");
    let note =
        "note: judging `debian:bookworm-slim`, as `--image` had it in the run of the report\n";
    assert!(said.contains(note), "{said}");
    // That is what its own report says too.
    let (code, said) = ran(at, &["run", "--rerun-failed", "again"]);
    assert!(code == Some(1) && said.contains(note), "{said}");
    let (code, said) = ran(
        at,
        &[&again[..], &["--image", "python:3.11.2-slim"]].concat(),
    );
    let note = "note: judging `python:3.11.2-slim`, and the report is of `debian:bookworm-slim`\n";
    assert!(code == Some(1) && said.contains(note), "{said}");
    write(
        at,
        "s.yaml",
        &SUITE.replace("nowhere.invalid/a:1", "debian:bookworm-slim"),
    );
    let (code, said) = ran(at, &run);
    assert_eq!(code, Some(1), "{said}");
    let (code, said) = ran(at, &again);
    assert!(code == Some(1) && !said.contains("note:"), "{said}");
    let (_, said) = ran(
        at,
        &[&["run", "--rerun-failed", "out"][..], &image].concat(),
    );
    let note = "note: judging `debian:bookworm-slim`, and the report is of the images that its suites name\n";
    assert!(said.contains(note), "{said}");
}

#[test]
fn one_that_cannot_be_had_is_told_as_what_was_asked_for_on_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, "s.yaml", SUITE);
    let compose = "seaworthy: 1\nname: c\ncompose: { files: [c.yml], app: web }\ncases: [ { name: b, expect: [ { whoami: 0 } ] } ]\n";
    write(at, "c.yaml", compose);
    write(
        at,
        "c.yml",
        "services: { web: { image: \"debian:bookworm-slim\", command: sleep 99 } }\n",
    );
    for suite in ["s.yaml", "c.yaml"] {
        let (code, said) = ran(at, &["run", suite, "--image", "nowhere.invalid/gone:7"]);
        assert_eq!(code, Some(3), "{said}");
        let told = "could not tell: the image `nowhere.invalid/gone:7`, which was given in place of what suites say (`--image`, ";
        assert!(said.contains(told), "{said}");
        assert!(
            !said.contains(" -->"),
            "no line of a suite is at fault: {said}"
        );
    }
    for (image, told) in [
        ("BAD REF", "`BAD REF` is not the name of an image"),
        (
            "app:",
            "nothing stands behind the colon of `app:`; name a tag, or leave the colon out",
        ),
    ] {
        for words in [&["run", "s.yaml"][..], &["init"]] {
            let (code, said) = ran(at, &[words, &["--image", image]].concat());
            assert_eq!(code, Some(2), "{said}");
            assert!(
                said.contains(told) && said.contains("'--image <REF>'"),
                "{said}"
            );
        }
    }
}
