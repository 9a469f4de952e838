//! What a run has asked the engine to make, written down before it is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Thing {
    /// Asked for; the engine has not answered yet, so it may still appear.
    AskedContainer,
    AskedVolume,
    Container,
    Volume,
}

/// The ledger.
#[derive(Debug, Default)]
pub struct Ledger {
    open: Mutex<BTreeMap<String, Thing>>,
    kept: Mutex<BTreeSet<String>>,
    count: AtomicU32,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Ledger {
    /// A number that was not given before.
    pub fn number(&self) -> u32 {
        self.count.fetch_add(1, Ordering::Relaxed)
    }

    /// A container of this name is about to be made.
    pub fn container(&self, name: &str) {
        lock(&self.open).insert(name.to_owned(), Thing::AskedContainer);
    }

    /// The engine has made what has this name.
    pub fn made(&self, name: &str) {
        if let Some(thing) = lock(&self.open).get_mut(name) {
            *thing = match thing {
                Thing::AskedVolume | Thing::Volume => Thing::Volume,
                Thing::AskedContainer | Thing::Container => Thing::Container,
            };
        }
    }

    /// Whether the engine never said that it has made it.
    pub fn may_still_appear(&self, name: &str) -> bool {
        matches!(
            lock(&self.open).get(name),
            Some(Thing::AskedContainer | Thing::AskedVolume)
        )
    }

    /// A volume of this name is about to be made.
    pub fn volume(&self, name: &str) {
        lock(&self.open).insert(name.to_owned(), Thing::AskedVolume);
    }

    /// It was removed.
    pub fn gone(&self, name: &str) {
        lock(&self.open).remove(name);
    }

    /// It stays, as the user asked.
    pub fn keep(&self, name: &str) {
        lock(&self.open).remove(name);
        lock(&self.kept).insert(name.to_owned());
    }

    /// Whether it stays.
    pub fn is_kept(&self, name: &str) -> bool {
        lock(&self.kept).contains(name)
    }

    /// Containers and volumes that are still to be removed.
    pub fn open(&self) -> (Vec<String>, Vec<String>) {
        let open = lock(&self.open);
        let of = |volume: bool| {
            open.iter()
                .filter(|(_, thing)| matches!(thing, Thing::Volume | Thing::AskedVolume) == volume)
                .map(|(name, _)| name.clone())
                .collect()
        };
        (of(false), of(true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_gone_and_not_kept_is_still_to_be_removed() {
        let ledger = Ledger::default();
        for name in ["a", "b", "c"] {
            ledger.container(name);
        }
        ledger.volume("v");
        ledger.made("c");
        assert!(ledger.may_still_appear("a") && !ledger.may_still_appear("c"));
        ledger.gone("a");
        ledger.keep("b");
        assert_eq!(ledger.open(), (vec!["c".to_owned()], vec!["v".to_owned()]));
        assert!(ledger.is_kept("b") && !ledger.is_kept("c"));
        assert_ne!(ledger.number(), ledger.number());
    }
}
