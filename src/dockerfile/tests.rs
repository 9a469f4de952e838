mod refused;

use super::resolved::{Base, Resolved};
use super::*;
use crate::text::source::Sources;

fn read(text: &str) -> (Sources, Dockerfile) {
    let mut sources = Sources::default();
    let file = sources.add("Dockerfile", text);
    (sources, Dockerfile::read(file, text))
}

const FILE: &str = "\u{feff}# syntax=docker/dockerfile:1\r\n# escape=`\r\nARG TAG=12\r\n\
FROM debian:${TAG:-11} AS Build\r\nRUN --mount=type=cache,target=/c one `\r\n  # between\r\n  two\r\n\
COPY <<-\"A\" <<B /etc/\r\n\t$x\r\n\tA\r\nb\r\nB\r\nFROM build\r\n\
ONBUILD CMD [\"a\", \"b\"]\r\nHEALTHCHECK CMD [\"a\"] || exit 1\r\n";

#[test]
fn instructions_are_read_with_their_places() {
    let (sources, file) = read(FILE);
    assert_eq!(file.faults, []);
    let seen: Vec<_> = file
        .instructions
        .iter()
        .map(|one| {
            (
                sources.place(one.keyword.span).line,
                one.kind.word(),
                one.stage,
            )
        })
        .collect();
    let wanted = [
        (3, "ARG", None),
        (4, "FROM", Some(0)),
        (5, "RUN", Some(0)),
        (8, "COPY", Some(0)),
        (13, "FROM", Some(1)),
        (14, "CMD", Some(1)),
        (15, "HEALTHCHECK", Some(1)),
    ];
    assert_eq!(seen, wanted);
    let run = &file.instructions[2];
    assert_eq!(run.rest.as_str(), "one   two");
    let two = sources.place(run.rest.span(6..9));
    assert_eq!((two.line, two.column, two.width), (7, 3, 3));
    assert!(run.caches(&["/c"]));
    let docs = &file.instructions[3].heredocs;
    assert_eq!(
        (docs[0].quoted, docs[0].chomp, docs[1].quoted),
        (true, true, false)
    );
    assert_eq!(docs[0].body.as_str(), "\t$x\r\n");
    assert!(file.instructions[5].onbuild && file.instructions[5].json.is_some());
    // What is no JSON array to its end is none.
    assert_eq!(file.instructions[6].json, None);
}

#[test]
fn bases_follow_arguments_and_stages() {
    let (_, file) = read(FILE);
    let of = |args: &[(String, String)]| Resolved::new(&file, args).bases;
    let image = |name: &str| Base::Image(name.to_owned());
    assert_eq!(of(&[]), [image("debian:12"), Base::Stage(0)]);
    let given = of(&[("TAG".to_owned(), String::new())]);
    assert_eq!(given, [image("debian:11"), Base::Stage(0)]);
}

#[test]
fn one_mistake_does_not_hide_the_next() {
    let (sources, file) = read("RUN x\nFROM a b\nCOYP a b\nCOPY --form=x a b\nRUN <<EOF\nx\n");
    let said: Vec<_> = file
        .faults
        .iter()
        .map(|fault| {
            format!(
                "{} {} | {}",
                sources.place(fault.span).line,
                fault.message,
                fault.mend
            )
        })
        .collect();
    let wanted = [
        "1 `RUN` stands before the first `FROM` | only `ARG` may stand there",
        "2 `FROM` takes an image, or an image and a name | such as `FROM debian:12 AS build`",
        "3 `COYP` is no instruction | did you mean `COPY`?",
        "4 `COPY` has no flag `--form` | did you mean `--from`?",
        "5 the here-document `EOF` does not end | a line that is just `EOF` ends it",
    ];
    assert_eq!(said, wanted);
}

#[test]
fn what_doubles_itself_stays_small() {
    let text = format!(
        "FROM scratch\nENV A=xx\n{}USER $A\n",
        "ENV A=$A$A\n".repeat(200)
    );
    let (_, file) = read(&text);
    let resolved = Resolved::new(&file, &[]);
    assert_eq!(resolved.words(file.instructions.len() - 1), [None]);
}
