//! Health is not checked, or is good whatever happens.

use super::Edit;
use crate::engine::probe::PROGRAM;
use crate::suite::run::Run;
use crate::suite::settings::{HealthTest, Healthcheck};
use crate::text::read::Flag;
use crate::text::source::Spanned;

pub(super) fn edits(run: &Run) -> Vec<Edit> {
    let Some(test) = run
        .healthcheck
        .as_ref()
        .filter(|check| !check.is_off())
        .and_then(|check| check.test.as_ref())
    else {
        return Vec::new();
    };
    vec![
        Edit::of("healthcheck", "off", |run, _| {
            change(run, |check| check.disable = Flag(true));
        })
        .part("", Some(test.span))
        .says("its health is not checked")
        .noticed_by("- health: healthy"),
        Edit::of("healthcheck", "always true", |run, _| {
            change(run, |check| {
                if let Some(Spanned { value, .. }) = &mut check.test {
                    *value = HealthTest(good());
                }
            });
        })
        .part("", Some(test.span))
        .says("its health is good whatever happens")
        .noticed_by("- health: unhealthy # once a step has stopped what the check looks at"),
    ]
}

fn change(run: &mut Run, change: impl Fn(&mut Healthcheck)) {
    run.healthcheck.iter_mut().for_each(change);
}

/// A check that succeeds in every container: the probe is in each, and takes no memory.
pub fn good() -> Vec<String> {
    ["CMD", PROGRAM, "exhaust", "0"].map(str::to_owned).into()
}
