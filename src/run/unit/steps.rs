//! The steps of a case: what is expected and what is done, one after the other.

use super::{Cases, ground, within};
use crate::action::Action;
use crate::run::judge::{Pending, Subject, judge};
use crate::run::outcome::{Failure, Trouble};
use crate::session::live::Live;
use crate::session::live::deeds::Undone;
use crate::suite::{Body, Case, Step, Suite};
use crate::text::source::{Place, Span};

impl Cases<'_> {
    /// The steps of the one case of this unit; a failed claim ends them.
    pub(super) async fn steps(&mut self, live: &mut Live) {
        let Some((_, suite, case, _)) = self.all.first() else {
            return;
        };
        let (suite, case): (&Suite, &Case) = (suite, case);
        let Body::Steps(steps) = &case.body else {
            return;
        };
        let ground = ground(self.shared, suite, case);
        for step in steps {
            match step {
                Step::Expect { items, .. } => {
                    let pending = items
                        .iter()
                        .map(|item| Pending {
                            item,
                            within: within(item, case, suite),
                            case: 0,
                        })
                        .collect();
                    let before = self.counter.calls();
                    let judged =
                        judge(Subject::Container(live), Some(&ground), pending, false).await;
                    self.observation.add(&self.counter.calls().since(&before));
                    let Some((_, _, _, making)) = self.all.first_mut() else {
                        return;
                    };
                    for one in judged {
                        making.take(one, &self.shared.sources);
                    }
                    if !making.is_good() {
                        return;
                    }
                }
                Step::Act { span, action, .. } => {
                    if !self.act(live, *span, action).await {
                        return;
                    }
                }
            }
        }
    }

    async fn act(&mut self, live: &mut Live, span: Span, action: &Action) -> bool {
        let deed = action.deed();
        let place = self.shared.sources.place(span);
        match live.deed(&deed).await {
            Ok(None) if deed.awaits_ready() => self.wait_ready(live).await,
            Ok(None) => true,
            Ok(Some(undone)) => {
                let failure = not_done(&undone, action, place);
                self.each(|_, making| making.fail(failure.clone()));
                false
            }
            Err(fault) => {
                let message = format!("the step `{}` could not be done: {fault}", action.name());
                self.each(|_, making| {
                    making.trouble(Trouble {
                        place: Some(place.clone()),
                        message: message.clone(),
                    });
                });
                false
            }
        }
    }
}

fn not_done(undone: &Undone, action: &Action, place: Place) -> Failure {
    Failure {
        place,
        claim: action.name().to_owned(),
        what: "step".to_owned(),
        service: None,
        expected: undone.expected.clone(),
        actual: undone.actual.clone(),
        diff: None,
        notes: Vec::new(),
        waited: None,
    }
}
