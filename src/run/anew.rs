//! Judges a saved run again: claims by the facts that its report holds, without an engine. What is no claim, such as
//! a start that failed, is taken over as it stands.

mod find;
mod own;
mod walk;

use super::case::{self, Making};
use super::keep;
use super::outcome::{CaseOutcome, Outcome, Trouble, Verdict};
use super::provenance;
use crate::plan::{Plan, Selection};
use crate::suite::outside::shown;
use crate::suite::{Case, Suite};
use crate::text::cover::Cover;
use crate::text::source::Sources;
use walk::Walk;

/// What stands where a secret stood.
const MASK: &str = "***";

/// What a saved run is judged by.
#[derive(Debug)]
pub struct Again<'a> {
    /// The suites. Their secrets are their names.
    pub suites: &'a [Suite],
    /// Their texts.
    pub sources: &'a Sources,
    /// The run.
    pub saved: &'a Outcome,
    /// Which cases.
    pub selection: Selection,
    /// Whether the suites are the report's own, so that it knows no other cases.
    pub own: bool,
    /// The names of the suites' secrets.
    pub secrets: Vec<String>,
    /// Whether it fails where a requirement is not verified.
    pub require_all: bool,
}

/// What covers a name of a secret: with itself where it stands in questions, with stars where it would be shown.
#[derive(Debug)]
struct Covers {
    named: Cover,
    shown: Cover,
}

/// What stands for the secret of that name in a suite that is judged without its secrets.
pub fn stands_for(secret: &str) -> String {
    format!("${{{secret}}}")
}

impl Again<'_> {
    /// What came of it.
    pub fn judged(&self) -> Outcome {
        let names: Vec<String> = self.secrets.iter().map(|name| stands_for(name)).collect();
        let covers = Covers {
            named: Cover::new(names.iter().map(|name| (name.as_str(), name.as_str()))),
            shown: Cover::new(names.iter().map(|name| (name.as_str(), MASK))),
        };
        let plan = Plan::new(self.suites, &self.selection);
        let cases = (0..plan.cases.len()).filter_map(|at| {
            let (suite, case) = case::of(self.suites, &plan, at)?;
            match self.known(suite, case) {
                None if self.own => None,
                _ if case.skip.is_some() => {
                    Some(case::skipped(self.suites, self.sources, &plan, at))
                }
                saved => Some(self.case(suite, case, saved, &covers)),
            }
        });
        let known = provenance::before(self.suites, self.sources, self.require_all);
        let known = known.of_cases(cases.collect());
        let all: usize = self.suites.iter().map(|suite| suite.cases.len()).sum();
        // Cases that are not chosen now, and by its own suites those that were not chosen then.
        let (unchosen, unjudged) = match self.own {
            true => {
                let left = self.saved.cases.len().saturating_sub(known.cases.len());
                (
                    self.saved.unchosen.saturating_add(left),
                    self.saved.unjudged,
                )
            }
            false => (all.saturating_sub(plan.cases.len()), 0),
        };
        // All else is as it was.
        Outcome {
            cases: known.cases,
            requirements: known.requirements,
            left_out: known.left_out,
            texts: known.texts,
            given: known.given,
            require_all: known.require_all,
            unchosen,
            unjudged,
            ..self.saved.clone()
        }
    }

    /// The case as the report has it. The suite may lie elsewhere now.
    fn known(&self, suite: &Suite, case: &Case) -> Option<&CaseOutcome> {
        let of_name =
            |saved: &&CaseOutcome| saved.suite == suite.name && saved.name == case.name.value;
        let file = shown(&suite.path);
        let mut named = self.saved.cases.iter().filter(of_name);
        let here = named.clone().find(|saved| saved.suite_file == file);
        here.or_else(|| named.next().filter(|_| named.next().is_none()))
    }

    fn case(
        &self,
        suite: &Suite,
        case: &Case,
        saved: Option<&CaseOutcome>,
        covers: &Covers,
    ) -> CaseOutcome {
        let making = Making::new(suite, case, self.sources);
        let untold = |mut making: Making, message: &str| {
            making.trouble(Trouble {
                place: Some(self.sources.place(case.name.span)),
                message: message.to_owned(),
            });
            making.done(std::time::Duration::ZERO)
        };
        let Some(saved) = saved else {
            let message =
                "the report holds no such case, so nothing is known of it: run the suite again";
            return untold(making, message);
        };
        if saved.verdict == Verdict::Skipped {
            let message = "the case was skipped when the report was made, so nothing is known of it: run the suite again";
            return untold(making, message);
        }
        let runs = keep::ran(case, &covers.named);
        if !self.own && !saved.record.ran.is_empty() && saved.record.ran != runs {
            let message = "its image, the way it is run or its services are not those of the report, so what was seen says \
                           nothing of it: run the suite again";
            return untold(making, message);
        }
        let walk = Walk::new((suite, case), saved, self, covers, making);
        let judged = walk.done().done(saved.took);
        let is_good = judged.verdict == Verdict::Passed;
        let times = saved.attempts.len();
        if is_good && times > 1 && !self.own {
            let message = format!(
                "the case was run {times} times, and the report holds what was seen of one: run the suite again"
            );
            return untold(Making::new(suite, case, self.sources), &message);
        }
        // All else is as it was.
        CaseOutcome {
            suite: judged.suite,
            suite_file: judged.suite_file,
            name: judged.name,
            place: judged.place,
            verifies: judged.verifies,
            verdict: judged.verdict,
            failures: judged.failures,
            troubles: judged.troubles,
            claims: judged.claims,
            record: judged.record,
            evidence: match is_good && saved.verdict != Verdict::Passed {
                true => Vec::new(),
                false => saved.evidence.clone(),
            },
            ..saved.clone()
        }
    }
}
