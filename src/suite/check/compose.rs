//! Suites over a Compose file: what does not go with it, and what it must name.

use super::company;
use super::{Files, Whole};
use crate::suite::assemble::Draft;
use crate::suite::compose::{Compose, variables};
use crate::suite::described::{self, Described};
use crate::suite::item::Item;
use crate::suite::network::DEFAULT;
use crate::suite::service::APP;
use crate::text::read::Reader;
use crate::text::source::Spanned;
use crate::text::tree::Node;

/// Keys at the top whose place `compose` takes.
const REPLACED: [&str; 4] = ["image", "services", "networks", "run"];

/// Says what does not fit.
pub(super) fn check(whole: &Whole<'_>, files: &Files<'_>, reader: &mut Reader) {
    let Some(written) = entry(whole.top, "compose") else {
        return;
    };
    for (key, name) in REPLACED
        .into_iter()
        .filter_map(|key| Some((entry(whole.top, key)?, key)))
    {
        let said = reader.say(key.span, format!("`{name}` does not go with `compose`"));
        said.related(written.span, "the Compose file")
            .help("the Compose file says what is started and how: keep one of them");
    }
    for draft in whole.drafts {
        of_case(draft, whole, reader);
    }
    let Some(compose) = whole.compose.map(|compose| &compose.value) else {
        return;
    };
    if compose.files.is_empty() {
        let said = reader.say(written.span, "`compose` names no file");
        said.help("say `files: [docker-compose.yml]`");
    }
    let given = compose
        .environment
        .0
        .iter()
        .filter(|(_, value)| value.is_some());
    let misleading = given.filter_map(|(name, _)| {
        let value = variables::given(&name.value)?;
        Some(Spanned {
            span: name.span,
            value,
        })
    });
    files.lets(misleading, reader);
    let all = compose.files.iter().map(|file| (file, "Compose file"));
    let beside = compose
        .env_file
        .iter()
        .map(|file| (file, "file of variables"));
    let mut there = true;
    for (file, what) in all.chain(beside) {
        if files.is_folder(&file.value) == Some(false) {
            there &= files.reads(file, reader);
        } else {
            files.missing(file, what, reader);
            there = false;
        }
    }
    for (name, of) in compose
        .scale
        .0
        .iter()
        .filter(|(_, of)| !(1..=company::REPLICAS).contains(of))
    {
        let said = reader.say(
            name.span,
            format!("`{}: {of}` is not a number of containers", name.value),
        );
        said.help(format!("take a number from 1 to {}", company::REPLICAS));
    }
    for (_, at) in &compose.certificates.0 {
        if at.value.0 == "/" {
            let said = reader.say(at.span, "`/` cannot hold certificates");
            said.help("write the path of a folder in the container, such as `/etc/tls`");
        }
    }
    if let Some(known) = whole.described.filter(|_| there) {
        let known: Vec<String> = known.iter().map(|one| one.name.clone()).collect();
        named(whole, compose, &known, reader);
    }
}

fn entry<'a>(top: &'a Node, name: &str) -> Option<&'a Spanned<String>> {
    let entry = top
        .entries()?
        .iter()
        .find(|entry| entry.key.value == name)?;
    Some(&entry.key)
}

fn of_case(draft: &Draft, whole: &Whole<'_>, reader: &mut Reader) {
    if let Some(span) = draft.own {
        let said = reader.say(span, "the Compose file says how its services are run");
        said.help("take it out; what is to differ can be a variable of the Compose file, set in `compose: { environment: … }`");
    }
    let Some(case) = &draft.case else { return };
    if let Some(image) = &draft.image {
        if case.runs() {
            let said = reader.say(
                image.span,
                "a case of a Compose file that starts containers starts those of the file",
            );
            said.help("leave `image` out; `compose: { app: … }` says which service is under test");
        }
        return;
    }
    let known = whole.described.unwrap_or(&[]);
    let app = whole.compose.map(|compose| &compose.value.app.value);
    for item in case.items().iter().filter(|item| item.claim.needs_build()) {
        if case.is_about_all(item) {
            all_built(item, known, whole, reader);
            continue;
        }
        for named in case.services_of(item) {
            let service = app.filter(|_| named == APP).map_or(named, String::as_str);
            let mut known = known.iter();
            let Some(one) = known.find(|one| one.name == service && one.is_never_built()) else {
                continue;
            };
            let (name, image) = (item.claim.name(), one.image.as_deref().unwrap_or(""));
            let said = reader.say(
                item.span,
                format!(
                    "`{name}` is about what an image is built from, and the Compose file's `{service}` comes by `image: {image}`"
                ),
            );
            said.help(
                "name a service that has a `build`: `service: NAME`; or give the case the image that is meant: \
                 `image: { build: { context: . } }`",
            );
        }
    }
}

/// Says which services are not built where a claim about all of them wants that.
fn all_built(item: &Item, known: &[Described], whole: &Whole<'_>, reader: &mut Reader) {
    let Some(compose) = whole.compose else { return };
    let started = described::surely_started(known, &compose.value);
    let by_image = started.iter().filter(|one| one.is_never_built());
    let by_image: Vec<String> = by_image.map(|one| format!("`{}`", one.name)).collect();
    if by_image.is_empty() {
        return;
    }
    let comes = if by_image.len() == 1 { "comes" } else { "come" };
    let message = format!(
        "`{}` is about what an image is built from, and of all services of the Compose file {} {comes} by `image`",
        item.claim.name(),
        by_image.join(", ")
    );
    let built = started.iter().filter(|one| one.is_built());
    let built: Vec<&str> = built.map(|one| one.name.as_str()).collect();
    let said = reader.say(item.span, message);
    said.help(match built.is_empty() {
        true => {
            "give the case the image that is meant: `image: { build: { context: . } }`".to_owned()
        }
        false => format!(
            "name those that have a `build`: `service: [{}]`",
            built.join(", ")
        ),
    });
}

/// Services that are named and are none of the file's.
fn named(whole: &Whole<'_>, compose: &Compose, known: &[String], reader: &mut Reader) {
    let names = known.iter().map(String::as_str);
    let own = compose
        .services
        .iter()
        .chain(compose.scale.0.iter().map(|(name, _)| name))
        .chain(compose.certificates.0.iter().map(|(name, _)| name))
        .chain(
            compose
                .ready
                .0
                .iter()
                .map(|(name, _)| name)
                .filter(|name| name.value != APP),
        );
    for name in own.chain([&compose.app]) {
        if !known.contains(&name.value) {
            reader.unknown(name.span, "service", &name.value, names.clone());
        }
    }
    // How many of each the file itself starts is not known before it is resolved.
    let of = |name: &str| match compose.scale.0.iter().find(|(one, _)| one.value == name) {
        Some((_, of)) => *of,
        None => company::REPLICAS,
    };
    let mut scales: Vec<(String, u32)> =
        known.iter().map(|name| (name.clone(), of(name))).collect();
    scales.push((APP.to_owned(), of(&compose.app.value)));
    let networks = whole.described_networks.iter().map(String::as_str);
    let networks: Vec<&str> = networks.chain([DEFAULT]).collect();
    for draft in whole.drafts {
        company::named(draft, &scales, reader);
        if let Some(case) = &draft.case {
            company::claimed(case, &networks, reader);
            company::switched(case, &networks, reader);
        }
    }
}
