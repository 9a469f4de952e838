//! `restarts`: how often a restart policy has started the container again.

use serde_json::Value as Json;

use super::{Findings, Judge, Scope};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::question::Question;
use crate::fact::restart::Restarts as Fact;
use crate::text::matcher::Miss;
use crate::text::matcher::bound::Bound;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Spanned;
use crate::text::tree::Node;

/// How often a restart policy has started the container again.
#[derive(Debug, Clone)]
pub struct Restarts(Spanned<Bound<u64>>);

impl Read for Restarts {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        Spanned::read(node, reader).map(Self)
    }
    fn schema(schemas: &mut Schemas) -> Json {
        Bound::<u64>::schema(schemas)
    }
}

impl Judge for Restarts {
    const SCOPE: Scope = Scope::Running;

    fn questions(&self) -> Vec<Question> {
        vec![Question::Restarts]
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let fact = match seen.restarts() {
            // A program that could not be started at all was never started again.
            Err(Blocked::Ended(_)) => &Fact {
                settled: true,
                ..Fact::default()
            },
            seen => seen?,
        };
        let Self(wanted) = self;
        let (span, count) = (wanted.span, fact.count);
        let holds = wanted.value.holds(&count);
        // However often it is still started again, there is no bound left to break.
        let met = wanted
            .value
            .other_than()
            .is_some_and(|other| *other > count);
        let stays = holds && !met && wanted.value.holds(&u64::MAX);
        let status = &fact.status;
        match (fact.settled, holds) {
            (true, true) => findings.saw(format!("restarts {count}")),
            (false, _) if stays => findings.saw(format!("restarts {count} and counting")),
            (true, false) => {
                let miss = Some(Miss::new(wanted.value.expected(), count.to_string()));
                match fact.policy.as_str() {
                    "no" | "" => findings.check_with(span, "restarts", miss, NO_POLICY),
                    policy => {
                        let note = format!("its restart policy is {policy}, and it is {status}");
                        findings.check_with(span, "restarts", miss, note);
                    }
                }
            }
            (false, _) => {
                let actual = format!("{count} so far, and it does not stay up");
                let miss = Some(Miss::new(wanted.value.expected(), actual));
                let note = format!("it was {status} when it was looked at last");
                findings.check_with(span, "restarts", miss, note);
            }
        }
        Ok(())
    }
}

const NO_POLICY: &str = "it has no restart policy, so nothing starts it again: `restart: on-failure` in `run`, in a service or in the Compose file gives it one";

#[cfg(test)]
mod tests {
    use crate::claim::trial::{errs_unseen, judged_ended, misses as misses_of, refused};
    use crate::fact::answer::Fact;
    use crate::fact::restart::Restarts;

    fn fact(count: u64, settled: bool, policy: &str) -> Fact {
        Fact::Restarts(Restarts {
            count,
            settled,
            policy: policy.to_owned(),
            status: "running".to_owned(),
        })
    }

    #[test]
    fn a_settled_count_is_compared() {
        for holds in ["3", "{ at_most: 3 }", "{ not: 0 }"] {
            let misses = misses_of("restarts", holds, |_| fact(3, true, "always"));
            assert_eq!(misses, [""; 0], "{holds}");
        }
        let said =
            "restarts: expected 1, actual 3 | its restart policy is always, and it is running";
        assert_eq!(
            misses_of("restarts", "1", |_| fact(3, true, "always")),
            [said]
        );
        let none = misses_of("restarts", "1", |_| fact(0, true, "no"));
        assert!(none[0].contains("no restart policy"), "{none:?}");
    }

    #[test]
    fn a_count_that_grows_holds_only_where_it_cannot_grow_too_large() {
        let grows = |_: &_| fact(3, false, "always");
        for holds in ["{ at_least: 2 }", "{ above: 0 }", "{ not: 1 }"] {
            assert_eq!(misses_of("restarts", holds, grows), [""; 0], "{holds}");
        }
        for fails in [
            "{ not: 4 }",
            "3",
            "{ at_most: 100 }",
            "{ at_least: 9 }",
            "0",
        ] {
            let misses = misses_of("restarts", fails, grows);
            assert!(
                misses[0].contains("3 so far, and it does not stay up"),
                "{misses:?}"
            );
        }
    }

    #[test]
    fn what_is_not_seen_is_no_verdict() {
        errs_unseen("restarts", "0", |_| fact(0, true, "no"));
        assert!(judged_ended("restarts", "0").misses.is_empty());
        assert_eq!(judged_ended("restarts", "1").misses[0].miss.actual, "0");
        assert!(refused("restarts", "-1").contains("not negative"));
    }
}
