//! Services and networks that a case of a suite speaks of, and that are not started of its Compose file. Pure.

use super::stack::Stack;
use crate::action::Action;
use crate::fact::question::Question;
use crate::suite::service::{ALL, APP};
use crate::suite::{Case, Step};
use crate::text::source::Span;

/// The names in a case that nothing stands behind, each with what to do about it.
pub fn absent(case: &Case, stack: &Stack, app: &str) -> Vec<(Span, String)> {
    let mut names: Vec<(Span, String)> = Vec::new();
    let items = case.items();
    let steps = case.steps();
    let acts = steps.iter().filter_map(|step| match step {
        Step::Act { modifiers, .. } => modifiers.service.as_ref(),
        _ => None,
    });
    let own = items
        .iter()
        .filter_map(|item| item.modifiers.service.as_ref());
    let named = case.service.iter().chain(own).chain(acts);
    for name in named.flat_map(|named| &named.0) {
        names.push((name.span, name.value.clone()));
    }
    for item in items {
        let questions = item.claim.questions();
        let starts = questions.iter().filter_map(start);
        names.extend(starts.map(|from| (item.span, from.to_owned())));
    }
    // What names nobody is about it.
    names.push((case.name.span, APP.to_owned()));
    let mut told: Vec<(Span, String)> = Vec::new();
    for (span, name) in names {
        if let Some(message) = nobody(&name, stack, app) {
            told.push((span, message));
        }
    }
    for name in case.actions().into_iter().filter_map(Action::network) {
        let mut networks = stack.networks.iter().map(|(known, _)| known.as_str());
        if !networks.any(|known| known == name.value) {
            let all: Vec<&str> = stack.networks.iter().map(|(n, _)| n.as_str()).collect();
            let message = format!(
                "no service that is started is on the network `{}` of the Compose file\n  help: there is {}",
                name.value,
                all.join(", ")
            );
            told.push((name.span, message));
        }
    }
    told.dedup();
    told
}

/// The container that a connection starts in.
fn start(question: &Question) -> Option<&str> {
    let from = match question {
        Question::Http(request) | Question::Spread(request) => request.from.as_str(),
        Question::Tcp(talk) => talk.from.as_str(),
        _ => return None,
    };
    (from != "host").then_some(from)
}

/// Says that there is no such container, and which there are.
fn nobody(name: &str, stack: &Stack, app: &str) -> Option<String> {
    let (service, number) = match name.split_once('/') {
        Some((service, number)) => (service, number.parse::<u32>().ok()),
        None => (name, None),
    };
    let service = if service == APP { app } else { service };
    let part = stack.parts.iter().find(|part| part.name == service);
    match (part.map_or(0, |part| part.of), number) {
        _ if service == ALL => None,
        (0, _) => {
            let started = stack.parts.iter().filter(|part| part.of > 0);
            let all: Vec<&str> = started.map(|part| part.name.as_str()).collect();
            let help = match part {
                Some(_) => format!(
                    "the Compose file says that there is none of it: `scale: {{ {service}: 1 }}` in `compose` starts one"
                ),
                None => {
                    "name it under `services` of `compose`, or switch its profile on by `profiles`"
                        .to_owned()
                }
            };
            Some(format!(
                "the service `{service}` is not started, so nothing can be told of it: there is {}\n  help: {help}",
                all.join(", ")
            ))
        }
        (of, Some(number)) if !(1..=of).contains(&number) => Some(format!(
            "there is no replica {number} of `{service}`: {} started\n  help: `scale: {{ {service}: {number} }}` in `compose` starts more",
            if of == 1 {
                "one is".to_owned()
            } else {
                format!("{of} are")
            }
        )),
        _ => None,
    }
}
