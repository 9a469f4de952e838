//! Who is there in a case, and which of them an item is about. Pure, so that a report can be judged again.

use serde::{Deserialize, Serialize};

use crate::claim::Scope;
use crate::fact::question::Question;
use crate::plan::whom::{end, whom};
use crate::suite::item::Services;
use crate::suite::service::{ALL, APP};
use crate::suite::{Case, Item};

/// Who is there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Among {
    /// What is looked at.
    pub kind: Kind,
    /// The service that `app` means.
    pub app: String,
    /// Each.
    pub all: Vec<Who>,
}

/// What is looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Sources alone.
    #[default]
    Sources,
    /// Images alone.
    Images,
    /// Containers.
    Containers,
}

/// A container, an image, or what one is built from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Who {
    /// Its service.
    pub service: String,
    /// Its number among the service's replicas, from 1.
    pub number: u32,
    /// How it is called where there are others.
    pub label: String,
}

impl Among {
    /// These services, each of which is one.
    pub fn services<'a>(kind: Kind, names: impl IntoIterator<Item = &'a str>) -> Self {
        let who = |name: &str| Who {
            service: name.to_owned(),
            number: 1,
            label: name.to_owned(),
        };
        Self {
            kind,
            app: APP.to_owned(),
            all: names.into_iter().map(who).collect(),
        }
    }

    /// Those that an item is about.
    pub fn of(&self, item: &Item, case: &Case) -> Vec<usize> {
        let names = whom(item, case);
        let found = match (self.kind, self.leads_to(item, case)) {
            (Kind::Sources | Kind::Images, _) => {
                let is_it = |who: &Who| {
                    let mut names = names.iter();
                    names.any(|name| name == ALL || who.service == self.meant(bare(name)))
                };
                let all = self.all.iter().enumerate();
                all.filter(|(_, who)| is_it(who))
                    .map(|(at, _)| at)
                    .collect()
            }
            (Kind::Containers, Some(service)) => self.named([service.as_str()]),
            (Kind::Containers, None) => self.named(names.iter().map(String::as_str)),
        };
        match (item.claim.scope(), self.kind) {
            // What lies beside the suite is nobody's.
            (Scope::Sources, _) if !item.claim.needs_build() => found.into_iter().take(1).collect(),
            // All replicas are of one image.
            (Scope::Sources, Kind::Containers) => self.first_of_each(found),
            // What is about all replicas of a service at once is asked once.
            (_, Kind::Containers) if item.claim.is_of_service() || at_once(item) => {
                self.first_of_each(found)
            }
            _ => found,
        }
    }

    /// Those that a step is done to.
    pub fn of_step(&self, names: Option<&Services>, case: &Case) -> Vec<usize> {
        match names.or(case.service.as_ref()) {
            Some(names) => self.named(names.0.iter().map(|name| name.value.as_str())),
            None => self.named([APP]),
        }
    }

    /// How one is called in what is said of an item; nothing of the one under test where there is no other.
    pub fn label(&self, item: &Item, at: usize) -> Option<String> {
        let who = self.all.get(at)?;
        match self.kind {
            Kind::Sources if !item.claim.needs_build() => None,
            Kind::Sources => (self.all.len() > 1).then(|| who.service.clone()),
            Kind::Containers if item.claim.is_of_service() => Some(who.service.clone()),
            Kind::Images | Kind::Containers => {
                let alone = self.all.len() == 1 && who.service == self.app;
                let label = match at_once(item) {
                    true => &who.service,
                    false => &who.label,
                };
                (!alone).then(|| label.clone())
            }
        }
    }

    /// The service that a name stands for.
    fn meant<'a>(&'a self, name: &'a str) -> &'a str {
        if name == APP { &self.app } else { name }
    }

    /// Those that names of services stand for, in the order of the names.
    fn named<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Vec<usize> {
        let mut found = Vec::new();
        for name in names {
            let (service, number) = match name.split_once('/') {
                Some((service, number)) => (service, number.parse::<u32>().ok()),
                None => (name, None),
            };
            let service = self.meant(service);
            for (at, who) in self.all.iter().enumerate() {
                let wanted = service == ALL || service == who.service;
                let is_it = number.is_none_or(|number| number == who.number);
                if wanted && is_it && !found.contains(&at) {
                    found.push(at);
                }
            }
        }
        found
    }

    /// The service that a connection leads to, where nothing else says whom the item is about. A Compose file
    /// has services that the case does not name.
    fn leads_to(&self, item: &Item, case: &Case) -> Option<String> {
        if item.modifiers.service.is_some() || case.service.is_some() {
            return None;
        }
        let questions = item.claim.questions();
        let mut hosts = questions.iter().filter_map(end).map(|(host, _)| host);
        hosts.find(|host| self.all.iter().any(|who| who.service == *host))
    }

    /// One of each service.
    fn first_of_each(&self, found: Vec<usize>) -> Vec<usize> {
        let service = |at: usize| self.all.get(at).map(|who| &who.service);
        let mut first: Vec<usize> = Vec::new();
        for at in found {
            if !first.iter().any(|known| service(*known) == service(at)) {
                first.push(at);
            }
        }
        first
    }
}

/// Whether it is about all replicas of a service, which are asked at once.
fn at_once(item: &Item) -> bool {
    let of_all = |question: &Question| matches!(question, Question::Spread(_));
    item.claim.questions().iter().any(of_all)
}

fn bare(name: &str) -> &str {
    name.split('/').next().unwrap_or(name)
}
