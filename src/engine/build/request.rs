//! What a build is asked for, what it tells while it runs, and how it ends.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::engine::Fault;
use crate::engine::context::ContextError;
use crate::fact::build::{BuildFacts, BuildFailure};

/// Bytes that are handed to the builder and shown to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretValue(Arc<[u8]>);

impl SecretValue {
    /// Wraps a secret.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into().into())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretValue(…)")
    }
}

/// An image to build.
#[derive(Clone, Debug)]
pub struct BuildRequest {
    /// What the image is for; it becomes part of the tag.
    pub name: String,
    /// The context's folder.
    pub context: PathBuf,
    /// The Dockerfile, from the context's folder if relative; `Dockerfile` there if none.
    pub dockerfile: Option<PathBuf>,
    /// The stage to build; the last if none.
    pub target: Option<String>,
    /// Build arguments; one without a value takes that of our environment, as the Docker command does.
    pub args: Vec<(String, Option<String>)>,
    /// Secrets for `RUN --mount=type=secret`, by id.
    pub secrets: Vec<(String, SecretValue)>,
    /// The platform to build for; the engine's own if none.
    pub platform: Option<String>,
    /// Labels that the suite wants on the image.
    pub labels: Vec<(String, String)>,
    /// Whether to build every step anew.
    pub no_cache: bool,
    /// Whether to ask the registry for newer base images.
    pub pull: bool,
    /// The network of `RUN`: `host`, `none` or the engine's default.
    pub network: Option<String>,
    /// How long it may take in all.
    pub within: Duration,
    /// The image's name, where it is to have one of its own, so that it is shared with no other build.
    pub tag: Option<String>,
    /// A file of the context that is sent changed: white space that no other build has is put to its end.
    pub change: Option<String>,
}

impl BuildRequest {
    /// A build of a folder, with nothing else said.
    pub fn new(name: impl Into<String>, context: impl Into<PathBuf>) -> Self {
        Self {
            name: name.into(),
            context: context.into(),
            dockerfile: None,
            target: None,
            args: Vec::new(),
            secrets: Vec::new(),
            platform: None,
            labels: Vec::new(),
            no_cache: false,
            pull: false,
            network: None,
            within: Duration::from_hours(1),
            tag: None,
            change: None,
        }
    }

    /// The arguments that are sent: the user's proxies too, unless the suite sets them otherwise.
    pub(super) fn effective_args(&self, proxies: Vec<(String, String)>) -> Vec<(String, String)> {
        let mut all = self.given_args();
        let given = all.len();
        for proxy in proxies {
            if !all[..given].iter().any(|(own, _)| *own == proxy.0) {
                all.push(proxy);
            }
        }
        all
    }

    /// The suite's own arguments, with what comes from the environment filled in.
    pub fn given_args(&self) -> Vec<(String, String)> {
        let value = |(name, value): &(String, Option<String>)| {
            let value = value.clone().or_else(|| std::env::var(name).ok())?;
            Some((name.clone(), value))
        };
        self.args.iter().filter_map(value).collect()
    }
}

/// What happens while an image is built, as it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildEvent {
    /// The context was read.
    Context {
        /// Files that are sent.
        files: u64,
        /// Their bytes.
        bytes: u64,
    },
    /// Another process builds the same; we wait for it.
    Waiting,
    /// The image was built before, from the same content.
    Reused {
        /// Its tag.
        tag: String,
    },
    /// A step began.
    Step {
        /// Its index among the steps of this build, from 0.
        index: usize,
        /// Its number within its stage.
        number: u32,
        /// How many there are.
        total: u32,
        /// The stage; empty where there is one only.
        stage: String,
        /// The instruction.
        text: String,
    },
    /// A step printed a line, free of terminal control.
    Output {
        /// Which step.
        index: usize,
        /// The line.
        line: String,
    },
    /// A step ended.
    StepDone {
        /// Which step.
        index: usize,
        /// Whether it came from the cache.
        cached: bool,
        /// How long it took.
        duration: Duration,
    },
    /// Something the user should know.
    Note(String),
}

/// An image, ready to run.
#[derive(Clone, Debug, PartialEq)]
pub struct Built {
    /// The image's id.
    pub image_id: String,
    /// Its tag.
    pub tag: String,
    /// What was seen.
    pub facts: BuildFacts,
}

/// Why there is no image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildError {
    /// The context cannot be sent: the suite or the folder is at fault.
    Context(ContextError),
    /// The Dockerfile does not build.
    Failed(Box<BuildFailure>),
    /// The engine, the registry or the disk is at fault.
    Fault(Fault),
}

impl From<Fault> for BuildError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<ContextError> for BuildError {
    fn from(error: ContextError) -> Self {
        Self::Context(error)
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Context(error) => error.fmt(f),
            Self::Failed(failure) => failure.fmt(f),
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for BuildError {}
