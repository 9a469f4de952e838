//! What is told of commands that fail.

use std::path::Path;
use std::sync::Mutex;

use seaworthy::engine::build::{BuildEvent, build};

use super::Bench;

#[tokio::test]
async fn builds_that_fail_at_one_step_side_by_side_all_tell_its_words() {
    let bench = Bench::new(&[(
        "Dockerfile",
        "FROM scratch\nCOPY tool nonce /\nRUN [\"/tool\", \"fail\"]\n",
    )])
    .await;
    let own = |number: u8| {
        let tag = format!("seaworthy/words-{}:{number}", std::process::id());
        bench.request_of(Some(&tag), None)
    };
    let requests = [own(1), own(2), own(3)];
    let [one, two, three] = &requests;
    let all = tokio::join!(bench.build(one), bench.build(two), bench.build(three));
    for failure in [all.0, all.1, all.2].map(Bench::fails) {
        assert_eq!(failure.line, Some(3), "{failure}");
        assert!(
            failure.last_lines.iter().any(|last| last == "no good"),
            "{failure}"
        );
    }
}

#[tokio::test]
async fn a_command_that_fails_without_a_word_is_run_once() {
    let bench = Bench::new(&[(
        "Dockerfile",
        "FROM scratch\nCOPY tool nonce /\nRUN [\"/tool\", \"quiet\"]\n",
    )])
    .await;
    let begun = Mutex::new(0);
    let tell = |event| {
        if matches!(&event, BuildEvent::Step { text, .. } if text.contains("quiet")) {
            *begun.lock().unwrap() += 1;
        }
    };
    let failure = Bench::fails(build(&bench.engine, &bench.request(), tell).await);
    assert_eq!(
        (failure.line, failure.exit_code),
        (Some(3), Some(3)),
        "{failure}"
    );
    assert_eq!(*begun.lock().unwrap(), 1);
}

#[tokio::test]
async fn a_step_is_in_the_cache_while_the_build_that_carried_it_out_goes_on() {
    let name = format!("seaworthy/goes-on-{}", std::process::id());
    let first = format!("FROM {name}:base AS one\nRUN [\"/tool\", \"once\"]\n");
    let bench = Bench::new(&[
        ("Dockerfile", "FROM scratch\nCOPY tool nonce /\n"),
        ("long", &format!("{first}RUN [\"/tool\", \"wait\"]\n")),
        ("short", &first),
    ])
    .await;
    let own = |tag: &str, file: Option<&str>| {
        bench.request_of(Some(&format!("{name}:{tag}")), file.map(Path::new))
    };
    bench.keep(bench.build(&own("base", None)).await).unwrap();
    let (long, short) = (own("long", Some("long")), own("short", Some("short")));
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let going = build(&bench.engine, &long, move |event| {
        // Nobody listens any more once the test is over.
        let _ = tell.send(event);
    });
    let meanwhile = async {
        loop {
            match told.recv().await.unwrap() {
                BuildEvent::Output { line, .. } if line == "waiting" => break,
                _ => {}
            }
        }
        bench.build(&short).await
    };
    let built = tokio::select! {
        ended = going => panic!("{ended:?}"),
        built = meanwhile => bench.keep(built).unwrap(),
    };
    let steps = built.facts.steps.iter();
    let steps = steps.filter(|step| step.text.starts_with("RUN"));
    let cached: Vec<bool> = steps.map(|step| step.cached).collect();
    assert_eq!(cached, [true], "{:?}", built.facts.steps);
}
