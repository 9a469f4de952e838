use super::*;

const FILE: &str = r#"# syntax=docker/dockerfile:1
# a comment
ARG BASE=debian:12 \
    OTHER=x
FROM --platform=linux/amd64 ${BASE} AS Build
RUN apt-get update \
    # between
    && true

    WORKDIR /src
COPY --from=tool:1 /x /x
RUN <<EOF cat
one
EOF
ENV A=b
RUN last
FROM scratch
copy --from=build /a /a
RUN --mount=type=bind,from=$OTHER,target=/y ["/a"]
"#;

fn args(args: &[(&str, &str)]) -> Vec<(String, String)> {
    args.iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[test]
fn instructions_know_their_lines() {
    let parsed = Instructions::parse(FILE.as_bytes());
    let seen: Vec<_> = parsed
        .all
        .iter()
        .map(|one| (one.line, one.last_line, one.keyword.as_str(), one.stage))
        .collect();
    assert_eq!(
        seen,
        [
            (3, 4, "ARG", None),
            (5, 5, "FROM", Some(0)),
            (6, 8, "RUN", Some(0)),
            (10, 10, "WORKDIR", Some(0)),
            (11, 11, "COPY", Some(0)),
            (12, 14, "RUN", Some(0)),
            (15, 15, "ENV", Some(0)),
            (16, 16, "RUN", Some(0)),
            (17, 17, "FROM", Some(1)),
            (18, 18, "COPY", Some(1)),
            (19, 19, "RUN", Some(1)),
        ]
    );
    assert_eq!(parsed.syntax.as_deref(), Some("docker/dockerfile:1"));
    assert_eq!(parsed.all[2].text, "RUN apt-get update && true");
    assert!(parsed.at_line(13).is_some_and(|one| one.heredoc));
}

#[test]
fn steps_are_found_by_stage_and_number() {
    let parsed = Instructions::parse(FILE.as_bytes());
    let line = |stage, number, total, text| {
        parsed
            .of_step(stage, number, total, text)
            .map(|one| one.line)
    };
    assert_eq!(
        line("build", 1, 6, "FROM docker.io/library/debian:12"),
        Some(5)
    );
    assert_eq!(line("build", 2, 6, "RUN apt-get update && true"), Some(6));
    assert_eq!(line("build", 6, 6, "RUN last"), Some(16));
    // A base image that triggers a step of its own shifts the numbers.
    assert_eq!(line("build", 7, 7, "RUN last"), Some(16));
    assert_eq!(line("stage-1", 1, 2, "COPY --from=build /a /a"), Some(18));
    assert_eq!(line("stage-1", 2, 2, "RUN --mount=x"), Some(19));
    // A number that leads elsewhere is mended by the text.
    assert_eq!(line("build", 5, 6, "WORKDIR /src"), Some(10));
    assert_eq!(line("nosuch", 1, 1, "RUN x"), None);
    assert_eq!(line("", 1, 1, "RUN x"), None);
    assert_eq!(line("build", 9, 1, "RUN x"), None);
    assert_eq!(parsed.nth(3).map(|one| one.line), Some(6));
    assert_eq!(parsed.nth(0), None);
    assert_eq!(parsed.nth(99), None);
}

#[test]
fn images_from_outside_are_named() {
    let parsed = Instructions::parse(FILE.as_bytes());
    assert_eq!(
        parsed.images(&[]).expect("known"),
        ["debian:12", "tool:1", "x"]
    );
    let given = args(&[("BASE", "alpine")]);
    assert_eq!(
        parsed.images(&given).expect("known"),
        ["alpine", "tool:1", "x"]
    );
}

#[test]
fn what_cannot_be_told_is_not_guessed() {
    let images = |file: &str| Instructions::parse(file.as_bytes()).images(&[]);
    assert_eq!(images("FROM $NOSUCH"), None);
    assert_eq!(images("ARG A\nFROM ${A}"), None);
    assert_eq!(images("FROM ${A:?x}"), None);
    assert_eq!(images("FROM scratch\nADD https://x.example/y /y"), None);
    assert_eq!(images("FROM scratch\nONBUILD COPY --from=x a b"), None);
    assert_eq!(images("ARG A\nFROM ${A:-b:1}").expect("known"), ["b:1"]);
    assert_eq!(images("ARG A=1\nFROM b${A:+:$A}").expect("known"), ["b:1"]);
    assert_eq!(images("FROM a-$TARGETARCH"), None);
    assert_eq!(images(&"#".repeat(2 << 20)), None);
    assert_eq!(
        images("FROM a AS b\nFROM b\nCOPY --from=0 / /\nCOPY --from=c / /").expect("known"),
        ["a", "c"]
    );
    // A stage may bear the name of the image it starts from.
    assert_eq!(images("FROM a AS a").expect("known"), ["a"]);
}

#[test]
fn odd_files_do_no_harm() {
    for file in [
        "",
        "\\",
        "FROM",
        "FROM x \\",
        "RUN <<EOF",
        "RUN <<EOF\na",
        "# syntax=",
        "\u{feff}FROM a",
        "`\n`",
        "ARG",
    ] {
        let parsed = Instructions::parse(file.as_bytes());
        let _ = parsed.images(&[]);
        let _ = parsed.of_step("", 1, 1, "RUN x");
    }
    assert_eq!(Instructions::parse(b"\xff\xfe").all.len(), 1);
    let shell = Instructions::parse(b"FROM a\nRUN cat <<<x\nRUN echo $((1<<2))\nRUN y");
    assert_eq!(shell.all.len(), 4);
}
