//! A plan as text: images, containers with those who share them, their order, what is asked of each.

mod composed;

use std::collections::BTreeMap;

use super::clean;
use super::style::{BOLD, DIM, PLACE, paint};
use crate::plan::{Kind, Plan, Unit, chain, whom::whom_of};
use crate::session::image::{doing, label};
use crate::suite::network::DEFAULT;
use crate::suite::order::{self, Needs};
use crate::suite::outside::shown;
use crate::suite::run::Run;
use crate::suite::service::APP;
use crate::suite::{Body, Case, Item, Suite};
use crate::text::source::Sources;
pub use composed::Told;
use composed::Whole;

/// Columns before the values of a container.
const COLUMN: usize = 10;

/// The plan of these suites.
pub fn of(suites: &[Suite], sources: &Sources, plan: &Plan, told: Told<'_>) -> String {
    let composed = composed::each(plan, suites, told);
    let rows = images(plan, &composed);
    let mut text = shown_images(&rows);
    let mut chains = Vec::new();
    for unit in &plan.units {
        let Some((suite, case)) = plan.leader(unit, suites) else {
            continue;
        };
        let number = unit.cases.first().and_then(|at| plan.cases.get(*at));
        let number = number.filter(|_| unit.kind == Kind::Compose);
        let whole = number.and_then(|(at, _)| Whole::of((*at, suite), told));
        let view = View {
            whole,
            suites,
            sources,
            plan,
            unit,
            suite,
            case,
        };
        text.push_str(&view.text());
        let image = |number| image_of(plan, number);
        let app = suite
            .compose
            .as_ref()
            .map(|one| one.value.app.value.as_str());
        let up = view
            .whole
            .as_ref()
            .zip(app)
            .and_then(|(whole, app)| whole.chain(app));
        let mut whole = chain::of(case, unit, up, image);
        let next = unit.next.iter().filter_map(|u| plan.leader(u, suites));
        whole.extend(next.flat_map(|(_, case)| chain::done(case)));
        chains.push((unit, whole));
    }
    let skipped = skipped(suites, sources, plan);
    if !skipped.is_empty() {
        text.push_str(&paint(BOLD, "skipped"));
        text.push('\n');
        text.push_str(&list(&skipped));
        text.push('\n');
    }
    let longest = chain::of_plan(&chains);
    if !longest.is_empty() {
        text.push_str(&paint(BOLD, "longest chain"));
        text.push_str(&format!("\n  {}\n\n", longest.join(" → ")));
    }
    text + &format!("{}\n", counted(suites, plan, rows.len(), &composed))
}

/// How much it is. What a Compose file describes is not known before its tool has read it.
fn counted(suites: &[Suite], plan: &Plan, images: usize, told: &[Whole]) -> String {
    let own = plan.units.iter().map(|unit| containers(unit, plan, suites));
    let containers = own.chain(told.iter().map(Whole::containers)).sum();
    let composed = plan.units.iter().filter(|unit| unit.kind == Kind::Compose);
    let composed = composed.count() - told.len();
    let mut all = vec![count(plan.cases.len(), "case")];
    for (number, what) in [(images, "image"), (containers, "container")] {
        if number > 0 || composed == 0 {
            all.push(count(number, what));
        }
    }
    let of_file = match composed {
        0 => return all.join(", "),
        1 => "and once what a Compose file describes".to_owned(),
        more => format!("and {more} times what a Compose file describes"),
    };
    format!(
        "{}, {of_file}: its tool tells at the run which images and containers that is",
        all.join(", ")
    )
}

/// How many containers a part starts.
fn containers(unit: &Unit, plan: &Plan, suites: &[Suite]) -> usize {
    let scale = |run: &Run| run.scale.as_ref().map_or(1, |scale| scale.value as usize);
    match (unit.kind, plan.leader(unit, suites)) {
        (Kind::Files, _) => usize::from(unit.image.is_some()) + unit.services.len(),
        (Kind::Live, Some((_, case))) => {
            let services = case.services.iter().map(|(_, service)| scale(&service.run));
            scale(&case.run) + services.sum::<usize>()
        }
        _ => 0,
    }
}

/// An image: how it comes, what it is called, and how many parts need it.
type ImageRow = (&'static str, String, usize);

fn images(plan: &Plan, composed: &[Whole]) -> Vec<ImageRow> {
    let own = plan.images.iter().enumerate().map(|(at, image)| {
        let uses = |unit: &&Unit| unit.parts().any(|part| part.uses(at));
        let users = plan.units.iter().filter(uses).count();
        (doing(image), label(image), users)
    });
    let mut rows: Vec<ImageRow> = own.collect();
    for (how, name) in composed.iter().flat_map(Whole::images) {
        match rows.iter_mut().find(|row| row.0 == how && row.1 == name) {
            Some(row) => row.2 += 1,
            None => rows.push((how, name, 1)),
        }
    }
    rows
}

fn shown_images(rows: &[ImageRow]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let names: Vec<String> = rows.iter().map(|(_, name, _)| clean::line(name)).collect();
    let width = names.iter().map(|name| name.chars().count()).max();
    let width = width.unwrap_or(0);
    let mut text = format!("{}\n", paint(BOLD, "images"));
    for ((how, _, users), name) in rows.iter().zip(&names) {
        let users = paint(DIM, format!("used {}", times(*users)));
        text.push_str(&format!("  {how:<8} {name:<width$}  {users}\n"));
    }
    text.push('\n');
    text
}

fn image_of(plan: &Plan, number: usize) -> String {
    match plan.images.get(number) {
        Some(image) => format!("{} {}", doing(image), clean::line(&label(image))),
        None => String::new(),
    }
}

/// A part of the plan and all that it belongs to.
struct View<'a> {
    /// What a Compose file describes.
    whole: Option<Whole>,
    suites: &'a [Suite],
    sources: &'a Sources,
    plan: &'a Plan,
    unit: &'a Unit,
    suite: &'a Suite,
    case: &'a Case,
}

impl View<'_> {
    fn text(&self) -> String {
        let mut text = format!("{}\n", paint(BOLD, self.title()));
        let mut row = |name: &str, values: Vec<String>| {
            for (at, value) in values.iter().enumerate() {
                let name = if at == 0 { name } else { "" };
                text.push_str(&format!("  {name:<COLUMN$}{value}\n"));
            }
        };
        let images = self.images();
        row(if images.len() == 1 { "image" } else { "images" }, images);
        if self.unit.kind == Kind::Live {
            row("networks", self.networks());
            row("order", self.order());
        }
        row("compose", self.compose());
        if let Some(whole) = &self.whole {
            row("services", whole.rows());
            row(
                "networks",
                networks(whole.networks(), |name| whole.is_internal(name)),
            );
            row("order", in_rows(&whole.needs()));
        }
        row("cases", self.cases());
        row("asked", self.asked());
        row("steps", steps(self.case));
        row("then", self.next());
        text.push('\n');
        text
    }

    /// The files that are brought up, and who is under test.
    fn compose(&self) -> Vec<String> {
        let Some(compose) = self
            .suite
            .compose
            .as_ref()
            .filter(|_| self.unit.kind == Kind::Compose)
        else {
            return Vec::new();
        };
        let compose = &compose.value;
        let files = compose
            .files
            .iter()
            .map(|file| shown(&self.suite.folder.join(&file.value)));
        let files: Vec<String> = files.map(|file| clean::line(&file)).collect();
        let only: Vec<&str> = compose
            .services
            .iter()
            .map(|name| name.value.as_str())
            .collect();
        let who = match only.is_empty() {
            true => "all its services".to_owned(),
            false => format!("{} and what they need", only.join(", ")),
        };
        vec![
            files.join(" and "),
            format!("app is {}; {who}", compose.app.value),
        ]
    }

    fn title(&self) -> String {
        let services = self.unit.services.iter().map(|(name, _)| name.as_str());
        let services: Vec<&str> = services.collect();
        let who = match self.unit.kind {
            Kind::Sources => "sources, without a container".to_owned(),
            Kind::Image => "images, without a container".to_owned(),
            Kind::Files => "files of images, in a container without their programs".to_owned(),
            Kind::Live if services.is_empty() => "a container".to_owned(),
            Kind::Live => format!("app with {}", services.join(", ")),
            Kind::Compose => "what a Compose file describes, by the Compose tool".to_owned(),
        };
        let alone = if self.unit.alone {
            ", while nothing else runs"
        } else {
            ""
        };
        format!("{}: {who}{alone}", clean::line(&self.suite.name))
    }

    fn images(&self) -> Vec<String> {
        let name = |number: usize| {
            let image = self.plan.images.get(number);
            image.map_or(String::new(), |image| clean::line(&label(image)))
        };
        let own = self.unit.image.map(|number| (APP, number));
        let services = self
            .unit
            .services
            .iter()
            .map(|(n, number)| (n.as_str(), *number));
        let all: Vec<(&str, usize)> = own.into_iter().chain(services).collect();
        match all.as_slice() {
            [(_, first), rest @ ..] if rest.iter().all(|(_, other)| other == first) => {
                vec![name(*first)]
            }
            all => all
                .iter()
                .map(|(who, number)| format!("{who}: {}", name(*number)))
                .collect(),
        }
    }

    fn networks(&self) -> Vec<String> {
        let services = self.case.services.iter();
        let runs = services.map(|(name, s)| (name.value.as_str(), &s.run));
        let runs: Vec<_> = [(APP, &self.case.run)].into_iter().chain(runs).collect();
        let mut on: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (who, run) in &runs {
            let named = run.networks.iter().flat_map(|n| &n.value.0);
            let mut names: Vec<&str> = named.map(|(name, _)| name.value.as_str()).collect();
            if run.networks.is_none() && run.network_mode.is_none() && runs.len() > 1 {
                names.push(DEFAULT);
            }
            for name in names {
                on.entry(name).or_default().push(who);
            }
        }
        let is_internal = |name: &str| {
            let known = self
                .suite
                .networks
                .iter()
                .find(|(known, _)| known.value == name);
            known.is_some_and(|(_, n)| n.as_ref().is_some_and(|n| n.internal.0))
        };
        networks(on, is_internal)
    }

    fn order(&self) -> Vec<String> {
        in_rows(&order::needs(&self.case.run, &self.case.services))
    }

    fn all(&self) -> impl Iterator<Item = &Case> {
        let numbers = self.unit.parts().flat_map(|unit| &unit.cases);
        let cases = numbers.filter_map(|number| self.plan.cases.get(*number));
        cases.filter_map(|(suite, case)| self.suites.get(*suite)?.cases.get(*case))
    }

    fn cases(&self) -> Vec<String> {
        let own = self.all().take(self.unit.cases.len());
        own.map(|case| named(case, self.sources)).collect()
    }

    /// The claims about each container, those of one name counted.
    fn asked(&self) -> Vec<String> {
        let mut asked: BTreeMap<String, BTreeMap<&str, usize>> = BTreeMap::new();
        for case in self.all() {
            for item in case.items() {
                for who in self.whom(item, case) {
                    let claims = asked.entry(who).or_default();
                    *claims.entry(item.claim.name()).or_default() += 1;
                }
            }
        }
        let claims = |claims: BTreeMap<&str, usize>| -> String {
            let one = |(name, times): (&str, usize)| match times {
                1 => name.to_owned(),
                times => format!("{name} ×{times}"),
            };
            claims.into_iter().map(one).collect::<Vec<_>>().join(", ")
        };
        let has_others = self.unit.kind == Kind::Compose || !self.unit.services.is_empty();
        let alone = !has_others && asked.keys().all(|who| who == APP);
        asked
            .into_iter()
            .map(|(who, of)| match alone {
                true => claims(of),
                false => format!("{who}: {}", claims(of)),
            })
            .collect()
    }

    /// Whom an item is about. The names of a Compose file's services are no case's own.
    fn whom(&self, item: &Item, case: &Case) -> Vec<String> {
        let of_file = match self.unit.kind {
            Kind::Compose => self.suite.described.as_slice(),
            _ => &[],
        };
        let app = self
            .suite
            .compose
            .as_ref()
            .map(|one| one.value.app.value.as_str());
        let is_known = |host: &str| {
            let mut own = case.services.iter();
            own.any(|(name, _)| name.value == host) || of_file.iter().any(|one| one.name == host)
        };
        let called = |name: String| match !of_file.is_empty() && app == Some(name.as_str()) {
            true => APP.to_owned(),
            false => name,
        };
        whom_of(item, case, is_known)
            .into_iter()
            .map(called)
            .collect()
    }

    /// The cases that go on with the containers, and what they do.
    fn next(&self) -> Vec<String> {
        let next = self.unit.next.iter();
        let next = next.filter_map(|unit| self.plan.leader(unit, self.suites));
        next.flat_map(|(_, case)| [vec![named(case, self.sources)], steps(case)].concat())
            .collect()
    }
}

/// Who is started side by side, one row after the other, where there are several.
fn in_rows(needs: &Needs) -> Vec<String> {
    let rows = chain::rows(needs);
    if rows.len() < 2 {
        return Vec::new();
    }
    let rows = rows.iter().map(|row| clean::line(&row.join(", ")));
    vec![rows.collect::<Vec<_>>().join(" → ")]
}

fn networks(on: BTreeMap<&str, Vec<&str>>, is_internal: impl Fn(&str) -> bool) -> Vec<String> {
    let row = |(name, who): (&str, Vec<&str>)| {
        let mark = if is_internal(name) { " (internal)" } else { "" };
        clean::line(&format!("{name}{mark}: {}", who.join(", ")))
    };
    on.into_iter().map(row).collect()
}

fn steps(case: &Case) -> Vec<String> {
    let Body::Steps(steps) = &case.body else {
        return Vec::new();
    };
    let words: Vec<String> = steps.iter().map(chain::word).collect();
    vec![words.join(" → ")]
}

fn skipped(suites: &[Suite], sources: &Sources, plan: &Plan) -> Vec<String> {
    let cases = plan.cases.iter();
    let cases = cases.filter_map(|(suite, case)| suites.get(*suite)?.cases.get(*case));
    cases
        .filter_map(|case| {
            let why = case.skip.as_ref()?;
            Some(format!("{}: {}", named(case, sources), clean::line(why)))
        })
        .collect()
}

fn named(case: &Case, sources: &Sources) -> String {
    let place = sources.place(case.name.span);
    let place = paint(PLACE, format!("{}:{}", place.file, place.line));
    format!("{}  {place}", clean::line(&case.name.value))
}

fn list(lines: &[String]) -> String {
    lines.iter().map(|line| format!("  {line}\n")).collect()
}

fn times(number: usize) -> String {
    match number {
        1 => "once".to_owned(),
        number => format!("{number} times"),
    }
}

fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        number => format!("{number} {what}s"),
    }
}
