//! Counting what is asked of an engine and of the probes in its containers.

use std::sync::{Arc, Mutex, PoisonError};

use super::ask::Ask;
use crate::fact::calls::Calls;

/// Counts calls, those of clones together.
#[derive(Clone, Debug, Default)]
pub struct Counter {
    own: Arc<Mutex<Calls>>,
    whole: Option<Box<Counter>>,
}

impl Counter {
    /// A counter of its own, whose calls this one counts too.
    #[must_use]
    pub fn part(&self) -> Self {
        Self {
            own: Arc::default(),
            whole: Some(Box::new(self.clone())),
        }
    }

    /// What was counted so far.
    pub fn calls(&self) -> Calls {
        let own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        own.clone()
    }

    /// Counts a request to the engine.
    pub(super) fn asked(&self, ask: &Ask) {
        let kind = format!("{} {}", ask.method, ask.path.kind());
        self.count(|calls| *calls.engine.entry(kind.clone()).or_default() += 1);
    }

    /// Counts a round trip to a probe.
    pub(super) fn probed(&self) {
        self.count(|calls| calls.probe += 1);
    }

    fn count(&self, add: impl Fn(&mut Calls)) {
        let mut counter = Some(self);
        while let Some(Self { own, whole }) = counter {
            add(&mut own.lock().unwrap_or_else(PoisonError::into_inner));
            counter = whole.as_deref();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::path::Path;

    #[test]
    fn calls_are_counted_by_kind_for_the_part_and_the_whole() {
        let whole = Counter::default();
        let (one, other) = (whole.part(), whole.part());
        let path = |name: &str| Path::new("/containers").part(name).then("/json");
        one.asked(&Ask::get("look", path("a").query("size", "1")));
        one.asked(&Ask::get("look", path("b")));
        other.asked(&Ask::post("stop", "/containers/prune?x=1"));
        other.probed();
        let look = "GET /containers/{name}/json".to_owned();
        let prune = "POST /containers/prune".to_owned();
        assert_eq!(one.calls().engine, [(look.clone(), 2)].into());
        assert_eq!(other.calls().engine, [(prune.clone(), 1)].into());
        assert_eq!(whole.calls().engine, [(look, 2), (prune, 1)].into());
        assert_eq!((one.calls().probe, whole.calls().probe), (0, 1));
    }
}
