//! Containers that the first tool can make only after others. It finds out whose network, processes or memory a
//! container shares by looking for one that runs, and here none does: it would leave the word out without a
//! sign that we see. So it makes those first, and is then told which containers they are. Pure.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::stack::{Part, Refusal, Stack};

/// Keys by which a service shares what is another's.
const SHARING: [&str; 3] = ["network_mode", "ipc", "pid"];

/// The names of the services, first of those who share nothing, then of those who share something with them,
/// and so on.
pub(super) fn waves(parts: &[Part]) -> Vec<Vec<String>> {
    let mut at: BTreeMap<&str, usize> = BTreeMap::new();
    // As none waits for itself, so many rounds are enough.
    for _ in parts {
        for part in parts {
            let behind = part.before.iter().map(|(other, _)| {
                let other_at = at.get(other.as_str()).copied().unwrap_or(0);
                other_at + usize::from(shares(part, other))
            });
            let behind = behind.max().unwrap_or(0);
            at.insert(&part.name, behind);
        }
    }
    let last = at.values().max().copied().unwrap_or(0);
    let mut waves = vec![Vec::new(); last + 1];
    for (name, at) in at {
        if let Some(wave) = waves.get_mut(at) {
            wave.push(name.to_owned());
        }
    }
    waves
}

/// The file with these services alone, who share what is another's with the containers of these ids.
pub(super) fn file(whole: &Json, names: &[String], made: &BTreeMap<String, String>) -> Json {
    let mut file = whole.clone();
    if let Some(services) = file.get_mut("services").and_then(Json::as_object_mut) {
        services.retain(|name, _| names.contains(name));
        for service in services.values_mut() {
            for key in SHARING {
                let Some(written) = service.get_mut(key) else {
                    continue;
                };
                if let Some(id) = whose(written).and_then(|other| made.get(other)) {
                    *written = json!(format!("container:{id}"));
                }
            }
        }
    }
    file
}

/// Refuses links that the first tool cannot make. On a network of the file they are made by us; on the engine's
/// own they are the tool's to make, and it leaves those out that lead to what does not run yet.
pub(super) fn unlinked(stack: &Stack, tool: &str) -> Result<(), Refusal> {
    let lost = stack.parts.iter().find(|part| {
        let mode = part.body.get("network_mode").and_then(Json::as_str);
        let links = part.body.get("links").and_then(Json::as_array);
        matches!(mode, Some("bridge" | "default")) && links.is_some_and(|links| !links.is_empty())
    });
    match lost {
        None => Ok(()),
        Some(part) => Err(format!(
            "`links` of the service `{}` are lost: it is on the engine's own network (`network_mode: bridge`), where \
             `{tool}` links to containers that run already, and none does when it makes these\n  help: leave \
             `network_mode` out, so that both are on a network of the file, or use `docker compose`",
            part.name
        )),
    }
}

fn shares(part: &Part, other: &str) -> bool {
    let mut all = SHARING.iter().filter_map(|key| part.body.get(*key));
    all.any(|written| whose(written) == Some(other))
}

/// The service whose it is.
fn whose(written: &Json) -> Option<&str> {
    written.as_str()?.strip_prefix("service:")
}

#[cfg(test)]
mod tests {
    use super::super::file::Added;
    use super::super::stack::Wish;
    use super::*;

    fn stack(services: &Json) -> Stack {
        let wish = Wish {
            app: "web".to_owned(),
            ..Wish::default()
        };
        Stack::read(&json!({ "services": services }), &wish).unwrap()
    }

    #[test]
    fn who_shares_something_comes_after_whose_it_is() {
        let stack = stack(&json!({
            "web": { "image": "a", "depends_on": ["files"] },
            "a-side": { "image": "a", "network_mode": "service:web" },
            "a-third": { "image": "a", "pid": "service:a-side", "ipc": "service:web" },
            "files": { "image": "a", "ipc": "host" },
            "last": { "image": "a", "volumes_from": ["a-third"] },
        }));
        let waves = waves(&stack.parts);
        assert_eq!(
            waves,
            [
                vec!["files", "web"],
                vec!["a-side"],
                vec!["a-third", "last"]
            ]
        );
        let whole = stack.file(&Added::default());
        let made = [("web", "1"), ("a-side", "2")].map(|(n, id)| (n.to_owned(), id.to_owned()));
        let names = ["web", "a-side", "a-third"].map(str::to_owned);
        let file = file(&whole, &names, &made.into());
        let services = file["services"].as_object().unwrap();
        assert_eq!(services.len(), 3);
        assert_eq!(services["a-side"]["network_mode"], "container:1");
        assert_eq!(services["a-third"]["pid"], "container:2");
        assert_eq!(services["a-third"]["ipc"], "container:1");
        assert!(services["web"].get("ipc").is_none());
        assert_eq!(file["volumes"], whole["volumes"]);
    }

    #[test]
    fn all_are_made_at_once_where_nothing_is_shared() {
        let stack = stack(&json!({
            "web": { "image": "a", "depends_on": ["db"], "links": ["db"] },
            "db": { "image": "a", "network_mode": "host" },
        }));
        assert_eq!(waves(&stack.parts), [["db", "web"]]);
    }

    #[test]
    fn links_on_the_engines_own_network_are_refused() {
        let linked = |mode: &str| {
            let stack = stack(&json!({
                "web": { "image": "a", "network_mode": mode, "links": ["db:d"] },
                "db": { "image": "a", "network_mode": mode },
            }));
            unlinked(&stack, "docker-compose")
        };
        let said = linked("bridge").unwrap_err();
        assert!(
            said.starts_with(
                "`links` of the service `web` are lost: it is on the engine's own network"
            ),
            "{said}"
        );
        assert_eq!(linked("host"), Ok(()));
    }
}
