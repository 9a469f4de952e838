//! Owns every container, volume and image of a run, and sees to it that nothing is left.

mod archive;
pub mod build;
pub mod ceiling;
pub mod certificates;
pub mod company;
pub mod compose;
pub mod create;
pub mod image;
pub mod install;
pub mod ledger;
pub mod live;
mod near;
pub mod outside;
pub mod reaper;
pub mod unmade;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::engine::clock::Looks;
use crate::engine::containers;
use crate::engine::containers::Created;
use crate::engine::count::Counter;
use crate::engine::images;
use crate::engine::networks::Wish;
use crate::engine::reaper::Reaper;
use crate::engine::record::Party;
use crate::engine::{Engine, Fault, FaultKind, Result, probe_binary};
use ledger::{Ledger, Names};
use unmade::{Lacks, Unmade};

/// The label that everything of a run carries.
pub const RUN_LABEL: &str = "io.seaworthy.run";
/// How many letters and digits tell a run from others.
pub const RUN_ID: u32 = 8;
/// The label that says which process a run belongs to.
pub const OWNER_LABEL: &str = "io.seaworthy.owner";
/// The label of what outlives a run on purpose.
pub const CACHE_LABEL: &str = "io.seaworthy.cache";

/// How long an engine has to remove one thing.
const REMOVAL: Duration = Duration::from_mins(1);

/// How long a container may take to appear that was being made when the run was stopped.
const APPEARANCE: Duration = Duration::from_secs(3);

/// How long an engine may take until it lets go of what it was still at when the run was stopped.
const RELEASE: Duration = Duration::from_secs(10);

/// Whether it may be the id of a run.
pub fn is_run(id: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    id.len() == RUN_ID as usize && id.bytes().all(is_part)
}

/// A run's hold on the engine.
#[derive(Debug, Clone)]
pub struct Session {
    /// The engine.
    pub engine: Engine,
    /// The run's id.
    pub run: String,
    owner: String,
    ledger: Arc<Ledger>,
    probe: Arc<tokio::sync::OnceCell<()>>,
    probe_volume: String,
    builds: Arc<tokio::sync::Mutex<()>>,
    addresses: Arc<tokio::sync::Mutex<()>>,
    outside: outside::Outside,
    reaper: Arc<tokio::sync::Mutex<Option<Reaper>>>,
    near: Arc<near::Near>,
    passing: Option<PathBuf>,
    unmade: Arc<Mutex<Vec<Unmade>>>,
    /// Where it is taken down what is done to its containers.
    pub record: Party,
}

impl Session {
    /// Opens a session; `run` is a fresh id and `owner` says which process it belongs to.
    pub fn new(engine: Engine, run: String, owner: String) -> Result<Self> {
        if probe_binary::bytes().is_empty() {
            let message = "this build of seaworthy holds no probe, and without it nothing can be seen in a container";
            let fault = Fault::new(FaultKind::Unsupported, "begin the run", message);
            return Err(fault.help(
                "add the Rust target x86_64-unknown-linux-musl (or aarch64-…) and build it again",
            ));
        }
        Ok(Self {
            engine,
            run,
            owner,
            ledger: Arc::new(Ledger::default()),
            probe: Arc::new(tokio::sync::OnceCell::new()),
            probe_volume: install::volume(),
            builds: Arc::default(),
            addresses: Arc::default(),
            outside: outside::Outside::default(),
            reaper: Arc::default(),
            near: Arc::default(),
            passing: None,
            unmade: Arc::default(),
            record: Party::default(),
        })
    }

    /// The same session, with another place to take down what is done to its containers.
    #[must_use]
    pub fn recorded(self, record: Party) -> Self {
        Self { record, ..self }
    }

    /// What is built from a Dockerfile below this folder is of use to this run alone, and goes with it.
    #[must_use]
    pub fn with_passing_builds(self, below: Option<PathBuf>) -> Self {
        Self {
            passing: below,
            ..self
        }
    }

    /// Keeps the probe in a volume of this name, not in the one that all runs share.
    #[must_use]
    pub fn with_probe_in(mut self, volume: &str) -> Self {
        volume.clone_into(&mut self.probe_volume);
        self
    }

    /// The same session, and what counts the calls that are made through it.
    #[must_use]
    pub fn counted(&self) -> (Self, Counter) {
        let (engine, counter) = self.engine.counted();
        let session = Self {
            engine,
            ..self.clone()
        };
        (session, counter)
    }

    /// The labels of everything that this run makes.
    pub fn labels(&self) -> BTreeMap<String, String> {
        [(RUN_LABEL, &self.run), (OWNER_LABEL, &self.owner)]
            .map(|(name, value)| (name.to_owned(), value.clone()))
            .into()
    }

    /// A name that no other container or volume has.
    pub fn name(&self, what: &str) -> String {
        format!("seaworthy-{}-{}-{what}", self.run, self.ledger.number())
    }

    /// Makes a volume of this run.
    pub async fn volume(&self, name: &str) -> Result<()> {
        self.ledger.volume(name);
        self.engine.volumes().create(name, &self.labels()).await?;
        self.ledger.made(name);
        Ok(())
    }

    /// Makes a network of this run.
    pub async fn network(&self, name: &str, wish: &Wish) -> Result<()> {
        self.ledger.network(name);
        let made = self
            .engine
            .networks()
            .create(name, wish, &self.labels())
            .await;
        self.noted(name, &made);
        made.map(drop)
    }

    /// Makes a container of this run.
    pub async fn container(&self, name: &str, body: &serde_json::Value) -> Result<Created> {
        self.ledger.container(name);
        let made = self.engine.containers().create(name, body).await;
        self.noted(name, &made);
        if let Err(fault) = &made
            && fault.is_of_request()
        {
            self.never_made(Lacks::Refused, &fault.message);
        }
        made
    }

    /// Writes down that something which a suite describes cannot be there, which is no fault of the engine. Trouble
    /// that has these words comes of it.
    pub fn never_made(&self, lacks: Lacks, words: &str) {
        let mut unmade = self.unmade.lock().unwrap_or_else(PoisonError::into_inner);
        unmade.push(Unmade::new(lacks, words));
    }

    /// All that a suite describes and that cannot be there, as far as that was seen.
    pub fn unmade(&self) -> Vec<Unmade> {
        let unmade = self.unmade.lock().unwrap_or_else(PoisonError::into_inner);
        unmade.clone()
    }

    /// Writes down what the engine said to being asked to make it.
    fn noted<T>(&self, name: &str, made: &Result<T>) {
        match made {
            Ok(_) => self.ledger.made(name),
            // The engine has refused: nothing was made.
            Err(fault)
                if !matches!(
                    fault.kind,
                    FaultKind::Unreachable | FaultKind::TimedOut | FaultKind::Broken
                ) =>
            {
                self.ledger.gone(name);
            }
            Err(_) => {}
        }
    }

    /// Removes a container of this run with its anonymous volumes.
    pub async fn remove_container(&self, name: &str) -> Result<()> {
        let removed = tokio::time::timeout(REMOVAL, self.removed(name)).await;
        let message = format!("it was still there after {REMOVAL:?}");
        removed.unwrap_or_else(|_| {
            Err(Fault::new(
                FaultKind::TimedOut,
                format!("remove container {name}"),
                message,
            ))
        })?;
        self.ledger.gone(name);
        Ok(())
    }

    /// One that the engine was still asked to make when the run was stopped may appear a little later.
    async fn removed(&self, name: &str) -> Result<()> {
        let mut looks = Looks::within(APPEARANCE);
        while !self.engine.containers().remove(name).await? {
            if !self.ledger.may_still_appear(name) || !looks.again().await {
                break;
            }
        }
        Ok(())
    }

    /// Removes a volume of this run.
    pub async fn remove_volume(&self, name: &str) -> Result<()> {
        let mut looks = Looks::within(APPEARANCE);
        while !self.engine.volumes().remove(name).await? {
            if !self.ledger.may_still_appear(name) || !looks.again().await {
                break;
            }
        }
        self.ledger.gone(name);
        Ok(())
    }

    /// Removes a network of this run, once nobody is on it.
    pub async fn remove_network(&self, name: &str) -> Result<()> {
        let mut looks = Looks::within(APPEARANCE);
        while !self.engine.networks().remove(name).await? {
            if !self.ledger.may_still_appear(name) || !looks.again().await {
                break;
            }
        }
        self.ledger.gone(name);
        Ok(())
    }

    /// Leaves what the ledger holds under this name when the session closes.
    pub fn keep(&self, name: &str) {
        self.ledger.keep(name);
    }

    /// Undoes and removes everything that is still in the ledger, then asks the engine by label whether anything
    /// is left. Says what is and how to remove it.
    pub async fn close(&self) -> Option<String> {
        self.outside.leave().await;
        let lent = self.names_given_back().await;
        let left = self.emptied().await;
        lent.into_iter()
            .chain(left)
            .reduce(|a, b| format!("{a}\n{b}"))
    }

    async fn emptied(&self) -> Option<String> {
        let mut looks = Looks::within(RELEASE);
        let mut faults = self.remove(self.ledger.open()).await;
        loop {
            match Box::pin(self.left()).await {
                // What the engine was still at when the run was stopped it lets go of a little later.
                Ok(left) if left.is_something() && looks.again().await => {
                    faults = self.remove(left.0).await;
                    faults.extend(self.remove(self.ledger.open()).await);
                }
                Ok(left) => {
                    let told = left.told("left by this run", faults.first(), self.is_guarded());
                    if told.is_none() {
                        self.unguard().await;
                    }
                    return told;
                }
                Err(fault) => {
                    faults.push(fault);
                    let open = Left(self.ledger.open());
                    let told =
                        open.told("may be left by this run", faults.first(), self.is_guarded());
                    return told.or_else(|| {
                        let fault = faults.first()?;
                        Some(format!("cannot see whether anything is left: {fault}"))
                    });
                }
            }
        }
    }

    /// Removes all of these, as far as the engine lets us; what kept us from the rest.
    async fn remove(&self, open: Names) -> Vec<Fault> {
        let mut results = all(open.projects.iter().map(|name| self.remove_project(name))).await;
        let containers = open.containers.iter();
        results.extend(all(containers.map(|name| self.remove_container(name))).await);
        results.extend(all(open.networks.iter().map(|name| self.remove_network(name))).await);
        results.extend(all(open.volumes.iter().map(|name| self.remove_volume(name))).await);
        results.extend(all(open.images.iter().map(|name| self.remove_image(name))).await);
        results.into_iter().filter_map(Result::err).collect()
    }

    /// What may be there still, as far as we wrote it down, and how to remove it.
    pub fn may_be_left(&self) -> Option<String> {
        Left(self.ledger.open()).told("may be left by this run", None, self.is_guarded())
    }

    async fn left(&self) -> Result<Left> {
        let label = format!("{RUN_LABEL}={}", self.run);
        let (containers, volumes) = (self.engine.containers(), self.engine.volumes());
        let networks = self.engine.networks();
        // An engine looks into every image that it has to list some, which takes long where there are many.
        let images = async {
            if self.ledger.builds() {
                self.engine.images().list(&label).await
            } else {
                Ok(Vec::new())
            }
        };
        let start = compose::name_of_projects(&self.run);
        let unlabelled = async {
            match self.ledger.builds() {
                true => volumes.called(&start).await,
                false => Ok(Vec::new()),
            }
        };
        let (containers, labelled, unlabelled, networks, images) = tokio::join!(
            containers.list(&label),
            volumes.list(&label),
            unlabelled,
            networks.list(&label),
            images
        );
        let name = |container: containers::Listed| {
            let name = container.names.first().unwrap_or(&container.id);
            name.trim_start_matches('/').to_owned()
        };
        let containers = containers?.into_iter().map(name);
        let volumes = labelled?.into_iter().chain(unlabelled?);
        let volumes: BTreeSet<String> = volumes.map(|volume| volume.name).collect();
        let networks = networks?.into_iter().map(|network| network.name);
        let mine = |name: &String| !self.ledger.is_kept(name);
        let named = |image: images::Listed| {
            let bare = |tag: &String| images::given(tag).trim_end_matches(":latest").to_owned();
            let kept = image.tags.iter().any(|tag| !mine(&bare(tag)));
            (!kept).then_some(image.id)
        };
        Ok(Left(Names {
            containers: containers.filter(mine).collect(),
            volumes: volumes.into_iter().filter(mine).collect(),
            networks: networks.filter(mine).collect(),
            images: images?.into_iter().filter_map(named).collect(),
            projects: Vec::new(),
        }))
    }
}

/// What is still there.
struct Left(Names);

impl Left {
    fn is_something(&self) -> bool {
        let Names {
            containers,
            networks,
            volumes,
            images,
            projects: _,
        } = &self.0;
        [containers, networks, volumes, images]
            .iter()
            .any(|names| !names.is_empty())
    }

    /// What is there, why, and how to remove it, where nobody else does; nothing where there is nothing.
    fn told(&self, how: &str, why: Option<&Fault>, is_guarded: bool) -> Option<String> {
        let parts = [
            ("container", &self.0.containers, "docker rm -fv"),
            ("network", &self.0.networks, "docker network rm"),
            ("volume", &self.0.volumes, "docker volume rm"),
            ("image", &self.0.images, "docker image rm"),
        ];
        let there = || parts.iter().filter(|(_, names, _)| !names.is_empty());
        let each = there().flat_map(|(what, names, _)| names.iter().map(move |n| (what, n)));
        let names: Vec<String> = each.map(|(what, name)| format!("{what} {name}")).collect();
        let commands: Vec<String> = there()
            .map(|(_, names, command)| format!("`{command} {}`", names.join(" ")))
            .collect();
        let first = match why.and_then(|fault| fault.help.as_deref()) {
            Some(help) => format!("{help}; then"),
            None => "once the engine answers,".to_owned(),
        };
        let first = match is_guarded {
            true => format!("{first} it goes by itself, if that is within ten minutes, else"),
            false => first,
        };
        let why = why.map_or(String::new(), |fault| {
            format!("\n  cannot {}: {}", fault.doing, fault.message)
        });
        (!names.is_empty()).then(|| {
            let (names, commands) = (names.join(", "), commands.join(" and "));
            format!("{how}: {names}{why}\n  help: {first} {commands}")
        })
    }
}

/// All of them, side by side.
pub async fn all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut pinned: Vec<_> = futures.into_iter().map(|f| (Box::pin(f), None)).collect();
    std::future::poll_fn(|context| {
        let mut open = false;
        for (future, output) in &mut pinned {
            if output.is_none() {
                match future.as_mut().poll(context) {
                    std::task::Poll::Ready(value) => *output = Some(value),
                    std::task::Poll::Pending => open = true,
                }
            }
        }
        if open {
            std::task::Poll::Pending
        } else {
            std::task::Poll::Ready(())
        }
    })
    .await;
    pinned
        .into_iter()
        .filter_map(|(_, output)| output)
        .collect()
}

/// All of them, side by side; the first error ends it.
pub async fn first_error<E, F: Future<Output = std::result::Result<(), E>>>(
    futures: impl IntoIterator<Item = F>,
) -> std::result::Result<(), E> {
    let mut open: Vec<_> = futures.into_iter().map(Box::pin).collect();
    std::future::poll_fn(|context| {
        let mut error = None;
        open.retain_mut(|future| match future.as_mut().poll(context) {
            std::task::Poll::Ready(done) => {
                error = error.take().or(done.err());
                false
            }
            std::task::Poll::Pending => true,
        });
        match error {
            Some(error) => std::task::Poll::Ready(Err(error)),
            None if open.is_empty() => std::task::Poll::Ready(Ok(())),
            None => std::task::Poll::Pending,
        }
    })
    .await
}
