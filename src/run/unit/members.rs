//! The images of a unit's services, and the ports that its claims lead to.

use crate::fact::question::Question;
use crate::plan::whom::end;
use crate::run::outcome::ImageOf;
use crate::session::compose::Project;
use crate::session::image::Ready;
use crate::suite::Item;
use crate::suite::service::APP;

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
        digest: image.facts.digest_as(&image.name).map(str::to_owned),
    }
}

/// An image as a report names it.
pub fn shown(image: &Ready) -> String {
    format!("{} ({})", image.name, image.id)
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
