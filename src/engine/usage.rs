//! What containers of this machine use while they run, as its kernel counts it: nothing is asked of the engine,
//! and nothing is done in a container.

use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use super::record::{Recorder, Track};
use super::{clock, off_thread};
use crate::fact::cgroup::{Files, Groups, Ours};
use crate::fact::mount::{self, Mounts};

/// How long containers run on between two looks at them.
const PAUSE: Duration = Duration::from_millis(200);

/// Looks at what runs again and again, for as long as it is let. A container that is not of this machine is
/// not seen, and nothing is told of it.
pub async fn watch(recorder: &Recorder) {
    let Some(mounts) = off_thread(mounts).await.ok().flatten() else {
        return std::future::pending().await;
    };
    let mounts = Arc::new(mounts);
    let mut known: HashMap<(u64, String), Option<Groups>> = HashMap::new();
    loop {
        clock::pass(PAUSE).await;
        let running = recorder.running();
        if running.is_empty() {
            continue;
        }
        let mut looked = std::mem::take(&mut known);
        looked.retain(|(process, id), _| running.iter().any(|(_, p, i)| p == process && i == id));
        let seen = Arc::clone(&mounts);
        let look = off_thread(move || {
            for (track, process, id) in running {
                let groups = looked
                    .entry((process, id))
                    .or_insert_with_key(|(process, id)| groups(*process, id, &seen));
                if let Some(groups) = groups {
                    sample(&track, groups);
                }
            }
            looked
        });
        known = look.await.unwrap_or_default();
    }
}

fn sample(track: &Track, groups: &Groups) {
    let paths = groups.usage_files();
    let files = Files(paths.into_iter().map(held).collect());
    let none = Ours::default();
    let memory = groups.usage(&files, none).memory.ok();
    let worked = groups.worked(&files, none).ok();
    match (memory, worked) {
        // Its groups are gone, and so is it.
        (None, None) => track.stands(),
        (memory, worked) => track.sample(memory, worked.map(|(nanos, _)| nanos / 1_000_000)),
    }
}

/// What a file of the kernel's holds; `None` where there is none.
fn held(path: String) -> (String, Result<Option<String>, String>) {
    let held = match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.to_string()),
    };
    (path, held)
}

fn mounts() -> Option<Mounts> {
    let told = fs::read_to_string("/proc/self/mountinfo").ok()?;
    let all = mount::parse(&told)?;
    let all = all.into_iter().filter(|one| one.kind.starts_with("cgroup"));
    Some(Mounts {
        all: all.collect(),
        real: Vec::new(),
    })
}

/// The groups of a container, by its main process. The number may be one of another machine.
fn groups(process: u64, id: &str, mounts: &Mounts) -> Option<Groups> {
    let told = fs::read_to_string(format!("/proc/{process}/cgroup")).ok()?;
    Groups::of_container(&told, mounts, id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_of_this_machine_is_none_of_a_container_that_has_another_id() {
        let mounts = mounts().unwrap_or_default();
        let own = u64::from(std::process::id());
        assert!(groups(own, "0123456789abcdef", &mounts).is_none());
        assert!(groups(own, "", &mounts).is_none());
        assert!(groups(u64::MAX, "0123456789abcdef", &mounts).is_none());
    }
}
