//! Cases and their steps.

use serde_json::{Value as Json, json};

use super::Suite;
use super::image::Image;
use super::item::{Item, Items, Modifiers, Services, beside, several, span_of, unknown};
use super::patched::{RunPatch, ServicePatch};
use super::run::{Run, stands_elsewhere};
use super::service::Service;
use crate::action::load::Load;
use crate::action::{self, Action};
use crate::claim::Scope;
use crate::record;
use crate::text::read::{Flag, Named, Read, Reader};
use crate::text::schema::{Key, Schemas};
use crate::text::source::{Span, Spanned};
use crate::text::tree::{Entry, Node, Value};
use crate::text::units::Time;

/// One case of a suite.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its name, unique in its suite.
    pub name: Spanned<String>,
    /// Ids of requirements.
    pub verifies: Vec<Spanned<String>>,
    /// Words by which it can be chosen.
    pub tags: Vec<String>,
    /// Why it is not run.
    pub skip: Option<String>,
    /// It has a container of its own and is timed alone.
    pub alone: bool,
    /// Its steps go on with the containers of cases that were judged before.
    pub shared: bool,
    /// Past this it is errored.
    pub timeout: Option<Time>,
    /// How long each of its claims may take to come true.
    pub within: Option<Time>,
    /// The containers its claims are about.
    pub service: Option<Services>,
    /// Another image.
    pub image: Option<Image>,
    /// How it is run: the suite's `run` with the case's laid over it.
    pub run: Run,
    /// What it depends on: the suite's services with the case's laid over them.
    pub services: Vec<(Spanned<String>, Service)>,
    /// Whether the case itself says how it is run.
    pub says_run: bool,
    /// Where it says so, where it does.
    pub own_run: Option<Span>,
    /// Each setting of how it is run, and where that is written.
    pub settings: Vec<Spanned<String>>,
    /// What two cases must have in common to share a container.
    pub key: String,
    /// What is expected or done.
    pub body: Body,
}

/// What a case expects or does.
#[derive(Debug, Clone)]
pub enum Body {
    /// Claims.
    Expect(Vec<Item>),
    /// Steps, one after the other.
    Steps(Vec<Step>),
}

/// One step.
#[derive(Debug, Clone)]
pub enum Step {
    /// Claims that must hold now.
    Expect {
        /// Where the step begins.
        span: Span,
        /// The claims.
        items: Vec<Item>,
    },
    /// Something is done.
    Act {
        /// Where it says so.
        span: Span,
        /// What.
        action: Action,
        /// What modifies it.
        modifiers: Modifiers,
    },
    /// Requests are made while other steps are done.
    Load {
        /// Where it says so.
        span: Span,
        /// What of them is claimed.
        load: Load,
        /// The request, as a claim.
        request: Box<Item>,
        /// What is done meanwhile.
        during: Vec<Step>,
    },
}

impl Case {
    /// All its claims, in written order.
    pub fn items(&self) -> Vec<&Item> {
        match &self.body {
            Body::Expect(items) => items.iter().collect(),
            Body::Steps(_) => self.steps().into_iter().flat_map(Step::items).collect(),
        }
    }

    /// All its steps, those within steps behind the step that they are in.
    pub fn steps(&self) -> Vec<&Step> {
        let mut all = Vec::new();
        if let Body::Steps(steps) = &self.body {
            gather(steps, &mut all);
        }
        all
    }

    /// The services that its claims name.
    pub fn named(&self) -> Vec<&str> {
        let own = self.items().into_iter().map(|item| &item.modifiers.service);
        let named = own
            .chain([&self.service])
            .flatten()
            .flat_map(|names| &names.0);
        let bare = |name: &str| name.find('/').map_or(name.len(), |at| at);
        named.map(|name| &name.value[..bare(&name.value)]).collect()
    }

    /// What its steps do.
    pub fn actions(&self) -> Vec<&Action> {
        self.steps().into_iter().filter_map(Step::action).collect()
    }

    /// The networks that its steps take a container off or put it on.
    pub fn switched(&self) -> Vec<&str> {
        let named = self.actions().into_iter().filter_map(Action::network);
        named.map(|name| name.value.as_str()).collect()
    }

    /// The images that it names itself.
    pub fn images(&mut self) -> impl Iterator<Item = &mut Image> {
        let services = self
            .services
            .iter_mut()
            .map(|(_, service)| &mut service.image);
        let steps: &mut [Step] = match &mut self.body {
            Body::Steps(steps) => steps,
            Body::Expect(_) => &mut [],
        };
        let mut named = Vec::new();
        images_of(steps, &mut named);
        self.image.iter_mut().chain(services).chain(named)
    }

    /// The image that it is about, as it is written.
    pub fn image_of<'a>(&'a self, suite: &'a Suite) -> Option<&'a Image> {
        self.image.as_ref().or(suite.image.as_ref())
    }

    /// How long it may take, where that is said.
    pub fn limit(&self, suite: &Suite) -> Option<Time> {
        self.timeout.or(suite.defaults.timeout)
    }

    /// Whether it is about what a Compose file describes, in a suite that has one. What is skipped is about nothing.
    pub fn is_of_compose(&self) -> bool {
        let items = self.items();
        let beside = || items.iter().all(|i| i.claim.scope() == Scope::Sources);
        self.image.is_none() && self.skip.is_none() && (self.runs() || !beside())
    }

    /// Whether it needs a container with its own program.
    pub fn runs(&self) -> bool {
        self.says_run
            || matches!(self.body, Body::Steps(_))
            || self
                .items()
                .iter()
                .any(|i| i.claim.scope() == Scope::Running)
    }
}

/// The images that steps name, those within steps too.
fn images_of<'a>(steps: &'a mut [Step], all: &mut Vec<&'a mut Image>) {
    for step in steps {
        match step {
            Step::Act { action, .. } => all.extend(action.image_mut()),
            Step::Load { during, .. } => images_of(during, all),
            Step::Expect { .. } => {}
        }
    }
}

impl Step {
    fn items(&self) -> &[Item] {
        match self {
            Self::Expect { items, .. } => items,
            Self::Load { request, .. } => std::slice::from_ref(request),
            Self::Act { .. } => &[],
        }
    }

    /// What it does.
    pub fn action(&self) -> Option<&Action> {
        match self {
            Self::Expect { .. } | Self::Load { .. } => None,
            Self::Act { action, .. } => Some(action),
        }
    }

    /// Whether it has steps of its own.
    pub fn is_load(&self) -> bool {
        matches!(self, Self::Load { .. })
    }

    /// What it is called.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Expect { span, items } => match items.as_slice() {
                // A claim that stands as a step by itself.
                [one] if one.span == *span => one.claim.name(),
                _ => "expect",
            },
            Self::Load { .. } => LOAD,
            Self::Act { action, .. } => action.name(),
        }
    }
}

fn gather<'a>(steps: &'a [Step], all: &mut Vec<&'a Step>) {
    for step in steps {
        all.push(step);
        if let Step::Load { during, .. } = step {
            gather(during, all);
        }
    }
}

/// A part of the tree that is read later, together with what it is laid over.
#[derive(Debug, Clone)]
pub struct Later<T> {
    /// The part.
    pub node: Node,
    kind: std::marker::PhantomData<T>,
}

impl<T: Read> Read for Later<T> {
    fn read(node: &Node, _: &mut Reader) -> Option<Self> {
        Some(Self {
            node: node.clone(),
            kind: std::marker::PhantomData,
        })
    }
    fn schema(schemas: &mut Schemas) -> Json {
        T::schema(schemas)
    }
}

record! {
    /// A case: what is expected of the container, or steps that are done to it.
    pub struct CaseFields (instead stands_elsewhere) {
        /// What the case says, in a few words; unique in the suite.
        name: Spanned<String>,
        /// Ids of the requirements that this case verifies.
        verifies: Vec<Spanned<String>>,
        /// Words by which it can be chosen with `--tags`.
        tags: Vec<String>,
        /// Why the case is not run. It is shown, and verifies nothing.
        skip: Option<String>,
        /// A container of its own, timed alone.
        alone: Flag,
        /// Its steps go on with the containers of the cases that only look, once these are judged.
        shared: Option<Spanned<bool>>,
        /// Past this time the case is errored (default 5m).
        timeout: Option<Time>,
        /// How long each of its claims may take to come true.
        within: Option<Time>,
        /// The service its claims are about; `app` without it.
        service: Option<Services>,
        /// Another image for this case.
        image: Option<Image>,
        /// Laid over the suite's `run`: `environment`, `labels` and other maps of names merge,
        /// everything else is replaced, `null` takes away.
        run: Option<Later<RunPatch>>,
        /// Laid over the suite's `services`, by name and then as `run`; `null` takes one away.
        services: Named<Later<ServicePatch>>,
        /// Claims that must hold.
        expect: Option<Spanned<Items>>,
        /// Actions and claims, one after the other.
        steps: Option<Spanned<Steps>>,
    }
}

/// The steps of a case, of which there is at least one.
#[derive(Debug, Clone)]
pub struct Steps(pub Vec<Step>);

impl Read for Steps {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let Some(items) = node.items() else {
            return reader.wrong(node, "a list of steps such as `- stop`");
        };
        if items.is_empty() {
            reader
                .say(node.span, "these `steps` do nothing")
                .help("give it at least one step");
            return None;
        }
        let read: Vec<Option<Step>> = items.iter().map(|item| Step::read(item, reader)).collect();
        read.into_iter().collect::<Option<_>>().map(Self)
    }
    fn schema(schemas: &mut Schemas) -> Json {
        json!({ "type": "array", "minItems": 1, "items": Step::schema(schemas) })
    }
}

/// The step that has steps of its own.
const LOAD: &str = "load";

/// Claims that may stand as a step by themselves.
const CLAIM_STEPS: [&str; 2] = ["exec", "http"];

impl Read for Step {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if let Some(word) = node.text() {
            let key = Spanned {
                span: node.span,
                value: word.to_owned(),
            };
            let entry = Entry {
                key,
                value: Node {
                    span: node.span,
                    value: Value::Null,
                },
            };
            return Self::entry(&entry, Modifiers::default(), reader);
        }
        let Some(entries) = node.entries() else {
            return reader.wrong(node, "a step such as `stop` or `expect: […]`");
        };
        let (modifiers, rest) = Modifiers::split(entries, reader);
        match rest.as_slice() {
            [one] => Self::entry(one, modifiers, reader),
            [] => {
                let said = reader.say(node.span, "this item has no step");
                said.help("`service`, `within` and `note` stand beside a step such as `stop: {}`");
                None
            }
            [first, more @ ..] => {
                Self::entry(first, Modifiers::default(), reader);
                let names: Vec<&str> = step_names();
                several(first, more, &names, "step", reader);
                None
            }
        }
    }

    fn schema(schemas: &mut Schemas) -> Json {
        schemas.define("Step", |schemas| {
            let mut keys = action::keys(schemas);
            keys.push(Key {
                name: "expect",
                about: "Claims that must hold now; a failed one ends the case's steps.",
                schema: Items::schema(schemas),
                required: false,
            });
            let claims = crate::claim::keys(schemas);
            keys.extend(claims.into_iter().filter(|k| CLAIM_STEPS.contains(&k.name)));
            keys.extend(Modifiers::keys(schemas));
            let mut object = Schemas::object(keys);
            object["minProperties"] = 1.into();
            json!({ "anyOf": [{ "enum": action::NAMES }, object], "title": "a step", "description": "One action, or `expect`." })
        })
    }
}

fn step_names() -> Vec<&'static str> {
    action::NAMES
        .iter()
        .chain(&CLAIM_STEPS)
        .chain(&["expect"])
        .copied()
        .collect()
}

impl Step {
    fn entry(entry: &Entry, modifiers: Modifiers, reader: &mut Reader) -> Option<Self> {
        let name = entry.key.value.as_str();
        let span = span_of(entry);
        match name {
            "expect" => {
                let mut items = Items::read(&entry.value, reader)?.0;
                for item in &mut items {
                    item.modifiers.within = item.modifiers.within.or(modifiers.within);
                    item.modifiers.service = item
                        .modifiers
                        .service
                        .take()
                        .or_else(|| modifiers.service.clone());
                }
                Some(Self::Expect { span, items })
            }
            name if CLAIM_STEPS.contains(&name) => {
                let item = Item::claim(entry, modifiers, reader)?;
                Some(Self::Expect {
                    span,
                    items: vec![item],
                })
            }
            LOAD => Self::load(entry, modifiers, reader),
            name if action::NAMES.contains(&name) => {
                if let Some(within) = modifiers.within {
                    let said = reader.say(
                        span,
                        format!("`within: {within}` does not go with `{name}`"),
                    );
                    said.help("give it to the claims that follow");
                }
                let said = reader.diagnostics.len();
                let action = Action::read(name, &entry.value, reader);
                beside(entry, said, reader);
                let action = action?;
                Some(Self::Act {
                    span,
                    action,
                    modifiers,
                })
            }
            _ if crate::claim::NAMES.contains(&name) => {
                let said = reader.say(entry.key.span, format!("`{name}` is a claim, not a step"));
                said.help(format!("put it under `expect`: `- expect: [ {name}: … ]`"));
                None
            }
            _ => {
                let names = step_names();
                unknown(&entry.key, "step", &names, reader);
                None
            }
        }
    }

    fn load(entry: &Entry, modifiers: Modifiers, reader: &mut Reader) -> Option<Self> {
        let span = span_of(entry);
        let mut sound = true;
        for (key, is_there, help) in [
            (
                "service",
                modifiers.service.is_some(),
                "its `url` says where the requests go; `service` stands beside each step of `during`",
            ),
            (
                "within",
                modifiers.within.is_some(),
                "it goes on for as long as its steps take",
            ),
        ] {
            if is_there {
                let message = format!("`{key}` does not go with `{LOAD}`");
                reader.say(span, message).help(help);
                sound = false;
            }
        }
        let load = Load::read(&entry.value, reader);
        let during = entry.value.get("during");
        let during = during.and_then(|during| Steps::read(during, reader));
        let (load, during) = (load?, during?.0);
        for step in &during {
            if let Self::Load { span, .. } = step {
                let message = "a `load` cannot stand within a `load`";
                let said = reader.say(*span, message);
                said.help("give this one its steps after the other");
                sound = false;
            }
        }
        sound &= load.check(reader);
        let request = Item {
            span: load.0.http.span,
            claim: load.claim(),
            modifiers: Modifiers {
                note: modifiers.note,
                ..Modifiers::default()
            },
        };
        sound.then(|| Self::Load {
            span,
            load,
            request: Box::new(request),
            during,
        })
    }
}

#[cfg(test)]
mod tests;
