//! What the builder refuses in one line: each was built with Docker Engine 20.10, by either builder.

use super::*;

/// What is said of one line in a stage of nothing, be it known at once or once variables are replaced.
fn said(line: &str) -> Vec<String> {
    let text = format!("FROM scratch\nENV EMPTY=\nARG GIVEN=a\n{line}\n");
    of(&text)
}

fn of(text: &str) -> Vec<String> {
    let (sources, file) = read(text);
    let resolved = Resolved::new(&file, &[]);
    let mut all: Vec<&Fault> = file.faults.iter().chain(&resolved.faults).collect();
    all.sort_by_key(|fault| fault.span.start);
    let shown = |fault: &&Fault| {
        let place = sources.place(fault.span);
        format!(
            "{}:{} {} | {}",
            place.line, place.column, fault.message, fault.mend
        )
    };
    all.iter().map(shown).collect()
}

/// Each line with the one thing that is said of it.
fn each(lines: &[(&str, &str)]) {
    for (line, what) in lines {
        let said = said(line);
        assert_eq!(said.len(), 1, "{line}: {said:?}");
        assert_eq!(said[0].strip_prefix("4:"), Some(*what), "{line}");
    }
}

#[test]
fn times_and_tries_of_a_health_check_are_read_as_the_builder_reads_them() {
    let check = |flag: &str| format!("HEALTHCHECK {flag} CMD [\"/a\"]");
    for (flag, what) in [
        (
            "--interval=5",
            "`--interval=5` has no unit | write `5s` for seconds or `5m` for minutes",
        ),
        (
            "--interval=x",
            "`--interval=x` is no time | a number with its unit belongs here, such as `30s` or `1m30s`",
        ),
        (
            "--start-period=1m30",
            "`--start-period=1m30` is no time | a number with its unit belongs here, such as `30s` or `1m30s`",
        ),
        (
            "--timeout=1us",
            "`--timeout=1us` is too short | the least is `1ms`",
        ),
        (
            "--timeout=-3s",
            "`--timeout=-3s` is too short | the least is `1ms`",
        ),
        (
            "--retries=-1",
            "`--retries=-1` is no number of tries | a whole number belongs here, such as `3`",
        ),
        (
            "--retries=x",
            "`--retries=x` is no number of tries | a whole number belongs here, such as `3`",
        ),
        (
            "--retries",
            "`--retries` has no value | write `--retries=…`, with `=` and without a space",
        ),
        (
            "--retries=1 --retries=2",
            "`--retries` stands here a second time | remove one of the two",
        ),
    ] {
        let said = said(&check(flag));
        assert_eq!(said.len(), 1, "{flag}: {said:?}");
        assert_eq!(said[0].split_once(' ').unwrap().1, what);
    }
    for flag in [
        "--interval=1m30s",
        "--timeout=1.5s",
        "--start-period=1ms",
        "--retries=3",
        "--interval=",
    ] {
        assert_eq!(said(&check(flag)), [""; 0], "{flag}");
    }
}

#[test]
fn words_that_no_builder_takes_are_told_with_what_to_write() {
    each(&[
        (
            "STOPSIGNAL FOO",
            "12 `FOO` is no signal | such as `SIGTERM` or `SIGINT`",
        ),
        (
            "STOPSIGNAL SIGTERN",
            "12 `SIGTERN` is no signal | did you mean `SIGTERM`?",
        ),
        (
            "ENV =b",
            "5 `ENV` gives a value to no name | a name belongs before the `=`",
        ),
        (
            "LABEL a=b =c",
            "11 `LABEL` gives a value to no name | a name belongs before the `=`",
        ),
        (
            "VOLUME [\"\"]",
            "8 a volume needs a path | name a folder, such as `/data`",
        ),
        (
            "COPY --chown a /x",
            "6 `--chown` has no value | write `--chown=…`, with `=` and without a space",
        ),
        (
            "COPY --from=Nginx:1 a /x",
            "6 an image's name is in lower case, and `Nginx` is not | did you mean `nginx:1`?",
        ),
        (
            "RUN []",
            "5 there is no command in the array | such as `RUN [\"make\"]`",
        ),
        (
            "CMD [\"a\", 1]",
            "5 only texts may stand in the array | write `\"1\"`, with its quotes",
        ),
    ]);
    for line in [
        "STOPSIGNAL 9",
        "STOPSIGNAL RTMIN+3",
        "STOPSIGNAL $GIVEN_ELSEWHERE",
        "COPY --from=registry.example.org:5000/Team/app:1 a /x",
        "VOLUME [\"/a\"]",
        "RUN [ 1 -gt 0 ]",
    ] {
        let found = said(line);
        let wanted = usize::from(line.contains("Team") || line.contains("$G"));
        assert_eq!(found.len(), wanted, "{line}: {found:?}");
    }
}

#[test]
fn mounts_are_read_by_their_options() {
    each(&[
        (
            "RUN --mount=type=cach,target=/c a",
            "5 `type=cach` is not known | did you mean `type=cache`?",
        ),
        (
            "RUN --mount=foo=bar a",
            "5 a mount has no option `foo` | such as `--mount=type=cache,target=/root/.cache`",
        ),
        (
            "RUN --mount=type=cache,tarket=/c a",
            "5 a mount has no option `tarket` | did you mean `target`?",
        ),
        (
            "RUN --mount=type=cache,target=/c,sharing=lock a",
            "5 `sharing=lock` is not known | did you mean `sharing=locked`?",
        ),
        (
            "RUN --mount=type=cache a",
            "5 `--mount=type=cache` names no `target` | add `target=/PATH`: without it the working directory is meant, which is `/` here",
        ),
        (
            "RUN --mount=type=bind,target=. a",
            "5 `target=.` is `/` here, and nothing can be mounted over that | name a folder below it, such as `target=/root/.cache`",
        ),
        (
            "RUN --mount=type=tmpfs,dst=./a/../.. a",
            "5 `target=./a/../..` is `/` here, and nothing can be mounted over that | name a folder below it, such as `target=/root/.cache`",
        ),
        (
            "RUN --mount=type=tmpfs,target=/ a",
            "5 nothing can be mounted over `/` | name a folder below it, such as `target=/root/.cache`",
        ),
        (
            "RUN --mount=type=secret a",
            "5 nothing says which secret it is | add `id=NAME`",
        ),
    ]);
    for line in [
        "RUN --mount=type=cache,target=/c,sharing=locked,uid=1 a",
        "RUN --mount=type=secret,id=a,required a",
        "RUN --mount=type=ssh a",
        "RUN --mount=type=bind,target=a/../b a",
        "RUN --mount=type=bind,target=${GIVEN} a",
        "RUN --mount=type=secret,id=a,target=. a",
        "WORKDIR /w\nRUN --mount=type=bind,target=. a",
        "RUN --mount=type=$TYPE,target=/c a",
        "WORKDIR /w\nRUN --mount=type=cache a",
        "RUN --mount=Type=secret,id=a a",
    ] {
        assert_eq!(said(line), [""; 0], "{line}");
    }
    // Where a base image works is not known.
    assert_eq!(of("FROM golang:1.22\nRUN --mount=type=cache a\n"), [""; 0]);
    let known = of("FROM golang:1.22\nWORKDIR /\nRUN --mount=type=cache a\n");
    assert!(known[0].contains("names no `target`"), "{known:?}");
}

#[test]
fn variables_that_cannot_be_replaced_are_told() {
    each(&[
        (
            "COPY a ${}",
            "8 no variable is named here | write `${NAME}`",
        ),
        (
            "COPY a ${GIVEN",
            "8 nothing closes this brace | write `${NAME}`",
        ),
        (
            "COPY a ${GIVEN:-b",
            "8 nothing closes this brace | write `${NAME}`",
        ),
        (
            "COPY a ${GIVEN!b}",
            "8 the builder knows no such way to replace a variable | `${NAME}`, `${NAME:-DEFAULT}` and `${NAME:+TEXT}` are known everywhere",
        ),
        (
            "COPY a ${EMPTY:?it decides}",
            "8 nothing closes this brace | write `${NAME}`",
        ),
        (
            "WORKDIR /${EMPTY:?it decides}",
            "10 `EMPTY` must be set: it decides | give it by `--build-arg EMPTY=…`, or a default by `ARG EMPTY=…`",
        ),
        (
            "WORKDIR /it's",
            "12 nothing closes this quote | close it, or write `\\'` for the character itself",
        ),
    ]);
    let said = said("COPY \"a b\" /x");
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(
        said[0].contains("JSON array: `COPY [\"a file\", \"/to/\"]`"),
        "{said:?}"
    );
    for line in [
        "COPY a ${GIVEN:?must}",
        "COPY a ${GIVEN:-'b}'}",
        "RUN ${",
        "CMD echo ${}",
        "ENV A=\"it's\" B=\\'",
    ] {
        assert_eq!(self::said(line), [""; 0], "{line}");
    }
}

#[test]
fn what_names_an_image_is_judged_where_it_stands() {
    assert_eq!(
        of("FROM Debian:12\n"),
        ["1:6 an image's name is in lower case, and `Debian` is not | did you mean `debian:12`?"]
    );
    assert_eq!(
        of("FROM debian AS Build\nFROM Build\nCOPY --from=Build a /b\n"),
        [""; 0]
    );
    // What nothing sets is told as that, and not as the name that it leaves.
    let unset = of("FROM debian:$MISSING\n");
    assert_eq!(unset, [""; 0]);
}
