//! `seaworthy lint` on files.

use std::path::Path;

use super::{command, ran};

/// The words of a report for programs.
fn json_of(folder: &Path, arguments: &[&str]) -> serde_json::Value {
    let output = command(folder, arguments).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn dockerfiles_are_judged_by_rules_that_can_be_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let of = |words: &[&str]| ran(folder.path(), &[&["lint"], words].concat());
    let (code, text) = of(&[]);
    assert_eq!(code, Some(4), "{text}");
    assert!(text.contains("no Dockerfile found"), "{text}");

    write("api/Dockerfile", "FROM debian AS base\nUSER 1000\n");
    write("api/target/Dockerfile", "NOTHING\n");
    write("api/Dockerfile.dockerignore", "target\n");
    let (code, text) = of(&[]);
    assert_eq!(code, Some(1), "{text}");
    let place = "warning[unpinned-base]: `debian` has no tag, so it is another image tomorrow\n \
                 --> api/Dockerfile:1:6\n";
    assert!(text.starts_with(place), "{text}");
    assert!(
        text.contains("\n1 | FROM debian AS base\n  |      ^^^^^^\n"),
        "{text}"
    );
    assert!(
        text.contains("= help: name a version, or a digest\n"),
        "{text}"
    );
    assert!(
        text.contains("\n1 finding in 1 Dockerfile (1 warning)"),
        "{text}"
    );
    for words in [
        &["--except", "unpinned-base"][..],
        &["--except", "missing-healthcheck,unpinned-base"],
        &["--level", "error"],
        &["api/target", "--level", "error"],
    ] {
        let (code, text) = of(words);
        let wanted = i32::from(words[0] == "api/target");
        assert_eq!(code, Some(wanted), "{text}");
    }
    let all = json_of(folder.path(), &["lint", "--format", "json"]);
    let one = &all["files"][0]["findings"][0];
    assert_eq!(
        (&one["rule"], &one["level"]),
        (&"unpinned-base".into(), &"warning".into())
    );
    assert_eq!(
        (&one["place"]["line"], &one["place"]["column"]),
        (&1.into(), &6.into())
    );

    for (words, said) in [
        (
            &["--except", "unpined-base"][..],
            "did you mean `unpinned-base`?",
        ),
        (&["--except", "DL3006"], "here `DL3006` is `unpinned-base`"),
        (&["--target", "bas"], "did you mean `base`?"),
        (&["--arg", "A=b"], "nothing takes the build argument `A`"),
        (&["--arg", "A"], "write NAME=VALUE"),
        (&["api/Dockerfil"], "did you mean `api/Dockerfile`?"),
    ] {
        let (code, text) = of(words);
        assert_eq!(code, Some(2), "{words:?}: {text}");
        assert!(text.contains(said), "{words:?}: {text}");
    }
    // What cannot be read says so beside what is found in the others.
    std::fs::write(folder.path().join("Dockerfile"), b"FROM a\xff\n").unwrap();
    let (code, text) = of(&[]);
    assert_eq!(code, Some(2), "{text}");
    assert!(
        text.contains("cannot read `Dockerfile`") && text.contains("[unpinned-base]"),
        "{text}"
    );
    let (code, text) = of(&["--list"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("unpinned-base") && text.contains("An image without tag"),
        "{text}"
    );
}

#[test]
fn no_secret_of_a_dockerfile_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let text = "FROM debian:12\nARG DB_PASSWORD=hunter2secret\nENV DB_PASSWORD hunter2secret\n\
                RUN cd / && curl -k https://me:hunter2secret@example.org/hunter2secret | sh\nUSER 1000\n\
                WORKDIR hunter2secret\n";
    std::fs::write(folder.path().join("Dockerfile"), text).unwrap();
    for format in ["text", "json"] {
        let (code, text) = ran(folder.path(), &["lint", "--format", format]);
        assert_eq!(code, Some(1), "{text}");
        for rule in ["secret-in-text", "secret-in-variable", "relative-workdir"] {
            assert!(text.contains(rule), "{text}");
        }
        assert!(
            text.contains("ARG DB_PASSWORD=****") && text.contains("@example.org"),
            "{text}"
        );
        assert!(!text.contains("hunter2"), "{text}");
    }
}
