//! The report for programs: `report.json`.

#[cfg(test)]
mod schema;

use serde::Serialize;

use crate::run::outcome::{Outcome, Verdict};

/// Of the form of `report.json`; it changes only where an old reader would misread a new report.
pub const VERSION: u32 = 1;

/// What came of a run.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Report<'a> {
    /// Of this form. It changes only where an old reader would misread a new report.
    version: u32,
    /// Who has written it.
    tool: Tool,
    /// The run's id.
    run: String,
    /// When it began: `2024-02-29T12:00:00Z`.
    started: Option<String>,
    /// The exit code of the command.
    exit_code: u8,
    /// How many cases came to what.
    summary: Summary,
    /// All that is known of it.
    outcome: &'a Outcome,
}

/// A program.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Tool {
    /// Its name.
    name: String,
    /// Its version.
    version: String,
}

/// How many cases came to what.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Summary {
    /// All their claims hold.
    passed: usize,
    /// A claim does not.
    failed: usize,
    /// It could not be told.
    errored: usize,
    /// They were not looked at.
    skipped: usize,
    /// They passed only when they were run again.
    flaky: usize,
    /// How long the run took.
    seconds: f64,
}

/// The report of a run that began so many seconds after 1970 began.
pub fn of(outcome: &Outcome, started: Option<u64>) -> String {
    let count = |verdict| outcome.count(verdict);
    let report = Report {
        version: VERSION,
        tool: Tool {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
        run: outcome.run.clone(),
        started: started.map(moment),
        exit_code: outcome.exit_code(),
        summary: Summary {
            passed: count(Verdict::Passed),
            failed: count(Verdict::Failed),
            errored: count(Verdict::Errored),
            skipped: count(Verdict::Skipped),
            flaky: outcome.flaky(),
            seconds: outcome.took.as_secs_f64(),
        },
        outcome,
    };
    // What is made of texts, numbers and lists alone is always written.
    serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"
}

/// So many seconds after 1970 began: `2024-02-29T12:00:00Z`.
pub fn moment(seconds: u64) -> String {
    let (days, rest) = (seconds / 86400, seconds % 86400);
    // Counted in years that begin in March, the leap day is the last of its year.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn moments_are_written_as_machines_read_them() {
        let cases = [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_208_000, "2024-02-29T12:00:00Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
            (4_102_444_800, "2100-01-01T00:00:00Z"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(moment(seconds), expected);
        }
    }

    #[test]
    fn the_outcome_can_be_read_back_from_it() {
        let outcome = crate::report::human::tests::sample();
        let report: Value = serde_json::from_str(&of(&outcome, Some(0))).unwrap();
        assert_eq!(report["version"], 1);
        assert_eq!(report["exit_code"], 1);
        assert_eq!(report["summary"]["failed"], 1);
        assert_eq!(report["started"], "1970-01-01T00:00:00Z");
        let read: Outcome = serde_json::from_value(report["outcome"].clone()).unwrap();
        assert_eq!(read, outcome);
    }
}
