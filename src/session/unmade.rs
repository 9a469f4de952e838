//! What a suite describes and that cannot be there, which is no fault of the engine.

use std::fmt;

/// Why something that a suite describes cannot be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lacks {
    /// The engine finds fault with what it was asked for.
    Refused,
    /// It ends, or is never ready.
    Readiness,
}

/// Something that a suite describes and that cannot be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmade {
    lacks: Lacks,
    words: String,
}

impl Unmade {
    /// What it lacks, in these words.
    pub fn new(lacks: Lacks, words: &str) -> Self {
        let words = words.to_owned();
        Self { lacks, words }
    }

    /// Whether this trouble comes of it.
    pub fn explains(&self, trouble: &str) -> bool {
        trouble.contains(&self.words)
    }
}

impl fmt::Display for Unmade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lacks = match self.lacks {
            Lacks::Refused => "the engine refuses it",
            Lacks::Readiness => "it does not come up",
        };
        write!(f, "{lacks}: {}", self.words.trim_start())
    }
}
