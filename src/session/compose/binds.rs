//! What a Compose file binds from this machine. The engine makes a folder where nothing is, which belongs to root
//! and stays: a run leaves nothing of the kind.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::certificates::{FILES, put};
use super::stack::{Refusal, Stack};
use super::written::Written;
use crate::engine::sources::stat;
use crate::suite::outside::shown;

/// Something of this machine that a service finds in its containers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bind {
    pub(super) service: String,
    pub(super) source: PathBuf,
    /// Whether its containers may write there.
    pub(super) writes: bool,
    /// The keys under which the file says so.
    pub(super) keys: Vec<String>,
}

/// Refuses what is not there, all at once.
pub(super) fn check(stack: &Stack, written: &Written) -> Result<(), Refusal> {
    let missing = missing(stack, written);
    let missing = missing.iter().map(|one| format!("\n  {one}"));
    let missing: String = missing.collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "the Compose file binds what is not there, and the engine would make a folder in its place that belongs \
             to root{missing}\n  help: put it there, or take it out of the file"
        )),
    }
}

/// What is not there, each with its place.
pub(super) fn missing(stack: &Stack, written: &Written) -> Vec<String> {
    let absent = |bind: &&Bind| matches!(stat(&bind.source, true), Ok(None));
    let binds = binds(stack);
    let absent = binds.iter().filter(absent);
    absent.map(|bind| told(bind, written)).collect()
}

fn told(bind: &Bind, written: &Written) -> String {
    let keys: Vec<&str> = bind.keys.iter().map(String::as_str).collect();
    let (place, source) = (written.place(&keys), shown(&bind.source));
    format!("{place}: `{source}`, of the service `{}`", bind.service)
}

/// All that the services find.
pub(super) fn binds(stack: &Stack) -> Vec<Bind> {
    let mut binds = Vec::new();
    for part in &stack.parts {
        let list = |key: &str| part.body.get(key).and_then(Json::as_array);
        for mount in list("volumes").into_iter().flatten() {
            if let Some((source, target)) = bound(mount) {
                let keys = [
                    "services",
                    &part.name,
                    "volumes",
                    target.trim_end_matches('/'),
                ];
                binds.push(Bind {
                    service: part.name.clone(),
                    source: plain(source),
                    writes: !is_read_only(mount),
                    keys: keys.map(str::to_owned).to_vec(),
                });
            }
        }
        for (key, folder) in FILES {
            let used = list(key).into_iter().flatten();
            for (name, _) in used.filter_map(|one| put(one, folder)) {
                let all = stack.rest.get(key).unwrap_or(&Json::Null);
                if let Some(source) = all[name]["file"].as_str() {
                    binds.push(Bind {
                        service: part.name.clone(),
                        source: plain(source),
                        writes: false,
                        keys: [key, name, "file"].map(str::to_owned).to_vec(),
                    });
                }
            }
        }
    }
    binds
}

/// What is bound where, if that is what a mount is.
fn bound(mount: &Json) -> Option<(&str, &str)> {
    match mount {
        Json::String(text) => {
            let mut parts = text.split(':');
            let source = parts.next().filter(|source| source.starts_with('/'))?;
            Some((source, parts.next()?))
        }
        mount if mount["type"] == "bind" => {
            Some((mount["source"].as_str()?, mount["target"].as_str()?))
        }
        _ => None,
    }
}

/// Whether it is said that nobody writes there.
fn is_read_only(mount: &Json) -> bool {
    match mount {
        Json::String(text) => {
            let options = text.split(':').nth(2).unwrap_or_default();
            options.split(',').any(|option| option == "ro")
        }
        mount => mount["read_only"] == true,
    }
}

/// The tool writes a dollar sign twice, since it reads the file again.
pub(super) fn plain(source: &str) -> PathBuf {
    Path::new(&source.replace("$$", "$")).to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::stack::Wish;
    use super::*;

    #[test]
    fn everything_of_this_machine_is_known_with_its_place() {
        let config = json!({
            "services": { "web": {
                "image": "a",
                "volumes": [
                    "/a$$b:/x/:ro", "data:/data", "/anonymous",
                    { "type": "bind", "source": "/long", "target": "/y" },
                    { "type": "volume", "source": "data", "target": "/z" },
                ],
                "secrets": ["key", { "source": "word" }],
                "configs": [{ "source": "settings", "target": "/etc/settings" }],
            } },
            "secrets": { "key": { "file": "/key" }, "word": { "environment": "WORD" }, "unused": { "file": "/u" } },
            "configs": { "settings": { "file": "/settings" } },
        });
        let wish = Wish {
            app: "web".to_owned(),
            ..Wish::default()
        };
        let stack = Stack::read(&config, &wish).unwrap();
        let binds = binds(&stack);
        let all: Vec<String> = binds
            .iter()
            .map(|bind| format!("{} {}", bind.source.display(), bind.keys.join(".")))
            .collect();
        assert_eq!(
            all,
            [
                "/a$b services.web.volumes./x",
                "/long services.web.volumes./y",
                "/settings configs.settings.file",
                "/key secrets.key.file",
            ]
        );
        let mut written = Written::default();
        written.add("c.yaml", "services:\n  web:\n    volumes: [$DIR:/x/]\n");
        let expected = "c.yaml:3: `/a$b`, of the service `web`";
        assert_eq!(told(&binds[0], &written), expected);
    }
}
