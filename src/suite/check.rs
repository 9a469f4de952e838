//! What must be so between the parts of a suite. It looks at what could be read, so that one
//! error hides no other.

mod company;
mod compose;
mod hosts;
mod run;

use std::collections::HashMap;
use std::path::Path;

use super::assemble::Draft;
use super::case::Case;
use super::certificate::{self, Certificate};
use super::compose::Compose;
use super::described::Described;
use super::document::NullableNetwork;
use super::files::Files;
use super::gather::Gathered;
use super::grant::{Gate, of_network};
use super::image::{Image, ImageSource};
use super::item::Item;
use super::mount::Origin;
use super::outside::Outside;
use super::ready::Ready;
use super::run::Run;
use super::service::APP;
use crate::action::Action;
use crate::claim::Scope;
use crate::claim::image::OtherSource;
use crate::fact::question::Question;
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
    /// The Compose file that describes what is under test.
    pub compose: Option<&'a Spanned<Compose>>,
    /// The services that it is known to describe.
    pub described: Option<&'a [Described]>,
    /// The networks of the Compose file, where they can be told.
    pub described_networks: &'a [String],
    /// Its networks.
    pub networks: &'a [(Spanned<String>, Spanned<NullableNetwork>)],
    /// The folder that its paths are relative to.
    pub folder: &'a Path,
    /// The world.
    pub outside: &'a dyn Outside,
    /// What it may ask for.
    pub gate: &'a Gate<'a>,
}

/// Says everything that does not fit together.
pub(super) fn suite(whole: &Whole<'_>, reader: &mut Reader) {
    names(whole.drafts, reader);
    verified(whole, reader);
    company::check(whole, reader);
    hosts::check(whole, reader);
    let files = Files::new(whole.folder, whole.outside, whole.gate);
    compose::check(whole, &files, reader);
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
            run::check(run, reader);
        }
        for (_, service) in draft.case.iter().flat_map(|case| &case.services) {
            files.image(&service.image, reader);
            files.run(&service.run, reader);
            run::check(&service.run, reader);
        }
        let actions = draft.case.iter().flat_map(Case::actions);
        for image in actions.filter_map(Action::image) {
            files.image(image, reader);
        }
        if !has_image && !draft.has_image && !is_of_files_beside(draft) {
            imageless.push(draft.span);
        }
        let items = draft.case.iter().flat_map(Case::items);
        for path in items.flat_map(looked_at) {
            files.reads(&path, reader);
        }
        unbuilt(draft, whole.image.as_ref(), reader);
        others(draft, whole.image.as_ref(), &files, reader);
    }
    for (_, network) in whole.networks {
        if let Some(made) = &network.value.0 {
            whole.gate.lets(of_network(made, network.span), reader);
        }
    }
    let drafts = whole.drafts.iter();
    let runs = drafts.flat_map(|draft| {
        let services = draft.case.iter().flat_map(|case| &case.services);
        services.map(|(_, service)| &service.run).chain(&draft.run)
    });
    files.nested(runs, reader);
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
        let services = draft.case.iter().flat_map(|case| &case.services);
        let runs: Vec<&Run> = services.map(|(_, s)| &s.run).chain(&draft.run).collect();
        let ready = runs.iter().filter_map(|run| run.ready.as_ref());
        let ready = ready.flat_map(Ready::items);
        let of_compose = whole
            .compose
            .iter()
            .flat_map(|compose| &compose.value.ready.0);
        let ready = ready.chain(of_compose.flat_map(|(_, ready)| ready.items()));
        let items = draft.case.iter().flat_map(Case::items).chain(ready);
        for (how, name) in items.flat_map(|item| item.claim.credentials()) {
            used.named = true;
            if certificate::is_path(&name.value) {
                files.reads(name, reader);
            }
            certificate::named(how, name, made, |path| files.is_folder(path), reader);
        }
        // What could not be read may name them.
        used.named |= draft.case.is_none();
        let mounts = runs.iter().flat_map(|run| &run.volumes);
        let volume = Origin::Volume(certificate::VOLUME.to_owned());
        let mounts = mounts.filter(|mount| mount.origin == volume);
        used.mounts.extend(mounts.map(|mount| mount.span));
    }
    if let Some(compose) = whole.compose {
        let folders = &compose.value.certificates.0;
        used.folders.extend(folders.iter().map(|(_, at)| at.span));
        used.of_compose = true;
    }
    used.check(made, reader);
}

/// The files of this machine that a claim is about.
fn looked_at(item: &Item) -> Vec<Spanned<String>> {
    let questions = item.claim.questions().into_iter();
    let looks = questions.filter_map(|question| match question {
        Question::Source(look) => Some(look.path().to_owned()),
        _ => None,
    });
    let span = item.span;
    looks.map(|value| Spanned { span, value }).collect()
}

/// Whether a case is about files beside the suite alone, which needs no image.
fn is_of_files_beside(draft: &Draft) -> bool {
    let alone = |item: &&Item| item.claim.scope() == Scope::Sources && !item.claim.needs_build();
    let case = draft.case.as_ref().filter(|case| !case.runs());
    case.is_some_and(|case| case.items().iter().all(alone))
}

/// Says what is wrong with the images that those of a case are compared with.
fn others(draft: &Draft, image: Option<&Image>, files: &Files<'_>, reader: &mut Reader) {
    let app = if draft.has_image {
        draft.image.as_ref()
    } else {
        image
    };
    let Some(case) = &draft.case else { return };
    for item in case.items() {
        let of = case.services_of(item).into_iter();
        let unbuilt = of.filter(|service| {
            let image = case.image_of_service(app, service);
            image.is_some_and(|image| !matches!(image.source, ImageSource::Build(_)))
        });
        let unbuilt: Vec<&str> = unbuilt.collect();
        for other in item.claim.others() {
            let span = other.span;
            match &other.source {
                OtherSource::Image(source) => {
                    let source = source.clone();
                    files.image(&Image { span, source }, reader);
                }
                OtherSource::Target(target) => {
                    let Some(service) = unbuilt.first() else {
                        continue;
                    };
                    let message = match *service {
                        APP => format!(
                            "there is no target `{}`: the image is not built",
                            target.value
                        ),
                        service => format!(
                            "there is no target `{}`: the image of `{service}` is not built",
                            target.value
                        ),
                    };
                    let said = reader.say(target.span, message);
                    said.help("name the other image by `ref`, or build it by `build`");
                }
            }
        }
    }
}

/// Says which claims are about what an image is built from where the image is not built.
fn unbuilt(draft: &Draft, suites: Option<&Image>, reader: &mut Reader) {
    let Some(case) = &draft.case else { return };
    let app = draft.image.as_ref().or(suites);
    for item in case.items().into_iter().filter(|i| i.claim.needs_build()) {
        for service in case.services_of(item) {
            let Some(image) = case.image_of_service(app, service) else {
                continue;
            };
            let how = match &image.source {
                ImageSource::Build(_) => continue,
                ImageSource::Ref { .. } => "ref",
                ImageSource::Archive(_) => "archive",
            };
            let name = item.claim.name();
            let (whose, help) = match service {
                APP => (
                    "this one comes".to_owned(),
                    "give the case an image that is built: `image: { build: { context: . } }`",
                ),
                other => (
                    format!("that of `{other}` comes"),
                    "name services that are built, or build this one: `build: { context: . }`",
                ),
            };
            let message =
                format!("`{name}` is about what an image is built from, and {whose} by `{how}`");
            let said = reader.say(item.span, message);
            said.related(image.span, "the image").help(help);
        }
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
