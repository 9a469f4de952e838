//! What a look has seen, by its facts.

use crate::fact::accounts::Accounts;
use crate::fact::answer::{Answer, Fact};
use crate::fact::cgroup::{Limits, Usage};
use crate::fact::container::ContainerFacts;
use crate::fact::ending::{Ending, Life};
use crate::fact::http::{Outcome as Answered, Request};
use crate::fact::image::ImageFacts;
use crate::fact::log::Log;
use crate::fact::privilege::Privileged;
use crate::fact::process::{Process, Processes};
use crate::fact::question::Question;
use crate::fact::socket::Listener;
use crate::run::outcome::Outcome;
use crate::run::record::Done;

/// Where users have names.
const PASSWD: &str = "/etc/passwd";

/// Questions with their answers, in the order in which they were asked.
#[derive(Debug, Clone, Default)]
pub struct Seen(Vec<(Option<Question>, Answer)>);

impl FromIterator<(Option<Question>, Answer)> for Seen {
    fn from_iter<T: IntoIterator<Item = (Option<Question>, Answer)>>(told: T) -> Self {
        Self(told.into_iter().collect())
    }
}

impl Seen {
    /// What the case of this name saw of a service; of whatever it looked at, without one.
    pub fn of(outcome: &Outcome, case: &str, service: Option<&str>) -> Self {
        let mut all = Vec::new();
        for case in outcome.cases.iter().filter(|one| one.name == case) {
            let who = &case.record.among.all;
            let steps = case.record.steps.iter();
            let looks = steps.flat_map(|done| match done {
                Done::Judged(looks) => looks.as_slice(),
                _ => &[],
            });
            for on in looks.flat_map(|look| &look.on) {
                let is_wanted = |name| who.get(on.member).is_some_and(|one| one.service == name);
                if !service.is_none_or(is_wanted) {
                    continue;
                }
                let told = on.facts.iter().filter_map(|key| outcome.facts.told(key));
                let asked = |question| serde_json::from_value(question).ok();
                all.extend(told.map(|told| (asked(told.question), told.answer)));
            }
        }
        all.into_iter().collect()
    }

    fn facts(&self) -> impl DoubleEndedIterator<Item = (Option<&Question>, &Fact)> {
        let told = self.0.iter();
        told.filter_map(|(question, answer)| match answer {
            Answer::Seen(fact) => Some((question.as_ref(), fact)),
            _ => None,
        })
    }

    /// The main process.
    pub fn main(&self) -> Option<&Process> {
        self.processes()?.main()
    }

    /// What listens, but for the engine's own.
    pub fn listeners(&self) -> Option<Vec<Listener>> {
        let own = self.all_listeners()?.iter();
        Some(own.filter(|one| !one.is_name_server()).copied().collect())
    }

    /// Whether its root file system could be written to, where that was tried.
    pub fn writable(&self) -> Option<bool> {
        self.created().map(Result::is_ok)
    }

    /// How the image itself calls the user of that number.
    pub fn user(&self, uid: u32) -> Option<String> {
        let passwd = self.facts().find_map(|told| match told {
            (Some(Question::Read { path, .. }), Fact::Read(Some(blob))) if path == PASSWD => {
                Some(blob)
            }
            _ => None,
        })?;
        let accounts = Accounts::parse(&passwd.text(), "");
        accounts.user(uid).map(|user| user.name.clone())
    }

    /// Requests, each with what came of it.
    pub fn requests(&self) -> Vec<(&Request, &Answered)> {
        let pairs = self.facts().filter_map(|told| match told {
            (Some(Question::Http(request)), Fact::Http(outcome)) => Some((request, outcome)),
            _ => None,
        });
        pairs.collect()
    }

    /// How it ended, where it had when it was looked at.
    pub fn ended(&self) -> Option<&Ending> {
        let of_answers = self.0.iter().rev().find_map(|(_, answer)| match answer {
            Answer::Ended(ending) => Some(ending),
            _ => None,
        });
        let of_life = self.life().and_then(|life| life.end.as_ref());
        of_life.or(of_answers)
    }
}

/// The last fact of a kind: what came later is nearer to how it stays.
macro_rules! last {
    ($($(#[$about:meta])* $seen:vis $name:ident, $kind:ident: $type:ty;)*) => {
        impl Seen {
            $($(#[$about])*
            $seen fn $name(&self) -> Option<&$type> {
                for (_, fact) in self.facts().rev() {
                    if let Fact::$kind(fact) = fact {
                        return Some(fact);
                    }
                }
                None
            })*
        }
    };
}

last! {
    /// The image.
    pub image, Image: ImageFacts;
    /// The container, as its engine has it.
    pub container, Container: ContainerFacts;
    /// All processes.
    pub processes, Processes: Processes;
    /// What it may have at most.
    pub limits, Limits: Limits;
    /// What it uses.
    pub usage, Usage: Usage;
    /// How it started and ended.
    pub life, Life: Life;
    /// Files that give rights.
    pub privileged, Privileged: Privileged;
    /// What it wrote.
    pub log, Log: Log;
    /// What listens, be it the engine's own.
    all_listeners, Listeners: [Listener];
    /// What came of an attempt to write.
    created, Created: Result<(), (i32, String)>;
}
