//! Dockerfiles that were written to keep a reader busy: twice as long, they take twice as long.

use super::super::lint;
use super::super::secrets::masked;
use crate::dockerfile::Dockerfile;
use crate::dockerfile::resolved::Resolved;
use crate::text::pace;
use crate::text::source::FileId;

/// Lines of the shorter file.
const LINES: usize = 600;
/// Says which file takes far longer than its length makes it.
fn grows(name: &str, of: impl Fn(usize) -> String) {
    pace::grows(name, LINES, of, |text| {
        let file = Dockerfile::read(FileId(0), &text);
        let resolved = Resolved::new(&file, &[]);
        let found = lint(&file, &resolved, None);
        assert!(masked(&file, &text).text.len() == text.len() && found.len() < 100_000);
    });
}

/// A line so many times, each with its number in place of `#`.
fn lines(line: &str, count: usize) -> String {
    (0..count)
        .map(|number| line.replace('#', &number.to_string()))
        .collect()
}

/// `FROM` lines, each stage on the one before.
fn chain(count: usize) -> String {
    let first = "FROM a:1 AS s0\n".to_owned();
    let more = (1..count).map(|at| format!("FROM s{} AS s{at}\n", at - 1));
    first + &more.collect::<String>()
}

#[test]
fn instructions_are_not_compared_with_all_others() {
    for (name, head, line) in [
        (
            "copies before a chown",
            "FROM a:1\nWORKDIR /w\n",
            "WORKDIR d\nCOPY x y#/\nRUN chown -R a:b z#\n",
        ),
        ("installations", "FROM a:1\nCOPY . .\n", "RUN true #\n"),
        ("commands behind shells", "FROM a:1\n", "CMD app #\n"),
        ("pipes", "FROM a:1\n", "RUN curl a# | sh\n"),
        (
            "mounts",
            "FROM a:1\n",
            "WORKDIR /w#\nRUN --mount=type=cache,target=/c a\n",
        ),
        (
            "faults and mounts",
            "FROM a:1\n",
            "COPY #\nRUN --mount=type=cache,target=/c a\n",
        ),
        (
            "comments",
            "FROM a:1\n",
            "# seaworthy ignore=sudo\nRUN sudo a\nRUN sudo b\n",
        ),
        ("secrets", "FROM a:1\n", "ENV A_TOKEN=a-long-secret-#\n"),
        (
            "open keys",
            "FROM a:1\n",
            "LABEL a#=\"-----BEGIN PRIVATE KEY\"\n",
        ),
    ] {
        grows(name, |count| format!("{head}{}", lines(line, count)));
    }
}

#[test]
fn variables_are_found_by_their_names() {
    for (name, head, line) in [
        (
            "of others",
            "FROM a:1 AS a\nARG OTHER\nFROM b:1\n",
            "LABEL a#=$MISSED#\n",
        ),
        ("of nothing", "FROM scratch\n", "LABEL a#=$MISSED#\n"),
        (
            "near ones",
            "FROM scratch\n",
            "ENV KNOWN#=a\nLABEL a#=$KNOWM#\n",
        ),
        (
            "in commands",
            "FROM a:1 AS a\n",
            "ARG A#\nENV E#=a\nRUN b $A# $E#\n",
        ),
        ("declared later", "FROM a:1\n", "RUN b $A#\nARG A#\n"),
    ] {
        grows(name, |count| format!("{head}{}", lines(line, count)));
    }
    // Through a long chain of stages, and where each begins with what is not known.
    let used = |count| format!("{}{}", chain(400), lines("LABEL a=$A#$B#\n", count));
    grows("a chain", used);
    let unknown = |count| {
        let stages = lines("FROM $X#\n", 400);
        format!("# escape=`\n{stages}{}", lines("RUN a #\n", count))
    };
    grows("bases that are not known", unknown);
}

#[test]
fn one_instruction_may_be_long() {
    for (name, begin, part, end) in [
        ("variables", "ENV", " A#=$B#", "\n"),
        ("an array", "RUN [\"a\"", ",\"\\n\"", "]\n"),
        ("modes", "RUN true", " && chmod 777 a# && rm b#", "\n"),
        (
            "arguments",
            "ARG VERSION\nFROM a:1\nRUN b",
            " $VERSION",
            "\n",
        ),
        (
            "installed things",
            "RUN apt-get update",
            " && apt-get install -y a#",
            "\n",
        ),
        (
            "tokens",
            "RUN a ghp_",
            "000000000000000000000000000000000000-ghp_",
            "\n",
        ),
        ("passwords", "RUN a", " A_TOKEN=hunter#;", "\n"),
        ("documents", "COPY", " <<E#", " /a/\n"),
    ] {
        grows(name, |count| {
            format!("FROM a:1\n{begin}{}{end}", lines(part, count))
        });
    }
}
