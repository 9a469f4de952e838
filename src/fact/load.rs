//! What came of many requests, made while something happened to a container.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::http::{Failure, Outcome};
use crate::text::cut::cut;
use crate::words;

words! {
    /// What became of a request that did not get the answer it was to get.
    pub enum Loss {
        /// No connection was made: nothing was lost that anyone had taken.
        Refused = "refused",
        /// A connection was made, and no whole answer came on it.
        Reset = "reset",
        /// No answer came in time.
        Late = "late",
        /// The answer is not as claimed.
        Wrong = "wrong",
    }
}

/// All of them, in the order in which they are told.
pub const LOSSES: [Loss; 4] = [Loss::Refused, Loss::Reset, Loss::Late, Loss::Wrong];

impl Loss {
    /// What a request without an answer became, and the words for it.
    pub fn of(outcome: &Outcome) -> Option<(Self, &str)> {
        let Outcome::Failed { failure, text } = outcome else {
            return None;
        };
        let loss = match failure {
            Failure::Refused | Failure::Dns => Self::Refused,
            Failure::Timeout => Self::Late,
            Failure::Any | Failure::Tls => Self::Reset,
        };
        Some((loss, text))
    }
}

/// How many requests came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Answered as claimed.
    pub ok: u64,
    /// Not connected.
    pub refused: u64,
    /// Broken off.
    pub reset: u64,
    /// Not answered in time.
    pub late: u64,
    /// Answered otherwise.
    pub wrong: u64,
}

impl Counts {
    /// All requests.
    pub fn all(&self) -> u64 {
        self.ok + self.refused + self.failed()
    }

    /// Those that someone had taken and did not answer as claimed.
    pub fn failed(&self) -> u64 {
        self.reset + self.late + self.wrong
    }

    /// Those of one kind.
    pub fn of(&self, loss: Loss) -> u64 {
        match loss {
            Loss::Refused => self.refused,
            Loss::Reset => self.reset,
            Loss::Late => self.late,
            Loss::Wrong => self.wrong,
        }
    }

    /// Counts one more.
    pub fn add(&mut self, loss: Option<Loss>) {
        let count = match loss {
            None => &mut self.ok,
            Some(Loss::Refused) => &mut self.refused,
            Some(Loss::Reset) => &mut self.reset,
            Some(Loss::Late) => &mut self.late,
            Some(Loss::Wrong) => &mut self.wrong,
        };
        *count += 1;
    }
}

/// A request that did not get the answer it was to get.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lost {
    /// What became of it.
    pub loss: Loss,
    /// When that was known, from the first request on.
    pub micros: u64,
    /// How.
    pub text: String,
    /// How many more were lost in the same way, after the same step began.
    #[serde(default)]
    pub more: u64,
}

/// Something that was done meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// What.
    pub step: String,
    /// When it began, from the first request on.
    pub micros: u64,
}

/// What came of all requests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    /// How many clients made them.
    pub clients: u32,
    /// From the first request to the last answer.
    pub micros: u64,
    /// How many there were.
    pub counts: Counts,
    /// What came of those of them that were in flight when the first step began.
    #[serde(default)]
    pub in_flight: Counts,
    /// Until when what was begun counts as that, where it was seen that the program had it; else until the first
    /// step began.
    #[serde(default)]
    pub taken: Option<u64>,
    /// How long those took that were answered as claimed.
    pub times: Times,
    /// What was done meanwhile.
    pub marks: Vec<Mark>,
    /// Those that did not get their answer, by time: the first of each way to lose one, of a few ways of each kind.
    pub lost: Vec<Lost>,
}

/// So many ways to lose one are kept of each kind.
const KEPT: usize = 3;
/// Of what is said of one, so many characters are kept.
const SAID: usize = 500;

impl Traffic {
    /// Takes one that was begun at that moment, where that was before the first step.
    pub fn begun(&mut self, at: Duration, loss: Option<Loss>) {
        let until = self.marks.first().map(|first| first.micros);
        if until.is_some_and(|until| micros(at) <= self.taken.unwrap_or(until)) {
            self.in_flight.add(loss);
        }
    }

    /// Notes that the program has whatever was begun until then.
    pub fn has_taken(&mut self, until: Duration) {
        self.taken = Some(micros(until));
    }

    /// Takes a request that was answered as claimed.
    pub fn answered(&mut self, took: Duration) {
        self.counts.add(None);
        self.times.add(took);
    }

    /// Takes a request that was not.
    pub fn lose(&mut self, loss: Loss, at: Duration, text: &str) {
        self.counts.add(Some(loss));
        let new = Lost {
            loss,
            micros: micros(at),
            text: cut(text, SAID),
            more: 0,
        };
        let alike = self
            .lost
            .iter()
            .position(|known| self.are_alike(known, &new));
        if let Some(known) = alike.and_then(|at| self.lost.get_mut(at)) {
            known.more += 1;
        } else if self.lost.iter().filter(|lost| lost.loss == loss).count() < KEPT {
            self.lost.push(new);
        }
    }

    /// Whether two were lost in the same way, after the same step began.
    pub fn are_alike(&self, one: &Lost, other: &Lost) -> bool {
        let step = |lost: &Lost| self.since(lost.micros).map(|(step, _)| step);
        (one.loss, &one.text) == (other.loss, &other.text) && step(one) == step(other)
    }

    /// Marks the beginning of something that is done meanwhile.
    pub fn mark(&mut self, step: &str, at: Duration) {
        self.marks.push(Mark {
            step: step.to_owned(),
            micros: micros(at),
        });
    }

    /// What was begun last before a moment, and how long before it.
    pub fn since(&self, at: u64) -> Option<(&str, Duration)> {
        let mark = self.marks.iter().rev().find(|mark| mark.micros <= at)?;
        let since = Duration::from_micros(at - mark.micros);
        Some((&mark.step, since))
    }
}

/// Times in classes of about one part in 64, so that any number of them takes little room.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    classes: Vec<u64>,
    longest: u64,
}

/// Classes for each doubling.
const FINE: u32 = 6;

impl Times {
    /// Takes one.
    pub fn add(&mut self, time: Duration) {
        let micros = micros(time);
        let class = class(micros);
        if self.classes.len() <= class {
            self.classes.resize(class + 1, 0);
        }
        if let Some(count) = self.classes.get_mut(class) {
            *count += 1;
        }
        self.longest = self.longest.max(micros);
    }

    /// The time that so many of a hundred did not exceed; none where there is none.
    pub fn percentile(&self, percent: u64) -> Option<Duration> {
        let all: u64 = self.classes.iter().sum();
        let wanted = (all * percent).div_ceil(100).max(1);
        let mut seen = 0;
        for (class, count) in self.classes.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return Some(Duration::from_micros(end(class).min(self.longest)));
            }
        }
        None
    }
}

/// The class of a time: itself where it is short, else its leading digits.
fn class(micros: u64) -> usize {
    let length = u64::BITS - micros.leading_zeros();
    let shift = length.saturating_sub(FINE + 1);
    let class = (u64::from(shift) << FINE) + (micros >> shift);
    usize::try_from(class).unwrap_or(usize::MAX)
}

/// The longest time of a class.
fn end(class: usize) -> u64 {
    let class = class as u64;
    let shift = (class >> FINE).saturating_sub(1);
    let lead = class - (shift << FINE);
    ((lead + 1) << shift) - 1
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_time_is_in_a_class_that_ends_close_behind_it() {
        let mut last = 0;
        for micros in (0..300).chain([1_000, 12_345, 999_999, 10_000_000, 86_400_000_000]) {
            let class = class(micros);
            assert!(class >= last && class < 4_000, "{micros}: {class}");
            last = class;
            let end = end(class);
            assert!(
                micros <= end && end <= micros + micros / 64,
                "{micros}: {end}"
            );
        }
    }

    #[test]
    fn percentiles_are_of_all_times_and_never_above_the_longest() {
        let mut times = Times::default();
        assert_eq!(times.percentile(50), None);
        for millis in 1..=100 {
            times.add(Duration::from_millis(millis));
        }
        let near = |percent, millis: u64| {
            let found = times.percentile(percent).unwrap();
            let expected = Duration::from_millis(millis);
            assert!(
                found >= expected && found <= expected * 65 / 64,
                "{percent}: {found:?}"
            );
        };
        near(50, 50);
        near(99, 99);
        assert_eq!(times.percentile(100), Some(Duration::from_millis(100)));
    }

    #[test]
    fn of_few_times_the_one_that_half_did_not_exceed_is_the_middle_one() {
        let mut times = Times::default();
        // The longest may have come first.
        for micros in [90, 20, 10] {
            times.add(Duration::from_micros(micros));
        }
        assert_eq!(times.percentile(50), Some(Duration::from_micros(20)));
        assert_eq!(times.percentile(99), Some(Duration::from_micros(90)));
    }

    #[test]
    fn of_each_kind_the_first_few_are_kept_and_all_are_counted() {
        let mut traffic = Traffic::default();
        traffic.mark("stop", Duration::from_millis(10));
        for at in 0..100 {
            traffic.lose(Loss::Refused, Duration::from_millis(at), "no");
            traffic.lose(Loss::Reset, Duration::from_millis(at), &"x".repeat(10_000));
            traffic.answered(Duration::from_millis(at));
        }
        assert_eq!(
            (traffic.counts.refused, traffic.counts.failed()),
            (100, 100)
        );
        // Each in one way before the first step, and in the same after it.
        let more: Vec<u64> = traffic.lost.iter().map(|lost| lost.more).collect();
        assert_eq!((traffic.counts.all(), more), (300, vec![9, 9, 89, 89]));
        for way in 0..10 {
            traffic.lose(Loss::Late, Duration::ZERO, &way.to_string());
        }
        assert_eq!(traffic.lost.len(), 4 + KEPT);
        assert!(
            traffic
                .lost
                .iter()
                .all(|lost| lost.text.chars().count() <= SAID + 1)
        );
        assert_eq!(traffic.since(9_999), None);
        assert_eq!(
            traffic.since(12_000),
            Some(("stop", Duration::from_millis(2)))
        );
        traffic.mark("start", Duration::from_millis(20));
        assert_eq!(
            traffic.since(21_000),
            Some(("start", Duration::from_millis(1)))
        );
        assert_eq!(traffic.since(19_000).map(|(step, _)| step), Some("stop"));
    }

    #[test]
    fn what_never_was_connected_was_not_taken_by_anyone() {
        let of = |failure| {
            let text = String::new();
            Loss::of(&Outcome::Failed { failure, text }).map(|(loss, _)| loss)
        };
        assert_eq!(of(Failure::Refused), Some(Loss::Refused));
        assert_eq!(of(Failure::Dns), Some(Loss::Refused));
        assert_eq!(of(Failure::Timeout), Some(Loss::Late));
        assert_eq!(of(Failure::Any), Some(Loss::Reset));
        assert_eq!(of(Failure::Tls), Some(Loss::Reset));
    }

    #[test]
    fn what_the_program_had_not_taken_was_not_in_flight() {
        let at = Duration::from_millis;
        let mut traffic = Traffic::default();
        traffic.has_taken(at(10));
        traffic.mark("stop", at(20));
        for begun in [5, 10, 15, 25] {
            traffic.begun(at(begun), Some(Loss::Reset));
        }
        assert_eq!(traffic.in_flight.reset, 2);
        traffic.taken = None;
        traffic.begun(at(15), None);
        traffic.begun(at(25), None);
        assert_eq!(traffic.in_flight.ok, 1);
    }
}
