use crate::claim::trial::{errs_unseen, misses, refused};
use crate::fact::answer::Fact;
use crate::fact::blob::Blob;
use crate::fact::question::Question;
use crate::fact::source::Dockerfile;

const FILE: &str = r#"ARG VERSION=3.11
ARG RELEASE
FROM python:${VERSION}-slim AS builder
COPY requirements.txt .
RUN pip install \
    --no-cache-dir -r requirements.txt
COPY . .

FROM builder as tested
USER tester
RUN pytest

FROM debian:${RELEASE} AS runtime
COPY --from=builder /app /app
COPY requirements.txt /app/
# USER root
USER app:staff
CMD ["/app/serve"]
"#;

/// A Dockerfile of this text.
fn file(text: &str) -> Dockerfile {
    Dockerfile {
        name: "Dockerfile".to_owned(),
        text: Blob::whole(text),
        args: Vec::new(),
        target: None,
    }
}

fn fact(file: Dockerfile) -> impl Fn(&Question) -> Fact {
    move |_| Fact::Dockerfile(Box::new(file.clone()))
}

fn of(args: &[(&str, &str)], target: Option<&str>) -> impl Fn(&Question) -> Fact {
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    fact(Dockerfile {
        args: args.iter().map(pair).collect(),
        target: target.map(str::to_owned),
        ..file(FILE)
    })
}

fn said(text: &str) -> Vec<String> {
    misses("dockerfile", text, of(&[("RELEASE", "12.5")], None))
}

#[test]
fn what_is_written_holds() {
    for holds in [
        "{ stages: 3, targets: [builder, RUNTIME] }",
        "{ bases: pinned }",
        "{ bases: minor }",
        "{ final_user: app }",
        "{ final_user: app:staff }",
        "{ instructions: { contains: pip install --no-cache-dir } }",
        "{ order: [COPY requirements.txt, pip install, COPY . .] }",
        "{ order: [pytest, CMD] }",
    ] {
        assert_eq!(said(holds), [""; 0], "{holds}");
    }
}

#[test]
fn what_is_not_written_fails_with_its_line() {
    for (fails, why) in [
        (
            "{ stages: { below: 3 } }",
            "stages: expected below 3, actual 3",
        ),
        (
            "{ targets: [production] }",
            "target: expected a stage `production`, actual builder, tested and runtime",
        ),
        (
            "{ bases: patch }",
            "base: expected a version of three numbers such as 3.11.2, or a digest, actual python:3.11-slim (line 3)",
        ),
        (
            "{ final_user: root }",
            "final user: expected root, actual app:staff (line 17)",
        ),
        (
            "{ final_user: staff }",
            "final user: expected staff, actual app:staff (line 17)",
        ),
        (
            "{ order: [COPY . ., pip install] }",
            "order: expected \"COPY . .\" before \"pip install\", actual line 7 after line 5",
        ),
        (
            "{ order: [pip, install] }",
            "order: expected \"pip\" before \"install\", actual both in the instruction of line 5",
        ),
        (
            "{ order: [CMD, pytest] }",
            "order: expected \"CMD\" before \"pytest\", actual line 18 after line 11",
        ),
        (
            "{ order: [USER root, CMD] }",
            "order: expected an instruction that holds \"USER root\", actual there is none",
        ),
    ] {
        assert_eq!(
            said(fails).first().map(String::as_str),
            Some(why),
            "{fails}"
        );
    }
}

#[test]
fn arguments_and_the_target_decide() {
    let ungiven = misses("dockerfile", "{ bases: pinned }", of(&[], None));
    assert_eq!(ungiven.len(), 1, "{ungiven:?}");
    let moved = [("RELEASE", "latest"), ("VERSION", "3.11.2")];
    let moved = misses("dockerfile", "{ bases: pinned }", of(&moved, None));
    assert!(moved[0].contains("debian:latest (line 13)"), "{moved:?}");
    let tested = of(&[], Some("tested"));
    assert_eq!(
        misses("dockerfile", "{ final_user: tester }", &tested),
        [""; 0]
    );
    let builder = of(&[], Some("builder"));
    let nobody = misses("dockerfile", "{ final_user: app }", &builder);
    assert!(
        nobody[0].contains("no USER in the built stage"),
        "{nobody:?}"
    );
}

#[test]
fn findings_of_rules_are_told_with_line_and_mend() {
    let all = said("{ lint: clean }");
    assert!(
        !all.is_empty()
            && all
                .iter()
                .all(|one| one.contains("line ") && one.contains(" | ")),
        "{all:#?}"
    );
    let rule = all[0]
        .rsplit_once(", ")
        .unwrap()
        .1
        .split(')')
        .next()
        .unwrap()
        .to_owned();
    let fewer = said(&format!("{{ lint: {{ except: [{rule}] }} }}"));
    assert!(fewer.len() < all.len(), "{rule}: {fewer:#?}");
}

#[test]
fn what_the_builder_refuses_is_told_once_and_left_out_by_its_rule() {
    let text = "FROM debian:12\nCOPY app\nFORM x\nSTOPSIGNAL FOO\nUSER 1000\n";
    let all = misses("dockerfile", "{ lint: clean }", fact(file(text)));
    let lines: Vec<&str> = all.iter().filter_map(|one| one.split(':').next()).collect();
    let wanted = [
        "Dockerfile line 2",
        "Dockerfile line 3",
        "Dockerfile line 4",
    ];
    assert_eq!(lines, wanted, "{all:#?}");
    let fewer = misses(
        "dockerfile",
        "{ lint: { except: [syntax] } }",
        fact(file(text)),
    );
    assert_eq!(fewer.len(), 1, "{fewer:#?}");
}

#[test]
fn what_cannot_be_read_is_no_verdict() {
    errs_unseen("dockerfile", "{ stages: 1 }", of(&[], None));
    let none = of(&[], Some("nowhere"));
    let judged = crate::claim::trial::judged("dockerfile", "{ final_user: app }", none);
    assert!(judged.misses.is_empty() && judged.unseen[0].contains("no stage `nowhere`"));
}

#[test]
fn words_that_are_none_are_refused() {
    for (text, why) in [
        ("{ bases: floating }", "unknown word `floating`"),
        ("{ lint: dirty }", "`clean`"),
        (
            "{ lint: { except: [unpined-base] } }",
            "unknown rule `unpined-base`",
        ),
        ("{ final: app }", "unknown key `final`"),
    ] {
        assert!(
            refused("dockerfile", text).contains(why),
            "{text}: {}",
            refused("dockerfile", text)
        );
    }
}

#[test]
fn no_secret_of_the_file_is_shown() {
    let text = "FROM scratch\nARG NPM_TOKEN=npm_abcdefABCDEF0123456789abcdefABCDEF01\nENV DB_PASSWORD=hunter22-and-more\n";
    for (claim, shown) in [
        (
            "{ instructions: { not: { matches: '(?m)^ARG .*TOKEN' } } }",
            "NPM_TOKEN=***",
        ),
        (
            "{ instructions: { not: { contains: hunter22 } } }",
            "is not shown",
        ),
        ("{ instructions: { contains: USER } }", "DB_PASSWORD=***"),
    ] {
        let said = misses("dockerfile", claim, fact(file(text)));
        assert_eq!(said.len(), 1, "{claim}");
        assert!(said[0].contains(shown), "{}", said[0]);
        let is_shown = ["npm_abc", "hunter22-", "hunter22\"\n"]
            .iter()
            .any(|secret| said[0].contains(secret));
        assert!(!is_shown, "{}", said[0]);
    }
}
