//! Signals by name or number, as Linux has them on every architecture that images are made for.

use serde_json::{Value as Json, json};

use super::near::nearest;
use super::read::{Read, Reader};
use super::schema::Schemas;
use super::tree::Node;

/// A signal's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signal(pub i32);

/// Names of signals 1 to 31, in order.
const NAMES: [&str; 31] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
    "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
    "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
];
/// The first real-time signal a program can use, and the last.
const REALTIME: (i32, i32) = (34, 64);

impl Signal {
    /// The signal that stops a container whose image names none.
    pub const TERM: Self = Self(15);
    /// The signal that ends every process.
    pub const KILL: Self = Self(9);

    /// `TERM`, `SIGTERM`, `15`, `RTMIN+3`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(number) = text.parse() {
            return (1..=REALTIME.1).contains(&number).then_some(Self(number));
        }
        let upper = text.to_ascii_uppercase();
        let name = upper.strip_prefix("SIG").unwrap_or(&upper);
        let realtime = |rest: &str, from: i32| match rest {
            "" => Some(from),
            _ => from.checked_add(rest.parse().ok()?),
        };
        let number = match name {
            "POLL" => Some(29),
            "IOT" => Some(6),
            _ => match (name.strip_prefix("RTMIN"), name.strip_prefix("RTMAX")) {
                (Some(rest), _) => realtime(rest, REALTIME.0),
                (_, Some(rest)) => realtime(rest, REALTIME.1),
                _ => (1..).zip(NAMES).find(|(_, n)| *n == name).map(|(at, _)| at),
            },
        };
        number
            .filter(|n| *n < 32 || (REALTIME.0..=REALTIME.1).contains(n))
            .map(Self)
    }

    /// The name of a signal that is nearly this one.
    pub fn near(text: &str) -> Option<&'static str> {
        let upper = text.to_ascii_uppercase();
        nearest(upper.strip_prefix("SIG").unwrap_or(&upper), NAMES)
    }

    /// The exit code that stands for an end by this signal.
    pub fn code(self) -> i32 {
        128 + self.0
    }

    /// The signal that an exit code stands for.
    pub fn of_code(code: i32) -> Option<Self> {
        (129..=128 + REALTIME.1)
            .contains(&code)
            .then_some(Self(code - 128))
    }
}

impl std::fmt::Display for Signal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = usize::try_from(self.0 - 1)
            .ok()
            .and_then(|at| NAMES.get(at));
        match name {
            Some(name) => write!(f, "SIG{name}"),
            None if self.0 >= REALTIME.0 => write!(f, "SIGRTMIN+{}", self.0 - REALTIME.0),
            None => write!(f, "signal {}", self.0),
        }
    }
}

impl Read for Signal {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let read = node.text().and_then(Self::parse);
        read.or_else(|| {
            reader.wrong::<()>(node, "a signal such as TERM, SIGTERM or 15");
            let near = Self::near(node.text()?)?;
            let said = reader.diagnostics.last_mut()?;
            said.help(format!("did you mean `{near}`?"));
            None
        })
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "type": ["string", "integer"] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_are_read_by_name_and_number() {
        for (text, number) in [
            ("TERM", 15),
            ("SIGTERM", 15),
            ("sigkill", 9),
            ("9", 9),
            ("SYS", 31),
            ("RTMIN+3", 37),
            ("SIGRTMAX", 64),
            ("RTMAX-1", 63),
        ] {
            assert_eq!(Signal::parse(text), Some(Signal(number)), "{text}");
        }
        for wrong in [
            "", "0", "65", "-1", "NONE", "SIG", "RTMIN+31", "RTMIN-1", "RTMINX",
        ] {
            assert_eq!(Signal::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn signals_are_shown_by_name_and_stand_behind_exit_codes() {
        let shown: Vec<String> = [1, 9, 15, 31, 33, 37].map(|n| Signal(n).to_string()).into();
        assert_eq!(
            shown,
            [
                "SIGHUP",
                "SIGKILL",
                "SIGTERM",
                "SIGSYS",
                "signal 33",
                "SIGRTMIN+3"
            ]
        );
        assert_eq!(Signal::TERM.code(), 143);
        assert_eq!(Signal::of_code(137), Some(Signal(9)));
        assert_eq!(Signal::of_code(128), None);
        assert_eq!(Signal::of_code(255), None);
    }
}
