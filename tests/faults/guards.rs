//! Who cleans up after a run, for tests that need one that nobody cleans up after.

use std::fs;

/// The processes that a run has begun to clean up after it.
pub fn guards(run: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let is_guard = |id: &u32| {
        let words = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let parent = stat
            .rsplit_once(')')
            .and_then(|(_, rest)| rest.split_whitespace().nth(1));
        words.starts_with(b"seaworthy-reaper\0") && parent == Some(run.to_string().as_str())
    };
    ids.filter(is_guard).collect()
}

/// Ends them, so that what the run leaves stays.
pub fn unguard(run: u32) {
    for guard in guards(run) {
        let _ = std::process::Command::new("kill")
            .args(["-9", &guard.to_string()])
            .status();
    }
}
