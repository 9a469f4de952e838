//! What of a run is still there, and its removal.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::Order;
use super::engine::{Engine, encoded};
use super::json::Json;

/// So many requests are under way at once.
const AT_ONCE: usize = 8;

const GONE: u16 = 404;
/// In use, or being removed already.
const CONFLICT: u16 = 409;

/// What engines put before the names of images that are on them alone: Docker nothing, podman a host.
const HOSTS: [&str; 2] = ["", "localhost/"];

/// The place of the containers among the groups.
const CONTAINERS: usize = 0;

/// How many things went, and how many the engine would not let go of.
pub(super) struct Removal {
    pub(super) gone: usize,
    pub(super) stays: usize,
}

/// Paths of what is to be removed, one group after the other: a network is held by its containers.
pub(super) struct Left {
    groups: [Vec<String>; 4],
    /// Whether something was kept on purpose, with all that it needs.
    keeps: bool,
}

impl Left {
    /// Asks the engine.
    pub(super) fn of(engine: &Engine, order: &Order) -> io::Result<Self> {
        let label = encoded(&format!("{{\"label\":[\"{}\"]}}", order.label));
        let list = |path: &str| {
            let (status, body) = engine.ask("GET", path)?;
            let json = Json::of(&body).filter(|_| status == 200);
            json.ok_or_else(|| io::Error::other(format!("{path}: status {status}")))
        };
        let containers = list(&format!("/containers/json?all=1&filters={label}"))?;
        let networks = list(&format!("/networks?filters={label}"))?;
        let mut volumes = volumes(&list(&format!("/volumes?filters={label}"))?, |_| true);
        if !order.projects.is_empty() {
            let name = encoded(&format!("{{\"name\":[\"{}\"]}}", order.projects));
            let called = list(&format!("/volumes?filters={name}"))?;
            volumes.extend(self::volumes(&called, |volume| {
                let name = volume.at("Name").and_then(Json::text).unwrap_or_default();
                let bare = volume.at("Labels").is_none_or(Json::is_empty);
                bare && name.starts_with(&order.projects)
            }));
        }
        let images = list(&format!("/images/json?all=1&filters={label}"))?;
        let mut images: Vec<String> = images.entries().iter().flat_map(names_of_image).collect();
        if !order.images.is_empty() {
            let starts = HOSTS.map(|host| format!("{host}{}", order.images));
            let [plain, hosted] = &starts;
            let name = format!("{{\"reference\":[\"{plain}*\",\"{hosted}*\"]}}");
            let called = list(&format!("/images/json?filters={}", encoded(&name)))?;
            let called = called.entries().iter().flat_map(names_of_image);
            let is_own = |path: &String| {
                let mut starts = starts.iter();
                starts.any(|start| path.starts_with(&format!("/images/{start}")))
            };
            images.extend(called.filter(is_own));
        }
        images.sort_unstable();
        images.dedup();
        let is_kept = |container: &&Json| is_kept(container, &order.kept);
        let keeps = containers.entries().iter().any(|one| is_kept(&one));
        let goes = containers.entries().iter().filter(|one| !is_kept(one));
        let containers = goes.filter_map(|one| one.at("Id")?.text());
        let containers = containers.map(|id| format!("/containers/{}?force=1&v=1", encoded(id)));
        let networks = networks.entries().iter().filter(|_| !keeps);
        let networks = networks.filter_map(|one| one.at("Id")?.text());
        let networks = networks.map(|id| format!("/networks/{}", encoded(id)));
        Ok(Self {
            groups: [containers.collect(), networks.collect(), volumes, images],
            keeps,
        })
    }

    /// Removes all of it, as far as the engine lets us.
    pub(super) fn remove(self, engine: &Engine) -> Removal {
        let (gone, stays) = (AtomicUsize::new(0), AtomicUsize::new(0));
        for (number, group) in self.groups.iter().enumerate() {
            let is_used = self.keeps && number > CONTAINERS;
            let next = AtomicUsize::new(0);
            let work = || {
                while let Some(path) = group.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let count = match engine.ask("DELETE", path) {
                        Ok((200..=299, _)) => &gone,
                        Ok((GONE, _)) => continue,
                        // What a kept container needs is not to go; a container itself is being removed.
                        Ok((CONFLICT, _)) if is_used => continue,
                        _ => &stays,
                    };
                    count.fetch_add(1, Ordering::Relaxed);
                }
            };
            thread::scope(|scope| {
                for _ in 1..AT_ONCE.min(group.len()) {
                    // Where there can be no thread more, this one does it all.
                    let _ = thread::Builder::new().spawn_scoped(scope, work);
                }
                work();
            });
        }
        Removal {
            gone: gone.into_inner(),
            stays: stays.into_inner(),
        }
    }
}

/// Whether a container is to stay, by its name.
fn is_kept(container: &Json, ending: &str) -> bool {
    let names = container.at("Names").map(Json::entries).unwrap_or_default();
    let mut names = names.iter().filter_map(Json::text);
    !ending.is_empty() && names.any(|name| name.ends_with(ending))
}

/// The volumes of a list that are meant.
fn volumes(list: &Json, is_meant: impl Fn(&Json) -> bool) -> Vec<String> {
    let all = list.at("Volumes").map(Json::entries).unwrap_or_default();
    let names = all.iter().filter(|volume| is_meant(volume));
    let names = names.filter_map(|volume| volume.at("Name")?.text());
    names
        .map(|name| format!("/volumes/{}", encoded(name)))
        .collect()
}

/// An image goes name by name, since another's name for it is not ours to take; one without a name by its id.
fn names_of_image(image: &Json) -> Vec<String> {
    let tags = image.at("RepoTags").map(Json::entries).unwrap_or_default();
    let tags = tags
        .iter()
        .filter_map(Json::text)
        .filter(|tag| *tag != "<none>:<none>");
    let mut names: Vec<&str> = tags.collect();
    if names.is_empty() {
        names.extend(image.at("Id").and_then(Json::text));
    }
    let path = |name: &&str| {
        format!(
            "/images/{}",
            name.split('/').map(encoded).collect::<Vec<_>>().join("/")
        )
    };
    names.iter().map(path).collect()
}
