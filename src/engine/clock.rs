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
    fn a_slow_look_is_followed_by_as_long_a_rest_and_no_longer_than_the_longest() {
        let (millis, pause) = (Duration::from_millis, Duration::from_millis(40));
        assert_eq!(rest(millis(3), pause), pause);
        assert_eq!(rest(millis(700), pause), millis(700));
        assert_eq!(rest(millis(9_000), pause), REST);
        assert_eq!(rest(millis(9_000), REST * 2), REST * 2);
    }
}
