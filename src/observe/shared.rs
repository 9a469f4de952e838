//! Members that are in the networks of another one.

use crate::engine::Result;
use crate::fact::container::ContainerFacts;
use crate::session::company::{Company, Member};

/// Whose networks those of a member are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// Those of this member, which may be itself.
    Of(usize),
    /// Of nobody any more, and why: the one that it shared them with ended or began anew meanwhile.
    Gone(String),
}

/// Whose networks a member has.
pub(super) async fn whose(company: &Company, at: usize) -> Result<Whose> {
    let mut at = at;
    let mut facts = company.live(at).await?.facts().await?;
    for _ in company.members() {
        let mode = facts.settings.network_mode.take().unwrap_or_default();
        let Some(other) = mode.strip_prefix("container:") else {
            break;
        };
        let Some(found) = called(company, other).await? else {
            let why = "the container whose network it shares was made anew, and that network is gone; `recreate` it too";
            return Ok(Whose::Gone(why.to_owned()));
        };
        let owner = company.live(found).await?.facts().await?;
        let name = company
            .members()
            .get(found)
            .map(Member::label)
            .unwrap_or_default();
        let went = match owner.state.running {
            false => "does not run",
            true if began(&owner) > began(&facts) => "was started again since",
            true => {
                (at, facts) = (found, owner);
                continue;
            }
        };
        return Ok(Whose::Gone(format!(
            "`{name}`, whose network it shares, {went}, and that network is gone; `restart` it too"
        )));
    }
    Ok(Whose::Of(at))
}

fn began(facts: &ContainerFacts) -> Option<i64> {
    facts.state.started_at.as_ref()?.nanos
}

/// The member that the engine knows by this name or id.
async fn called(company: &Company, other: &str) -> Result<Option<usize>> {
    for at in 0..company.members().len() {
        let mut live = company.live(at).await?;
        if live.name == other || live.facts().await?.id == other {
            return Ok(Some(at));
        }
    }
    Ok(None)
}
