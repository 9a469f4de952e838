//! One case from its node: read, and run as the suite runs with the case's own laid over it.

use super::addressed::hosts;
use super::case::{Body, Case, CaseFields, Step};
use super::image::Image;
use super::patch;
use super::run::{Networks, Run};
use super::service::{APP, Service, Services, laid};
use crate::text::read::{Read, Reader};
use crate::text::source::{Span, Spanned};
use crate::text::tree::{Node, Value};

/// What could be read of a case. A case with an error is none, but its parts are still checked.
#[derive(Debug)]
pub struct Draft {
    /// Its name.
    pub name: Option<Spanned<String>>,
    /// Ids of requirements.
    pub verifies: Vec<Spanned<String>>,
    /// Services that its claims and steps are about.
    pub named: Vec<Spanned<String>>,
    /// Hosts that its claims and steps address.
    pub addressed: Vec<Spanned<String>>,
    /// How many containers of each service there are, `app` among them.
    pub scale: Vec<(String, u32)>,
    /// Where it is named, for what concerns the whole of it.
    pub span: Span,
    /// Where it says how it is run.
    pub own: Option<Span>,
    /// Whether it says something of an image of its own.
    pub has_image: bool,
    /// Another image.
    pub image: Option<Image>,
    /// How it is run.
    pub run: Option<Run>,
    /// The whole case.
    pub case: Option<Case>,
}

/// What a suite says that its cases lay their own over.
#[derive(Debug)]
pub struct OfSuite<'a> {
    /// How the image under test is run.
    pub run: Option<&'a Node>,
    /// What it depends on.
    pub services: Option<&'a Node>,
    /// The image, as it is written.
    pub image: String,
}

/// The case of a node, with everything that is wrong with it said.
pub fn draft(node: &Node, suite: &OfSuite<'_>, reader: &mut Reader) -> Draft {
    let said = reader.diagnostics.len();
    let fields = CaseFields::read(node, reader);
    let fields_sound = reader.diagnostics.len() == said;
    let patch = node.get("run");
    let empty = Node {
        span: node.span,
        value: Value::Map(Vec::new()),
    };
    let merged = patch::merge(suite.run, patch, reader);
    let merged = merged.unwrap_or(empty);
    let run = Run::read(&merged, reader);
    let Services {
        all: services,
        addressed: waited_for,
        key: company,
    } = laid(suite.services, node.get("services"), reader);
    let mut named = Vec::new();
    named_services(node, &mut named);
    let mut addressed = Vec::new();
    hosts(node, &mut addressed);
    hosts(&merged, &mut addressed);
    addressed.extend(waited_for);
    let scale = scale(node, suite, run.as_ref(), &services);
    let mut draft = Draft {
        name: node.get("name").and_then(spanned),
        verifies: node.get("verifies").map(list).unwrap_or_default(),
        named,
        addressed,
        scale,
        span: node.get("name").map_or(node.span, |name| name.span),
        own: ["run", "services"]
            .into_iter()
            .find_map(|key| node.get(key))
            .map(|own| own.span),
        has_image: node.get("image").is_some(),
        image: node
            .get("image")
            .and_then(|node| Image::read(node, &mut Reader::default())),
        run,
        case: None,
    };
    let image = node.get("image");
    let image = image.map_or_else(|| suite.image.clone(), |node| node.json().to_string());
    // The order of names is no difference between two runs.
    let mut settings = merged.json();
    settings.sort_all_objects();
    let mut key = format!("{image}\n{settings}\n{company}");
    let Some(fields) = fields else { return draft };
    let body = match (fields.expect, fields.steps) {
        (Some(items), None) => Body::Expect(items.value.0),
        (None, Some(steps)) => Body::Steps(steps.value.0),
        (Some(_), Some(steps)) => {
            let said = reader.say(steps.span, "a case has either `expect` or `steps`");
            said.help("put the claims into the steps: `- expect: […]`");
            return draft;
        }
        // Where a key is mistyped, that was said.
        (None, None) if !fields_sound => return draft,
        (None, None) => {
            let said = reader.say(fields.name.span, "this case claims nothing");
            said.help("give it `expect:` with a list of claims, or `steps:`");
            return draft;
        }
    };
    let Some(mut run) = draft.run.clone() else {
        return draft;
    };
    // A container that is made anew under load is found by its name, and the engine's own network has none.
    let by_name = run.networks.is_none() && run.network_mode.is_none();
    if by_name && matches!(&body, Body::Steps(steps) if steps.iter().any(Step::is_load)) {
        let span = fields.name.span;
        let value = Networks::alone(span);
        run.networks = Some(Spanned { span, value });
        key.push_str("\nby name");
    }
    if let Some(shared) = &fields.shared {
        unshared(shared, &body, fields.alone.0, reader);
    }
    draft.case = Some(Case {
        name: fields.name,
        verifies: fields.verifies,
        tags: fields.tags,
        skip: fields.skip,
        alone: fields.alone.0,
        shared: fields.shared.is_some_and(|shared| shared.value),
        timeout: fields.timeout,
        within: fields.within,
        service: fields.service,
        image: fields.image,
        run,
        services,
        says_run: node.get("run").is_some() || node.get("services").is_some(),
        own_run: patch.map(|own| own.span),
        settings: merged
            .entries()
            .unwrap_or_default()
            .iter()
            .map(|e| e.key.clone())
            .collect(),
        key,
        body,
    });
    draft
}

/// Says where `shared` says nothing, or speaks against the rest of the case.
fn unshared(shared: &Spanned<bool>, body: &Body, alone: bool, reader: &mut Reader) {
    let (message, help) = match body {
        Body::Expect(_) => (
            "`shared` is for a case with `steps`",
            "leave it out: cases that only look share their containers, and with `alone: true` a case has its own",
        ),
        Body::Steps(_) if shared.value && alone => (
            "a case is either `shared` or `alone`",
            "`alone: true` gives it containers of its own; `shared: true` goes on with those of other cases",
        ),
        Body::Steps(_) => return,
    };
    reader.say(shared.span, message).help(help);
}

/// How many containers of each service there are, `app` among them. What could not be read is known by its
/// name.
fn scale(
    node: &Node,
    suite: &OfSuite<'_>,
    run: Option<&Run>,
    services: &[(Spanned<String>, Service)],
) -> Vec<(String, u32)> {
    let counted = |run: &Run| run.scale.as_ref().map_or(1, |scale| scale.value);
    let scale = services
        .iter()
        .map(|(name, s)| (name.value.clone(), counted(&s.run)));
    let of_app = (APP.to_owned(), run.map_or(1, counted));
    let mut scale: Vec<(String, u32)> = [of_app].into_iter().chain(scale).collect();
    let others = [suite.services, node.get("services")];
    for entry in others
        .into_iter()
        .flatten()
        .filter_map(Node::entries)
        .flatten()
    {
        let name = &entry.key.value;
        let is_gone = node
            .get("services")
            .and_then(|s| s.get(name))
            .is_some_and(Node::is_null);
        if !is_gone && !scale.iter().any(|(known, _)| known == name) {
            scale.push((name.clone(), 1));
        }
    }
    scale
}

fn spanned(node: &Node) -> Option<Spanned<String>> {
    node.text().map(|text| Spanned {
        span: node.span,
        value: text.to_owned(),
    })
}

/// A text, or a list of them.
fn list(node: &Node) -> Vec<Spanned<String>> {
    let items = node
        .items()
        .map_or(std::slice::from_ref(node), |items| items);
    items.iter().filter_map(spanned).collect()
}

/// Every `service` of a case, its claims and its steps, and every `from` that is no client outside,
/// also where these could not be read.
fn named_services(node: &Node, all: &mut Vec<Spanned<String>>) {
    all.extend(node.get("service").map(list).unwrap_or_default());
    for claim in ["http", "tcp"] {
        let from = node.get(claim).and_then(|claim| claim.get("from"));
        all.extend(from.and_then(spanned).filter(|from| from.value != "host"));
    }
    let after = node.get("started").and_then(|claim| claim.get("after"));
    let after = after.and_then(Node::entries).unwrap_or(&[]);
    all.extend(after.iter().map(|entry| entry.key.clone()));
    if let Some(load) = node.get("load") {
        named_services(load, all);
    }
    for key in ["expect", "steps", "during"] {
        for item in node.get(key).and_then(Node::items).unwrap_or(&[]) {
            named_services(item, all);
        }
    }
}
