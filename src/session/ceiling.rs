//! Ceilings of every container that does not say otherwise, so that none takes the machine with it. No program of
//! sense comes near them, and no claim sees them: what a container is not limited to by its suite, its image or its
//! Compose file is not limited. Pure.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use crate::suite::grant::PROCESSES;

/// The label of containers whose limit of processes is ours.
pub const LABEL: &str = "io.seaworthy.ceiling";
/// What it says.
const OF_PROCESSES: &str = "pids";
/// How much sooner than others its programs are ended by a kernel that has no memory left, of 1000.
const SOONER: i64 = 500;
/// How large a file of its log grows, and how many the engine keeps. Where the first is gone the second alone holds
/// more than is ever read of a log, even if each byte takes six in the file: what is missing is told as missing.
const LOG: [(&str, &str); 2] = [("max-size", "64m"), ("max-file", "2")];
/// What that is in bytes.
const MOST: u64 = 2 * (64 << 20);
/// The drivers of logs that take these.
const DRIVERS: [&str; 2] = ["json-file", "local"];

/// Puts them into what an engine is asked to make.
pub fn of_container(body: &mut Json) {
    let Some(host) = body.get_mut("HostConfig").and_then(Json::as_object_mut) else {
        return;
    };
    host.entry("OomScoreAdj").or_insert_with(|| json!(SOONER));
    let log: Map<String, Json> = LOG
        .iter()
        .map(|(k, v)| ((*k).to_owned(), json!(v)))
        .collect();
    host.entry("LogConfig")
        .or_insert_with(|| json!({ "Type": DRIVERS[0], "Config": log }));
    if !host.contains_key("PidsLimit") {
        host.insert("PidsLimit".to_owned(), json!(PROCESSES));
        body["Labels"][LABEL] = json!(OF_PROCESSES);
    }
}

/// Puts them into a service of a Compose file; what is to be known of it goes to its labels.
pub fn of_service(
    service: &mut Map<String, Json>,
    labels: &mut BTreeMap<String, String>,
    is_first: bool,
) {
    let null = Json::Null;
    service
        .entry("oom_score_adj")
        .or_insert_with(|| json!(SOONER));
    let deploy = service.get("deploy").unwrap_or(&null);
    // The first tool reads the other key alone.
    let is_limited = !is_first && !deploy["resources"]["limits"]["pids"].is_null();
    if !is_limited && !service.contains_key("pids_limit") {
        service.insert("pids_limit".to_owned(), json!(PROCESSES));
        labels.insert(LABEL.to_owned(), OF_PROCESSES.to_owned());
        // Newer tools want both to be the same, the first knows one only.
        let deploy = service.get_mut("deploy").filter(|_| !is_first);
        let limits = deploy.and_then(|deploy| deploy.pointer_mut("/resources/limits"));
        if let Some(limits) = limits.and_then(Json::as_object_mut) {
            limits.insert("pids".to_owned(), json!(PROCESSES));
        }
    }
    let logging = service.entry("logging").or_insert_with(|| json!({}));
    let driver = logging["driver"].as_str().unwrap_or_default();
    if !(driver.is_empty() || DRIVERS.contains(&driver)) || fits(driver, &logging["options"]) {
        return;
    }
    if driver.is_empty() {
        logging["driver"] = json!(DRIVERS[0]);
    }
    if !logging["options"].is_object() {
        logging["options"] = json!({});
    }
    for (option, value) in LOG {
        logging["options"][option] = json!(value);
    }
}

/// Whether a log is bounded, and by no more than ours.
fn fits(driver: &str, options: &Json) -> bool {
    let text = |key: &str| match &options[key] {
        Json::String(text) => Some(text.trim().to_ascii_lowercase()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let Some(size) = text("max-size").as_deref().and_then(bytes) else {
        return false;
    };
    let files = text("max-file").map_or(Some(if driver == "local" { 5 } else { 1 }), |files| {
        files.parse::<u64>().ok()
    });
    files
        .and_then(|files| size.checked_mul(files.max(1)))
        .is_some_and(|all| all <= MOST)
}

/// A size as engines read it, in whole numbers.
fn bytes(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = text.get(digits.len()..)?.trim_start();
    let shift = match unit.trim_end_matches('b').trim_end_matches('i') {
        "" => 0,
        "k" => 10,
        "m" => 20,
        "g" => 30,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(1 << shift)
}

/// Whether the limit of processes that a container was made with is ours.
pub fn is_ours(body: &Json) -> bool {
    body["Labels"][LABEL] == OF_PROCESSES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_has_them_unless_it_says_so_itself() {
        let mut body = json!({ "Labels": { "a": "b" }, "HostConfig": {} });
        of_container(&mut body);
        let host = &body["HostConfig"];
        assert_eq!(host["PidsLimit"], PROCESSES);
        assert_eq!(host["OomScoreAdj"], SOONER);
        assert_eq!(host["LogConfig"]["Config"]["max-size"], "64m");
        assert!(is_ours(&body));
        let own = json!({ "PidsLimit": 20, "OomScoreAdj": 0 });
        let mut body = json!({ "Labels": {}, "HostConfig": own });
        of_container(&mut body);
        let host = &body["HostConfig"];
        assert_eq!([&host["PidsLimit"], &host["OomScoreAdj"]], [20, 0]);
        assert!(!is_ours(&body));
    }

    #[test]
    fn a_service_has_them_unless_it_says_so_itself() {
        let made = |mut service: Json| {
            let mut labels = BTreeMap::new();
            of_service(service.as_object_mut().unwrap(), &mut labels, false);
            (service, labels.contains_key(LABEL))
        };
        let options = json!({ "max-size": "64m", "max-file": "2" });
        let limited = json!({ "deploy": { "resources": { "limits": { "cpus": 1 } } } });
        let (service, ours) = made(limited);
        let limits = &service["deploy"]["resources"]["limits"];
        assert!(ours && limits["pids"] == service["pids_limit"], "{service}");
        let (service, ours) = made(json!({}));
        assert!(ours);
        assert_eq!(service["pids_limit"], PROCESSES);
        assert_eq!(service["oom_score_adj"], SOONER);
        assert_eq!(
            service["logging"],
            json!({ "driver": "json-file", "options": options })
        );
        for own in [
            json!({ "pids_limit": 9 }),
            json!({ "deploy": { "resources": { "limits": { "pids": 9 } } } }),
        ] {
            let (service, ours) = made(own.clone());
            assert!(!ours, "{own}");
            assert_eq!(service.get("pids_limit"), own.get("pids_limit"), "{own}");
        }
        let (service, _) =
            made(json!({ "logging": { "driver": "local", "options": { "compress": "false" } } }));
        assert_eq!(service["logging"]["driver"], "local");
        assert_eq!(service["logging"]["options"]["max-size"], "64m");
        for own in [
            json!({ "driver": "journald" }),
            json!({ "driver": "none" }),
            json!({ "options": { "max-size": "1m" } }),
            json!({ "options": { "max-size": "10m", "max-file": "5" } }),
            json!({ "driver": "local", "options": { "max-size": "128mb", "max-file": 1 } }),
        ] {
            assert_eq!(made(json!({ "logging": own.clone() })).0["logging"], own);
        }
        // What is larger is as large as ours.
        for own in [
            json!({ "max-size": "1t" }),
            json!({ "max-size": "-1" }),
            json!({ "max-size": "65m", "max-file": "2" }),
            json!({ "max-size": "64m", "max-file": "x" }),
            json!({ "max-size": "18446744073709551615k" }),
            json!({ "max-size": "1m", "max-file": "1000000" }),
        ] {
            let (service, _) = made(json!({ "logging": { "options": own } }));
            assert_eq!(service["logging"]["options"], options, "{own}");
        }
    }

    #[test]
    fn a_key_that_the_first_tool_does_not_read_is_no_limit() {
        let limited = json!({ "deploy": { "resources": { "limits": { "pids": 9 } } } });
        let mut labels = BTreeMap::new();
        let mut service = limited.as_object().unwrap().clone();
        of_service(&mut service, &mut labels, true);
        assert_eq!(service["pids_limit"], PROCESSES);
        assert!(labels.contains_key(LABEL));
    }
}
