//! `limits`: what the kernel lets the container have at most, and what was set aside for it.

use std::fmt::Display;

use serde_json::{Value as Json, json};

use super::{Findings, Judge, Scope};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::cgroup::Told;
use crate::fact::container::ReservedCpus;
use crate::fact::question::Question;
use crate::record;
use crate::text::cpus::Cpus;
use crate::text::matcher::Miss;
use crate::text::matcher::bound::Bound;
use crate::text::measured::Measured;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Spanned;
use crate::text::tree::Node;
use crate::text::units::Memory;

record! {
    /// What the kernel lets the container have at most, and what was set aside for it.
    pub struct Limits {
        /// Memory at most; `MB` is 1024 × 1024 bytes. `unlimited` says that there is no limit.
        memory: Option<Spanned<Limit<Memory>>>,
        /// Processors at most, as a number such as 0.5, or `unlimited`.
        cpus: Option<Spanned<Limit<Cpus>>>,
        /// Processes and threads at most, or `unlimited`.
        pids: Option<Spanned<Limit<u64>>>,
        /// What is set aside for it, as declared.
        reserved: Option<Reserved>,
    }
}

record! {
    /// What is set aside for a container, as declared.
    pub struct ReservedFields {
        /// Memory; `MB` is 1024 × 1024 bytes.
        memory: Option<Spanned<Bound<Memory>>>,
        /// Processors, as a number such as 0.5: known of a Compose file only.
        cpus: Option<Spanned<Bound<Cpus>>>,
    }
}

/// What is set aside for a container.
#[derive(Debug, Clone)]
pub struct Reserved(ReservedFields);

impl Read for Reserved {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let fields = ReservedFields::read(node, reader)?;
        if fields.memory.is_none() && fields.cpus.is_none() {
            reader
                .say(node.span, "this claims nothing")
                .help("such as `reserved: { memory: 512MB }`");
            return None;
        }
        Some(Self(fields))
    }
    fn schema(schemas: &mut Schemas) -> Json {
        ReservedFields::schema(schemas)
    }
}

/// A limit that there is, or that there is none.
#[derive(Debug, Clone)]
pub enum Limit<T> {
    /// There is none.
    Unlimited,
    /// There is one, and it is so.
    Is(Bound<T>),
}

impl<T: Measured> Read for Limit<T> {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.text() {
            Some("unlimited") => Some(Self::Unlimited),
            Some("none") => {
                reader
                    .say(node.span, "expected a limit, found `none`")
                    .help("`unlimited` claims that there is none");
                None
            }
            _ => Bound::read(node, reader).map(Self::Is),
        }
    }
    fn schema(schemas: &mut Schemas) -> Json {
        json!({ "anyOf": [{ "const": "unlimited" }, Bound::<T>::schema(schemas)] })
    }
}

impl<T: PartialOrd + Display> Limit<T> {
    fn miss(&self, actual: Option<&T>) -> Option<Miss> {
        match (self, actual) {
            (Self::Unlimited, None) => None,
            (Self::Unlimited, Some(limit)) => Some(Miss::new("unlimited", limit.to_string())),
            (Self::Is(bound), Some(limit)) => bound.miss(limit),
            (Self::Is(bound), None) => Some(Miss::new(bound.expected(), "unlimited")),
        }
    }
}

impl Judge for Limits {
    const SCOPE: Scope = Scope::Running;

    fn questions(&self) -> Vec<Question> {
        let kernel = self.memory.is_some() || self.cpus.is_some() || self.pids.is_some();
        let kernel = kernel.then_some(Question::Limits);
        let engine = self.reserved.as_ref().map(|_| Question::Container);
        kernel.into_iter().chain(engine).collect()
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let mut judged = Findings::default();
        if let Some(wanted) = &self.memory {
            let actual = told(&seen.limits()?.memory)?.map(|bytes| kept(&wanted.value, bytes));
            compare(wanted, "memory", actual, &mut judged);
        }
        if let Some(wanted) = &self.cpus {
            let actual = told(&seen.limits()?.cpus)?.map(Cpus);
            compare(wanted, "cpus", actual, &mut judged);
        }
        if let Some(wanted) = &self.pids {
            compare(wanted, "pids", told(&seen.limits()?.pids)?, &mut judged);
        }
        if let Some(Reserved(reserved)) = &self.reserved {
            let settings = &seen.container()?.settings;
            if let Some(wanted) = &reserved.memory {
                let actual = settings.memory_reservation.map(Memory);
                set_aside(wanted, "reserved memory", actual, &mut judged);
            }
            if let Some(wanted) = &reserved.cpus {
                let actual = match settings.reserved_cpus {
                    ReservedCpus::Parts(parts) => Some(Cpus(parts)),
                    ReservedCpus::Nothing => None,
                    ReservedCpus::Untold => return Err(Blocked::Unseen(UNTOLD.to_owned())),
                };
                set_aside(wanted, "reserved cpus", actual, &mut judged);
            }
        }
        findings.misses.extend(judged.misses);
        findings.seen.extend(judged.seen);
        Ok(())
    }
}

/// What was told, or that it could not be.
pub(super) fn told<T: Copy>(told: &Told<T>) -> Result<T, Blocked> {
    told.clone().map_err(Blocked::Unseen)
}

fn compare<T: PartialOrd + Display>(
    wanted: &Spanned<Limit<T>>,
    what: &str,
    actual: Option<T>,
    findings: &mut Findings,
) {
    let miss = wanted.value.miss(actual.as_ref());
    let shown = actual.map_or_else(|| "unlimited".to_owned(), |limit| limit.to_string());
    if miss.is_some() && shown == "unlimited" {
        findings.check_with(wanted.span, what, miss, UNLIMITED);
    } else {
        findings.compare(wanted.span, what, miss, shown);
    }
}

/// Compares what is set aside, of which there has to be some.
fn set_aside<T: PartialOrd + Display>(
    wanted: &Spanned<Bound<T>>,
    what: &str,
    actual: Option<T>,
    findings: &mut Findings,
) {
    match actual {
        Some(actual) => findings.compare(wanted.span, what, wanted.value.miss(&actual), actual),
        None => {
            let miss = Miss::new(wanted.value.expected(), "nothing is set aside");
            findings.check(wanted.span, what, Some(miss));
        }
    }
}

const UNTOLD: &str = "an engine keeps no processors for a container and so tells of none: `reserved: { cpus: … }` is for \
    the services of a `compose` suite, whose file declares them under `deploy.resources.reservations`";

const UNLIMITED: &str = "nothing limits it: `mem_limit`, `cpus` and `pids_limit` do, in `run`, in a service or in the Compose file; `unlimited` claims that none is";

/// The largest page of any kernel.
const PAGE: u64 = 64 << 10;

/// A limit as it was set: the kernel keeps whole pages, and drops the rest.
fn kept(wanted: &Limit<Memory>, actual: u64) -> Memory {
    match wanted {
        Limit::Is(bound) => {
            let set = bound.equal_to().filter(|set| {
                let lost = set.0.checked_sub(actual);
                lost.is_some_and(|lost| lost < PAGE) && actual.is_multiple_of(4096)
            });
            set.copied().unwrap_or(Memory(actual))
        }
        Limit::Unlimited => Memory(actual),
    }
}

#[cfg(test)]
mod tests {
    use crate::claim::trial::{errs_unseen, fails_ended, judged, misses as misses_of, refused};
    use crate::fact::answer::Fact;
    use crate::fact::cgroup::Limits;
    use crate::fact::container::{ContainerFacts, ReservedCpus, Settings};
    use crate::fact::question::Question;

    const ALL: &str = "{ memory: 512MB, cpus: 0.5, pids: 100, reserved: { memory: 256MB } }";

    fn limited(question: &Question) -> Fact {
        match question {
            Question::Limits => Fact::Limits(Limits {
                memory: Ok(Some(512 << 20)),
                cpus: Ok(Some(50_000)),
                pids: Ok(Some(100)),
            }),
            _ => reserved(Some(256 << 20)),
        }
    }

    fn reserved(memory_reservation: Option<u64>) -> Fact {
        Fact::Container(Box::new(ContainerFacts {
            settings: Settings {
                memory_reservation,
                ..Settings::default()
            },
            ..ContainerFacts::default()
        }))
    }

    fn free(question: &Question) -> Fact {
        match question {
            Question::Limits => Fact::Limits(Limits {
                memory: Ok(None),
                cpus: Ok(None),
                pids: Ok(None),
            }),
            _ => reserved(None),
        }
    }

    #[test]
    fn limits_are_compared_in_composes_units() {
        for holds in [
            ALL,
            "{ memory: { at_most: 0.5GB, above: 511MB } }",
            "{ memory: 536870912 }",
            "{ cpus: { below: 0.6 }, pids: { at_most: 100 } }",
        ] {
            assert_eq!(misses_of("limits", holds, limited), [""; 0], "{holds}");
        }
        for (fails, said) in [
            ("{ memory: 1GB }", "memory: expected 1 GB, actual 512 MB"),
            (
                "{ memory: { below: 512MB } }",
                "memory: expected below 512 MB, actual 512 MB",
            ),
            (
                "{ memory: unlimited }",
                "memory: expected unlimited, actual 512 MB",
            ),
            ("{ cpus: 1 }", "cpus: expected 1, actual 0.5"),
            (
                "{ pids: { at_least: 200 } }",
                "pids: expected at least 200, actual 100",
            ),
            (
                "{ reserved: { memory: 1GB } }",
                "reserved memory: expected 1 GB, actual 256 MB",
            ),
        ] {
            assert_eq!(misses_of("limits", fails, limited), [said]);
        }
    }

    #[test]
    fn what_is_not_limited_is_within_no_limit() {
        let holds = "{ memory: unlimited, cpus: unlimited, pids: unlimited }";
        assert_eq!(misses_of("limits", holds, free), [""; 0]);
        for fails in [
            "{ memory: { at_most: 2GB } }",
            "{ memory: { at_least: 1MB } }",
            "{ memory: { not: 1MB } }",
            "{ cpus: 1 }",
            "{ pids: { above: 1 } }",
        ] {
            let misses = misses_of("limits", fails, free);
            assert!(
                misses[0].contains("actual unlimited | nothing limits it"),
                "{misses:?}"
            );
        }
        let said = "reserved memory: expected above 0 B, actual nothing is set aside";
        assert_eq!(
            misses_of("limits", "{ reserved: { memory: { above: 0 } } }", free),
            [said]
        );
    }

    #[test]
    fn processors_are_kept_by_what_a_compose_file_says() {
        let told = |reserved_cpus| {
            move |_: &Question| {
                let settings = Settings {
                    reserved_cpus,
                    ..Settings::default()
                };
                Fact::Container(Box::new(ContainerFacts {
                    settings,
                    ..ContainerFacts::default()
                }))
            }
        };
        let quarter = told(ReservedCpus::Parts(25_000));
        for holds in ["0.25", "{ at_least: 0.25 }"] {
            let text = format!("{{ reserved: {{ cpus: {holds} }} }}");
            assert_eq!(misses_of("limits", &text, quarter), [""; 0]);
        }
        let half = "{ reserved: { cpus: 0.5 } }";
        assert_eq!(
            misses_of("limits", half, quarter),
            ["reserved cpus: expected 0.5, actual 0.25"]
        );
        assert_eq!(
            misses_of("limits", half, told(ReservedCpus::Nothing)),
            ["reserved cpus: expected 0.5, actual nothing is set aside"]
        );
        let untold = judged("limits", half, told(ReservedCpus::Untold));
        assert!(untold.misses.is_empty());
        assert!(untold.unseen[0].contains("`compose` suite"), "{untold:?}");
    }

    #[test]
    fn the_kernel_keeps_whole_pages() {
        let seen = |kept: u64| {
            move |_: &Question| {
                Fact::Limits(Limits {
                    memory: Ok(Some(kept)),
                    cpus: Ok(None),
                    pids: Ok(None),
                })
            }
        };
        let written = "{ memory: 100000000 }";
        assert_eq!(misses_of("limits", written, seen(99_999_744)), [""; 0]);
        assert_eq!(misses_of("limits", written, seen(99_942_400)), [""; 0]);
        assert_eq!(misses_of("limits", written, seen(99_876_864)).len(), 1);
        assert_eq!(misses_of("limits", written, seen(100_003_840)).len(), 1);
    }

    #[test]
    fn what_is_not_seen_is_no_verdict() {
        errs_unseen("limits", ALL, limited);
        fails_ended("limits", "{ pids: unlimited }");
        let dark = |_: &Question| {
            Fact::Limits(Limits {
                memory: Err("it is off".to_owned()),
                cpus: Ok(None),
                pids: Ok(Some(1)),
            })
        };
        for text in [
            "{ memory: unlimited }",
            "{ memory: 1MB }",
            "{ pids: 9, memory: 1MB }",
        ] {
            let found = judged("limits", text, dark);
            assert_eq!(found.unseen, ["it is off"]);
            assert!(found.misses.is_empty());
        }
        assert_eq!(
            misses_of("limits", "{ cpus: unlimited, pids: 1 }", dark),
            [""; 0]
        );
    }

    #[test]
    fn what_cannot_be_is_refused() {
        assert!(refused("limits", "{ memory: none }").contains("expected a limit"));
        assert!(refused("limits", "{ reserved: {} }").contains("claims nothing"));
        assert!(
            refused("limits", "{ reserved: { cpus: many } }").contains("a number of processors")
        );
        assert!(refused("limits", "{ mem: 1MB }").contains("unknown key"));
    }
}
