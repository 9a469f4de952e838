//! Who cleans up after runs, as this machine's processes tell.

use std::fs;

/// Those whose parent and words are wanted, by number and words.
pub fn reapers(is_wanted: impl Fn(u32, &str) -> bool) -> Vec<(u32, String)> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let reaper = |id: u32| {
        let words = fs::read(format!("/proc/{id}/cmdline")).ok()?;
        let words = String::from_utf8_lossy(&words).replace('\0', " ");
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        let parent = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?;
        let is_one = words.starts_with("seaworthy-reaper reap ");
        (is_one && is_wanted(parent.parse().ok()?, &words)).then_some((id, words))
    };
    ids.filter_map(reaper).collect()
}
