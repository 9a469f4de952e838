//! How a run works on the engine: what it shares, what it heals, what it does not let through.

use libtest_mimic::Trial;
use seaworthy::engine::Engine;
use seaworthy::engine::ask::Ask;
use seaworthy::run::outcome::Verdict;
use seaworthy::session::install;

use super::bench::{Job, Ran, Result, engine, runtime};
use super::expected::as_written;

const HEAD: &str = r#"
seaworthy: 1
vars: { BARE: null }
image: { build: { context: "${BARE}" } }
"#;

pub(crate) fn trials() -> Vec<Trial> {
    let all: [(&str, fn() -> Result); 4] = [
        ("a_hundred_cases_share_a_container", hundred),
        ("two_runs_do_not_disturb_each_other", two),
        ("a_broken_probe_is_replaced", broken),
        ("what_a_container_says_is_bounded", hostile),
    ];
    let trial = |(name, test): (&str, fn() -> Result)| {
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
    as_written(&suite(&format!("cases:\n{cases}")).run()?)
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
        as_written(&one)?;
        as_written(&other)?;
        match one.outcome.run == other.outcome.run {
            true => Err("both have the same id".to_owned()),
            false => Ok(()),
        }
    })
}

/// A volume that was filled by halves, by someone else, or not at all.
fn broken() -> Result {
    runtime().block_on(async {
        let engine = engine().await?;
        for content in ["", "not a program", "#!/bare say"] {
            spoil(&engine, content).await?;
            let job = suite("cases:\n  - { name: a, expect: [{ whoami: 0 }] }\n  - { name: b, expect: [{ exec: /bare health }] }\n");
            let ran = job.go().await.and_then(|ran| as_written(&ran));
            ran.map_err(|why| format!("with `{content}` in place of the probe:\n{why}"))?;
            spoil(&engine, content).await?;
            let job = suite("cases:\n  - { name: a, expect: [{ path: /bare }] }\n");
            let ran = job.go().await.and_then(|ran| as_written(&ran));
            ran.map_err(|why| format!("with `{content}` in place of the idle probe:\n{why}"))?;
        }
        Ok(())
    })
}

/// Puts something else in the probe's place, as a copy that broke off might have.
async fn spoil(engine: &Engine, content: &str) -> Result {
    let said = |fault: seaworthy::engine::Fault| fault.to_string();
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o555);
    header.set_size(content.len() as u64);
    tar.append_data(&mut header, "probe", content.as_bytes())
        .map_err(|e| e.to_string())?;
    let tar = tar.into_inner().map_err(|e| e.to_string())?;
    let name = format!("seaworthy-spoil-{}-{}", std::process::id(), content.len());
    let body = serde_json::json!({
        "Image": "debian:bookworm-slim",
        "HostConfig": { "Mounts": [{ "Type": "volume", "Source": install::volume(), "Target": "/to" }] },
    });
    let containers = engine.containers();
    containers.create(&name, &body).await.map_err(said)?;
    let path = format!("/containers/{name}/archive?path=/to");
    let put = Ask::new(hyper::Method::PUT, "spoil the probe", path.as_str())
        .header("Content-Type", "application/x-tar")
        .body(tar);
    let done = engine.api().done(put).await.map_err(said);
    containers.remove(&name).await.map_err(said)?;
    done.map(drop)
}

fn hostile() -> Result {
    let ran = suite(
        r#"
cases:
  - name: it says what it should not
    run: { command: [hostile], ready: running }
    expect:
      - logs: { contains: last }
        within: 1m
      - logs: { contains: ["owned", "nor this"] }
      - logs: nothing like it
  - name: it says too much
    run: { command: [flood, "40"], ready: running }
    expect:
      - logs: { contains: behind the flood }
        within: 1m
      - logs: nothing like it
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
        if case.verdict != Verdict::Failed || case.failures.len() != 1 {
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
