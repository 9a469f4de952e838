//! Builds on the real engine: what is seen of them, and who is to blame when they fail.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test may stop where it stands"
)]

mod bench;
mod layers;
mod refused;
mod sent;
mod told;

use std::path::Path;
use std::sync::Mutex;

use seaworthy::engine::FaultKind;
use seaworthy::engine::ask::Ask;
use seaworthy::engine::build::{
    BuildError, BuildEvent, BuildRequest, Built, SecretValue, build, build_with, builder_of,
};
use seaworthy::fact::build::BuilderKind;

use bench::{Bench, tool};

/// All that the steps printed.
fn printed(built: &Built) -> Vec<String> {
    built
        .facts
        .steps
        .iter()
        .flat_map(|step| step.output.last(1_000))
        .collect()
}

#[tokio::test]
async fn a_build_is_seen_step_by_step_and_then_reused() {
    let bench = Bench::new(&[(
        "Dockerfile",
        "# a comment\nARG UNUSED=1\nFROM scratch AS tools\nCOPY tool /tool\nRUN [\"/tool\", \"one\"]\n\n\
         FROM tools\nARG WHO=nobody\nENV WHO=$WHO\nRUN [\"/tool\", \"env\", \\\n  \"WHO\"]\n",
    )])
    .await;
    let mut request = bench.request();
    request.args = vec![("WHO".to_owned(), Some("caracal".to_owned()))];
    let events = Mutex::new(Vec::new());
    let built = build(&bench.engine, &request, |event| {
        events.lock().unwrap().push(event);
    })
    .await;
    let built = bench.keep(built).unwrap();
    assert!(built.image_id.starts_with("sha256:") && !built.facts.reused);
    assert!(built.tag.starts_with("seaworthy/build-test:"));
    let steps: Vec<_> = built
        .facts
        .steps
        .iter()
        .map(|step| (step.dockerfile_line, step.cached))
        .collect();
    assert_eq!(
        steps,
        [(Some(4), false), (Some(5), false), (Some(10), false)]
    );
    assert_eq!(printed(&built), ["one", "caracal"]);
    assert_eq!(built.facts.steps[0].stage, "tools");
    let events = events.into_inner().unwrap();
    assert!(
        matches!(events[0], BuildEvent::Context { files: 3, .. }),
        "{events:?}"
    );
    let line = BuildEvent::Output {
        index: 2,
        line: "caracal".to_owned(),
    };
    assert!(events.contains(&line), "{events:?}");

    let again = bench.build(&request).await.unwrap();
    assert!(again.facts.reused && again.facts.steps.is_empty());
    assert_eq!(again.image_id, built.image_id);

    // Another target is another image; its steps come from the cache.
    request.target = Some("tools".to_owned());
    let target = bench.build(&request).await.unwrap();
    assert_ne!(
        (&target.tag, &target.image_id),
        (&built.tag, &built.image_id)
    );
    assert!(target.facts.steps.iter().all(|step| step.cached));

    // Without the cache the same tag is made anew, and nothing nameless is left of the old image.
    request.target = None;
    request.no_cache = true;
    let anew = bench.build(&request).await.unwrap();
    assert_eq!(anew.tag, built.tag);
    assert!(!anew.facts.steps.is_empty() && anew.facts.steps.iter().all(|step| !step.cached));
    if anew.image_id != built.image_id {
        let path = format!("/images/{}/json", built.image_id);
        let ask = Ask::get("look for the old image", path.as_str());
        assert!(
            bench
                .engine
                .api()
                .done(ask)
                .await
                .unwrap_err()
                .is_not_found()
        );
    }

    bench.write("nonce", "changed");
    request.no_cache = false;
    assert_ne!(bench.build(&request).await.unwrap().tag, built.tag);
}

#[tokio::test]
async fn what_is_sent_is_what_the_ignore_file_leaves() {
    let bench = Bench::new(&[
        (
            "Dockerfile",
            "FROM scratch\nCOPY . /app\nRUN [\"/app/tool\", \"list\", \"/app\"]\n",
        ),
        (
            ".dockerignore",
            "Dockerfile\n.dockerignore\ndocs\n!docs/keep.md\n*.log\n",
        ),
        ("docs/keep.md", "k"),
        ("docs/no.md", "n"),
        ("a.log", "x"),
        ("nonce", "n"),
        ("sub/deep/file", "12345"),
        ("empty", ""),
    ])
    .await;
    std::os::unix::fs::symlink("sub/deep", bench.folder.path().join("link")).unwrap();
    let size = tool().metadata().unwrap().len();
    let tool = format!("tool 755 0:0 {size}");
    let expected = [
        "docs 755 0:0 0",
        "docs/keep.md 644 0:0 1",
        "empty 644 0:0 0",
        "link 777 0:0 8 -> sub/deep",
        "nonce 644 0:0 1",
        "sub 755 0:0 0",
        "sub/deep 755 0:0 0",
        "sub/deep/file 644 0:0 5",
        tool.as_str(),
    ];
    let mut request = bench.request();
    request.no_cache = true;
    assert_eq!(printed(&bench.build(&request).await.unwrap()), expected);
    assert_eq!(printed(&bench.classic(&request).await.unwrap()), expected);

    // The same with a Dockerfile from elsewhere.
    let other = tempfile::tempdir().unwrap();
    let outside = other.path().join("Elsewhere");
    std::fs::copy(bench.folder.path().join("Dockerfile"), &outside).unwrap();
    std::fs::remove_file(bench.folder.path().join("Dockerfile")).unwrap();
    request.dockerfile = Some(outside);
    assert_eq!(printed(&bench.build(&request).await.unwrap()), expected);
    assert_eq!(printed(&bench.classic(&request).await.unwrap()), expected);
}

#[tokio::test]
async fn a_change_of_a_file_is_never_missed() {
    let bench = Bench::new(&[
        (
            "Dockerfile",
            "FROM scratch\nCOPY tool word /\nRUN [\"/tool\", \"print\", \"/word\"]\n",
        ),
        ("word", "one\n"),
    ])
    .await;
    assert_eq!(
        printed(&bench.build(&bench.request()).await.unwrap()),
        ["one"]
    );
    bench.write("word", "two\n");
    let second = bench.build(&bench.request()).await.unwrap();
    assert_eq!(printed(&second), ["two"]);
    bench.write(
        "Dockerfile",
        "FROM scratch\nCOPY tool word /\nRUN [\"/tool\", \"PRINT\", \"/word\"]\n",
    );
    assert_eq!(
        printed(&bench.build(&bench.request()).await.unwrap()),
        ["PRINT /word"]
    );
}

#[tokio::test]
async fn cache_mounts_and_secrets_work() {
    let bench = Bench::new(&[(
        "Dockerfile",
        "FROM scratch\nCOPY tool nonce /\n\
         RUN --mount=type=cache,id=seaworthy-test,target=/c [\"/tool\", \"append\", \"/c/kept\"]\n\
         RUN --mount=type=cache,id=seaworthy-test,target=/c [\"/tool\", \"print\", \"/c/kept\"]\n\
         RUN --mount=type=secret,id=word,required=true [\"/tool\", \"print\", \"/run/secrets/word\"]\n\
         RUN [\"/tool\", \"print\", \"/run/secrets/word\"]\n",
    )])
    .await;
    if builder_of(&bench.engine) != BuilderKind::BuildKit {
        return;
    }
    let mut request = bench.request();
    request.secrets = vec![("word".to_owned(), SecretValue::new("open sesame\n"))];
    let built = bench.build(&request).await.unwrap();
    let lines = printed(&built);
    assert!(lines.contains(&"once".to_owned()), "{lines:?}");
    assert!(lines.contains(&"open sesame".to_owned()), "{lines:?}");
    assert!(lines.last().unwrap().contains("No such file"), "{lines:?}");
    assert!(!format!("{request:?}").contains("sesame"));

    request.secrets.clear();
    request.no_cache = true;
    let failure = Bench::fails(bench.build(&request).await);
    assert_eq!(failure.line, Some(5), "{failure}");
    assert!(failure.message.contains("word"), "{failure}");
}

#[tokio::test]
async fn a_command_that_fails_is_shown_with_its_line_and_last_words() {
    let bench = Bench::new(&[(
        "app/Dockerfile",
        "FROM scratch\nMARK\nCOPY tool nonce /\n# here it comes\nRUN [\"/tool\", \\\n \"fail\"]\n",
    )])
    .await;
    let request = bench.request_of(None, Some(Path::new("app/Dockerfile")));
    for failure in [
        Bench::fails(bench.build(&request).await),
        Bench::fails(bench.classic(&request).await),
    ] {
        assert_eq!(
            (failure.line, failure.exit_code),
            (Some(5), Some(7)),
            "{failure}"
        );
        assert_eq!(failure.dockerfile, "app/Dockerfile");
        assert!(
            failure.step.as_deref().unwrap().starts_with("RUN"),
            "{failure}"
        );
        assert!(failure.last_lines.len() <= 20, "{failure}");
        for line in ["no good", "line 9"] {
            assert!(
                failure.last_lines.iter().any(|last| last == line),
                "{failure}"
            );
        }
    }
    // No container is left of it.
    let ask = Ask::get("list containers", "/containers/json?all=1");
    let all: Vec<serde_json::Value> = bench.engine.api().json(ask).await.unwrap();
    assert!(
        all.iter().all(|one| one["Command"] != "/tool fail"),
        "{all:?}"
    );
}

#[tokio::test]
async fn a_dockerfile_that_is_wrong_fails_at_its_line() {
    let cases: [(&str, Option<usize>, &str); 7] = [
        ("FROM scratch\n\nCOPPY a b\n", Some(3), "COPPY"),
        ("FROM scratch\nCOPY nosuch /x\n", Some(2), "nosuch"),
        (
            "FROM scratch\nCOPY tool /tool\nRUN <<EOF\nfoo\nEOF\n",
            Some(3),
            "lacks here-documents",
        ),
        (
            "FROM scratch\nCOPY --link tool /tool\n",
            Some(2),
            "lacks `COPY --link`",
        ),
        ("FROM scratch\nCOPY --lnk tool /tool\n", Some(2), "lnk"),
        ("", None, "empty"),
        (
            "FROM scratch\nMARK\nCOPY tool /tool\nRUN [\"/nosuch\"]\n",
            Some(4),
            "",
        ),
    ];
    for (file, line, part) in cases {
        let bench = Bench::new(&[("Dockerfile", file)]).await;
        let old = bench.engine.api().version() < seaworthy::engine::version::ApiVersion::new(1, 42);
        if part.starts_with("lacks") && !old {
            continue;
        }
        for (builder, result) in [
            ("first", bench.build(&bench.request()).await),
            ("classic", bench.classic(&bench.request()).await),
        ] {
            let failure = Bench::fails(result);
            assert_eq!(failure.line, line, "{builder}: {failure}");
            assert!(failure.message.contains(part), "{builder}: {failure}");
        }
    }
    let bench = Bench::new(&[("Dockerfile", "FROM scratch\nCOPY tool /tool\n")]).await;
    let mut request = bench.request();
    request.target = Some("nosuch".to_owned());
    let failure = Bench::fails(bench.build(&request).await);
    assert!(failure.message.contains("nosuch"), "{failure}");
}

#[tokio::test]
async fn mounts_are_refused_by_name_where_the_builder_lacks_them() {
    let file =
        "FROM scratch\nMARK\nCOPY tool /tool\nRUN --mount=type=cache,target=/c [\"/tool\"]\n";
    let bench = Bench::new(&[("Dockerfile", file)]).await;
    if bench.engine.is_podman() {
        return;
    }
    let failure = Bench::fails(bench.classic(&bench.request()).await);
    assert_eq!(failure.line, Some(4), "{failure}");
    assert!(
        failure.message.contains("classic builder of Docker"),
        "{failure}"
    );
}

#[tokio::test]
async fn an_image_that_cannot_be_fetched_is_no_fault_of_the_dockerfile() {
    let bench = Bench::new(&[(
        "Dockerfile",
        "FROM registry.invalid/nosuch:1\nCOPY tool /\n",
    )])
    .await;
    for result in [
        bench.build(&bench.request()).await,
        bench.classic(&bench.request()).await,
    ] {
        let Err(BuildError::Fault(fault)) = result else {
            panic!("{result:?}")
        };
        assert!(fault.doing.contains("registry.invalid/nosuch:1"), "{fault}");
        assert!(matches!(fault.kind, FaultKind::Registry), "{fault:?}");
        assert!(fault.help.is_some());
    }
    bench.write(
        "Dockerfile",
        "# syntax=registry.invalid/dockerfile:1\nFROM scratch\nCOPY tool /\n",
    );
    let result = bench.build(&bench.request()).await;
    let Err(BuildError::Fault(fault)) = result else {
        panic!("{result:?}")
    };
    assert!(fault.to_string().contains("# syntax="), "{fault}");
}

#[tokio::test]
async fn a_base_image_that_moved_is_not_hidden() {
    let base = Bench::new(&[(
        "Dockerfile",
        "FROM scratch\nCOPY tool nonce /\nENV WHO=one\n",
    )])
    .await;
    let name = format!("seaworthy-test/base-{}", std::process::id());
    let tag = async |built: &Built| {
        let path = format!("/images/{}/tag?repo={name}&tag=1", built.image_id);
        let ask = Ask::post("tag a test's image", path.as_str());
        base.engine.api().done(ask).await.unwrap();
    };
    tag(&base.build(&base.request()).await.unwrap()).await;
    base.tags.lock().unwrap().push(format!("{name}:1"));

    let file = format!("ARG TAG=0\nFROM {name}:${{TAG}}\nRUN [\"/tool\", \"env\", \"WHO\"]\n");
    let child = Bench::new(&[("Dockerfile", &file)]).await;
    let mut request = child.request();
    request.args = vec![("TAG".to_owned(), Some("1".to_owned()))];
    assert_eq!(printed(&child.build(&request).await.unwrap()), ["one"]);
    assert!(child.build(&request).await.unwrap().facts.reused);

    base.write(
        "Dockerfile",
        "FROM scratch\nCOPY tool nonce /\nENV WHO=two\n",
    );
    tag(&base.build(&base.request()).await.unwrap()).await;
    assert_eq!(printed(&child.build(&request).await.unwrap()), ["two"]);
}

#[tokio::test]
async fn of_two_equal_builds_one_builds() {
    let bench = Bench::new(&[(
        "Dockerfile",
        "FROM scratch\nCOPY tool nonce /\nRUN [\"/tool\"]\n",
    )])
    .await;
    let request = bench.request();
    let (one, two) = tokio::join!(bench.build(&request), bench.build(&request));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.image_id, two.image_id);
    assert_eq!(
        [one, two].iter().filter(|built| built.facts.reused).count(),
        1
    );
}

#[tokio::test]
async fn a_context_that_is_not_there_is_said_before_the_engine_is_asked() {
    let bench = Bench::new(&[]).await;
    let result = bench
        .build(&BuildRequest::new("x", "/no/such/folder"))
        .await;
    let Err(BuildError::Context(error)) = result else {
        panic!("{result:?}")
    };
    assert!(error.to_string().contains("/no/such/folder"), "{error}");
    let result = bench.build(&bench.request()).await;
    let Err(BuildError::Context(error)) = result else {
        panic!("{result:?}")
    };
    assert!(
        error.to_string().contains("there is no Dockerfile at"),
        "{error}"
    );
}

#[tokio::test]
async fn what_a_changed_file_leaves_in_the_cache_is_told_by_either_builder() {
    let bench = Bench::new(&[
        (
            "Dockerfile",
            "FROM scratch\nCOPY tool nonce /\nRUN [\"/tool\", \"kept\"]\nCOPY word /\nRUN [\"/tool\", \"print\", \"/word\"]\n",
        ),
        ("word", "one"),
    ])
    .await;
    let mut request = bench.request();
    request.labels = vec![("io.seaworthy.test".to_owned(), "1".to_owned())];
    for builder in [BuilderKind::Classic, builder_of(&bench.engine)] {
        let made = async |tag: &str, change: Option<&str>| {
            let mut request = request.clone();
            let own = format!("seaworthy-build-test-{}-{tag}", std::process::id());
            request.tag = Some(own.clone());
            request.change = change.map(str::to_owned);
            let built = build_with(&bench.engine, builder, &request, |_| ()).await;
            let built = bench.keep(built).unwrap();
            assert_eq!(built.tag, own);
            assert!(!built.facts.reused);
            built
        };
        let plain = made("plain", None).await;
        let again = made("again", None).await;
        let changed = made("changed", Some("word")).await;
        let other = made("other", Some("word")).await;
        let cached = |built: &Built| -> Vec<(String, bool)> {
            let steps = built.facts.steps.iter();
            let steps =
                steps.filter(|s| !s.text.starts_with("FROM") && !s.text.starts_with("LABEL"));
            steps.map(|s| (s.text.clone(), s.cached)).collect()
        };
        let flags = |built: &Built| cached(built).iter().map(|s| s.1).collect::<Vec<_>>();
        assert_eq!(flags(&plain).len(), 4, "{:?}", cached(&plain));
        assert!(flags(&again).iter().all(|c| *c), "{:?}", cached(&again));
        for built in [&changed, &other] {
            let expected = [true, true, false, false];
            assert_eq!(flags(built), expected, "{builder:?} {:?}", cached(built));
            assert_eq!(printed(built)[0], "one", "{:?}", printed(built));
        }
    }
    let word = std::fs::read_to_string(bench.folder.path().join("word"));
    assert_eq!(word.unwrap(), "one");
}
