use std::collections::HashMap;

use super::*;
use crate::fact::mount::{Mounts, parse};

const CGROUP_1: &str = include_str!("../../../fixtures/kernel/cgroup-v1");
const MOUNTS_1: &str = include_str!("../../../fixtures/kernel/mountinfo-v1");
const MOUNTS_2: &str = "80 70 0:26 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw,nsdelegate\n";

fn groups(cgroup: &str, mountinfo: &str) -> Groups {
    let mounts = Mounts {
        all: parse(mountinfo).unwrap(),
        real: Vec::new(),
    };
    Groups::new(cgroup, &mounts)
}

fn files(known: &[(&str, &str)], asked: Vec<String>) -> Files {
    let held = |path: String| {
        let text = known.iter().find(|(known, _)| path.ends_with(known));
        let text = text.map(|(_, text)| (*text).to_owned());
        (path, Ok(text))
    };
    Files(asked.into_iter().map(held).collect::<HashMap<_, _>>())
}

const VERSION_1: [(&str, &str); 9] = [
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "67108864\n"),
    (
        "/sys/fs/cgroup/memory/memory.stat",
        "cache 2822144\ninactive_file 1\nhierarchical_memory_limit 67108864\ntotal_inactive_file 937984\n",
    ),
    ("/sys/fs/cgroup/memory/memory.usage_in_bytes", "4014080\n"),
    ("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "50000\n"),
    ("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"),
    ("/sys/fs/cgroup/cpuacct/cpuacct.usage", "42499998\n"),
    ("/sys/fs/cgroup/pids/pids.max", "50\n"),
    ("/sys/fs/cgroup/pids/pids.current", "3\n"),
    ("/proc/uptime", "1234.56 99.1\n"),
];

#[test]
fn a_recorded_container_of_version_1_is_read() {
    let groups = groups(CGROUP_1, MOUNTS_1);
    let limits = groups.limits(&files(&VERSION_1, groups.limit_files()));
    let expected = Limits {
        memory: Ok(Some(64 << 20)),
        cpus: Ok(Some(50_000)),
        pids: Ok(Some(50)),
    };
    assert_eq!(limits, expected);
    let ours = Ours {
        memory: 80,
        pids: 2,
        nanos: 98,
    };
    let read = files(&VERSION_1, groups.usage_files());
    let usage = groups.usage(&read, ours);
    assert_eq!(usage.memory, Ok(4_014_080 - 937_984 - 80));
    assert_eq!(usage.pids, Ok(1));
    assert_eq!(
        groups.worked(&read, ours),
        Ok((42_499_900, 1_234_560_000_000))
    );
}

#[test]
fn no_limit_is_told_from_a_limit_above() {
    let unlimited = [
        ("memory.limit_in_bytes", "9223372036854771712\n"),
        ("memory.stat", "hierarchical_memory_limit 1048576\n"),
        ("cpu.cfs_quota_us", "-1\n"),
        ("cpu.cfs_period_us", "100000\n"),
        ("pids.max", "max\n"),
    ];
    let groups = groups(CGROUP_1, MOUNTS_1);
    let limits = groups.limits(&files(&unlimited, groups.limit_files()));
    assert_eq!(limits.memory, Ok(Some(1 << 20)), "an outer group limits it");
    assert_eq!((limits.cpus, limits.pids), (Ok(None), Ok(None)));
    let mut free = unlimited;
    free[1].1 = "hierarchical_memory_limit 9223372036854771712\n";
    let limits = groups.limits(&files(&free, groups.limit_files()));
    assert_eq!(limits.memory, Ok(None));
}

#[test]
fn version_2_is_read_in_the_containers_own_namespace() {
    let groups = groups("0::/\n", MOUNTS_2);
    assert_eq!(groups.limit_files()[0], "/sys/fs/cgroup/memory.max");
    let held = [
        ("memory.max", "max\n"),
        ("memory.current", "9000000\n"),
        (
            "memory.stat",
            "anon 5\ninactive_file 1000000\nactive_file 3\n",
        ),
        ("cpu.max", "150000 100000\n"),
        ("cpu.stat", "usage_usec 2500\nuser_usec 3\n"),
        ("pids.max", "7\n"),
        ("pids.current", "4\n"),
        ("/proc/uptime", "5.00 1\n"),
    ];
    let limits = groups.limits(&files(&held, groups.limit_files()));
    let expected = Limits {
        memory: Ok(None),
        cpus: Ok(Some(150_000)),
        pids: Ok(Some(7)),
    };
    assert_eq!(limits, expected);
    let read = files(&held, groups.usage_files());
    let usage = groups.usage(&read, Ours::default());
    assert_eq!((usage.memory, usage.pids), (Ok(8_000_000), Ok(4)));
    let worked = groups.worked(&read, Ours::default());
    assert_eq!(worked, Ok((2_500_000, 5_000_000_000)));
    let mut free = held;
    free[3].1 = "max 100000\n";
    let limits = groups.limits(&files(&free, groups.limit_files()));
    assert_eq!(limits.cpus, Ok(None));
}

#[test]
fn where_the_engines_whole_tree_is_seen_the_lowest_limit_on_the_way_counts() {
    let cgroup = "0::/system.slice/docker-4f1e.scope\n";
    let groups = groups(cgroup, MOUNTS_2);
    let own = "/sys/fs/cgroup/system.slice/docker-4f1e.scope";
    let held = [
        ("docker-4f1e.scope/memory.max", "1000\n"),
        ("docker-4f1e.scope/cpu.max", "max 100000\n"),
        ("docker-4f1e.scope/pids.max", "max\n"),
        ("system.slice/memory.max", "400\n"),
        ("system.slice/cpu.max", "20000 100000\n"),
        ("system.slice/pids.max", "max\n"),
        ("docker-4f1e.scope/pids.current", "4\n"),
        ("system.slice/pids.current", "400\n"),
    ];
    assert_eq!(groups.limit_files()[0], format!("{own}/memory.max"));
    let limits = groups.limits(&files(&held, groups.limit_files()));
    let expected = Limits {
        memory: Ok(Some(400)),
        cpus: Ok(Some(20_000)),
        pids: Ok(None),
    };
    assert_eq!(limits, expected);
    // Nothing is counted in the outermost group, and what is counted in the one between is not all ours.
    let usage = groups.usage(&files(&held, groups.usage_files()), Ours::default());
    assert_eq!(usage.pids, Ok(4));
}

#[test]
fn what_is_used_is_the_containers_whether_it_sees_its_own_tree_or_the_machines() {
    let used = |cgroup: &str, mounts: &str, held: &[(&str, &str)]| {
        let groups = groups(cgroup, mounts);
        groups
            .usage(&files(held, groups.usage_files()), Ours::default())
            .pids
    };
    // An init system inside has put process 1 into a group of its own.
    let held = [
        ("cgroup/init.scope/pids.current", "1"),
        ("/sys/fs/cgroup/pids.current", "9"),
    ];
    assert_eq!(used("0::/init.scope\n", MOUNTS_2, &held), Ok(9));
    // The machine's tree of version 1 is mounted into the container.
    let mounts = "80 70 0:26 / /sys/fs/cgroup/pids ro - cgroup cgroup rw,pids\n";
    let held = [
        ("pids/docker/4f1e/pids.current", "2"),
        ("cgroup/pids/pids.current", "900"),
    ];
    assert_eq!(used(CGROUP_1, mounts, &held), Ok(2));
    // The container's own part of it, with process 1 deeper.
    let mounts = mounts.replace(" / /sys", " /docker/4f1e /sys");
    let held = [
        ("pids/deep/pids.current", "2"),
        ("cgroup/pids/pids.current", "5"),
    ];
    assert_eq!(used("8:pids:/docker/4f1e/deep\n", &mounts, &held), Ok(5));
}

#[test]
fn what_the_kernel_does_not_show_is_no_freedom_from_limits() {
    let told = |cgroup: &str, mounts: &str, held: &[(&str, &str)]| {
        let groups = groups(cgroup, mounts);
        groups
            .limits(&files(held, groups.limit_files()))
            .memory
            .unwrap_err()
    };
    assert!(told("0::/\n", "", &[]).contains("does not see its control group"));
    let outer = MOUNTS_2.replace(" / /sys", " /../.. /sys");
    assert!(told("0::/\n", &outer, &[]).contains("does not see its control group"));
    assert!(told("1:cpu:/\n", MOUNTS_2, &[]).contains("names no control group"));
    assert!(told("0::/\n", MOUNTS_2, &[]).contains("`memory` is off"));
    assert!(told("0::/\n", MOUNTS_2, &[("memory.max", "much")]).contains("no number"));
    let groups = groups("0::/\n", MOUNTS_2);
    let mut unread = files(&[], groups.limit_files());
    for file in unread.0.values_mut() {
        *file = Err("cannot read it".to_owned());
    }
    assert_eq!(
        groups.limits(&unread).pids,
        Err("cannot read it".to_owned())
    );
    assert!(
        groups
            .limits(&Files::default())
            .cpus
            .unwrap_err()
            .contains("never read")
    );
}

#[test]
fn a_container_is_counted_alone_as_the_machine_sees_it() {
    let id = "4f2a9c";
    let of = |cgroup: &str, mountinfo: &str| {
        let mounts = Mounts {
            all: parse(mountinfo).unwrap(),
            real: Vec::new(),
        };
        Groups::of_container(cgroup, &mounts, id)
    };
    let both = "60 50 0:26 / /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n\
                61 50 0:27 / /sys/fs/cgroup/cpuacct ro - cgroup cgroup rw,cpuacct\n";
    let first = of(
        "9:memory:/docker/4f2a9c/inner\n3:cpuacct:/docker/4f2a9c\n",
        both,
    )
    .unwrap();
    let read = files(
        &[
            (
                "/sys/fs/cgroup/memory/docker/4f2a9c/memory.usage_in_bytes",
                "900\n",
            ),
            (
                "/sys/fs/cgroup/memory/docker/4f2a9c/memory.stat",
                "total_inactive_file 100\n",
            ),
            ("/sys/fs/cgroup/cpuacct/docker/4f2a9c/cpuacct.usage", "7\n"),
            ("/proc/uptime", "5.0 1.0\n"),
        ],
        first.usage_files(),
    );
    assert_eq!(first.usage(&read, Ours::default()).memory, Ok(800));
    assert_eq!(first.worked(&read, Ours::default()).unwrap().0, 7);
    // Version 2, by systemd: what it stands in, which counts others too, is not asked.
    let second = of("0::/system.slice/docker-4f2a9c.scope/app\n", MOUNTS_2).unwrap();
    let asked = second.usage_files();
    let own = "/sys/fs/cgroup/system.slice/docker-4f2a9c.scope/memory.current";
    assert!(asked.iter().any(|path| path == own), "{asked:?}");
    let is_own =
        |path: &String| path.contains("/docker-4f2a9c.scope/m") || !path.contains("/memory");
    assert!(asked.iter().all(is_own), "{asked:?}");
    assert_eq!(of("0::/docker/other\n", MOUNTS_2), None);
}
