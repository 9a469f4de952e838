//! What the tool makes of the user's files.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::indented;
use crate::engine::compose::{Ask, Said, Tool};
use crate::engine::transport::Address;
use crate::engine::{Fault, FaultKind};
use crate::session::image::NoImage;
use crate::suite::compose::Compose;
use crate::suite::outside::shown;
use crate::text::tree::{Node, Value};
use crate::text::{source::FileId, yaml};

/// How a variable of a Compose file gets a value, whoever has it read: a run, `check` or `init`.
pub(super) const SET: &str = "set the variable where you call this or in `.env` beside the file, or have a suite do so in \
                              `environment` of its `compose`";
/// How long the tool may take to read the file.
const READING: Duration = Duration::from_mins(1);

/// What the tool makes of the user's files, and what it warns of.
pub(super) async fn resolved(
    tool: &Tool,
    (engine, project): (Option<&Address>, &str),
    compose: &Compose,
    folder: &Path,
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
        return Err(refused(&format!("the Compose file {names}"), tool, &said));
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

/// That the tool does not take what it read, in its own words.
pub(super) fn refused(what: &str, tool: &Tool, said: &Said) -> NoImage {
    let (name, version, words) = (tool.name(), &tool.version, indented(said));
    let help = help(tool.is_first(), &words);
    NoImage::Suite(format!(
        "{what} is refused by `{name}` {version}{words}{help}"
    ))
}

/// What is to be done about a refusal in these words.
fn help(is_first: bool, words: &str) -> String {
    let says = |signs: &[&str]| signs.iter().any(|sign| words.contains(sign));
    if says(&[
        "required variable",
        "Missing mandatory value",
        "is missing a value",
    ]) {
        return format!("\n  help: {SET}");
    }
    // Keys and forms that it does not know.
    let unknown = [
        "nsupported",
        "dditional propert",
        "does not match any",
        "invalid type",
        "ersion ",
    ];
    match is_first && says(&unknown) {
        true => {
            "\n  help: this tool knows nothing that is newer than 2021; where the file is for a newer one, install `docker \
             compose`"
                .to_owned()
        }
        false => String::new(),
    }
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
        assert!(help(true, missing).contains(SET));
        let missing = "required variable T is missing a value: say";
        assert!(help(false, missing).contains(SET));
        let unknown = "Unsupported config option for services.web: 'portss'";
        assert!(help(true, unknown).contains("install `docker compose`"));
        assert_eq!(help(false, unknown), "");
        let broken = "while parsing a block mapping: expected <block end>, but found '}'";
        assert_eq!(help(true, broken), "");
        assert_eq!(help(true, "Circular dependency between a and b"), "");
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
