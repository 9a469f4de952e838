//! Where the services of a Compose file find the suite's certificates. Pure.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::refused::{Named, Refused};
use super::stack::Part;

/// How the volumes that hold them begin in the file.
const VOLUME: &str = "seaworthy_certificates_";

/// The folder of a service that holds them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Where it is, as a Compose file writes it.
    at: String,
    /// Whether the service may not write there.
    read_only: bool,
}

/// The volume of a service, as the file calls it: its files belong to the user who reads them.
pub fn volume(service: &str) -> String {
    format!("{VOLUME}{service}")
}

/// Whether a volume of the file is one of these.
pub fn is_volume(name: &str) -> bool {
    name.starts_with(VOLUME)
}

/// Gives services their folders.
pub(super) fn place(parts: &mut [Part], folders: &BTreeMap<String, String>) -> Result<(), Refused> {
    for (service, at) in folders {
        match parts.iter_mut().find(|part| part.name == *service) {
            Some(part) => give(part, at),
            None => {
                return Err(Named::Certificates(service.clone()).refused(format!(
                    "`certificates` names the service `{service}`, which is not started\n  help: name it under `services`, or switch its profile on"
                )));
            }
        }
    }
    Ok(())
}

/// Gives a service its folder, in place of what the file mounts there or below.
fn give(part: &mut Part, at: &str) {
    // The tool writes a dollar sign twice, since it reads the file again.
    let at = at.replace('$', "$$");
    let there = |target: &str| {
        let below = target.strip_prefix(&at);
        below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let mut read_only = true;
    if let Some(mounts) = part.body.get_mut("volumes").and_then(Json::as_array_mut) {
        mounts.retain(|mount| {
            let (target, closed) = target(mount);
            let target = plain(target);
            if target == at {
                read_only = closed;
            }
            !there(&target)
        });
    }
    let of_memory = |mount: &str| there(&plain(mount.split(':').next().unwrap_or_default()));
    if part
        .body
        .get("tmpfs")
        .and_then(Json::as_str)
        .is_some_and(of_memory)
    {
        part.body.remove("tmpfs");
    }
    if let Some(mounts) = part.body.get_mut("tmpfs").and_then(Json::as_array_mut) {
        mounts.retain(|mount| !mount.as_str().is_some_and(of_memory));
    }
    for (key, folder) in FILES {
        if let Some(files) = part.body.get_mut(key).and_then(Json::as_array_mut) {
            files.retain(|file| !put(file, folder).is_some_and(|(_, at)| there(&plain(&at))));
        }
    }
    part.given.retain(|file| !there(&plain(&file.at)));
    part.certificates = Some(Folder { at, read_only });
}

/// What a service has files from, and the folder in which they are where it does not say.
pub(super) const FILES: [(&str, &str); 2] = [("configs", "/"), ("secrets", "/run/secrets/")];

/// What such a file of a service is made from, and where it stands.
pub(super) fn put<'a>(file: &'a Json, folder: &str) -> Option<(&'a str, String)> {
    let source = file.as_str().or_else(|| file["source"].as_str())?;
    let target = file.get("target").and_then(Json::as_str).unwrap_or(source);
    let at = match target.starts_with('/') {
        true => target.to_owned(),
        false => format!("{folder}{target}"),
    };
    Some((source, at))
}

/// A path without `.` and doubled slashes.
fn plain(path: &str) -> String {
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
    parts.map(|part| format!("/{part}")).collect()
}

/// Where a mount stands in the container, and whether the container may not write to it.
fn target(mount: &Json) -> (&str, bool) {
    let Some(text) = mount.as_str() else {
        let target = mount["target"].as_str().unwrap_or_default();
        return (target, mount["read_only"] == Json::Bool(true));
    };
    let parts: Vec<&str> = text.split(':').collect();
    match parts.as_slice() {
        [target] | [_, target] => (target, false),
        [_, target, options, ..] => (target, options.split(',').any(|option| option == "ro")),
        [] => ("", false),
    }
}

/// Writes the folder into what is brought up.
pub(super) fn add(part: &Part, mounts: &mut Vec<Json>, volumes: &mut Map<String, Json>) {
    let Some(folder) = &part.certificates else {
        return;
    };
    let name = volume(&part.name);
    mounts.push(json!({
        "type": "volume",
        "source": name,
        "target": folder.at,
        "read_only": folder.read_only,
        "volume": { "nocopy": true },
    }));
    volumes.insert(name, json!({}));
}

#[cfg(test)]
mod tests {
    use super::super::file::Added;
    use super::super::stack::{Stack, Wish};
    use super::*;

    /// The file that is brought up where `web` finds its certificates at a place.
    fn file(mounts: &Json, at: &str) -> Json {
        let config = json!({
            "services": { "web": { "image": "a", "volumes": mounts }, "db": { "image": "a" } },
            "volumes": { "data": {}, "old": {} },
        });
        let wish = Wish {
            app: "web".to_owned(),
            certificates: [("web".to_owned(), at.to_owned())].into(),
            ..Wish::default()
        };
        let added = Added {
            labels: [("run".to_owned(), "r".to_owned())].into(),
            ..Added::default()
        };
        Stack::read(&config, &wish).unwrap().file(&added)
    }

    /// Where the mounts of `web` stand, but for the probe's.
    fn targets(file: &Json) -> Vec<String> {
        let mounts = file["services"]["web"]["volumes"].as_array().unwrap();
        let targets = mounts.iter().map(|mount| target(mount).0.to_owned());
        targets.filter(|at| at != "/.seaworthy").collect()
    }

    fn is_read_only(file: &Json) -> bool {
        let mounts = file["services"]["web"]["volumes"].as_array().unwrap();
        let own = mounts.iter().find(|mount| mount["source"] == volume("web"));
        own.unwrap()["read_only"] == Json::Bool(true)
    }

    #[test]
    fn a_service_has_a_volume_of_its_own_in_place_of_what_is_mounted_there() {
        let mounts = json!([
            "data:/data:rw",
            "/src/tls:/etc/tls:ro",
            "/etc/tls",
            "/src/server.pem:/etc/tls/server.pem",
            "old:/etc/tls/old/",
            { "type": "bind", "source": "/x", "target": "/etc/tls/ca.pem" },
            { "type": "bind", "source": "/x", "target": "/etc/tls-other" },
            "/src/above:/etc",
        ]);
        let file = file(&mounts, "/etc/tls");
        assert_eq!(
            targets(&file),
            ["/data", "/etc/tls-other", "/etc", "/etc/tls"]
        );
        let own = json!({
            "type": "volume", "source": "seaworthy_certificates_web", "target": "/etc/tls",
            "read_only": false, "volume": { "nocopy": true },
        });
        assert_eq!(file["services"]["web"]["volumes"][3], own);
        let labels = json!({ "labels": { "run": "r" } });
        assert_eq!(file["volumes"]["seaworthy_certificates_web"], labels);
        assert_eq!(
            file["volumes"]["old"],
            Json::Null,
            "nothing mounts it any more"
        );
        assert_eq!(file["volumes"]["data"], labels);
        let other = &file["services"]["db"]["volumes"];
        assert_eq!(other.as_array().map(Vec::len), Some(1), "the probe's alone");
    }

    #[test]
    fn neither_memory_nor_single_files_hide_it() {
        let config = json!({
            "services": { "web": {
                "image": "a",
                "tmpfs": ["/etc//tls:size=1m", "/tmp"],
                "secrets": [
                    { "source": "key", "target": "/etc/tls/server.key" },
                    { "source": "word", "target": "/run/word" },
                    { "source": "file", "target": "/etc/tls/file" },
                    { "source": "file", "target": "/run/file" },
                ],
                "configs": [{ "source": "more", "target": "etc/tls/more" }],
            } },
            "secrets": { "key": { "environment": "KEY" }, "word": { "environment": "WORD" }, "file": { "file": "/f" } },
            "configs": { "more": { "content": "x" } },
        });
        let wish = Wish {
            app: "web".to_owned(),
            certificates: [("web".to_owned(), "/etc/tls".to_owned())].into(),
            ..Wish::default()
        };
        let stack = Stack::read(&config, &wish).unwrap();
        let file = stack.file(&Added::default());
        let web = &file["services"]["web"];
        assert_eq!(web["tmpfs"], json!(["/tmp"]));
        assert_eq!(
            web["secrets"],
            json!([{ "source": "file", "target": "/run/file" }])
        );
        assert_eq!(web["configs"], json!([]));
        let given = stack.parts.iter().flat_map(|part| &part.given);
        let given: Vec<_> = given.map(|file| file.at.as_str()).collect();
        assert_eq!(given, ["/run/word"]);
    }

    #[test]
    fn it_can_be_written_to_where_the_file_says_so_of_just_that_place() {
        for (mounts, read_only) in [
            (json!(["/src/tls:/tls:ro"]), true),
            (json!(["/src/tls:/tls:z,ro"]), true),
            (json!(["/src/tls:/tls"]), false),
            (json!(["/src/tls:/tls:rw"]), false),
            (json!(["/tls"]), false),
            (
                json!([{ "type": "volume", "source": "old", "target": "/tls", "read_only": true }]),
                true,
            ),
            (
                json!([{ "type": "volume", "source": "old", "target": "/tls" }]),
                false,
            ),
            (json!(["/src/a.pem:/tls/a.pem"]), true),
            (json!([]), true),
            (Json::Null, true),
        ] {
            let file = file(&mounts, "/tls");
            assert_eq!(targets(&file), ["/tls"], "{mounts}");
            assert_eq!(is_read_only(&file), read_only, "{mounts}");
        }
    }

    #[test]
    fn a_dollar_sign_is_one_as_the_tool_reads_it() {
        let file = file(&json!(["/src:/t$$ls:rw"]), "/t$ls");
        assert_eq!(targets(&file), ["/t$$ls"]);
    }

    #[test]
    fn a_service_that_is_not_started_finds_nothing() {
        let config = json!({ "services": {
            "web": { "image": "a" },
            "debug": { "image": "a", "profiles": ["debug"] },
        } });
        let wish = Wish {
            app: "web".to_owned(),
            certificates: [("debug".to_owned(), "/tls".to_owned())].into(),
            ..Wish::default()
        };
        let said = Stack::read(&config, &wish).unwrap_err().said;
        let expected =
            "`certificates` names the service `debug`, which is not started\n  help: name it";
        assert!(said.starts_with(expected), "{said}");
    }
}
