//! What is said to be refused is refused by both builders, and what is not is taken.

use seaworthy::dockerfile::Dockerfile;
use seaworthy::dockerfile::resolved::Resolved;
use seaworthy::engine::build::{BuildError, SecretValue, build_with, builder_of};
use seaworthy::fact::build::BuilderKind;
use seaworthy::text::source::Sources;

use super::Bench;

/// Lines with whether they are taken.
const LINES: [(&str, bool); 32] = [
    ("HEALTHCHECK --interval=5 CMD [\"/tool\"]", false),
    ("HEALTHCHECK --timeout=1us CMD [\"/tool\"]", false),
    ("HEALTHCHECK --retries=x CMD [\"/tool\"]", false),
    ("STOPSIGNAL FOO", false),
    ("ENV =b", false),
    ("VOLUME [\"\"]", false),
    ("COPY --chown tool /x", false),
    ("COPY --from=Nginx:1 tool /x", false),
    ("CMD [\"a\", 1]", false),
    ("RUN []", false),
    ("VOLUME []", false),
    ("STOPSIGNAL TERM INT", false),
    ("FROM --platform=nonsense scratch", false),
    ("FROM --platform=linux/amd64/v2/x scratch", false),
    ("FROM --platform=linux/ scratch", false),
    ("FROM --platform=amd64 scratch\nCOPY tool /tool", true),
    (
        "FROM --platform=Linux/x86_64 scratch\nCOPY tool /tool",
        true,
    ),
    ("USER a b", true),
    ("RUN --mount=type=cach,target=/c [\"/tool\"]", false),
    ("RUN --mount=foo=bar [\"/tool\"]", false),
    ("RUN --mount=type=cache [\"/tool\"]", false),
    ("COPY tool ${", false),
    ("COPY tool ${}", false),
    ("COPY tool ${GIVEN!b}", false),
    ("COPY tool ${EMPTY:?must}", false),
    ("WORKDIR /it's", false),
    (
        "HEALTHCHECK --interval=1m30s --retries=3 CMD [\"/tool\"]",
        true,
    ),
    ("HEALTHCHECK --interval= CMD [\"/tool\"]", true),
    ("STOPSIGNAL RTMIN+3", true),
    ("COPY tool ${GIVEN:?must}", true),
    ("CMD [\"/tool\"] # and text", true),
    ("LABEL \"a b\"='it is' c=\\'", true),
];

#[tokio::test]
async fn what_is_said_to_be_refused_is_refused_by_both_builders() {
    let bench = Bench::new(&[]).await;
    for (line, taken) in LINES {
        let text =
            format!("FROM scratch\nMARK\nENV EMPTY=\nARG GIVEN=a\nCOPY tool /tool\n{line}\n");
        bench.write("Dockerfile", &text);
        let mut sources = Sources::default();
        let file = Dockerfile::read(sources.add("Dockerfile", text.as_str()), &text);
        let resolved = Resolved::new(&file, &[]);
        let faults: Vec<_> = file.faults.iter().chain(&resolved.faults).collect();
        // The mark is no instruction until it is written.
        let said = faults.iter().any(|fault| !fault.is_stranger);
        assert_eq!(said, !taken, "{line}: {faults:?}");
        for builder in [BuilderKind::Classic, builder_of(&bench.engine)] {
            let built = build_with(&bench.engine, builder, &bench.request(), |_| ()).await;
            match bench.keep(built) {
                Ok(_) => assert!(taken, "{builder:?} takes {line}"),
                Err(BuildError::Failed(failure)) => assert!(!taken, "{line}: {failure:?}"),
                Err(other) => panic!("{builder:?} {line}: {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn a_builder_that_takes_no_secrets_is_an_error_and_no_build_that_fails() {
    // Without its secret this would be built all the same.
    let bench = Bench::new(&[("Dockerfile", "FROM scratch\nCOPY tool /tool\n")]).await;
    let mut request = bench.request();
    request.secrets = vec![("word".to_owned(), SecretValue::new("open sesame"))];
    let Err(BuildError::Fault(fault)) = bench.classic(&request).await else {
        panic!("it was built without its secret")
    };
    let said = fault.to_string();
    assert!(said.contains("the secret `word` cannot be given"), "{said}");
    assert!(!said.contains("sesame"), "{said}");
}
