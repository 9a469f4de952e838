//! How a run works on the engine: what it shares, what it heals, what it does not let through.

use std::time::{Duration, Instant};

use libtest_mimic::Trial;
use seaworthy::engine::ask::Ask;
use seaworthy::engine::begun::has_begun;
use seaworthy::engine::{Fault, FaultKind, probe_binary};
use seaworthy::plan::{Plan, Selection};
use seaworthy::run::outcome::Verdict;
use seaworthy::session::Session;
use seaworthy::session::image::Ready;
use seaworthy::session::live::{Ground, Live};
use seaworthy::suite::run::Run;
use seaworthy::text::read::{Read as _, Reader};
use seaworthy::text::source::{FileId, Sources};
use seaworthy::text::yaml;

use super::bench::{Job, Ran, Result, bare, engine, runtime};

const HEAD: &str = r#"
seaworthy: 1
vars: { BARE: null }
image: { build: { context: "${BARE}" } }
"#;

type Test = fn() -> Result;

pub(crate) fn trials() -> Vec<Trial> {
    let all: [(&str, Test); 11] = [
        ("a_shared_case_says_why_it_begins_afresh", afresh),
        ("an_upgrade_names_both_images", upgraded),
        ("a_hundred_cases_share_a_container", hundred),
        ("two_runs_do_not_disturb_each_other", two),
        ("a_broken_probe_is_replaced", broken),
        ("a_program_has_begun_once_its_container_is_launched", begun),
        (
            "who_was_waited_for_in_vain_is_not_waited_for_again",
            doubted,
        ),
        ("what_a_case_waits_for_is_told", waits),
        ("what_fails_beside_a_dead_service_is_no_failure", undermined),
        ("what_is_built_for_a_claim_is_removed", built),
        ("what_a_container_says_is_bounded", hostile),
    ];
    let trial = |(name, test): (&str, Test)| {
        Trial::test(format!("mechanics::{name}"), move || {
            test().map_err(Into::into)
        })
    };
    all.into_iter().map(trial).collect()
}

fn suite(cases: &str) -> Job {
    Job::text("fixtures/behaviour/made.yaml", format!("{HEAD}{cases}"))
}

/// The container counts the calls: it is the same one only if it counts on.
fn hundred() -> Result {
    let case = |n: usize| {
        format!(
            "  - name: case {n}\n    expect: [{{ exec: {{ command: /bare nth /n 1, stdout: call {n} }} }}]\n"
        )
    };
    let cases: String = (1..=100).map(case).collect();
    suite(&format!("cases:\n{cases}")).run()?.as_written()
}

const UNDERMINED: &str = r#"
cases:
  - name: waits in vain
    services:
      lone: # errors: the service `lone` ended with exit code 5, so nothing can be told
        build: "${BARE}"
        command: [exit, "5", "1"]
        ready: none
    expect:
      - path: { at: /late, exists: true } # fails: something there
        within: 4m
"#;

/// Nor is it waited for to the end.
fn undermined() -> Result {
    let ran = suite(UNDERMINED).run()?;
    ran.as_written()?;
    let verdicts: Vec<Verdict> = ran.outcome.cases.iter().map(|case| case.verdict).collect();
    let failures = ran.outcome.cases.iter().flat_map(|case| &case.failures);
    let waited = failures.filter_map(|failure| failure.waited).max();
    match (&*verdicts, ran.outcome.exit_code()) {
        ([Verdict::Errored], 3) if waited < Some(Duration::from_mins(4)) => Ok(()),
        other => Err(format!("{other:?}, waited {waited:?}")),
    }
}

const BUILT: &str = r"
cases:
  - name: what is built for a claim
    image: { build: { context: ../build } }
    expect:
      - build: { time: { below: 5m } }
      - build: { cache: { after_change: lock.txt, keeps: [COPY tool.txt] } }
  - name: that does not build
    image: { build: { context: ../build, target: unused } }
    expect: [{ build: { fails: { contains: missing } } }]
";

/// With its name, and without one.
fn built() -> Result {
    runtime().block_on(async {
        let ran = suite(BUILT).go().await?;
        ran.as_written()?;
        let label = format!("io.seaworthy.run={}", ran.outcome.run);
        let left = engine().await?.images().list(&label).await;
        let left = left.map_err(|fault| fault.to_string())?;
        match left.is_empty() {
            true => Ok(()),
            false => Err(format!("left {left:?}")),
        }
    })
}

const AFRESH: &str = r#"
cases:
  - name: fails
    shared: true
    steps: [{ exec: /bare exit 1 }]
  - name: crashes
    shared: true
    run: { restart: always }
    steps: [crash, { expect: [{ restarts: 1 }] }]
  - name: replaces
    shared: true
    run: { labels: { a: b } }
    steps: [{ replace: { build: "${BARE}" } }]
  - { name: after fails, shared: true, steps: [expect: [{ state: running }]] }
  - { name: after crashes, shared: true, run: { restart: always }, steps: [expect: [{ state: running }]] }
  - { name: after replaces, shared: true, run: { labels: { a: b } }, steps: [expect: [{ state: running }]] }
"#;

/// Of those that were to go on with the containers of others, each with the reason.
fn afresh() -> Result {
    let ran = suite(AFRESH).run()?;
    let told = |case: &str| {
        let case = ran.outcome.cases.iter().find(|one| one.name == case);
        let blocks = case.map(|case| case.evidence.clone()).unwrap_or_default();
        let fresh = |title: &str| title.starts_with("it began with fresh containers");
        let block = blocks.into_iter().find(|block| fresh(&block.title));
        block.map_or(String::new(), |block| block.lines.concat())
    };
    let said = ["fails", "after fails", "after crashes", "after replaces"].map(told);
    let expected = [
        "",
        "`fails` did not pass",
        "`crashes` has the step `crash`",
        "`replaces` has replaced an image",
    ];
    match said == expected {
        true => Ok(()),
        false => Err(format!("{said:?}")),
    }
}

const UPGRADED: &str = r#"
cases:
  - name: of the one under test
    steps:
      - replace: { build: { context: "${BARE}", dockerfile: Dockerfile.next } }
      - expect: [{ state: running }]
  - name: of a service
    services: { db: { build: "${BARE}" } }
    steps:
      - replace: { build: { context: "${BARE}", dockerfile: Dockerfile.next } }
        service: db
"#;

/// The image under test by its id before and after; a service's is not the one under test.
fn upgraded() -> Result {
    let ran = suite(UPGRADED).run()?;
    ran.as_written()?;
    let named = ran
        .outcome
        .cases
        .iter()
        .map(|case| case.image.clone().unwrap_or_default());
    let named: Vec<String> = named.collect();
    let ids = |at: usize| named[at].matches("sha256:").count();
    match (ids(0), ids(1)) {
        (2, 1) if named[0].contains("), then ") => Ok(()),
        _ => Err(named.join("\n")),
    }
}

const COUNTED: &str = r#"
cases:
  - name: it counts alone
    run: { volumes: ["data:/data"] }
    steps:
      - exec: { command: /bare nth /data/n 1, stdout: call 1 }
      - restart
      - exec: { command: /bare nth /data/n 1, stdout: call 2 }
"#;

fn two() -> Result {
    runtime().block_on(async {
        let (one, other) = tokio::join!(suite(COUNTED).go(), suite(COUNTED).go());
        let (one, other) = (one?, other?);
        one.as_written()?;
        other.as_written()?;
        match one.outcome.run == other.outcome.run {
            true => Err("both have the same id".to_owned()),
            false => Ok(()),
        }
    })
}

/// A volume that was filled by halves, by someone else, or not at all; one of the test's own, as others
/// use the one that runs share.
fn broken() -> Result {
    let half = probe_binary::bytes();
    let half = &half[..half.len() / 2];
    let contents: [(&str, &[u8]); 4] = [
        ("nothing", b""),
        ("no program", b"not a program"),
        ("another program", b"#!/bare say"),
        ("half of it", half),
    ];
    runtime().block_on(async {
        let engine = engine().await?;
        let run = format!("probe-test-{}", std::process::id());
        let volume = format!("seaworthy-{run}");
        let session = Session::new(engine.clone(), run, "a test".to_owned());
        let session = session.map_err(said)?.with_probe_in(&volume);
        let mut wrong = Vec::new();
        for (what, content) in contents {
            let spoilt = async {
                spoil(&session, &volume, content).await?;
                idle(&session).await?;
                spoil(&session, &volume, content).await?;
                live(&session).await
            };
            if let Err(why) = spoilt.await {
                wrong.push(format!("with {what} in place of the probe: {why}"));
            }
        }
        wrong.extend(session.close().await);
        engine.volumes().remove(&volume).await.map_err(said)?;
        match wrong.is_empty() {
            true => Ok(()),
            false => Err(wrong.join("\n")),
        }
    })
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn said(fault: Fault) -> String {
    fault.to_string()
}

/// The bare image, built.
async fn image(session: &Session) -> Result<Ready> {
    let mut sources = Sources::default();
    let job = suite("cases: [{ name: a, expect: [{ path: /bare }] }]");
    let (suites, _) = job.load(&mut sources)?;
    let plan = Plan::new(&suites, &Selection::default());
    let plan = plan.images.first().ok_or("the suite names an image")?;
    let ready = session.image(plan, |_| ()).await;
    ready.map_err(|why| format!("{why:?}"))
}

/// Looks into an image with the probe.
async fn idle(session: &Session) -> Result {
    let image = image(session).await?;
    let mut live = Live::of_files(session, &image).await.map_err(said)?;
    let shown = live.launch().await.map_err(said);
    live.remove().await.map_err(said)?;
    shown
}

/// Talks to the probe in a running container.
async fn live(session: &Session) -> Result {
    let mut live = launched(session, "{}").await?;
    let linked = live.link(None).await.map(drop).map_err(said);
    live.remove().await.map_err(said)?;
    linked
}

/// A container of the bare image with this `run`, just launched.
async fn launched(session: &Session, run: &str) -> Result<Live> {
    let image = image(session).await?;
    let ground = Ground {
        service: "app".to_owned(),
        folder: bare().to_owned(),
        ..Ground::default()
    };
    let node = yaml::parse(FileId(0), run).0.ok_or("it is YAML")?;
    let run = Run::read(&node, &mut Reader::default()).ok_or("it is a run")?;
    let live = Live::of_run(session, &image, &run, &ground).await;
    let mut live = live.map_err(said)?;
    live.launch().await.map_err(said)?;
    Ok(live)
}

/// With so little of a processor the runtime takes a while, now and then, to become the program that the engine says
/// runs.
fn begun() -> Result {
    runtime().block_on(async {
        let engine = engine().await?;
        let run = format!("begun-test-{}", std::process::id());
        let label = format!("io.seaworthy.run={run}");
        let session = Session::new(engine.clone(), run, "a test".to_owned()).map_err(said)?;
        let mut wrong = Vec::new();
        for life in 1..=8 {
            let live = launched(&session, "{ cpus: 0.01 }").await?;
            let containers = engine.containers();
            let listed = containers.list(&label).await.map_err(said)?;
            for one in listed {
                let inspected = containers.inspect_raw(&one.id).await.map_err(said)?;
                let process = inspected["State"]["Pid"].as_u64().unwrap_or_default();
                let begun = has_begun(process, &one.id, false);
                if begun != Some(true) {
                    wrong.push(format!("life {life}, process {process}: {begun:?}"));
                }
            }
            live.remove().await.map_err(said)?;
        }
        wrong.extend(session.close().await);
        match wrong.is_empty() {
            true => Ok(()),
            false => Err(wrong.join("\n")),
        }
    })
}

/// A container that goes on refuses for a reason of its own: only once it is waited for whether it has ended.
fn doubted() -> Result {
    runtime().block_on(async {
        let run = format!("doubted-test-{}", std::process::id());
        let session = Session::new(engine().await?, run, "a test".to_owned()).map_err(said)?;
        let mut live = launched(&session, "{}").await?;
        live.facts().await.map_err(said)?;
        let refusal = Fault::new(FaultKind::Conflict, "ask the probe", "no answer");
        let mut took = Vec::new();
        for _ in 0..2 {
            let began = Instant::now();
            let end = live.end_under(&refusal).await.map_err(said)?;
            took.push(began.elapsed());
            if let Some(end) = end {
                return Err(format!("it goes on, and is said to have ended: {end}"));
            }
        }
        live.remove().await.map_err(said)?;
        let left = session.close().await;
        match left.is_none() && took[1] * 2 < took[0] {
            true => Ok(()),
            false => Err(format!("{took:?}, {left:?}")),
        }
    })
}

/// Who looks on hears that the image is there, and that the one that it is compared with is waited for.
fn waits() -> Result {
    let claim = "image: { smaller_than: { ref: \"debian:bookworm-slim\", by: 1% } }";
    let cases = |claim: &str| format!("cases:\n  - name: small\n    expect: [{{ {claim} }}]\n");
    let doing = "waits for what its image is compared with";
    let compared = suite(&cases(claim)).run()?;
    let alone = suite(&cases("image: { layers: { at_least: 1 } }")).run()?;
    match (
        compared.doing.contains(&doing),
        alone.doing.contains(&doing),
    ) {
        (true, false) => Ok(()),
        _ => Err(format!("{:?}, {:?}", compared.doing, alone.doing)),
    }
}

/// Puts something else in the probe's place, as a copy that broke off might have.
async fn spoil(session: &Session, volume: &str, content: &[u8]) -> Result {
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o555);
    header.set_size(content.len() as u64);
    tar.append_data(&mut header, "probe", content)
        .map_err(|e| e.to_string())?;
    let tar = tar.into_inner().map_err(|e| e.to_string())?;
    let image = image(session).await?.id;
    let name = session.name("spoil");
    let mount = serde_json::json!({ "Type": "volume", "Source": volume, "Target": "/to" });
    let body = serde_json::json!({ "Image": image, "HostConfig": { "Mounts": [mount] } });
    let containers = session.engine.containers();
    containers.create(&name, &body).await.map_err(said)?;
    let path = format!("/containers/{name}/archive?path=/to");
    let put = Ask::new(hyper::Method::PUT, "spoil the probe", path.as_str())
        .header("Content-Type", "application/x-tar")
        .body(tar);
    let done = session.engine.api().done(put).await.map_err(said);
    containers.remove(&name).await.map_err(said)?;
    done.map(drop)
}

fn hostile() -> Result {
    let ran = suite(
        r#"
cases:
  - name: it says what it should not
    run: { command: [hostile], ready: { logs: { contains: last } } }
    expect:
      - logs: { contains: ["owned", "nor this", "red"] }
      - logs: { count: 1, contains: nothing like it }
  - name: it says too much
    run: { command: [flood, "40"], ready: { logs: { contains: behind the flood } } }
    expect:
      - logs: { count: 1, contains: nothing like it }
"#,
    )
    .run()?;
    bounded(&ran)
}

fn bounded(ran: &Ran) -> Result {
    use seaworthy::report::{human, json};
    let mut wrong = Vec::new();
    for case in &ran.outcome.cases {
        let failed: Vec<&str> = case.failures.iter().map(|f| f.expected.as_str()).collect();
        let one = case.failures.len() + case.troubles.len() == 1;
        if case.verdict == Verdict::Passed || !one {
            wrong.push(format!("{}: {failed:?} {:?}", case.name, case.troubles));
        }
    }
    let text = human::file(&ran.outcome, None);
    let odd = |c: &char| c.is_control() && *c != '\n' || ('\u{202a}'..='\u{202e}').contains(c);
    wrong.extend(text.chars().find(odd).map(|c| format!("holds {c:?}")));
    let command = |line: &str| line.trim_start().starts_with("::error") || line.contains("##[");
    let commands = text.lines().filter(|line| command(line));
    wrong.extend(commands.map(|line| format!("a build server obeys: {line}")));
    for (name, size) in [
        ("text", text.len()),
        ("json", json::of(&ran.outcome, None).len()),
    ] {
        if size > 256 << 10 {
            wrong.push(format!("the report as {name} is {size} bytes"));
        }
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(wrong.join("\n")),
    }
}
