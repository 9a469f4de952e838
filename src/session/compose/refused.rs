//! Why a Compose file cannot be tested as it is, and which name of the suite that is about. Pure.

use super::stack::Refusal;
use crate::suite::compose::Compose;
use crate::text::source::Span;

/// Why a Compose file cannot be tested as a suite has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What is wrong; what to do about it stands behind `help:`.
    pub said: Refusal,
    /// The name in the suite's `compose` that it is about; the files where it is about none.
    pub about: Option<Named>,
}

/// A name that stands in the `compose` of a suite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// That of `app`.
    App,
    /// One under `services`.
    Service(String),
    /// One under `scale`.
    Scale(String),
    /// One under `profiles`.
    Profile(String),
    /// One under `certificates`.
    Certificates(String),
}

impl From<Refusal> for Refused {
    fn from(said: Refusal) -> Self {
        Self { said, about: None }
    }
}

impl Named {
    /// That this is why.
    pub(super) fn refused(self, said: Refusal) -> Refused {
        Refused {
            said,
            about: Some(self),
        }
    }

    /// Where it stands.
    pub(super) fn place(&self, compose: &Compose) -> Option<Span> {
        let scaled = || compose.scale.0.iter().map(|(name, _)| name);
        let certified = || compose.certificates.0.iter().map(|(name, _)| name);
        let found = match self {
            Self::App => Some(&compose.app),
            Self::Service(own) => compose.services.iter().find(|name| name.value == *own),
            Self::Scale(own) => scaled().find(|name| name.value == *own),
            Self::Profile(own) => compose.profiles.iter().find(|name| name.value == *own),
            Self::Certificates(own) => certified().find(|name| name.value == *own),
        };
        found.map(|name| name.span)
    }
}
