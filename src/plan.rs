//! Which cases share a container, and what is asked of each. Pure.

use std::collections::HashMap;
use std::path::PathBuf;

use crate::claim::Scope;
use crate::claim::image::OtherSource;
use crate::fact::question::Question;
use crate::suite::image::{Image, ImageSource, Pull};
use crate::suite::{Body, Case, Item, Suite};
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
#[derive(Debug, PartialEq, Eq)]
pub struct Unit {
    /// Which of the plan's images; none where only sources are looked at.
    pub image: Option<usize>,
    /// Images that it is compared with: what tells each apart, and which of the plan's images it is.
    pub others: Vec<(String, usize)>,
    /// What is started.
    pub kind: Kind,
    /// Whether it is timed alone: nothing else runs meanwhile.
    pub alone: bool,
    /// Which of the plan's cases.
    pub cases: Vec<usize>,
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
}

impl Plan {
    /// Plans the wanted cases of these suites.
    pub fn new(suites: &[Suite], selection: &Selection) -> Self {
        let mut planner = Planner {
            plan: Self::default(),
            images: HashMap::new(),
            shared: HashMap::new(),
        };
        for (at, suite) in suites.iter().enumerate() {
            for (case_at, case) in suite.cases.iter().enumerate() {
                if selection.wants(suite, case) {
                    planner.case(at, suite, case_at, case, selection);
                }
            }
        }
        planner.plan
    }
}

impl Selection {
    fn wants(&self, suite: &Suite, case: &Case) -> bool {
        let name = format!("{}::{}", suite.name, case.name.value);
        let named = self.filter.is_empty() || self.filter.iter().any(|f| name.contains(f.as_str()));
        named && (self.tags.is_empty() || self.tags.iter().any(|t| case.tags.contains(t)))
    }
}

struct Planner {
    plan: Plan,
    images: HashMap<String, usize>,
    shared: HashMap<(usize, Option<usize>, Kind, String), usize>,
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
        let kind = kind(case);
        let image = match kind {
            Kind::Sources => None,
            _ => match self.image(suite_at, suite, case, selection) {
                Some(image) => Some(image),
                None => return,
            },
        };
        let others = self.others(suite_at, suite, case);
        let own = case.alone || matches!(case.body, Body::Steps(_));
        if own {
            self.plan.units.push(Unit {
                image,
                others,
                kind,
                alone: case.alone,
                cases: vec![index],
            });
            return;
        }
        let key = match kind {
            Kind::Live => case.key.clone(),
            // Its sources are those of the image as it is written, whatever takes its place.
            Kind::Sources => case
                .image_of(suite)
                .map_or(String::new(), |i| i.source.words()),
            Kind::Image | Kind::Files => String::new(),
        };
        let units = &mut self.plan.units;
        let at = *self
            .shared
            .entry((suite_at, image, kind, key))
            .or_insert_with(|| {
                units.push(Unit {
                    image,
                    others: Vec::new(),
                    kind,
                    alone: false,
                    cases: Vec::new(),
                });
                units.len() - 1
            });
        let unit = &mut self.plan.units[at];
        unit.cases.push(index);
        for other in others {
            if !unit.others.contains(&other) {
                unit.others.push(other);
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

    /// The images that those of a case are compared with. A target is one of the suite's own build,
    /// whatever takes the place of the image.
    fn others(&mut self, suite_at: usize, suite: &Suite, case: &Case) -> Vec<(String, usize)> {
        let built = match case.image_of(suite).map(|image| &image.source) {
            Some(ImageSource::Build(build)) => Some(build.clone()),
            _ => None,
        };
        let mut others = Vec::new();
        for other in case.items().iter().flat_map(|item| item.claim.others()) {
            let source = match &other.source {
                OtherSource::Image(source) => source.clone(),
                OtherSource::Target(target) => {
                    let Some(mut build) = built.clone() else {
                        continue;
                    };
                    build.target = Some(target.clone());
                    ImageSource::Build(build)
                }
            };
            let span = other.span;
            let number = self.needed(suite_at, suite, Image { span, source });
            others.push((other.key(), number));
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

/// The questions of these items, each with the number of the item that asks it.
pub fn questions<'a>(items: impl IntoIterator<Item = (usize, &'a Item)>) -> Vec<(usize, Question)> {
    let mut asked = Vec::new();
    for (number, item) in items {
        asked.extend(
            item.claim
                .questions()
                .into_iter()
                .map(|question| (number, question)),
        );
    }
    asked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::{Outside, load};
    use crate::text::source::Sources;

    struct Nothing;

    impl Outside for Nothing {
        fn read(&self, _: &std::path::Path) -> Result<String, String> {
            Ok(SUITE.to_owned())
        }
        fn is_folder(&self, _: &std::path::Path) -> Option<bool> {
            None
        }
        fn env(&self, _: &str) -> Option<String> {
            None
        }
        fn random(&self, _: u32) -> String {
            String::new()
        }
    }

    const SUITE: &str = "
seaworthy: 1
image: { ref: a }
run: { environment: { A: 1 } }
cases:
  - { name: stated, expect: [{ image: { user: app } }] }
  - { name: file, expect: [{ path: /x }] }
  - { name: another file, tags: [t], expect: [{ path: /y }] }
  - { name: live, expect: [{ whoami: app }] }
  - { name: live file, expect: [{ path: /x }, { state: running }] }
  - { name: the same run, run: { environment: { A: 1 } }, expect: [{ whoami: app }] }
  - { name: another run, run: { user: x }, expect: [{ whoami: x }] }
  - { name: alone, alone: true, expect: [{ whoami: app }] }
  - { name: steps, steps: [stop] }
  - { name: another image, image: { ref: b }, expect: [{ whoami: app }] }
  - { name: skipped, skip: why, expect: [{ whoami: app }] }
";

    fn plan(selection: &Selection) -> Plan {
        let read = load(
            &mut Sources::default(),
            std::path::Path::new("s.yaml"),
            &Nothing,
        );
        assert!(read.diagnostics.is_empty(), "{:?}", read.diagnostics);
        Plan::new(&read.suites, selection)
    }

    #[test]
    fn cases_share_what_they_have_in_common() {
        let plan = plan(&Selection::default());
        let unit = |image, kind, cases: &[usize]| Unit {
            image: Some(image),
            others: Vec::new(),
            kind,
            alone: cases == [7],
            cases: cases.to_vec(),
        };
        let expected = [
            unit(0, Kind::Image, &[0]),
            unit(0, Kind::Files, &[1, 2]),
            unit(0, Kind::Live, &[3, 4, 5]),
            unit(0, Kind::Live, &[6]),
            unit(0, Kind::Live, &[7]),
            unit(0, Kind::Live, &[8]),
            unit(1, Kind::Live, &[9]),
        ];
        assert_eq!(plan.units, expected);
        assert_eq!(plan.cases.len(), 11, "a skipped case is in the report");
    }

    #[test]
    fn only_what_is_wanted_is_planned() {
        let of = |filter: &[&str], tags: &[&str]| {
            let words = |list: &[&str]| list.iter().map(|w| (*w).to_owned()).collect();
            let selection = Selection {
                filter: words(filter),
                tags: words(tags),
                image: Some("other".into()),
            };
            plan(&selection)
        };
        assert_eq!(of(&["s::live"], &[]).cases, [(0, 3), (0, 4)]);
        assert_eq!(of(&["alone", "steps"], &[]).cases.len(), 2);
        assert_eq!(of(&[], &["t"]).cases, [(0, 2)]);
        assert!(of(&["nothing"], &[]).cases.is_empty());
        let named = |plan: &Plan| {
            plan.images
                .iter()
                .map(|i| i.image.source.words())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            named(&of(&["image", "live"], &[])),
            ["ref missing other", "ref missing b"]
        );
    }
}
