//! Services: what the image under test depends on.

use serde_json::{Value as Json, json};

use super::addressed::hosts;
use super::case::Case;
use super::image::{Build, Image, ImageSource, Pull};
use super::item::Item;
use super::patch;
use super::run::Run;
use crate::text::read::{Fields, Read, Reader};
use crate::text::schema::{Schemas, describe};
use crate::text::source::Spanned;
use crate::text::tree::{Node, Value};

/// The service that is the image under test.
pub const APP: &str = "app";
/// Stands for every service where some are named.
pub const ALL: &str = "all";
/// Names that mean something else where services are named.
pub const TAKEN: [&str; 4] = [APP, ALL, "host", "outside"];

/// A service that the image under test depends on: an image, and how it is run.
#[derive(Debug, Clone)]
pub struct Service {
    /// Where its image comes from.
    pub image: Image,
    /// How it is run.
    pub run: Run,
}

impl Read for Service {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let Some(entries) = node.entries() else {
            return reader.wrong(node, "a map such as `{ image: postgres:15 }`");
        };
        let own = ["image", "build", "pull"];
        let (mine, rest): (Vec<_>, Vec<_>) = entries
            .iter()
            .cloned()
            .partition(|e| own.contains(&e.key.value.as_str()));
        let part = |entries| Node {
            span: node.span,
            value: Value::Map(entries),
        };
        let mine = part(mine);
        let fields = Fields::open(&mine, &own, reader)?;
        let name = fields.take::<Option<Spanned<String>>>("image", reader);
        let build = fields.take::<Option<Build>>("build", reader);
        let pull = fields.take::<Option<Pull>>("pull", reader);
        let run = Run::read(&part(rest), reader);
        let source = match (name?, build?) {
            (Some(name), None) => ImageSource::Ref {
                name,
                pull: pull?.unwrap_or(Pull::Missing),
            },
            (None, Some(build)) => ImageSource::Build(Box::new(build)),
            _ => {
                reader.say(
                    node.span,
                    "a service has exactly one of `image` and `build`",
                );
                return None;
            }
        };
        let written = node.get("image").or_else(|| node.get("build"));
        let span = written.map_or(node.span, |written| written.span);
        Some(Self {
            image: Image { span, source },
            run: run?,
        })
    }
    fn schema(schemas: &mut Schemas) -> Json {
        Run::schema(schemas);
        schemas.define("Service", |schemas| {
            let mut service = schemas
                .definitions()
                .get("Run")
                .cloned()
                .unwrap_or_default();
            service["description"] = "A service that the image under test depends on.".into();
            service["properties"]["image"] =
                json!({ "type": "string", "description": "The image by name." });
            let build = Build::schema(schemas);
            service["properties"]["build"] = describe(build, "The image, built.");
            let pull = Pull::schema(schemas);
            service["properties"]["pull"] = describe(pull, "When `image` is pulled.");
            service
        })
    }
}

/// The services of a case, in the order of the suite and then of the case.
#[derive(Debug, Clone, Default)]
pub struct Services {
    /// Each with its name.
    pub all: Vec<(Spanned<String>, Service)>,
    /// Hosts that they wait for, also where a service could not be read.
    pub addressed: Vec<Spanned<String>>,
    /// What tells them from those of another case.
    pub key: String,
}

/// The suite's services with the case's laid over them, setting by setting; `null` takes one away.
pub fn laid(suite: Option<&Node>, case: Option<&Node>, reader: &mut Reader) -> Services {
    let of = |node: Option<&'_ Node>| node.and_then(Node::entries).unwrap_or(&[]).to_vec();
    let (of_suite, of_case) = (of(suite), of(case));
    let mut all = Vec::new();
    let mut addressed = Vec::new();
    let mut keys = serde_json::Map::new();
    let mut take = |name: &Spanned<String>, node: &Node, reader: &mut Reader| {
        let mut settings = node.json();
        settings.sort_all_objects();
        keys.insert(name.value.clone(), settings);
        hosts(node, &mut addressed);
        if let Some(service) = Service::read(node, reader) {
            all.push((name.clone(), service));
        }
    };
    for entry in &of_suite {
        let over = of_case.iter().find(|e| e.key.value == entry.key.value);
        match over {
            Some(over) if over.value.is_null() => {}
            Some(over) => {
                let merged = patch::merge(Some(&entry.value), Some(&over.value), reader);
                if let Some(merged) = merged {
                    take(&entry.key, &exclusive(merged, &over.value), reader);
                }
            }
            None => take(&entry.key, &entry.value, reader),
        }
    }
    for entry in &of_case {
        let known = of_suite.iter().any(|e| e.key.value == entry.key.value);
        if !known && entry.value.is_null() {
            let names = of_suite.iter().map(|e| e.key.value.as_str());
            let names: Vec<&str> = names.collect();
            reader.unknown(entry.key.span, "service", &entry.key.value, names);
        } else if !known {
            take(&entry.key, &entry.value, reader);
        }
    }
    let key = Json::Object(keys).to_string();
    Services {
        all,
        addressed,
        key,
    }
}

/// A case that names another image for a service takes the place of the suite's way to it.
fn exclusive(mut merged: Node, over: &Node) -> Node {
    let gone = match (over.get("image").is_some(), over.get("build").is_some()) {
        (true, false) => "build",
        (false, true) => "image",
        _ => return merged,
    };
    if let Value::Map(entries) = &mut merged.value {
        entries.retain(|entry| entry.key.value != gone);
    }
    merged
}

impl Case {
    /// The image of one of its services as it is written, `app` being this one.
    pub fn image_of_service<'a>(
        &'a self,
        app: Option<&'a Image>,
        service: &str,
    ) -> Option<&'a Image> {
        let mut services = self.services.iter();
        match service {
            APP => app,
            _ => services
                .find(|(name, _)| name.value == service)
                .map(|(_, service)| &service.image),
        }
    }

    /// Whether an item is about every service.
    pub fn is_about_all(&self, item: &Item) -> bool {
        let names = item.modifiers.service.as_ref().or(self.service.as_ref());
        names.is_some_and(|names| names.0.iter().any(|name| name.value == ALL))
    }

    /// The services that an item is about by its own word or the case's, `app` where nothing is said.
    pub fn services_of<'a>(&'a self, item: &'a Item) -> Vec<&'a str> {
        let Some(names) = item.modifiers.service.as_ref().or(self.service.as_ref()) else {
            return vec![APP];
        };
        let mut all = Vec::new();
        for name in &names.0 {
            let bare = name.value.split('/').next().unwrap_or_default();
            let services = self.services.iter().map(|(name, _)| name.value.as_str());
            let meant = match bare {
                ALL => [APP].into_iter().chain(services).collect(),
                one => vec![one],
            };
            all.extend(
                meant
                    .into_iter()
                    .filter(|one| !all.contains(one))
                    .collect::<Vec<_>>(),
            );
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::source::FileId;
    use crate::text::yaml;

    #[test]
    fn a_cases_services_are_laid_over_the_suites_by_name() {
        let node = |text| yaml::parse(FileId(0), text).0.unwrap();
        let suite = node(
            "{ db: { image: a, environment: { A: 1, B: 2 } }, cache: { image: b }, web: { image: w } }",
        );
        let case = node(
            "{ db: { environment: { B: 3 } }, cache: null, web: { build: . }, more: { image: c } }",
        );
        let mut reader = Reader::default();
        let laid = laid(Some(&suite), Some(&case), &mut reader);
        assert!(reader.diagnostics.is_empty(), "{:?}", reader.diagnostics);
        let words: Vec<String> = laid
            .all
            .iter()
            .map(|(name, s)| format!("{} {}", name.value, s.image.source.words()))
            .collect();
        assert_eq!(words[0], "db ref missing a");
        assert!(words[1].starts_with("web build ."), "{words:?}");
        assert_eq!(words[2], "more ref missing c");
        let db = &laid.all[0].1.run.environment;
        let given: Vec<_> = db.given().collect();
        assert_eq!(given, [("A", "1"), ("B", "3")]);
        let unlike = super::laid(Some(&suite), None, &mut reader);
        assert_ne!(laid.key, unlike.key);
    }

    #[test]
    fn a_service_that_is_not_there_cannot_be_taken_away() {
        let node = |text| yaml::parse(FileId(0), text).0.unwrap();
        let (suite, case) = (node("{ db: { image: a } }"), node("{ bd: null }"));
        let mut reader = Reader::default();
        laid(Some(&suite), Some(&case), &mut reader);
        let said = &reader.diagnostics[0];
        assert_eq!(said.message, "unknown service `bd`");
    }
}
