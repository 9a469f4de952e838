//! What must be so between the parts of a suite. It looks at what could be read, so that one
//! error hides no other.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::assemble::Draft;
use super::case::Case;
use super::certificate::{self, Certificate};
use super::files::Files;
use super::gather::Gathered;
use super::image::{Image, ImageSource};
use super::item::Item;
use super::mount::Origin;
use super::outside::Outside;
use super::planned;
use super::ready::{Ready, When};
use crate::claim::Scope;
use crate::claim::image::OtherSource;
use crate::text::read::Reader;
use crate::text::source::{Span, Spanned};
use crate::text::tree::Node;

/// A suite as far as it could be read.
pub(super) struct Whole<'a> {
    /// Its keys, variables replaced.
    pub top: &'a Node,
    /// The image under test.
    pub image: Option<Image>,
    /// Requirements and what else was gathered.
    pub gathered: &'a Gathered,
    /// Its cases.
    pub drafts: &'a [Draft],
    /// Its certificates, where they could be read.
    pub certificates: Option<&'a [(Spanned<String>, Spanned<Certificate>)]>,
    /// The folder that its paths are relative to.
    pub folder: &'a Path,
    /// The world.
    pub outside: &'a dyn Outside,
}

/// Says everything that does not fit together.
pub(super) fn suite(whole: &Whole<'_>, reader: &mut Reader) {
    refused(whole.top, reader);
    names(whole.drafts, reader);
    verified(whole, reader);
    services(whole, reader);
    let files = Files::new(whole.folder, whole.outside);
    if let Some(image) = &whole.image {
        files.image(image, reader);
    }
    let has_image = whole.top.get("image").is_some() || whole.top.get("compose").is_some();
    let mut imageless = Vec::new();
    for draft in whole.drafts {
        if let Some(image) = &draft.image {
            files.image(image, reader);
        }
        if let Some(run) = &draft.run {
            files.run(run, reader);
        }
        if !has_image && !draft.has_image && !is_of_files_beside(draft) {
            imageless.push(draft.span);
        }
        unbuilt(draft, whole.image.as_ref(), reader);
        others(draft, whole.image.as_ref(), &files, reader);
    }
    no_image(&imageless, whole.drafts.len(), whole.top.span, reader);
    certificates(whole, &files, reader);
}

/// The certificates of the suite, and who names them.
fn certificates(whole: &Whole<'_>, files: &Files<'_>, reader: &mut Reader) {
    let Some(made) = whole.certificates else {
        return;
    };
    certificate::check(made, reader);
    let mut used = certificate::Use::default();
    for draft in whole.drafts {
        let ready = match draft.run.as_ref().and_then(|run| run.ready.as_ref()) {
            Some(Ready {
                when: When::Items(items),
                ..
            }) => items.as_slice(),
            _ => &[],
        };
        let items = draft.case.iter().flat_map(Case::items).chain(ready);
        for (how, name) in items.flat_map(|item| item.claim.credentials()) {
            used.named = true;
            certificate::named(how, name, made, |path| files.is_folder(path), reader);
        }
        // What could not be read may name them.
        used.named |= draft.case.is_none();
        let mounts = draft.run.iter().flat_map(|run| &run.volumes);
        let volume = Origin::Volume(certificate::VOLUME.to_owned());
        let mounts = mounts.filter(|mount| mount.origin == volume);
        used.mounts.extend(mounts.map(|mount| mount.span));
    }
    used.check(made, reader);
}

/// Whether a case is about files beside the suite alone, which needs no image.
fn is_of_files_beside(draft: &Draft) -> bool {
    let alone = |item: &&Item| item.claim.scope() == Scope::Sources && !item.claim.needs_build();
    let case = draft.case.as_ref().filter(|case| !case.runs());
    case.is_some_and(|case| case.items().iter().all(alone))
}

/// Says what is wrong with the images that those of a case are compared with.
fn others(draft: &Draft, image: Option<&Image>, files: &Files<'_>, reader: &mut Reader) {
    let image = if draft.has_image {
        draft.image.as_ref()
    } else {
        image
    };
    let built = image.is_none_or(|image| matches!(image.source, ImageSource::Build(_)));
    let items = draft.case.iter().flat_map(|case| case.items());
    for other in items.flat_map(|item| item.claim.others()) {
        let span = other.span;
        match &other.source {
            OtherSource::Image(source) => {
                let source = source.clone();
                files.image(&Image { span, source }, reader);
            }
            OtherSource::Target(target) if !built => {
                let message = format!(
                    "there is no target `{}`: the image is not built",
                    target.value
                );
                let said = reader.say(target.span, message);
                said.help("name the other image by `ref`, or build it by `build`");
            }
            OtherSource::Target(_) => {}
        }
    }
}

/// Says which claims are about what an image is built from where the image is not built.
fn unbuilt(draft: &Draft, suites: Option<&Image>, reader: &mut Reader) {
    let Some(image) = draft.image.as_ref().or(suites) else {
        return;
    };
    let how = match &image.source {
        ImageSource::Build(_) => return,
        ImageSource::Ref { .. } => "ref",
        ImageSource::Archive(_) => "archive",
    };
    let items = draft.case.as_ref().map(Case::items).unwrap_or_default();
    for item in items.iter().filter(|item| item.claim.needs_build()) {
        let name = item.claim.name();
        let message =
            format!("`{name}` is about what an image is built from, and this one comes by `{how}`");
        let said = reader.say(item.span, message);
        said.related(image.span, "the image")
            .help("give the case an image that is built: `image: { build: { context: . } }`");
    }
}

/// Said once for the suite where no case has an image, else for each that lacks one.
fn no_image(cases: &[Span], all: usize, top: Span, reader: &mut Reader) {
    let help = "say at the top `image: { build: { context: . } }` or `image: { ref: NAME }`";
    if cases.len() == all && all > 0 {
        reader
            .say(top, "this suite has no image to judge")
            .help(help);
        return;
    }
    for span in cases {
        reader
            .say(*span, "this case has no image to judge")
            .help(help);
    }
}

fn refused(top: &Node, reader: &mut Reader) {
    for entry in top.entries().unwrap_or(&[]) {
        let key = entry.key.value.as_str();
        if planned::NAMES.contains(&key) {
            let said = reader.say(entry.key.span, format!("`{key}` is not supported yet"));
            said.help(
                "this version runs one image by itself; it refuses what it would have to pass over",
            );
        }
    }
}

fn names(drafts: &[Draft], reader: &mut Reader) {
    let mut seen: HashMap<&str, Span> = HashMap::new();
    for name in drafts.iter().filter_map(|draft| draft.name.as_ref()) {
        if name.value.trim().is_empty() {
            reader.say(name.span, "a case needs a name that says what it claims");
        } else if let Some(first) = seen.get(name.value.as_str()) {
            let said = reader.say(name.span, format!("two cases are called `{}`", name.value));
            said.related(*first, "the first")
                .help("names are how results are told apart: change one");
        } else {
            seen.insert(&name.value, name.span);
        }
    }
}

fn verified(whole: &Whole<'_>, reader: &mut Reader) {
    let mut seen: HashMap<&str, Span> = HashMap::new();
    for (id, _) in &whole.gathered.requirements {
        // A file of requirements that a suite and its fragment both name is one and the same.
        let first = seen.insert(&id.value, id.span);
        if let Some(first) = first.filter(|first| *first != id.span) {
            let message = format!("the requirement `{}` stands here twice", id.value);
            let said = reader.say(id.span, message);
            said.related(first, "the first").help("keep one of them");
        }
    }
    if whole.gathered.partial {
        return;
    }
    for id in whole.drafts.iter().flat_map(|draft| &draft.verifies) {
        if !seen.contains_key(id.value.as_str()) {
            let known = whole.gathered.requirements.iter();
            let known = known.map(|(id, _)| id.value.as_str());
            let said = reader.unknown(id.span, "requirement", &id.value, known);
            said.help("list it under `requirements:` with what it says");
        }
    }
}

fn services(whole: &Whole<'_>, reader: &mut Reader) {
    if whole.top.get("compose").is_some() {
        return;
    }
    let listed = whole.top.get("services").and_then(Node::entries);
    let listed = listed.unwrap_or(&[]).iter().map(|e| e.key.value.as_str());
    let known: Vec<&str> = ["app", "all"].into_iter().chain(listed).collect();
    let names: HashSet<&str> = known.iter().copied().collect();
    for name in whole.drafts.iter().flat_map(|draft| &draft.services) {
        let bare = name.value.split('/').next().unwrap_or("");
        if !names.contains(bare) {
            reader.unknown(name.span, "service", bare, known.iter().copied());
        } else if name.value.contains('/') {
            let said = reader.say(name.span, "replicas are not supported yet");
            said.help("take the number behind the `/` away");
        }
    }
}
