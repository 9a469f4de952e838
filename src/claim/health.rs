//! `health`: what the container's own health check says.

mod check;

use serde_json::Value as Json;

use super::{Findings, Judge, Scope};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::command::End;
use crate::fact::health::{CheckRun, Status};
use crate::fact::question::Question;
use crate::text::matcher::{Miss, evident};
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::signal::Signal;
use crate::text::source::Spanned;
use crate::text::tree::Node;
use crate::{record, words};

words! {
    /// When the health check is run.
    pub enum Schedule {
        /// By the engine, at the intervals that are declared.
        Declared = "declared",
    }
}

record! {
    /// What the container's own health check says.
    pub struct HealthFields (short status) {
        /// `healthy` (the default), `unhealthy`, `starting`, or `none` where no check is declared.
        status: Option<Spanned<Status>>,
        /// With `declared`, what the engine's own runs at the declared intervals have come to.
        /// Without it, the check is run by itself when the claim is judged.
        schedule: Option<Spanned<Schedule>>,
    }
}

/// What the container's own health check says.
#[derive(Debug, Clone)]
pub struct Health {
    status: Spanned<Status>,
    declared: bool,
}

/// Lines of a check's output that a failure shows.
const SHOWN: usize = 8;

impl Read for Health {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let HealthFields { status, schedule } = HealthFields::read(node, reader)?;
        let declared = schedule.is_some();
        if status.is_none() && !declared {
            return reader.wrong(node, "a word such as `healthy`, or a map with one");
        }
        let status = status.unwrap_or(Spanned {
            span: node.span,
            value: Status::Healthy,
        });
        if status.value == Status::Starting && !declared {
            let message = "a check that is run now is never `starting`";
            let help =
                "write `{ status: starting, schedule: declared }` to judge the engine's own runs";
            reader.say(status.span, message).help(help);
            return None;
        }
        Some(Self { status, declared })
    }
    fn schema(schemas: &mut Schemas) -> Json {
        HealthFields::schema(schemas)
    }
}

impl Judge for Health {
    const SCOPE: Scope = Scope::Running;

    fn questions(&self) -> Vec<Question> {
        vec![Question::Health {
            declared: self.declared,
        }]
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let health = seen.health(self.declared)?;
        let check = evident(&check::shown(&health.check));
        let mixed = mixed_note(&health.check);
        if health.status == self.status.value {
            findings.saw(match health.check.as_slice() {
                [] => health.status.to_string(),
                _ => format!("{}, by {check}", health.status),
            });
            findings.seen.extend(mixed);
            return Ok(());
        }
        let miss = Miss::new(self.status.value.word(), health.status.word());
        findings.check(self.status.span, "health", Some(miss));
        let notes = if health.check.is_empty() {
            vec!["neither the image nor its run declares a health check".to_owned()]
        } else {
            let last = match health.runs.last() {
                Some(last) => run_notes(last),
                None => vec!["it has not been run yet".to_owned()],
            };
            let shown = format!("the check is {check}");
            [shown].into_iter().chain(last).chain(mixed).collect()
        };
        if let Some(last) = findings.misses.last_mut() {
            last.notes.extend(notes);
        }
        Ok(())
    }
}

/// How a run ended, and what it wrote.
fn run_notes(run: &CheckRun) -> Vec<String> {
    let end = match &run.end {
        End::Code(code) => format!("ended with exit code {code}"),
        End::Signal(number) => format!("was ended by {}", Signal(*number)),
        End::TimedOut => "took too long, so it was killed".to_owned(),
        End::NotStarted(why) => format!("could not be started: {}", evident(why)),
    };
    let text = run.output.text();
    let mut lines = text.lines();
    let mut notes = vec![format!("its last run {end}")];
    let head = lines.by_ref().take(SHOWN);
    notes.extend(head.map(|line| format!("output: {}", evident(line))));
    match lines.count() {
        0 if run.output.is_cut() => notes.push("output: and more".to_owned()),
        0 => {}
        more => notes.push(format!("output: and {more} more lines")),
    }
    notes
}

/// Says so where a JSON array has text behind it.
fn mixed_note(check: &[String]) -> Option<String> {
    let behind = match check::behind_array(check)? {
        "" => "as text".to_owned(),
        behind => format!("with `{}` behind it", evident(behind)),
    };
    Some(format!(
        "this check is a JSON array {behind}: all of it is given to the shell, which takes the bracket and the first word for the name of a program; write the array alone, or a command without brackets"
    ))
}

#[cfg(test)]
mod tests {
    use crate::claim::trial::{claim, errs_unseen, fails_ended, misses as misses_of, refused};
    use crate::fact::answer::Fact;
    use crate::fact::blob::Blob;
    use crate::fact::command::End;
    use crate::fact::health::{CheckRun, Health, Status};
    use crate::fact::question::Question;

    fn fact(status: Status, check: &str, runs: &[(End, &str)]) -> Fact {
        let test: Vec<String> = match check {
            "" => Vec::new(),
            check => vec!["CMD-SHELL".to_owned(), check.to_owned()],
        };
        let run = |(end, output): &(End, &str)| CheckRun {
            end: end.clone(),
            output: Blob::whole(*output),
        };
        Fact::Health(Health {
            check: test,
            status,
            runs: runs.iter().map(run).collect(),
        })
    }

    fn healthy(_: &Question) -> Fact {
        fact(Status::Healthy, "aisopod health", &[(End::Code(0), "ok")])
    }

    fn unhealthy(_: &Question) -> Fact {
        let runs = [(End::Code(0), "ok"), (End::Code(1), "refused\n\u{1b}[0m\n")];
        fact(Status::Unhealthy, "aisopod health", &runs)
    }

    fn misses(text: &str, fact: impl Fn(&Question) -> Fact) -> Vec<String> {
        misses_of("health", text, fact)
    }

    #[test]
    fn each_status_holds_of_itself_and_fails_of_others() {
        for (status, text) in [
            (Status::Healthy, "healthy"),
            (Status::Unhealthy, "{ status: unhealthy }"),
            (Status::Starting, "{ status: starting, schedule: declared }"),
            (Status::None, "none"),
        ] {
            let check = if status == Status::None { "" } else { "x" };
            assert_eq!(
                misses(text, |_| fact(status, check, &[])),
                [""; 0],
                "{text}"
            );
            let other = match status {
                Status::Healthy => Status::Starting,
                _ => Status::Healthy,
            };
            let said = misses(text, |_| fact(other, "x", &[]));
            let expected = format!(
                "health: expected {status}, actual {other} | the check is x | it has not been run yet"
            );
            assert_eq!(said, [expected]);
        }
    }

    #[test]
    fn the_schedule_is_part_of_the_question() {
        let asked = |text: &str| claim("health", text).questions();
        assert_eq!(asked("healthy"), [Question::Health { declared: false }]);
        let declared = [Question::Health { declared: true }];
        assert_eq!(asked("{ schedule: declared }"), declared);
        assert_eq!(misses("{ schedule: declared }", healthy), [""; 0]);
        assert_eq!(misses("{ schedule: declared }", unhealthy).len(), 1);
    }

    #[test]
    fn the_last_run_and_what_it_wrote_are_shown() {
        assert_eq!(
            misses("healthy", unhealthy),
            [
                "health: expected healthy, actual unhealthy | the check is aisopod health \
                 | its last run ended with exit code 1 | output: refused \
                 | output: \\u{1b}[0m"
            ]
        );
        for (end, says) in [
            (End::Signal(9), "its last run was ended by SIGKILL"),
            (End::TimedOut, "took too long"),
            (
                End::NotStarted("no such file".to_owned()),
                "could not be started: no such file",
            ),
        ] {
            let runs = [(end, "")];
            let said = misses("healthy", |_| fact(Status::Unhealthy, "x", &runs));
            assert!(said[0].contains(says), "{said:?}");
        }
        let long = [(End::Code(1), "a\n".repeat(20))];
        let runs = [(long[0].0.clone(), long[0].1.as_str())];
        let said = misses("healthy", |_| fact(Status::Unhealthy, "x", &runs));
        assert!(
            said[0].ends_with("| output: a | output: and 12 more lines"),
            "{said:?}"
        );
    }

    #[test]
    fn without_a_check_it_is_not_healthy() {
        assert_eq!(
            misses("healthy", |_| fact(Status::None, "", &[])),
            [
                "health: expected healthy, actual none | neither the image nor its run declares a health check"
            ]
        );
        assert_eq!(misses("none", healthy).len(), 1);
    }

    #[test]
    fn an_array_with_text_behind_it_is_told() {
        let check = r#"["aisopod", "health"] || exit 1"#;
        let runs = [(End::Code(1), "/bin/sh: 1: [aisopod,: not found")];
        let said = misses("healthy", |_| fact(Status::Unhealthy, check, &runs));
        assert!(
            said[0].contains("a JSON array with `|| exit 1` behind it"),
            "{said:?}"
        );
        let check = r#"["aisopod", "health"] || true"#;
        let right = |_: &_| fact(Status::Healthy, check, &[(End::Code(0), "")]);
        let seen = crate::claim::trial::judged("health", "healthy", right).seen;
        assert!(seen[1].contains("with `|| true` behind it"), "{seen:?}");
    }

    #[test]
    fn what_is_not_seen_is_no_verdict() {
        errs_unseen("health", "healthy", healthy);
        errs_unseen("health", "{ schedule: declared }", healthy);
        fails_ended("health", "healthy");
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (text, says) in [
            ("helthy", "unknown word `helthy`"),
            ("{}", "expected a word such as `healthy`"),
            ("starting", "never `starting`"),
            (
                "{ status: healthy, schedule: often }",
                "unknown word `often`",
            ),
        ] {
            let said = refused("health", text);
            assert!(said.contains(says), "{text}: {said}");
        }
    }
}
