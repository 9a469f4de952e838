//! What of a container that was looked at as soon as it ran may come from that.

use crate::text::matcher::Miss;

/// Said of what may not hold since it was looked at too early.
pub(super) const EARLY: &str = "the container was looked at as soon as it ran, since nothing says when it is ready: give `ready:` to \
                         its `run`, or `within:` to the claim";

/// Whether a miss of this claim may be one of a program that is not ready yet: something is not there, or no answer is. What
/// is there and should not be, or is otherwise than it should be, was not looked at too early.
pub(super) fn may_be_early(claim: &str, miss: &Miss) -> bool {
    let (expected, actual) = (miss.expected.as_str(), miss.actual.as_str());
    // By these a shell, or the engine, says that there is no such command.
    let is_none = ["126", "127"].contains(&actual);
    match claim {
        "http" => expected.starts_with("an answer") || actual.starts_with("50"),
        "logs" => actual.starts_with("none of"),
        "ports" => actual == "nothing",
        "processes" => actual == "0",
        "tcp" => actual != "it is open",
        "exec" => !is_none,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_come_yet_was_looked_at_too_early() {
        for (claim, expected, actual, may_be) in [
            (
                "http",
                "an answer to GET http://app/",
                "refused: nothing listens",
                true,
            ),
            ("http", "200", "503", true),
            ("http", "200", "404", false),
            ("logs", "a line containing \"a\"", "none of 3 lines", true),
            ("logs", "no line containing \"a\"", "line 1: \"a\"", false),
            ("ports", "listening on 80/tcp", "nothing", true),
            ("ports", "nothing else", "also 81/tcp", false),
            ("processes", "at least 1", "0", true),
            ("processes", "at most 1", "2", false),
            ("tcp", "db:1 to be open", "refused", true),
            ("tcp", "db:1 to take no connection", "it is open", false),
            ("exec", "0", "1", true),
            ("exec", "0", "127", false),
            ("whoami", "app", "root", false),
        ] {
            let miss = Miss::new(expected, actual);
            assert_eq!(may_be_early(claim, &miss), may_be, "{claim} {actual}");
        }
    }
}
