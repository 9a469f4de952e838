//! What a container wrote.

use serde::{Deserialize, Serialize};

use crate::text::cut::LEFT_OUT;
use crate::words;

words! {
    /// A stream of a container.
    pub enum Stream {
        /// Standard output.
        Stdout = "stdout",
        /// Standard error.
        Stderr = "stderr",
    }
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Where it was written.
    pub stream: Stream,
    /// Without its end.
    pub text: String,
}

/// The lines of a container, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Log {
    /// Each.
    pub lines: Vec<Line>,
    /// Whether older lines were left out, since there were too many.
    pub cut: bool,
}

impl Log {
    /// The last `count` lines as texts, behind a mark where there were more.
    pub fn last(&self, count: usize) -> Vec<String> {
        let from = self.lines.len().saturating_sub(count);
        let more = (from > 0 || self.cut).then(|| LEFT_OUT.to_owned());
        let lines = self.lines[from..].iter().map(|l| l.text.clone());
        more.into_iter().chain(lines).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_stand_behind_a_mark_where_there_were_more() {
        let last = |cut: bool, count: usize| {
            let line = |text: &str| Line {
                text: text.to_owned(),
                stream: Stream::Stdout,
            };
            let lines = ["a", "b"].map(line).into();
            Log { lines, cut }.last(count)
        };
        assert_eq!(last(false, 2), ["a", "b"]);
        assert_eq!(last(false, 1), ["…", "b"]);
        assert_eq!(last(true, 2), ["…", "a", "b"]);
    }
}
