//! What was done and seen in a case, so that its claims can be judged again.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::among::Among;

/// What was done in a case, and by which facts its claims were judged. What must not be shown has its name in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Record {
    /// What tells the image, the way it is run and the services from others.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub ran: String,
    /// What tells the Compose files from what they may be later.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub composed: String,
    /// Who was there.
    pub among: Among,
    /// Whether the container was looked at as soon as it ran, since nothing says when it is ready.
    #[serde(default, skip_serializing_if = "is_not")]
    pub at_once: bool,
    /// Whether files were looked at in the image, and not in a container that runs.
    #[serde(default, skip_serializing_if = "is_not")]
    pub in_image: bool,
    /// Whether a service has died meanwhile, so that it may be to blame for what does not hold.
    #[serde(default, skip_serializing_if = "is_not")]
    pub undermined: bool,
    /// What was done, in order. A case without steps has one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Done>,
    /// Failures and troubles that no claim has brought.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub apart: Vec<Apart>,
}

/// One thing that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Done {
    /// Claims were judged.
    Judged(Vec<Look>),
    /// Something was done to containers, in words that tell it from anything else.
    Did(String),
    /// Requests under load came to an end.
    Counted(Load),
}

/// What a claim was judged by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Look {
    /// The answers to its questions, for each container or image that it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<On>,
    /// How long it was waited for, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waited: Option<Duration>,
    /// What tells the claim from others; only where the facts are not all here as they were seen, so that it can be
    /// judged otherwise only where it was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<String>,
    /// How many failures it brought.
    #[serde(default, skip_serializing_if = "is_none")]
    pub failures: usize,
    /// How many troubles it brought.
    #[serde(default, skip_serializing_if = "is_none")]
    pub troubles: usize,
}

/// What was answered about one container or image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct On {
    /// Which, by its number among those that were there.
    pub member: usize,
    /// The keys of the facts.
    pub facts: Vec<String>,
}

/// What came of requests under load.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Load {
    /// The key of what was counted.
    pub fact: String,
    /// How many failures it brought.
    #[serde(default, skip_serializing_if = "is_none")]
    pub failures: usize,
}

/// A failure or trouble that no claim has brought: a start that failed, a step that could not be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Apart {
    /// How many steps had begun by then.
    pub after: usize,
    /// Which of the case's failures or troubles it is.
    #[serde(flatten)]
    pub what: What,
}

/// Which failure or trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The failure of that number.
    Failure(usize),
    /// The trouble of that number.
    Trouble(usize),
}

impl Record {
    /// Whether nothing is written down.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The keys of all facts that it names, as often as it does.
    pub fn facts(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().flat_map(|step| -> Vec<&str> {
            match step {
                Done::Judged(looks) => {
                    let on = looks.iter().flat_map(|look| &look.on);
                    on.flat_map(|on| &on.facts).map(String::as_str).collect()
                }
                Done::Counted(load) => vec![load.fact.as_str()],
                Done::Did(_) => Vec::new(),
            }
        })
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_not(flag: &bool) -> bool {
    !flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_none(count: &usize) -> bool {
    *count == 0
}
