//! Takes memory.

use std::collections::HashMap;
use std::fs;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::complain;

/// How much is taken at a time.
const PART: u64 = 1 << 20;
/// Where the kernel counts whom it has ended for their memory.
const COUNTS: [&str; 2] = [
    "/sys/fs/cgroup/memory/memory.oom_control",
    "/sys/fs/cgroup/memory.events",
];
/// How long one that the kernel ends may take to be gone.
const GONE: Duration = Duration::from_secs(10);

/// Takes so much memory and lets it go, if the kernel lets it live for so long. Where the kernel ends
/// another one instead, that one is gone when this ends.
pub(crate) fn exhaust(most: u64) -> ExitCode {
    let before = (ended(), living());
    let mut held: Vec<Vec<u8>> = Vec::new();
    let mut left = most;
    while left > 0 {
        let size = left.min(PART);
        let mut part = Vec::new();
        let room = usize::try_from(size).map(|size| part.try_reserve_exact(size));
        let (Ok(Ok(())), Ok(size)) = (room, usize::try_from(size)) else {
            return complain("the kernel gives it no more memory");
        };
        // Only what is written to is really taken.
        part.resize(size, 1_u8);
        held.push(black_box(part));
        left -= size as u64;
    }
    drop(held);
    if ended() != before.0 {
        await_loss(&before.1);
    }
    ExitCode::SUCCESS
}

/// Waits until one of those that lived is gone. The memory of a process is free before the process has
/// ended; and with the first one everyone ends, this one too.
fn await_loss(lived: &HashMap<u32, u64>) {
    let start = Instant::now();
    while start.elapsed() < GONE {
        let living = living();
        let lost = |(pid, began): (&u32, &u64)| living.get(pid) != Some(began);
        let mut lost = lived.iter().filter(|one| lost(*one)).map(|(pid, _)| *pid);
        if living.contains_key(&1) && lost.next().is_some() {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// How many the kernel has ended in this control group; none known where it does not say.
fn ended() -> Option<u64> {
    let text = COUNTS
        .iter()
        .find_map(|path| fs::read_to_string(path).ok())?;
    let mut lines = text.lines();
    lines.find_map(|line| line.strip_prefix("oom_kill ")?.parse().ok())
}

/// Those that hold memory, and when each began.
fn living() -> HashMap<u32, u64> {
    let folders = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = folders.filter_map(|folder| folder.file_name().to_str()?.parse().ok());
    let began = |pid: u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name may hold anything; the numbers follow its last bracket.
        let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(19);
        let began = fields.next()?.parse().ok()?;
        let size: u64 = fields.next()?.parse().ok()?;
        (size > 0).then_some((pid, began))
    };
    pids.filter_map(began).collect()
}
