//! Kinds of mutants of what Compose files describe: one file a kind, which says what of a service it would change once
//! the user's tool has resolved the files.
//!
//! To add one, write `mutate/compose/NAME.rs` and add its line below.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::{Change, Mutant, Relaid};
use crate::session::compose::written::Roots;
use crate::suite::compose::laid::Laid;
use crate::suite::image::Image;
use crate::text::source::Span;

/// What the tool made of the Compose files of a suite.
#[derive(Debug)]
pub struct Composed {
    /// The suite, by number.
    pub suite: usize,
    /// How its files are called.
    pub files: String,
    /// Where the suite names the first.
    pub named: Span,
    /// Where something stands in them.
    pub roots: Roots,
    /// What the tool made of them.
    pub config: Json,
    /// The service that `app` means.
    pub app: String,
    /// The services that are started.
    pub started: Vec<String>,
    /// Whether two of it cannot be there at once.
    pub is_fixed: bool,
    /// The services whose images are built, as our own builder is asked for them.
    pub builds: Vec<(String, Image)>,
    /// The cases that are about what is described, by number.
    pub cases: Vec<usize>,
}

/// A service as kinds look at it.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// Its name.
    name: &'a str,
    /// How it is described.
    body: &'a Map<String, Json>,
}

/// A change of a service.
#[derive(Debug)]
pub struct Edit {
    /// The keys below the service under which it is written.
    keys: Vec<String>,
    /// The part of that, where it is a list or a map.
    part: Option<String>,
    /// What becomes of it, in a few words.
    what: String,
    /// What is so then, in a sentence.
    says: String,
    /// A claim that would notice.
    claim: String,
    /// What is laid over the file, by whole keys.
    laid: Vec<Laid>,
    /// Whether nobody is to wait until the service is healthy.
    is_unwaited: bool,
}

/// A kind of mutants.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// What it is called.
    pub name: &'static str,
    /// What it would change of a service.
    pub edits: fn(Look<'_>) -> Vec<Edit>,
}

kinds! { edits:
    capabilities,
    environment,
    health,
    init,
    limits,
    networks,
    no_new_privileges,
    ports,
    read_only,
    restart,
    stop_signal,
    tmpfs,
    user,
    volumes,
}

/// The mutants of all of them; one change stands for all suites that name the same files.
pub fn mutants(all: &[Composed]) -> Vec<Mutant> {
    let mut made = Made::default();
    for one in all {
        for name in &one.started {
            let Some(body) = one.service(name) else {
                continue;
            };
            for kind in KINDS {
                for edit in (kind.edits)(Look { name, body }) {
                    made.of_service(one, name, kind.name, edit);
                }
            }
        }
        made.of_networks(one);
        made.of_absence(one);
    }
    made.all
}

impl Composed {
    fn service(&self, name: &str) -> Option<&Map<String, Json>> {
        self.config["services"][name].as_object()
    }

    /// A claim of a service, which `app` need not say.
    fn claim(&self, claim: &str, service: &str) -> String {
        match service == self.app {
            true => claim.to_owned(),
            false => about(claim, service),
        }
    }

    /// Others that wait until a service is healthy do so until it is started.
    fn unwaited(&self, service: &str) -> Vec<Laid> {
        let mut all = Vec::new();
        for other in &self.started {
            let waits = self.service(other).and_then(|body| body.get("depends_on"));
            let wait = waits.and_then(|waits| waits.get(service)?.get("condition"));
            if wait.is_some_and(|wait| wait == "service_healthy") {
                let keys = ["services", other, "depends_on", service, "condition"];
                all.push(laid(&keys, Some(json!("service_started"))));
            }
        }
        all
    }

    /// Whether a service stands there while others run; one that is waited for until it has ended does not.
    fn stands(&self, service: &str) -> bool {
        let mut bodies = self.started.iter().filter_map(|other| self.service(other));
        !bodies.any(|body| {
            body.get("depends_on")
                .and_then(|waits| waits.get(service)?.get("condition"))
                .is_some_and(|wait| wait == "service_completed_successfully")
        })
    }
}

/// The mutants so far, and which of them is called so.
#[derive(Default)]
struct Made {
    all: Vec<Mutant>,
    known: BTreeMap<String, usize>,
}

impl Made {
    fn of_service(&mut self, one: &Composed, service: &str, kind: &'static str, edit: Edit) {
        let mut keys = vec!["services", service];
        keys.extend(edit.keys.iter().map(String::as_str));
        let id = format!(
            "{} {}.{} {}",
            one.files,
            service,
            edit.keys.join("."),
            edit.what
        );
        keys.extend(edit.part.as_deref());
        let span = one.roots.span(&keys).unwrap_or(one.named);
        let mut change = Relaid {
            laid: edit.laid,
            unready: None,
        };
        if edit.is_unwaited {
            change.laid.extend(one.unwaited(service));
            change.unready = Some(service.to_owned());
        }
        let claim = one.claim(&edit.claim, service);
        self.take(one, (id, kind, span), (edit.says, claim), change);
    }

    /// Internal networks of services that are started, each opened.
    fn of_networks(&mut self, one: &Composed) {
        let networks = one.config["networks"].as_object();
        for (name, network) in networks.into_iter().flatten() {
            let on = one.started.iter().find(|service| {
                one.service(service)
                    .is_some_and(|body| networks::of(body).any(|on| on == *name))
            });
            let Some(on) = on.filter(|_| network["internal"] == true) else {
                continue;
            };
            let keys = ["networks", name, "internal"];
            let span = one.roots.span(&keys).unwrap_or(one.named);
            let id = format!("{} networks.{name} opened", one.files);
            let says = format!("from the network `{name}` the outside can be reached");
            let claim = one.claim("- isolated_from: [outside]", on);
            let change = Relaid {
                laid: vec![laid(&keys, None)],
                unready: None,
            };
            self.take(one, (id, "internal", span), (says, claim), change);
        }
    }

    /// Services that others need, each with a program in its place that does nothing.
    fn of_absence(&mut self, one: &Composed) {
        let others = one
            .started
            .iter()
            .filter(|name| **name != one.app && one.stands(name));
        for name in others {
            let Some(body) = one.service(name) else {
                continue;
            };
            let mut change = Relaid {
                laid: Vec::new(),
                unready: Some(name.clone()),
            };
            let put = |key: &str, value: Json| laid(&["services", name, key], Some(value));
            change.laid.extend([
                put(
                    "entrypoint",
                    json!([crate::engine::probe::PROGRAM, "serve"]),
                ),
                put("command", json!([])),
                put("stdin_open", json!(true)),
                put("tty", json!(false)),
                put("restart", json!("no")),
                put("healthcheck", json!({ "disable": true })),
            ]);
            change.laid.extend(one.unwaited(name));
            if body
                .get("deploy")
                .is_some_and(|deploy| !deploy["restart_policy"].is_null())
            {
                change
                    .laid
                    .push(laid(&["services", name, "deploy", "restart_policy"], None));
            }
            let span = one.roots.span(&["services", name]).unwrap_or(one.named);
            let id = format!("{} {name} away", one.files);
            let says =
                format!("nothing answers at `{name}`, as a program stands there that does nothing");
            let claim = format!(
                "- http: {{ url: \"http://app:8000/\", status: 200 }} # or anything else that needs `{name}`"
            );
            self.take(one, (id, "service", span), (says, claim), change);
        }
    }

    fn take(
        &mut self,
        one: &Composed,
        (id, kind, span): (String, &'static str, Span),
        (says, claim): (String, String),
        change: Relaid,
    ) {
        let at = *self.known.entry(id.clone()).or_insert_with(|| {
            let change = Change::Compose(BTreeMap::new());
            self.all.push(Mutant {
                id,
                kind,
                span,
                says,
                claim,
                cases: Vec::new(),
                change,
            });
            self.all.len() - 1
        });
        let mutant = &mut self.all[at];
        if let Change::Compose(of_suites) = &mut mutant.change
            && of_suites.insert(one.suite, change).is_none()
        {
            mutant
                .cases
                .extend(one.cases.iter().map(|case| (one.suite, *case)));
        }
    }
}

impl Look<'_> {
    /// A change of what stands at these keys below the service.
    #[expect(clippy::unused_self, reason = "kinds say all of a service by its look")]
    fn edit(self, keys: &[&str], what: impl Into<String>) -> Edit {
        Edit {
            keys: keys.iter().map(|key| (*key).to_owned()).collect(),
            part: None,
            what: what.into(),
            says: String::new(),
            claim: String::new(),
            laid: Vec::new(),
            is_unwaited: false,
        }
    }

    /// What is laid over these keys below the service.
    fn laid(self, keys: &[&str], value: Option<Json>) -> Laid {
        laid(&[&["services", self.name], keys].concat(), value)
    }

    /// A text or a number below the service, as a text.
    fn text(self, keys: &[&str]) -> Option<String> {
        let first = self.body.get(*keys.first()?)?;
        let found = keys
            .iter()
            .skip(1)
            .try_fold(first, |json, key| json.get(key))?;
        text(found)
    }

    fn is_on(self, key: &str) -> bool {
        self.body.get(key).is_some_and(|value| *value == true)
    }

    /// The items of a list; a text stands for a list of itself.
    fn list(self, key: &str) -> Vec<Json> {
        match self.body.get(key) {
            Some(Json::Array(items)) => items.clone(),
            Some(Json::String(text)) => vec![json!(text)],
            _ => Vec::new(),
        }
    }

    /// The list without what this holds of; nothing stays where none is left.
    fn without(self, key: &str, is_gone: impl Fn(&Json) -> bool) -> Laid {
        let mut left = self.list(key);
        left.retain(|item| !is_gone(item));
        self.laid(&[key], (!left.is_empty()).then_some(Json::Array(left)))
    }
}

impl Edit {
    fn lays(mut self, laid: Laid) -> Self {
        self.laid.push(laid);
        self
    }

    fn part(mut self, part: &str) -> Self {
        self.part = Some(part.to_owned());
        self
    }

    fn says(mut self, text: impl Into<String>) -> Self {
        self.says = text.into();
        self
    }

    fn noticed_by(mut self, claim: impl Into<String>) -> Self {
        self.claim = claim.into();
        self
    }
}

/// What stands at these keys then.
fn laid(keys: &[&str], value: Option<Json>) -> Laid {
    let keys = keys.iter().map(|key| (*key).to_owned()).collect();
    Laid { keys, value }
}

/// A text or a number, as a text.
fn text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The same claim of another service than `app`.
fn about(claim: &str, service: &str) -> String {
    let (claim, comment) = match claim.rfind(" # ") {
        Some(at) => claim.split_at(at),
        None => (claim, ""),
    };
    let claim = claim.trim_start_matches("- ");
    format!("- {{ {claim}, service: {service} }}{comment}")
}

#[cfg(test)]
mod tests;
