//! For tests: that work takes no more than its share of the time where there is more of it.

use std::time::{Duration, Instant};

/// How much more there is the second time. What grows with the square takes 64 times as long.
const LONGER: usize = 8;
/// How much longer it may take.
const MOST: u32 = 26;
/// A machine that does something else for a moment is asked again.
const TRIES: usize = 5;

#[expect(
    clippy::disallowed_methods,
    reason = "how long one thing takes is compared with how long another does"
)]
fn took(work: impl FnOnce()) -> Duration {
    let began = Instant::now();
    work();
    began.elapsed()
}

/// Panics where the work on what is made of so many parts, and of eight times as many, grows with more than their number.
pub fn grows<T>(name: &str, count: usize, of: impl Fn(usize) -> T, work: impl Fn(T)) {
    let (mut short, mut long) = (Duration::MAX, Duration::MAX);
    for _ in 0..TRIES {
        let (few, many) = (of(count), of(count * LONGER));
        short = short.min(took(|| work(few)));
        long = long.min(took(|| work(many)));
        if long < short * MOST {
            return;
        }
    }
    panic!("{name}: {count} take {short:?}, {LONGER} times as many take {long:?}");
}
