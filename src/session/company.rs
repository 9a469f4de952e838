//! The containers of a case that live together: the image under test, its services, their networks and
//! volumes.

mod composed;
mod kept;

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};

use super::create::Join;
use super::image::Ready;
use super::live::{Ground, Live, ROOT};
use super::{Session, all};
use crate::engine::networks::Wish;
use crate::engine::probe::wire::{Answer, Request};
use crate::engine::{Fault, FaultKind, Result};
use crate::suite::certificate::VOLUME;
use crate::suite::mount::Origin;
use crate::suite::network::{DEFAULT, Network};
use crate::suite::run::Run;
use crate::suite::service::{ALL, APP};
use crate::text::source::Spanned;

/// The containers of a case.
#[derive(Debug)]
pub struct Company {
    session: Session,
    members: Vec<Member>,
    networks: BTreeMap<String, Made>,
    volumes: BTreeMap<String, String>,
    clients: Mutex<BTreeMap<String, Live>>,
    /// The service that `app` means.
    app: String,
    /// The Compose project that they are of, and the images that were built for it.
    project: Option<(String, Vec<String>)>,
}

/// A container and who it is among the others.
#[derive(Debug)]
pub struct Member {
    /// Its service.
    pub service: String,
    /// Its number among the service's replicas, from 1.
    pub number: u32,
    /// How many replicas the service has.
    pub of: u32,
    is_app: bool,
    live: Mutex<Live>,
}

/// A network of the suite, on the engine.
#[derive(Debug, Clone)]
struct Made {
    name: String,
    internal: bool,
}

/// Who is to be a member.
#[derive(Debug, Clone, Copy)]
pub struct Seat<'a> {
    /// Its service.
    pub service: &'a str,
    /// How many of it.
    pub of: u32,
    /// How each is run.
    pub run: &'a Run,
}

impl Company {
    /// Nobody yet.
    pub fn new(session: &Session) -> Self {
        Self {
            session: session.clone(),
            members: Vec::new(),
            networks: BTreeMap::new(),
            volumes: BTreeMap::new(),
            clients: Mutex::default(),
            app: APP.to_owned(),
            project: None,
        }
    }

    /// Makes the networks and volumes that these have in common, and the networks that steps name.
    pub async fn found(
        &mut self,
        seats: &[Seat<'_>],
        switched: &[&str],
        networks: &[(Spanned<String>, Option<Network>)],
        has_certificates: bool,
    ) -> Result<()> {
        for name in needed(seats, switched) {
            let made = self.session.name(&name);
            let written = networks.iter().find(|(known, _)| known.value == name);
            let wish = written.map_or_else(Wish::default, |(_, network)| wish(network.as_ref()));
            let internal = wish.internal;
            // It is written down here first, so that it is removed however this ends.
            let known = Made {
                name: made.clone(),
                internal,
            };
            self.networks.insert(name, known);
            self.session.network(&made, &wish).await?;
        }
        let mounts = seats.iter().flat_map(|seat| &seat.run.volumes);
        for mount in mounts {
            let Origin::Volume(name) = &mount.origin else {
                continue;
            };
            let own = has_certificates && name == VOLUME;
            if !own && !self.volumes.contains_key(name) {
                let made = self.session.name(name);
                self.volumes.insert(name.clone(), made.clone());
                self.session.volume(&made).await?;
            }
        }
        Ok(())
    }

    /// Takes a member in; its container is not made yet.
    pub async fn seat(&mut self, seat: &Seat<'_>, image: &Ready, ground: &Ground) -> Result<()> {
        for number in 1..=seat.of {
            let ground = Ground {
                service: seat.service.to_owned(),
                volumes: self.volumes.clone(),
                joins: self.joins(seat),
                known: self.known(seat),
                ..ground.clone()
            };
            let live = Live::of_run(&self.session, image, seat.run, &ground).await?;
            self.take(seat.service, number, seat.of, live);
        }
        Ok(())
    }

    /// Takes a member in that is a container of its own.
    pub fn take(&mut self, service: &str, number: u32, of: u32, mut live: Live) {
        live.track = self.session.record.container(&label(service, number, of));
        self.members.push(Member {
            is_app: service == self.app,
            service: service.to_owned(),
            number,
            of,
            live: Mutex::new(live),
        });
    }

    /// The networks that a member is on, with its names there.
    fn joins(&self, seat: &Seat<'_>) -> Vec<Join> {
        if seat.run.network_mode.is_some() {
            return Vec::new();
        }
        match &seat.run.networks {
            None => self.join(DEFAULT, seat, &[]).into_iter().collect(),
            Some(networks) => {
                let networks = networks.value.0.iter();
                networks
                    .filter_map(|(name, how)| self.join(&name.value, seat, &how.aliases))
                    .collect()
            }
        }
    }

    /// Every network, with the place that a member has or would have there.
    fn known(&self, seat: &Seat<'_>) -> Vec<Join> {
        let mut known = self.joins(seat);
        for name in self.networks.keys() {
            if !known.iter().any(|join| join.name == *name) {
                known.extend(self.join(name, seat, &[]));
            }
        }
        known
    }

    /// A place on a network, under the service's name and these.
    fn join(&self, name: &str, seat: &Seat<'_>, aliases: &[String]) -> Option<Join> {
        let made = self.networks.get(name)?;
        let mut names = vec![seat.service.to_owned()];
        names.extend(aliases.iter().filter(|a| *a != seat.service).cloned());
        Some(Join {
            name: name.to_owned(),
            network: made.name.clone(),
            internal: made.internal,
            aliases: names,
            ..Join::default()
        })
    }

    /// Whether the engine's network of this name is one of these containers.
    pub fn has(&self, network: &str) -> bool {
        self.networks.values().any(|made| made.name == network)
    }

    /// All members.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The member of that number, for as long as the guard lives. Never hold two.
    pub async fn live(&self, at: usize) -> Result<MutexGuard<'_, Live>> {
        match self.members.get(at) {
            Some(member) => Ok(member.live.lock().await),
            None => Err(Fault::new(
                FaultKind::Broken,
                "look at a container",
                "there is no such container in this case",
            )),
        }
    }

    /// The name that others of these containers know a host by: `app` may be a service that is called
    /// otherwise.
    pub fn called<'a>(&'a self, host: &'a str) -> &'a str {
        if host == APP { &self.app } else { host }
    }

    /// The members that names of services stand for, in the order of the names.
    pub fn named<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Vec<usize> {
        let mut found = Vec::new();
        for name in names {
            let (service, number) = match name.split_once('/') {
                Some((service, number)) => (service, number.parse::<u32>().ok()),
                None => (name, None),
            };
            let service = self.called(service);
            for (at, member) in self.members.iter().enumerate() {
                let wanted = service == ALL || service == member.service;
                let is_it = number.is_none_or(|number| number == member.number);
                if wanted && is_it && !found.contains(&at) {
                    found.push(at);
                }
            }
        }
        found
    }

    /// The member that a host name stands for: `near` itself where it is its own service, else the
    /// service's first. `web/2` is that replica.
    pub fn host(&self, host: &str, near: usize) -> Option<usize> {
        let (host, number) = match host.split_once('/') {
            Some((service, number)) => (self.called(service), number.parse::<u32>().ok()),
            None => (self.called(host), None),
        };
        let is_it = |at: usize| {
            let member = self.members.get(at).filter(|m| m.service == host);
            member.is_some_and(|m| number.is_none_or(|number| number == m.number))
        };
        match is_it(near) {
            true => Some(near),
            false => (0..self.members.len()).find(|at| is_it(*at)),
        }
    }

    /// How a member is called in a report; nothing of the one under test where there is no other.
    pub fn label(&self, at: usize) -> Option<String> {
        let member = self.members.get(at)?;
        (self.members.len() > 1 || !member.is_app).then(|| member.label())
    }

    /// Everyone's container at once, side by side.
    pub async fn each<T, F: Future<Output = T>>(&self, act: impl Fn(usize) -> F) -> Vec<T> {
        all((0..self.members.len()).map(act)).await
    }

    /// The name of a small container on a network of the suite, from which its hosts can be reached. It
    /// is started when first needed.
    pub async fn client(&self, network: &str) -> Result<String> {
        let mut clients = self.clients.lock().await;
        if let Some(client) = clients.get(network) {
            return Ok(client.name.clone());
        }
        let mut client = Live::client(&self.session, network).await?;
        client.track = self.session.record.container("client");
        // One that did not begin is made anew when it is needed again.
        client.launch().await?;
        let name = client.name.clone();
        clients.insert(network.to_owned(), client);
        Ok(name)
    }

    /// Asks the probe in such a container.
    pub async fn ask_client(
        &self,
        network: &str,
        requests: &[Request],
        within: Duration,
    ) -> Result<Vec<Answer>> {
        let missing = || Fault::new(FaultKind::Broken, "ask a client", "there is none");
        self.client(network).await?;
        let mut clients = self.clients.lock().await;
        let client = clients.get_mut(network).ok_or_else(missing)?;
        client.link(Some(ROOT)).await?.ask(requests, within).await
    }

    /// How the suite calls a network of the engine's, where it is one of these containers'.
    pub fn written(&self, network: &str) -> Option<&str> {
        let mut all = self.networks.iter();
        all.find_map(|(name, made)| (made.name == network).then_some(name.as_str()))
    }

    /// Removes everyone, then what they had in common. What cannot be removed now is tried again, and
    /// told, when the session closes.
    pub async fn remove(self) {
        let clients = self.clients.into_inner().into_values();
        let lives = self.members.into_iter().map(|m| m.live.into_inner());
        all(lives.chain(clients).map(Live::remove)).await;
        if let Some((project, _)) = &self.project {
            // What is left is tried again, and told, when the session closes.
            let _ = self.session.remove_project(project).await;
            return;
        }
        let networks = self.networks.values().map(|made| made.name.as_str());
        let volumes = self.volumes.values();
        let session = &self.session;
        tokio::join!(
            all(networks.map(|name| session.remove_network(name))),
            all(volumes.map(|name| session.remove_volume(name))),
        );
    }
}

impl Member {
    /// How it is called: by its service, with its number where there are several.
    pub fn label(&self) -> String {
        label(&self.service, self.number, self.of)
    }

    /// Whether it is the image under test.
    pub fn is_app(&self) -> bool {
        self.is_app
    }
}

fn label(service: &str, number: u32, of: u32) -> String {
    match of {
        1 => service.to_owned(),
        _ => format!("{service}/{number}"),
    }
}

/// The networks of the suite that these and the steps need. One container alone, whose steps name no
/// network, is on the engine's own.
pub fn needed(seats: &[Seat<'_>], switched: &[&str]) -> Vec<String> {
    let many = seats.iter().map(|seat| seat.of).sum::<u32>() > 1;
    let mut names: Vec<String> = Vec::new();
    let mut name = |name: &str| {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    };
    for seat in seats.iter().filter(|seat| seat.run.network_mode.is_none()) {
        match &seat.run.networks {
            Some(networks) => {
                let named = networks.value.0.iter();
                named.for_each(|(named, _)| name(&named.value));
            }
            None if many => name(DEFAULT),
            None => {}
        }
    }
    for named in switched {
        name(named);
    }
    names
}

fn wish(network: Option<&Network>) -> Wish {
    let Some(network) = network else {
        return Wish::default();
    };
    let options = network.driver_opts.given();
    Wish {
        internal: network.internal.0,
        driver: network.driver.clone(),
        options: options.map(|(n, v)| (n.to_owned(), v.to_owned())).collect(),
        ipv6: network.enable_ipv6.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::read::{Read as _, Reader};
    use crate::text::source::FileId;
    use crate::text::yaml;

    fn run(text: &str) -> Run {
        let node = yaml::parse(FileId(0), text).0.unwrap();
        Run::read(&node, &mut Reader::default()).unwrap()
    }

    #[test]
    fn several_that_name_no_network_share_one() {
        let (plain, back, host) = (
            run("{}"),
            run("{ networks: [back] }"),
            run("{ network_mode: host }"),
        );
        let seat = |service, of, run| Seat { service, of, run };
        assert_eq!(needed(&[seat("app", 1, &plain)], &[]), [""; 0]);
        assert_eq!(needed(&[seat("app", 2, &plain)], &[]), ["default"]);
        assert_eq!(
            needed(&[seat("db", 1, &back), seat("app", 1, &plain)], &[]),
            ["back", "default"]
        );
        assert_eq!(
            needed(&[seat("db", 1, &host), seat("app", 1, &back)], &[]),
            ["back"]
        );
    }

    #[test]
    fn a_network_that_a_step_names_is_made_too() {
        let (plain, back) = (run("{}"), run("{ networks: [back] }"));
        let seat = |run| Seat {
            service: "app",
            of: 1,
            run,
        };
        assert_eq!(needed(&[seat(&plain)], &["default"]), ["default"]);
        assert_eq!(
            needed(&[seat(&back)], &["front", "back", "front"]),
            ["back", "front"]
        );
    }
}
