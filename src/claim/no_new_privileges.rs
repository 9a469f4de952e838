//! `no_new_privileges`: whether programs can gain privileges that the main process lacks.

use serde_json::Value as Json;

use super::{Findings, Judge, Scope, what_of};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::question::Question;
use crate::text::matcher::Miss;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Spanned;
use crate::text::tree::Node;

/// Whether setuid programs gain nothing.
#[derive(Debug, Clone)]
pub struct NoNewPrivileges(Spanned<bool>);

impl Read for NoNewPrivileges {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        Spanned::read(node, reader).map(Self)
    }
    fn schema(schemas: &mut Schemas) -> Json {
        bool::schema(schemas)
    }
}

impl Judge for NoNewPrivileges {
    const SCOPE: Scope = Scope::Running;

    fn questions(&self) -> Vec<Question> {
        vec![Question::Processes]
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let Self(wanted) = self;
        // A process can gain what any of its threads can.
        let (mut actual, mut which) = (true, None);
        for (thread, view) in seen.main_process()?.views() {
            let Some(own) = view.security.no_new_privileges else {
                let why = "the kernel does not say whether the main process can gain privileges";
                return Err(Blocked::Unseen(why.to_owned()));
            };
            if actual && !own {
                (actual, which) = (false, thread);
            }
        }
        if actual == wanted.value {
            findings.saw(shown(actual));
            return Ok(());
        }
        let what = what_of("no_new_privileges", which.as_deref());
        let miss = Some(Miss::new(shown(wanted.value), shown(actual)));
        match (actual, which) {
            (true, _) => findings.check(wanted.span, what, miss),
            (false, None) => findings.check_with(wanted.span, what, miss, HELP),
            (false, Some(_)) => findings.check_with(wanted.span, what, miss, HELP_THREAD),
        }
        Ok(())
    }
}

const HELP: &str = "`security_opt: [\"no-new-privileges:true\"]` in `run`, in a service or in the Compose file takes them away";
const HELP_THREAD: &str = "the program gave them up in some of its threads only; \
    `security_opt: [\"no-new-privileges:true\"]` in `run`, in a service or in the Compose file takes them from all";

fn shown(value: bool) -> &'static str {
    match value {
        true => "no new privileges",
        false => "new privileges can be gained",
    }
}

#[cfg(test)]
mod tests {
    use crate::claim::trial::{errs_unseen, fails_ended, judged, misses as misses_of, refused};
    use crate::fact::answer::Fact;
    use crate::fact::process::{Process, Processes};
    use crate::fact::security::Security;

    const NAME: &str = "no_new_privileges";

    fn fact(init: Option<bool>, main: Option<bool>) -> Fact {
        let process = |pid, parent, no_new_privileges| Process {
            pid,
            parent,
            security: Security {
                no_new_privileges,
                ..Security::default()
            },
            ..Process::default()
        };
        Fact::Processes(Processes {
            all: vec![process(1, 0, init), process(2, 1, main)],
            init: true,
        })
    }

    #[test]
    fn the_main_process_is_judged_not_the_init() {
        let seen = |_: &_| fact(Some(false), Some(true));
        assert_eq!(misses_of(NAME, "true", seen), [""; 0]);
        let said =
            "no_new_privileges: expected new privileges can be gained, actual no new privileges";
        assert_eq!(misses_of(NAME, "false", seen), [said]);
        let seen = |_: &_| fact(Some(true), Some(false));
        assert_eq!(misses_of(NAME, "false", seen), [""; 0]);
        let misses = misses_of(NAME, "true", seen);
        assert!(misses[0].ends_with("takes them away"), "{misses:?}");
    }

    #[test]
    fn what_is_not_seen_is_no_verdict() {
        errs_unseen(NAME, "true", |_| fact(None, Some(true)));
        fails_ended(NAME, "true");
        for text in ["true", "false"] {
            let silent = judged(NAME, text, |_| fact(Some(true), None));
            assert!(silent.misses.is_empty() && silent.unseen[0].contains("does not say"));
        }
        assert!(refused(NAME, "yes").contains("true or false"));
    }
}
