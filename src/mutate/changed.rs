//! Makes the change of a mutant in suites.

use std::collections::HashSet;
use std::path::Path;

use serde_json::{Map, Value as Json};

use super::compose::Composed;
use super::dockerfile::{Recipe, key};
use super::image::built;
use super::{Change, Mutant, Relaid};
use crate::engine::probe::PROGRAM;
use crate::session::create::{Frame, body};
use crate::suite::compose::laid::Laid;
use crate::suite::grant::{Kind, Power};
use crate::suite::image::{Image, ImageSource};
use crate::suite::ready::{Ready, ReadyWord, When};
use crate::suite::run::{Run, Wait};
use crate::suite::service::APP;
use crate::suite::settings::Healthcheck;
use crate::suite::{Body, Case, Item, Suite};
use crate::text::read::Flag;
use crate::text::source::{Span, Spanned};
use crate::text::words::CommandLine;

/// The suites of a mutant, changed, and which of their cases are concerned.
#[derive(Debug)]
pub struct Changed {
    /// Those of its suites alone.
    pub suites: Vec<Suite>,
    /// The cases, by their number there.
    pub cases: HashSet<(usize, usize)>,
}

/// What suites judge, as it is.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The suites.
    pub suites: &'a [Suite],
    /// The Dockerfiles that they build.
    pub recipes: &'a [Recipe],
    /// What the tool made of their Compose files.
    pub composed: &'a [Composed],
}

impl<'a> Known<'a> {
    /// What the tool made of the Compose files of a suite.
    pub fn composed_of(self, suite: usize) -> Option<&'a Composed> {
        self.composed.iter().find(|one| one.suite == suite)
    }
}

/// Makes the change; for a Dockerfile `file` is where its new text lies. Nothing where it changes nothing that an
/// engine is asked.
pub fn changed(mutant: &Mutant, known: Known<'_>, file: Option<&Path>) -> Option<Changed> {
    let Known {
        suites, recipes, ..
    } = known;
    let mut numbers: Vec<usize> = mutant.cases.iter().map(|(suite, _)| *suite).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let mut changed = Changed {
        suites: numbers
            .iter()
            .filter_map(|at| suites.get(*at).cloned())
            .collect(),
        cases: HashSet::new(),
    };
    for (suite, case) in &mutant.cases {
        let place = numbers.iter().position(|at| at == suite)?;
        let own = changed.suites.get_mut(place)?.cases.get_mut(*case)?;
        if in_case(mutant, own) {
            changed.cases.insert((place, *case));
        }
    }
    for (suite, number) in changed.suites.iter_mut().zip(&numbers) {
        match &mutant.change {
            Change::Network(name) => open(suite, name),
            Change::Compose(of_suites) => lay(suite, of_suites.get(number)?),
            _ => {}
        }
        if let Some(file) = file {
            rebuild(suite, mutant, recipes, file);
            if let Some(composed) = known.composed_of(*number) {
                rebuild_services(suite, composed, mutant, recipes, file);
            }
        }
    }
    (!changed.cases.is_empty()).then_some(changed)
}

/// Makes what of the change is the case's; whether it then asks the engine for something else.
fn in_case(mutant: &Mutant, case: &mut Case) -> bool {
    match &mutant.change {
        Change::Run(edit) => {
            let before = asked(&case.run);
            (edit.apply)(&mut case.run, &edit.part);
            // Cases that share a container do so still, and those that were not changed share none of theirs.
            case.key.push_str(&format!("\nmutant {}", mutant.id));
            asked(&case.run) != before
        }
        Change::Service(name) => {
            idle(case, name);
            case.key.push_str(&format!("\nmutant {}", mutant.id));
            true
        }
        Change::Dockerfile(new) if new.is_source => {
            text_alone(case);
            true
        }
        Change::Network(_) | Change::Compose(_) | Change::Dockerfile(_) | Change::Image(_) => true,
    }
}

/// Whether a claim is about what a Dockerfile says, and nothing else.
pub fn is_of_text(item: &Item) -> bool {
    item.claim.name() == "dockerfile"
}

/// Leaves only claims that need no image.
fn text_alone(case: &mut Case) {
    if let Body::Expect(items) = &mut case.body {
        items.retain(is_of_text);
    }
    case.says_run = false;
}

/// What the engine is asked by these settings.
fn asked(run: &Run) -> (String, Vec<String>) {
    let networks = run.networks.iter().flat_map(|all| &all.value.0);
    let networks = networks.map(|(name, _)| name.value.clone());
    (body(run, &Frame::default()).to_string(), networks.collect())
}

fn open(suite: &mut Suite, network: &str) {
    let own = suite
        .networks
        .iter_mut()
        .filter(|(name, _)| name.value == network);
    for (_, settings) in own {
        if let Some(settings) = settings {
            settings.internal = Flag(false);
        }
    }
}

/// Has the Compose file of a suite describe something else.
fn lay(suite: &mut Suite, change: &Relaid) {
    suite.laid.extend(change.laid.iter().cloned());
    if let (Some(compose), Some(service)) = (&mut suite.compose, &change.unready) {
        let compose = &mut compose.value;
        let is_app = compose.app.value == *service;
        let is_it = |name: &str| name == service || is_app && name == APP;
        compose.ready.0.retain(|(name, _)| !is_it(&name.value));
    }
}

/// Has services of a Compose file be built from the changed Dockerfile, where it is theirs.
fn rebuild_services(
    suite: &mut Suite,
    composed: &Composed,
    mutant: &Mutant,
    recipes: &[Recipe],
    file: &Path,
) {
    for (service, image) in &composed.builds {
        if rebuilt(image, Path::new(""), mutant, recipes, file).is_none() {
            continue;
        }
        let mut build = match &composed.config["services"][service]["build"] {
            Json::Object(build) => build.clone(),
            context => Map::from_iter([("context".to_owned(), context.clone())]),
        };
        // The tool reads a dollar sign as the beginning of a variable.
        let shown = file.display().to_string().replace('$', "$$");
        build.insert("dockerfile".to_owned(), Json::from(shown));
        suite.laid.push(Laid {
            keys: ["services", service, "build"].map(str::to_owned).into(),
            value: Some(Json::Object(build)),
        });
        let folder = file.parent().unwrap_or(file).to_string_lossy();
        suite.reach.allowed.and(Power::new(Kind::Read, folder));
    }
}

/// Puts a program in the place of a service's that waits for its input to end, and so does nothing.
fn idle(case: &mut Case, service: &str) {
    let mut span = None;
    for (name, own) in case
        .services
        .iter_mut()
        .filter(|(name, _)| name.value == service)
    {
        span = Some(name.span);
        let run = &mut own.run;
        run.entrypoint = Some(CommandLine([PROGRAM, "serve"].map(str::to_owned).into()));
        run.command = Some(CommandLine(Vec::new()));
        run.stdin_open = Flag(true);
        run.tty = Flag(false);
        run.restart = None;
        run.healthcheck = Some(off());
        run.ready = Some(runs(name.span));
    }
    let services = case
        .services
        .iter_mut()
        .map(|(_, service)| &mut service.run);
    let waits = services.chain([&mut case.run]);
    let waits = waits.filter_map(|run| run.depends_on.as_mut());
    for (name, wait) in waits.flat_map(|all| &mut all.value.0) {
        if name.value == service && span.is_some() {
            *wait = Wait::Started;
        }
    }
}

fn off() -> Healthcheck {
    Healthcheck {
        test: None,
        interval: None,
        timeout: None,
        retries: None,
        start_period: None,
        start_interval: None,
        disable: Flag(true),
    }
}

fn runs(span: Span) -> Ready {
    Ready {
        span,
        when: When::Word(ReadyWord::Running),
    }
}

/// Has all images of a suite be built from the changed Dockerfile that it is about.
fn rebuild(suite: &mut Suite, mutant: &Mutant, recipes: &[Recipe], file: &Path) {
    let folder = suite.folder.clone();
    let own = suite.cases.iter_mut().flat_map(Case::images);
    for image in suite.image.iter_mut().chain(own) {
        if let Some(new) = rebuilt(image, &folder, mutant, recipes, file) {
            *image = new;
        }
    }
}

/// The image as the changed Dockerfile makes it; nothing where that is about another one.
pub fn rebuilt(
    image: &Image,
    folder: &Path,
    mutant: &Mutant,
    recipes: &[Recipe],
    file: &Path,
) -> Option<Image> {
    let shown = file.display().to_string();
    match (&mutant.change, &image.source) {
        (Change::Dockerfile(new), ImageSource::Build(build)) => {
            let is_meant = key(folder, build) == recipes.get(new.recipe)?.path;
            is_meant.then(|| {
                let mut build = build.clone();
                let (span, value) = (image.span, shown);
                build.dockerfile = Some(Spanned { span, value });
                let source = ImageSource::Build(build);
                Image { span, source }
            })
        }
        (Change::Image(new), ImageSource::Ref { name, .. }) if name.value == new.name => {
            let context = file.parent()?.display().to_string();
            Some(built(image.span, &context, &shown))
        }
        _ => None,
    }
}
