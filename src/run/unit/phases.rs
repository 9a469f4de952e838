//! What the cases of a unit are at, for those who watch and for the run's course.

use super::Cases;
use crate::engine::record::{Party, Phases};
use crate::fact::timeline::CaseName;
use crate::plan::Unit;
use crate::run::case::Making;
use crate::run::outcome::Event;
use crate::suite::outside::shown;
use crate::suite::{Case, Suite};

/// Where it is taken down what these cases are at.
pub(super) fn of(record: &Party, all: &[(usize, &Suite, &Case, Making)]) -> Phases {
    let name = |(_, suite, case, _): &(usize, &Suite, &Case, Making)| CaseName {
        suite_file: shown(&suite.path),
        suite: suite.name.clone(),
        name: case.name.value.clone(),
    };
    Phases::of(record.part(all.iter().map(name).collect()))
}

impl Cases<'_> {
    /// They come to this.
    pub(super) fn doing(&self, doing: &'static str) {
        self.phases.turn(doing);
        self.tells(doing);
    }

    /// Their own images are there, and perhaps not yet those that they are compared with.
    pub(super) fn tells_of_others(&self, unit: &Unit) {
        if !unit.others.is_empty() {
            self.tells("waits for what its image is compared with");
        }
    }

    /// Within what they are at, this is done.
    pub(super) fn tells(&self, doing: &'static str) {
        for (at, suite, case, _) in &self.all {
            let name = format!("{}::{}", suite.name, case.name.value);
            self.shared.tell(Event::CaseBegan {
                index: *at,
                name,
                doing,
            });
        }
    }
}
