//! What whoever calls a command allows suites: `--allow`, on the command line or in the settings.

use crate::suite::grant::{Allowed, Grant};

/// Powers that suites are given.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Allow {
    /// Allow suites a power over this machine that they ask for, such as `privileged`, `bind=/srv/data` or
    /// `cap_add=SYS_PTRACE`; without a value all of its kind. What is asked for and not allowed is refused with the
    /// words to allow it.
    #[arg(long, value_name = "POWER", value_parser = Grant::parse)]
    pub allow: Vec<Grant>,
}

impl Allow {
    /// These, and nothing else.
    pub fn these(&self) -> Allowed {
        Allowed::only(self.allow.iter().cloned())
    }

    /// For those who start nothing: these of what is read, and all else.
    pub fn unstarted(&self) -> Allowed {
        self.these().unstarted()
    }
}
