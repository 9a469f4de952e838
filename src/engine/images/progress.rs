//! The steps of a pull, a load or an import, as the engine tells them.

use serde::Deserialize;

use super::super::containers::null_is_empty;

/// A step of a pull.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The layer, or the tag; empty for a step of the whole.
    pub id: String,
    /// What happens: `Downloading`, `Pull complete`, …
    pub status: String,
    /// Bytes done, where they are counted.
    pub current: Option<u64>,
    /// Bytes in all, where that is known.
    pub total: Option<u64>,
}

impl std::fmt::Display for Progress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.id.is_empty() {
            write!(f, "{}: ", self.id)?;
        }
        f.write_str(&self.status)?;
        match (self.current, self.total) {
            (Some(current), Some(total)) if total > 0 => {
                write!(f, " {}%", current.saturating_mul(100) / total)
            }
            _ => Ok(()),
        }
    }
}

/// A line of the engine's answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Line {
    #[serde(deserialize_with = "null_is_empty")]
    id: String,
    status: Option<String>,
    stream: Option<String>,
    #[serde(rename = "progressDetail", deserialize_with = "null_is_empty")]
    detail: Detail,
    error: Option<String>,
    #[serde(rename = "errorDetail")]
    error_detail: Option<ErrorDetail>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Detail {
    current: Option<i64>,
    total: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ErrorDetail {
    message: Option<String>,
}

impl Line {
    /// What went wrong, if the line says so.
    pub(super) fn error(&self) -> Option<String> {
        let detail = self.error_detail.as_ref();
        detail
            .and_then(|detail| detail.message.clone())
            .or_else(|| self.error.clone())
    }

    /// What the line says of the whole.
    pub(super) fn text(&self) -> Option<String> {
        // podman names the image that it made as the step too.
        let whole = |status: &&String| self.id.is_empty() || self.id == **status;
        let status = self.status.as_ref().filter(whole);
        self.stream.as_ref().or(status).cloned()
    }

    /// The step it tells of.
    pub(super) fn progress(self) -> Option<Progress> {
        let count = |number: Option<i64>| number.and_then(|n| u64::try_from(n).ok());
        Some(Progress {
            id: self.id,
            status: self.status?,
            current: count(self.detail.current),
            total: count(self.detail.total).filter(|total| *total > 0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn lines_of_a_pull_are_understood() {
        let step = line(
            r#"{"status":"Downloading","progressDetail":{"current":5,"total":-1},"progress":"[>","id":"ab"}"#,
        );
        assert_eq!((step.error(), step.text()), (None, None));
        let step = step.progress().unwrap();
        assert_eq!(
            (step.id.as_str(), step.current, step.total),
            ("ab", Some(5), None)
        );
        let text = line(r#"{"status":"sha256:00"}"#);
        assert_eq!(text.text().as_deref(), Some("sha256:00"));
        let of_podman =
            line(r#"{"status":"sha256:00","progress":"","progressDetail":{},"id":"sha256:00"}"#);
        assert_eq!(of_podman.text().as_deref(), Some("sha256:00"));
        let failed = line(r#"{"errorDetail":{"code":1,"message":"no space"},"error":"x"}"#);
        assert_eq!(failed.error().as_deref(), Some("no space"));
        assert_eq!(line(r#"{"error":"x"}"#).error().as_deref(), Some("x"));
        assert!(line("{}").progress().is_none());
    }
}
