//! Ports of the engine's machine that containers of the run have, each by its number: whoever is to have one that
//! another has waits for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::suite::Case;
use crate::suite::publish::Publish;

/// Who has which at present.
#[derive(Debug, Default)]
pub struct Ports {
    taken: Mutex<Vec<Arc<[Publish]>>>,
    freed: Notify,
}

/// Ports that nobody else of the run has, for as long as this lives.
#[derive(Debug)]
pub struct Taken<'a> {
    from: &'a Ports,
    ports: Arc<[Publish]>,
}

impl Ports {
    fn taken(&self) -> MutexGuard<'_, Vec<Arc<[Publish]>>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes all of these at once, as soon as none of them is another's.
    pub async fn take(&self, wanted: Vec<Publish>) -> Taken<'_> {
        let ports: Arc<[Publish]> = wanted.into();
        loop {
            let freed = self.freed.notified();
            tokio::pin!(freed);
            // Whoever lets go from here on is heard.
            freed.as_mut().enable();
            if self.take_now(&ports) {
                return Taken { from: self, ports };
            }
            freed.await;
        }
    }

    fn take_now(&self, wanted: &Arc<[Publish]>) -> bool {
        let mut taken = self.taken();
        let is_free = |port: &Publish| {
            !taken
                .iter()
                .flat_map(|all| all.iter())
                .any(|t| t.meets(port))
        };
        let are_free = wanted.iter().all(is_free);
        if are_free {
            taken.push(Arc::clone(wanted));
        }
        are_free
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.from
            .taken()
            .retain(|ports| !Arc::ptr_eq(ports, &self.ports));
        self.from.freed.notify_waiters();
    }
}

/// The ports that the containers of a case are to have by their numbers.
pub fn fixed(case: &Case) -> Vec<Publish> {
    let services = case.services.iter().map(|(_, service)| &service.run);
    let all = [&case.run].into_iter().chain(services);
    let all = all.flat_map(|run| &run.ports).map(|port| &port.value);
    all.filter(|port| port.is_fixed()).cloned().collect()
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use super::*;
    use crate::text::units::{Port, Protocol};

    fn port(published: u16) -> Publish {
        Publish {
            address: None,
            published: Some(published),
            target: Port {
                number: 80,
                protocol: Protocol::Tcp,
            },
        }
    }

    /// Whether it has to wait. Nothing is lost by asking.
    macro_rules! waits {
        ($take:expr) => {
            tokio::select! {
                biased;
                _ = &mut $take => false,
                () = std::future::ready(()) => true,
            }
        };
    }

    #[tokio::test]
    async fn whoever_wants_what_another_has_waits_and_nobody_else_does() {
        let ports = Ports::default();
        let one = ports.take(vec![port(1), port(2)]).await;
        let other = ports.take(vec![port(3)]).await;
        drop(ports.take(Vec::new()).await);
        let mut both = pin!(ports.take(vec![port(2), port(3)]));
        assert!(waits!(both));
        drop(one);
        assert!(waits!(both), "3 is another's yet");
        drop(ports.take(vec![port(1)]).await);
        drop(other);
        assert!(!waits!(both));
        drop(ports.take(vec![port(2), port(3)]).await);
    }
}
