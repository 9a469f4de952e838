//! `filesystem`: whether the container's root file system can be written to. It is tried.

use serde_json::Value as Json;

use super::{Findings, Judge, Scope};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::question::Question;
use crate::text::matcher::Miss;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Spanned;
use crate::text::tree::Node;
use crate::words;

words! {
    /// Whether a file system can be written to.
    pub enum Writing {
        /// It cannot, whoever tries.
        ReadOnly = "read_only",
        /// It can, by those who may.
        Writable = "writable",
    }
}

/// Whether the root file system can be written to.
#[derive(Debug, Clone)]
pub struct Filesystem(Spanned<Writing>);

impl Read for Filesystem {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        Spanned::read(node, reader).map(Self)
    }
    fn schema(schemas: &mut Schemas) -> Json {
        Writing::schema(schemas)
    }
}

/// The folder that is in the root file system whatever is mounted elsewhere, and in every image.
const ROOT: &str = "/";
/// Read-only file system. The kernel says so before it looks at anyone's rights.
const READ_ONLY: i32 = 30;

impl Judge for Filesystem {
    const SCOPE: Scope = Scope::Running;

    fn questions(&self) -> Vec<Question> {
        let folder = ROOT.to_owned();
        vec![Question::Create { folder }]
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let Self(wanted) = self;
        let (span, what) = (wanted.span, "filesystem");
        let actual = match seen.created(ROOT)? {
            Ok(()) => Ok("writable: a file could be made in /".to_owned()),
            Err((READ_ONLY, why)) => Ok(format!("read_only: {why}")),
            // It is not read-only then, but nobody has written to it either.
            Err((_, why)) => Err(format!(
                "not read_only: the kernel refused a file in / with: {why}"
            )),
        };
        let read_only = matches!(&actual, Ok(said) if said.starts_with("read_only"));
        match (wanted.value, actual) {
            (Writing::Writable, Err(said)) => {
                return Err(Blocked::Unseen(format!(
                    "cannot tell whether the root file system can be written to; it is {said}"
                )));
            }
            (Writing::ReadOnly, Err(said)) => {
                findings.check_with(span, what, Some(Miss::new("read_only", said)), HELP);
            }
            (Writing::ReadOnly, Ok(said)) if !read_only => {
                findings.check_with(span, what, Some(Miss::new("read_only", said)), HELP);
            }
            (Writing::Writable, Ok(said)) if read_only => {
                findings.check(span, what, Some(Miss::new("writable", said)));
            }
            (_, Ok(said)) => findings.saw(said),
        }
        Ok(())
    }
}

const HELP: &str = "`read_only: true` in `run`, in a service or in the Compose file makes it so, with `tmpfs` for what has to be written";

#[cfg(test)]
mod tests {
    use crate::claim::trial::{errs_unseen, fails_ended, judged, misses as misses_of, refused};
    use crate::fact::answer::Fact;

    fn refused_with(number: i32, why: &str) -> Fact {
        Fact::Created(Err((number, why.to_owned())))
    }

    #[test]
    fn what_was_tried_is_what_counts() {
        let made = |_: &_| Fact::Created(Ok(()));
        let read_only = |_: &_| refused_with(30, "Read-only file system");
        assert_eq!(misses_of("filesystem", "writable", made), [""; 0]);
        assert_eq!(misses_of("filesystem", "read_only", read_only), [""; 0]);
        let misses = misses_of("filesystem", "read_only", made);
        assert!(
            misses[0].contains("actual writable: a file could be made"),
            "{misses:?}"
        );
        let said = "filesystem: expected writable, actual read_only: Read-only file system";
        assert_eq!(misses_of("filesystem", "writable", read_only), [said]);
    }

    #[test]
    fn a_right_that_lacks_makes_nothing_read_only() {
        for (number, why) in [
            (13, "Permission denied"),
            (1, "not permitted"),
            (28, "No space"),
        ] {
            let misses = misses_of("filesystem", "read_only", |_| refused_with(number, why));
            assert!(misses[0].contains("actual not read_only") && misses[0].contains(why));
            let untold = judged("filesystem", "writable", |_| refused_with(number, why));
            assert!(untold.misses.is_empty() && untold.unseen[0].contains(why));
        }
    }

    #[test]
    fn what_is_not_seen_is_no_verdict() {
        errs_unseen("filesystem", "read_only", |_| Fact::Created(Ok(())));
        fails_ended("filesystem", "read_only");
        assert!(refused("filesystem", "readonly").contains("unknown word `readonly`"));
    }
}
