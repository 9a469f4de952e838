//! Services that have died while a case was judged: what was seen of the others may be due to that.

use super::Cases;
use crate::engine::Result;
use crate::plan::whom::whom;
use crate::session::company::Company;
use crate::session::live::Live;
use crate::suite::order;
use crate::suite::run::Wait;
use crate::suite::service::ALL;
use crate::suite::{Case, Item, Step};

impl Cases<'_> {
    /// Writes down a service that has died while its case was judged: what was seen of the others may be
    /// due to that, so nothing of it is a failure.
    pub(super) async fn services_live(&mut self, company: &Company) {
        if let Some((at, Ok(message) | Err(message))) = self.dead_service(company).await {
            self.trouble(company, at, &message);
            self.each(|_, making| making.undermined());
        }
    }

    /// The services that have to live on, by what the cases say.
    pub(super) fn needed(&self, company: &Company) -> Vec<usize> {
        let own = self.all.iter().map(|(_, _, case, _)| *case);
        let cases: Vec<&Case> = own.chain(self.behind.iter().copied()).collect();
        let ends = |service: &str| cases.iter().any(|case| may_end(service, case));
        let members = company.members().iter().enumerate();
        let needed = members.filter(|(_, member)| !member.is_app() && !ends(&member.service));
        needed.map(|(at, _)| at).collect()
    }

    /// A service that has died, and how. One that ended as it should, or that the suite has ended or
    /// speaks of as ended, has not. Where it cannot be told whether it has, why not.
    pub(super) async fn dead_service(
        &self,
        company: &Company,
    ) -> Option<(usize, std::result::Result<String, String>)> {
        for at in self.needed(company) {
            let member = company.members().get(at)?;
            let mut live = company.live(at).await.ok()?;
            if !live.program || !live.is_made() {
                continue;
            }
            let became = match live.gone().await {
                Ok(Some(ending)) if ending.is_bad() => Ok(Some(ending.to_string())),
                Ok(None) => flaps(&mut live).await,
                Ok(_) => Ok(None),
                Err(fault) => Err(fault),
            };
            let label = member.label();
            let message = match became {
                Ok(None) => continue,
                Ok(Some(became)) => Ok(format!(
                    "the service `{label}` {became}, so nothing can be told of what depends on it"
                )),
                Err(fault) => Err(format!(
                    "whether the service `{label}` lived until the end cannot be told: {fault}"
                )),
            };
            return Some((at, message));
        }
        None
    }
}

/// How a container ended that its restart policy starts again and again: it is down now, or does not stay
/// up. One that came up in the end, as one does that waits for another, is well.
async fn flaps(live: &mut Live) -> Result<Option<String>> {
    let facts = live.facts().await?;
    if facts.restart_count == 0 && !facts.state.restarting {
        return Ok(None);
    }
    let down = live.down_by(&facts)?;
    if down.is_none() && live.restarts().await?.0.settled {
        return Ok(None);
    }
    let ending = match down {
        Some(ending) => Some(ending),
        None => live.end().await?,
    };
    let Some(ending) = ending else {
        return Ok(None);
    };
    let count = live.facts().await?.restart_count;
    Ok(Some(format!(
        "{ending} and does not stay up (started again {count} times so far)"
    )))
}

/// Whether a service may have ended by what its case says: others want it completed, a step is done to it,
/// or a claim is about its end.
fn may_end(service: &str, case: &Case) -> bool {
    let needs = order::needs(&case.run, &case.services);
    let completes = |(name, how): &(String, Wait)| name == service && *how == Wait::Completed;
    let names = |name: &str| name == ALL || name.split('/').next() == Some(service);
    let of_case = case.service.as_ref();
    let speaks = |item: &&Item| {
        let said = matches!(item.claim.name(), "exited" | "restarts" | "state");
        said && whom(item, case).iter().any(|name| names(name))
    };
    let acts = |step: &&Step| match step {
        Step::Expect { .. } | Step::Load { .. } => false,
        Step::Act { modifiers, .. } => {
            let named = modifiers.service.as_ref().or(of_case);
            named.is_some_and(|named| named.0.iter().any(|name| names(&name.value)))
        }
    };
    needs.values().flatten().any(completes)
        || case.items().iter().any(speaks)
        || case.steps().iter().any(acts)
}
