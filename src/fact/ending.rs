//! How a container lived and ended.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::text::units::show_time;

/// How a container lived since it was last started by us.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Life {
    /// From the start to the moment it was ready; `None` where it never was.
    pub ready_micros: Option<u64>,
    /// Its first end since then.
    pub end: Option<Ending>,
}

/// How a container ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// The main process's code; 128 and the signal's number where a signal ended it.
    pub code: i32,
    /// Whether the kernel killed it for its memory.
    pub oom_killed: bool,
    /// Whether nobody knows that any more, since a policy has started it again.
    #[serde(default)]
    pub oom_forgotten: bool,
    /// From the signal that was to end it, or from the start, to the end.
    pub took_micros: Option<u64>,
    /// From the start to the end.
    #[serde(default)]
    pub lived_micros: Option<u64>,
    /// Whether it ended before it was looked at.
    #[serde(default)]
    pub amid: Amid,
    /// What the engine says went wrong.
    pub error: Option<String>,
}

/// When a container ended, beside a look at it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Amid {
    /// Before it.
    #[default]
    Before,
    /// While it was looked at.
    Meanwhile,
    /// Then too, and a policy has started it again.
    Returned,
}

impl Ending {
    /// Whether it has gone wrong.
    pub fn is_bad(&self) -> bool {
        self.code != 0 || self.error.is_some()
    }

    /// When it ended, as far as that is known.
    pub fn when(&self) -> Option<String> {
        let lived = self.lived_micros.map(Duration::from_micros);
        let lived = lived.map(|lived| format!("{} after its start", show_time(lived)));
        match (lived, self.amid != Amid::Before) {
            (Some(lived), true) => Some(format!("{lived}, while this was looked at")),
            (None, true) => Some("while this was looked at".to_owned()),
            (lived, false) => lived,
        }
    }
}

impl std::fmt::Display for Ending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(error) = &self.error {
            return write!(f, "could not be started (exit code {}): {error}", self.code);
        }
        if self.amid == Amid::Returned {
            let code = self.code;
            return write!(
                f,
                "ended and was started again by its restart policy (exit code {code} the first time)"
            );
        }
        write!(f, "ended with exit code {}", self.code)?;
        if self.oom_killed {
            f.write_str(", killed for its memory")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Amid, Ending};

    #[test]
    fn an_end_says_how_and_when_it_was() {
        let mut ending = Ending {
            code: 3,
            ..Ending::default()
        };
        assert_eq!(ending.to_string(), "ended with exit code 3");
        assert_eq!(ending.when(), None);
        ending.amid = Amid::Meanwhile;
        assert_eq!(ending.when().unwrap(), "while this was looked at");
        ending.lived_micros = Some(1_200_000);
        let when = ending.when().unwrap();
        assert_eq!(when, "1.2 s after its start, while this was looked at");
        ending.amid = Amid::Before;
        assert_eq!(ending.when().unwrap(), "1.2 s after its start");
        ending.amid = Amid::Returned;
        assert_eq!(
            ending.to_string(),
            "ended and was started again by its restart policy (exit code 3 the first time)"
        );
    }
}
