//! What stands below the failures of a case: how a container ended, and what it said last.

use super::{Cases, Making};
use crate::observe;
use crate::session::company::{Company, Member};

/// How many of the container's last lines are evidence.
const LAST_LINES: usize = 20;
/// How many the engine is asked for, which may have cut them.
const TAIL: usize = 1000;

impl Cases<'_> {
    /// What a container says of itself: always of the one under test, of a service where it has ended or
    /// is to blame.
    pub(super) async fn evidence(&mut self, company: &Company, at: usize) {
        let Ok(mut live) = company.live(at).await else {
            return;
        };
        if !live.program || !live.is_made() {
            return;
        }
        let end = live.end().await.ok().flatten();
        let is_app = company.members().get(at).is_some_and(Member::is_app);
        let label = company.label(at);
        let blamed = |making: &Making| label.as_ref().is_some_and(|label| making.blames(label));
        if !is_app && end.is_none() && !self.all.iter().any(|(_, _, _, m)| blamed(m)) {
            return;
        }
        // An engine takes long to give out a log that it still takes in.
        let log = observe::log(&mut live, Some(TAIL))
            .await
            .unwrap_or_default();
        self.each(|_, making| {
            if making.is_good() {
                return;
            }
            let name = label.clone().unwrap_or_else(|| "the container".to_owned());
            let ending = end.as_ref().map(|ending| format!("it {ending}"));
            if let Some(ending) = ending.filter(|ending| !making.says(ending)) {
                making.evidence(name.clone(), vec![ending]);
            }
            making.evidence(format!("{name}'s last lines"), log.last(LAST_LINES));
        });
    }
}
