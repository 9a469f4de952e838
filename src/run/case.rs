//! The outcome of a case, put together.

use std::time::Duration;

use super::judge::Judged;
use super::outcome::{CaseOutcome, ClaimOutcome, Evidence, Failure, ImageOf, Trouble, Verdict};
use crate::fact::calls::Calls;
use crate::plan::Plan;
use crate::suite::outside::shown;
use crate::suite::{Case, Suite};
use crate::text::source::Sources;

/// The suite and the case of that number of the plan.
pub fn of<'a>(suites: &'a [Suite], plan: &Plan, at: usize) -> Option<(&'a Suite, &'a Case)> {
    let (suite, case) = *plan.cases.get(at)?;
    let suite = suites.get(suite)?;
    Some((suite, suite.cases.get(case)?))
}

/// A case's outcome while it is made.
#[derive(Debug, Clone)]
pub struct Making {
    outcome: CaseOutcome,
    judging: Duration,
}

impl Making {
    /// An outcome with nothing in it.
    pub fn new(suite: &Suite, case: &Case, sources: &Sources) -> Self {
        let outcome = CaseOutcome {
            suite: suite.name.clone(),
            suite_file: shown(&suite.path),
            name: case.name.value.clone(),
            place: sources.place(case.name.span),
            verifies: case.verifies.iter().map(|id| id.value.clone()).collect(),
            verdict: Verdict::Passed,
            skip: None,
            failures: Vec::new(),
            troubles: Vec::new(),
            claims: Vec::new(),
            evidence: Vec::new(),
            took: Duration::ZERO,
            image: None,
            images: Vec::new(),
            kept: Vec::new(),
            calls: Calls::default(),
            observation: Calls::default(),
            attempts: Vec::new(),
        };
        Self {
            outcome,
            judging: Duration::ZERO,
        }
    }

    /// Takes a failure.
    pub fn fail(&mut self, failure: Failure) {
        self.outcome.failures.push(failure);
    }

    /// Takes failures that all cases of a container share.
    pub fn fail_all(&mut self, failures: &[Failure]) {
        self.outcome.failures.extend_from_slice(failures);
    }

    /// Takes something that kept us from telling.
    pub fn trouble(&mut self, trouble: Trouble) {
        self.outcome.troubles.push(trouble);
    }

    /// Takes a judged claim.
    pub fn take(&mut self, judged: Judged<'_>, sources: &Sources) {
        self.judging = self.judging.max(judged.took);
        let (claim, failures, troubles) = judged.told(sources);
        self.outcome.claims.push(claim);
        self.outcome.failures.extend(failures);
        self.outcome.troubles.extend(troubles);
    }

    /// Takes what came of a step that is judged.
    pub fn judged(&mut self, outcome: ClaimOutcome) {
        self.outcome.claims.push(outcome);
    }

    /// Takes evidence.
    pub fn evidence(&mut self, title: impl Into<String>, lines: Vec<String>) {
        if !lines.is_empty() {
            let lines = lines.into_iter().map(bounded).collect();
            self.outcome.evidence.push(Evidence {
                title: title.into(),
                lines,
            });
        }
    }

    /// Whether a failure says this already.
    pub fn says(&self, text: &str) -> bool {
        self.outcome.failures.iter().any(|f| f.actual == text)
    }

    /// Whether a failure is about this container, or a trouble names it.
    pub fn blames(&self, label: &str) -> bool {
        let quoted = format!("`{label}`");
        let on = format!("on {label}: ");
        let failures = &self.outcome.failures;
        let says = |t: &Trouble| t.message.contains(&quoted) || t.message.starts_with(&on);
        failures.iter().any(|f| f.service.as_deref() == Some(label))
            || self.outcome.troubles.iter().any(says)
    }

    /// Names the image that is judged, and those of all services.
    pub fn image(&mut self, image: String, all: Vec<ImageOf>) {
        self.outcome.image = Some(image);
        self.outcome.images = all;
    }

    /// Names an image that took the place of a service's.
    pub fn replaced(&mut self, image: ImageOf) {
        if !self.outcome.images.contains(&image) {
            self.outcome.images.push(image);
        }
    }

    /// Names the image that took the place of the one that was judged until then.
    pub fn then_image(&mut self, image: &str) {
        match &mut self.outcome.image {
            Some(known) if known.rsplit(", then ").next() == Some(image) => {}
            Some(known) => known.push_str(&format!(", then {image}")),
            none => *none = Some(image.to_owned()),
        }
    }

    /// Takes the commands for what is kept.
    pub fn kept(&mut self, kept: Vec<String>) {
        self.outcome.kept = kept;
    }

    /// Takes what its container was asked: in all, and for its claims.
    pub fn calls(&mut self, all: Calls, observation: Calls) {
        self.outcome.calls = all;
        self.outcome.observation = observation;
    }

    /// How long its own claims were judged.
    pub fn judging(&self) -> Duration {
        self.judging
    }

    /// Whether nothing has gone wrong so far.
    pub fn is_good(&self) -> bool {
        self.outcome.failures.is_empty() && self.outcome.troubles.is_empty()
    }

    /// The outcome: failed when anything was seen not to hold, else errored when anything could not be
    /// told.
    pub fn done(mut self, took: Duration) -> CaseOutcome {
        self.outcome.took = took;
        self.outcome.verdict = match () {
            () if !self.outcome.failures.is_empty() => Verdict::Failed,
            () if !self.outcome.troubles.is_empty() => Verdict::Errored,
            () => Verdict::Passed,
        };
        self.outcome
    }
}

/// The most characters of a line of evidence that are kept.
const LINE: usize = 4_000;

fn bounded(mut line: String) -> String {
    if let Some((at, _)) = line.char_indices().nth(LINE) {
        let left = line[at..].chars().count();
        line.truncate(at);
        line.push_str(&format!("… ({left} more characters)"));
    }
    line
}

fn bare(suites: &[Suite], sources: &Sources, plan: &Plan, at: usize) -> Option<Making> {
    of(suites, plan, at).map(|(suite, case)| Making::new(suite, case, sources))
}

/// The outcome of a case that the suite skips.
pub fn skipped(suites: &[Suite], sources: &Sources, plan: &Plan, at: usize) -> CaseOutcome {
    let reason = of(suites, plan, at).and_then(|(_, case)| case.skip.clone());
    let mut outcome = lost(suites, sources, plan, at);
    outcome.troubles.clear();
    outcome.verdict = Verdict::Skipped;
    outcome.skip = reason;
    outcome
}

/// The outcome of a case whose unit gave none: our own fault, so errored.
pub fn lost(suites: &[Suite], sources: &Sources, plan: &Plan, at: usize) -> CaseOutcome {
    let message =
        "seaworthy lost this case: that is a defect of its own, please report it".to_owned();
    match bare(suites, sources, plan, at) {
        Some(mut making) => {
            making.trouble(Trouble {
                place: None,
                message,
            });
            making.done(Duration::ZERO)
        }
        None => {
            let place = sources.place(crate::text::source::Span {
                file: crate::text::source::FileId(u32::MAX),
                start: 0,
                end: 0,
            });
            CaseOutcome {
                suite: String::new(),
                suite_file: String::new(),
                name: String::new(),
                place,
                verifies: Vec::new(),
                verdict: Verdict::Errored,
                skip: None,
                failures: Vec::new(),
                troubles: vec![Trouble {
                    place: None,
                    message,
                }],
                claims: Vec::new(),
                evidence: Vec::new(),
                took: Duration::ZERO,
                image: None,
                images: Vec::new(),
                kept: Vec::new(),
                calls: Calls::default(),
                observation: Calls::default(),
                attempts: Vec::new(),
            }
        }
    }
}
