//! The outcome of a case, put together.

use std::time::Duration;

use super::among::Among;
use super::judge::Judged;
use super::outcome::{CaseOutcome, ClaimOutcome, Evidence, Failure, ImageOf, Trouble, Verdict};
use super::record::{self, Apart, Done, Look, Record, What};
use super::unmounted;
use crate::fact::calls::Calls;
use crate::plan::Plan;
use crate::suite::outside::shown;
use crate::suite::service::APP;
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
            tags: case.tags.clone(),
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
            record: Record::default(),
            attempts: Vec::new(),
            by: None,
        };
        Self {
            outcome,
            judging: Duration::ZERO,
        }
    }

    /// Takes a failure that no claim has brought.
    pub fn fail(&mut self, failure: Failure) {
        self.apart(What::Failure(self.outcome.failures.len()));
        self.outcome.failures.push(failure);
    }

    /// Takes failures that all cases of a container share.
    pub fn fail_all(&mut self, failures: &[Failure]) {
        for failure in failures {
            self.fail(failure.clone());
        }
    }

    /// Takes something that kept us from telling, and that is no claim's.
    pub fn trouble(&mut self, trouble: Trouble) {
        // What is found out twice is said once.
        if self.outcome.troubles.contains(&trouble) {
            return;
        }
        self.apart(What::Trouble(self.outcome.troubles.len()));
        self.outcome.troubles.push(trouble);
    }

    /// Writes down that something has gone that it depends on: what does not hold may be due to that.
    pub fn undermined(&mut self) {
        self.outcome.record.undermined = true;
    }

    fn apart(&mut self, what: What) {
        let after = self.outcome.record.steps.len();
        self.outcome.record.apart.push(Apart { after, what });
    }

    /// Writes down what is run, and what its Compose files are.
    pub fn ran(&mut self, ran: String, composed: String) {
        self.outcome.record.ran = ran;
        self.outcome.record.composed = composed;
    }

    /// Writes down who is there.
    pub fn meets(&mut self, among: Among) {
        self.outcome.record.among = among;
    }

    /// Writes down how the claims are looked at: as soon as the container runs, or in its image alone.
    pub fn looks(&mut self, at_once: bool, in_image: bool) {
        self.outcome.record.at_once = at_once;
        self.outcome.record.in_image = in_image;
    }

    /// Writes down that a step is done.
    pub fn does(&mut self, step: String) {
        self.outcome.record.steps.push(Done::Did(step));
    }

    /// The claims that come are of a step of their own.
    pub fn expects(&mut self) {
        self.outcome.record.steps.push(Done::Judged(Vec::new()));
    }

    /// Takes a judged claim, and what it was judged by.
    pub fn take(&mut self, judged: Judged<'_>, look: Look, sources: &Sources) {
        self.judging = self.judging.max(judged.took);
        let (claim, failures, troubles) = judged.told(sources);
        self.told(claim, failures, troubles, look);
    }

    /// Takes what came of a claim, and what it was judged by.
    pub fn told(
        &mut self,
        claim: ClaimOutcome,
        failures: Vec<Failure>,
        troubles: Vec<Trouble>,
        mut look: Look,
    ) {
        look.failures = failures.len();
        look.troubles = troubles.len();
        self.outcome.claims.push(claim);
        self.outcome.failures.extend(failures);
        self.outcome.troubles.extend(troubles);
        let steps = &mut self.outcome.record.steps;
        match steps.last_mut() {
            Some(Done::Judged(looks)) => looks.push(look),
            _ => steps.push(Done::Judged(vec![look])),
        }
    }

    /// Takes what came of requests under load, with the key of what was counted.
    pub fn counted(&mut self, outcome: ClaimOutcome, failures: &[Failure], fact: String) {
        self.outcome.claims.push(outcome);
        self.outcome.failures.extend_from_slice(failures);
        let failures = failures.len();
        let load = record::Load { fact, failures };
        self.outcome.record.steps.push(Done::Counted(load));
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

    /// The outcome: failed when anything was seen not to hold that nothing else may be to blame for, else errored when
    /// anything could not be told.
    pub fn done(mut self, took: Duration) -> CaseOutcome {
        self.outcome.took = took;
        self.outcome.verdict = match () {
            () if self.outcome.record.undermined => Verdict::Errored,
            () if !self.outcome.failures.is_empty() => Verdict::Failed,
            () if !self.outcome.troubles.is_empty() => Verdict::Errored,
            () => Verdict::Passed,
        };
        self.outcome
    }
}

/// Says of a failed claim what may have come from how it was looked at.
pub fn hint(judged: &mut Judged<'_>, case: &Case, at_once: bool, in_image: bool) {
    if at_once {
        judged.hint_at_ready();
    }
    if in_image && case.services_of(judged.item) == [APP] {
        unmounted::hint(judged, &case.run);
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
                tags: Vec::new(),
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
                record: Record::default(),
                attempts: Vec::new(),
                by: None,
            }
        }
    }
}
