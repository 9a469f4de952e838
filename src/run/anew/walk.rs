//! A saved case is gone through again: its claims are judged, its steps compared with those that were done.

use std::time::Duration;

use super::find::{Asked, Finder, Found, Known};
use super::own::{self, Own};
use super::{Again, Covers};
use crate::action::load::Load;
use crate::claim::Findings;
use crate::run::among::Among;
use crate::run::case::{self, Making};
use crate::run::judge::{Judged, may_wait, within};
use crate::run::keep;
use crate::run::outcome::{CaseOutcome, Trouble};
use crate::run::record::{Done, Look, What};
use crate::run::unit::told;
use crate::suite::{Body, Case, Item, Step, Suite};
use crate::text::cover::Cover;
use crate::text::source::{Place, Span};

/// What is said of a step that was not done.
const UNDONE: &str = "this was not done when the report was made, since the case had ended before: run the suite again";
/// What is said of a step that is not the one that was done.
const OTHER: &str = "this is not what was done when the report was made, so nothing is known of it and of what follows: \
                     run the suite again";
/// What is said of a claim that nobody has asked.
const UNASKED: &str = "the report holds no answer to what this claim asks: run the suite again";

pub(super) struct Walk<'a> {
    suite: &'a Suite,
    case: &'a Case,
    saved: &'a CaseOutcome,
    again: &'a Again<'a>,
    covers: &'a Covers,
    making: Making,
    own: Vec<Vec<Own<'a>>>,
    finder: Finder<'a>,
    /// How many of the steps that were done are behind.
    at: usize,
    /// How many of the failures and troubles that are no claim's were taken over.
    taken: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        (suite, case): (&'a Suite, &'a Case),
        saved: &'a CaseOutcome,
        again: &'a Again<'a>,
        covers: &'a Covers,
        making: Making,
    ) -> Self {
        Self {
            suite,
            case,
            saved,
            again,
            covers,
            making,
            own: own::of(saved),
            finder: Finder::new(&again.saved.facts),
            at: 0,
            taken: 0,
        }
    }

    /// The case, judged.
    pub(super) fn done(mut self) -> Making {
        let record = &self.saved.record;
        self.making.ran(record.ran.clone(), record.composed.clone());
        self.making.meets(record.among.clone());
        self.making.looks(record.at_once, record.in_image);
        match &self.case.body {
            Body::Expect(items) => {
                self.apart(0);
                if self.making.is_good() {
                    self.judge(items);
                    self.rest();
                }
            }
            Body::Steps(steps) => {
                if self.steps(steps) {
                    self.pass_judged();
                    match self.step().is_none() {
                        true => self.rest(),
                        false => self.apart(self.at),
                    }
                }
            }
        }
        self.making
    }

    fn among(&self) -> &'a Among {
        &self.saved.record.among
    }

    /// What was done next.
    fn step(&self) -> Option<&'a Done> {
        self.saved.record.steps.get(self.at)
    }

    /// Passes over claims that were judged and that the suite does not have any more.
    fn pass_judged(&mut self) {
        while matches!(self.step(), Some(Done::Judged(_))) {
            self.at += 1;
        }
    }

    /// Takes over what had gone wrong, beside the claims, when so many steps had begun.
    fn apart(&mut self, after: usize) {
        while let Some(apart) = self.saved.record.apart.get(self.taken) {
            if apart.after > after {
                return;
            }
            self.taken += 1;
            match apart.what {
                What::Failure(at) => {
                    if let Some(failure) = self.saved.failures.get(at) {
                        self.making.fail(failure.clone());
                    }
                }
                What::Trouble(at) => {
                    if let Some(trouble) = self.saved.troubles.get(at) {
                        self.making.trouble(trouble.clone());
                    }
                }
            }
        }
    }

    /// Takes over all that had gone wrong beside the claims.
    fn rest(&mut self) {
        self.apart(usize::MAX);
    }

    fn untold(&mut self, span: Span, message: &str) -> bool {
        let place = Some(self.again.sources.place(span));
        let message = message.to_owned();
        self.making.trouble(Trouble { place, message });
        false
    }

    /// Says that nothing more was done, unless it is known why.
    fn undone(&mut self, span: Span) -> bool {
        self.rest();
        if self.making.is_good() {
            self.untold(span, UNDONE);
        }
        false
    }

    /// `false` where the case ends.
    fn steps(&mut self, steps: &'a [Step]) -> bool {
        for step in steps {
            self.apart(self.at);
            if !self.making.is_good() || !self.goes(step) {
                return false;
            }
        }
        true
    }

    fn goes(&mut self, step: &'a Step) -> bool {
        match step {
            Step::Expect { span, items } => self.expects(*span, items),
            Step::Act {
                span,
                action,
                modifiers,
            } => {
                let on = self.among().of_step(modifiers.service.as_ref(), self.case);
                let words = keep::step(action, &on, &self.covers.named);
                self.did(*span, &words)
            }
            Step::Load {
                span,
                load,
                request,
                during,
            } => self.loads(*span, load, request, during),
        }
    }

    fn expects(&mut self, span: Span, items: &'a [Item]) -> bool {
        let behind = self.at.checked_sub(1);
        let last = behind.and_then(|at| self.saved.record.steps.get(at));
        let held = |look: &Look| look.failures == 0 && look.troubles == 0;
        match (self.step(), last) {
            (None, Some(Done::Judged(looks))) if !looks.iter().all(held) => {
                return self.undone(span);
            }
            (None, _) if self.taken < self.saved.record.apart.len() => return self.undone(span),
            _ => {}
        }
        let was_judged = matches!(self.step(), Some(Done::Judged(_)));
        self.making.expects();
        self.judge(items);
        self.at += usize::from(was_judged);
        self.making.is_good()
    }

    /// Whether that is what was done next, and went well.
    fn did(&mut self, span: Span, words: &str) -> bool {
        self.pass_judged();
        match self.step() {
            Some(Done::Did(known)) if known == words => {}
            Some(_) => return self.untold(span, OTHER),
            None => return self.undone(span),
        }
        self.making.does(words.to_owned());
        self.at += 1;
        self.apart(self.at);
        self.making.is_good()
    }

    fn loads(&mut self, span: Span, load: &'a Load, request: &Item, during: &'a [Step]) -> bool {
        let words = keep::load(load, &self.covers.named);
        if !self.did(span, &words) {
            return false;
        }
        // Where no request was answered, nothing was done meanwhile.
        if !matches!(self.step(), Some(Done::Counted(_))) && !self.steps(during) {
            return false;
        }
        self.pass_judged();
        let counted = match self.step() {
            Some(Done::Counted(counted)) => counted,
            Some(_) => return self.untold(span, OTHER),
            None => return self.undone(span),
        };
        let Some(traffic) = self.again.saved.facts.traffic(&counted.fact) else {
            return self.untold(span, UNASKED);
        };
        let mut findings = Findings::default();
        load.judge(span, &traffic, &mut findings);
        shown(&mut findings, &self.covers.shown);
        let note = request.modifiers.note.as_deref();
        let (outcome, failures) = told(span, findings, note, self.again.sources);
        self.making
            .counted(outcome, &failures, counted.fact.clone());
        self.at += 1;
        self.making.is_good()
    }

    /// The claims that were judged while the containers stood as they stand now, those of this step first.
    fn known(&self) -> Vec<Known<'a>> {
        let steps = &self.saved.record.steps;
        let judged = |at: &usize| matches!(steps.get(*at), Some(Done::Judged(_)));
        let ahead = (self.at..steps.len()).take_while(judged);
        let behind = (0..self.at).rev().take_while(judged);
        let mut known = Vec::new();
        for step in ahead.chain(behind) {
            let Some(Done::Judged(looks)) = steps.get(step) else {
                continue;
            };
            let own = self.own.get(step).map(Vec::as_slice).unwrap_or_default();
            known.extend(
                looks
                    .iter()
                    .zip(own)
                    .enumerate()
                    .map(|(at, (look, own))| Known {
                        name: own.claim.map_or("", |claim| claim.claim.as_str()),
                        at: (step, at),
                        look,
                    }),
            );
        }
        known
    }

    fn judge(&mut self, items: &'a [Item]) {
        let known = self.known();
        for item in items {
            let words = keep::words(&item.claim, &self.covers.named);
            let named = (item.claim.name(), words);
            let members = self.among().of(item, self.case);
            let questions = item.claim.questions();
            let asked = Asked::new(named, members, questions, &self.covers.named);
            // Nobody is there whom it would be about, as a run would say before it judges.
            let found = match asked.members.is_empty() {
                true => Found::Nothing,
                false => self.finder.find(&asked, &known),
            };
            let (look, answers) = match found {
                Found::Same(known) => {
                    self.take_over(item, known);
                    continue;
                }
                Found::Answers(look, answers) => (look, Some(answers)),
                Found::Nothing => (Look::default(), None),
            };
            let found = match &answers {
                None => vec![(None, unasked())],
                Some(answers) => {
                    let found = answers.iter().map(|(member, answers)| {
                        let findings = item.claim.judge(item.span, answers.of(0));
                        (self.among().label(item, *member), findings)
                    });
                    found.collect()
                }
            };
            let waits =
                within(item, self.case, self.suite).filter(|_| may_wait(self.among(), item));
            let mut judged = Judged {
                item,
                found,
                looks: Vec::new(),
                asked: 0,
                waited: waits.and(look.waited),
                took: Duration::ZERO,
            };
            let record = &self.saved.record;
            case::hint(&mut judged, self.case, record.at_once, record.in_image);
            for (_, findings) in &mut judged.found {
                shown(findings, &self.covers.shown);
            }
            self.making.take(judged, look, self.again.sources);
        }
    }

    /// Takes over what came of a claim that is the same, and whose facts are not all here.
    fn take_over(&mut self, item: &Item, known: Known<'a>) {
        let (step, at) = known.at;
        let own = self.own.get(step).and_then(|all| all.get(at));
        let Some((own, claim)) = own.and_then(|own| Some((own.clone(), own.claim?))) else {
            return;
        };
        let (from, to) = (claim.place.clone(), self.again.sources.place(item.span));
        let moved = |place: &Place| self.moved(place, &from, &to);
        let mut outcome = claim.clone();
        outcome.place.clone_from(&to);
        outcome.note.clone_from(&item.modifiers.note);
        let failures = own.failures.into_iter().map(|failure| {
            let mut failure = failure.clone();
            failure.place = moved(&failure.place);
            failure
        });
        let troubles = own.troubles.into_iter().map(|trouble| {
            let mut trouble = trouble.clone();
            trouble.place = trouble.place.as_ref().map(moved);
            trouble
        });
        let (failures, troubles) = (failures.collect(), troubles.collect());
        let look = known.look.clone();
        self.making.told(outcome, failures, troubles, look);
    }

    /// A place within a claim that stands elsewhere now: where its line is still the same, else the claim's.
    fn moved(&self, place: &Place, from: &Place, to: &Place) -> Place {
        let line = place.line.saturating_add(to.line).saturating_sub(from.line);
        let mut texts = self.again.sources.texts();
        let text = texts
            .find(|(name, _)| *name == to.file)
            .map(|(_, text)| text);
        let there = text.and_then(|text| text.lines().nth(line.saturating_sub(1)));
        match there == Some(place.text.as_str()) {
            true => Place {
                file: to.file.clone(),
                line,
                ..place.clone()
            },
            false => to.clone(),
        }
    }
}

fn unasked() -> Findings {
    Findings {
        unseen: vec![UNASKED.to_owned()],
        ..Findings::default()
    }
}

/// Takes the names of secrets out of what is told, as a run takes out their values.
fn shown(findings: &mut Findings, cover: &Cover) {
    if cover.is_empty() {
        return;
    }
    let clean = |text: &mut String| *text = cover.text(std::mem::take(text));
    for miss in &mut findings.misses {
        clean(&mut miss.what);
        clean(&mut miss.miss.expected);
        clean(&mut miss.miss.actual);
        miss.miss.diff.iter_mut().for_each(clean);
        miss.notes.iter_mut().for_each(clean);
    }
    findings.unseen.iter_mut().for_each(clean);
    findings.seen.iter_mut().for_each(clean);
}
