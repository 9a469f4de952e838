//! Kinds of mutants of `run`: one file a kind, which says what of these settings it would change.
//!
//! To add one, write `mutate/run/NAME.rs` and add its line below.

use crate::suite::run::Run;
use crate::text::source::Span;

/// A change of how a container is run.
#[derive(Debug, Clone)]
pub struct Edit {
    /// The setting.
    pub key: &'static str,
    /// Where what is changed is written, where that is not the setting as a whole.
    pub at: Option<Span>,
    /// What becomes of which part, in a few words.
    pub what: String,
    /// What is so then, in a sentence.
    pub says: String,
    /// A claim that would notice.
    pub claim: String,
    /// The part that is changed.
    pub part: String,
    /// Changes that part.
    pub apply: fn(&mut Run, &str),
}

/// A kind of mutants.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// What it is called.
    pub name: &'static str,
    /// What it would change of these settings.
    pub edits: fn(&Run) -> Vec<Edit>,
}

kinds! { edits:
    capabilities,
    environment,
    health,
    init,
    limits,
    networks,
    no_new_privileges,
    ports,
    read_only,
    restart,
    stop_signal,
    tmpfs,
    user,
    volumes,
}

pub use health::good as good_check;
pub(super) use no_new_privileges::is_it as forbids_new_privileges;
pub use stop_signal::UNHEEDED;

impl Edit {
    /// A change of a whole setting.
    fn of(key: &'static str, what: &str, apply: fn(&mut Run, &str)) -> Self {
        Self {
            key,
            at: None,
            what: what.to_owned(),
            says: String::new(),
            claim: String::new(),
            part: String::new(),
            apply,
        }
    }

    /// What is so then.
    fn says(mut self, text: impl Into<String>) -> Self {
        self.says = text.into();
        self
    }

    /// The claim that would notice.
    fn noticed_by(mut self, claim: impl Into<String>) -> Self {
        self.claim = claim.into();
        self
    }

    /// Of which part, and where that stands.
    fn part(mut self, part: &str, at: Option<Span>) -> Self {
        part.clone_into(&mut self.part);
        self.at = at;
        self
    }
}
