//! What can be told of a Compose file without its tool: the services that stand in it, as they are written.

use std::collections::BTreeSet;

use super::compose::Compose;
use crate::text::source::FileId;
use crate::text::tree::Node;
use crate::text::yaml;

/// A service as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Described {
    /// Its name.
    pub name: String,
    /// Its image, where it is not built.
    pub image: Option<String>,
    /// How many containers of it, where that is written as a number.
    pub of: Option<u32>,
    /// Its networks, as far as they are written; nothing where it has another's, or the machine's.
    pub networks: Option<Vec<String>>,
    /// The services that are ready, or up, before it is started.
    before: Vec<String>,
    /// Whether it is built.
    is_built: bool,
    /// The profiles with which alone it is started.
    pub profiles: Vec<String>,
    /// The services that it needs.
    needs: Vec<String>,
    /// Whether another says what it is like, too.
    extends: bool,
}

/// The services of files that hold these texts; nothing where others have to be read for it.
pub(super) fn services(texts: &[String]) -> Option<Vec<Described>> {
    let mut all: Vec<Described> = Vec::new();
    for text in texts {
        let root = yaml::parse(FileId(u32::MAX), text).0?;
        if root.get("include").is_some() {
            return None;
        }
        let services = root.get("services").and_then(Node::entries).unwrap_or(&[]);
        for entry in services {
            let name = &entry.key.value;
            match all.iter_mut().find(|one| one.name == *name) {
                Some(one) => one.lay(&entry.value),
                None => {
                    let mut one = Described {
                        name: name.clone(),
                        networks: Some(Vec::new()),
                        ..Described::default()
                    };
                    one.lay(&entry.value);
                    all.push(one);
                }
            }
        }
    }
    (!all.is_empty()).then_some(all)
}

impl Described {
    /// Lays what a later file says over it.
    fn lay(&mut self, service: &Node) {
        let text = |node: &Node| node.text().map(str::to_owned);
        self.is_built |= service.get("build").is_some();
        let image = service.get("image").and_then(text);
        self.image = image.or(self.image.take()).filter(|_| !self.is_built);
        self.extends |= service.get("extends").is_some();
        let replicas = service.get("deploy").and_then(|node| node.get("replicas"));
        let of = service.get("scale").or(replicas).and_then(Node::text);
        self.of = of.and_then(|of| of.parse().ok()).or(self.of);
        self.lay_networks(service);
        for key in ["depends_on", "links", "volumes_from"] {
            let named = service.get(key);
            let listed = named.and_then(Node::items).unwrap_or(&[]);
            let keys = named.and_then(Node::entries).unwrap_or(&[]);
            let listed = listed.iter().filter_map(Node::text);
            let bare = listed.map(|text| text.split(':').next().unwrap_or(text));
            let keys = keys.iter().map(|entry| entry.key.value.as_str());
            let named: Vec<String> = bare.chain(keys).map(str::to_owned).collect();
            if key == "depends_on" {
                self.before.extend(named.iter().cloned());
            }
            self.needs.extend(named);
        }
        for key in ["ipc", "network_mode", "pid"] {
            let other = service.get(key).and_then(Node::text);
            let other = other.and_then(|text| text.strip_prefix("service:"));
            self.needs.extend(other.map(str::to_owned));
        }
        if let Some(profiles) = service.get("profiles").and_then(Node::items) {
            for profile in profiles.iter().filter_map(text) {
                if !self.profiles.contains(&profile) {
                    self.profiles.push(profile);
                }
            }
        }
    }
}

impl Described {
    /// Whether it surely has no build of its own.
    pub fn is_never_built(&self) -> bool {
        self.image.is_some() && !self.extends
    }

    /// Whether it has a build of its own as it is written.
    pub fn is_built(&self) -> bool {
        self.is_built
    }

    /// The services that it waits for.
    pub fn waits_for(&self) -> &[String] {
        &self.before
    }

    fn lay_networks(&mut self, service: &Node) {
        if service.get("network_mode").is_some() {
            self.networks = None;
        }
        let (Some(own), Some(written)) = (&mut self.networks, service.get("networks")) else {
            return;
        };
        let listed = written.items().unwrap_or(&[]).iter().filter_map(Node::text);
        let entries = written.entries().unwrap_or(&[]);
        let keys = entries.iter().map(|entry| entry.key.value.as_str());
        for name in listed.chain(keys) {
            if !own.iter().any(|known| known == name) {
                own.push(name.to_owned());
            }
        }
    }
}

/// The networks of files that hold these texts.
pub fn networks(texts: &[String]) -> Vec<String> {
    networks_that(texts, |_| true)
}

/// Those that lead nowhere else.
pub fn internal(texts: &[String]) -> Vec<String> {
    networks_that(texts, |network| {
        network.get("internal").and_then(Node::text) == Some("true")
    })
}

fn networks_that(texts: &[String], are: impl Fn(&Node) -> bool) -> Vec<String> {
    let mut all = Vec::new();
    for text in texts {
        let root = yaml::parse(FileId(u32::MAX), text).0;
        let networks = root.as_ref().and_then(|root| root.get("networks"));
        let entries = networks.and_then(Node::entries).unwrap_or(&[]).iter();
        let those = entries.filter(|entry| are(&entry.value));
        all.extend(those.map(|entry| entry.key.value.clone()));
    }
    all
}

/// The names of those that a suite has started; all of which that may be so where it cannot be told.
pub fn started<'a>(all: &'a [Described], compose: &Compose) -> BTreeSet<&'a str> {
    let of = |name: &str| all.iter().find(|one| one.name == name);
    let named: Vec<&Described> = compose
        .services
        .iter()
        .filter_map(|n| of(&n.value))
        .collect();
    let mut on: Vec<&str> = compose
        .profiles
        .iter()
        .map(|name| name.value.as_str())
        .collect();
    on.extend(
        named
            .iter()
            .flat_map(|one| one.profiles.iter().map(String::as_str)),
    );
    let may_be_on = |one: &&Described| {
        let mut own = one.profiles.iter();
        one.profiles.is_empty() || own.any(|p| p.contains('$') || on.contains(&p.as_str()))
    };
    let is_told = named.len() == compose.services.len() && !all.iter().any(|one| one.extends);
    let mut open: Vec<&Described> = match is_told && !named.is_empty() {
        true => named,
        false => all.iter().filter(may_be_on).collect(),
    };
    let mut started = BTreeSet::new();
    while let Some(one) = open.pop() {
        if started.insert(one.name.as_str()) {
            let needs = one.needs.iter().filter_map(|name| of(name));
            open.extend(needs.filter(may_be_on));
        }
    }
    started
}

/// Those of them that are started whatever stands elsewhere; none where that cannot be told.
pub fn surely_started<'a>(all: &'a [Described], compose: &Compose) -> Vec<&'a Described> {
    if all.iter().any(|one| one.extends) {
        return Vec::new();
    }
    let started = started(all, compose);
    let is_sure = |one: &&Described| {
        let is_open = one.profiles.iter().any(|profile| profile.contains('$'));
        started.contains(one.name.as_str()) && one.of != Some(0) && !is_open
    };
    all.iter().filter(is_sure).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::read::{Read, Reader};

    fn read(texts: &[&str]) -> Option<Vec<Described>> {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        services(&texts)
    }

    #[test]
    fn later_files_are_laid_over_those_before() {
        let first =
            "services: { web: { image: 'a:1' }, db: { image: 'b:${V:-1}', profiles: [x] } }";
        let second = "services: { web: { build: . }, db: { image: 'b:2' }, more: {} }";
        let all = read(&[first, second]).unwrap();
        let shown: Vec<_> = all
            .iter()
            .map(|one| (one.name.as_str(), one.image.as_deref(), one.profiles.len()))
            .collect();
        assert_eq!(
            shown,
            [("web", None, 0), ("db", Some("b:2"), 1), ("more", None, 0)]
        );
    }

    #[test]
    fn how_many_there_are_where_and_after_whom_is_read_as_it_is_written() {
        let first = "services: { web: { scale: 3, networks: [a], depends_on: [db], links: [mail] }, db: { deploy: { replicas: 2 } }, \
                     own: { network_mode: host, scale: '${N}' } }\nnetworks: { a: { internal: true }, c: {} }";
        let second = "services: { web: { networks: { a: {}, b: {} }, image: x, build: . } }\nnetworks: { b: }";
        let all = read(&[first, second]).unwrap();
        let networks = |at: usize| all[at].networks.as_deref().map(|names| names.join(" "));
        let of: Vec<_> = all.iter().map(|one| one.of).collect();
        assert_eq!(of, [Some(3), Some(2), None]);
        assert_eq!(
            [networks(0), networks(1), networks(2)],
            [Some("a b".to_owned()), Some(String::new()), None]
        );
        assert_eq!(all[0].waits_for(), ["db"]);
        assert!(!all[0].is_never_built() && !all[1].is_never_built());
        let texts = [first, second].map(str::to_owned);
        assert_eq!(
            (
                super::networks(&texts).join(" "),
                internal(&texts).join(" ")
            ),
            ("a c b".to_owned(), "a".to_owned())
        );
    }

    #[test]
    fn a_profile_that_several_files_say_is_one() {
        let first = "services: { db: { profiles: [x, y] } }";
        let second = "services: { db: { profiles: [y, z] } }";
        let all = read(&[first, second]).unwrap();
        assert_eq!(all[0].profiles, ["x", "y", "z"]);
    }

    #[test]
    fn what_is_started_is_what_is_named_and_what_it_needs() {
        let text = "services: { web: { depends_on: { db: {} }, links: ['mail:m'] }, db: { network_mode: 'service:net' }, net: {}, \
                    mail: {}, other: {}, debug: { profiles: [x], depends_on: [tool] }, tool: { profiles: [x] } }";
        let all = read(&[text]).unwrap();
        let told = |all: &[Described], more: &str| {
            let text = format!("{{ files: [c.yaml], app: web, {more} }}");
            let node = yaml::parse(FileId(0), &text).0.unwrap();
            let compose = Compose::read(&node, &mut Reader::default()).unwrap();
            started(all, &compose)
                .into_iter()
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(told(&all, ""), "db mail net other web");
        assert_eq!(told(&all, "services: [web]"), "db mail net web");
        assert_eq!(told(&all, "services: [debug]"), "debug tool");
        assert_eq!(
            told(&all, "profiles: [x]"),
            "db debug mail net other tool web"
        );
        let all = read(&[&text.replace("mail: {}", "mail: { extends: other }")]).unwrap();
        assert_eq!(told(&all, "services: [web]"), "db mail net other web");
        let all = read(&[&text.replace("profiles: [x]", "profiles: ['${X}']")]).unwrap();
        assert_eq!(told(&all, ""), "db debug mail net other tool web");
    }

    #[test]
    fn what_others_say_too_is_not_known() {
        let others = "include: [b.yaml]\nservices: { web: {} }";
        assert_eq!(read(&[others]), None);
        assert_eq!(read(&["services: {}"]), None);
    }
}
