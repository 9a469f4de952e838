//! Judging items, again and again where they may come true late. The only retry loop of claims.

use std::time::Duration;

use super::outcome::{ClaimOutcome, Failure, Trouble, Verdict};
use crate::claim::Findings;
use crate::engine::clock::{Looks, now};
use crate::fact::answer::Answers;
use crate::fact::question::Question;
use crate::observe;
use crate::plan::questions;
use crate::session::image::Ready;
use crate::session::live::Live;
use crate::suite::Item;
use crate::text::source::Sources;

/// What is looked at.
#[derive(Debug)]
pub enum Subject<'a> {
    /// The image alone.
    Image(&'a Ready),
    /// A container.
    Container(&'a mut Live),
}

impl Subject<'_> {
    async fn observe(&mut self, asked: &[(usize, Question)]) -> Answers {
        match self {
            Self::Image(image) => observe::of_image(image, asked),
            Self::Container(live) => Box::pin(observe::of_container(live, asked)).await,
        }
    }
}

/// An item with the time that it may take to come true.
#[derive(Debug)]
pub struct Pending<'a> {
    /// The item.
    pub item: &'a Item,
    /// How long; judged once without it.
    pub within: Option<Duration>,
}

/// What came of an item.
#[derive(Debug)]
pub struct Judged<'a> {
    /// The item.
    pub item: &'a Item,
    /// What judging found the last time.
    pub findings: Findings,
    /// How long it was waited for, where it was.
    pub waited: Option<Duration>,
    /// From the first look to the one that told.
    pub took: Duration,
}

impl Judged<'_> {
    /// Whether it holds.
    pub fn holds(&self) -> bool {
        self.findings.misses.is_empty() && self.findings.unseen.is_empty()
    }

    /// As values for the report.
    pub fn told(self, sources: &Sources) -> (ClaimOutcome, Vec<Failure>, Vec<Trouble>) {
        let Self {
            item,
            findings,
            waited,
            ..
        } = self;
        let name = item.claim.name();
        let verdict = match (findings.misses.is_empty(), findings.unseen.is_empty()) {
            (false, _) => Verdict::Failed,
            (true, false) => Verdict::Errored,
            (true, true) => Verdict::Passed,
        };
        let claim = ClaimOutcome {
            claim: name.to_owned(),
            place: sources.place(item.span),
            verdict,
            seen: findings.seen,
            note: item.modifiers.note.clone(),
        };
        let failures = findings.misses.into_iter().map(|miss| Failure {
            place: sources.place(miss.span),
            claim: name.to_owned(),
            what: miss.what,
            service: None,
            expected: miss.miss.expected,
            actual: miss.miss.actual,
            diff: miss.miss.diff,
            notes: miss.notes,
            waited,
        });
        let trouble = |message| Trouble {
            place: Some(sources.place(item.span)),
            message,
        };
        (
            claim,
            failures.collect(),
            findings.unseen.into_iter().map(trouble).collect(),
        )
    }
}

/// Judges all of them from one observation, and those that do not hold again until they do or their
/// time is up; `until_ended` stops as soon as the container has ended, whatever is waited for.
pub async fn judge<'a>(
    mut subject: Subject<'_>,
    items: Vec<Pending<'a>>,
    until_ended: bool,
) -> Vec<Judged<'a>> {
    let began = now();
    let longest = items.iter().filter_map(|p| p.within).max();
    let mut looks = Looks::within(longest.unwrap_or_default());
    let mut judged: Vec<Option<Judged<'a>>> = items.iter().map(|_| None).collect();
    loop {
        let looked = began.elapsed();
        let open: Vec<usize> = (0..items.len())
            .filter(|at| is_open(&items[*at], judged[*at].as_ref()))
            .collect();
        let asked = questions(open.iter().map(|at| (*at, items[*at].item)));
        let answers = subject.observe(&asked).await;
        for at in open {
            let Pending { item, within } = &items[at];
            let findings = item.claim.judge(item.span, answers.of(at));
            let waited = within.map(|_| looked);
            judged[at] = Some(Judged {
                item,
                findings,
                waited,
                took: began.elapsed(),
            });
        }
        let (waiting, in_vain) = still_waiting(&items, &judged);
        if !waiting {
            break;
        }
        if let Subject::Container(live) = &mut subject {
            let gone = in_vain && !live.may_return();
            if gone || until_ended && matches!(live.gone().await, Ok(Some(_))) {
                break;
            }
            let unseen = judged
                .iter()
                .flatten()
                .any(|j| !j.findings.unseen.is_empty());
            if unseen && live.is_lost().await {
                break;
            }
        }
        looks.again().await;
    }
    judged.into_iter().flatten().collect()
}

/// Whether any item is to be looked at again, and whether all that are had nothing to see, since the
/// container had ended.
fn still_waiting(items: &[Pending<'_>], judged: &[Option<Judged<'_>>]) -> (bool, bool) {
    let both = items.iter().zip(judged.iter().map(Option::as_ref));
    let mut open = both
        .filter(|(pending, judged)| is_open(pending, *judged))
        .peekable();
    let waiting = open.peek().is_some();
    (
        waiting,
        open.all(|(_, judged)| judged.is_some_and(|j| j.findings.ended)),
    )
}

/// Whether an item is to be looked at (again): its last look, if any, was before its time was up, so
/// that there is always one when it is.
fn is_open(pending: &Pending<'_>, judged: Option<&Judged<'_>>) -> bool {
    match judged {
        None => true,
        Some(judged) => {
            let waited = judged.waited.unwrap_or_default();
            !judged.holds() && pending.within.is_some_and(|within| waited < within)
        }
    }
}
