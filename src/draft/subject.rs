//! What a suite is about.

use super::scalar::text;

/// What a suite is about. Paths are relative to the suite's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// An image that is built.
    Build {
        /// The folder that it is built from.
        context: String,
        /// Its Dockerfile, where that has another name than usual.
        dockerfile: Option<String>,
    },
    /// An image of this name.
    Image(String),
    /// A container that somebody has started.
    Container(Container),
    /// A Compose file.
    Compose(Compose),
}

/// A container that somebody has started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Its image, as it was asked for.
    pub image: String,
    /// How it is run, in lines of `run`.
    pub run: Vec<String>,
    /// Variables whose values are secrets.
    pub secrets: Vec<String>,
}

/// A Compose file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compose {
    /// The file.
    pub file: String,
    /// The service that is under test.
    pub app: String,
    /// All services.
    pub services: Vec<String>,
    /// A file with its variables.
    pub env_file: Option<String>,
    /// Services that nobody checks, each with the ports by which it is ready.
    pub ready: Vec<(String, String)>,
}

impl Subject {
    /// What it is, for people.
    pub fn words(&self) -> String {
        match self {
            Self::Build {
                context,
                dockerfile,
            } => {
                let file = dockerfile.as_deref().unwrap_or("Dockerfile");
                format!("the image that `{file}` builds from `{context}`")
            }
            Self::Image(reference) => format!("the image `{reference}`"),
            Self::Container(one) => format!("the container `{}`", one.name),
            Self::Compose(one) => format!("the services of `{}`", one.file),
        }
    }

    /// The lines that say what is tested, and how it is run.
    pub(super) fn lines(&self, run: &[String]) -> Vec<String> {
        let mut lines = Vec::new();
        let mut say = |line: String| lines.push(line);
        match self {
            Self::Build {
                context,
                dockerfile,
            } => {
                say("image:".to_owned());
                say("  build:".to_owned());
                say(format!("    context: {}", text(context)));
                if let Some(file) = dockerfile {
                    say(format!("    dockerfile: {}", text(file)));
                }
            }
            Self::Image(reference) => say(format!("image: {{ ref: {} }}", text(reference))),
            Self::Container(one) => {
                if !one.secrets.is_empty() {
                    say(
                        "# Set these before you run it; their values are shown nowhere.".to_owned(),
                    );
                    say("secrets:".to_owned());
                    for name in &one.secrets {
                        say(format!("  {name}: {{ env: {name} }}"));
                    }
                    say(String::new());
                }
                say(format!(
                    "image: {{ ref: {}, pull: missing }}",
                    text(&one.image)
                ));
            }
            Self::Compose(one) => {
                say("compose:".to_owned());
                say(format!("  files: [{}]", text(&one.file)));
                say(format!("  app: {}", text(&one.app)));
                if let Some(file) = &one.env_file {
                    say(format!("  env_file: {}", text(file)));
                }
                if !one.ready.is_empty() {
                    say("  ready:".to_owned());
                    for (name, ports) in &one.ready {
                        let name = text(name);
                        say(format!("    {name}: {{ ports: {{ listening: {ports} }} }}"));
                    }
                }
            }
        }
        if !run.is_empty() {
            lines.push(String::new());
            lines.push("run:".to_owned());
            lines.extend(run.iter().map(|line| format!("  {line}")));
        }
        lines
    }

    /// How a container that is looked at is run, beside what is said of `ready`.
    pub(super) fn run(&self) -> &[String] {
        match self {
            Self::Container(one) => &one.run,
            _ => &[],
        }
    }
}
