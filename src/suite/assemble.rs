//! One case from its node: read, and run as the suite runs with the case's own laid over it.

use super::case::{Body, Case, CaseFields};
use super::image::Image;
use super::patch;
use super::run::Run;
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
    pub services: Vec<Spanned<String>>,
    /// Where it is named, for what concerns the whole of it.
    pub span: Span,
    /// Whether it says something of an image of its own.
    pub has_image: bool,
    /// Another image.
    pub image: Option<Image>,
    /// How it is run.
    pub run: Option<Run>,
    /// The whole case.
    pub case: Option<Case>,
}

/// The case of a node, with everything that is wrong with it said.
pub fn draft(
    node: &Node,
    suite_run: Option<&Node>,
    suite_image: &str,
    reader: &mut Reader,
) -> Draft {
    let said = reader.diagnostics.len();
    let fields = CaseFields::read(node, reader);
    let fields_sound = reader.diagnostics.len() == said;
    let patch = node.get("run");
    let empty = Node {
        span: node.span,
        value: Value::Map(Vec::new()),
    };
    let merged = patch::merge(suite_run, patch, reader);
    let merged = merged.unwrap_or(empty);
    let run = Run::read(&merged, reader);
    let mut services = Vec::new();
    named_services(node, &mut services);
    let mut draft = Draft {
        name: node.get("name").and_then(spanned),
        verifies: node.get("verifies").map(list).unwrap_or_default(),
        services,
        span: node.get("name").map_or(node.span, |name| name.span),
        has_image: node.get("image").is_some(),
        image: node
            .get("image")
            .and_then(|node| Image::read(node, &mut Reader::default())),
        run,
        case: None,
    };
    let image = node.get("image");
    let image = image.map_or_else(|| suite_image.to_owned(), |node| node.json().to_string());
    // The order of names is no difference between two runs.
    let mut settings = merged.json();
    settings.sort_all_objects();
    // Cases that may take different times cannot be given up together.
    let timeout = node.get("timeout").and_then(Node::text).unwrap_or("");
    let key = format!("{image}\n{settings}\n{timeout}");
    let Some(fields) = fields else { return draft };
    if let Some(node) = node.get("services") {
        reader.say(node.span, "`services` of a case is not supported yet");
    }
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
    let Some(run) = draft.run.clone() else {
        return draft;
    };
    draft.case = Some(Case {
        name: fields.name,
        verifies: fields.verifies,
        tags: fields.tags,
        skip: fields.skip,
        alone: fields.alone.0,
        timeout: fields.timeout,
        within: fields.within,
        service: fields.service,
        image: fields.image,
        run,
        says_run: node.get("run").is_some(),
        key,
        body,
    });
    draft
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
    let from = node
        .get("http")
        .and_then(|http| http.get("from"))
        .and_then(spanned);
    all.extend(from.filter(|from| from.value != "host"));
    for key in ["expect", "steps"] {
        for item in node.get(key).and_then(Node::items).unwrap_or(&[]) {
            named_services(item, all);
        }
    }
}
