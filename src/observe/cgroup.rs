//! What the kernel limits and counts of a container: where its control groups are, and what they hold.
//! What is ours in them is taken out.

use std::collections::HashMap;
use std::time::Duration;

use super::ask::BATCH;
use super::budget::Kept;
use super::{ask, read, text};
use crate::engine::probe::wire::{self, Answer as Told, Request};
use crate::engine::{Result, clock};
use crate::fact::answer::{Amid, Answer, Ending, Fact};
use crate::fact::cgroup::{Files, Groups, Ours, Worked};
use crate::fact::mount::{self, Mounts};
use crate::fact::process::Process;
use crate::fact::question::Question;
use crate::session::live::{Live, ROOT};

/// The most that is read of a file of the kernel's.
const MOST: u64 = 4 << 20;

/// As much of our own time may pass between reading the container's and reading ours.
const APART: u64 = 20_000_000;

/// Where the files are in most containers: asked at once, so that one round trip is enough there.
const USUAL: [&str; 18] = [
    "memory/memory.limit_in_bytes",
    "memory/memory.usage_in_bytes",
    "memory/memory.stat",
    "cpu/cpu.cfs_quota_us",
    "cpu/cpu.cfs_period_us",
    "cpu,cpuacct/cpu.cfs_quota_us",
    "cpu,cpuacct/cpu.cfs_period_us",
    "cpuacct/cpuacct.usage",
    "cpu,cpuacct/cpuacct.usage",
    "pids/pids.max",
    "pids/pids.current",
    "memory.max",
    "memory.current",
    "memory.stat",
    "cpu.max",
    "cpu.stat",
    "pids.max",
    "pids.current",
];

/// Whether this is for the kernel's own accounts.
pub fn answers(question: &Question) -> bool {
    matches!(question, Question::Limits | Question::Usage { .. })
}

/// What the kernel limits and counts.
pub async fn all(live: &mut Live, questions: &[&Question]) -> Vec<(Question, Answer)> {
    if questions.is_empty() {
        return Vec::new();
    }
    let seen = match look(live).await {
        Ok(Ok(seen)) => each(live, seen, questions).await,
        Ok(Err(why)) => Ok(vec![Answer::Unseen(why); questions.len()]),
        Err(fault) => Err(fault),
    };
    let answers = match seen {
        Ok(answers) => answers,
        Err(fault) => {
            live.hang_up();
            vec![ask::blocked(live, &fault).await; questions.len()]
        }
    };
    let questions = questions.iter().map(|question| (*question).clone());
    questions.zip(answers).collect()
}

/// What was measured of a container that others then saw to have ended is what was left of it, and no more
/// than they see: its end.
pub(super) fn unless_ended(end: Option<Ending>, measured: &[&Question], answers: &mut Kept) {
    let Some(ending) = answers.so_far().ending().cloned().or(end) else {
        return;
    };
    let amid = match ending.amid {
        Amid::Before => Amid::Meanwhile,
        amid => amid,
    };
    let ending = Ending { amid, ..ending };
    for question in measured {
        if matches!(question, Question::Usage { .. }) {
            answers.keep(0, (*question).clone(), Answer::Ended(ending.clone()));
        }
    }
}

type Known<T> = std::result::Result<T, String>;

/// The groups, what their files hold, and what of it is ours.
type Accounts = (Groups, Files, Ours);

async fn each(
    live: &mut Live,
    (groups, files, ours): Accounts,
    questions: &[&Question],
) -> Result<Vec<Answer>> {
    let mut answers = Vec::new();
    let mut before = groups.worked(&files, ours);
    for question in questions {
        let fact = match question {
            Question::Usage { over_millis } => {
                let mut usage = groups.usage(&files, ours);
                if let Some(millis) = over_millis {
                    clock::pass(Duration::from_millis(*millis)).await;
                    let (files, ours) = count(live, groups.time_files()).await?;
                    let after = groups.worked(&files, ours);
                    let both = before.and_then(|before| between(before, after.clone()?));
                    usage.cpu = Some(both);
                    before = after;
                }
                Fact::Usage(usage)
            }
            _ => Fact::Limits(live.limited(groups.limits(&files))),
        };
        answers.push(Answer::Seen(fact));
    }
    Ok(answers)
}

/// How much was worked from one reading to the next. The container's time and ours are not read in the
/// same moment, so that of an idle container may seem to have gone back a little.
fn between(before: (u64, u64), after: (u64, u64)) -> Known<Worked> {
    let nanos = (after.0 + APART >= before.0).then(|| after.0.saturating_sub(before.0));
    let of_nanos = after.1.checked_sub(before.1);
    let backwards = || "the kernel's clocks went backwards while they were watched".to_owned();
    Ok(Worked {
        nanos: nanos.ok_or_else(backwards)?,
        of_nanos: of_nanos.ok_or_else(backwards)?,
    })
}

/// Where the control groups are, and what is in them.
async fn look(live: &mut Live) -> Result<Known<Accounts>> {
    let own = ["/proc/1/cgroup", "/proc/1/mountinfo", "/proc/uptime"];
    let usual = USUAL.map(|file| format!("/sys/fs/cgroup/{file}"));
    let paths = own.map(str::to_owned).into_iter().chain(usual).collect();
    let (mut files, mut ours) = count(live, paths).await?;
    let text = |path: &str| {
        let told = files.0.get(path).cloned().unwrap_or(Ok(None))?;
        told.ok_or_else(|| format!("there is no {path}"))
    };
    let (cgroup, mountinfo) = match (text(own[0]), text(own[1])) {
        (Ok(cgroup), Ok(mountinfo)) => (cgroup, mountinfo),
        (Err(why), _) | (_, Err(why)) => return Ok(Err(why)),
    };
    let Some(all) = mount::parse(&mountinfo) else {
        return Ok(Err(read::NO_MOUNTS.to_owned()));
    };
    let mounts = Mounts {
        all,
        real: Vec::new(),
    };
    let groups = Groups::new(&cgroup, &mounts);
    let needed = [groups.limit_files(), groups.usage_files()].concat();
    if needed.iter().any(|path| !files.0.contains_key(path)) {
        (files, ours) = count(live, needed).await?;
    }
    Ok(Ok((groups, files, ours)))
}

/// What files hold, and what is ours at the same time.
async fn count(live: &mut Live, paths: Vec<String>) -> Result<(Files, Ours)> {
    let mut all = requests(&paths);
    all.push(Request::Processes {
        files: [&b"status"[..], b"cmdline", b"schedstat"]
            .map(Vec::from)
            .into(),
        links: Vec::new(),
        max_each: 16 << 10,
    });
    let mut told = tell(live, all).await?;
    let ours = match told.pop() {
        Some(Told::Processes { processes, .. }) => ours(&processes, &live.own_pids()),
        _ => Ours::default(),
    };
    Ok((files(paths, told), ours))
}

fn requests(paths: &[String]) -> Vec<Request> {
    let read = |path: &String| Request::Read {
        path: path.as_bytes().to_vec(),
        from: 0,
        max: MOST,
    };
    paths.iter().map(read).collect()
}

/// Asks as root; the kernel's accounts may be read by anyone.
async fn tell(live: &mut Live, requests: Vec<Request>) -> Result<Vec<Told>> {
    live.link(Some(ROOT)).await?.ask(&requests, BATCH).await
}

fn files(paths: Vec<String>, told: Vec<Told>) -> Files {
    let held = paths.into_iter().zip(told).map(|(path, told)| {
        let whole = read::whole(&path, told);
        (path, whole)
    });
    Files(held.collect::<HashMap<_, _>>())
}

/// What our probes are of what the kernel counts.
fn ours(processes: &[wire::Process], own: &[u32]) -> Ours {
    let mut ours = Ours::default();
    for told in processes.iter().filter(|told| own.contains(&told.pid)) {
        let file = |at: usize| match told.files.get(at) {
            Some(Ok(content)) => text(&content.data),
            _ => String::new(),
        };
        let status = file(0);
        let process = Process::parse(told.pid, &status, file(1).as_bytes());
        let Some(process) = process.filter(Process::is_probe) else {
            continue;
        };
        let kilobytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|line| line.split_whitespace().next());
            number
                .and_then(|number| number.parse::<u64>().ok())
                .unwrap_or(0)
        };
        let memory = kilobytes("RssAnon:") + kilobytes("RssShmem:");
        ours.memory += memory * 1024;
        ours.pids += u64::from(process.threads);
        let worked = file(2);
        let nanos = worked
            .split_whitespace()
            .next()
            .and_then(|n| n.parse::<u64>().ok());
        ours.nanos += nanos.unwrap_or(0);
    }
    ours
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::probe::wire::Content;

    #[test]
    fn only_our_probes_are_ours() {
        let process = |pid, name: &str, parent: u32| {
            let content = |data: &str| {
                Ok(Content {
                    data: data.as_bytes().to_vec(),
                    truncated: false,
                })
            };
            let status = format!(
                "Name:\t{name}\nPPid:\t{parent}\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nRssAnon:\t     100 kB\nRssFile:\t 900 kB\nRssShmem:\t 2 kB\nThreads:\t1\n"
            );
            wire::Process {
                pid,
                files: vec![content(&status), content("p\0"), content("5000 6 7\n")],
                links: Vec::new(),
            }
        };
        let all = [
            process(1, "app", 0),
            process(8, "probe", 0),
            process(9, "probe", 0),
            // Another has got the number of one of ours that is gone.
            process(10, "probe", 1),
            process(11, "other", 0),
        ];
        let ours = ours(&all, &[8, 10, 11, 12]);
        let expected = Ours {
            memory: 102 << 10,
            pids: 1,
            nanos: 5000,
        };
        assert_eq!(ours, expected);
    }

    #[test]
    fn work_is_what_was_done_in_between() {
        let worked = between((100, 1_000), (150, 2_000)).unwrap();
        assert_eq!((worked.nanos, worked.of_nanos), (50, 1_000));
        assert_eq!(between((100, 1_000), (99, 2_000)).unwrap().nanos, 0);
        assert!(between((100 + APART, 1_000), (99, 2_000)).is_err());
        assert!(between((100, 1_000), (100, 900)).is_err());
    }

    #[test]
    fn what_an_error_number_keeps_from_us_is_not_absent() {
        let paths: Vec<String> = ["a", "b", "c"].map(str::to_owned).into();
        let told = vec![
            Told::Errno { errno: 2 },
            Told::Errno { errno: 13 },
            Told::Bytes {
                data: b"7\n".to_vec(),
                size: 0,
                truncated: false,
            },
        ];
        let Files(held) = files(paths, told);
        assert_eq!(held["a"], Ok(None));
        assert!(
            held["b"]
                .as_ref()
                .unwrap_err()
                .contains(&super::super::errno(13))
        );
        assert_eq!(held["c"], Ok(Some("7\n".to_owned())));
    }
}
