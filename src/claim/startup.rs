//! `startup`: how long the container took to get ready.

use std::time::Duration;

use super::{Findings, Judge, Scope};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::question::Question;
use crate::record;
use crate::text::matcher::Miss;
use crate::text::matcher::bound::Bound;
use crate::text::source::Spanned;
use crate::text::units::Time;

record! {
    /// How long the container takes to get ready.
    pub struct Startup (short time) {
        /// From the start of the container to the moment it was ready, as `ready` defines it.
        time: Spanned<Bound<Time>>,
    }
}

impl Judge for Startup {
    const SCOPE: Scope = Scope::Running;

    fn questions(&self) -> Vec<Question> {
        vec![Question::Life]
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let life = seen.life()?;
        let Spanned { span, value } = &self.time;
        if let Some(micros) = life.ready_micros {
            let time = Time(Duration::from_micros(micros));
            findings.compare(*span, "startup time", value.miss(&time), time);
            return Ok(());
        }
        let actual = match &life.end {
            Some(ending) => format!("never got ready: it {ending}"),
            None => "never got ready".to_owned(),
        };
        let expected = format!("ready in {}", value.expected());
        findings.check(*span, "startup time", Some(Miss::new(expected, actual)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::claim::trial::{ending, errs_unseen, fails_ended, misses as misses_of, refused};
    use crate::fact::answer::{Ending, Fact, Life};

    fn fact(ready_micros: Option<u64>, end: Option<Ending>) -> Fact {
        Fact::Life(Life { ready_micros, end })
    }

    #[test]
    fn the_time_to_get_ready_is_compared() {
        let ready = |_: &_| fact(Some(1_500_000), None);
        assert_eq!(
            misses_of("startup", "{ time: { below: 2s } }", ready),
            [""; 0]
        );
        assert_eq!(
            misses_of("startup", "{ time: { below: 1s } }", ready),
            ["startup time: expected below 1 s, actual 1.5 s"]
        );
    }

    #[test]
    fn one_that_never_got_ready_fails_whatever_the_bound() {
        let text = "{ time: { above: 1s } }";
        assert_eq!(
            misses_of("startup", text, |_| fact(None, None)),
            ["startup time: expected ready in above 1 s, actual never got ready"]
        );
        assert_eq!(
            misses_of("startup", text, |_| fact(None, Some(ending()))),
            [
                "startup time: expected ready in above 1 s, actual never got ready: it ended with exit code 3"
            ]
        );
    }

    #[test]
    fn what_is_not_seen_is_no_verdict() {
        errs_unseen("startup", "{ time: 1s }", |_| fact(Some(1), None));
        fails_ended("startup", "{ time: 1s }");
        assert!(refused("startup", "{}").contains("`time` is missing"));
    }
}
