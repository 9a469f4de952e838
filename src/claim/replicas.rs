//! `replicas`: how many containers of a service run now.

use serde_json::Value as Json;

use super::{Findings, Judge, Scope};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::company::Companion;
use crate::fact::question::Question;
use crate::text::matcher::bound::Bound;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Spanned;
use crate::text::tree::Node;

/// How many containers of a service run now.
#[derive(Debug, Clone)]
pub struct Replicas(Spanned<Bound<u64>>);

impl Read for Replicas {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        Spanned::read(node, reader).map(Self)
    }
    fn schema(schemas: &mut Schemas) -> Json {
        Bound::<u64>::schema(schemas)
    }
}

impl Judge for Replicas {
    const SCOPE: Scope = Scope::Running;

    fn questions(&self) -> Vec<Question> {
        vec![Question::Company]
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let together = seen.company()?;
        let missing = || Blocked::Unseen("the container is not among those of its case".to_owned());
        let service = &together.own().ok_or_else(missing)?.service;
        let all = together.all.iter().filter(|one| one.service == *service);
        let (up, down): (Vec<&Companion>, Vec<&Companion>) = all.partition(|one| runs(one));
        let Self(wanted) = self;
        let count = up.len() as u64;
        let Some(miss) = wanted.value.miss(&count) else {
            findings.saw(format!("replicas {count}"));
            return Ok(());
        };
        findings.check(wanted.span, "replicas", Some(miss));
        if let Some(finding) = findings.misses.last_mut() {
            finding.notes.extend(down.into_iter().map(told));
        }
        Ok(())
    }
}

/// Whether its program runs: one that waits for its next start does not, nor one that is frozen.
fn runs(one: &Companion) -> bool {
    one.state.status == "running"
}

fn told(one: &Companion) -> String {
    let (label, status) = (&one.label, one.state.status.as_str());
    match one.state.exit_code {
        Some(code) if matches!(status, "exited" | "restarting" | "dead") => {
            format!("`{label}` is {status}, its exit code is {code}")
        }
        _ if status.is_empty() => format!("`{label}` was never made"),
        _ => format!("`{label}` is {status}"),
    }
}

#[cfg(test)]
mod tests {
    use crate::claim::trial::{errs_unseen, judged, misses as misses_of, refused};
    use crate::fact::answer::Fact;
    use crate::fact::company::{Companion, Together};
    use crate::fact::container::StateFacts;

    fn one(service: &str, number: u32, status: &str) -> Companion {
        Companion {
            service: service.to_owned(),
            label: format!("{service}/{number}"),
            state: StateFacts {
                status: status.to_owned(),
                exit_code: (status == "exited").then_some(3),
                ..StateFacts::default()
            },
            ..Companion::default()
        }
    }

    fn web(second: &str) -> Fact {
        Fact::Company(Together {
            own: 1,
            all: vec![
                one("app", 1, "running"),
                one("web", 1, "running"),
                one("web", 2, second),
                one("web", 3, "running"),
            ],
            same_clock: true,
            clock_set: false,
        })
    }

    #[test]
    fn only_those_of_the_service_count_that_run() {
        for holds in ["3", "{ at_least: 2 }", "{ not: 4 }"] {
            let found = misses_of("replicas", holds, |_| web("running"));
            assert_eq!(found, [""; 0], "{holds}");
        }
        for (second, said) in [
            ("exited", "`web/2` is exited, its exit code is 3"),
            ("paused", "`web/2` is paused"),
            ("restarting", "`web/2` is restarting"),
        ] {
            let found = misses_of("replicas", "3", |_| web(second));
            assert_eq!(found, [format!("replicas: expected 3, actual 2 | {said}")]);
            assert_eq!(misses_of("replicas", "2", |_| web(second)), [""; 0]);
        }
    }

    #[test]
    fn what_is_not_seen_is_no_verdict() {
        errs_unseen("replicas", "3", |_| web("running"));
        let nobody = judged("replicas", "0", |_| Fact::Company(Together::default()));
        assert!(nobody.unseen[0].contains("not among"), "{nobody:?}");
        assert!(refused("replicas", "two").contains("whole number"));
    }
}
