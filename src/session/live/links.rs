//! Conversations with the probe in a container: one a user, opened when first needed.

use serde_json::Value as Json;
use tokio::task::JoinSet;

use super::{Live, ROOT};
use crate::engine::probe::Link;
use crate::engine::{Fault, FaultKind, Result};
use crate::fact::security::right;
use crate::session::Session;

impl Live {
    /// A conversation with the probe in it, as `user` (the container's own without one).
    pub async fn link(&mut self, user: Option<&str>) -> Result<&mut Link> {
        let (key, user) = self.key(user);
        if self.links.get(&key).is_some_and(Link::is_lost) {
            self.forget(&key);
        }
        if !self.links.contains_key(&key) {
            let link = open_link(&self.session, &self.name, user.as_deref()).await?;
            self.links.insert(key.clone(), link);
        }
        let missing = || {
            Fault::new(
                FaultKind::Broken,
                "talk to the probe",
                "its conversation is gone",
            )
        };
        self.links.get_mut(&key).ok_or_else(missing)
    }

    /// Opens the conversations as all of these users side by side (the container's own where one is
    /// `None`). What goes wrong here goes wrong again, and is told, where it is needed.
    pub async fn open_all(&mut self, users: &[Option<&str>]) {
        let mut opening = JoinSet::new();
        let mut begun: Vec<String> = Vec::new();
        for user in users {
            let (key, user) = self.key(*user);
            if self.links.contains_key(&key) || begun.contains(&key) {
                continue;
            }
            begun.push(key.clone());
            let (session, name) = (self.session.clone(), self.name.clone());
            opening.spawn(async move {
                let link = open_link(&session, &name, user.as_deref()).await;
                (key, link)
            });
        }
        for (key, link) in opening.join_all().await {
            if let Ok(link) = link {
                self.links.insert(key, link);
            }
        }
    }

    /// Under which name a conversation is kept, and as whom it is opened. Where the container's own user
    /// is root, one conversation serves both, and it is the own one: a user given by number would lack
    /// the groups that the image gives it.
    fn key(&self, user: Option<&str>) -> (String, Option<String>) {
        match self.is_root() && user.is_none_or(|user| user == ROOT) {
            true => (ROOT.to_owned(), None),
            false => (user.unwrap_or("").to_owned(), user.map(str::to_owned)),
        }
    }

    /// Whether the probe that is root may become another user, and is then what an exec as that user would
    /// be: what this container lets it do is what most do.
    pub fn becomes_others(&self) -> bool {
        let host = &self.body["HostConfig"];
        let none = |key: &str| host[key].as_array().is_none_or(Vec::is_empty);
        // What a capability or a group that was added means to other users is for the engine to say.
        let usual = none("CapAdd") && none("GroupAdd") && host["Privileged"] != Json::Bool(true);
        let mut dropped = host["CapDrop"].as_array().into_iter().flatten();
        let needed = |name: &str| ["ALL", "SETUID", "SETGID"].contains(&name);
        let drops = |name: &Json| needed(&right(name.as_str().unwrap_or("")));
        usual && !dropped.any(drops)
    }

    /// Whether the container's own user is root.
    fn is_root(&self) -> bool {
        let of_run = self.body["User"].as_str();
        let user = of_run.or(self.image.facts.user.as_deref()).unwrap_or("");
        self.program && matches!(user, "" | "0" | "root" | "0:0" | "root:root")
    }

    /// Ends all conversations: after a fault, or before the container is stopped.
    pub fn hang_up(&mut self) {
        // They take a moment to go, and are still ours while they do.
        self.past_pids
            .extend(self.links.values().map(|link| link.pid));
        self.links.clear();
    }

    /// Ends the conversation as one user, which came to nothing.
    pub fn let_go(&mut self, user: Option<&str>) {
        let (key, _) = self.key(user);
        self.forget(&key);
    }

    fn forget(&mut self, key: &str) {
        if let Some(link) = self.links.remove(key) {
            self.past_pids.push(link.pid);
        }
    }

    /// Process numbers of our own probes inside it.
    pub fn own_pids(&self) -> Vec<u32> {
        let open = self.links.values().map(|link| link.pid);
        open.chain(self.past_pids.iter().copied()).collect()
    }
}

/// Opens a conversation; where the probe is not in its volume yet, it is put there first.
async fn open_link(session: &Session, name: &str, user: Option<&str>) -> Result<Link> {
    match Link::open(&session.engine, name, user).await {
        Err(fault) if Session::lacks_probe(&fault) => {
            session.install_probe().await?;
            Link::open(&session.engine, name, user).await
        }
        link => link,
    }
}
