//! What a Compose file describes, as its tool tells it; where no tool does, as it is written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::plan::{Kind, Plan, chain};
use crate::report::clean;
use crate::session::compose::read::Files;
use crate::session::compose::stack::{Part, Source};
use crate::suite::Suite;
use crate::suite::described::{self, Described};
use crate::suite::network::DEFAULT;
use crate::suite::order::Needs;
use crate::suite::outside::shown;
use crate::suite::run::Wait;

/// The Compose files of suites, by the number of the suite, and the folder that paths are shown from.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// Those that a tool has read.
    pub files: &'a BTreeMap<usize, Files>,
    /// Where the command is called.
    pub here: &'a Path,
}

/// A service that is started.
struct Service {
    name: String,
    /// How its image comes, where that is known.
    image: Option<(&'static str, String)>,
    /// How many of it.
    of: u32,
    profiles: Vec<String>,
    /// Nothing where they are not its own.
    networks: Option<Vec<String>>,
    before: Vec<(String, Wait)>,
}

/// What is brought up.
pub(super) struct Whole {
    services: Vec<Service>,
    /// What is not started, with its profiles.
    off: Vec<(String, Vec<String>)>,
    internal: Vec<String>,
    /// Whether the tool has told it.
    pub(super) is_told: bool,
}

impl Whole {
    /// That of the suite of this number.
    pub(super) fn of((number, suite): (usize, &Suite), told: Told<'_>) -> Option<Self> {
        let compose = &suite.compose.as_ref()?.value;
        if let Some(files) = told.files.get(&number) {
            return Some(Self::resolved(files, told.here));
        }
        let on = described::started(&suite.described, compose);
        let all = suite.described.iter();
        let (started, off): (Vec<_>, Vec<_>) = all.partition(|one| on.contains(one.name.as_str()));
        let many = |one: &Described| {
            let mut scaled = compose.scale.0.iter();
            let own = scaled.find(|(name, _)| name.value == one.name);
            own.map(|(_, of)| *of).or(one.of).unwrap_or(1)
        };
        let is_started = |name: &String| started.iter().any(|one| one.name == *name);
        let service = |one: &&Described| {
            let before = one.waits_for().iter().filter(|name| is_started(name));
            Service {
                name: one.name.clone(),
                image: one.image.clone().map(|image| ("looks up", image)),
                of: many(one),
                profiles: one.profiles.clone(),
                networks: one.networks.clone().map(|names| match names.is_empty() {
                    true => vec![DEFAULT.to_owned()],
                    false => names,
                }),
                before: before.map(|name| (name.clone(), Wait::Ready)).collect(),
            }
        };
        let mut services: Vec<Service> = started.iter().map(service).collect();
        services.sort_by(|a, b| a.name.cmp(&b.name));
        Some(Self {
            services,
            off: off
                .iter()
                .map(|one| (one.name.clone(), one.profiles.clone()))
                .collect(),
            internal: described::internal(&suite.composed.own),
            is_told: false,
        })
    }

    fn resolved(files: &Files, here: &Path) -> Self {
        let service = |part: &Part| Service {
            name: part.name.clone(),
            image: Some(match &part.source {
                Source::Ref(name, _) => ("looks up", name.clone()),
                Source::Build(_) => ("builds", built(part, here)),
            }),
            of: part.of,
            profiles: files.profiles(&part.name),
            networks: Some(part.networks.clone()),
            before: part.before.clone(),
        };
        let stack = &files.stack;
        let started: BTreeSet<&str> = stack.parts.iter().map(|part| part.name.as_str()).collect();
        let all = files.config["services"].as_object().into_iter().flatten();
        let off = all.filter(|(name, _)| !started.contains(name.as_str()));
        let internal = stack.networks.iter().filter(|(_, internal)| *internal);
        Self {
            services: stack.parts.iter().map(service).collect(),
            off: off
                .map(|(name, _)| (name.clone(), files.profiles(name)))
                .collect(),
            internal: internal.map(|(name, _)| name.clone()).collect(),
            is_told: true,
        }
    }

    /// The images that it needs, each once: how they come, and what they are called.
    pub(super) fn images(&self) -> BTreeSet<(&'static str, String)> {
        let known = self
            .services
            .iter()
            .filter(|one| self.is_told && one.of > 0);
        known.filter_map(|one| one.image.clone()).collect()
    }

    /// How many containers it is.
    pub(super) fn containers(&self) -> usize {
        let all = self.services.iter().filter(|_| self.is_told);
        all.map(|one| one.of as usize).sum()
    }

    /// What has to come one after the other until all are ready; nothing where the tool has not told it.
    pub(super) fn chain(&self, app: &str) -> Option<Vec<String>> {
        let way = chain::longest(&self.needs(), app);
        let first = self
            .services
            .iter()
            .find(|one| Some(&one.name) == way.first());
        let (how, image) = first.filter(|_| self.is_told)?.image.as_ref()?;
        let mut chain = vec![format!("{how} {}", clean::line(image))];
        let starts = way
            .iter()
            .map(|name| format!("starts {} until it is ready", clean::line(name)));
        chain.extend(starts);
        Some(chain)
    }

    pub(super) fn needs(&self) -> Needs {
        let all = self.services.iter();
        all.map(|one| (one.name.clone(), one.before.clone()))
            .collect()
    }

    /// A line for each service, and one for those that are not started.
    pub(super) fn rows(&self) -> Vec<String> {
        if self.services.is_empty() && self.off.is_empty() {
            return vec!["as the Compose tool tells at the run".to_owned()];
        }
        let profiles = |names: &[String]| match names.is_empty() {
            true => String::new(),
            false => format!(" (profile {})", clean::line(&names.join(", "))),
        };
        let row = |one: &Service| {
            let image = one.image.as_ref().map(|(how, image)| match *how {
                "builds" => format!(": builds {}", clean::line(image)),
                _ => format!(": {}", clean::line(image)),
            });
            let many = match one.of {
                1 => String::new(),
                of => format!(" ×{of}"),
            };
            let name = clean::line(&one.name);
            format!(
                "{name}{}{many}{}",
                image.unwrap_or_default(),
                profiles(&one.profiles)
            )
        };
        let mut rows: Vec<String> = self.services.iter().map(row).collect();
        let off = self.off.iter();
        let off: Vec<String> = off
            .map(|(name, own)| clean::line(name) + &profiles(own))
            .collect();
        if !off.is_empty() {
            rows.push(format!("not started: {}", off.join(", ")));
        }
        rows
    }

    /// Who is on which network.
    pub(super) fn networks(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut on: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for one in &self.services {
            for name in one.networks.iter().flatten() {
                on.entry(name).or_default().push(&one.name);
            }
        }
        on
    }

    pub(super) fn is_internal(&self, name: &str) -> bool {
        self.internal.iter().any(|one| one == name)
    }
}

/// What the image of a service is built from.
fn built(part: &Part, here: &Path) -> String {
    let Some(request) = part.request() else {
        let build = part.build.as_ref();
        let context = build.and_then(|build| build["context"].as_str().or(build.as_str()));
        return near(Path::new(context.unwrap_or(".")), here);
    };
    let file = request
        .dockerfile
        .iter()
        .map(|file| file.display().to_string());
    let parts: Vec<String> = file.chain(request.target.clone()).collect();
    let context = near(&request.context, here);
    match parts.is_empty() {
        true => context,
        false => format!("{context} ({})", parts.join(", ")),
    }
}

fn near(path: &Path, here: &Path) -> String {
    match path.strip_prefix(here) {
        Ok(rest) if rest.as_os_str().is_empty() => ".".to_owned(),
        Ok(rest) => shown(rest),
        Err(_) => shown(path),
    }
}

/// What is brought up by each part of a plan that a Compose file describes, as far as the tool has told it.
pub(super) fn each(plan: &Plan, suites: &[Suite], told: Told<'_>) -> Vec<Whole> {
    let units = plan.units.iter().filter(|unit| unit.kind == Kind::Compose);
    let number = units.filter_map(|unit| Some(plan.cases.get(*unit.cases.first()?)?.0));
    let all = number.filter_map(|at| Whole::of((at, suites.get(at)?), told));
    all.filter(|whole| whole.is_told).collect()
}
