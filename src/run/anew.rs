//! Judges a saved run again: claims by the facts that its report holds, without an engine. What is no claim, such as
//! a start that failed, is taken over as it stands.

mod find;
mod own;
mod walk;

use std::collections::BTreeSet;

use super::attempt;
use super::case::{self, Making};
use super::joined::Part;
use super::keep;
use super::outcome::{CaseOutcome, Outcome, Trouble, Verdict};
use super::provenance;
use crate::image::ImageSource;
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

/// A case that is judged again, and what was seen of it.
#[derive(Debug, Clone, Copy)]
struct Seen<'a> {
    suite: &'a Suite,
    case: &'a Case,
    saved: &'a CaseOutcome,
    covers: &'a Covers,
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
        let mut numbers = Vec::new();
        let cases = (0..plan.cases.len()).filter_map(|at| {
            let (suite, case) = case::of(self.suites, &plan, at)?;
            let known = self.known(suite, case);
            if known.is_none() && self.is_of_others() {
                return None;
            }
            numbers.extend(known);
            let saved = known.and_then(|at| self.saved.cases.get(at));
            Some(match case.skip {
                Some(_) => case::skipped(self.suites, self.sources, &plan, at),
                None => self.case(suite, case, saved, &covers),
            })
        });
        let cases = cases.collect();
        let known = provenance::before(self.suites, self.sources, self.require_all);
        let known = known.of_cases(cases);
        let part = self.saved.part.as_ref().map(|part| Part {
            cases: numbers
                .iter()
                .filter_map(|at| part.cases.get(*at).copied())
                .collect(),
            ..part.clone()
        });
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
            false => (all.saturating_sub(known.cases.len()), 0),
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
            part,
            ..self.saved.clone()
        }
    }

    /// Whether what the report does not hold is known elsewhere: by its own suites no other case is asked for, and of
    /// a shard others have the rest.
    fn is_of_others(&self) -> bool {
        self.own || self.saved.part.is_some()
    }

    /// The chosen cases that the report does not hold, since it is of a shard that has others: `suite::case`.
    pub fn of_other_shards(&self) -> Vec<String> {
        if self.own || self.saved.part.is_none() {
            return Vec::new();
        }
        let plan = Plan::new(self.suites, &self.selection);
        let all = (0..plan.cases.len()).filter_map(|at| case::of(self.suites, &plan, at));
        let others = all.filter(|(suite, case)| self.known(suite, case).is_none());
        others
            .map(|(suite, case)| format!("{}::{}", suite.name, case.name.value))
            .collect()
    }

    /// The report's cases of that suite's name and its own.
    fn of_name<'a>(
        &'a self,
        suite: &'a Suite,
        case: &'a Case,
    ) -> impl Iterator<Item = (usize, &'a CaseOutcome)> {
        let all = self.saved.cases.iter().enumerate();
        all.filter(move |(_, saved)| saved.suite == suite.name && saved.name == case.name.value)
    }

    /// Which of the report's cases it is. The suite may lie elsewhere now.
    fn known(&self, suite: &Suite, case: &Case) -> Option<usize> {
        let file = shown(&suite.path);
        let mut named = self.of_name(suite, case);
        let here = self
            .of_name(suite, case)
            .find(|(_, saved)| saved.suite_file == file);
        let one = here.or_else(|| named.next().filter(|_| named.next().is_none()));
        one.map(|(at, _)| at)
    }

    fn case(
        &self,
        suite: &Suite,
        case: &Case,
        saved: Option<&CaseOutcome>,
        covers: &Covers,
    ) -> CaseOutcome {
        let untold = |message: &str| {
            let mut making = Making::new(suite, case, self.sources);
            making.trouble(Trouble {
                place: Some(self.sources.place(case.name.span)),
                message: message.to_owned(),
            });
            making.done(std::time::Duration::ZERO)
        };
        let Some(saved) = saved else {
            return untold(&self.unknown(suite, case));
        };
        if saved.verdict == Verdict::Skipped {
            let message = "the case was skipped when the report was made, so nothing is known of it: run the suite again";
            return untold(message);
        }
        let runs = keep::ran(case, &covers.named);
        if !self.own && !saved.record.ran.is_empty() && saved.record.ran != runs {
            return untold(&self.of_another(suite, case, saved));
        }
        let (then, now) = (&saved.record.composed, keep::composed(suite));
        if !self.own && !keep::may_be_same(then, &now) {
            let message = "its Compose file, or one that it names, is not what it was when the report was made, so what was seen \
                           says nothing of it: run the suite again";
            return untold(message);
        }
        let seen = Seen {
            suite,
            case,
            saved,
            covers,
        };
        match saved.attempts.is_empty() {
            true => self.once(seen),
            false => self.several(seen),
        }
    }

    /// That the report holds no such case, or several of suites that lie elsewhere.
    fn unknown(&self, suite: &Suite, case: &Case) -> String {
        let files: BTreeSet<&str> = self
            .of_name(suite, case)
            .map(|(_, saved)| saved.suite_file.as_str())
            .collect();
        let files: Vec<String> = files.iter().map(|file| format!("`{file}`")).collect();
        match files.as_slice() {
            [] => "the report holds no such case, so nothing is known of it: run the suite again"
                .to_owned(),
            _ => format!(
                "the report holds such a case of {}, and none of `{}`: call this in the folder that the run was called in, \
                 or run the suite again",
                files.join(" and "),
                shown(&suite.path)
            ),
        }
    }

    /// That the case is not run as it was when the report was made.
    fn of_another(&self, suite: &Suite, case: &Case, saved: &CaseOutcome) -> String {
        let then = saved.image.as_deref();
        let then = then.map(|image| image.split_once(" (").map_or(image, |(name, _)| name));
        let now = case.image_of(suite).and_then(|image| match &image.source {
            ImageSource::Ref { name, .. } => Some(name.value.as_str()),
            ImageSource::Build(_) | ImageSource::Archive(_) => None,
        });
        let differs = match (then, now) {
            (Some(then), Some(now)) if then != now && self.saved.instead.is_none() => {
                format!("the report is of the image `{then}`, and the suite names `{now}`")
            }
            (Some(then), _) => format!(
                "its image, the way it is run or its services are not those of the report, which is of `{then}`"
            ),
            (None, _) => "its image, the way it is run or its services are not those of the report"
                .to_owned(),
        };
        format!("{differs}, so what was seen says nothing of it: run the suite again")
    }

    /// A case that was run more than once, by the times whose facts are known. Of other suites nothing is known but what
    /// came of these.
    fn several(&self, seen: Seen<'_>) -> CaseOutcome {
        let saved = seen.saved;
        let mut known = Vec::new();
        let mut judged = Vec::new();
        for (at, (one, is_known)) in saved.each_time().into_iter().enumerate() {
            if is_known {
                known.push(at);
                judged.push(self.once(Seen {
                    saved: &one,
                    ..seen
                }));
            } else if self.own {
                judged.push(one);
            }
        }
        let again = match saved.is_flaky() {
            true => attempt::Again::UntilItPasses(u16::MAX),
            false => attempt::Again::Times(u16::MAX),
        };
        let by = match self.own {
            true => saved.by.clone(),
            false => Some(saved.by(&known)),
        };
        let settled = attempt::settled(judged, again);
        let settled = settled.unwrap_or_else(|| self.once(seen));
        CaseOutcome {
            by,
            took: saved.took,
            ..settled
        }
    }

    /// A case by what was seen of it one time.
    fn once(&self, seen: Seen<'_>) -> CaseOutcome {
        let Seen {
            suite,
            case,
            saved,
            covers,
        } = seen;
        let mut making = Making::new(suite, case, self.sources);
        if saved.record.undermined {
            making.undermined();
        }
        let walk = Walk::new((suite, case), saved, self, covers, making);
        let judged = walk.done().done(saved.took);
        let is_good = judged.verdict == Verdict::Passed;
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

#[cfg(test)]
mod tests;
