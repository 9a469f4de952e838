//! `usage`: what the container uses of memory, processes and processors.

use super::limits::told;
use super::{Findings, Judge, Scope};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::question::Question;
use crate::record;
use crate::text::matcher::bound::Bound;
use crate::text::percent::Percent;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Spanned;
use crate::text::tree::Node;
use crate::text::units::{Memory, Time};

record! {
    /// What the container uses.
    pub struct UsageFields {
        /// Memory, as `docker stats` shows it; `MB` is 1024 × 1024 bytes.
        memory: Option<Spanned<Bound<Memory>>>,
        /// Processes and threads.
        pids: Option<Spanned<Bound<u64>>>,
        /// Time of processors, where 100% is one of them.
        cpu: Option<Spanned<Bound<Percent>>>,
        /// How long `cpu` is measured; 1s where it is not said.
        over: Option<Spanned<Time>>,
    }
}

/// What the container uses.
#[derive(Debug, Clone)]
pub struct Usage(UsageFields);

/// How long processors are watched where nobody says.
const OVER: u64 = 1_000;
/// The kernel's own clock ticks a hundred times a second.
const LEAST: u64 = 200;
/// A case takes no longer.
const MOST: u64 = 60_000;

impl Read for Usage {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let fields = UsageFields::read(node, reader)?;
        if let Some(over) = &fields.over {
            let millis = millis(over.value);
            if !(LEAST..=MOST).contains(&millis) {
                reader.say(over.span, "expected a time from 200ms to 1m");
                return None;
            }
            if fields.cpu.is_none() {
                reader
                    .say(
                        over.span,
                        "`over` says how long `cpu` is measured, and there is none",
                    )
                    .help("memory and processes are those of one moment");
                return None;
            }
        }
        Some(Self(fields))
    }
    fn schema(schemas: &mut Schemas) -> serde_json::Value {
        UsageFields::schema(schemas)
    }
}

fn millis(time: Time) -> u64 {
    u64::try_from(time.0.as_millis()).unwrap_or(u64::MAX)
}

impl Usage {
    /// How long processors are to be watched, if at all.
    fn over(&self) -> Option<u64> {
        let over = self.0.over.as_ref().map_or(OVER, |over| millis(over.value));
        self.0.cpu.as_ref().map(|_| over)
    }
}

impl Judge for Usage {
    const SCOPE: Scope = Scope::Running;

    fn questions(&self) -> Vec<Question> {
        let over_millis = self.over();
        vec![Question::Usage { over_millis }]
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let usage = seen.usage(self.over())?;
        let mut judged = Findings::default();
        if let Some(wanted) = &self.0.memory {
            let actual = Memory(told(&usage.memory)?);
            judged.compare(wanted.span, "memory", wanted.value.miss(&actual), actual);
        }
        if let Some(wanted) = &self.0.pids {
            let actual = told(&usage.pids)?;
            judged.compare(wanted.span, "pids", wanted.value.miss(&actual), actual);
        }
        if let Some(wanted) = &self.0.cpu {
            let unasked = || Blocked::Unseen("the time of processors was not measured".to_owned());
            let worked = told(usage.cpu.as_ref().ok_or_else(unasked)?)?;
            if worked.of_nanos == 0 {
                let why = "no time passed while the processors were watched";
                return Err(Blocked::Unseen(why.to_owned()));
            }
            let actual = Percent::of(worked.nanos, worked.of_nanos);
            judged.compare(wanted.span, "cpu", wanted.value.miss(&actual), actual);
        }
        findings.misses.extend(judged.misses);
        findings.seen.extend(judged.seen);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::claim::trial::{
        claim, errs_unseen, fails_ended, judged, misses as misses_of, refused,
    };
    use crate::fact::answer::Fact;
    use crate::fact::cgroup::{Usage, Worked};
    use crate::fact::question::Question;

    fn seen(question: &Question) -> Fact {
        let worked = Worked {
            nanos: 43_000_000,
            of_nanos: 1_000_000_000,
        };
        let asked = matches!(
            question,
            Question::Usage {
                over_millis: Some(_)
            }
        );
        Fact::Usage(Usage {
            memory: Ok(100 << 20),
            pids: Ok(12),
            cpu: asked.then_some(Ok(worked)),
        })
    }

    #[test]
    fn each_is_compared() {
        for holds in [
            "{ memory: { below: 200MB }, cpu: { below: 5% } }",
            "{ memory: 100MB, pids: 12 }",
            "{ cpu: { above: 4% }, over: 5s }",
        ] {
            assert_eq!(misses_of("usage", holds, seen), [""; 0], "{holds}");
        }
        for (fails, said) in [
            (
                "{ memory: { below: 100MB } }",
                "memory: expected below 100 MB, actual 100 MB",
            ),
            (
                "{ pids: { at_most: 4 } }",
                "pids: expected at most 4, actual 12",
            ),
            (
                "{ cpu: { below: 2% } }",
                "cpu: expected below 2%, actual 4.3%",
            ),
        ] {
            assert_eq!(misses_of("usage", fails, seen), [said]);
        }
    }

    #[test]
    fn time_is_taken_only_where_it_is_needed() {
        let asks = |text: &str| claim("usage", text).questions();
        let usage = |over_millis| vec![Question::Usage { over_millis }];
        assert_eq!(asks("{ pids: 1 }"), usage(None));
        assert_eq!(asks("{ cpu: { below: 5% } }"), usage(Some(1_000)));
        assert_eq!(
            asks("{ cpu: { below: 5% }, over: 10s }"),
            usage(Some(10_000))
        );
    }

    #[test]
    fn what_is_not_seen_is_no_verdict() {
        errs_unseen("usage", "{ memory: { below: 1MB } }", seen);
        fails_ended("usage", "{ cpu: { below: 5% } }");
        for (of_nanos, memory) in [(0, Ok(1)), (9, Err("dark".to_owned()))] {
            let found = judged("usage", "{ memory: 1B, cpu: { below: 5% } }", |_| {
                Fact::Usage(Usage {
                    memory: memory.clone(),
                    pids: Ok(0),
                    cpu: Some(Ok(Worked { nanos: 0, of_nanos })),
                })
            });
            assert!(
                found.misses.is_empty() && found.unseen.len() == 1,
                "{found:?}"
            );
        }
    }

    #[test]
    fn what_cannot_be_measured_is_refused() {
        assert!(refused("usage", "{ cpu: { below: 5 } }").contains("a percentage"));
        assert!(refused("usage", "{ cpu: { below: 5% }, over: 10ms }").contains("from 200ms"));
        assert!(refused("usage", "{ memory: 1MB, over: 1s }").contains("there is none"));
    }
}
