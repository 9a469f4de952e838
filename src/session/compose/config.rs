//! What the tool makes of the user's files.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::powers::known;
use super::written::Written;
use super::wrong::{self, UNKNOWN};
use crate::engine::compose::{Ask, Said, Tool};
use crate::engine::transport::Address;
use crate::engine::{Fault, FaultKind};
use crate::session::image::NoImage;
use crate::suite::compose::Compose;
use crate::suite::outside::shown;
use crate::text::near::nearest;
use crate::text::tree::{Node, Value};
use crate::text::{source::FileId, yaml};

/// How a variable of a Compose file gets a value, whoever has it read: a run, `check` or `init`.
pub(super) const SET: &str = "set the variable where you call this or in `.env` beside the file, or have a suite do so in \
                              `environment` of its `compose`";
/// How the first tool tells of what only newer ones know and is no key to it.
const NEWER: [&str; 2] = [
    "could not determine a constructor for the tag",
    ".env_file contains {",
];
/// How long the tool may take to read the file.
const READING: Duration = Duration::from_mins(1);

/// What the tool makes of the user's files, and what it warns of.
pub(super) async fn resolved(
    tool: &Tool,
    (engine, project): (Option<&Address>, &str),
    compose: &Compose,
    folder: &Path,
    written: &Written,
) -> Result<(Json, Vec<String>), NoImage> {
    let words = |all_profiles: bool| {
        let mut words = vec!["-p".to_owned(), project.to_owned()];
        for file in &compose.files {
            words.extend(["-f".to_owned(), absolute(&folder.join(&file.value))]);
        }
        let every = all_profiles.then(|| "*".to_owned());
        for profile in compose
            .profiles
            .iter()
            .map(|name| name.value.clone())
            .chain(every)
        {
            words.extend(["--profile".to_owned(), profile]);
        }
        words.push("config".to_owned());
        if !tool.is_first() {
            words.extend(["--format".to_owned(), "json".to_owned()]);
        }
        words
    };
    let read = async |all_profiles| {
        let mut ask = reading(asked(compose, folder));
        ask.words.extend(words(all_profiles));
        tool.run(engine, &ask, |_| ()).await
    };
    // The first tool tells of all services, the others leave out those whose profiles are off, and then
    // nothing can be said of them. One of those may be what is wrong with the file.
    let mut said = read(!tool.is_first()).await?;
    if !said.done && !tool.is_first() {
        said = read(false).await?;
    }
    let names: Vec<String> = compose
        .files
        .iter()
        .map(|f| shown(&folder.join(&f.value)))
        .collect();
    let names = names.join(" and ");
    if !said.done {
        let whole = refused(&format!("the Compose file {names}"), tool, &said);
        return Err(placed(whole, tool, &said, written));
    }
    let warnings = said.notes.iter().filter_map(|note| warning(note)).collect();
    let read = match tool.is_first() {
        true => yaml::parse(FileId(0), &said.output)
            .0
            .map(|node| plain(&node)),
        false => serde_json::from_str(&said.output).ok(),
    };
    let message = || {
        format!(
            "`{} config` gave an answer that cannot be read",
            tool.name()
        )
    };
    match read {
        Some(config) => Ok((config, warnings)),
        None => Err(Fault::new(FaultKind::Broken, "read the Compose file", message()).into()),
    }
}

/// What the tool is asked that reads a file and does nothing else.
pub(super) fn reading(ask: Ask) -> Ask {
    Ask {
        doing: "read the Compose file".to_owned(),
        within: READING,
        ..ask
    }
}

/// The same with the place that it is about, where that is found.
fn placed(whole: NoImage, tool: &Tool, said: &Said, written: &Written) -> NoImage {
    let words = ordered(&said.last_lines);
    let Some((sources, span, help)) = written.wrong(&words).filter(|_| !lacks_value(&words)) else {
        return whole;
    };
    let words = without_opening(&said.last_lines);
    let (name, version) = (tool.name(), &tool.version);
    let help = match help {
        Some(help) => format!("\n  help: {help}"),
        None => help_of(tool.is_first(), &words),
    };
    NoImage::There {
        sources,
        span,
        said: format!("the Compose file is refused by `{name}` {version}{words}{help}"),
    }
}

/// What a tool says, without that it is of a file, where more follows.
fn without_opening(lines: &[String]) -> String {
    let is_opening = |line: &&String| {
        line.starts_with("The Compose file") && line.trim_end().ends_with("is invalid because:")
    };
    let rest: Vec<String> = lines.iter().filter(|l| !is_opening(l)).cloned().collect();
    match rest.is_empty() {
        true => ordered(lines),
        false => ordered(&rest),
    }
}

/// Whether the tool says that a variable is not set.
fn lacks_value(words: &str) -> bool {
    let signs = [
        "required variable",
        "Missing mandatory value",
        "is missing a value",
    ];
    signs.iter().any(|sign| words.contains(sign))
}

/// That the tool does not take what it read, in its own words.
pub(super) fn refused(what: &str, tool: &Tool, said: &Said) -> NoImage {
    let words = ordered(&said.last_lines);
    let (name, version) = (tool.name(), &tool.version);
    let help = help_of(tool.is_first(), &words);
    NoImage::Suite(format!(
        "{what} is refused by `{name}` {version}{words}{help}"
    ))
}

/// What is to be done about a refusal in these words.
fn help_of(is_first: bool, words: &str) -> String {
    let says = |signs: &[&str]| signs.iter().any(|sign| words.contains(sign));
    if lacks_value(words) {
        return format!("\n  help: {SET}");
    }
    if says(&UNKNOWN)
        && let Some((written, meant)) = mistyped(words)
    {
        return format!("\n  help: did you mean `{meant}` where it says `{written}`?");
    }
    match is_first && (says(&UNKNOWN) || says(&NEWER)) {
        true => {
            "\n  help: this tool knows nothing that is newer than 2021; where the file is for a newer one, install `docker \
             compose`"
                .to_owned()
        }
        false => String::new(),
    }
}

/// A key of a service that the tool names and does not know, and the one that it looks like.
fn mistyped(words: &str) -> Option<(&str, &str)> {
    let quoted = words.split('\'').skip(1).step_by(2);
    let bare = words.split("dditional property ").skip(1);
    let mut named = quoted.chain(bare.filter_map(|rest| rest.split_whitespace().next()));
    named.find_map(|word| {
        let is_key = !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        let near = nearest(word, known()).filter(|_| is_key && !wrong::is_key(word));
        near.map(|near| (word, near))
    })
}

/// What a tool says, a line each: first why it does not do what it is asked, then what it only warns of.
fn ordered(lines: &[String]) -> String {
    let (warned, said): (Vec<&String>, Vec<&String>) =
        lines.iter().partition(|line| is_warning(line));
    let words = said.into_iter().chain(warned);
    words.map(|line| format!("\n  {line}")).collect()
}

/// Whether a tool says this of what it does all the same.
fn is_warning(line: &str) -> bool {
    let unset = "variable is not set. Defaulting to a blank string.";
    line.contains("level=warning") || line.starts_with("WARN") || line.contains(unset)
}

/// A warning of a tool that did what it was asked. Newer ones write it as a record, with the time; that `version`
/// means nothing to them is no news.
fn warning(note: &str) -> Option<String> {
    let words = note
        .split_once(" msg=\"")
        .filter(|_| note.starts_with("time="));
    let text = match words {
        Some((_, words)) => words.trim_end_matches('"').replace("\\\"", "\""),
        None => note.trim().to_owned(),
    };
    (!text.contains("the attribute `version` is obsolete")).then_some(text)
}

/// What the tool is told whatever it is asked: where the user's files lie, and their variables.
pub(super) fn asked(compose: &Compose, folder: &Path) -> Ask {
    let mut words = Vec::new();
    let first = compose.files.first().map(|file| folder.join(&file.value));
    if let Some(place) = first.as_deref().and_then(Path::parent) {
        words.extend(["--project-directory".to_owned(), absolute(place)]);
    }
    if let Some(file) = &compose.env_file {
        words.extend(["--env-file".to_owned(), absolute(&folder.join(&file.value))]);
    }
    let variables = compose.environment.given();
    Ask {
        words,
        variables: variables
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .collect(),
        ..Ask::default()
    }
}

fn absolute(path: &Path) -> String {
    let absolute: PathBuf = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute.to_string_lossy().into_owned()
}

/// A tree as the first tool writes it: what it leaves without quotes is a number only where it looks like
/// one and nothing else.
pub(super) fn plain(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::List(items) => items.iter().map(plain).collect(),
        Value::Map(entries) => {
            let entries = entries.iter();
            entries
                .map(|entry| (entry.key.value.clone(), plain(&entry.value)))
                .collect()
        }
        Value::Scalar(scalar) => {
            let text = scalar.text.as_str();
            let whole = text.parse::<i64>().ok().filter(|n| n.to_string() == text);
            let decimal = || {
                let digits = text
                    .chars()
                    .all(|c| c.is_ascii_digit() || c == '.' || c == '-');
                text.parse::<f64>()
                    .ok()
                    .filter(|_| digits && text.contains('.'))
            };
            match text {
                _ if !scalar.plain => json!(text),
                "true" => json!(true),
                "false" => json!(false),
                _ => match (whole, decimal()) {
                    (Some(whole), _) => json!(whole),
                    (None, Some(decimal)) => json!(decimal),
                    (None, None) => json!(text),
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_newer_tool_may_know_is_a_reason_to_get_one() {
        let missing = "Missing mandatory value for \"image\" option interpolating redis:${T:?say} in service \"a\": say";
        assert!(help_of(true, missing).contains(SET));
        let missing = "required variable T is missing a value: say";
        assert!(help_of(false, missing).contains(SET));
        let unknown = "Unsupported config option for services.web: 'provider'";
        assert!(help_of(true, unknown).contains("install `docker compose`"));
        assert_eq!(help_of(false, unknown), "");
        for newer in [
            "yaml.constructor.ConstructorError: could not determine a constructor for the tag '!reset'",
            "services.web.depends_on contains unsupported option: 'required'",
            "services.web.env_file contains {\"path\": \"x.env\"}, which is an invalid type, it should be a string",
            "services.web.build contains unsupported option: 'dockerfile_inline'",
            "services.web.healthcheck value 'start_interval' does not match any of the regexes: '^x-'",
        ] {
            assert!(help_of(true, newer).contains("newer than 2021"), "{newer}");
            assert_eq!(help_of(false, newer), "", "{newer}");
        }
        for typing in [
            "Unsupported config option for services.port: 'imag'",
            "services.port Additional property imag is not allowed",
            "validating c.yaml: services.port additional properties 'imag' not allowed",
        ] {
            for is_first in [true, false] {
                let said = help_of(is_first, typing);
                assert!(
                    said.contains("did you mean `image` where it says `imag`?"),
                    "{said}"
                );
            }
        }
        let broken = "while parsing a block mapping: expected <block end>, but found '}'";
        assert_eq!(help_of(true, broken), "");
        assert_eq!(help_of(true, "Circular dependency between a and b"), "");
    }

    #[test]
    fn what_a_tool_warns_of_stands_behind_what_it_refuses() {
        let lines = [
            "time=\"x\" level=warning msg=\"y\"",
            "The TAG variable is not set. Defaulting to a blank string.",
            "services.web: imag",
            "is not allowed",
        ];
        let ordered = ordered(&lines.map(str::to_owned));
        let all: Vec<&str> = ordered.lines().map(str::trim).collect();
        assert_eq!(all, ["", lines[2], lines[3], lines[0], lines[1]]);
    }

    #[test]
    fn a_warning_is_told_without_what_is_about_it() {
        let unset = r#"The "TAG" variable is not set. Defaulting to a blank string."#;
        let record = r#"time="2026-11-22T03:13:53Z" level=warning msg="The \"TAG\" variable is not set. Defaulting to a blank string.""#;
        assert_eq!(warning(record).as_deref(), Some(unset));
        let first = "The TAG variable is not set. Defaulting to a blank string.";
        assert_eq!(warning(first).as_deref(), Some(first));
        let version = r#"time="2026-11-22T03:13:53Z" level=warning msg="/c.yaml: the attribute `version` is obsolete, it will be ignored""#;
        assert_eq!(warning(version), None);
    }
}
