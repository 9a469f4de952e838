//! What only one of a run can have at a time. Whoever waits for it does so before the time of its cases begins.

use std::sync::atomic::Ordering;

use tokio::sync::OwnedMutexGuard;

use super::Cases;
use crate::engine::clock;
use crate::plan::{Kind, Unit};
use crate::run::ports::{self, Taken};
use crate::session::compose::Project;

/// It is another's once this is dropped.
#[derive(Default)]
pub(super) struct Own<'a> {
    /// No other stack with fixed addresses may be there.
    addresses: Option<OwnedMutexGuard<()>>,
    /// The ports of the engine's machine that it has by their numbers.
    ports: Option<Taken<'a>>,
}

impl Cases<'_> {
    /// Waits for the fixed addresses of a Compose file; gives whether its cases are still to be judged.
    pub(super) async fn has_addresses(&mut self, project: &Project) -> bool {
        if project.has_fixed_addresses() {
            self.doing("waits for its addresses");
            let began = clock::now();
            self.own.addresses = Some(self.session.addresses().await);
            self.waited = began.elapsed();
        }
        self.goes_on()
    }

    /// Waits for the ports that its containers are to have by their numbers; gives whether its cases are still to be
    /// judged.
    pub(super) async fn has_ports(&mut self, unit: &Unit) -> bool {
        let first = self.first().ok().filter(|_| unit.kind == Kind::Live);
        let wanted = first.map_or_else(Vec::new, |(_, _, case)| ports::fixed(case));
        if !wanted.is_empty() {
            self.doing("waits for its ports");
            let began = clock::now();
            self.own.ports = Some(self.shared.ports.take(wanted).await);
            self.waited = began.elapsed();
        }
        self.goes_on()
    }

    /// Whether nobody wants the run to end meanwhile.
    fn goes_on(&mut self) -> bool {
        let goes_on = !self.shared.stop.load(Ordering::Relaxed);
        if !goes_on {
            self.all.clear();
        }
        goes_on
    }
}
