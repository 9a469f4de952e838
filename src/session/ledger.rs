//! What a run has asked the engine to make, written down before it is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Thing {
    /// Asked for; the engine has not answered yet, so it may still appear.
    AskedContainer,
    AskedVolume,
    AskedImage,
    AskedNetwork,
    AskedProject,
    Container,
    Volume,
    Image,
    Network,
    Project,
}

/// The ledger.
#[derive(Debug, Default)]
pub struct Ledger {
    open: Mutex<BTreeMap<String, Thing>>,
    kept: Mutex<BTreeSet<String>>,
    count: AtomicU32,
    builds: AtomicBool,
    lent: tokio::sync::Mutex<BTreeMap<String, String>>,
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
                Thing::AskedImage | Thing::Image => Thing::Image,
                Thing::AskedNetwork | Thing::Network => Thing::Network,
                Thing::AskedProject | Thing::Project => Thing::Project,
            };
        }
    }

    /// Whether the engine never said that it has made it.
    pub fn may_still_appear(&self, name: &str) -> bool {
        matches!(
            lock(&self.open).get(name),
            Some(
                Thing::AskedContainer
                    | Thing::AskedVolume
                    | Thing::AskedImage
                    | Thing::AskedNetwork
                    | Thing::AskedProject
            )
        )
    }

    /// A volume of this name is about to be made.
    pub fn volume(&self, name: &str) {
        lock(&self.open).insert(name.to_owned(), Thing::AskedVolume);
    }

    /// An image of this name is about to be built.
    pub fn image(&self, name: &str) {
        self.builds.store(true, Ordering::Relaxed);
        lock(&self.open).insert(name.to_owned(), Thing::AskedImage);
    }

    /// A network of this name is about to be made.
    pub fn network(&self, name: &str) {
        lock(&self.open).insert(name.to_owned(), Thing::AskedNetwork);
    }

    /// A Compose project of this name is about to be brought up.
    pub fn project(&self, name: &str) {
        self.builds.store(true, Ordering::Relaxed);
        lock(&self.open).insert(name.to_owned(), Thing::AskedProject);
    }

    /// Whether the run may have built an image of its own.
    pub fn builds(&self) -> bool {
        self.builds.load(Ordering::Relaxed)
    }

    /// The names of images that an archive may take which is being loaded, and what they stand for; none are left once
    /// all of them do so again.
    pub async fn lent(&self) -> tokio::sync::MutexGuard<'_, BTreeMap<String, String>> {
        self.lent.lock().await
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

    /// What is still to be removed.
    pub fn open(&self) -> Names {
        let mut names = Names::default();
        for (name, thing) in lock(&self.open).iter() {
            let list = match thing {
                Thing::AskedContainer | Thing::Container => &mut names.containers,
                Thing::AskedVolume | Thing::Volume => &mut names.volumes,
                Thing::AskedImage | Thing::Image => &mut names.images,
                Thing::AskedNetwork | Thing::Network => &mut names.networks,
                Thing::AskedProject | Thing::Project => &mut names.projects,
            };
            list.push(name.clone());
        }
        names
    }
}

/// Names of things.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Of containers.
    pub containers: Vec<String>,
    /// Of volumes.
    pub volumes: Vec<String>,
    /// Of networks.
    pub networks: Vec<String>,
    /// Of images.
    pub images: Vec<String>,
    /// Of Compose projects.
    pub projects: Vec<String>,
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
        ledger.image("i");
        ledger.network("n");
        ledger.project("p");
        assert!(ledger.may_still_appear("n"));
        ledger.made("n");
        assert!(!ledger.may_still_appear("n"));
        ledger.made("c");
        assert!(ledger.may_still_appear("a") && !ledger.may_still_appear("c"));
        assert!(ledger.may_still_appear("i"));
        ledger.gone("a");
        ledger.keep("b");
        let open = ledger.open();
        assert_eq!(
            (open.containers, open.volumes),
            (vec!["c".to_owned()], vec!["v".to_owned()])
        );
        assert_eq!(open.images, ["i"]);
        assert_eq!(open.networks, ["n"]);
        assert_eq!(open.projects, ["p"]);
        assert!(ledger.is_kept("b") && !ledger.is_kept("c"));
        assert_ne!(ledger.number(), ledger.number());
    }
}
