//! Items of `expect`: one claim, and what modifies it.

use serde_json::{Value as Json, json};

use crate::action;
use crate::claim::{self, Claim, Scope};
use crate::text::read::{Read, Reader};
use crate::text::schema::{Key, Schemas};
use crate::text::source::{Span, Spanned};
use crate::text::tree::{Entry, Node, Value};
use crate::text::units::Time;

/// A claim as a suite states it.
#[derive(Debug, Clone)]
pub struct Item {
    /// From the claim's name to its end.
    pub span: Span,
    /// The claim.
    pub claim: Claim,
    /// What modifies it.
    pub modifiers: Modifiers,
}

/// What may stand beside a claim or an action.
#[derive(Debug, Clone, Default)]
pub struct Modifiers {
    /// The containers it is about; those of the case without it.
    pub service: Option<Services>,
    /// How long it may take to come true.
    pub within: Option<Time>,
    /// A sentence for the report.
    pub note: Option<String>,
}

/// Names of services, one or several; `all` for each.
#[derive(Debug, Clone)]
pub struct Services(pub Vec<Spanned<String>>);

impl Read for Services {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match &node.value {
            Value::List(items) if items.is_empty() => reader.wrong(node, "at least one service"),
            Value::List(_) => Vec::read(node, reader).map(Self),
            _ => Spanned::read(node, reader).map(|one| Self(vec![one])),
        }
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" }, "minItems": 1 }] })
    }
}

/// Keys that may stand beside a claim or an action.
pub const MODIFIERS: [&str; 3] = ["service", "within", "note"];

impl Modifiers {
    /// Reads the modifiers of an item, and gives its other keys.
    pub fn split<'a>(entries: &'a [Entry], reader: &mut Reader) -> (Self, Vec<&'a Entry>) {
        let mut modifiers = Self::default();
        let mut rest = Vec::new();
        for entry in entries {
            match entry.key.value.as_str() {
                "service" => modifiers.service = Services::read(&entry.value, reader),
                "within" => modifiers.within = Time::read(&entry.value, reader),
                "note" => modifiers.note = String::read(&entry.value, reader),
                _ => rest.push(entry),
            }
        }
        (modifiers, rest)
    }

    /// The keys, for the schema.
    pub fn keys(schemas: &mut Schemas) -> Vec<Key> {
        let key = |name, about, schema| Key {
            name,
            about,
            schema,
            required: false,
        };
        vec![
            key(
                "service",
                "The service it is about, `web/2` for one replica, a list, or `all`; `app` without it.",
                Services::schema(schemas),
            ),
            key(
                "within",
                "It may come true late: it is looked at again until it holds or this time is up.",
                Time::schema(schemas),
            ),
            key(
                "note",
                "A sentence for the report.",
                json!({ "type": "string" }),
            ),
        ]
    }
}

/// Words of other tools, and what says the same here.
const INSTEAD: [(&str, &str); 13] = [
    ("delay", WAITING),
    (
        "down",
        "`stop` asks the container to end as `docker stop` does",
    ),
    (
        "kill",
        "`signal: KILL` sends the signal; `crash` has the main process die as by a fault, so that the restart policy acts",
    ),
    ("cp", COPYING),
    ("copy", COPYING),
    ("remove", ANEW),
    ("rm", ANEW),
    ("resume", "`unpause` lets its processes go on"),
    ("run", "`exec` runs a command in the container"),
    ("sleep", WAITING),
    ("up", "`start` starts it after it ended"),
    ("upgrade", "`replace` makes it anew from another image"),
    ("wait", WAITING),
];
const WAITING: &str =
    "nothing waits for a fixed time: give the claim that is to come true late `within: 30s`";
const COPYING: &str = "`write` puts a file into the container";
const ANEW: &str = "`recreate` removes the container and makes it anew, `stop` leaves it ended";

/// Says that a name is no claim: near to one, or unknown.
pub fn unknown(entry: &Spanned<String>, what: &str, names: &[&str], reader: &mut Reader) {
    let name = entry.value.as_str();
    if let Some((_, help)) = INSTEAD.iter().find(|(word, _)| *word == name) {
        let said = reader.say(entry.span, format!("unknown {what} `{name}`"));
        said.help(*help);
        return;
    }
    let all: Vec<&str> = names.iter().chain(&MODIFIERS).copied().collect();
    let said = reader.unknown(entry.span, what, name, all);
    if name == "ready" {
        said.help = vec![
            "when it is ready is said in `run`: `run: { ready: … }`; what must hold then is a claim, such as `health: healthy`"
                .to_owned(),
        ];
    }
}

/// Shows where a service is named, where it seems that one stands in the place of what an action takes.
pub fn beside(entry: &Entry, said: usize, reader: &mut Reader) {
    let name = entry.key.value.as_str();
    let value = &entry.value;
    let inner = value.get("service");
    let named = inner.unwrap_or(value);
    let one = named
        .items()
        .and_then(|items| items.first())
        .unwrap_or(named);
    let Some(service) = one
        .text()
        .filter(|text| text.starts_with(char::is_alphabetic))
    else {
        return;
    };
    let all = reader.diagnostics.get_mut(said..).unwrap_or_default();
    let is_alone = all.len() == 1;
    let said = all.iter_mut().find(|said| {
        let is_form = said.message.starts_with("expected a map")
            || said.message.starts_with("expected nothing");
        is_alone && is_form || inner.is_some() && said.message == "unknown key `service`"
    });
    let Some(said) = said else { return };
    let rest = value.entries().unwrap_or(&[]);
    let rest: Vec<String> = rest
        .iter()
        .filter(|entry| entry.key.value != "service")
        .map(|entry| format!("{}: {}", entry.key.value, flow(&entry.value)))
        .collect();
    let step = match rest.is_empty() {
        true => action::bare(name),
        false => format!("{name}: {{ {} }}", rest.join(", ")),
    };
    let whole = format!("{{ {step}, service: {} }}", flow(named));
    said.help = vec![match is_alone {
        true => format!("where `{service}` is a service, it stands beside the step: `{whole}`"),
        false => format!("a service stands beside the step, as in `{whole}`"),
    }];
}

/// A value in one line, as it can be written again.
fn flow(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(entries) => {
            let of =
                |entry: &Entry| format!("{}: {}", word(&entry.key.value, true), flow(&entry.value));
            let entries: Vec<String> = entries.iter().map(of).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        Value::Scalar(scalar) => word(&scalar.text, scalar.plain),
    }
}

fn word(text: &str, is_plain: bool) -> String {
    let is_word = |c: char| c.is_alphanumeric() || "._-/".contains(c);
    match is_plain && text.chars().all(is_word) {
        true => text.to_owned(),
        false => Json::from(text).to_string(),
    }
}

/// From the name of an entry to the end of its value.
pub fn span_of(entry: &Entry) -> Span {
    let (key, value) = (entry.key.span, entry.value.span);
    let end = if value.file == key.file {
        value.end.max(key.end)
    } else {
        key.end
    };
    Span { end, ..key }
}

impl Item {
    /// The claim of an entry, if it is one.
    pub fn claim(entry: &Entry, modifiers: Modifiers, reader: &mut Reader) -> Option<Self> {
        let name = entry.key.value.as_str();
        let action = action::NAMES.contains(&name);
        if action && !claim::NAMES.contains(&name) {
            let said = reader.say(entry.key.span, format!("`{name}` is a step, not a claim"));
            said.help("put it under `steps:`, in place of `expect:`");
            return None;
        }
        if !claim::NAMES.contains(&name) {
            unknown(&entry.key, "claim", claim::NAMES, reader);
            return None;
        }
        if says_nothing(&entry.value) {
            let said = reader.say(span_of(entry), format!("`{name}` claims nothing"));
            said.help(format!(
                "say what is expected; `seaworthy explain {name}` shows how"
            ));
            return None;
        }
        let said = reader.diagnostics.len();
        let claim = Claim::read(name, &entry.value, reader);
        if entry.value.entries().is_none() {
            show(name, entry.value.span, said, reader);
        }
        let claim = claim?;
        if let (Some(within), Some(why)) = (modifiers.within, unchanging(claim.scope())) {
            let message = format!("`within: {within}` does not go with `{name}`");
            reader.say(span_of(entry), message).help(why);
        }
        Some(Self {
            span: span_of(entry),
            claim,
            modifiers,
        })
    }
}

/// Why a claim of this scope cannot come true late.
fn unchanging(scope: Scope) -> Option<&'static str> {
    match scope {
        Scope::Sources => Some(
            "files of this machine are looked at once in a run, so it holds at once or never: take `within` away",
        ),
        Scope::Image => {
            Some("an image does not change, so it holds at once or never: take `within` away")
        }
        Scope::Files | Scope::Running => None,
    }
}

/// Shows how a claim is written, where that was all that is wrong and nobody has said it.
fn show(name: &str, at: Span, said: usize, reader: &mut Reader) {
    let [said] = reader.diagnostics.get_mut(said..).unwrap_or_default() else {
        return;
    };
    let is_form = said.span == at && said.message.starts_with("expected a map");
    if let Some(example) = claim::example(name).filter(|_| is_form && said.help.is_empty()) {
        said.help(format!("such as `{example}`"));
    }
}

fn says_nothing(node: &Node) -> bool {
    match &node.value {
        Value::Null => true,
        Value::Map(entries) => entries.is_empty(),
        Value::List(items) => items.is_empty(),
        Value::Scalar(_) => false,
    }
}

impl Read for Item {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let Some(entries) = node.entries() else {
            let said = reader.diagnostics.len();
            let none = reader.wrong(node, "a claim such as `whoami: app`");
            valueless(node, said, reader);
            return none;
        };
        let (modifiers, rest) = Modifiers::split(entries, reader);
        match rest.as_slice() {
            [one] => Self::claim(one, modifiers, reader),
            [] => {
                let said = reader.say(node.span, "this item has no claim");
                said.help(
                    "`service`, `within` and `note` stand beside a claim such as `whoami: app`",
                );
                None
            }
            [first, more @ ..] => {
                Self::claim(first, Modifiers::default(), reader);
                several(first, more, claim::NAMES, "claim", reader);
                None
            }
        }
    }

    fn schema(schemas: &mut Schemas) -> Json {
        schemas.define("Item", |schemas| {
            let mut keys = claim::keys(schemas);
            keys.extend(Modifiers::keys(schemas));
            let mut object = Schemas::object(keys);
            object["minProperties"] = 1.into();
            object["title"] = "a claim".into();
            object["description"] = "One claim, and what modifies it.".into();
            object
        })
    }
}

/// Shows how a claim is written whose name stands there by itself.
fn valueless(node: &Node, said: usize, reader: &mut Reader) {
    let name = node.text().filter(|name| claim::NAMES.contains(name));
    let example = name.and_then(claim::first_example);
    if let (Some(example), Some(said)) = (example, reader.diagnostics.get_mut(said)) {
        said.help(format!("say what is expected, such as `{example}`"));
    }
}

/// Says what an item with more than one claim or action lacks: a dash, or a right key.
pub fn several(first: &Entry, more: &[&Entry], names: &[&str], what: &str, reader: &mut Reader) {
    for entry in more {
        let name = entry.key.value.as_str();
        if names.contains(&name) {
            let said = reader.say(
                entry.key.span,
                format!("an item holds one {what}, and this is its second"),
            );
            said.related(first.key.span, "the first");
            said.help(format!("make it an item of its own: `- {name}: …`"));
        } else {
            reader.unknown(entry.key.span, "key", name, MODIFIERS);
        }
    }
}

/// The items of an `expect`, of which there is at least one.
#[derive(Debug, Clone)]
pub struct Items(pub Vec<Item>);

impl Read for Items {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.items() {
            None => {
                let said = reader.say(
                    node.span,
                    format!("`expect` takes a list of claims, found {}", node.kind()),
                );
                said.help("begin each claim with a dash: `- whoami: app`");
                None
            }
            Some([]) => {
                reader
                    .say(node.span, "this `expect` claims nothing")
                    .help("give it at least one claim");
                None
            }
            Some(items) => {
                let read: Vec<Option<Item>> =
                    items.iter().map(|item| Item::read(item, reader)).collect();
                read.into_iter().collect::<Option<_>>().map(Self)
            }
        }
    }
    fn schema(schemas: &mut Schemas) -> Json {
        json!({ "type": "array", "minItems": 1, "items": Item::schema(schemas) })
    }
}
