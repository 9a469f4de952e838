//! Runs to make pages of.

use std::path::PathBuf;

use seaworthy::report::html;
use seaworthy::run::outcome::Outcome;
use serde_json::{Value as Json, json};

use super::browser::Result;

fn place(line: usize, text: &str) -> Json {
    json!({ "file": "suites/gateway.yaml", "line": line, "column": 9, "width": 8, "text": text })
}

fn case(suite: &str, name: &str, verdict: &str) -> Json {
    json!({
        "suite": suite, "suite_file": format!("suites/{suite}.yaml"), "name": name,
        "place": place(12, "  - name: it"), "verifies": [], "tags": [], "verdict": verdict,
        "skip": null, "failures": [], "troubles": [], "claims": [], "evidence": [],
        "took": { "secs": 1, "nanos": 230_000_000 }, "image": "gateway:dev (sha256:0f3a5c0d1e2f)", "kept": [],
    })
}

fn failure(claim: &str, line: usize, text: &str, expected: &str, actual: &str) -> Json {
    json!({
        "place": place(line, text), "claim": claim, "what": "", "service": null,
        "expected": expected, "actual": actual, "diff": null, "notes": [], "waited": null,
    })
}

fn claim(name: &str, line: usize, seen: &[&str]) -> Json {
    json!({ "claim": name, "place": place(line, ""), "verdict": "passed", "seen": seen, "note": null })
}

fn requirement(id: &str, says: &str) -> Json {
    json!({
        "file": "suites/requirements.yaml", "id": id, "says": says,
        "suites": ["gateway"], "suite_files": ["suites/gateway.yaml"],
    })
}

fn stretch(what: &str, begin: u64, end: u64) -> Json {
    json!({ "what": what, "begin": begin, "end": end })
}

fn course() -> Json {
    let name = |name: &str| json!({ "suite_file": "suites/gateway.yaml", "suite": "gateway", "name": name });
    let samples: Vec<Json> = (0..40_u64)
        .map(|at| {
            let memory = 20_000_000 + (at * 7919 % 31) * 900_000 + at * 400_000;
            json!({ "at": 2_400 + at * 200, "memory": memory, "worked": at * 90 + at * at })
        })
        .collect();
    json!({
        "run": "1f",
        "stretches": [stretch("finds the engine", 0, 30), stretch("removes what is left", 11_900, 12_400)],
        "images": [
            { "name": "fixtures/gateway", "stretches": [stretch("builds: built", 40, 2_100)] },
            { "name": "postgres:15", "stretches": [stretch("looks up: found", 40, 60)] },
        ],
        "groups": [
            {
                "parts": [{
                    "cases": [name("serves TLS as an unprivileged user"), name("is small")],
                    "stretches": [
                        stretch("prepares its image", 40, 2_100), stretch("starts", 2_100, 2_300),
                        stretch("waits until it is ready", 2_300, 5_200), stretch("observes", 5_200, 5_900),
                        stretch("gathers evidence", 5_900, 5_960), stretch("removes", 5_960, 6_300),
                    ],
                }],
                "containers": [
                    { "name": "app", "samples": samples, "stretches": [
                        stretch("creates", 3_900, 3_990), stretch("starts", 3_990, 4_250),
                        stretch("waits until ready", 4_250, 5_200), stretch("removes", 5_960, 6_200),
                    ] },
                    { "name": "db", "samples": [], "stretches": [
                        stretch("creates", 2_300, 2_350), stretch("starts", 2_350, 2_600),
                        stretch("waits until ready", 2_600, 3_900), stretch("removes", 5_960, 6_300),
                    ] },
                ],
            },
            {
                "parts": [{
                    "cases": [name("survives a crash")],
                    "stretches": [
                        stretch("prepares its image", 40, 2_100), stretch("starts", 2_100, 2_200),
                        stretch("waits until it is ready", 2_200, 4_000), stretch("step 1, crash", 4_000, 4_800),
                        stretch("step 2, expect", 4_800, 11_500), stretch("removes", 11_500, 11_900),
                    ],
                }],
                "containers": [
                    { "name": "app", "samples": [], "stretches": [
                        stretch("creates", 2_200, 2_260), stretch("starts", 2_260, 2_500),
                        stretch("waits until ready", 2_500, 4_000), stretch("crash", 4_000, 4_800),
                        stretch("removes", 11_500, 11_900),
                    ] },
                ],
            },
        ],
    })
}

fn image() -> Json {
    let step = |by: &str, size: u64| json!({ "by": by, "size": size });
    json!({
        "name": "fixtures/gateway", "id": "sha256:0f3a5c0d1e2f3a5c0d1e", "size": 186_400_000,
        "steps": [
            step("/bin/sh -c #(nop) ADD file:9a4f77dfaba7fd2aa78186e4ef0e7486ad55101cefc1fabbc1b385601bb38920 in / ", 74_400_000),
            step("/bin/sh -c #(nop)  CMD [\"bash\"]", 0),
            step("/bin/sh -c apt-get update && apt-get install -y --no-install-recommends ca-certificates openssl python3", 98_000_000),
            step("/bin/sh -c #(nop) COPY dir:1b385601bb38920 in /app ", 14_000_000),
        ],
    })
}

fn outcome(cases: &[Json]) -> Outcome {
    serde_json::from_value(json!({
        "run": "1f", "cases": cases, "troubles": [], "interrupted": false, "took": { "secs": 12, "nanos": 400_000_000 },
        "requirements": [
            requirement("G1", "The image is below 200 MB."),
            requirement("G3", "It runs as caracal, not root."),
            requirement("G7", "It survives a crash."),
            requirement("G9", "It speaks TLS 1.3 only."),
        ],
        "texts": [{ "file": "suites/gateway.yaml", "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" }],
        "engine": "docker 20.10.24 (linux/amd64, overlay2, cgroup v1)",
        "courses": [course()], "images": [image()],
    }))
    .unwrap()
}

/// A run in which much went wrong.
pub(crate) fn failing() -> Outcome {
    let mut tls = case("gateway", "serves TLS as an unprivileged user", "failed");
    tls["verifies"] = json!(["G3", "G9"]);
    tls["tags"] = json!(["slow"]);
    let mut user = failure(
        "whoami",
        31,
        "      - whoami: caracal",
        "caracal",
        "root (0)",
    );
    user["notes"] = json!(["the image's `USER` is empty: it runs as root"]);
    let line = "      - http: { url: \"https://app:8443/health\", tls: { ca: ca, version: \"1.3\" }, status: 200, json: { \"$.status\": ok } }";
    let mut http = failure(
        "http",
        33,
        line,
        "{\n  \"status\": \"ok\",\n  \"workers\": 4\n}",
        "{\n  \"status\": \"starting\",\n  \"workers\": 4\n}",
    );
    http["what"] = json!("http $.status");
    http["service"] = json!("web/2");
    http["diff"] =
        json!(" {\n-  \"status\": \"ok\",\n+  \"status\": \"starting\",\n   \"workers\": 4\n }");
    http["waited"] = json!({ "secs": 10, "nanos": 0 });
    tls["failures"] = json!([user, http]);
    tls["claims"] = json!([
        claim("health", 30, &["healthy"]),
        claim("ports", 32, &["8443/tcp", "9090/tcp"])
    ]);
    let words = [
        "listening on",
        "accepted",
        "<script>alert('needle in a log')</script>",
        "::error::nothing",
    ];
    let log: Vec<String> = (0..30)
        .map(|at| {
            format!(
                "2026-11-22T05:00:{at:02}Z {} worker={}",
                words[at % 4],
                "w".repeat(at)
            )
        })
        .collect();
    tls["evidence"] = json!([{ "title": "app's last lines", "lines": log }]);
    tls["kept"] = json!([
        "docker logs seaworthy-1f-0-app",
        "docker rm -fv seaworthy-1f-0-app"
    ]);
    let mut db = case("gateway", "survives an outage of its database", "errored");
    db["troubles"] = json!([{
        "place": place(48, "      - stop: {}"),
        "message": "the service `db` did not get ready: expected healthy within 60s, found unhealthy after 60s\n  help: look at its log",
    }]);
    let mut small = case("gateway", "is small", "passed");
    small["verifies"] = json!(["G1"]);
    small["claims"] = json!([claim("image", 14, &["186.4 MB", "caracal"])]);
    let mut crash = case("gateway", "survives a crash", "passed");
    crash["verifies"] = json!(["G7"]);
    crash["tags"] = json!(["slow", "restarts"]);
    let mut quota = case("gateway", "survives a full disk", "skipped");
    quota["skip"] = json!("needs a quota, see the note in the runbook");
    let other = case(
        "console",
        "answers with a page whose name is long enough to be broken into two lines on a phone",
        "passed",
    );
    let mut outcome = outcome(&[small, tls, db, crash, quota, other]);
    outcome.troubles = serde_json::from_value(json!([{
        "place": null,
        "message": "container seaworthy-1f-3-app is left; remove it with `docker rm -fv seaworthy-1f-3-app`",
    }]))
    .unwrap();
    outcome
}

/// A run of thousands of cases, all of which passed.
pub(crate) fn passing(number: usize) -> Outcome {
    let one = |at: usize| {
        let suite = ["gateway", "console", "worker"][at % 3];
        let mut case = case(suite, &format!("case {at} of the {suite}"), "passed");
        case["claims"] = json!([
            claim("whoami", 12, &["caracal"]),
            claim("path", 13, &["/app", "0755"])
        ]);
        let id = ["G1", "G3", "G7", "G9"][at % 4];
        case["verifies"] = json!([id]);
        case
    };
    outcome(&(0..number).map(one).collect::<Vec<_>>())
}

/// The page of a run, as a file.
pub(crate) fn page(outcome: &Outcome) -> Result<(tempfile::TempDir, PathBuf)> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let path = folder.path().join("report.html");
    std::fs::write(&path, html::of(outcome, Some(1_700_000_000))).map_err(|e| e.to_string())?;
    Ok((folder, path))
}
