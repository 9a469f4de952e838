//! The mutants of suites: what of how containers are run each kind would change, once for all cases that share it.

use std::collections::BTreeMap;

use super::changed::Known;
use super::image::{self, Named};
use super::run::KINDS;
use super::{Change, Mutant, apart, compose, dockerfile};
use crate::suite::order::needs;
use crate::suite::run::{Run, Wait};
use crate::suite::{Case, Suite};
use crate::text::source::Span;

/// The cases that are not skipped, with the numbers of suite and case.
pub fn judging(suites: &[Suite]) -> impl Iterator<Item = ((usize, usize), &Suite, &Case)> {
    let all = suites.iter().enumerate();
    all.flat_map(|(number, suite)| {
        let cases = suite.cases.iter().enumerate();
        let cases = cases.filter(|(_, case)| case.skip.is_none());
        cases.map(move |(at, case)| ((number, at), suite, case))
    })
}

/// All mutants, those of `run` and of Compose files first.
pub fn mutants(known: Known<'_>, images: &[Named]) -> Vec<Mutant> {
    let mut all = Vec::new();
    for (at, suite) in known.suites.iter().enumerate() {
        if suite.compose.is_none() {
            all.extend(of_run(at, suite));
            all.extend(of_networks(at, suite));
            all.extend(of_services(at, suite));
        }
    }
    all.extend(compose::mutants(known.composed));
    for (number, recipe) in known.recipes.iter().enumerate() {
        all.extend(dockerfile::mutants(number, recipe));
    }
    all.extend(images.iter().flat_map(image::mutants));
    apart(&mut all);
    all
}

/// The cases that start the program, by number. What is skipped notices nothing.
fn live(suite: &Suite) -> impl Iterator<Item = (usize, &Case)> {
    let all = suite.cases.iter().enumerate();
    all.filter(|(_, case)| case.skip.is_none() && case.runs())
}

fn of_run(number: usize, suite: &Suite) -> Vec<Mutant> {
    let mut all: Vec<Mutant> = Vec::new();
    let mut known: BTreeMap<(Span, String), usize> = BTreeMap::new();
    for (at, case) in live(suite) {
        for kind in KINDS {
            for edit in (kind.edits)(&case.run) {
                let span = edit.at.unwrap_or_else(|| setting(case, edit.key));
                let what = format!("run.{} {}", edit.key, edit.what);
                let place = *known.entry((span, what.clone())).or_insert_with(|| {
                    let whose = match is_own(case, span) {
                        true => format!("{}::{}", suite.name, case.name.value),
                        false => suite.name.clone(),
                    };
                    all.push(Mutant {
                        id: format!("{whose} {what}"),
                        kind: kind.name,
                        span,
                        says: edit.says.clone(),
                        claim: edit.claim.clone(),
                        cases: Vec::new(),
                        change: Change::Run(edit),
                    });
                    all.len() - 1
                });
                all[place].cases.push((number, at));
            }
        }
    }
    all
}

/// Where a setting of a case is written.
fn setting(case: &Case, key: &str) -> Span {
    let named = case.settings.iter().find(|name| name.value == key);
    named.map_or(case.name.span, |name| name.span)
}

/// Whether a case itself says it.
fn is_own(case: &Case, span: Span) -> bool {
    let holds = |own: Span| own.file == span.file && own.start <= span.start && span.end <= own.end;
    case.own_run.is_some_and(holds)
}

fn of_networks(number: usize, suite: &Suite) -> Vec<Mutant> {
    let internal = |settings: &&(_, Option<crate::suite::network::Network>)| {
        settings.1.as_ref().is_some_and(|own| own.internal.0)
    };
    let networks = suite.networks.iter().filter(internal);
    let mutant = networks.map(|(name, _)| {
        let is_on = |case: &Case| {
            let services = case.services.iter().map(|(_, service)| &service.run);
            services
                .chain([&case.run])
                .any(|run| is_on(run, &name.value))
        };
        let cases = live(suite).filter(|(_, case)| is_on(case));
        Mutant {
            id: format!("{} networks.{} opened", suite.name, name.value),
            kind: "internal",
            span: name.span,
            says: format!(
                "from the network `{}` the outside can be reached",
                name.value
            ),
            claim: "- isolated_from: [outside]".to_owned(),
            cases: cases.map(|(at, _)| (number, at)).collect(),
            change: Change::Network(name.value.clone()),
        }
    });
    mutant.collect()
}

fn is_on(run: &Run, network: &str) -> bool {
    let mut named = run.networks.iter().flat_map(|all| &all.value.0);
    named.any(|(name, _)| name.value == network)
}

fn of_services(number: usize, suite: &Suite) -> Vec<Mutant> {
    let mut all: Vec<Mutant> = Vec::new();
    for (at, case) in live(suite) {
        for (name, _) in case
            .services
            .iter()
            .filter(|(name, _)| stands(case, &name.value))
        {
            let known = all.iter().position(|m| m.span == name.span);
            let place = known.unwrap_or_else(|| {
                all.push(Mutant {
                    id: format!("{} services.{} away", suite.name, name.value),
                    kind: "service",
                    span: name.span,
                    says: format!("nothing answers at `{}`, as a program stands there that does nothing", name.value),
                    claim: format!(
                        "- http: {{ url: \"http://app:8000/\", status: 200 }} # or anything else that needs `{}`",
                        name.value
                    ),
                    cases: Vec::new(),
                    change: Change::Service(name.value.clone()),
                });
                all.len() - 1
            });
            all[place].cases.push((number, at));
        }
    }
    all
}

/// Whether a service stands there while others run; one that is waited for until it has ended does not.
fn stands(case: &Case, service: &str) -> bool {
    let needs = needs(&case.run, &case.services);
    let mut waits = needs.values().flatten();
    !waits.any(|(name, wait)| name == service && *wait == Wait::Completed)
}
