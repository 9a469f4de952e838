//! What took place when in a run, as its reports tell it.

use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;

use super::{command, containers, ended, folder, ran, send, soon};

fn report(folder: &Path) -> Json {
    let text = std::fs::read_to_string(folder.join("out/report.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// What was done, in the order in which it began.
fn told(stretches: &Json) -> Vec<&str> {
    let stretches = stretches.as_array().unwrap();
    stretches
        .iter()
        .map(|one| one["what"].as_str().unwrap())
        .collect()
}

/// That each ends after it began and before the run did.
fn checked(outcome: &Json) {
    let whole = outcome["took"]["secs"].as_u64().unwrap() * 1000 + 1000;
    let mut all = vec![&outcome["courses"][0]];
    let mut count = 0;
    while let Some(value) = all.pop() {
        if let Some(begin) = value["begin"].as_u64() {
            let end = value["end"].as_u64().unwrap();
            assert!(begin < end && end <= whole, "{value}");
            count += 1;
        }
        let inner = value
            .as_object()
            .map(|map| map.values().collect::<Vec<_>>());
        all.extend(inner.unwrap_or_default());
        all.extend(value.as_array().into_iter().flatten());
    }
    assert!(count > 4, "{outcome}");
}

#[test]
fn a_report_tells_what_was_done_when_and_what_containers_used() {
    let folder = folder();
    let suite = folder.path().join("suites/patient.yaml");
    let text = std::fs::read_to_string(&suite).unwrap();
    let steps = "  - name: comes back\n    tags: [steps]\n    steps: [ restart, { expect: [ { state: running } ] } ]\n";
    std::fs::write(&suite, text + steps).unwrap();
    let arguments = ["run", "--tags", "steps", "--timings", "--report", "out"];
    let (code, text) = ran(folder.path(), &arguments);
    assert_eq!(code, Some(0), "{text}");
    for line in [
        "\ntimings: ",
        "\nphases, of all",
        "\ncontainers\n",
        " app of patient::comes back",
    ] {
        assert!(text.contains(line), "{line:?} {text}");
    }
    let report = report(folder.path());
    let outcome = &report["outcome"];
    checked(outcome);
    let course = &outcome["courses"][0];
    assert_eq!(course["run"], report["run"]);
    let image = course["images"][0]["stretches"][0]["what"]
        .as_str()
        .unwrap();
    assert!(image.starts_with("builds: "), "{image}");
    let group = &course["groups"][0];
    assert_eq!(group["parts"][0]["cases"][0]["name"], "comes back");
    let of_cases = told(&group["parts"][0]["stretches"]);
    let steps = ["step 1, restart", "step 2, expect", "removes"];
    assert!(
        steps.iter().all(|step| of_cases.contains(step)),
        "{of_cases:?}"
    );
    let container = &group["containers"][0];
    let done = told(&container["stretches"]);
    for what in ["creates", "starts", "restart", "removes"] {
        assert!(done.contains(&what), "{what}: {done:?}");
    }
    // A container that runs for a second is looked at; its program takes some memory.
    let samples = container["samples"].as_array().unwrap();
    assert!(
        samples
            .iter()
            .any(|one| one["memory"].as_u64() > Some(10_000)),
        "{container}"
    );
    assert!(
        samples.iter().all(|one| one["worked"].is_u64()),
        "{container}"
    );
    let image = &outcome["images"][0];
    let steps = image["steps"].as_array().unwrap();
    let added: u64 = steps.iter().filter_map(|step| step["size"].as_u64()).sum();
    assert_eq!(Some(added), image["size"].as_u64(), "{image}");
    let page = std::fs::read_to_string(folder.path().join("out/report.html")).unwrap();
    for part in [
        "<title>Passed: patient</title>",
        "id=\"timeline\"",
        "id=\"usage\"",
        "id=\"images\"",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn what_a_run_was_at_when_it_was_interrupted_has_an_end() {
    let folder = folder();
    let run = command(
        folder.path(),
        &["run", "--filter", "waits", "--report", "out"],
    )
    .spawn()
    .unwrap();
    let id = run.id();
    let waits = || {
        let mine = containers(id);
        mine.first().is_some_and(|line| {
            let name = line.split(' ').next().unwrap();
            let shown = Command::new("docker")
                .args(["inspect", name])
                .output()
                .unwrap();
            let shown = String::from_utf8(shown.stdout).unwrap();
            shown.contains("\"Running\": true")
        })
    };
    soon("its container runs", waits);
    send("-INT", &run);
    let (code, text) = ended(run.wait_with_output().unwrap());
    assert_eq!(code, Some(130), "{text}");
    let report = report(folder.path());
    checked(&report["outcome"]);
    let group = &report["outcome"]["courses"][0]["groups"][0];
    let done = told(&group["parts"][0]["stretches"]);
    assert_eq!(done.last(), Some(&"waits until it is ready"), "{done:?}");
    let page = std::fs::read_to_string(folder.path().join("out/report.html")).unwrap();
    assert!(page.contains("<title>Interrupted: "), "{}", page.len());
    assert!(page.contains("interrupted: 1 case was not judged"));
}
