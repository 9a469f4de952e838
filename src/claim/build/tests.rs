use std::time::Duration;

use crate::claim::Scope;
use crate::claim::trial::{claim, errs_unseen, judged, misses as misses_of, refused};
use crate::fact::answer::Fact;
use crate::fact::build::{BuildFacts, BuildFailure, BuildStep, BuilderKind, Warning};
use crate::fact::question::Question;
use crate::fact::source::{Attempt, Sort, Tried};

fn facts(steps: &[(&str, &str, bool)], warnings: Vec<Warning>) -> BuildFacts {
    let step = |(at, (stage, text, cached)): (usize, &(&str, &str, bool))| BuildStep {
        number: u32::try_from(at).unwrap(),
        stage: (*stage).to_owned(),
        text: (*text).to_owned(),
        cached: *cached,
        ..BuildStep::default()
    };
    BuildFacts {
        image_id: "sha256:1".to_owned(),
        tag: "t".to_owned(),
        builder: BuilderKind::BuildKit,
        reused: false,
        duration: Duration::from_millis(1_500),
        context_files: 1,
        context_bytes: 1,
        steps: steps.iter().enumerate().map(step).collect(),
        notes: Vec::new(),
        warnings,
    }
}

fn failure() -> BuildFailure {
    BuildFailure {
        step: Some("RUN make".to_owned()),
        dockerfile: "Dockerfile".to_owned(),
        line: Some(3),
        exit_code: Some(2),
        last_lines: vec!["cc: no input".to_owned(), "VERSION is not set".to_owned()],
        message: "the command ended with exit code 2".to_owned(),
        help: Some("set it".to_owned()),
        lacking: false,
    }
}

type Result = std::result::Result<BuildFacts, Box<BuildFailure>>;

fn fact(built: Result, sent: Option<Sort>, again: Option<Result>) -> Fact {
    Fact::Build(Box::new(Tried { built, sent, again }))
}

fn warning() -> Warning {
    Warning {
        text: "JSONArgsRecommended: no shell form".to_owned(),
        line: Some(7),
        url: Some("https://example.org/rule".to_owned()),
    }
}

const BEFORE: [(&str, &str, bool); 4] = [
    ("build", "FROM docker.io/library/rust", true),
    (
        "build",
        "RUN apt-get update     && apt-get install x",
        false,
    ),
    ("build", "COPY src src", true),
    ("", "COPY --from=build /out /out", false),
];

/// It builds; after the change the first step is not told of, and the last is the same as before.
fn good(question: &Question) -> Fact {
    match question {
        Question::Build(Attempt::Plain | Attempt::Anew | Attempt::Checked) => {
            fact(Ok(facts(&BEFORE, Vec::new())), None, None)
        }
        Question::Build(Attempt::Changed(path)) => {
            let mut after = facts(&BEFORE, Vec::new());
            after.steps[2].cached = false;
            after.steps[3].cached = true;
            after.steps.remove(1);
            let (sort, again) = match path.as_str() {
                "src/a" => (Sort::File, Some(Ok(after))),
                "unused" => {
                    let mut all = facts(&BEFORE, Vec::new());
                    all.steps.iter_mut().for_each(|step| step.cached = true);
                    (Sort::File, Some(Ok(all)))
                }
                "sum" => (Sort::File, Some(Err(failure().into()))),
                "src" => (Sort::Folder, None),
                "link" => (Sort::Link, None),
                "log" => (Sort::Ignored, None),
                _ => (Sort::Nothing, None),
            };
            fact(Ok(facts(&BEFORE, Vec::new())), Some(sort), again)
        }
        other => panic!("{other:?}"),
    }
}

fn bad(_: &Question) -> Fact {
    fact(Err(failure().into()), Some(Sort::File), None)
}

#[test]
fn steps_are_kept_or_carried_out_again() {
    for holds in [
        "{ after_change: src/a, keeps: [RUN, update && apt-get], rebuilds: COPY src }",
        "{ after_change: ./src//a, keeps: COPY --from }",
        "{ after_change: unused, keeps: [COPY, RUN] }",
    ] {
        let text = format!("{{ cache: {holds} }}");
        assert_eq!(misses_of("build", &text, good), [""; 0], "{holds}");
    }
    for (fails, said) in [
        (
            "{ after_change: src/a, keeps: COPY }",
            "cache after src/a changes: expected `COPY src src` of stage build from the cache, actual \
             carried out again | the first step that is carried out again is `COPY src src` of stage build",
        ),
        (
            "{ after_change: src/a, rebuilds: [RUN] }",
            "`RUN apt-get update && apt-get install x` of stage build carried out again, actual from the cache",
        ),
        (
            "{ after_change: unused, rebuilds: [RUN] }",
            "no step is carried out again: none uses unused",
        ),
        (
            "{ after_change: src/a, keeps: [rust] }",
            "expected a step that holds `rust`, actual none | step `RUN apt-get update && apt-get install x` \
             of stage build | step `COPY src src` of stage build | step `COPY --from=build /out /out`",
        ),
        (
            "{ after_change: src, keeps: [RUN] }",
            "cache src: expected a file that the builder is sent, actual a folder",
        ),
        (
            "{ after_change: link, keeps: [RUN] }",
            "actual a link | name the file",
        ),
        (
            "{ after_change: log, keeps: [RUN] }",
            "actual it is not sent | it is there",
        ),
        (
            "{ after_change: gone, keeps: [RUN] }",
            "actual nothing | the path is relative",
        ),
    ] {
        let said_of = misses_of("build", &format!("{{ cache: {fails} }}"), good).join("; ");
        assert!(said_of.contains(said), "{fails}: {said_of}");
    }
}

#[test]
fn labels_that_we_put_on_are_no_step_of_the_dockerfile() {
    let text = "{ cache: { after_change: a, keeps: [io.seaworthy] } }";
    let steps = [("", "LABEL io.seaworthy.run=1", false)];
    let labelled = |_: &Question| {
        let built = || Ok(facts(&steps, Vec::new()));
        fact(built(), Some(Sort::File), Some(built()))
    };
    let said = misses_of("build", text, labelled);
    assert_eq!(
        said,
        ["cache after a changes: expected a step that holds `io.seaworthy`, actual none"]
    );
}

#[test]
fn one_that_must_not_build_is_judged_by_what_the_builder_says() {
    for holds in [
        "{ contains: [VERSION is not set, RUN make, 'Dockerfile:3', exit code 2] }",
        "{ matches: '^cc: .*input$', not: { contains: nothing } }",
    ] {
        let text = format!("{{ fails: {holds} }}");
        assert_eq!(misses_of("build", &text, bad), [""; 0], "{holds}");
    }
    let said = misses_of("build", "{ fails: { contains: no space } }", bad).join("; ");
    assert!(said.contains("what the builder says: expected"), "{said}");
    assert!(said.contains(" | | VERSION is not set | set it"), "{said}");
    let said = misses_of("build", "{ fails: { contains: x } }", good);
    assert_eq!(
        said,
        ["build: expected a build that fails, actual it builds"]
    );
    // Another engine may build it, so that it does not build here says nothing.
    let lacking = judged("build", "{ fails: { matches: '' } }", |_| {
        let lacking = BuildFailure {
            lacking: true,
            ..failure()
        };
        fact(Err(lacking.into()), None, None)
    });
    assert!(lacking.misses.is_empty(), "{lacking:?}");
    assert!(
        lacking.unseen[0].contains("cannot be built here"),
        "{lacking:?}"
    );
}

#[test]
fn what_a_builder_may_lack_is_lacking_or_built() {
    let lacks = |lacking: bool| {
        let message =
            "this engine's builder (BuildKit of Docker 20.10) lacks here-documents (`<<`)";
        let failure = BuildFailure {
            lacking,
            message: message.to_owned(),
            ..failure()
        };
        move |_: &Question| fact(Err(failure.clone().into()), None, None)
    };
    let text = "{ needs: here-documents }";
    assert_eq!(misses_of("build", text, lacks(true)), [""; 0]);
    assert_eq!(misses_of("build", text, good), [""; 0]);
    for said in [
        misses_of("build", "{ needs: mounts }", lacks(true)),
        misses_of("build", text, lacks(false)),
        misses_of("build", text, bad),
    ] {
        assert!(
            said[0].starts_with("build: expected an image that builds"),
            "{said:?}"
        );
    }
    let both = refused("build", "{ needs: x, time: 1s }");
    assert!(both.contains("`needs` stands alone"), "{both}");
}

#[test]
fn time_and_checks_are_those_of_a_build_that_succeeds() {
    assert_eq!(
        misses_of("build", "{ time: { below: 2s }, checks: clean }", good),
        [""; 0]
    );
    assert_eq!(
        misses_of("build", "{ time: { below: 1s } }", good),
        ["build time: expected below 1 s, actual 1.5 s"]
    );
    let warned = |_: &Question| fact(Ok(facts(&[], vec![warning()])), None, None);
    assert_eq!(
        misses_of("build", "{ checks: clean }", warned),
        [
            "the builder's checks: expected nothing to be found, actual line 7: JSONArgsRecommended: no shell \
             form | more about it: https://example.org/rule"
        ]
    );
    for text in [
        "{ time: { above: 1ms } }",
        "{ checks: clean }",
        "{ cache: { after_change: a, keeps: [x] } }",
    ] {
        let said = misses_of("build", text, bad).join("; ");
        let expected =
            "build: expected an image that builds, actual Dockerfile:3: the command ended";
        assert!(said.starts_with(expected), "{said}");
        assert!(said.contains(" | | cc: no input"), "{said}");
    }
}

#[test]
fn what_cannot_be_told_is_no_verdict() {
    for text in [
        "{ fails: { matches: '' } }",
        "{ checks: clean }",
        "{ time: { above: 0s } }",
        "{ cache: { after_change: src/a, keeps: [RUN] } }",
    ] {
        errs_unseen("build", text, good);
        assert_eq!(claim("build", text).scope(), Scope::Sources);
        assert!(claim("build", text).needs_build());
    }
    let text = "{ cache: { after_change: sum, keeps: [RUN], rebuilds: [COPY src] } }";
    let found = judged("build", text, good);
    assert!(found.misses.is_empty(), "{found:?}");
    assert!(
        found.unseen[0].contains("name a file that allows it"),
        "{found:?}"
    );
}

#[test]
fn what_is_not_meant_is_refused() {
    for (text, said) in [
        ("{}", "a map of time, fails, needs, checks or cache"),
        (
            "{ fails: { contains: x }, time: 1s }",
            "`fails` stands alone",
        ),
        ("{ fails: boom }", "takes rules"),
        ("{ fails: {} }", "a text, or rules"),
        ("{ checks: dirty }", "unknown word `dirty`"),
        (
            "{ cache: { after_change: a } }",
            "`keeps: [TEXT]` or `rebuilds: [TEXT]`",
        ),
        ("{ cache: { keeps: [a] } }", "`after_change` is missing"),
        (
            "{ cache: { after_change: /a, keeps: [a] } }",
            "one file within the build context",
        ),
        (
            "{ cache: { after_change: ../a, keeps: [a] } }",
            "one file within the build context",
        ),
        (
            "{ cache: { after_change: '*.a', keeps: [a] } }",
            "one file within the build context",
        ),
        (
            "{ cache: { after_change: a, keeps: [' '] } }",
            "a text that a step holds",
        ),
    ] {
        let told = refused("build", text);
        assert!(told.contains(said), "{text}: {told}");
    }
}
