//! Who a user that is written in a suite is, in numbers, as the engine finds it for an exec.

use crate::engine::probe::wire::{Answer as Told, Kind, Request};

/// The files that the engine looks into, and how much of each is looked at.
const FILES: [&str; 2] = ["/etc/passwd", "/etc/group"];
const MOST: u64 = 1 << 20;

/// No engine takes a larger number.
const LARGEST: u32 = i32::MAX.cast_unsigned();

/// The longest line that each engine reads.
const LINE: usize = 4096;

/// A user in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Its number.
    pub uid: u32,
    /// The number of its group.
    pub gid: u32,
    /// The numbers of its other groups.
    pub groups: Vec<u32>,
}

/// What has to be known of a container to find its users.
pub fn requests() -> Vec<Request> {
    let bytes = |path: &str| path.as_bytes().to_vec();
    let read = |path| Request::Read {
        path: bytes(path),
        from: 0,
        max: MOST,
    };
    let itself = |path| Request::Stat {
        path: bytes(path),
        follow: false,
    };
    vec![
        read(FILES[0]),
        read(FILES[1]),
        read("/proc/self/mountinfo"),
        itself("/etc"),
        itself(FILES[0]),
        itself(FILES[1]),
    ]
}

/// The texts of the account files, where engines and programs surely see the same: an engine looks at
/// the container's own files, past what is mounted over them.
pub fn accounts(told: &[Told]) -> Option<(String, String)> {
    let [passwd, group, mounts, etc, itself, other] = told else {
        return None;
    };
    let text = |told: &Told| match told {
        Told::Bytes {
            data,
            truncated: false,
            ..
        } => String::from_utf8(data.clone()).ok(),
        _ => None,
    };
    let is = |told: &Told, kind: Kind| matches!(told, Told::Stat { result: Ok(stat), .. } if stat.kind == kind);
    let plain = is(etc, Kind::Directory) && is(itself, Kind::File) && is(other, Kind::File);
    let mounts = text(mounts)?;
    let mut mounted = mounts.lines().filter_map(|line| line.split(' ').nth(4));
    let over = mounted.any(|at| at == "/etc" || FILES.contains(&at));
    match plain && !over {
        true => Some((text(passwd)?, text(group)?)),
        false => None,
    }
}

impl Person {
    /// Who `user` is: `NAME` or `NUMBER`, each with `:GROUP` perhaps. None where it is nobody, where it
    /// is root, or where the files are such that engines may read them differently.
    pub fn of(user: &str, passwd: &str, group: &str) -> Option<Self> {
        let users = users(passwd)?;
        let listed = groups(group)?;
        let (user, group) = match user.split_once(':') {
            Some((user, group)) => (user, Some(group)),
            None => (user, None),
        };
        let known = match number(user) {
            Some(number) => users.iter().find(|(_, uid, _)| *uid == number),
            None => users.iter().find(|(name, ..)| *name == user),
        };
        let (uid, own) = match known {
            Some((_, uid, gid)) => (*uid, *gid),
            None => (number(user)?, 0),
        };
        let (gid, groups) = match group {
            Some(group) => {
                let of_name = || listed.iter().find(|(name, ..)| *name == group);
                let gid = number(group).or_else(|| of_name().map(|(_, gid, _)| *gid));
                (gid?, Vec::new())
            }
            None => {
                let of = |(_, gid, members): &(&str, u32, &str)| {
                    let is_in = |name: &str| members.split(',').any(|member| member == name);
                    known.is_some_and(|(name, ..)| is_in(name)).then_some(*gid)
                };
                (own, listed.iter().filter_map(of).collect())
            }
        };
        (uid != 0).then_some(Self { uid, gid, groups })
    }
}

/// A number as it is plainly written.
fn number(text: &str) -> Option<u32> {
    let number: u32 = text.parse().ok()?;
    (number <= LARGEST && number.to_string() == text).then_some(number)
}

/// A name that no engine takes for anything else.
fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-.$".contains(c))
}

/// Name, number and group of each user; none unless each line is as it should be.
fn users(passwd: &str) -> Option<Vec<(&str, u32, u32)>> {
    let one = |line| match fields(line)?.as_slice() {
        [name, _, uid, gid, _, _, _] if is_name(name) => Some((*name, number(uid)?, number(gid)?)),
        _ => None,
    };
    passwd.lines().map(one).collect()
}

/// Name, number and members of each group; none unless each line is as it should be.
fn groups(group: &str) -> Option<Vec<(&str, u32, &str)>> {
    let one = |line| match fields(line)?.as_slice() {
        [name, _, gid, members] if is_name(name) => Some((*name, number(gid)?, *members)),
        _ => None,
    };
    group.lines().map(one).collect()
}

fn fields(line: &str) -> Option<Vec<&str>> {
    let plain = line.len() <= LINE && line.trim() == line;
    plain.then(|| line.split(':').collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/:/bin/sh\nann:x:1000:100:Ann:/home/ann:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n";
    const GROUP: &str =
        "root:x:0:\ndaemon:x:1:\nusers:x:100:\nmedia:x:7:bob,ann\nmore:x:8:ann\nnot:x:9:anna,Ann\n";

    fn of(user: &str) -> Option<(u32, u32, Vec<u32>)> {
        let person = Person::of(user, PASSWD, GROUP)?;
        Some((person.uid, person.gid, person.groups))
    }

    #[test]
    fn a_user_is_who_an_exec_would_be() {
        assert_eq!(of("nobody"), Some((65534, 65534, vec![])));
        assert_eq!(of("ann"), Some((1000, 100, vec![7, 8])));
        // A number has the groups of the name that it stands for.
        assert_eq!(of("1000"), Some((1000, 100, vec![7, 8])));
        assert_eq!(of("4711"), Some((4711, 0, vec![])));
        // Whoever names a group is in that one alone.
        assert_eq!(of("ann:more"), Some((1000, 8, vec![])));
        assert_eq!(of("ann:12"), Some((1000, 12, vec![])));
        assert_eq!(of("4711:media"), Some((4711, 7, vec![])));
    }

    #[test]
    fn whom_the_engine_has_to_say_is_not_guessed() {
        let unsure = [
            "root",
            "0",
            "0:0",
            "bob",
            "ann:none",
            "ann:",
            ":7",
            "",
            "01000",
            "+1",
            "2147483648",
            "-1",
            " ann",
        ];
        for user in unsure {
            assert_eq!(of(user), None, "{user:?}");
        }
    }

    #[test]
    fn files_that_engines_may_read_differently_are_left_to_them() {
        let lines = [
            "# a comment",
            "",
            "+::::::",
            "short:x:5",
            "bad:x:five:5::/:",
            "1000:x:5:5::/:",
            " led:x:5:5::/:",
            "many:x:5:5::/:::",
            "big:x:4294967295:5::/:",
        ];
        for line in lines {
            let passwd = format!("{PASSWD}{line}\n");
            assert_eq!(Person::of("ann", &passwd, GROUP), None, "{line:?}");
        }
        for line in ["# a comment", "", "short:x:5", "bad:x:five:", "5:x:5:"] {
            let group = format!("{GROUP}{line}\n");
            assert_eq!(Person::of("ann", PASSWD, &group), None, "{line:?}");
        }
    }

    fn told(mounts: &str, kind: Kind) -> Vec<Told> {
        let bytes = |text: &str| Told::Bytes {
            data: text.as_bytes().to_vec(),
            size: 0,
            truncated: false,
        };
        let stat = |kind| Told::Stat {
            chain: Vec::new(),
            result: Ok(crate::observe::read::tests::stat(kind)),
        };
        let files = [bytes(PASSWD), bytes(GROUP), bytes(mounts)];
        let stats = [stat(Kind::Directory), stat(kind), stat(Kind::File)];
        files.into_iter().chain(stats).collect()
    }

    #[test]
    fn account_files_are_those_that_the_engine_sees() {
        let mount =
            |at: &str| format!("1 2 0:9 / / rw - overlay o rw\n3 1 0:8 /x {at} ro - ext4 d rw\n");
        let both = Some((PASSWD.to_owned(), GROUP.to_owned()));
        assert_eq!(accounts(&told(&mount("/etc/hosts"), Kind::File)), both);
        for at in ["/etc", "/etc/passwd", "/etc/group"] {
            assert_eq!(accounts(&told(&mount(at), Kind::File)), None, "{at}");
        }
        assert_eq!(accounts(&told("", Kind::Link)), None);
        let mut unread = told("", Kind::File);
        unread[0] = Told::Errno { errno: 2 };
        assert_eq!(accounts(&unread), None);
    }
}
