//! One request to the engine, before it is sent.

use std::fmt;
use std::time::Duration;

use hyper::Method;

use super::body::Body;
use super::path::Path;

/// How long the engine may take to begin its answer where nothing else is said.
pub const FIRST_ANSWER: Duration = Duration::from_mins(1);

/// A request: what it is for, where it goes, what it carries, how long its answer may take.
pub struct Ask {
    pub(crate) doing: String,
    pub(crate) method: Method,
    pub(crate) path: Path,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Body,
    pub(crate) within: Duration,
}

impl Ask {
    /// A request by any method. `doing` follows the word "cannot" in a fault: `start container web`.
    pub fn new(method: Method, doing: impl Into<String>, path: impl Into<Path>) -> Self {
        Self {
            doing: doing.into(),
            method,
            path: path.into(),
            headers: Vec::new(),
            body: Body::Empty,
            within: FIRST_ANSWER,
        }
    }

    /// A GET.
    pub fn get(doing: impl Into<String>, path: impl Into<Path>) -> Self {
        Self::new(Method::GET, doing, path)
    }

    /// A POST.
    pub fn post(doing: impl Into<String>, path: impl Into<Path>) -> Self {
        Self::new(Method::POST, doing, path)
    }

    /// A DELETE.
    pub fn delete(doing: impl Into<String>, path: impl Into<Path>) -> Self {
        Self::new(Method::DELETE, doing, path)
    }

    /// Carries this JSON.
    #[must_use]
    pub fn json(self, value: &serde_json::Value) -> Self {
        self.header("Content-Type", "application/json")
            .body(value.to_string().into_bytes())
    }

    /// Carries this body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// How long the engine may take to begin its answer, the sending of the body included.
    #[must_use]
    pub fn within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }
}

impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers and body may hold credentials.
        write!(f, "Ask({} {})", self.method, self.path)
    }
}
