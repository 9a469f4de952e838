//! Whether a container's program has begun, which the engine does not tell: it says that a container runs
//! when the runtime's own process is told to become the program.

use std::fs;

/// The kernel's mark of a process that has not become another program since it was forked.
const NOT_YET: u64 = 0x40;

/// Whether the program of a container of this machine has begun; nothing where its process is not seen here.
/// `id` is the container's, and `has_init` says that its program is begun by an init.
pub fn has_begun(process: u64, id: &str, has_init: bool) -> Option<bool> {
    // The number may be one of another machine, or of another namespace.
    let groups = fs::read_to_string(format!("/proc/{process}/cgroup")).ok()?;
    if id.is_empty() || !groups.contains(id) {
        return None;
    }
    if !is_a_program(process)? {
        return Some(false);
    }
    if !has_init {
        return Some(true);
    }
    let children = fs::read_to_string(format!("/proc/{process}/task/{process}/children")).ok()?;
    let mut children = children.split_whitespace();
    Some(children.any(|child| child.parse().ok().and_then(is_a_program) == Some(true)))
}

fn is_a_program(process: u64) -> Option<bool> {
    has_become_one(&fs::read_to_string(format!("/proc/{process}/stat")).ok()?)
}

/// Whether the process that a `stat` tells of has become a program since it was forked: field 9.
pub fn has_become_one(stat: &str) -> Option<bool> {
    let behind_name = stat.rsplit_once(')')?.1;
    let flags: u64 = behind_name.split_whitespace().nth(6)?.parse().ok()?;
    Some(flags & NOT_YET == 0)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader};
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn what_a_runtime_begins_a_program_with_is_no_program_yet() {
        let runc = "812 (runc:[2:INIT]) S 790 812 812 0 -1 1077936448 0 0";
        let sleep = "812 (sleep) S 790 812 812 0 -1 1077936384 0 0";
        let odd = "812 (a) b 1 (c) S 790 812 812 0 -1 1077936448 0 0";
        assert_eq!(has_become_one(runc), Some(false));
        assert_eq!(has_become_one(sleep), Some(true));
        assert_eq!(has_become_one(odd), Some(false));
        assert_eq!(has_become_one("812 (sleep) S 790"), None);
    }

    /// A shell that has begun another command in parentheses is no more than a copy of itself.
    #[cfg(target_os = "linux")]
    #[test]
    fn the_kernel_marks_what_was_forked_and_has_not_become_a_program() {
        let mut shell = Command::new("sh")
            .args(["-c", "exec 3<&0; { read line <&3; } & echo $!; wait"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        let mut lines = BufReader::new(shell.stdout.take().unwrap());
        lines.read_line(&mut said).unwrap();
        assert_eq!(is_a_program(said.trim().parse().unwrap()), Some(false));
        assert_eq!(is_a_program(shell.id().into()), Some(true));
        drop(shell.stdin.take());
        shell.wait().unwrap();
    }

    #[test]
    fn a_process_that_is_not_of_the_container_says_nothing() {
        let own = u64::from(std::process::id());
        assert_eq!(has_begun(own, "0123456789abcdef", false), None);
        assert_eq!(has_begun(own, "", false), None);
        assert_eq!(has_begun(u64::MAX, "0123456789abcdef", false), None);
    }
}
