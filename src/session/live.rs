//! One container of a run: made, started, stopped, made again, removed.

mod attached;
pub mod compose;
mod begun;
mod credentials;
mod declared;
pub mod deeds;
pub mod ends;
mod probes;
mod inside;
mod lives;
mod links;
mod mounts;
mod networks;
mod programs;
mod restarts;
mod variables;

pub use compose::Placing;
pub(super) use mounts::still_allowed;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value as Json;

use super::Session;
use super::ceiling;
use super::create::{self, Frame, Join};
use super::image::Ready;
use crate::engine::certificates::Certificates;
use crate::engine::clock::{self, Instant, Looks};
use crate::engine::probe::Link;
use crate::engine::record::Track;
use crate::engine::sources::real;
use crate::engine::transport::Address;
use crate::engine::{Fault, FaultKind, Result};
use crate::fact::answer::Ending;
use crate::fact::container::ContainerFacts;
use crate::suite::certificate::VOLUME;
use crate::suite::grant::Reach;
use crate::suite::mount::Origin;
use crate::suite::run::Run;
use crate::suite::service::APP;

/// The user that may look at most.
pub const ROOT: &str = "0:0";

/// How the name of a container ends that `--keep` has left.
pub const KEPT: &str = "-kept";

/// The engine's own grace period.
const GRACE: Duration = Duration::from_secs(10);
/// How late an engine may learn that processes were frozen, and then that they go on.
const LATE: Duration = Duration::from_secs(5);

/// A container and what we know of its life.
#[derive(Debug)]
pub struct Live {
    /// The run it belongs to.
    pub session: Session,
    /// Its name on the engine.
    pub name: String,
    /// Its image.
    pub image: Ready,
    /// Whether its own program runs in it, not the probe.
    pub program: bool,
    /// Whether it was made for this run, which then starts and removes it.
    is_ours: bool,
    service: String,
    body: Json,
    /// The networks of the suite that it is on.
    joins: Vec<Join>,
    /// Every network of the case, with the place that it has or would have there.
    known: Vec<Join>,
    /// Volumes that nobody else has.
    volumes: Vec<String>,
    /// Volumes as the engine calls them, and as the suite does.
    volume_names: Vec<(String, String)>,
    /// What of this machine it mounts.
    binds: Vec<PathBuf>,
    /// What it may reach of this machine.
    reach: Reach,
    /// What the Compose file says that it is made by.
    of_file: Option<compose::OfFile>,
    /// Ports that the harness publishes and the suite does not.
    added: Vec<u16>,
    grace: Duration,
    restarts: bool,
    started: clock::Both,
    asked_to_end: Option<clock::Both>,
    /// When a step has let its processes go on.
    goes_on: Option<Instant>,
    first_end: Option<ends::FirstEnd>,
    /// How it ended the first time, where a policy may have started it again since.
    ended_first: Option<Ending>,
    /// How often a policy had started it before that end was expected.
    restarts_before: i64,
    /// When the life began that is to end then, in nanoseconds since 1970 by the engine's clock.
    began_before: Option<i64>,
    /// What kept the program from starting at all.
    never_started: Option<Ending>,
    /// From the start to the moment it was ready.
    pub ready_micros: Option<u64>,
    healthy_micros: Option<u64>,
    links: BTreeMap<String, Link>,
    /// The life that it was last seen in.
    lived: Option<lives::Lived>,
    past_pids: Vec<u32>,
    credentials: credentials::Known,
    /// Where it is taken down what is done to it.
    pub track: Track,
}

/// Where the variables, folders and ports of a `run` come from.
#[derive(Debug, Clone, Default)]
pub struct Ground {
    /// The service that it is a container of.
    pub service: String,
    /// The folder that the suite's paths are relative to.
    pub folder: PathBuf,
    /// What its containers may see of this machine.
    pub reach: Reach,
    /// The suite's volumes, and as the engine calls them.
    pub volumes: BTreeMap<String, String>,
    /// The networks of the suite that it is on.
    pub joins: Vec<Join>,
    /// Every network of the case, with the place that it has or would have there.
    pub known: Vec<Join>,
    /// Ports that requests of this machine go to.
    pub reached: Vec<u16>,
    /// What the suite has had made for this run.
    pub certificates: Option<Arc<Certificates>>,
}

impl Live {
    /// The container of a `run`, with its volumes; it is not made yet.
    pub async fn of_run(
        session: &Session,
        image: &Ready,
        run: &Run,
        ground: &Ground,
    ) -> Result<Self> {
        let mut frame = Frame {
            image: image.id.clone(),
            labels: session.labels(),
            probe: session.probe_volume().await?,
            ..Frame::default()
        };
        frame.volumes.clone_from(&ground.volumes);
        let (mut volumes, mut binds) = (Vec::new(), Vec::new());
        for mount in &run.volumes {
            match &mount.origin {
                // That of the certificates, whose files are in the name of the user who reads them.
                Origin::Volume(name) if !frame.volumes.contains_key(name) => {
                    let made = session.name(name);
                    session.volume(&made).await?;
                    volumes.push(made.clone());
                    frame.volumes.insert(name.clone(), made);
                }
                Origin::Bind(source) => {
                    let whole = ground.folder.join(source);
                    still_allowed(&ground.reach, ground.reach.bounds.bind(&whole, &real))?;
                    let path = absolute(&whole)?;
                    frame.binds.insert(source.clone(), path);
                    binds.push(whole);
                }
                _ => {}
            }
        }
        for file in &run.env_file.0 {
            let whole = ground.folder.join(&file.value);
            still_allowed(&ground.reach, ground.reach.bounds.read(&whole, &real))?;
            frame
                .env_files
                .extend(variables::of_file(&ground.folder.join(&file.value)).await?);
        }
        frame.network = ground.joins.first().cloned();
        if publishes(session, run, &ground.joins).await {
            frame.reached.clone_from(&ground.reached);
        }
        frame.certificates = ground.certificates.as_ref().map(|_| VOLUME);
        let mut body = create::body(run, &frame);
        // Podman has its own.
        if !session.engine.is_podman() {
            ceiling::of_container(&mut body);
        }
        let grace = run.stop_grace_period.map_or(GRACE, |t| t.0);
        let restarts = run
            .restart
            .is_some_and(|r| r.policy != crate::suite::settings::RestartPolicy::No);
        let mut live = Self::new(session, image, body, true);
        live.service.clone_from(&ground.service);
        live.joins.clone_from(&ground.joins);
        live.known.clone_from(&ground.known);
        live.volumes = volumes;
        live.binds = binds;
        live.reach.clone_from(&ground.reach);
        let written = frame.volumes.clone().into_iter();
        live.volume_names = written.map(|(ours, made)| (made, ours)).collect();
        live.added = frame.reached;
        live.added
            .retain(|number| !run.ports.iter().any(|p| p.value.target.number == *number));
        live.grace = grace;
        live.restarts = restarts;
        live.credentials = credentials::Known {
            folder: ground.folder.clone(),
            certificates: ground.certificates.clone(),
            volume: frame.volumes.remove(VOLUME),
        };
        Ok(live)
    }

    /// Makes the container and starts it.
    pub async fn launch(&mut self) -> Result<()> {
        if !self.is_ours {
            return Ok(());
        }
        if !self.is_made() {
            let _creates = self.track.begins("creates");
            self.make().await?;
        }
        let _starts = self.track.begins("starts");
        // Replicas of a Compose service have one volume, which was filled before any is started.
        if self.of_file.is_none() {
            self.fill_certificates().await?;
        }
        if self.program {
            self.begin().await
        } else {
            self.show().await
        }
    }

    /// Starts the probe that is the container's program; where it is not in its volume yet, it is put
    /// there first.
    async fn show(&mut self) -> Result<()> {
        match self.attach().await {
            Err(fault) if Session::lacks_probe(&fault) => {
                self.session.install_probe().await?;
                self.remake().await?;
                self.attach().await
            }
            attached => attached,
        }
    }

    fn new(session: &Session, image: &Ready, body: Json, program: bool) -> Self {
        Self {
            session: session.clone(),
            name: String::new(),
            image: image.clone(),
            program,
            is_ours: true,
            service: APP.to_owned(),
            body,
            joins: Vec::new(),
            known: Vec::new(),
            volumes: Vec::new(),
            volume_names: Vec::new(),
            binds: Vec::new(),
            reach: Reach::default(),
            of_file: None,
            added: Vec::new(),
            grace: GRACE,
            restarts: false,
            started: clock::both(),
            asked_to_end: None,
            goes_on: None,
            first_end: None,
            ended_first: None,
            restarts_before: 0,
            began_before: None,
            never_started: None,
            ready_micros: None,
            healthy_micros: None,
            links: BTreeMap::new(),
            lived: None,
            past_pids: Vec::new(),
            credentials: credentials::Known::default(),
            track: Track::default(),
        }
    }

    async fn make(&mut self) -> Result<()> {
        self.unsets()?;
        self.still_mounts()?;
        // One of a Compose project keeps its name.
        if self.of_file.is_none() {
            self.name = self.session.name(&self.service);
        }
        let made = self.session.container(&self.name, &self.body).await?;
        for join in self.joins.iter().skip(1) {
            let networks = self.session.engine.networks();
            networks
                .connect(&join.network, &self.name, &join.settings())
                .await?;
        }
        self.give().await?;
        let lost = declared::lost(&self.body, made.warnings);
        if lost.is_empty() {
            return Ok(());
        }
        let fault = Fault::new(
            FaultKind::Unsupported,
            "make the container as the suite says",
            lost.join("; "),
        );
        Err(fault.help("the engine would run it without this setting: use an engine that has it, or take it out of `run`"))
    }

    async fn remake(&mut self) -> Result<()> {
        self.links.clear();
        self.session.remove_container(&self.name).await?;
        self.make().await
    }

    /// Attaches to the probe that is the container's program, and starts it.
    async fn attach(&mut self) -> Result<()> {
        self.still_mounts()?;
        let containers = self.session.engine.containers();
        let streams = containers.attach(&self.name, false).await?;
        containers.start(&self.name).await?;
        self.links.insert(
            ROOT.to_owned(),
            Link::attached(&self.session.engine, streams).await?,
        );
        Ok(())
    }

    /// Starts the program. One that cannot be started at all has ended: that is a fact about the
    /// image, not a fault of the engine.
    async fn begin(&mut self) -> Result<()> {
        self.links.clear();
        self.past_pids.clear();
        self.lived = None;
        self.asked_to_end = None;
        self.never_started = None;
        self.ended_first = None;
        (self.restarts_before, self.began_before) = (0, None);
        (self.ready_micros, self.healthy_micros) = (None, None);
        self.watch_first_end().await?;
        self.still_mounts()?;
        self.started = clock::both();
        match self.session.engine.containers().start(&self.name).await {
            Ok(_) => self.await_program().await,
            Err(fault) if ends::program_at_fault(&fault) => {
                let state = self.facts().await?.state;
                self.never_started = Some(Ending {
                    code: ends::code_of_unstarted(&state, &fault)?,
                    error: Some(ends::said_of_program(&fault.message)),
                    ..Ending::default()
                });
                Ok(())
            }
            Err(fault) => Err(self.of_network(fault)),
        }
    }

    /// What the engine knows of it. A busy one learns late that it was paused, and says so for a moment once it
    /// goes on again.
    pub async fn facts(&mut self) -> Result<ContainerFacts> {
        let containers = self.session.engine.containers();
        let mut facts = containers.inspect(&self.name).await?;
        if let Some(since) = self.goes_on {
            let mut looks = Looks::within(LATE.saturating_sub(since.elapsed()));
            while facts.state.paused && looks.again().await {
                facts = containers.inspect(&self.name).await?;
            }
        }
        if self.program {
            self.meet(&facts);
        }
        Ok(facts)
    }

    fn is_here(&self) -> bool {
        is_here(self.session.engine.address())
    }

    /// Whether no engine answers any more, so that waiting for a fact is in vain.
    pub async fn is_lost(&mut self) -> bool {
        let facts = self.facts().await;
        facts.is_err_and(|fault| fault.kind == FaultKind::Unreachable)
    }

    /// Whether the engine may start it again after it ended.
    pub fn may_return(&self) -> bool {
        self.restarts
    }

    /// Whether a health check is declared, by `run` or by the image.
    pub fn declares_check(&self) -> bool {
        let declared = |words: &[&str]| words.first().is_some_and(|word| *word != "NONE");
        if let Some(test) = self.body["Healthcheck"]["Test"].as_array() {
            return declared(&test.iter().filter_map(Json::as_str).collect::<Vec<_>>());
        }
        let check = self.image.facts.healthcheck.as_ref();
        check.is_some_and(|c| declared(&c.test.iter().map(String::as_str).collect::<Vec<_>>()))
    }

    /// Whether the engine was asked to make it.
    pub fn is_made(&self) -> bool {
        !self.name.is_empty()
    }

    /// Whether the program has a terminal, so that its output is one stream.
    pub fn has_terminal(&self) -> bool {
        self.body["Tty"] == Json::Bool(true)
    }

    /// Whether the engine puts an init before the program.
    pub fn has_init(&self) -> bool {
        self.body["HostConfig"]["Init"] == Json::Bool(true)
    }

    /// Removes it and the volumes made for it.
    pub async fn remove(mut self) -> Result<()> {
        let _removes = self.track.begins("removes");
        self.track.stands();
        self.links.clear();
        if self.is_made() && self.is_ours {
            self.session.remove_container(&self.name).await?;
        }
        for volume in &self.volumes {
            self.session.remove_volume(volume).await?;
        }
        Ok(())
    }

    /// Leaves it and its own volumes; gives the names of the volumes that do not go with it.
    pub async fn keep(&mut self) -> Vec<String> {
        self.session.keep(&self.name);
        // By its new name `gc` knows that it stays on purpose.
        let kept = format!("{}{KEPT}", self.name);
        let containers = self.session.engine.containers();
        if containers.rename(&self.name, &kept).await.is_ok() {
            self.session.keep(&kept);
            self.name = kept;
        }
        // Volumes without a name of ours go with the container, so they stay with it too.
        let mounts = self
            .facts()
            .await
            .map(|facts| facts.mounts)
            .unwrap_or_default();
        for volume in mounts.into_iter().filter_map(|mount| mount.name) {
            self.session.keep(&volume);
        }
        for volume in &self.volumes {
            self.session.keep(volume);
        }
        self.volumes.clone()
    }
}

/// An exit code as a claim has it.
pub fn code(exit_code: i64) -> i32 {
    i32::try_from(exit_code).unwrap_or(-1)
}

/// Whether the engine is on this machine, so that its clock is ours.
pub fn is_here(address: &Address) -> bool {
    matches!(address, Address::Unix(_))
}

/// Whether the container's ports can, and have to be, published for requests of this machine.
async fn publishes(session: &Session, run: &Run, joins: &[Join]) -> bool {
    let mode = run.network_mode.as_ref();
    (joins.is_empty() || joins.iter().any(|join| !join.internal))
        && mode.is_none_or(|mode| mode.value.0 == "bridge")
        && session.shares_ports().await
        && !session.is_near().await
}

fn absolute(path: &Path) -> Result<String> {
    let absolute = std::path::absolute(path).map_err(|error| local(path, &error))?;
    Ok(absolute.to_string_lossy().into_owned())
}

fn local(path: &Path, error: &std::io::Error) -> Fault {
    Fault::new(
        FaultKind::Local,
        format!("use {}", path.display()),
        error.to_string(),
    )
}
