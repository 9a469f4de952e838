use super::*;
use crate::suite::{Outside, load};
use crate::text::source::Sources;

struct Nothing(&'static str, bool);

impl Outside for Nothing {
    fn read(&self, _: &std::path::Path) -> Result<String, String> {
        Ok(self.0.to_owned())
    }
    fn is_folder(&self, _: &std::path::Path) -> Option<bool> {
        self.1.then_some(false)
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
    plan_of(SUITE, selection)
}

fn plan_of(text: &'static str, selection: &Selection) -> Plan {
    plan_in(text, selection, false)
}

fn plan_in(text: &'static str, selection: &Selection, files: bool) -> Plan {
    Plan::new(&suites_in(text, files), selection)
}

/// The suites of a text.
pub(super) fn suites_of(text: &'static str) -> Vec<Suite> {
    suites_in(text, false)
}

fn suites_in(text: &'static str, files: bool) -> Vec<Suite> {
    let read = load(
        &mut Sources::default(),
        std::path::Path::new("s.yaml"),
        &Nothing(text, files),
        &crate::suite::grant::Allowed::default(),
    );
    assert!(read.diagnostics.is_empty(), "{:?}", read.diagnostics);
    read.suites
}

#[test]
fn cases_share_what_they_have_in_common() {
    let plan = plan(&Selection::default());
    let unit = |image, kind, cases: &[usize]| Unit {
        image: Some(image),
        others: Vec::new(),
        services: Vec::new(),
        replacing: Vec::new(),
        kind,
        alone: cases == [7],
        cases: cases.to_vec(),
        next: Vec::new(),
    };
    let expected = [
        unit(0, Kind::Image, &[0]),
        unit(0, Kind::Files, &[1, 2]),
        unit(0, Kind::Live, &[3, 4, 5]),
        unit(0, Kind::Live, &[6]),
        unit(0, Kind::Live, &[8]),
        unit(1, Kind::Live, &[9]),
        unit(0, Kind::Live, &[7]),
    ];
    assert_eq!(plan.units, expected);
    assert_eq!(plan.cases.len(), 11, "a skipped case is in the report");
}

#[test]
fn a_case_that_runs_brings_its_services() {
    let text = "
seaworthy: 1
image: { ref: a }
services: { db: { image: b }, cache: { image: c } }
cases:
  - { name: live, expect: [{ whoami: app }] }
  - { name: shared, expect: [{ whoami: app }] }
  - { name: without, services: { db: null }, expect: [{ whoami: app }] }
  - { name: image, expect: [{ image: { user: app } }] }
  - { name: its image, service: cache, expect: [{ image: { user: app } }] }
  - { name: file, expect: [{ path: /x, service: all }] }
";
    let plan = plan_of(text, &Selection::default());
    let services: Vec<Vec<&str>> = plan
        .units
        .iter()
        .map(|unit| {
            unit.services
                .iter()
                .map(|(name, _)| name.as_str())
                .collect()
        })
        .collect();
    let expected: [&[&str]; 5] = [
        &["db", "cache"],
        &["cache"],
        &[],
        &["cache"],
        &["db", "cache"],
    ];
    assert_eq!(services, expected);
    assert_eq!(plan.units[0].cases, [0, 1]);
    assert_eq!(plan.images.len(), 3);
    let own: Vec<Option<usize>> = plan.units.iter().map(|unit| unit.image).collect();
    assert_eq!(own, [Some(0), Some(0), Some(0), None, Some(0)]);
}

#[test]
fn who_is_not_looked_at_needs_no_image() {
    let text = "
seaworthy: 1
image: { ref: a }
services: { db: { image: b }, web: { image: c } }
cases:
  - { name: image, service: web, expect: [{ image: { user: x } }] }
  - { name: file, expect: [{ path: /x, service: db/1 }] }
  - { name: both, expect: [{ path: /x, service: db }, { path: /x }] }
  - { name: other, expect: [{ image: { smaller_than: { ref: d, by: 1% } }, service: [web, app] }] }
";
    let plan = plan_of(text, &Selection::default());
    let words = |number: usize| plan.images[number].image.source.words();
    let units = plan.units.iter();
    let units = units.map(|unit| (unit.kind, unit.image.map(words), unit.services.len()));
    let a = || Some("ref missing a".to_owned());
    let expected = [
        (Kind::Image, None, 1),
        (Kind::Files, None, 1),
        (Kind::Files, a(), 1),
        (Kind::Image, a(), 1),
    ];
    assert_eq!(units.collect::<Vec<_>>(), expected);
    let others: Vec<&str> = plan.units[3]
        .others
        .iter()
        .map(|(of, ..)| of.as_str())
        .collect();
    assert_eq!(others, ["web", "app"]);
    let compared = (0..plan.images.len()).filter(|at| plan.is_compared_with(*at));
    assert_eq!(compared.map(words).collect::<Vec<_>>(), ["ref missing d"]);
}

#[test]
fn an_upgrade_needs_its_image_whatever_is_judged() {
    let text = "
seaworthy: 1
image: { ref: a }
cases:
  - { name: up, steps: [{ replace: { image: b } }, { replace: { image: a } }, { replace: { image: b } }] }
";
    let image = Some("other".to_owned());
    let plan = plan_of(
        text,
        &Selection {
            image,
            ..Selection::default()
        },
    );
    let words = |number: usize| plan.images[number].image.source.words();
    let unit = &plan.units[0];
    assert_eq!(words(unit.image.unwrap()), "ref missing other");
    let named: Vec<_> = unit
        .replacing
        .iter()
        .map(|(key, at)| (key.clone(), words(*at)))
        .collect();
    let pair = |name: &str| (format!("ref missing {name}"), format!("ref missing {name}"));
    assert_eq!(named, [pair("b"), pair("a"), pair("b")]);
    assert!((0..3).all(|at| unit.uses(at)));
    assert_eq!(plan.images.len(), 3);
}

#[test]
fn cases_of_a_compose_file_that_only_look_share_what_it_describes() {
    let text = "
seaworthy: 1
compose: { files: [c.yaml], app: web }
cases:
  - { name: live, expect: [{ whoami: app }] }
  - { name: file, expect: [{ path: /x }] }
  - { name: stated, service: all, expect: [{ image: { user: app } }] }
  - { name: source, expect: [{ source: c.yaml }] }
  - { name: steps, steps: [stop] }
  - { name: another image, image: { ref: b }, expect: [{ path: /x }] }
";
    let plan = plan_in(text, &Selection::default(), true);
    let units = plan
        .units
        .iter()
        .map(|u| (u.image, u.kind, u.cases.as_slice()));
    let expected: [(Option<usize>, Kind, &[usize]); 4] = [
        (None, Kind::Compose, &[0, 1, 2]),
        (None, Kind::Sources, &[3]),
        (None, Kind::Compose, &[4]),
        (Some(0), Kind::Files, &[5]),
    ];
    assert_eq!(units.collect::<Vec<_>>(), expected);
}

#[test]
fn only_what_is_wanted_is_planned() {
    let of = |filter: &[&str], tags: &[&str]| {
        let words = |list: &[&str]| list.iter().map(|w| (*w).to_owned()).collect();
        let selection = Selection {
            filter: words(filter),
            tags: words(tags),
            image: Some("other".into()),
            cases: None,
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

#[test]
fn cases_that_may_take_differently_long_share_nothing() {
    const SUITE: &str = "
seaworthy: 1
image: { ref: a }
cases:
  - { name: stated, expect: [{ image: { user: app } }] }
  - { name: stated in time, timeout: 1s, expect: [{ image: { user: app } }] }
  - { name: file, expect: [{ path: /x }] }
  - { name: file in time, timeout: 1s, expect: [{ path: /y }] }
  - { name: live, expect: [{ whoami: app }] }
  - { name: live in time, timeout: 1s, expect: [{ whoami: app }] }
  - { name: another in time, timeout: 1s, expect: [{ whoami: app }] }
";
    let plan = plan_of(SUITE, &Selection::default());
    let units = plan.units.iter().map(|unit| unit.cases.clone());
    let units: Vec<Vec<usize>> = units.collect();
    assert_eq!(units.len(), 6, "{units:?}");
    assert!(units.contains(&vec![5, 6]), "{units:?}");
}

#[test]
fn steps_that_are_shared_go_on_with_what_those_that_look_have_left() {
    let plan = plan_of(
        "
seaworthy: 1
image: { ref: a }
cases:
  - { name: early steps, shared: true, steps: [stop] }
  - { name: of their own, steps: [stop] }
  - { name: live, expect: [{ whoami: app }] }
  - { name: live in time, timeout: 1s, expect: [{ whoami: app }] }
  - { name: late steps, shared: true, timeout: 2s, steps: [start] }
  - { name: of another run, run: { user: x }, shared: true, steps: [stop] }
  - { name: likewise, run: { user: x }, shared: true, steps: [start] }
  - { name: under load, shared: true, steps: [{ load: { http: \"http://app:1/\", during: [stop] } }] }
",
        &Selection::default(),
    );
    let cases = |unit: &Unit| {
        unit.parts()
            .map(|part| part.cases.clone())
            .collect::<Vec<_>>()
    };
    let units: Vec<_> = plan.units.iter().map(cases).collect();
    // What makes requests under load is on a network of its own, and the others on none.
    assert_eq!(
        units,
        [
            vec![vec![1]],
            vec![vec![2], vec![0], vec![4]],
            vec![vec![3]],
            vec![vec![5], vec![6]],
            vec![vec![7]],
        ]
    );
}
