//! Whether the process that a run belongs to still lives.

use std::fs;

use super::world;

/// What is known of the process that made something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It runs: what it made is in use.
    Runs,
    /// It has ended: nobody will come back for what it made.
    Ended,
    /// It is, or was, on another machine or in another container; from here nobody can tell.
    Elsewhere,
}

/// Looks for the process that an owner label names, as [`world::owner`] writes it.
pub fn life(owner: &str) -> Life {
    judge(owner, &world::owner(), |id| {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        if ended(&stat) {
            return None;
        }
        world::began_at(&stat)
    })
}

/// Whether a `stat` tells of a process that has ended and was not yet taken note of.
pub(super) fn ended(stat: &str) -> bool {
    let state = stat
        .rsplit_once(')')
        .and_then(|(_, rest)| rest.trim_start().chars().next());
    matches!(state, Some('Z' | 'X'))
}

/// `began` tells when the process of a number began, if there is one.
fn judge(owner: &str, us: &str, began: impl Fn(u32) -> Option<u64>) -> Life {
    let Some(((place, id, then), (here, _, now))) = parts(owner).zip(parts(us)) else {
        return Life::Elsewhere;
    };
    // A machine that does not say when we ourselves began says nothing of others.
    if place != here || now == 0 {
        return Life::Elsewhere;
    }
    match began(id) {
        Some(time) if time == then => Life::Runs,
        _ => Life::Ended,
    }
}

/// The place, the process's number and when it began.
fn parts(owner: &str) -> Option<(&str, u32, u64)> {
    let (rest, began) = owner.rsplit_once(':')?;
    let (place, id) = rest.rsplit_once(':')?;
    Some((place, id.parse().ok()?, began.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_process_of_this_place_is_ever_taken_for_ended() {
        let us = "host/1:4:40";
        let began = |id: u32| (id == 7).then_some(70);
        let cases = [
            ("host/1:7:70", Life::Runs),
            ("host/1:7:71", Life::Ended),
            ("host/1:8:70", Life::Ended),
            ("other/1:8:70", Life::Elsewhere),
            ("host/2:8:70", Life::Elsewhere),
            ("host", Life::Elsewhere),
            ("host:x:70", Life::Elsewhere),
            ("", Life::Elsewhere),
        ];
        for (owner, expected) in cases {
            assert_eq!(judge(owner, us, began), expected, "{owner}");
        }
        assert!(ended("7 (a) b) Z 1 2") && !ended("7 (Z) S 1"));
        assert_eq!(judge("host/1:8:0", "host/1:4:0", began), Life::Elsewhere);
    }

    #[test]
    fn we_ourselves_run() {
        let expected = if cfg!(target_os = "linux") {
            Life::Runs
        } else {
            Life::Elsewhere
        };
        assert_eq!(life(&world::owner()), expected);
    }
}
