//! What the probe does inside a container for a step: writes, fills, takes memory.

use std::time::Duration;

use super::deeds::Undone;
use super::{Live, ROOT};
use crate::engine::clock::Looks;
use crate::engine::probe::PROGRAM;
use crate::engine::probe::wire::{Answer, Command, Ended, Request};
use crate::engine::{Fault, FaultKind, Result};
use crate::fact::container::{ContainerFacts, StateFacts};
use crate::fact::mount::{Mount, Mounts, parse};
use crate::text::signal::Signal;
use crate::text::units::{Bytes, Memory};

/// How long the probe may take.
const WITHIN: Duration = Duration::from_mins(1);
/// How long the engine may take to know that a process has died.
pub(super) const KNOWN: Duration = Duration::from_secs(10);
/// How the probe ends where a user may not write.
const REFUSED: i32 = 3;
/// How it ends where less is free than is to be left.
const SHORT: i32 = 4;
/// The most that is read of the kernel's list of mounts.
const MOUNTS: u64 = 4 << 20;
/// What a process may take beyond the limit, which the kernel counts a little late.
const MARGIN: u64 = 16 << 20;
/// A tmpfs that holds no more is filled in a container whose memory is not limited.
const LARGE: u64 = 1 << 30;

/// How a program of the probe ended, and what it said.
struct Ran {
    ended: Ended,
    stdout: String,
    said: String,
}

impl Live {
    /// Writes a file as the container's own user, and as root where that one may not.
    pub(super) async fn write(&mut self, path: &str, content: &str) -> Result<Option<Undone>> {
        let expected = format!("{path} is written");
        let ran = self
            .as_someone(&["write", path], content, &expected)
            .await?;
        Ok(match ran {
            Err(undone) => Some(undone),
            Ok(Ran {
                ended: Ended::Code { code: 0 },
                ..
            }) => None,
            Ok(ran) => Some(Undone::new(expected, ran.said)),
        })
    }

    /// Fills the file system at a path until so many bytes are left. It must be one that has a limit of
    /// its own, so that the machine's is not filled.
    pub(super) async fn fill(&mut self, path: &str, leave: u64) -> Result<Option<Undone>> {
        let expected = format!("a file system of limited size at {path}");
        let real = Request::Real {
            path: path.as_bytes().to_vec(),
        };
        let mounts = Request::Read {
            path: b"/proc/self/mountinfo".to_vec(),
            from: 0,
            max: MOUNTS,
        };
        let mut told = self
            .link(Some(ROOT))
            .await?
            .ask(&[real, mounts], WITHIN)
            .await?;
        let (mounts, real) = (told.pop(), told.pop());
        let real = match real {
            Some(Answer::Path { path }) => String::from_utf8_lossy(&path).into_owned(),
            _ => return Ok(Some(Undone::new(expected, "there is no such folder"))),
        };
        let mounts = match mounts {
            Some(Answer::Bytes { data, .. }) => parse(&String::from_utf8_lossy(&data)),
            _ => None,
        };
        let Some(all) = mounts else {
            let message = "the kernel's list of mounts cannot be read";
            let doing = format!("see what is mounted at {path}");
            return Err(Fault::new(FaultKind::Broken, doing, message));
        };
        let mounts = Mounts {
            all,
            real: Vec::new(),
        };
        let has_limit = self.facts().await?.settings.memory.is_some_and(|m| m > 0);
        if let Err(actual) = bounded(&mounts, &real, has_limit) {
            return Ok(Some(Undone::new(expected, actual)));
        }
        let expected = format!("{} free at {path}, and no more", Bytes(leave));
        let words = ["fill", path, &leave.to_string()];
        let ran = match self.as_someone(&words, "", &expected).await? {
            Ok(ran) => ran,
            Err(undone) => return Ok(Some(undone)),
        };
        Ok(match ran.ended {
            Ended::Code { code: 0 } => None,
            Ended::Code { code: SHORT } => {
                let free = ran.stdout.trim().parse().unwrap_or(0);
                Some(Undone::new(expected, format!("{} free", Bytes(free))))
            }
            Ended::Code { .. } => Some(Undone::new(expected, ran.said)),
            Ended::Signal { .. } | Ended::TimedOut => {
                let actual = "the process that fills it was ended; what lies in memory counts against `mem_limit`";
                Some(Undone::new(expected, actual))
            }
        })
    }

    /// Has a process take memory until the kernel ends it, or so many bytes of it. What the kernel ends
    /// may as well be the container's own program.
    pub(super) async fn exhaust(&mut self, bytes: Option<u64>) -> Result<Option<Undone>> {
        let before = self.facts().await?;
        let Some(limit) = before.settings.memory.filter(|limit| *limit > 0) else {
            let expected = "a container whose memory is limited";
            let actual = "it may take all that the machine has; `mem_limit` in `run`, in a service or in the Compose file limits it";
            return Ok(Some(Undone::new(expected, actual)));
        };
        // More is never taken, so that a limit that does not hold does no harm to the machine.
        let swap = before.settings.memory_swap.filter(|both| *both >= limit);
        let most = swap.unwrap_or(limit.saturating_mul(2)) + MARGIN;
        let taken = bytes.unwrap_or(most).min(most);
        let ran = match self.run(None, &["exhaust", &taken.to_string()], "").await {
            Ok(ran) => ran,
            Err(fault) => {
                // Its main process may have been the one that was ended.
                self.hang_up();
                return match self.has_died(&before).await? {
                    true => Ok(None),
                    false => Err(fault),
                };
            }
        };
        let expected = format!("the kernel ends a process at {}", Memory(limit));
        // Where the program was ended, everyone else in the container goes with it.
        if self.is_silent().await {
            self.hang_up();
            self.has_died(&before).await?;
            return Ok(None);
        }
        Ok(match ran.ended {
            Ended::Signal { signal } if signal == Signal::KILL.0 => None,
            Ended::Code { code: 0 } if bytes == Some(taken) => None,
            Ended::Code { code: 0 } => {
                let actual = format!("one took {} and lives", Memory(taken));
                Some(Undone::new(expected, actual))
            }
            Ended::TimedOut => Some(Undone::new(
                expected,
                format!("none was ended in {WITHIN:?}"),
            )),
            Ended::Code { .. } | Ended::Signal { .. } => Some(Undone::new(expected, ran.said)),
        })
    }

    /// Whether the probe in it answers no more.
    async fn is_silent(&mut self) -> bool {
        let path = b"/".to_vec();
        match self.link(None).await {
            Ok(link) => link.ask(&[Request::Real { path }], WITHIN).await.is_err(),
            Err(_) => true,
        }
    }

    /// Whether it dies, or has been started again since it was looked at before, once the engine knows.
    pub(super) async fn has_died(&mut self, before: &ContainerFacts) -> Result<bool> {
        let mut looks = Looks::within(KNOWN);
        loop {
            let now = self.facts().await?;
            let died = |state: &StateFacts| {
                !state.running || state.restarting || state.pid != before.state.pid
            };
            if died(&now.state) || now.restart_count != before.restart_count {
                return Ok(true);
            }
            if !looks.again().await {
                return Ok(false);
            }
        }
    }

    /// Runs a program of the probe as the container's own user, and as root where that one is refused.
    async fn as_someone(
        &mut self,
        words: &[&str],
        stdin: &str,
        expected: &str,
    ) -> Result<std::result::Result<Ran, Undone>> {
        let mut refusals = Vec::new();
        for user in [None, Some(ROOT)] {
            let ran = self.run(user, words, stdin).await?;
            if !matches!(ran.ended, Ended::Code { code: REFUSED }) {
                return Ok(Ok(ran));
            }
            refusals.push(match user {
                None => format!("{} for the container's own user", ran.said),
                Some(_) => format!("{} for root", ran.said),
            });
        }
        Ok(Err(Undone::new(expected, refusals.join(", and "))))
    }

    async fn run(&mut self, user: Option<&str>, words: &[&str], stdin: &str) -> Result<Ran> {
        let argv = [PROGRAM].into_iter().chain(words.iter().copied());
        let command = Command {
            argv: argv.map(|word| word.as_bytes().to_vec()).collect(),
            env: Vec::new(),
            cwd: None,
            stdin: stdin.as_bytes().to_vec(),
            timeout_ms: u32::try_from(WITHIN.as_millis()).unwrap_or(u32::MAX),
            max_output: 4096,
        };
        let link = self.link(user).await?;
        let mut told = link.ask(&[Request::Run { command }], WITHIN * 2).await?;
        match told.pop() {
            Some(Answer::Ran {
                ended,
                stdout,
                stderr,
                ..
            }) => {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
                let said = text(&stderr.data);
                Ok(Ran {
                    ended,
                    stdout: text(&stdout.data),
                    said: said.trim_start_matches("probe: ").to_owned(),
                })
            }
            other => {
                let doing = format!("have the probe {}", words.join(" "));
                let message = format!("it answered {other:?}");
                Err(Fault::new(FaultKind::Broken, doing, message))
            }
        }
    }
}

/// Why what stands at a path may not be filled: only a tmpfs that was given a size has a limit that is
/// surely its own. The kernel tells the size of no other. It lies in memory, so one that is large needs a
/// limit of memory too.
fn bounded(mounts: &Mounts, path: &str, has_limit: bool) -> std::result::Result<(), String> {
    let holds = mounts.visible().filter(|mount| mount.holds(path));
    let mount = holds.max_by_key(|mount| mount.at.len());
    let help = format!(
        "give it one in `run`, in a service or in the Compose file: `tmpfs: [\"{path}:size=16m\"]`"
    );
    match mount.filter(|mount| mount.kind == "tmpfs") {
        Some(mount) => match size(mount) {
            Some(size) if has_limit || size <= LARGE => Ok(()),
            Some(size) => Err(format!(
                "the tmpfs at {} would take {} of the machine's memory; give it {} at most, or the container a `mem_limit`",
                mount.at,
                Memory(size),
                Memory(LARGE)
            )),
            None => Err(format!(
                "the tmpfs at {} has no size, so the machine's memory would be filled; {help}",
                mount.at
            )),
        },
        None => Err(format!(
            "the machine's own disk would be filled, or one of unknown size; {help}"
        )),
    }
}

/// The size that a tmpfs was given; the kernel tells it in units of 1024.
fn size(mount: &Mount) -> Option<u64> {
    let mut options = mount.options.iter();
    let written = options.find_map(|option| option.strip_prefix("size="))?;
    let kibibytes: u64 = written.strip_suffix('k')?.parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_tmpfs_with_a_size_is_filled() {
        let text = "1 0 0:50 / / rw - overlay overlay rw,lowerdir=/l,upperdir=/u\n\
             2 1 0:51 / /run rw - tmpfs tmpfs rw,size=16384k,mode=755\n\
             3 1 0:52 / /tmp rw - tmpfs tmpfs rw\n\
             4 1 8:1 /volumes/x /data rw - ext4 /dev/sda1 rw\n\
             5 4 0:53 / /data/cache rw - tmpfs tmpfs rw,size=1024k\n\
             8 1 0:55 / /large rw - tmpfs tmpfs rw,size=1048577k\n\
             9 1 0:56 / /odd rw - tmpfs tmpfs rw,size=50%\n\
             6 1 0:54 / /gone rw - tmpfs tmpfs rw,size=1024k\n\
             7 6 8:1 /volumes/y /gone rw - ext4 /dev/sda1 rw\n";
        let mounts = Mounts {
            all: parse(text).unwrap(),
            real: Vec::new(),
        };
        let of = |path: &str| bounded(&mounts, path, false);
        for path in ["/run", "/run/app", "/data/cache"] {
            assert_eq!(of(path), Ok(()), "{path}");
        }
        for path in ["/", "/runner", "/data", "/data/cached", "/gone"] {
            let said = of(path).unwrap_err();
            assert!(said.starts_with("the machine's own disk"), "{path}: {said}");
        }
        assert!(of("/tmp/x").unwrap_err().contains("has no size"));
        assert!(of("/odd").unwrap_err().contains("has no size"));
        assert!(
            of("/large")
                .unwrap_err()
                .contains("or the container a `mem_limit`")
        );
        assert_eq!(bounded(&mounts, "/large", true), Ok(()));
    }
}
