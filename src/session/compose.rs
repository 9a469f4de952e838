//! Systems that a Compose file describes: resolved and built once a run, brought up as a project for each
//! unit, removed with all that is its own.

pub mod absent;
mod addresses;
mod binds;
pub mod build;
pub mod certificates;
mod chosen;
mod config;
mod file;
mod given;
mod networks;
pub mod ports;
mod powers;
mod raised;
pub mod read;
mod reads;
mod refusal;
mod refused;
pub mod stack;
mod waves;
pub mod written;
mod wrong;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Map, Value as Json};

use super::image::{NoImage, Ready};
use super::live::still_allowed;
use super::unmade::Lacks;
use super::{APPEARANCE, Session, all};
use crate::engine::clock::Looks;
use crate::engine::compose::{Ask, Said, Tool};
use crate::engine::fault::tells_of_request;
use crate::engine::sources::real;
use crate::engine::{Fault, FaultKind, Result, containers};
use crate::suite::compose::{Compose, laid::Laid};
use crate::suite::grant::Reach;
use crate::suite::order::Needs;
use crate::text::cpus::Cpus;
use build::Made;
use file::Added;
use ports::Published;
use stack::{Source, Stack};
use written::Written;

/// How long it may take to make the containers.
const MAKING: Duration = Duration::from_mins(5);
/// What that is, as it follows the word "cannot".
const DOING: &str = "make the containers of the Compose file";
/// The label by which a project's things are found.
const PROJECT: &str = "com.docker.compose.project";
/// What the names of all runs' projects begin with.
pub const PROJECTS: &str = "seaworthy";

/// What a Compose file describes, with its images there.
#[derive(Debug)]
pub struct Project {
    /// What is started.
    pub stack: Stack,
    tool: Tool,
    app: String,
    images: BTreeMap<String, Ready>,
    built: Vec<String>,
    added: Added,
    /// Files that are written into the containers of its services, as archives of their root.
    given: BTreeMap<String, Bytes>,
    /// The user's files, for where something stands.
    written: Written,
    /// The powers that it asks for, all of which are allowed.
    granted: Vec<read::Granted>,
    pub(super) reach: Reach,
    /// The ranges of addresses that it needs.
    fixed: Vec<addresses::Fixed>,
    /// What the tool is told whatever it is asked.
    asked: Ask,
}

/// A container of a project, made and not started.
#[derive(Debug, Clone)]
pub struct Placed {
    /// Its name on the engine.
    pub name: String,
    /// Its service.
    pub service: String,
    /// Its number among the service's.
    pub number: u32,
    /// How many the service has.
    pub of: u32,
    /// Its image.
    pub image: Ready,
    /// What the engine says of it.
    pub inspected: Json,
    /// The ports that the Compose file declares.
    pub published: Published,
    /// The processors that it declares to be kept.
    pub reserved_cpus: Option<Cpus>,
    /// The ports that are published for requests alone.
    pub added: Vec<u16>,
    /// What the Compose file says of it.
    pub said: Map<String, Json>,
    /// Files that are written into it, as an archive of its root.
    pub given: Option<Bytes>,
}

impl Project {
    /// What of this machine a service mounts.
    pub(super) fn binds(&self, service: &str) -> Vec<PathBuf> {
        let all = binds::binds(&self.stack).into_iter();
        let own = all.filter(|bind| bind.service == service);
        own.map(|bind| bind.source).collect()
    }

    /// The service that `app` means.
    pub fn app(&self) -> &str {
        &self.app
    }

    /// What must be so before each of its services is started.
    pub fn needs(&self) -> Needs {
        let parts = self.stack.parts.iter();
        parts
            .map(|part| (part.name.clone(), part.before.clone()))
            .collect()
    }

    /// The file and line at which these keys stand.
    pub fn place(&self, keys: &[&str]) -> String {
        self.written.place(keys)
    }

    /// The powers that it asks for, all of which are allowed.
    pub fn granted(&self) -> &[read::Granted] {
        &self.granted
    }

    /// Whether two of it cannot be there at once.
    pub fn has_fixed_addresses(&self) -> bool {
        !self.stack.fixed.is_empty()
    }

    /// The image of `app`.
    pub fn image(&self) -> Option<&Ready> {
        self.images.get(&self.app)
    }

    /// The images of the services that are started.
    pub fn images(&self) -> impl Iterator<Item = (&str, &Ready)> {
        let started = self.stack.parts.iter().filter(|part| part.of > 0);
        started.filter_map(|part| Some((part.name.as_str(), self.images.get(&part.name)?)))
    }

    /// The names of the images that were built for this run.
    pub(super) fn built(&self) -> &[String] {
        &self.built
    }
}

impl Session {
    /// Has the tool resolve the Compose file of a suite, and gets its images. `instead` takes the place of
    /// that of `app`, `line` takes what is said meanwhile, and `warned` what the tool warns of.
    pub async fn compose(
        &self,
        compose: &Compose,
        (folder, reach, laid): (&Path, &Reach, &[Laid]),
        instead: Option<&str>,
        (line, warned): (impl Fn(String) + Send + Sync, impl Fn(String)),
    ) -> std::result::Result<Project, NoImage> {
        let project = self.project();
        let place = (Some(self.engine.address()), project.as_str());
        let files = read::files(place, compose, (folder, reach, laid), instead).await?;
        files.warned().into_iter().for_each(warned);
        let (stack, tool) = (&files.stack, &files.tool);
        let mut added = Added {
            labels: self.labels(),
            probe: self.probe_volume().await?,
            // Podman has its own.
            ceilings: !self.engine.is_podman(),
            is_first: tool.is_first(),
            ..Added::default()
        };
        let asked = config::asked(compose, folder);
        let given = self.given(tool, stack, &asked).await?;
        let made = self
            .built_of(tool, stack, &asked, &mut added, &line)
            .await?;
        let images = all(stack.parts.iter().map(|part| async {
            let image = self.image_of(part, &added, &made, &line).await;
            // What has no name cannot be brought.
            let of_part = |why: NoImage| match &part.source {
                Source::Ref(name, _) => why.of(name, instead),
                Source::Build(_) => why,
            };
            image.map_err(|why| files.unset(part).unwrap_or_else(|| of_part(why)))
        }))
        .await;
        let images: std::result::Result<_, NoImage> = images.into_iter().collect();
        Ok(Project {
            images: images?,
            app: compose.app.value.clone(),
            fixed: addresses::fixed(stack, &files.written),
            written: files.written,
            granted: files.granted,
            reach: reach.clone(),
            given,
            tool: files.tool,
            stack: files.stack,
            built: made.by_tool,
            added,
            asked,
        })
    }

    /// What the Compose file of a suite describes, of which nothing is built.
    pub async fn described(
        &self,
        compose: &Compose,
        (folder, reach, laid): (&Path, &Reach, &[Laid]),
        instead: Option<&str>,
    ) -> std::result::Result<Stack, NoImage> {
        let project = self.project();
        let place = (Some(self.engine.address()), project.as_str());
        let files = read::files(place, compose, (folder, reach, laid), instead).await?;
        Ok(files.stack)
    }

    async fn image_of(
        &self,
        part: &stack::Part,
        added: &Added,
        made: &Made,
        line: &(impl Fn(String) + Send + Sync),
    ) -> std::result::Result<(String, Ready), NoImage> {
        let asked = added.images.get(&part.name).cloned().unwrap_or_default();
        let (id, name, how) = match &part.source {
            Source::Ref(name, pull) => {
                let (id, how) = self.by_name(name, *pull, line).await?;
                (id, name.clone(), how)
            }
            Source::Build(_) => (
                asked,
                format!("the build of `{}`", part.name),
                made.how(&part.name).to_owned(),
            ),
        };
        let mut facts = self.engine.images().inspect(&id).await?;
        facts
            .labels
            .retain(|label, _| !added.labels.contains_key(label));
        let ready = Ready {
            id: facts.id.clone(),
            name,
            facts,
            how,
            kept: std::sync::Arc::default(),
            others: BTreeMap::new(),
        };
        Ok((part.name.clone(), ready))
    }

    /// A name that no other project has.
    pub(super) fn project(&self) -> String {
        name_of_projects(&self.run) + &self.ledger.number().to_string()
    }

    /// Has the tool make the containers of a project, which are not started; those of `app` come first.
    pub(super) async fn up(
        &self,
        project: &Project,
        name: &str,
        reached: BTreeMap<String, Vec<u16>>,
    ) -> Result<Vec<Placed>> {
        let added = Added {
            reached,
            project: name.to_owned(),
            ..project.added.clone()
        };
        // What containers of other cases may write to can be a link since.
        let asked = powers::asked(&project.stack, &project.reach.bounds, &real);
        still_allowed(&project.reach, asked.into_iter().map(|one| one.power))?;
        self.ledger.project(name);
        let listed = self.made(project, name, &added).await?;
        let firsts = firsts(&listed);
        let placed = all(listed
            .iter()
            .map(|one| self.placed(project, name, one, &firsts, &added)))
        .await;
        let placed: Result<Vec<Option<Placed>>> = placed.into_iter().collect();
        let mut placed: Vec<Placed> = placed?.into_iter().flatten().collect();
        for part in &project.stack.parts {
            let there = placed.iter().filter(|one| one.service == part.name).count();
            if there != part.of as usize {
                let message = format!(
                    "there are {there} of `{}`, in place of {}",
                    part.name, part.of
                );
                return Err(Fault::new(FaultKind::Broken, DOING, message));
            }
        }
        placed.sort_by_key(|one| (one.service != project.app, one.service.clone(), one.number));
        Ok(placed)
    }

    /// Has the tool make them, at once or one after the other; what is there then.
    async fn made(
        &self,
        project: &Project,
        name: &str,
        added: &Added,
    ) -> Result<Vec<containers::Listed>> {
        let parts = &project.stack.parts;
        let whole = project.stack.file(added);
        let waves = match project.tool.is_first() {
            true => waves::waves(parts),
            false => vec![parts.iter().map(|part| part.name.clone()).collect()],
        };
        let (mut listed, mut open) = (Vec::new(), Vec::new());
        for wave in &waves {
            open.extend(wave.iter().cloned());
            let mut words = project.asked.words.clone();
            words.extend(["-p", name, "-f", "-", "up", "--no-start"].map(str::to_owned));
            for part in parts
                .iter()
                .filter(|part| part.of != 1 && wave.contains(&part.name))
            {
                words.extend(["--scale".to_owned(), format!("{}={}", part.name, part.of)]);
            }
            if waves.len() > 1 {
                words.extend(["--no-deps", "--no-recreate"].map(str::to_owned));
                words.extend(wave.iter().cloned());
            }
            let ids = firsts(&listed).into_iter();
            let ids = ids
                .map(|(service, one)| (service, one.id.clone()))
                .collect();
            let ask = Ask {
                doing: DOING.to_owned(),
                words,
                input: waves::file(&whole, &open, &ids).to_string(),
                within: MAKING,
                ..project.asked.clone()
            };
            let said = project
                .tool
                .run(Some(self.engine.address()), &ask, |_| ())
                .await?;
            if !said.done {
                self.ledger.made(name);
                if let Some(taken) = self.taken(&project.fixed, name).await? {
                    return Err(taken);
                }
                let words = indented(&said);
                if tells_of_request(&words) {
                    self.never_made(Lacks::Refused, &words);
                }
                return Err(Fault::told(DOING, &project.tool.name(), &words));
            }
            let containers = self.engine.containers();
            listed = containers.list(&format!("{PROJECT}={name}")).await?;
        }
        self.ledger.made(name);
        Ok(listed)
    }

    async fn placed(
        &self,
        project: &Project,
        project_name: &str,
        listed: &containers::Listed,
        firsts: &BTreeMap<String, &containers::Listed>,
        added: &Added,
    ) -> Result<Option<Placed>> {
        let service = label(listed, "service");
        let part = project.stack.parts.iter().find(|part| part.name == service);
        let (Some(part), Some(image)) = (part, project.images.get(service)) else {
            return Ok(None);
        };
        let made = self.engine.containers().inspect_raw(&listed.id).await?;
        let joins = networks::joins(project_name, part, |other| {
            firsts.get(other).map(|one| called(one).to_owned())
        });
        let inspected = self.on_all_networks(joins, made).await?;
        Ok(Some(Placed {
            name: called(listed).to_owned(),
            service: service.to_owned(),
            number: number(listed),
            of: part.of,
            image: image.clone(),
            inspected,
            published: part.published.clone(),
            reserved_cpus: part.reserved_cpus,
            added: project.stack.more(service, added),
            said: part.body.clone(),
            given: project.given.get(service).cloned(),
        }))
    }

    /// Removes everything of a project: its containers, then its networks and volumes.
    pub(super) async fn remove_project(&self, name: &str) -> Result<()> {
        let label = format!("{PROJECT}={name}");
        let engine = &self.engine;
        let mut looks = Looks::within(APPEARANCE);
        loop {
            let listed = engine.containers().list(&label).await?;
            let removed = all(listed.iter().map(|one| self.remove_container(&one.id))).await;
            removed.into_iter().collect::<Result<()>>()?;
            let (networks, volumes) = (engine.networks(), engine.volumes());
            // A container that the tool had still asked for makes its volumes anew, and then they have no label.
            let start = format!("{name}_");
            let (networks, volumes) = tokio::join!(networks.list(&label), volumes.called(&start));
            let (networks, volumes) = (networks?, volumes?);
            let (networks, volumes) = tokio::join!(
                all(networks.iter().map(|one| self.remove_network(&one.id))),
                all(volumes.iter().map(|one| self.remove_volume(&one.name))),
            );
            networks
                .into_iter()
                .chain(volumes)
                .collect::<Result<()>>()?;
            // A tool that was stopped midway may have asked for more.
            if !self.ledger.may_still_appear(name) || !looks.again().await {
                break;
            }
        }
        self.ledger.gone(name);
        Ok(())
    }
}

/// What the names of a run's projects begin with, and so those of their volumes.
pub fn name_of_projects(run: &str) -> String {
    format!("{PROJECTS}{run}x")
}

/// The run that a volume of this name belongs to, where it is one of a project.
pub fn run_of(volume: &str) -> Option<&str> {
    let (project, _) = volume.strip_prefix(PROJECTS)?.split_once('_')?;
    let (run, number) = project.rsplit_once('x')?;
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    (super::is_run(run) && is_number).then_some(run)
}

/// What the tool has written on a container.
fn label<'a>(listed: &'a containers::Listed, name: &str) -> &'a str {
    let label = listed.labels.get(&format!("com.docker.compose.{name}"));
    label.map(String::as_str).unwrap_or_default()
}

fn number(listed: &containers::Listed) -> u32 {
    label(listed, "container-number").parse().unwrap_or(1)
}

fn called(listed: &containers::Listed) -> &str {
    let name = listed.names.first().unwrap_or(&listed.id);
    name.trim_start_matches('/')
}

/// The first container of each service.
fn firsts(listed: &[containers::Listed]) -> BTreeMap<String, &containers::Listed> {
    let all = listed.iter().filter(|one| number(one) == 1);
    all.map(|one| (label(one, "service").to_owned(), one))
        .collect()
}

/// The last lines of what the tool said, each on a line of its own.
fn indented(said: &Said) -> String {
    let lines = said.last_lines.iter();
    lines.map(|line| format!("\n  {line}")).collect()
}

#[cfg(test)]
mod rules;
#[cfg(test)]
mod tests;
