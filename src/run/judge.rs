//! Judging items, again and again where they may come true late. The only retry loop of claims.

use std::collections::HashSet;
use std::time::Duration;

use super::outcome::{ClaimOutcome, Failure, Trouble, Verdict};
use crate::claim::{Findings, Scope};
use crate::engine::Engine;
use crate::engine::clock::{Looks, now};
use crate::fact::answer::Answers;
use crate::fact::question::{Phase, Question};
use crate::observe::{self, sources::Ground};
use crate::plan::questions;
use crate::session::image::Ready;
use crate::session::live::Live;
use crate::suite::Item;
use crate::text::source::Sources;

/// What is looked at.
#[derive(Debug)]
pub enum Subject<'a> {
    /// Sources alone.
    Sources,
    /// The image alone.
    Image(&'a Ready, &'a Engine),
    /// A container.
    Container(&'a mut Live),
}

impl Subject<'_> {
    async fn observe(
        &mut self,
        ground: Option<&Ground<'_>>,
        asked: Vec<(usize, Question)>,
    ) -> Answers {
        let (of_sources, asked): (Vec<_>, Vec<_>) =
            asked.into_iter().partition(|(_, q)| q.is_of_sources());
        let mut answers = match self {
            Self::Sources => Answers::default(),
            Self::Image(image, engine) => observe::of_image(engine, image, &asked).await,
            Self::Container(live) => Box::pin(observe::of_container(live, &asked)).await,
        };
        Box::pin(observe::sources::of(ground, &of_sources, &mut answers)).await;
        answers
    }
}

/// An item with the time that it may take to come true.
#[derive(Debug)]
pub struct Pending<'a> {
    /// The item.
    pub item: &'a Item,
    /// How long; judged once without it.
    pub within: Option<Duration>,
    /// Which case it belongs to.
    pub case: usize,
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

    /// Says of a claim that may have been judged before the program was ready what to do about it.
    pub fn hint_at_ready(&mut self) {
        let takes_time = matches!(
            self.item.claim.name(),
            "exec" | "http" | "logs" | "ports" | "processes" | "tcp" | "usage"
        );
        if !takes_time || self.waited.is_some() {
            return;
        }
        for miss in &mut self.findings.misses {
            let note = "the container was looked at as soon as it ran, since nothing says when it is ready: \
                        give `ready:` to its `run`, or `within:` to the claim";
            miss.notes.push(note.to_owned());
        }
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

/// Judges all of them from one observation, and those that may come true late again until they do or
/// their time is up. A claim that is judged once, and that only looks, is judged by what is seen when
/// its own case waits for nothing any more, so that `exited: … within: 10s` can stand before what is
/// claimed of the end. `until_ended` stops once the container has ended, whatever is waited for.
/// `ground` is where sources lie.
pub async fn judge<'a>(
    mut subject: Subject<'_>,
    ground: Option<&Ground<'_>>,
    mut items: Vec<Pending<'a>>,
    until_ended: bool,
) -> Vec<Judged<'a>> {
    for pending in &mut items {
        // Neither an image nor what it is built from changes.
        if !matches!(subject, Subject::Container(_)) || pending.item.claim.scope() == Scope::Sources
        {
            pending.within = None;
        }
    }
    let began = now();
    let longest = items.iter().filter_map(|p| p.within).max();
    let mut looks = Looks::within(longest.unwrap_or_default());
    let mut judged: Vec<Option<Judged<'a>>> = items.iter().map(|_| None).collect();
    let mut settled = vec![false; items.len()];
    let (mut ending, mut over) = (false, false);
    loop {
        let looked = began.elapsed();
        let open = to_look_at(&items, &judged, &settled, over);
        if open.is_empty() {
            break;
        }
        let asked = questions(open.iter().map(|at| (*at, items[*at].item)));
        let answers = subject.observe(ground, asked).await;
        for &at in &open {
            let Pending { item, within, .. } = &items[at];
            let findings = item.claim.judge(item.span, answers.of(at));
            let waited = within.map(|_| looked);
            judged[at] = Some(Judged {
                item,
                findings,
                waited,
                took: began.elapsed(),
            });
        }
        let waiting_cases = waiting_cases(&items, &judged, over);
        for at in open {
            settled[at] = !waiting_cases.contains(&items[at].case);
        }
        let (waiting, in_vain) = still_waiting(&items, &judged);
        if !waiting || over {
            continue;
        }
        if let Subject::Container(live) = &mut subject {
            over = ending || in_vain && !live.may_return();
            // Once it has ended, everything is looked at one last time.
            ending = until_ended && matches!(live.gone().await, Ok(Some(_)));
            let unseen = |j: &Judged<'_>| !j.findings.unseen.is_empty();
            if !over && !ending && judged.iter().flatten().any(unseen) {
                over = live.is_lost().await;
            }
            if over || ending {
                continue;
            }
        }
        looks.again().await;
    }
    judged.into_iter().flatten().collect()
}

/// The items to look at now: those that may still come true, those that were not looked at yet, and
/// those that only look, once their case waits for nothing any more.
fn to_look_at(
    items: &[Pending<'_>],
    judged: &[Option<Judged<'_>>],
    settled: &[bool],
    over: bool,
) -> Vec<usize> {
    let waiting = waiting_cases(items, judged, over);
    let wanted = |at: &usize| {
        let (pending, judged) = (&items[*at], judged[*at].as_ref());
        match pending.within {
            Some(_) => waits(pending, judged, over),
            None if judged.is_none() => true,
            None => !settled[*at] && only_looks(pending.item) && !waiting.contains(&pending.case),
        }
    };
    (0..items.len()).filter(wanted).collect()
}

/// Whether asking changes nothing and may give another answer, so that it can be asked again.
fn only_looks(item: &Item) -> bool {
    item.claim
        .questions()
        .iter()
        .all(|question| question.phase() != Phase::Active && !question.is_of_sources())
}

fn waits(pending: &Pending<'_>, judged: Option<&Judged<'_>>, over: bool) -> bool {
    let late = pending.within.is_some() && is_open(pending, judged);
    late && !(over && judged.is_some())
}

/// The cases that wait for something to come true.
fn waiting_cases(
    items: &[Pending<'_>],
    judged: &[Option<Judged<'_>>],
    over: bool,
) -> HashSet<usize> {
    let both = items.iter().zip(judged);
    let late = both.filter(|(pending, judged)| waits(pending, judged.as_ref(), over));
    late.map(|(pending, _)| pending.case).collect()
}

/// Whether any item that may come true late is to be looked at again, and whether all that are had
/// nothing to see, since the container had ended.
fn still_waiting(items: &[Pending<'_>], judged: &[Option<Judged<'_>>]) -> (bool, bool) {
    let both = items.iter().zip(judged.iter().map(Option::as_ref));
    let late =
        both.filter(|(pending, judged)| pending.within.is_some() && is_open(pending, *judged));
    let mut open = late.peekable();
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
