//! Which cases share a container, and what is asked of each. Pure.

pub mod chain;
pub mod shard;
pub mod whom;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use crate::action::Action;
use crate::claim::Scope;
use crate::claim::image::OtherSource;
use crate::suite::image::{Image, ImageSource, Pull};
use crate::suite::service::{ALL, APP};
use crate::suite::{Body, Case, Suite};
use crate::text::source::Spanned;

/// Which cases are wanted.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Texts of which one must be in `suite::case`; all without any.
    pub filter: Vec<String>,
    /// Tags of which a case must have one; all without any.
    pub tags: Vec<String>,
    /// Takes the place of the image that the suites name.
    pub image: Option<String>,
    /// These alone, by suite and case; all without it.
    pub cases: Option<HashSet<(usize, usize)>>,
}

/// What is to be done.
#[derive(Debug, Default)]
pub struct Plan {
    /// The cases in the order of the report: suite and case.
    pub cases: Vec<(usize, usize)>,
    /// The images that are needed, each once.
    pub images: Vec<ImagePlan>,
    /// What is looked at together.
    pub units: Vec<Unit>,
}

/// An image that is needed.
#[derive(Debug)]
pub struct ImagePlan {
    /// From where, and where a suite says so.
    pub image: Image,
    /// The folder that its paths are relative to.
    pub folder: PathBuf,
    /// The suite that names it first.
    pub suite: usize,
}

/// Cases that are judged on the same container, by one observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Which of the plan's images; none where only sources are looked at, what a Compose file describes, or
    /// images of services alone.
    pub image: Option<usize>,
    /// Images that those of services are compared with: whose, what tells each apart, and which of the plan's
    /// images it is.
    pub others: Vec<(String, String, usize)>,
    /// Its services that are started or looked at, and which of the plan's images each is.
    pub services: Vec<(String, usize)>,
    /// Images that steps put in the place of others, and which of the plan's images each is.
    pub replacing: Vec<(String, usize)>,
    /// What is started.
    pub kind: Kind,
    /// Whether it is timed alone: nothing else runs meanwhile.
    pub alone: bool,
    /// Which of the plan's cases.
    pub cases: Vec<usize>,
    /// What goes on with its containers, one after the other, once its own cases are judged.
    pub next: Vec<Self>,
}

/// What a unit needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Files of this machine: no image is needed.
    Sources,
    /// The image as the engine has it: nothing is started.
    Image,
    /// The image's files: started with the probe in place of its program, without a network.
    Files,
    /// The container with its program.
    Live,
    /// What a Compose file describes.
    Compose,
}

impl Plan {
    /// Plans the wanted cases of these suites.
    pub fn new(suites: &[Suite], selection: &Selection) -> Self {
        let mut planner = Planner {
            plan: Self::default(),
            images: HashMap::new(),
            shared: HashMap::new(),
            first: HashMap::new(),
            later: Vec::new(),
        };
        for (at, suite) in suites.iter().enumerate() {
            for (case_at, case) in suite.cases.iter().enumerate() {
                if selection.wants((at, suite), (case_at, case)) {
                    planner.case(at, suite, case_at, case, selection);
                }
            }
        }
        planner.join();
        // What is timed alone waits until nothing else runs: that is the case once, at the end.
        planner.plan.units.sort_by_key(|unit| unit.alone);
        planner.plan
    }

    /// Whether the image of that number is there only for others to be compared with it.
    pub fn is_compared_with(&self, number: usize) -> bool {
        let runs = |unit: &Unit| {
            let named = unit.services.iter().chain(&unit.replacing);
            let named = named.map(|(_, at)| *at);
            named.chain(unit.image).any(|at| at == number)
        };
        !self.units.iter().flat_map(Unit::parts).any(runs)
    }
}

impl Unit {
    /// It, and what goes on with its containers.
    pub fn parts(&self) -> impl Iterator<Item = &Self> {
        [self].into_iter().chain(&self.next)
    }

    /// That case of it with containers of its own.
    #[must_use]
    pub fn of_case(&self, case: usize) -> Self {
        Self {
            cases: vec![case],
            next: Vec::new(),
            ..self.clone()
        }
    }

    /// Whether it needs the plan's image of that number.
    pub fn uses(&self, number: usize) -> bool {
        let named = self.services.iter().chain(&self.replacing);
        let named = named.map(|(_, at)| *at);
        let mut others = self.others.iter().map(|(.., at)| *at).chain(named);
        self.image == Some(number) || others.any(|at| at == number)
    }
}

impl Selection {
    /// It as the command line has it.
    pub fn words(&self) -> String {
        let options = [("--filter", &self.filter), ("--tags", &self.tags)];
        let given = options
            .iter()
            .flat_map(|(name, all)| all.iter().map(move |one| (*name, one)));
        let given = given.chain(self.image.iter().map(|image| ("--image", image)));
        let words: Vec<String> = given
            .map(|(name, word)| format!("{name} {word:?}"))
            .collect();
        words.join(" ")
    }

    fn wants(&self, (suite_at, suite): (usize, &Suite), (case_at, case): (usize, &Case)) -> bool {
        let cases = self.cases.as_ref();
        if cases.is_some_and(|cases| !cases.contains(&(suite_at, case_at))) {
            return false;
        }
        let name = format!("{}::{}", suite.name, case.name.value);
        let named = self.filter.is_empty() || self.filter.iter().any(|f| name.contains(f.as_str()));
        named && (self.tags.is_empty() || self.tags.iter().any(|t| case.tags.contains(t)))
    }
}

/// What two cases have in common that share containers: suite, image, what is started, and how it is run.
type Key = (usize, Option<usize>, Kind, String);

struct Planner {
    plan: Plan,
    images: HashMap<String, usize>,
    shared: HashMap<Key, usize>,
    /// The first unit of each key, whatever time its cases may take.
    first: HashMap<Key, usize>,
    /// Units that go on with the containers of others.
    later: Vec<(Key, Unit)>,
}

impl Planner {
    fn case(
        &mut self,
        suite_at: usize,
        suite: &Suite,
        case_at: usize,
        case: &Case,
        selection: &Selection,
    ) {
        let index = self.plan.cases.len();
        self.plan.cases.push((suite_at, case_at));
        if case.skip.is_some() {
            return;
        }
        let kind = match kind(case) {
            Kind::Sources => Kind::Sources,
            _ if suite.compose.is_some() && case.image.is_none() => Kind::Compose,
            kind => kind,
        };
        let image = match kind {
            Kind::Sources | Kind::Compose => None,
            Kind::Image | Kind::Files if !looks_at_app(case) => None,
            _ => match self.image(suite_at, suite, case, selection) {
                Some(image) => Some(image),
                None => return,
            },
        };
        let others = self.others(suite_at, suite, case);
        let services = self.services(suite_at, suite, case, kind);
        let replacing = self.replacing(suite_at, suite, case);
        let own = case.alone || matches!(case.body, Body::Steps(_));
        if own {
            let unit = Unit {
                image,
                others,
                services,
                replacing,
                kind,
                alone: case.alone,
                cases: vec![index],
                next: Vec::new(),
            };
            match case.shared {
                true => self
                    .later
                    .push(((suite_at, image, kind, case.key.clone()), unit)),
                false => self.plan.units.push(unit),
            }
            return;
        }
        let key = match kind {
            Kind::Live | Kind::Compose => case.key.clone(),
            // Its sources are those of the image as it is written, whatever takes its place.
            Kind::Sources => {
                let own = case.image_of(suite).map(|image| (APP, image));
                let services = case.services.iter();
                let services = services.map(|(name, s)| (name.value.as_str(), &s.image));
                let all = own.into_iter().chain(services);
                let words = all.map(|(name, image)| format!("{name} {}\n", image.source.words()));
                words.collect()
            }
            Kind::Image | Kind::Files => format!("{services:?}"),
        };
        let first = (suite_at, image, kind, key.clone());
        // Cases that may take different times cannot be given up together.
        let key = format!("{:?}\n{key}", case.limit(suite));
        let units = &mut self.plan.units;
        let at = *self
            .shared
            .entry((suite_at, image, kind, key))
            .or_insert_with(|| {
                units.push(Unit {
                    image,
                    others: Vec::new(),
                    services,
                    replacing,
                    kind,
                    alone: false,
                    cases: Vec::new(),
                    next: Vec::new(),
                });
                units.len() - 1
            });
        self.first.entry(first).or_insert(at);
        let unit = &mut self.plan.units[at];
        unit.cases.push(index);
        for other in others {
            if !unit.others.contains(&other) {
                unit.others.push(other);
            }
        }
    }

    /// Lets those that go on with others' containers stand behind these, in written order. Where there are
    /// none, the first of them is the one that others go on with.
    fn join(&mut self) {
        let units = &mut self.plan.units;
        for (key, unit) in std::mem::take(&mut self.later) {
            match self.first.get(&key).and_then(|at| units.get_mut(*at)) {
                Some(first) => {
                    // Its image is brought once, with all that it is compared with.
                    for other in &unit.others {
                        if !first.others.contains(other) {
                            first.others.push(other.clone());
                        }
                    }
                    first.next.push(unit);
                }
                None => {
                    self.first.insert(key, units.len());
                    units.push(unit);
                }
            }
        }
    }

    fn image(
        &mut self,
        suite_at: usize,
        suite: &Suite,
        case: &Case,
        selection: &Selection,
    ) -> Option<usize> {
        let written = case.image_of(suite)?;
        let image = match &selection.image {
            Some(name) if case.image.is_none() => Image {
                span: written.span,
                source: ImageSource::Ref {
                    name: Spanned {
                        span: written.span,
                        value: name.clone(),
                    },
                    pull: Pull::Missing,
                },
            },
            _ => written.clone(),
        };
        Some(self.needed(suite_at, suite, image))
    }

    /// The services that a case needs, with their images: all where it runs, else those it names.
    fn services(
        &mut self,
        suite_at: usize,
        suite: &Suite,
        case: &Case,
        kind: Kind,
    ) -> Vec<(String, usize)> {
        let named = case.named();
        let wanted = |name: &str| match kind {
            Kind::Live => true,
            Kind::Sources | Kind::Compose => false,
            Kind::Image | Kind::Files => named.iter().any(|one| [name, ALL].contains(one)),
        };
        let mut services = Vec::new();
        for (name, service) in &case.services {
            if wanted(&name.value) {
                let number = self.needed(suite_at, suite, service.image.clone());
                services.push((name.value.clone(), number));
            }
        }
        services
    }

    /// The images that a case's steps name, whatever takes the place of the suite's.
    fn replacing(&mut self, suite_at: usize, suite: &Suite, case: &Case) -> Vec<(String, usize)> {
        let named = case.actions().into_iter().filter_map(Action::image);
        named
            .map(|image| {
                let number = self.needed(suite_at, suite, image.clone());
                (image.source.words(), number)
            })
            .collect()
    }

    /// The images that those of a case are compared with. A target is one of the service's own build,
    /// whatever takes the place of the image.
    fn others(
        &mut self,
        suite_at: usize,
        suite: &Suite,
        case: &Case,
    ) -> Vec<(String, String, usize)> {
        let mut others = Vec::new();
        for item in case.items() {
            for (service, other) in case
                .services_of(item)
                .into_iter()
                .flat_map(|service| item.claim.others().into_iter().map(move |o| (service, o)))
            {
                let source = match &other.source {
                    OtherSource::Image(source) => source.clone(),
                    OtherSource::Target(target) => {
                        let image = case.image_of_service(case.image_of(suite), service);
                        let Some(ImageSource::Build(build)) = image.map(|i| &i.source) else {
                            continue;
                        };
                        let mut build = build.clone();
                        build.target = Some(target.clone());
                        ImageSource::Build(build)
                    }
                };
                let span = other.span;
                let number = self.needed(suite_at, suite, Image { span, source });
                others.push((service.to_owned(), other.key(), number));
            }
        }
        others
    }

    /// The number of an image among those that are needed.
    fn needed(&mut self, suite_at: usize, suite: &Suite, image: Image) -> usize {
        let key = format!("{}\n{}", suite.folder.display(), image.source.words());
        let images = &mut self.plan.images;
        *self.images.entry(key).or_insert_with(|| {
            images.push(ImagePlan {
                image,
                folder: suite.folder.clone(),
                suite: suite_at,
            });
            images.len() - 1
        })
    }
}

/// Whether any of its claims is about the image under test and not about sources alone.
fn looks_at_app(case: &Case) -> bool {
    let items = case.items();
    let mut items = items
        .iter()
        .filter(|item| item.claim.scope() != Scope::Sources);
    items.any(|item| case.services_of(item).contains(&APP))
}

fn kind(case: &Case) -> Kind {
    if case.runs() {
        return Kind::Live;
    }
    match case.items().iter().map(|i| i.claim.scope()).max() {
        Some(Scope::Files) => Kind::Files,
        Some(Scope::Sources) => Kind::Sources,
        _ => Kind::Image,
    }
}

#[cfg(test)]
mod tests;
