//! However many claims, one observation is one round trip to the container and one look of the engine.

use std::collections::BTreeSet;

use libtest_mimic::Trial;
use seaworthy::claim::{self, Scope};
use seaworthy::fact::calls::Calls;
use seaworthy::fact::question::{Phase, Question};
use seaworthy::text::source::Sources;

use super::bench::{Job, Result};

const INSPECT: &str = "GET /containers/{name}/json";
const LOGS: &str = "GET /containers/{name}/logs";
const EXEC: &str = "POST /containers/{name}/exec";
const START: &str = "POST /exec/{name}/start";

pub(crate) fn trials() -> Vec<Trial> {
    let one = Trial::test("counted::all_claims_that_look_take_one_round_trip", || {
        looking().map_err(Into::into)
    });
    let all = Trial::test("counted::all_claims_take_what_they_do_and_no_more", || {
        acting().map_err(Into::into)
    });
    let layers = Trial::test("counted::layers_are_looked_at_where_they_lie", || {
        where_layers_lie().map_err(Into::into)
    });
    vec![one, all, layers]
}

/// The items of a page that hold, as they are written there; a claim that is added is counted too.
fn items(page: &str) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    let mut inside = false;
    let lines: Vec<&str> = page.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        match *line {
            "```yaml pass" => inside = !lines[at + 1].starts_with("- name:"),
            "```" => inside = false,
            line if !inside || line.is_empty() => {}
            line if line.starts_with("- ") => items.push(line.to_owned()),
            line => {
                if let Some(last) = items.last_mut() {
                    last.push_str(&format!("\n      {line}"));
                }
            }
        }
    }
    items
}

/// A suite whose one case expects everything that the pages say of the aisopod image and of which
/// nothing has to be built.
fn suite(wanted: impl Fn(&[Question]) -> bool) -> Result<Job> {
    let mut text = "seaworthy: 1\nimage: { build: { context: ../../fixtures/aisopod } }\ncases:\n  - name: everything\n    run: { ready: healthy }\n    expect:\n".to_owned();
    let mut claims = BTreeSet::new();
    for name in claim::NAMES {
        for item in items(claim::page(name).unwrap_or("")) {
            let one = format!("{text}      {item}\n");
            let job = Job::text("src/claim/counted.yaml", one.clone());
            let mut sources = Sources::default();
            let (suites, _) = job
                .load(&mut sources)
                .map_err(|why| format!("{item}: {why}"))?;
            let case = &suites[0].cases[0];
            let Some(item) = case.items().last().copied() else {
                continue;
            };
            // What is waited for is observed again and again.
            let once = item.modifiers.within.is_none();
            if once && item.claim.scope() != Scope::Sources && wanted(&item.claim.questions()) {
                claims.insert(name);
                text = one;
            }
        }
    }
    match claims.len() {
        0..8 => Err(format!("only {claims:?} are counted")),
        _ => Ok(Job::text("src/claim/counted.yaml", text)),
    }
}

/// What the observation took, and what was asked in it.
fn observed(job: Job) -> Result<(Calls, Vec<Question>)> {
    let mut sources = Sources::default();
    let (suites, _) = job.load(&mut sources)?;
    let items = suites[0].cases[0].items();
    let asked = items.into_iter().flat_map(|item| item.claim.questions());
    let asked: Vec<Question> = asked.collect();
    let ran = job.run()?;
    let [case] = ran.outcome.cases.as_slice() else {
        return Err(format!("{} cases", ran.outcome.cases.len()));
    };
    if case.verdict != seaworthy::run::outcome::Verdict::Passed {
        return Err(format!("{:#?} {:#?}", case.failures, case.troubles));
    }
    let report = seaworthy::report::json::of(&ran.outcome, None);
    let report: serde_json::Value = serde_json::from_str(&report).map_err(|e| e.to_string())?;
    // Everything is in the report: of the observation, of the case, of the run.
    let told = &report["outcome"]["cases"][0];
    let whole = &report["outcome"]["calls"]["engine"];
    let more = |kind: &str| whole[kind].as_u64() >= told["calls"]["engine"][kind].as_u64();
    for kind in [INSPECT, EXEC] {
        if told["calls"]["engine"][kind].as_u64() < told["observation"]["engine"][kind].as_u64()
            || !more(kind)
        {
            return Err(format!("{kind} is counted wrong: {report}"));
        }
    }
    if whole["POST /containers/create"].as_u64() < Some(1) {
        return Err(format!("the run made no container: {whole}"));
    }
    let calls = case.observation.clone();
    Ok((calls, asked))
}

fn count(calls: &Calls, kind: &str) -> u64 {
    calls.engine.get(kind).copied().unwrap_or(0)
}

/// Looking: one inspect, one round trip as root and one as the program's own user for what root may
/// not read, one log.
fn looking() -> Result {
    // What an image holds is looked at once for all of its containers, and not in any of them.
    let of_image = |q: &Question| {
        matches!(
            q,
            Question::Layers(_) | Question::Other(_) | Question::Search(_) | Question::Beneath(_)
        )
    };
    let looks = |q: &Question| {
        !acts(q) && !of_image(q) && !of_others(q) && !matches!(q, Question::Health { .. })
    };
    let (calls, asked) = observed(suite(|questions| questions.iter().all(looks))?)?;
    let expected = [(INSPECT, 1), (LOGS, 1)];
    let mut wrong: Vec<String> = Vec::new();
    for (kind, times) in expected {
        if count(&calls, kind) != times {
            wrong.push(format!("{kind}: not {times}"));
        }
    }
    for kind in calls.engine.keys() {
        if ![INSPECT, LOGS, EXEC, START].contains(&kind.as_str()) {
            wrong.push(format!("{kind}: was asked too"));
        }
    }
    let begun = 2;
    if count(&calls, EXEC) > begun || count(&calls, START) != count(&calls, EXEC) {
        wrong.push(format!("more than {begun} conversations were begun"));
    }
    // Each conversation that is begun is greeted.
    let trips = calls.probe - count(&calls, EXEC);
    // As root, as the program's own user, and as whom an exec would be where that is asked.
    let users = 2 + u64::from(asked.contains(&Question::ExecUser));
    if trips > users + accounts(&asked) {
        wrong.push(format!("{trips} round trips for {} questions", asked.len()));
    }
    told(&wrong, &calls)
}

/// What the kernel limits and counts is read before anything else, in a round trip of its own, and again
/// for each time that processors are watched.
fn accounts(asked: &[Question]) -> u64 {
    let of = |is: fn(&Question) -> bool| asked.iter().filter(|q| is(q)).count() as u64;
    let any = of(|q| matches!(q, Question::Limits | Question::Usage { .. }));
    let watched = of(|q| {
        matches!(
            q,
            Question::Usage {
                over_millis: Some(_)
            }
        )
    });
    any.min(1) + watched
}

/// Users who are asked whether they may write, each once.
fn writers(asked: &[Question]) -> u64 {
    let users = asked.iter().filter_map(|q| match q {
        Question::MayWrite { user, .. } => Some(user),
        _ => None,
    });
    users.collect::<BTreeSet<_>>().len() as u64
}

/// Whether it is about other containers too, and about what they reach, each of which is asked for itself.
fn of_others(question: &Question) -> bool {
    question.is_of_company() || matches!(question, Question::Reach(_))
}

/// Whether answering it takes more than looking: what is done in turn, and what another user must try.
fn acts(question: &Question) -> bool {
    question.phase() == Phase::Active || matches!(question, Question::MayWrite { .. })
}

/// With commands, requests and connections: what each of them needs, and the same for all the rest.
fn acting() -> Result {
    let (calls, asked) = observed(suite(|questions| !questions.iter().any(of_others))?)?;
    let of = |is: fn(&Question) -> bool| asked.iter().filter(|q| is(q)).count() as u64;
    let reached = of(|q| q.phase() == Phase::Active && !matches!(q, Question::Run(_)));
    let commands = of(|q| matches!(q, Question::Run(_)));
    let users: BTreeSet<Option<String>> = asked
        .iter()
        .filter_map(|q| match q {
            Question::Run(command) => Some(command.user.clone()),
            _ => None,
        })
        .collect();
    let inside = of(|q| match q {
        Question::Http(request) => request.from != "host",
        Question::Tcp(talk) => talk.from != "host" && talk.receive,
        _ => false,
    });
    let checks = of(|q| matches!(q, Question::Health { declared: false }));
    let mut wrong = Vec::new();
    // Where a request goes is looked up for each: what was asked before it may have ended the program.
    if !(1 + reached..=1 + 2 * reached).contains(&count(&calls, INSPECT)) {
        wrong.push(format!("inspects with {reached} requests"));
    }
    if count(&calls, LOGS) != 1 {
        wrong.push("the log is read once".to_owned());
    }
    // Who may write is asked without a program of their own.
    let most = 2 + users.len() as u64 + inside;
    if count(&calls, EXEC) > most {
        wrong.push(format!("more than {most} programs were started"));
    }
    let writers = match writers(&asked) {
        0 => return Err("nobody is asked whether they may write".to_owned()),
        // The account files, and each of them once.
        some => 1 + some,
    };
    // After a request that came to nothing it is asked whether the container lives.
    let requests = 2 * reached;
    let most = count(&calls, EXEC) + 2 + writers + checks + commands + requests + accounts(&asked);
    if calls.probe > most {
        wrong.push(format!("more than {most} round trips"));
    }
    if commands + reached < 5 {
        wrong.push(format!(
            "{commands} commands and {reached} requests prove little"
        ));
    }
    told(&wrong, &calls)
}

fn told(wrong: &[String], calls: &Calls) -> Result {
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(format!("{}\n{calls:#?}", wrong.join("\n"))),
    }
}

/// An engine that keeps layers as folders packs no archive of them.
fn where_layers_lie() -> Result {
    let text = "seaworthy: 1\nimage: { build: { context: ../../fixtures/secrets_hidden } }\ncases:\n  - name: all\n    \
                expect:\n      - no_secrets: { except: [/app/deploy.pem, /app/keys/github, /app/.env] }\n";
    let ran = Job::text("src/claim/layers.yaml", text.to_owned()).run()?;
    let [case] = ran.outcome.cases.as_slice() else {
        return Err(format!("{} cases", ran.outcome.cases.len()));
    };
    if case.verdict != seaworthy::run::outcome::Verdict::Passed {
        return Err(format!("{:#?} {:#?}", case.failures, case.troubles));
    }
    let image = case.images.first().ok_or("no image is told of")?;
    let told = std::process::Command::new("docker")
        .args([
            "image",
            "inspect",
            "--format",
            "{{.GraphDriver.Data}}",
            &image.id,
        ])
        .output()
        .map_err(|error| error.to_string())?;
    let folders = String::from_utf8_lossy(&told.stdout).contains("LowerDir");
    let packed = count(&ran.outcome.calls, "GET /images/{name}/get");
    match packed == u64::from(!folders) {
        true => Ok(()),
        false => Err(format!(
            "layers in folders: {folders}, packed {packed} times"
        )),
    }
}
