//! Sections of the logs of GitLab: what is between two marks can be folded.

use std::time::Duration;

use super::style::bare;

/// Stands around each mark, so that a terminal shows nothing of it. No style of ours uses it, and what a
/// container says has no escape characters when it is shown.
const ERASE: &str = "\u{1b}[0K";
/// How many sections are unfolded; whoever looks for more has the places at the end.
const OPEN: usize = 10;

/// Numbers sections; the time at which the run began tells them from those of another run in the same log.
#[derive(Debug)]
pub struct Sections {
    began: u64,
    count: usize,
}

impl Sections {
    /// Of a run that began so many seconds after 1970 began.
    pub fn new(began: u64) -> Self {
        Self { began, count: 0 }
    }

    /// A line, and below it what can be folded, which took so long.
    pub fn section(&mut self, line: &str, below: &str, took: Duration) -> String {
        self.count += 1;
        let folded = if self.count > OPEN {
            "[collapsed=true]"
        } else {
            ""
        };
        let name = format!("seaworthy_{}_{}", self.began, self.count);
        // GitLab shows how far apart they are, and nothing else of these times.
        let (began, ended) = (self.began, self.began + took.as_secs());
        format!(
            "{ERASE}section_start:{began}:{name}{folded}\r{ERASE}{}\n{below}{ERASE}section_end:{ended}:{name}\r{ERASE}\n",
            line.trim_end_matches('\n')
        )
    }
}

/// Without styles; marks stay.
pub fn without_styles(text: &str) -> String {
    let parts: Vec<String> = text.split(ERASE).map(bare).collect();
    parts.join(ERASE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::clean;
    use crate::report::style::{BAD, paint};

    #[test]
    fn marks_stay_where_styles_go() {
        let mut sections = Sections::new(7);
        let line = paint(BAD, "x failed") + "\n";
        let text = sections.section(&line, "  why\n", Duration::from_secs(3));
        let expected = "\u{1b}[0Ksection_start:7:seaworthy_7_1\r\u{1b}[0Kx failed\n  why\n\
                        \u{1b}[0Ksection_end:10:seaworthy_7_1\r\u{1b}[0K\n";
        assert_eq!(without_styles(&text), expected);
        assert!(text.contains("\u{1b}[31mx failed"), "{text:?}");
    }

    #[test]
    fn what_a_container_says_is_no_mark() {
        let evil = "\u{1b}[0Ksection_end:10:seaworthy_7_1\r\u{1b}[0Ksection_start:1:x\r\u{1b}[0K";
        for text in [clean::line(evil), clean::log(evil).join("\n")] {
            assert!(!text.contains('\u{1b}') && !text.contains('\r'), "{text:?}");
            assert!(
                !text.contains("section_end:1") && !text.contains("section_start:1"),
                "{text:?}"
            );
        }
    }

    #[test]
    fn of_many_sections_the_first_are_open() {
        let mut sections = Sections::new(1);
        let all: Vec<String> = (0..12)
            .map(|_| sections.section("a", "", Duration::ZERO))
            .collect();
        let folded = all.iter().map(|text| text.contains("[collapsed=true]"));
        assert_eq!(folded.filter(|folded| *folded).count(), 2);
        assert!(!all[9].contains("collapsed") && all[10].contains("collapsed"));
    }
}
