//! Steps that are done while requests are made.

use super::Cases;
use crate::action::load::Load;
use crate::claim::Findings;
use crate::observe::load::begin;
use crate::run::keep;
use crate::run::outcome::{ClaimOutcome, Failure, Trouble, Verdict};
use crate::session::company::Company;
use crate::suite::{Case, Step, Suite};
use crate::text::source::{Sources, Span};

impl Cases<'_> {
    /// Makes requests while these steps are done; `false` where one of them, or the requests, did not come
    /// out as the suite says.
    pub(super) async fn load(
        &mut self,
        (suite, case): (&Suite, &Case),
        company: &Company,
        (span, load, during, note): (Span, &Load, &[Step], Option<&str>),
    ) -> bool {
        let claim = &load.0.http.value.0;
        let cover = self.shared.keeper.cover(self.suite());
        let words = keep::load(load, &cover);
        self.each(|_, making| making.does(words.clone()));
        let mut requests = match begin(company, claim, load.clients()).await {
            Ok(requests) => requests,
            Err(why) => return self.untried(span, &why),
        };
        if requests.flows(company).await {
            let stage = self.progress.stage();
            for step in during {
                self.progress.at(format!("{stage}, `load`"));
                requests.mark(step.name());
                if !Box::pin(self.step(suite, case, step, company)).await {
                    return false;
                }
                // What is done after that is done under no load.
                if let Some(why) = requests.cut(company).await {
                    return self.untried(span, &why);
                }
            }
        }
        match requests.done(company).await {
            Ok(seen) => {
                let mut findings = Findings::default();
                load.judge(span, &seen, &mut findings);
                let fact = self.shared.keeper.traffic(self.suite(), &seen);
                let (outcome, failures) = told(span, findings, note, &self.shared.sources);
                self.each(|_, making| making.counted(outcome.clone(), &failures, fact.clone()));
                failures.is_empty()
            }
            Err(why) => self.untried(span, &why),
        }
    }

    fn untried(&mut self, span: Span, why: &str) -> bool {
        let place = self.shared.sources.place(span);
        self.each(|_, making| {
            making.trouble(Trouble {
                place: Some(place.clone()),
                message: format!("the requests of `load` could not be made: {why}"),
            });
        });
        false
    }
}

/// What was found of the requests, as values for the report.
pub(in crate::run) fn told(
    span: Span,
    findings: Findings,
    note: Option<&str>,
    sources: &Sources,
) -> (ClaimOutcome, Vec<Failure>) {
    let failures = findings.misses.into_iter().map(|miss| Failure {
        place: sources.place(miss.span),
        claim: "load".to_owned(),
        what: miss.what,
        service: None,
        expected: miss.miss.expected,
        actual: miss.miss.actual,
        diff: miss.miss.diff,
        notes: miss.notes,
        waited: None,
    });
    let failures: Vec<Failure> = failures.collect();
    let outcome = ClaimOutcome {
        claim: "load".to_owned(),
        place: sources.place(span),
        verdict: match failures.is_empty() {
            true => Verdict::Passed,
            false => Verdict::Failed,
        },
        seen: findings.seen,
        note: note.map(str::to_owned),
    };
    (outcome, failures)
}
