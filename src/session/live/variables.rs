//! Variables: from `env_file`, and those that a run takes away.

use std::path::Path;

use serde_json::Value as Json;

use super::{Live, local};
use crate::engine::{Fault, FaultKind, Result};

impl Live {
    /// Refuses to unset what the image sets where the engine would leave it set and say nothing.
    pub(super) fn unsets(&self) -> Result<()> {
        if !self.session.engine.is_podman() {
            return Ok(());
        }
        let kept: Vec<&str> = left_set(&self.body["Env"], &self.image.facts.env).collect();
        if kept.is_empty() {
            return Ok(());
        }
        let message = format!(
            "podman leaves a variable set that the image sets: {}",
            kept.join(", ")
        );
        let fault = Fault::new(
            FaultKind::Unsupported,
            "make the container as the suite says",
            message,
        );
        Err(fault.help(
            "give the variable an empty value in place of `null`, or run this case on Docker",
        ))
    }
}

/// Names that are asked for bare and that the image sets.
fn left_set<'a>(asked: &'a Json, image: &'a [String]) -> impl Iterator<Item = &'a str> {
    let asked = asked.as_array().into_iter().flatten();
    let bare = asked.filter_map(Json::as_str).filter(|v| !v.contains('='));
    bare.filter(|name| {
        let mut set = image.iter().filter_map(|v| v.split_once('='));
        set.any(|(of_image, _)| of_image == *name)
    })
}

/// `NAME=value` lines; `#` begins a comment; quotation marks around a value are taken away.
pub(super) async fn of_file(path: &Path) -> Result<Vec<(String, String)>> {
    let text = crate::engine::archive::text(path)
        .await
        .map_err(|error| local(path, &error))?;
    Ok(text.lines().filter_map(line).collect())
}

fn line(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line);
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let (name, value) = line.split_once('=')?;
    let value = value.trim();
    let quoted = ['"', '\'']
        .iter()
        .find_map(|q| value.strip_prefix(*q)?.strip_suffix(*q));
    let bare = || value.split(" #").next().unwrap_or("").trim_end();
    Some((
        name.trim().to_owned(),
        quoted.unwrap_or_else(bare).to_owned(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_unset_and_is_set_by_the_image_is_found() {
        let image = ["A=1".to_owned(), "B=2".to_owned(), "AB=3".to_owned()];
        let asked = serde_json::json!(["A", "B=", "C"]);
        assert_eq!(left_set(&asked, &image).collect::<Vec<_>>(), ["A"]);
    }

    #[test]
    fn lines_of_an_env_file() {
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(line("A=b c # why"), pair("A", "b c"));
        assert_eq!(line(" export A='b # c' "), pair("A", "b # c"));
        assert_eq!(line("A="), pair("A", ""));
        assert_eq!(line("# A=b"), None);
        assert_eq!(line(""), None);
    }
}
