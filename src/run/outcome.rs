//! What came of a run: verdicts with their evidence, as values.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::attempt::{Attempt, By};
use super::facts::Facts;
use super::grants::Given;
use super::joined::Part;
use super::layers::ImageLayers;
use super::record::Record;
use super::standing;
use crate::fact::calls::Calls;
use crate::fact::timeline::Course;
use crate::session::unmade::Unmade;
use crate::text::source::Place;
use crate::words;

words! {
    /// What came of a case or a claim.
    pub enum Verdict {
        /// It was seen to hold.
        Passed = "passed",
        /// It was seen not to hold.
        Failed = "failed",
        /// We could not tell.
        Errored = "errored",
        /// It was not looked at: the suite says why.
        Skipped = "skipped",
    }
}

/// One thing that is not as claimed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Failure {
    /// The place in the suite that claims it.
    pub place: Place,
    /// The claim's name, and of what: `path`, `/app mode`.
    pub claim: String,
    /// Of what within the claim.
    pub what: String,
    /// On which container, where the case has several.
    pub service: Option<String>,
    /// What the suite says.
    pub expected: String,
    /// What was seen.
    pub actual: String,
    /// The difference of long texts.
    pub diff: Option<String>,
    /// Evidence and advice.
    pub notes: Vec<String>,
    /// How long it was waited for, where it may come true late.
    pub waited: Option<Duration>,
}

impl Failure {
    /// The claim, and of what: each word once, since a claim may say its own name there.
    pub fn about(&self) -> String {
        match self.what.split_whitespace().next() == Some(self.claim.as_str()) {
            true => self.what.clone(),
            false => format!("{} {}", self.claim, self.what)
                .trim_end()
                .to_owned(),
        }
    }
}

/// Something that kept us from telling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Trouble {
    /// The place in the suite it is about, where there is one.
    pub place: Option<Place>,
    /// What happened and what to do.
    pub message: String,
}

/// What came of one claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ClaimOutcome {
    /// The claim's name.
    pub claim: String,
    /// Where the suite states it.
    pub place: Place,
    /// What came of it.
    pub verdict: Verdict,
    /// What was seen, in a few words.
    pub seen: Vec<String>,
    /// The suite's own sentence.
    pub note: Option<String>,
}

/// A block of evidence: the last log lines, a health check's output, …
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Evidence {
    /// What it is.
    pub title: String,
    /// The lines, hostile and bounded.
    pub lines: Vec<String>,
}

/// The image of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ImageOf {
    /// The service, `app` being the one under test.
    pub service: String,
    /// What it is called.
    pub name: String,
    /// Its id.
    pub id: String,
    /// The digest by which the registry knows it that its name speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// What came of one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CaseOutcome {
    /// The suite's name.
    pub suite: String,
    /// The suite's file, which tells suites of one name apart.
    #[serde(default)]
    pub suite_file: String,
    /// The case's name.
    pub name: String,
    /// Where the suite has it.
    pub place: Place,
    /// Ids it verifies.
    pub verifies: Vec<String>,
    /// Its tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// What came of it.
    pub verdict: Verdict,
    /// Why it was skipped.
    pub skip: Option<String>,
    /// Everything that is not as claimed.
    pub failures: Vec<Failure>,
    /// Everything that kept us from telling.
    pub troubles: Vec<Trouble>,
    /// Every claim that was judged.
    pub claims: Vec<ClaimOutcome>,
    /// What helps to understand a case that did not pass.
    pub evidence: Vec<Evidence>,
    /// From its start to its verdict. Cases that share a container share the container's time.
    pub took: Duration,
    /// The image that was judged: its name and id.
    pub image: Option<String>,
    /// The images of all its services, and those that steps put in their place.
    #[serde(default)]
    pub images: Vec<ImageOf>,
    /// Containers that were kept, and how to look at and remove them.
    pub kept: Vec<String>,
    /// What was asked of the engine and the probe for its container, from making to removing it. Cases
    /// that share a container share these.
    #[serde(default)]
    pub calls: Calls,
    /// Those of them that its claims took, once the container was ready.
    #[serde(default)]
    pub observation: Calls,
    /// What was done and seen in it, so that its claims can be judged again.
    #[serde(default, skip_serializing_if = "Record::is_empty")]
    pub record: Record,
    /// Each time it was run, in order, where that was more than once.
    #[serde(default)]
    pub attempts: Vec<Attempt>,
    /// Which of these it was judged again by, where other suites judged it than those of its run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
}

/// What a suite is to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Requirement {
    /// Where it is written.
    pub file: String,
    /// Where in that file.
    #[serde(default)]
    pub place: Option<Place>,
    /// Its id, one of its own within that file.
    pub id: String,
    /// What it says.
    pub says: String,
    /// The names of the suites that know it.
    pub suites: Vec<String>,
    /// Their files.
    #[serde(default)]
    pub suite_files: Vec<String>,
}

/// A case that verifies something and was not run: it was not chosen, or the run did not get to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LeftOut {
    /// The suite's file.
    pub suite_file: String,
    /// The suite's name.
    pub suite: String,
    /// The case's name.
    pub name: String,
    /// Ids it verifies.
    pub verifies: Vec<String>,
}

/// A file of a suite, as it was when it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Text {
    /// As it is named in places.
    pub file: String,
    /// The SHA-256 of its text.
    pub sha256: String,
    /// Whether it is a suite, and not something that suites include or name.
    #[serde(default)]
    pub is_suite: bool,
    /// What it holds, unless that is too much for a report.
    #[serde(default)]
    pub text: Option<String>,
}

/// What came of a whole run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Outcome {
    /// The run's id, which everything it made is labelled with.
    pub run: String,
    /// Cases in the order of their suites.
    pub cases: Vec<CaseOutcome>,
    /// What kept the run itself from going well: a leftover, an engine that is gone.
    pub troubles: Vec<Trouble>,
    /// Whether it was interrupted.
    pub interrupted: bool,
    /// How many cases were not judged, since it was interrupted or another case did not pass.
    #[serde(default)]
    pub unjudged: usize,
    /// How long it took.
    pub took: Duration,
    /// What was asked of the engine and the probes in all.
    #[serde(default)]
    pub calls: Calls,
    /// What the suites are to show, in written order.
    #[serde(default)]
    pub requirements: Vec<Requirement>,
    /// The suites' files.
    #[serde(default)]
    pub texts: Vec<Text>,
    /// The engine in a line; nothing where none was needed.
    #[serde(default)]
    pub engine: String,
    /// Cases that verify something and were not run.
    #[serde(default)]
    pub left_out: Vec<LeftOut>,
    /// Whether it fails where a requirement is not verified.
    #[serde(default)]
    pub require_all: bool,
    /// Values that the environment gave variables; nothing for those that it did not give their secrets.
    #[serde(default)]
    pub given: BTreeMap<String, String>,
    /// The image that `--image` put in the place of those that the suites say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<String>,
    /// What the claims were judged by.
    #[serde(default, skip_serializing_if = "Facts::is_empty")]
    pub facts: Facts,
    /// What took place when; one of each run that was joined into this.
    #[serde(default)]
    pub courses: Vec<Course>,
    /// The images that were judged or started, with what each step of their making added.
    #[serde(default)]
    pub images: Vec<ImageLayers>,
    /// The powers over this machine that the suites were given.
    #[serde(default)]
    pub grants: Vec<Given>,
    /// How many cases of the suites were not chosen.
    #[serde(default)]
    pub unchosen: usize,
    /// Whether it fails where a case passed only when it was run again.
    #[serde(default)]
    pub strict: bool,
    /// Which part of the cases it is of, where several machines share them.
    #[serde(default)]
    pub part: Option<Part>,
    /// What a suite describes and that cannot be there, as far as that was seen; cases tell of it in more words.
    #[serde(skip)]
    pub unmade: Vec<Unmade>,
}

impl Outcome {
    /// How many cases came to this.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.cases.iter().filter(|c| c.verdict == verdict).count()
    }

    /// That of these cases; what was not run of those that were known before is left out.
    #[must_use]
    pub fn of_cases(mut self, cases: Vec<CaseOutcome>) -> Self {
        let of =
            |case: &CaseOutcome| [&case.suite_file, &case.suite, &case.name].map(String::clone);
        let run: HashSet<[String; 3]> = cases.iter().map(of).collect();
        self.left_out.retain(|one| {
            let key = [&one.suite_file, &one.suite, &one.name].map(String::clone);
            !run.contains(&key)
        });
        self.cases = cases;
        self
    }

    /// That of a run that could not begin.
    #[must_use]
    pub fn not_begun(mut self, why: String) -> Self {
        self.troubles.push(Trouble {
            place: None,
            message: why,
        });
        self
    }

    /// Whether a part of the suites' cases was not looked at, whatever the reason.
    pub fn is_partial(&self) -> bool {
        let shared = self.part.is_some() || self.unchosen > 0;
        self.interrupted || self.unjudged > 0 || shared || !self.left_out.is_empty()
    }

    /// Whether all requirements had to be verified, and there is none or one that was not looked at, or passed only
    /// when it was run again. What kept a run from beginning says nothing of requirements, and neither does a
    /// part of one.
    pub fn lacks_requirements(&self) -> bool {
        let open = || standing::rows(self).iter().any(standing::Row::is_open);
        let began = !self.cases.is_empty() || self.troubles.is_empty();
        let whole = self.part.is_none();
        self.require_all && whole && began && (self.requirements.is_empty() || open())
    }

    /// The exit code of the command: interrupted before failed before errored before nothing ran. A part of a run
    /// may have no case.
    pub fn exit_code(&self) -> u8 {
        match () {
            () if self.interrupted => 130,
            () if self.count(Verdict::Failed) > 0 || self.lacks_requirements() => 1,
            () if self.is_too_flaky() => 1,
            () if self.count(Verdict::Errored) > 0 || !self.troubles.is_empty() => 3,
            () if self.count(Verdict::Passed) == 0 && self.part.is_none() => 4,
            () => 0,
        }
    }
}

/// What happens while a run goes on, for those who watch.
#[derive(Debug, Clone)]
pub enum Event {
    /// The run begins: so many cases are to be judged.
    Began {
        /// How many.
        cases: usize,
    },
    /// Nobody cleans up if the run is killed outright.
    Unguarded {
        /// Why, and what to do.
        why: String,
    },
    /// The user's Compose tool warns of something.
    Warned {
        /// Where and of what.
        said: String,
    },
    /// An image is being brought: built, pulled or loaded.
    ImageBegan {
        /// What it is called.
        image: String,
        /// `builds`, `pulls`, `loads`, `looks up`.
        doing: &'static str,
        /// Whether it is there only for others to be compared with it.
        compared: bool,
    },
    /// A line of a build or a pull.
    ImageLine {
        /// Of which image.
        image: String,
        /// The line, hostile.
        line: String,
    },
    /// An image is there.
    ImageDone {
        /// Which.
        image: String,
        /// How it came: `built`, `taken as built before`, `pulled`, `found`.
        how: String,
        /// How long that took.
        took: Duration,
    },
    /// A case is being looked at.
    CaseBegan {
        /// Its number in the order of the report.
        index: usize,
        /// Suite and name.
        name: String,
        /// What is done now: `starts`, `waits until ready`, `observes`, `stops`, …
        doing: &'static str,
    },
    /// A case has its verdict.
    CaseDone {
        /// Its number in the order of the report.
        index: usize,
        /// What came of it.
        outcome: Box<CaseOutcome>,
    },
    /// Containers, networks and volumes are being removed.
    TearDown,
}

#[cfg(test)]
pub(crate) mod tests;
