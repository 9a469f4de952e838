//! What the exit code says. `docs/decisions/exit-codes.md` says why.

use std::process::ExitCode;

/// How a command ended, from the least to the most that must be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// All held.
    Held,
    /// Nothing ran: no suite, or no case that was chosen.
    Nothing,
    /// We could not tell: the engine, a pull, the disk, our own fault.
    Unknown,
    /// A claim failed. A Dockerfile that does not build is a failed claim.
    Failed,
    /// Wrong usage, or a wrong suite.
    Wrong,
    /// Someone interrupted it.
    Interrupted,
}

impl Exit {
    /// The one of that number; a number that none has is a fault of our own.
    pub fn of(code: u8) -> Self {
        match code {
            0 => Self::Held,
            1 => Self::Failed,
            2 => Self::Wrong,
            4 => Self::Nothing,
            130 => Self::Interrupted,
            _ => Self::Unknown,
        }
    }

    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Held => 0,
            Self::Failed => 1,
            Self::Wrong => 2,
            Self::Unknown => 3,
            Self::Nothing => 4,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_be_said_most_wins() {
        let order = [130, 2, 1, 3, 4, 0];
        let mut all = [
            Exit::Held,
            Exit::Failed,
            Exit::Wrong,
            Exit::Unknown,
            Exit::Nothing,
            Exit::Interrupted,
        ];
        all.sort_by(|a, b| b.cmp(a));
        assert_eq!(all.map(Exit::code), order);
        assert_eq!(order.map(|code| Exit::of(code).code()), order);
    }
}
