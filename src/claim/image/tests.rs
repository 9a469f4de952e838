use crate::claim::trial::{errs_unseen, fails_ended, judged, misses as misses_of, refused};
use crate::fact::answer::Fact;
use crate::fact::image::{Healthcheck, ImageFacts};
use crate::fact::layers::{Layer, Other};
use crate::fact::question::Question;

fn recorded() -> ImageFacts {
    let image = include_str!("../../../fixtures/engine/image.json");
    ImageFacts::read(&serde_json::from_str(image).unwrap(), None)
}

fn fact(image: &ImageFacts) -> Fact {
    Fact::Image(Box::new(image.clone()))
}

fn misses(text: &str, image: &ImageFacts) -> Vec<String> {
    misses_of("image", text, |_: &Question| fact(image))
}

/// Asserts that the first text holds of the image and the second fails, saying this.
fn both(image: &ImageFacts, holds: &str, fails: &str, said: &str) {
    assert_eq!(misses(holds, image), [""; 0], "{holds}");
    let miss = misses(fails, image);
    assert_eq!(miss.len(), 1, "{fails}: {miss:?}");
    assert!(miss[0].starts_with(said), "{fails}: {miss:?}");
}

#[test]
fn a_recorded_image_is_compared_field_by_field() {
    for (holds, fails, said) in [
        (
            "{ size: { below: 2MB } }",
            "{ size: { below: 1MB } }",
            "size: expected below 1 MB, actual 1.24 MB",
        ),
        (
            "{ user: 1000:1000 }",
            "{ user: '1000' }",
            "user: expected 1000, actual 1000:1000 | compared as it is written",
        ),
        (
            "{ workdir: /work }",
            "{ workdir: { not: /work } }",
            "workdir: expected not \"/work\", actual \"/work\"",
        ),
        (
            "{ entrypoint: [/helper] }",
            "{ entrypoint: /helper }",
            "entrypoint: expected the shell form \"/helper\", actual [\"/helper\"]",
        ),
        (
            "{ cmd: [serve] }",
            "{ cmd: [] }",
            "cmd: expected none, actual [\"serve\"]",
        ),
        (
            "{ env: { A: b, EMPTY: '', B: null } }",
            "{ env: { SPACE: a } }",
            "env SPACE: expected \"a\", actual \"a b=c\"",
        ),
        (
            "{ env: [A, EMPTY] }",
            "{ env: { without: [A] } }",
            "env: expected no A, actual has A",
        ),
        (
            "{ labels: { io.seaworthy.test: { contains: lay } } }",
            "{ labels: { io.seaworthy.test: null } }",
            "label io.seaworthy.test: expected not set, actual \"play\"",
        ),
        (
            "{ exposes: { only: [8080, 53/udp] } }",
            "{ exposes: [53/tcp] }",
            "exposes: expected 53/tcp among them, actual 53/udp and 8080/tcp",
        ),
        (
            "{ volumes: [/data] }",
            "{ volumes: { only: [] } }",
            "volumes: expected exactly nothing, actual /data",
        ),
        (
            "{ stop_signal: INT }",
            "{ stop_signal: 15 }",
            "stop_signal: expected SIGTERM, actual SIGINT",
        ),
        (
            "{ layers: 2 }",
            "{ layers: { below: 2 } }",
            "layers: expected below 2, actual 2",
        ),
        (
            "{ platform: linux/amd64 }",
            "{ platform: linux/arm64 }",
            "platform: expected linux/arm64, actual linux/amd64",
        ),
        (
            "{ healthcheck: { test: [/helper, exit, '1'], interval: 1s, timeout: 2s, start_period: 3s, retries: 4 } }",
            "{ healthcheck: none }",
            "healthcheck: expected no health check, actual [\"CMD\",\"/helper\",\"exit\",\"1\"]",
        ),
    ] {
        both(&recorded(), holds, fails, said);
    }
}

#[test]
fn what_an_image_does_not_say_is_what_the_engine_takes() {
    let silent = ImageFacts::default();
    for (holds, fails, said) in [
        (
            "{ user: root }",
            "{ user: app }",
            "user: expected app, actual root, since no USER is set",
        ),
        (
            "{ workdir: / }",
            "{ workdir: /app }",
            "workdir: expected \"/app\", actual \"/\"",
        ),
        (
            "{ entrypoint: [], cmd: [] }",
            "{ entrypoint: [a] }",
            "entrypoint: expected [\"a\"], actual none",
        ),
        (
            "{ stop_signal: TERM }",
            "{ stop_signal: INT }",
            "stop_signal: expected SIGINT, actual SIGTERM, since the image names none",
        ),
        (
            "{ healthcheck: none }",
            "{ healthcheck: { retries: 3 } }",
            "healthcheck: expected a health check, actual the image declares none",
        ),
    ] {
        both(&silent, holds, fails, said);
    }
    let rootless = ImageFacts {
        user: Some("0".to_owned()),
        stop_signal: Some("FOO".to_owned()),
        os: Some("linux".to_owned()),
        architecture: Some("arm".to_owned()),
        variant: Some("v7".to_owned()),
        ..ImageFacts::default()
    };
    both(
        &rootless,
        "{ user: 0 }",
        "{ user: root }",
        "user: expected root, actual 0",
    );
    both(
        &rootless,
        "{ platform: linux/arm }",
        "{ platform: linux/arm/v6 }",
        "platform: expected linux/arm/v6, actual linux/arm/v7",
    );
    let said = "stop_signal: expected SIGTERM, actual FOO";
    both(
        &rootless,
        "{ platform: linux/arm/v7 }",
        "{ stop_signal: TERM }",
        said,
    );
}

fn checked(test: &[&str]) -> ImageFacts {
    ImageFacts {
        healthcheck: Some(Healthcheck {
            test: test.iter().map(|t| (*t).to_owned()).collect(),
            ..Healthcheck::default()
        }),
        ..ImageFacts::default()
    }
}

#[test]
fn every_part_of_a_health_check_can_fail() {
    let image = checked(&["CMD-SHELL", "app || exit 1"]);
    let default = "the engine's default: the image says nothing";
    for (holds, fails, said) in [
        (
            "{ test: app || exit 1 }",
            "{ test: [app] }",
            "test: expected [\"app\"], actual [\"CMD-SHELL\",\"app || exit 1\"]".to_owned(),
        ),
        (
            "{ interval: 30s }",
            "{ interval: { below: 30s } }",
            format!("interval: expected below 30 s, actual 30 s, {default}"),
        ),
        (
            "{ timeout: 30s }",
            "{ timeout: 5s }",
            format!("timeout: expected 5 s, actual 30 s, {default}"),
        ),
        (
            "{ start_period: 0s }",
            "{ start_period: 40s }",
            format!("start_period: expected 40 s, actual 0 ms, {default}"),
        ),
        (
            "{ retries: 3 }",
            "{ retries: 5 }",
            format!("retries: expected 5, actual 3, {default}"),
        ),
    ] {
        let (holds, fails) = (
            format!("{{ healthcheck: {holds} }}"),
            format!("{{ healthcheck: {fails} }}"),
        );
        both(&image, &holds, &fails, &format!("healthcheck {said}"));
    }
    let none = checked(&["NONE"]);
    both(
        &none,
        "{ healthcheck: none }",
        "{ healthcheck: { retries: 3 } }",
        "healthcheck: expected a health check",
    );
}

#[test]
fn an_array_that_a_shell_gets_is_said_whether_the_claim_holds_or_fails() {
    let image = checked(&["CMD-SHELL", "[\"app\", \"health\"] || exit 1"]);
    let said = misses("{ healthcheck: { test: [app, health] } }", &image);
    assert!(
        said[0].contains("takes \"[app,\" for the name of a command"),
        "{said:?}"
    );
    let text = "{ healthcheck: { interval: 30s } }";
    let holds = judged("image", text, |_: &Question| fact(&image));
    assert!(holds.misses.is_empty());
    assert!(holds.seen[1].contains("never runs app"), "{:?}", holds.seen);
}

#[test]
fn what_is_not_seen_is_no_verdict() {
    errs_unseen("image", "{ user: root }", |_| fact(&recorded()));
    fails_ended("image", "{ user: root }");
}

fn compared(size: u64, other: &Other) -> impl Fn(&Question) -> Fact {
    let image = ImageFacts {
        size,
        ..ImageFacts::default()
    };
    move |question| match question {
        Question::Other(_) => Fact::Other(other.clone()),
        _ => fact(&image),
    }
}

#[test]
fn an_image_is_smaller_by_so_much_or_it_is_not() {
    let other = Other::There {
        name: "app (dev)".to_owned(),
        size: 1_000_000,
    };
    let of = |text: &str, size| misses_of("image", text, compared(size, &other));
    for (text, size) in [
        ("{ smaller_than: { ref: a } }", 999_999),
        ("{ smaller_than: { target: dev, by: 60% } }", 400_000),
        ("{ smaller_than: { build: ., by: 60% } }", 0),
    ] {
        assert_eq!(of(text, size), [""; 0], "{text}");
    }
    for (text, size, said) in [
        (
            "{ smaller_than: { ref: a } }",
            1_000_000,
            "smaller than app (dev), actual as large: 1 MB",
        ),
        (
            "{ smaller_than: { ref: a } }",
            2_000_000,
            "smaller than app (dev), actual larger: 2 MB to 1 MB",
        ),
        (
            "{ smaller_than: { ref: a } }",
            1_000_001,
            "smaller than app (dev), actual larger: 1 MB to 1 MB (1000001 of 1000000 bytes)",
        ),
        (
            "{ smaller_than: { target: dev, by: 60% } }",
            400_001,
            "at least 60% smaller than app (dev), actual 59.99% smaller: 400 kB of 1 MB",
        ),
    ] {
        assert_eq!(
            of(text, size),
            [format!("smaller_than: expected {said}")],
            "{text}"
        );
    }
    let unbuilt = Other::Unbuilt {
        name: "app (dev)".to_owned(),
        what: "Dockerfile:3: the command ended with exit code 1".to_owned(),
        lines: vec!["no such file".to_owned()],
    };
    let text = "{ smaller_than: { target: dev } }";
    assert_eq!(
        misses_of("image", text, compared(1, &unbuilt)),
        [
            "smaller_than: expected app (dev) to build, to be compared with, actual Dockerfile:3: the command ended with exit code 1 | no such file"
        ]
    );
    errs_unseen("image", text, compared(1, &other));
}

fn layered(layers: &[(&str, &[&str])]) -> impl Fn(&Question) -> Fact {
    let layer = |(made_by, held): &(&str, &[&str])| Layer {
        made_by: (*made_by).to_owned(),
        held: held.iter().map(|path| (*path).to_owned()).collect(),
        count: held.len() as u64,
        paths: 10,
    };
    let layers: Vec<Layer> = layers.iter().map(layer).collect();
    move |question| match question {
        Question::Layers(_) => Fact::Layers(layers.clone()),
        _ => fact(&ImageFacts::default()),
    }
}

#[test]
fn every_layer_that_holds_a_path_is_told_with_the_step_that_made_it() {
    let text = "{ layers: { none_holds: ['/var/lib/apt/lists/*', /x] } }";
    let clean = layered(&[("ADD base", &[]), ("RUN make", &[])]);
    assert_eq!(misses_of("image", text, &clean), [""; 0]);
    let seen = judged("image", text, &clean).seen;
    assert_eq!(
        seen,
        ["none of 20 paths in 2 layers is /var/lib/apt/lists/*, /x"]
    );
    let full = layered(&[
        ("ADD base", &["/x"]),
        ("", &[]),
        ("RUN apt-get update", &["/a", "/b", "/c", "/d"]),
    ]);
    let said = misses_of("image", text, &full);
    assert_eq!(said.len(), 2);
    let first = "layers: expected no layer that holds /var/lib/apt/lists/*, /x, actual layer 1 of 3 holds /x | that layer was made by: ADD base; what a later step";
    assert!(said[0].starts_with(first), "{said:?}");
    assert!(
        said[1].contains("layer 3 of 3 holds /a, /b, /c and 1 more"),
        "{said:?}"
    );
    errs_unseen("image", text, &clean);
}

#[test]
fn what_is_written_wrong_is_refused() {
    let two = "{ smaller_than: { ref: a, target: b } }";
    assert!(refused("image", two).contains("exactly one of `build`, `ref` and `target`"));
    assert!(refused("image", "{ smaller_than: { by: 60% } }").contains("exactly one of"));
    assert!(refused("image", "{ smaller_than: { ref: a, by: 0.6 } }").contains("a share such as"));
    let secret = "{ smaller_than: { build: { context: ., secrets: { a: { env: A } } } } }";
    assert!(refused("image", secret).contains("takes no secrets"));
    assert!(refused("image", "{ layers: { none_holds: ['*.o'] } }").contains("absolute path"));
    assert!(refused("image", "{ layers: { none_holds: [] } }").contains("at least one"));
    assert!(refused("image", "{ layers: { all_hold: [/x] } }").contains("all_hold"));
    assert!(refused("image", "{ healthcheck: {} }").contains("`none`, or a map of test"));
    assert!(refused("image", "{ healthcheck: nothing }").contains("`none`"));
    assert!(refused("image", "{ healthcheck: { retry: 3 } }").contains("unknown key `retry`"));
    assert!(refused("image", "{ cmd: { a: b } }").contains("unknown key `a`"));
}
