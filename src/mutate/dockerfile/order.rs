//! What is copied and what is run next to it change places.

use super::removed::brief;
use super::{Look, Patch};
use crate::dockerfile::{Instruction, Kind};
use crate::mutate::quoted;
use crate::text::source::Span;

pub(super) fn patches(look: &Look<'_>) -> Vec<Patch> {
    let all: Vec<(usize, &Instruction)> = look.needed().collect();
    let pairs = all.windows(2).filter_map(|pair| match pair {
        [(at, first), (next, second)] if at + 1 == *next && first.stage == second.stage => {
            Some((*at, *first, *second))
        }
        _ => None,
    });
    pairs
        .filter(|(_, first, second)| {
            copies(first) != copies(second) && is_step(first) && is_step(second)
        })
        .filter_map(|(at, first, second)| {
            let span = Span { start: first.span.start, end: second.span.end, ..first.span };
            let between = Span { start: first.span.end, end: second.span.start, ..first.span };
            let (first_text, gap, second_text) =
                (look.written(first.span)?, look.written(between)?, look.written(second.span)?);
            let with = format!("{second_text}{gap}{first_text}");
            let [one, other] = [first, second].map(|one| format!("{} {}", one.kind.word(), brief(one)));
            let [text, next] = [&one, &other].map(|line| quoted(line.trim_end_matches('…')));
            Some(
                Patch::new(at, span, with, format!("behind {other}"))
                    .says(format!("`{other}` stands before `{one}`"))
                    .noticed_by(format!("- dockerfile: {{ order: [{text}, {next}] }}")),
            )
        })
        .collect()
}

/// Whether it takes files of the context in.
fn copies(one: &Instruction) -> bool {
    matches!(one.kind, Kind::Copy | Kind::Add)
}

fn is_step(one: &Instruction) -> bool {
    copies(one) || one.kind == Kind::Run
}
