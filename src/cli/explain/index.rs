//! Every key of the language and where it stands, told from the JSON Schema.

use std::collections::{HashMap, VecDeque};

use serde_json::Value as Json;

use super::kind::{Definitions, name_of};
use crate::{action, claim};

/// Keys that stand together in one map.
#[derive(Debug)]
pub struct Group<'a> {
    /// The definition of the map, where it has one.
    pub name: Option<&'a str>,
    /// The paths at which the map stands; the first is the shortest.
    pub places: Vec<Vec<String>>,
    /// The keys.
    pub keys: Vec<Key<'a>>,
}

impl Group<'_> {
    /// Whether it is what may stand in an item of `expect` or `steps`.
    pub fn is_item(&self) -> bool {
        self.name.is_some_and(|name| ITEMS.contains(&name))
    }

    /// Whether this very schema is that of one of its keys.
    pub fn holds(&self, schema: &Json) -> bool {
        self.keys.iter().any(|key| std::ptr::eq(key.schema, schema))
    }

    /// Where it stands, in words.
    pub fn shown(&self, place: &[String]) -> String {
        match place {
            _ if self.is_item() => "beside a claim or a step".to_owned(),
            [] => "at the top of a suite".to_owned(),
            place => format!("in `{}`", place.join(".")),
        }
    }
}

/// One key.
#[derive(Debug, Clone, Copy)]
pub struct Key<'a> {
    /// As it is written.
    pub name: &'a str,
    /// What it is for and what it takes.
    pub schema: &'a Json,
    /// Whether it must be there.
    pub required: bool,
}

impl Key<'_> {
    /// What it is for.
    pub fn about(&self) -> &str {
        self.schema["description"].as_str().unwrap_or("")
    }
}

/// Definitions of items, whose claims and actions are named without what leads to them.
const ITEMS: [&str; 2] = ["Item", "Step"];

/// All groups of keys, those nearest to the top of a suite first.
pub fn groups(schema: &Json) -> Vec<Group<'_>> {
    let mut walk = Walk {
        definitions: Definitions(&schema["definitions"]),
        groups: Vec::new(),
        known: HashMap::new(),
        queue: VecDeque::from([(Vec::new(), schema, None)]),
    };
    while let Some((path, schema, name)) = walk.queue.pop_front() {
        walk.visit(path, schema, name);
    }
    walk.groups
}

type Path = Vec<String>;

struct Walk<'a> {
    definitions: Definitions<'a>,
    groups: Vec<Group<'a>>,
    /// The paths of a definition that is not visited yet have no group.
    known: HashMap<&'a str, Vec<usize>>,
    queue: VecDeque<(Path, &'a Json, Option<&'a str>)>,
}

impl<'a> Walk<'a> {
    fn visit(&mut self, path: Path, schema: &'a Json, name: Option<&'a str>) {
        if let Some(name) = name_of(schema) {
            if let Some(groups) = self.known.get(name) {
                for at in groups {
                    self.groups[*at].places.push(path.clone());
                }
                return;
            }
            self.known.insert(name, Vec::new());
            self.visit(path, &self.definitions.0[name], Some(name));
            return;
        }
        for inner in ["allOf", "anyOf"]
            .iter()
            .filter_map(|key| schema[key].as_array())
            .flatten()
        {
            self.visit(path.clone(), inner, name);
        }
        if schema["items"].is_object() {
            self.visit(path.clone(), &schema["items"], name);
        }
        if schema["additionalProperties"].is_object() {
            let mut path = path.clone();
            path.push("NAME".to_owned());
            self.visit(path, &schema["additionalProperties"], name);
        }
        if let Some(properties) = schema["properties"].as_object() {
            self.group(path, schema, properties, name);
        }
    }

    fn group(
        &mut self,
        path: Path,
        schema: &'a Json,
        properties: &'a serde_json::Map<String, Json>,
        name: Option<&'a str>,
    ) {
        let of_items = name.is_some_and(|name| ITEMS.contains(&name));
        let required = |key: &str| {
            let required = schema["required"].as_array();
            required.is_some_and(|all| all.iter().any(|r| r == key))
        };
        let mut keys = Vec::new();
        for (key, schema) in properties {
            let own = of_items && is_word(key);
            let mut below = if own { Vec::new() } else { path.clone() };
            below.push(key.clone());
            self.queue.push_back((below, schema, None));
            if !own {
                keys.push(Key {
                    name: key,
                    schema,
                    required: required(key),
                });
            }
        }
        if let Some(name) = name {
            self.known.entry(name).or_default().push(self.groups.len());
        }
        self.groups.push(Group {
            name,
            places: vec![path],
            keys,
        });
    }
}

/// Whether the word is a claim or an action, which have pages of their own.
pub fn is_word(key: &str) -> bool {
    claim::NAMES.contains(&key) || action::NAMES.contains(&key)
}
