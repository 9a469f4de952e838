//! A first suite, made of what was seen of an image, a container or a Compose file: text with a comment to what is not
//! plain. What did not hold once more stays as a comment that says why. Pure: who looks is `cli`.

pub mod ask;
mod heed;
mod image;
mod life;
mod render;
pub mod requests;
pub mod running;
pub mod scalar;
pub mod seen;
pub mod settings;
pub mod subject;
pub mod write;

pub use subject::Subject;
pub use write::write;

/// A suite that is being written.
#[derive(Debug, Clone)]
pub struct Draft {
    /// All before the cases.
    pub top: String,
    /// The cases, in order.
    pub cases: Vec<Case>,
}

/// A case of it.
#[derive(Debug, Clone, Default)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// What is said of it.
    pub says: Vec<String>,
    /// Keys beside its name, a line each.
    pub head: Vec<String>,
    /// What it does and claims, in order.
    pub parts: Vec<Part>,
    /// Why it stands as a comment.
    pub off: Option<String>,
}

/// A claim or a step.
#[derive(Debug, Clone)]
pub struct Part {
    /// What it is.
    pub kind: Kind,
    /// What is said of it.
    pub says: Option<String>,
    /// As it is written, without its dash.
    pub yaml: String,
    /// A line that goes with it: `within` or `service`.
    pub beside: Option<String>,
    /// Why it stands as a comment.
    pub off: Option<String>,
}

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Something that must hold.
    Claim,
    /// Something that is done.
    Step,
}

impl Part {
    /// A claim.
    pub fn claim(yaml: impl Into<String>) -> Self {
        Self {
            kind: Kind::Claim,
            says: None,
            yaml: yaml.into(),
            beside: None,
            off: None,
        }
    }

    /// A step.
    pub fn step(yaml: impl Into<String>) -> Self {
        Self {
            kind: Kind::Step,
            ..Self::claim(yaml)
        }
    }

    /// With a word about it.
    #[must_use]
    pub fn says(mut self, text: impl Into<String>) -> Self {
        self.says = Some(text.into());
        self
    }

    /// With a line beside it.
    #[must_use]
    pub fn beside(mut self, line: impl Into<String>) -> Self {
        self.beside = Some(line.into());
        self
    }

    /// As a comment, since it does not hold.
    #[must_use]
    pub fn off(mut self, why: impl Into<String>) -> Self {
        self.off = Some(why.into());
        self
    }
}

impl Case {
    /// Whether something in it is judged.
    pub fn is_on(&self) -> bool {
        let is_judged = |part: &Part| part.kind == Kind::Claim && part.off.is_none();
        self.off.is_none() && self.parts.iter().any(is_judged)
    }

    /// Whether it is of steps.
    fn has_steps(&self) -> bool {
        self.parts.iter().any(|part| part.kind == Kind::Step)
    }
}

impl Draft {
    /// How many claims are judged.
    pub fn claims(&self) -> usize {
        let on = self.cases.iter().filter(|case| case.is_on());
        let parts = on.flat_map(|case| &case.parts);
        let is_on = |part: &&Part| part.kind == Kind::Claim && part.off.is_none();
        parts.filter(is_on).count()
    }

    /// How many stand as comments.
    pub fn off(&self) -> usize {
        let count = |case: &Case| {
            let claims = case.parts.iter().filter(|part| part.kind == Kind::Claim);
            claims
                .filter(|part| part.off.is_some() || !case.is_on())
                .count()
        };
        self.cases.iter().map(count).sum()
    }
}
