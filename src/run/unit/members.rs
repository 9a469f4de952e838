//! Which containers, or images, an item is about.

use crate::claim::Scope;
use crate::fact::question::Question;
use crate::plan::whom::{end, whom};
use crate::run::judge::Subject;
use crate::run::outcome::ImageOf;
use crate::session::company::Company;
use crate::session::compose::Project;
use crate::session::image::Ready;
use crate::suite::item::Services;
use crate::suite::service::{ALL, APP};
use crate::suite::{Case, Item};

/// The images of a case that starts no container: the one under test where it is looked at, then its
/// services'.
pub fn images<'a>(
    image: Option<&'a Ready>,
    services: &'a [(String, Ready)],
) -> Vec<(Option<String>, &'a Ready)> {
    let named = |name: &str| (!services.is_empty()).then(|| name.to_owned());
    let own = image.map(|image| (named(APP), image));
    let services = services.iter().map(|(name, image)| (named(name), image));
    own.into_iter().chain(services).collect()
}

/// The images of all services of a case. A Compose file calls the one under test otherwise than `app`.
pub fn all_images(
    image: Option<&Ready>,
    services: &[(String, Ready)],
    project: Option<&Project>,
) -> Vec<ImageOf> {
    if let Some(project) = project {
        return project
            .images()
            .map(|(name, image)| image_of(name, image))
            .collect();
    }
    let own = image.map(|image| image_of(APP, image));
    let services = services.iter().map(|(name, image)| image_of(name, image));
    own.into_iter().chain(services).collect()
}

/// That of a service.
pub fn image_of(service: &str, image: &Ready) -> ImageOf {
    ImageOf {
        service: service.to_owned(),
        name: image.name.clone(),
        id: image.id.clone(),
    }
}

/// An image as a report names it.
pub fn shown(image: &Ready) -> String {
    format!("{} ({})", image.name, image.id)
}

/// The members that an item is about.
pub fn of(item: &Item, case: &Case, subject: &Subject<'_>) -> Vec<usize> {
    let names = whom(item, case);
    let found = match subject {
        Subject::Sources(services) => {
            let is_it = |service: &String, name: &str| name == ALL || service == bare(name);
            let all = services.iter().enumerate();
            all.filter(|(_, service)| names.iter().any(|name| is_it(service, name)))
                .map(|(at, _)| at)
                .collect()
        }
        Subject::Images(images, _) => {
            let is_it = |label: &Option<String>, name: &str| {
                name == ALL || label.as_deref().unwrap_or(APP) == bare(name)
            };
            let all = images.iter().enumerate();
            all.filter(|(_, (label, _))| names.iter().any(|name| is_it(label, name)))
                .map(|(at, _)| at)
                .collect()
        }
        Subject::Company(company) => match leads_to(item, case, company) {
            Some(service) => company.named([service.as_str()]),
            None => company.named(names.iter().map(String::as_str)),
        },
    };
    let of_all = |question: &Question| matches!(question, Question::Spread(_));
    let at_once = || item.claim.questions().iter().any(of_all);
    match (item.claim.scope(), subject) {
        // What lies beside the suite is nobody's.
        (Scope::Sources, _) if !item.claim.needs_build() => found.into_iter().take(1).collect(),
        // All replicas are of one image.
        (Scope::Sources, Subject::Company(company)) => first_of_each(found, company),
        // What is about all replicas of a service at once is asked once.
        (_, Subject::Company(company)) if item.claim.is_of_service() || at_once() => {
            first_of_each(found, company)
        }
        _ => found,
    }
}

/// The service that a connection leads to, where nothing else says whom the item is about. A Compose file
/// has services that the case does not name.
fn leads_to(item: &Item, case: &Case, company: &Company) -> Option<String> {
    if item.modifiers.service.is_some() || case.service.is_some() {
        return None;
    }
    let questions = item.claim.questions();
    let mut hosts = questions.iter().filter_map(end).map(|(host, _)| host);
    hosts.find(|host| company.members().iter().any(|m| m.service == *host))
}

/// One member of each service.
fn first_of_each(found: Vec<usize>, company: &Company) -> Vec<usize> {
    let service = |at: usize| company.members().get(at).map(|member| &member.service);
    let mut first: Vec<usize> = Vec::new();
    for at in found {
        if !first.iter().any(|known| service(*known) == service(at)) {
            first.push(at);
        }
    }
    first
}

/// The members that a step is done to.
pub fn of_step(names: Option<&Services>, case: &Case, company: &Company) -> Vec<usize> {
    match names.or(case.service.as_ref()) {
        Some(names) => company.named(names.0.iter().map(|name| name.value.as_str())),
        None => company.named([APP]),
    }
}

fn bare(name: &str) -> &str {
    name.split('/').next().unwrap_or(name)
}

/// The ports of a service that connections from outside go to.
pub fn ports<'a>(service: &str, items: impl IntoIterator<Item = &'a Item>) -> Vec<u16> {
    let mut ports = Vec::new();
    for item in items {
        for question in item.claim.questions() {
            match &question {
                // Of whichever container the claim is about.
                Question::Certificate(handshake) => ports.push(handshake.port),
                other => ports.extend(end(other).filter(|(h, _)| h == service).map(|(_, p)| p)),
            }
        }
    }
    ports.sort_unstable();
    ports.dedup();
    ports
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::image::ImageFacts;

    #[test]
    fn every_service_is_told_with_its_image() {
        let image = |id: &str| Ready {
            id: id.to_owned(),
            name: format!("name of {id}"),
            facts: ImageFacts::default(),
            how: String::new(),
            kept: std::sync::Arc::default(),
            others: std::collections::BTreeMap::new(),
        };
        let (app, db) = (image("1"), ("db".to_owned(), image("2")));
        let told = |image: Option<&Ready>, services: &[(String, Ready)]| -> Vec<String> {
            let all = all_images(image, services, None).into_iter();
            all.map(|one| format!("{} {} {}", one.service, one.name, one.id))
                .collect()
        };
        let (own, other) = ("app name of 1 1", "db name of 2 2");
        assert_eq!(told(Some(&app), std::slice::from_ref(&db)), [own, other]);
        assert_eq!(told(None, &[db]), [other]);
        assert_eq!(told(Some(&app), &[]), [own]);
    }
}
