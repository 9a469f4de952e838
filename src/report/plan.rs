//! A plan as text: images, containers with those who share them, their order, what is asked of each.

use std::collections::BTreeMap;

use super::clean;
use super::style::{BOLD, DIM, PLACE, paint};
use crate::plan::{Kind, Plan, Unit, chain, whom::whom_of};
use crate::session::image::{doing, label};
use crate::suite::described::{Described, internal, started};
use crate::suite::network::DEFAULT;
use crate::suite::order::{self, Needs};
use crate::suite::outside::shown;
use crate::suite::run::{Run, Wait};
use crate::suite::service::{ALL, APP};
use crate::suite::{Body, Case, Item, Suite};
use crate::text::source::Sources;

/// Columns before the values of a container.
const COLUMN: usize = 10;

/// The plan of these suites.
pub fn of(suites: &[Suite], sources: &Sources, plan: &Plan) -> String {
    let mut text = images(plan);
    let mut chains = Vec::new();
    for unit in &plan.units {
        let Some((suite, case)) = plan.leader(unit, suites) else {
            continue;
        };
        let view = View {
            suites,
            sources,
            plan,
            unit,
            suite,
            case,
        };
        text.push_str(&view.text());
        let image = |number| image_of(plan, number);
        let mut whole = chain::of(case, unit, image);
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
    text + &format!("{}\n", counted(suites, plan))
}

/// How much it is. What a Compose file describes is not known before its tool has read it.
fn counted(suites: &[Suite], plan: &Plan) -> String {
    let containers = plan
        .units
        .iter()
        .map(|unit| containers(unit, plan, suites))
        .sum();
    let composed = plan.units.iter().filter(|unit| unit.kind == Kind::Compose);
    let composed = composed.count();
    let mut all = vec![count(plan.cases.len(), "case")];
    for (number, what) in [(plan.images.len(), "image"), (containers, "container")] {
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

fn images(plan: &Plan) -> String {
    if plan.images.is_empty() {
        return String::new();
    }
    let rows: Vec<(String, &str)> = plan
        .images
        .iter()
        .map(|image| (clean::line(&label(image)), doing(image)))
        .collect();
    let width = rows
        .iter()
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or(0);
    let mut text = format!("{}\n", paint(BOLD, "images"));
    for (at, (name, how)) in rows.iter().enumerate() {
        let uses = |unit: &&Unit| unit.parts().any(|part| part.uses(at));
        let users = plan.units.iter().filter(uses).count();
        let users = paint(DIM, format!("used {}", times(users)));
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

/// A service that is started, and how many of it where that is not one.
type Started<'a> = (&'a Described, Option<u32>);

/// A part of the plan and all that it belongs to.
struct View<'a> {
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
        if let Some((started, all)) = self.described() {
            row("services", services(&started, &all));
            row("networks", self.described_networks(&started));
            row("order", order_of(&started));
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

    /// The services of the Compose file as they are written: those that are started, each with how many of it,
    /// and those that are not. Nothing where there is no such file.
    fn described(&self) -> Option<(Vec<Started<'_>>, Vec<&Described>)> {
        let compose = self.suite.compose.as_ref();
        let compose = &compose.filter(|_| self.unit.kind == Kind::Compose)?.value;
        let on = started(&self.suite.described, compose);
        let all = self.suite.described.iter();
        let (started, off): (Vec<_>, Vec<_>) = all.partition(|one| on.contains(one.name.as_str()));
        let many = |one: &Described| {
            let mut scaled = compose.scale.0.iter();
            let own = scaled.find(|(name, _)| name.value == one.name);
            own.map(|(_, of)| *of).or(one.of).filter(|of| *of != 1)
        };
        let started = started.into_iter().map(|one| (one, many(one)));
        Some((started.collect(), off))
    }

    /// Their networks, as far as they are written.
    fn described_networks(&self, started: &[Started<'_>]) -> Vec<String> {
        let mut on: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (one, _) in started {
            let names = one.networks.as_deref().map(|names| match names {
                [] => vec![DEFAULT],
                names => names.iter().map(String::as_str).collect(),
            });
            for name in names.into_iter().flatten() {
                on.entry(name).or_default().push(&one.name);
            }
        }
        let inner = internal(&self.suite.composed.own);
        let is_inner = |name: &str| inner.iter().any(|one| one == name);
        networks(on, is_inner)
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
        let alone = !has_others && !asked.contains_key(ALL);
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

/// Services as they are written, and those that are not started.
fn services(started: &[Started<'_>], off: &[&Described]) -> Vec<String> {
    if started.is_empty() && off.is_empty() {
        return vec!["as the Compose tool tells at the run".to_owned()];
    }
    let profiles = |one: &Described| match one.profiles.is_empty() {
        true => String::new(),
        false => format!(" (profile {})", clean::line(&one.profiles.join(", "))),
    };
    let row = |(one, of): &Started<'_>| {
        let image = one.image.as_ref();
        let image = image.map(|image| format!(": {}", clean::line(image)));
        let many = of.map(|of| format!(" ×{of}"));
        let (image, many) = (image.unwrap_or_default(), many.unwrap_or_default());
        format!("{}{image}{many}{}", clean::line(&one.name), profiles(one))
    };
    let mut rows: Vec<String> = started.iter().map(row).collect();
    let off: Vec<String> = off
        .iter()
        .map(|one| clean::line(&one.name) + &profiles(one))
        .collect();
    if !off.is_empty() {
        rows.push(format!("not started: {}", off.join(", ")));
    }
    rows
}

/// Which of them wait for others.
fn order_of(started: &[Started<'_>]) -> Vec<String> {
    let is_started = |name: &String| started.iter().any(|(one, _)| one.name == *name);
    let before = |one: &Described| {
        let names = one.waits_for().iter().filter(|name| is_started(name));
        names.map(|name| (name.clone(), Wait::Ready)).collect()
    };
    let needs = started
        .iter()
        .map(|(one, _)| (one.name.clone(), before(one)));
    in_rows(&needs.collect())
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
