//! Variables from `env_file`.

use std::path::Path;

use super::local;
use crate::engine::Result;

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
    fn lines_of_an_env_file() {
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(line("A=b c # why"), pair("A", "b c"));
        assert_eq!(line(" export A='b # c' "), pair("A", "b # c"));
        assert_eq!(line("A="), pair("A", ""));
        assert_eq!(line("# A=b"), None);
        assert_eq!(line(""), None);
    }
}
