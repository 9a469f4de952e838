//! Whether instructions stand in an order.

use super::View;
use super::view::spaced;
use crate::claim::Findings;
use crate::text::matcher::{Miss, quote};
use crate::text::source::Spanned;

pub(super) fn judge(order: &[Spanned<String>], view: &View<'_>, findings: &mut Findings) {
    let missing = |text: &&Spanned<String>| places(&text.value, view).is_empty();
    for text in order.iter().filter(missing) {
        let expected = format!("an instruction that holds {}", quote(&text.value));
        let miss = Miss::new(expected, "there is none");
        findings.check(text.span, "order", Some(miss));
    }
    for pair in order.windows(2) {
        if let [first, second] = pair {
            pair_of(first, second, view, findings);
        }
    }
}

fn pair_of(
    first: &Spanned<String>,
    second: &Spanned<String>,
    view: &View<'_>,
    findings: &mut Findings,
) {
    let (before, after) = (places(&first.value, view), places(&second.value, view));
    let line = |at: usize| {
        let one = view.file.instructions.get(at);
        one.map_or(0, |one| view.line(one.span))
    };
    let all = pairs(&before, &after, view);
    let Some((a, b)) = all.iter().find(|(a, b)| a >= b).or(all.first()) else {
        return;
    };
    let expected = format!("{} before {}", quote(&first.value), quote(&second.value));
    let miss = match a.cmp(b) {
        std::cmp::Ordering::Less => None,
        std::cmp::Ordering::Equal => Some(format!("both in the instruction of line {}", line(*a))),
        std::cmp::Ordering::Greater => Some(format!("line {} after line {}", line(*a), line(*b))),
    };
    let miss = miss.map(|actual| Miss::new(expected, actual));
    let seen = format!("line {} before line {}", line(*a), line(*b));
    findings.compare(second.span, "order", miss, seen);
}

/// What is compared: the first of each in every stage that has both, else the first of each in the
/// file.
fn pairs(before: &[usize], after: &[usize], view: &View<'_>) -> Vec<(usize, usize)> {
    let stages = &view.file.stages;
    let first = |places: &[usize], stage: usize| {
        let here = stages.get(stage).map_or(0..0, |s| s.from..s.end);
        places.iter().copied().find(|at| here.contains(at))
    };
    let in_stage = |stage| Some((first(before, stage)?, first(after, stage)?));
    let all: Vec<_> = (0..stages.len()).filter_map(in_stage).collect();
    let whole = || before.first().copied().zip(after.first().copied());
    match all.is_empty() {
        true => whole().into_iter().collect(),
        false => all,
    }
}

/// The instructions that hold a text.
fn places(text: &str, view: &View<'_>) -> Vec<usize> {
    let text = spaced(text);
    let holds = |at: &usize| view.instruction(*at).contains(&text);
    let all = 0..view.file.instructions.len();
    all.filter(holds).collect()
}
