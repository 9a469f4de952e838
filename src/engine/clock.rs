//! The clock: what time it is, and waiting a little before a fact is looked at again.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub use tokio::time::Instant;

/// Now, for measuring.
pub fn now() -> Instant {
    Instant::now()
}

/// Now, in nanoseconds since 1970, for comparing with what an engine on this machine says.
pub fn wall_nanos() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}

/// What the two clocks may differ in what they say of the same time, slewing and a busy machine included.
const APART: Duration = Duration::from_secs(1);

/// A moment by the clock that only goes on and by the one that people set.
#[derive(Clone, Copy, Debug)]
pub struct Both {
    steady: Instant,
    /// In nanoseconds since 1970.
    pub wall: i64,
}

/// Now, by both clocks.
pub fn both() -> Both {
    Both {
        steady: now(),
        wall: wall_nanos(),
    }
}

impl Both {
    /// The time since then.
    pub fn elapsed(&self) -> Duration {
        self.steady.elapsed()
    }

    /// Whether the clock of this machine was set since then, or the machine has slept: what was noted by it before
    /// says nothing of how long ago that was.
    pub fn was_set_since(&self) -> bool {
        is_apart(self.elapsed(), wall_nanos().saturating_sub(self.wall))
    }
}

/// Whether so much time by one clock is another time by the other, in nanoseconds.
fn is_apart(steady: Duration, wall: i64) -> bool {
    let steady = i64::try_from(steady.as_nanos()).unwrap_or(i64::MAX);
    // Clocks that are slewed are so by 0.05 %.
    let most = APART + Duration::from_nanos(steady.unsigned_abs() / 1000);
    u128::from(wall.abs_diff(steady)) > most.as_nanos()
}

/// Lets this much time pass between two looks, where what happens in that time is what is measured.
pub async fn pass(time: Duration) {
    tokio::time::sleep(time).await;
}

/// The longest rest after a look that took long.
const REST: Duration = Duration::from_secs(1);

/// Pauses between two looks at a fact: short at first, then longer, never beyond a deadline. A look that takes
/// long, such as a health check that starts an interpreter, is followed by as long a rest: what is waited for
/// needs the processor too.
#[derive(Debug)]
pub struct Looks {
    deadline: Instant,
    pause: Duration,
    /// When the look began that is being taken.
    began: Instant,
}

impl Looks {
    /// Looks until this much time has passed.
    pub fn within(time: Duration) -> Self {
        let far = Duration::from_hours(365 * 24);
        Self {
            deadline: now() + time.min(far),
            pause: Duration::from_millis(15),
            began: now(),
        }
    }

    /// Waits for the next look; `false` when the time is up.
    pub async fn again(&mut self) -> bool {
        let left = self.deadline.saturating_duration_since(now());
        if left.is_zero() {
            return false;
        }
        tokio::time::sleep(rest(self.began.elapsed(), self.pause).min(left)).await;
        self.began = now();
        self.pause = (self.pause * 3 / 2).min(Duration::from_millis(400));
        true
    }

    /// What is left.
    pub fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(now())
    }
}

/// The rest after a look that took so long, where a pause is due.
fn rest(looked: Duration, pause: Duration) -> Duration {
    looked.clamp(pause, REST.max(pause))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_is_told_from_one_that_drifts() {
        let second = 1_000_000_000_i64;
        let is_apart = |steady, wall: i64| is_apart(Duration::from_secs(steady), wall * second);
        for (steady, wall, expected) in [
            (60, 60, false),
            (60, 59, false),
            (60, 61, false),
            (60, 57, true),
            (60, 3660, true),
            (60, -3540, true),
            (100_000, 100_050, false),
            (100_000, 100_200, true),
        ] {
            assert_eq!(is_apart(steady, wall), expected, "{steady} s, {wall} s");
        }
    }

    #[test]
    fn a_slow_look_is_followed_by_as_long_a_rest_and_no_longer_than_the_longest() {
        let (millis, pause) = (Duration::from_millis, Duration::from_millis(40));
        assert_eq!(rest(millis(3), pause), pause);
        assert_eq!(rest(millis(700), pause), millis(700));
        assert_eq!(rest(millis(9_000), pause), REST);
        assert_eq!(rest(millis(9_000), REST * 2), REST * 2);
    }
}
