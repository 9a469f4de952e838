//! Versions of the engine's API, and which one is spoken.

use std::fmt;

/// A version of the engine's API, such as 1.41.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ApiVersion {
    /// Before the dot.
    pub major: u16,
    /// After the dot.
    pub minor: u16,
}

/// The newest version this client was written for.
pub const NEWEST: ApiVersion = ApiVersion::new(1, 47);

/// The oldest version this client can work with: Docker 19.03.
pub const OLDEST: ApiVersion = ApiVersion::new(1, 40);

impl ApiVersion {
    /// A version from its two numbers.
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor }
    }

    /// Reads `1.41`.
    pub fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.trim().split_once('.')?;
        // podman may say 1.41.0: what follows a second dot does not matter.
        let minor = minor.split('.').next()?;
        Some(Self::new(major.parse().ok()?, minor.parse().ok()?))
    }

    /// The version to speak with an engine whose newest is `engine`, if it is not too old.
    pub fn agreed(engine: Self) -> Option<Self> {
        (engine >= OLDEST).then(|| engine.min(NEWEST))
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_compared_as_numbers() {
        assert_eq!(ApiVersion::parse("1.41"), Some(ApiVersion::new(1, 41)));
        assert_eq!(ApiVersion::parse("1.41.0"), Some(ApiVersion::new(1, 41)));
        assert_eq!(ApiVersion::parse("one"), None);
        assert_eq!(ApiVersion::parse("1."), None);
        assert!(ApiVersion::new(1, 9) < ApiVersion::new(1, 41));
    }

    #[test]
    fn the_older_of_both_is_spoken() {
        let agreed = |minor| ApiVersion::agreed(ApiVersion::new(1, minor));
        assert_eq!(agreed(41), Some(ApiVersion::new(1, 41)));
        assert_eq!(agreed(60), Some(NEWEST));
        assert_eq!(agreed(39), None);
    }
}
