//! Who cleans up after a run, for tests that need one that nobody cleans up after.

#[path = "reapers.rs"]
mod reapers;

use reapers::reapers;

/// Ends those that a run has begun to clean up after it, so that what it leaves stays.
pub fn unguard(run: u32) {
    for (guard, _) in reapers(|parent, _| parent == run) {
        let _ = std::process::Command::new("kill")
            .args(["-9", &guard.to_string()])
            .status();
    }
}
