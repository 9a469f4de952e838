use super::*;
use crate::mutate::tests::names;
use crate::text::source::Sources;

pub(in crate::mutate) const DOCKERFILE: &str = "\
FROM rust:1.63-slim AS builder
WORKDIR /build
USER nobody
COPY . .
RUN make

FROM debian:bookworm-slim AS spare
RUN true

FROM debian:bookworm-slim
COPY --from=builder --chown=app --chmod=0755 /build/app /app
RUN mkdir /data \\
    && chmod 0750 /data
ENV A=1 \\
    B=2
LABEL title=\"an app\"
USER app
EXPOSE 80 53/udp
VOLUME /data
HEALTHCHECK --interval=5s CMD [\"/app\", \"health\"]
ENTRYPOINT [\"/app\", \"it's\"]
CMD [\"serve\"]
";

fn built(target: Option<&str>) -> Made {
    Made {
        target: target.map(str::to_owned),
        args: Vec::new(),
    }
}

pub(in crate::mutate) fn recipe(text: &str) -> Recipe {
    let mut sources = Sources::default();
    let file = sources.add("Dockerfile", text);
    Recipe {
        path: "app/Dockerfile".to_owned(),
        file: Dockerfile::read(file, text),
        text: text.to_owned(),
        builds: vec![built(None)],
        cases: vec![(0, 0)],
        of_sources: Vec::new(),
    }
}

fn text_of(mutant: &Mutant) -> &str {
    match &mutant.change {
        Change::Dockerfile(new) => &new.text,
        _ => panic!("{} is of no Dockerfile", mutant.id),
    }
}

#[test]
fn each_instruction_that_an_image_needs_has_its_mutants() {
    let all = mutants(0, &recipe(DOCKERFILE));
    let expected = [
        "app/Dockerfile:1 FROM floating",
        "app/Dockerfile:2 WORKDIR removed",
        "app/Dockerfile:4 COPY behind RUN make",
        "app/Dockerfile:4 COPY removed: . .",
        "app/Dockerfile:5 RUN removed: make",
        "app/Dockerfile:10 FROM floating",
        "app/Dockerfile:10 FROM collapsed",
        "app/Dockerfile:11 COPY mode loosened",
        "app/Dockerfile:11 COPY behind RUN mkdir /data && chmod 0750 /data",
        "app/Dockerfile:11 COPY owner dropped",
        "app/Dockerfile:11 COPY removed: /build/app /app",
        "app/Dockerfile:12 RUN /data loosened",
        "app/Dockerfile:12 RUN removed: mkdir /data && chmod 0750 /data",
        "app/Dockerfile:14 ENV A removed",
        "app/Dockerfile:14 ENV B removed",
        "app/Dockerfile:16 LABEL removed",
        "app/Dockerfile:17 USER removed",
        "app/Dockerfile:18 EXPOSE 80 moved",
        "app/Dockerfile:18 EXPOSE 53/udp moved",
        "app/Dockerfile:18 EXPOSE removed",
        "app/Dockerfile:19 VOLUME removed",
        "app/Dockerfile:20 HEALTHCHECK always true",
        "app/Dockerfile:20 HEALTHCHECK removed",
        "app/Dockerfile:21 ENTRYPOINT in shell form",
        "app/Dockerfile:21 ENTRYPOINT removed",
        "app/Dockerfile:21 ENTRYPOINT ended by a signal that it does not heed",
        "app/Dockerfile:22 CMD removed",
    ];
    assert_eq!(names(&all), expected);
    let lines = |text: &str| -> Vec<String> { text.lines().map(str::to_owned).collect() };
    let before = lines(DOCKERFILE);
    let changed = |id: &str| {
        let mutant = all.iter().find(|m| m.id == format!("app/Dockerfile:{id}"));
        let after = lines(text_of(mutant.unwrap()));
        let other = before.iter().zip(&after).filter(|(a, b)| a != b);
        other.map(|(_, line)| line.clone()).collect::<Vec<_>>()
    };
    assert_eq!(changed("1 FROM floating"), ["FROM rust AS builder"]);
    assert_eq!(changed("10 FROM collapsed"), ["FROM builder"]);
    // What stands behind the two keeps its lines.
    assert_eq!(changed("4 COPY behind RUN make"), ["RUN make", "COPY . ."]);
    assert_eq!(
        changed("11 COPY behind RUN mkdir /data && chmod 0750 /data"),
        [
            "RUN mkdir /data \\",
            "    && chmod 0750 /data",
            "COPY --from=builder --chown=app --chmod=0755 /build/app /app"
        ]
    );
    assert_eq!(
        changed("11 COPY mode loosened"),
        ["COPY --from=builder --chown=app --chmod=777 /build/app /app"]
    );
    assert_eq!(
        changed("11 COPY owner dropped"),
        ["COPY --from=builder  --chmod=0755 /build/app /app"]
    );
    assert_eq!(changed("12 RUN /data loosened"), ["    && chmod 777 /data"]);
    assert_eq!(changed("14 ENV A removed"), ["ENV B=2 \\"]);
    assert_eq!(changed("17 USER removed"), [""]);
    assert_eq!(changed("18 EXPOSE 53/udp moved"), ["EXPOSE 80 54/udp"]);
    assert_eq!(
        changed("20 HEALTHCHECK always true"),
        ["HEALTHCHECK --interval=5s CMD [\"/.seaworthy/probe\",\"exhaust\",\"0\"]"]
    );
    assert_eq!(
        changed("21 ENTRYPOINT in shell form"),
        ["ENTRYPOINT /app 'it'\\''s'"]
    );
    // What a stage says that is not shipped is seen in the Dockerfile alone.
    let claim = &all
        .iter()
        .find(|m| m.id.ends_with("2 WORKDIR removed"))
        .unwrap()
        .claim;
    assert_eq!(
        claim,
        "- dockerfile: { instructions: { contains: \"WORKDIR /build\" } }"
    );
    let signal = all.iter().find(|m| m.kind == "signal").unwrap();
    assert!(text_of(signal).contains("\"it's\"]\nSTOPSIGNAL SIGURG\nCMD"));
}

#[test]
fn a_changed_dockerfile_is_read_without_faults() {
    let last = DOCKERFILE.replace("USER app", "USER nobody\nSTOPSIGNAL SIGINT\nUSER app");
    for text in [DOCKERFILE, &last] {
        for mutant in mutants(0, &recipe(text)) {
            let read = recipe(text_of(&mutant)).file;
            assert_eq!(read.faults, [], "{}", mutant.id);
        }
    }
    let all = mutants(0, &recipe(&last));
    let names = names(&all);
    assert!(
        names.contains(&"app/Dockerfile:18 STOPSIGNAL swallowed"),
        "{names:?}"
    );
    assert!(names.contains(&"app/Dockerfile:19 USER root"), "{names:?}");
}

#[test]
fn a_stage_that_nobody_builds_has_no_mutants() {
    let mut recipe = recipe(DOCKERFILE);
    recipe.builds = vec![built(Some("spare"))];
    let all = mutants(0, &recipe);
    let expected = [
        "app/Dockerfile:7 FROM floating",
        "app/Dockerfile:8 RUN removed: true",
    ];
    assert_eq!(names(&all), expected);
}
