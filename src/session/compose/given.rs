//! Files of `content` and of variables, which are written into the containers of a service. Some tools do so when
//! they make one, newer ones not before they start it, and that is not theirs here: so it is done by us. They are in
//! no volume, so that a container that is made again has to get them again.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::{Map, Value as Json, json};

use super::certificates::{FILES, put};
use super::config::{SET, reading, refused};
use super::stack::{Part, Refusal, Stack};
use crate::engine::compose::{Ask, Tool};
use crate::engine::{Fault, FaultKind};
use crate::session::Session;
use crate::session::image::NoImage;

/// The rights of one that says none.
const MODE: u32 = 0o444;

/// Such a file of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Where it stands in the container.
    pub at: String,
    /// How the file calls it, such as "the secret `word`".
    what: String,
    from: Content,
    mode: u32,
    owner: (u64, u64),
}

/// What it is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Content {
    Text(String),
    Variable(String),
}

/// Takes those of a service out of what the tool is told of it.
pub(super) fn take(service: &mut Map<String, Json>, config: &Json) -> Vec<Given> {
    let mut given = Vec::new();
    for (key, folder) in FILES {
        let Some(files) = service.get_mut(key).and_then(Json::as_array_mut) else {
            continue;
        };
        files.retain(|file| match of(file, key, folder, config) {
            Some(one) => {
                given.push(one);
                false
            }
            None => true,
        });
    }
    given
}

fn of(file: &Json, key: &str, folder: &str, config: &Json) -> Option<Given> {
    let (source, at) = put(file, folder)?;
    let made = &config[key][source];
    let from = match (made["content"].as_str(), made["environment"].as_str()) {
        (Some(text), _) => Content::Text(plain(text)),
        (None, Some(name)) => Content::Variable(name.to_owned()),
        (None, None) => return None,
    };
    let number = |key: &str| match &file[key] {
        Json::Number(number) => number.as_u64(),
        Json::String(text) => text.parse().ok(),
        _ => None,
    };
    // Older tools tell the rights as a number, newer ones as the digits that people write.
    let mode = match &file["mode"] {
        Json::Number(number) => number.as_u64().and_then(|mode| u32::try_from(mode).ok()),
        Json::String(digits) => u32::from_str_radix(digits.trim_start_matches("0o"), 8).ok(),
        _ => None,
    };
    Some(Given {
        at: plain(&at),
        what: format!("the {} `{source}`", key.trim_end_matches('s')),
        from,
        mode: mode.unwrap_or(MODE),
        owner: (number("uid").unwrap_or(0), number("gid").unwrap_or(0)),
    })
}

/// The tool writes a dollar sign twice, since it reads the file again.
fn plain(text: &str) -> String {
    text.replace("$$", "$")
}

/// Refuses those of services into which nothing can be written, as the tools do when they start one.
pub(super) fn check(part: &Part) -> Result<(), Refusal> {
    match part.given.first() {
        Some(one) if part.body.get("read_only") == Some(&Json::Bool(true)) => Err(format!(
            "{} cannot be written into the service `{}`, which is `read_only`\n  help: have it made of a `file`, which \
             is mounted",
            one.what, part.name
        )),
        _ => Ok(()),
    }
}

impl Session {
    /// The files of each service that has such, as archives of a container's root.
    pub(super) async fn given(
        &self,
        tool: &Tool,
        stack: &Stack,
        asked: &Ask,
    ) -> Result<BTreeMap<String, Bytes>, NoImage> {
        let all: Vec<&Given> = stack.parts.iter().flat_map(|part| &part.given).collect();
        let values = self.values(tool, &all, asked).await?;
        let mut packed = BTreeMap::new();
        for part in &stack.parts {
            let tar = pack(&part.given, &values).map_err(|error| {
                let doing = "pack the Compose file's secrets and configs";
                Fault::new(FaultKind::Local, doing, error.to_string())
            })?;
            packed.extend(tar.map(|tar| (part.name.clone(), tar)));
        }
        Ok(packed)
    }

    /// What their variables hold: the tool knows all the places that one may come from.
    async fn values(
        &self,
        tool: &Tool,
        all: &[&Given],
        asked: &Ask,
    ) -> Result<BTreeMap<String, String>, NoImage> {
        let names = variables(all);
        if names.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut ask = Ask {
            input: question(&names).to_string(),
            ..reading(asked.clone())
        };
        let project = self.project();
        let words = ["-p", &project, "-f", "-", "config", "--format", "json"];
        ask.words.extend(words.map(str::to_owned));
        let said = tool.run(Some(self.engine.address()), &ask, |_| ()).await?;
        if !said.done {
            return Err(refused("the Compose file", tool, &said));
        }
        let config: Json = serde_json::from_str(&said.output).unwrap_or_default();
        answer(&names, &config["services"]).map_err(NoImage::Suite)
    }
}

/// The variables that files are made of, each with how such a file is called.
fn variables<'a>(all: &[&'a Given]) -> BTreeMap<&'a str, &'a str> {
    let of = |one: &&'a Given| match &one.from {
        Content::Variable(name) => Some((name.as_str(), one.what.as_str())),
        Content::Text(_) => None,
    };
    all.iter().filter_map(of).collect()
}

/// A file in which the tool tells what they hold, and which are set at all.
fn question(names: &BTreeMap<&str, &str>) -> Json {
    let service = |form: fn(&str) -> String| {
        let all: Map<String, Json> = names
            .keys()
            .map(|name| ((*name).to_owned(), json!(form(name))))
            .collect();
        json!({ "image": "none", "environment": all })
    };
    let values = service(|name| format!("${{{name}-}}"));
    let set = service(|name| format!("${{{name}+set}}"));
    json!({ "services": { "values": values, "set": set } })
}

/// What they hold; all have to be set.
fn answer(
    names: &BTreeMap<&str, &str>,
    services: &Json,
) -> Result<BTreeMap<String, String>, Refusal> {
    let told = |service: &str, name: &str| services[service]["environment"][name].as_str();
    let unset: Vec<String> = names
        .iter()
        .filter(|(name, _)| told("set", name) != Some("set"))
        .map(|(name, what)| format!("the variable `{name}`, of which {what} is made, is not set"))
        .collect();
    match unset.is_empty() {
        true => Ok(names
            .keys()
            .map(|name| {
                let value = plain(told("values", name).unwrap_or_default());
                ((*name).to_owned(), value)
            })
            .collect()),
        false => Err(format!("{}\n  help: {SET}", unset.join(", and "))),
    }
}

/// The files of a service; nothing where there are none.
fn pack(given: &[Given], values: &BTreeMap<String, String>) -> std::io::Result<Option<Bytes>> {
    let mut all = tar::Builder::new(Vec::new());
    let mut is_empty = true;
    for one in given {
        let text = match &one.from {
            Content::Text(text) => text,
            Content::Variable(name) => values.get(name).map_or("", String::as_str),
        };
        // As the tools have it, what holds nothing is not there.
        if text.is_empty() {
            continue;
        }
        let mut header = tar::Header::new_gnu();
        header.set_mode(one.mode);
        header.set_uid(one.owner.0);
        header.set_gid(one.owner.1);
        header.set_size(text.len() as u64);
        all.append_data(&mut header, one.at.trim_start_matches('/'), text.as_bytes())?;
        is_empty = false;
    }
    let all = all.into_inner()?;
    Ok((!is_empty).then(|| all.into()))
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::super::refused::Refused;
    use super::super::stack::Wish;
    use super::*;

    fn read(service: &Json) -> Result<Stack, Refused> {
        let config = json!({
            "services": { "web": service },
            "configs": {
                "text": { "content": "a$$b", "name": "p_text" },
                "file": { "file": "/f" },
                "made": { "environment": "MADE" },
                "empty": { "environment": "EMPTY" },
            },
            "secrets": { "word": { "environment": "WORD" }, "key": { "file": "/k" } },
        });
        let wish = Wish {
            app: "web".to_owned(),
            ..Wish::default()
        };
        Stack::read(&config, &wish)
    }

    #[test]
    fn they_are_written_with_their_rights_under_their_whole_path() {
        let stack = read(&json!({
            "image": "a",
            "configs": [
                "text", "file", "empty",
                { "source": "made", "target": "/etc/made", "mode": "0640", "uid": "7", "gid": "8" },
                { "source": "text", "target": "below" },
            ],
            "secrets": ["word", "key", { "source": "word", "target": "other", "mode": 256 }],
        }));
        let stack = stack.unwrap();
        let part = &stack.parts[0];
        assert_eq!(part.body["configs"], json!(["file"]));
        assert_eq!(part.body["secrets"], json!(["key"]));
        let all: Vec<&Given> = part.given.iter().collect();
        let names = variables(&all);
        let asked = question(&names);
        let values = json!({ "EMPTY": "${EMPTY-}", "MADE": "${MADE-}", "WORD": "${WORD-}" });
        assert_eq!(asked["services"]["values"]["environment"], values);
        assert_eq!(
            asked["services"]["set"]["environment"]["WORD"],
            "${WORD+set}"
        );
        let mut told = json!({
            "values": { "environment": { "EMPTY": "", "MADE": "ma$$de", "WORD": "hush" } },
            "set": { "environment": { "EMPTY": "set", "MADE": "set", "WORD": "set" } },
        });
        let values = answer(&names, &told).unwrap();
        told["set"]["environment"]["WORD"] = json!("");
        told["set"]["environment"]["EMPTY"] = json!("");
        let said = answer(&names, &told).unwrap_err();
        let expected = "the variable `EMPTY`, of which the config `empty` is made, is not set, and the variable `WORD`, of \
                        which the secret `word` is made, is not set\n  help: set the variable where you call this";
        assert!(said.starts_with(expected), "{said}");
        let tar = pack(&part.given, &values).unwrap().unwrap();
        let mut archive = tar::Archive::new(&tar[..]);
        let files = archive.entries().unwrap().map(|entry| {
            let mut entry = entry.unwrap();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            let header = entry.header();
            let (uid, gid) = (header.uid().unwrap(), header.gid().unwrap());
            let path = entry.path().unwrap().display().to_string();
            format!("{path} {:o} {uid} {gid} {text}", header.mode().unwrap())
        });
        assert_eq!(
            files.collect::<Vec<_>>(),
            [
                "text 444 0 0 a$b",
                "etc/made 640 7 8 ma$de",
                "below 444 0 0 a$b",
                "run/secrets/word 444 0 0 hush",
                "run/secrets/other 400 0 0 hush",
            ]
        );
        assert_eq!(pack(&[], &BTreeMap::new()).unwrap(), None);
    }

    #[test]
    fn nothing_can_be_written_into_what_is_read_only() {
        let said = read(&json!({ "image": "a", "read_only": true, "secrets": ["word"] }))
            .unwrap_err()
            .said;
        let expected = "the secret `word` cannot be written into the service `web`, which is `read_only`\n  help: ";
        assert!(said.starts_with(expected), "{said}");
        let mounted = json!({ "image": "a", "read_only": true, "secrets": ["key"] });
        assert!(read(&mounted).is_ok());
    }
}
