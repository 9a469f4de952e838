//! What was seen of a container among the others of its case.

use super::{Blocked, Fact, Seen, seen};
use crate::fact::company::Together;
use crate::fact::network::Networks;
use crate::fact::question::Question;
use crate::fact::reach::{Reach, Sight};

impl<'a> Seen<'a> {
    /// All containers of the case.
    pub fn company(self) -> Result<&'a Together, Blocked> {
        seen!(self, Question::Company, Company)
    }

    /// The networks that the container is on.
    pub fn networks(self) -> Result<&'a Networks, Blocked> {
        seen!(self, Question::Networks, Networks)
    }

    /// Whether something is reached.
    pub fn reach(self, sight: &Sight) -> Result<&'a Reach, Blocked> {
        seen!(self, Question::Reach(sight.clone()), Reach)
    }
}
