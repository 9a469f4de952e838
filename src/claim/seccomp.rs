//! `seccomp`: whether the main process's system calls are filtered.

use serde_json::Value as Json;

use super::{Findings, Judge, Scope, what_of};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::question::Question;
use crate::text::matcher::Miss;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Spanned;
use crate::text::tree::Node;
use crate::words;

words! {
    /// How system calls are filtered.
    pub enum Filtering {
        /// By a filter, as engines do by default.
        Filtered = "filtered",
        /// Not at all.
        Unconfined = "unconfined",
        /// All but reading, writing and ending are refused.
        Strict = "strict",
    }
}

/// How the main process's system calls are filtered.
#[derive(Debug, Clone)]
pub struct Seccomp(Spanned<Filtering>);

impl Read for Seccomp {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        Spanned::read(node, reader).map(Self)
    }
    fn schema(schemas: &mut Schemas) -> Json {
        Filtering::schema(schemas)
    }
}

impl Judge for Seccomp {
    const SCOPE: Scope = Scope::Running;

    fn questions(&self) -> Vec<Question> {
        vec![Question::Processes]
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let Self(wanted) = self;
        for (thread, view) in seen.main_process()?.views() {
            let actual = filtering(view.security.seccomp)?;
            let miss =
                (actual != wanted.value).then(|| Miss::new(wanted.value.word(), actual.word()));
            if miss.is_none() {
                findings.saw(actual.word());
            }
            let what = what_of("seccomp", thread.as_deref());
            findings.check(wanted.span, what, miss);
        }
        Ok(())
    }
}

fn filtering(mode: Option<u32>) -> Result<Filtering, Blocked> {
    match mode {
        Some(0) => Ok(Filtering::Unconfined),
        Some(1) => Ok(Filtering::Strict),
        Some(2) => Ok(Filtering::Filtered),
        Some(other) => {
            let why = format!("the kernel says {other} of seccomp, which is not known here");
            Err(Blocked::Unseen(why))
        }
        None => {
            let why = "the kernel says nothing of seccomp: it may be built without it";
            Err(Blocked::Unseen(why.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Filtering;
    use crate::claim::trial::{errs_unseen, fails_ended, judged, misses as misses_of, refused};
    use crate::fact::answer::Fact;
    use crate::fact::process::{Process, Processes};
    use crate::fact::security::Security;

    fn fact(seccomp: Option<u32>) -> Fact {
        let main = Process {
            pid: 1,
            security: Security {
                seccomp,
                ..Security::default()
            },
            ..Process::default()
        };
        Fact::Processes(Processes {
            all: vec![main],
            init: false,
        })
    }

    #[test]
    fn each_mode_is_its_own_word() {
        for (mode, word) in [(0, "unconfined"), (1, "strict"), (2, "filtered")] {
            for other in Filtering::WORDS {
                let misses = misses_of("seccomp", other, |_| fact(Some(mode)));
                let said = format!("seccomp: expected {other}, actual {word}");
                let wanted = if *other == word { vec![] } else { vec![said] };
                assert_eq!(misses, wanted);
            }
        }
    }

    #[test]
    fn what_is_not_seen_is_no_verdict() {
        for mode in [None, Some(3)] {
            let silent = judged("seccomp", "unconfined", |_| fact(mode));
            assert!(silent.misses.is_empty() && silent.unseen[0].contains("seccomp"));
        }
        errs_unseen("seccomp", "filtered", |_| fact(Some(2)));
        fails_ended("seccomp", "filtered");
        assert!(refused("seccomp", "filterd").contains("unknown word `filterd`"));
    }
}
