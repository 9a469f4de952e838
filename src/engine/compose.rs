//! The user's Compose tool: which it is, and what it says when it is run.

mod child;
pub mod orphans;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::transport::Address;
use super::{Fault, FaultKind, Result, world};
use child::Group;

/// How long the tool may take to tell its version.
const VERSION: Duration = Duration::from_secs(30);

/// The variable by which a tool that goes on after its run was killed is known: the run's owner.
const OWNER: &str = "SEAWORTHY_OWNER";

/// Variables that would have the tool look at something else than it is told.
const MISLEADING: [&str; 6] = [
    "COMPOSE_ENV_FILES",
    "COMPOSE_FILE",
    "COMPOSE_PROFILES",
    "COMPOSE_PROJECT_NAME",
    "DOCKER_CONTEXT",
    "DOCKER_HOST",
];

/// The tool, as it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tool {
    words: Vec<String>,
    /// Whether the Docker CLI can be run, by which the first one builds unless it is told otherwise.
    has_docker: bool,
    /// Its version.
    pub version: String,
}

/// What the tool is asked.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// What is done, as it follows the word "cannot".
    pub doing: String,
    /// Its arguments.
    pub words: Vec<String>,
    /// Variables beside those of this process.
    pub variables: BTreeMap<String, String>,
    /// The folder it is run in; that of this process without it.
    pub folder: Option<PathBuf>,
    /// What it reads, for `-f -`.
    pub input: String,
    /// How long it may take.
    pub within: Duration,
}

/// What it answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Whether it did what it was asked.
    pub done: bool,
    /// All of its standard output, where it is not too large.
    pub output: String,
    /// The last lines that it said on both streams.
    pub last_lines: Vec<String>,
    /// The last lines that it said beside its output.
    pub notes: Vec<String>,
}

impl Tool {
    /// Finds it: the plugin of the Docker CLI, else `docker-compose`. To read a file it needs no engine.
    pub async fn find(engine: Option<&Address>) -> Result<Self> {
        let mut has_docker = false;
        for words in [&["docker", "compose"][..], &["docker-compose"]] {
            let mut tool = Self {
                words: words.iter().map(|&word| word.to_owned()).collect(),
                has_docker,
                version: String::new(),
            };
            let ask = Ask {
                doing: "ask the Compose tool for its version".to_owned(),
                words: vec!["version".to_owned(), "--short".to_owned()],
                within: VERSION,
                ..Ask::default()
            };
            let Ok(said) = tool.run(engine, &ask, |_| ()).await else {
                continue;
            };
            has_docker = true;
            let version = said.output.trim().trim_start_matches('v');
            if said.done && version.starts_with(|c: char| c.is_ascii_digit()) {
                version.clone_into(&mut tool.version);
                return Ok(tool);
            }
        }
        let message =
            "there is no Compose tool: neither `docker compose` nor `docker-compose` can be run";
        let fault = Fault::new(FaultKind::Unsupported, "read the Compose file", message);
        Err(fault.help("install the Compose plugin of Docker (on Debian and Ubuntu the package docker-compose-plugin, docker-compose-v2 or docker-compose)"))
    }

    /// How it is called.
    pub fn name(&self) -> String {
        self.words.join(" ")
    }

    /// Whether it is the first one, written in Python.
    pub fn is_first(&self) -> bool {
        self.version.starts_with("1.")
    }

    /// Runs it; tells each line that it says as it comes. An error is one of running it at all.
    pub async fn run(
        &self,
        engine: Option<&Address>,
        ask: &Ask,
        line: impl Fn(String) + Send + Sync,
    ) -> Result<Said> {
        let fault = |kind, message: String| Fault::new(kind, &ask.doing, message);
        let child = self.command(engine, ask).spawn();
        let child = child.map_err(|error| {
            let message = format!("`{}` cannot be run: {error}", self.name());
            fault(FaultKind::Local, message)
        })?;
        let work = Group::of(child).listen(&ask.input, &line);
        match tokio::time::timeout(ask.within, work).await {
            Ok(Ok(said)) => Ok(said),
            Ok(Err(error)) => {
                let message = format!("`{}` broke off: {error}", self.name());
                Err(fault(FaultKind::Local, message))
            }
            Err(_) => {
                let message = format!("`{}` took longer than {:?}", self.name(), ask.within);
                Err(fault(FaultKind::TimedOut, message))
            }
        }
    }

    fn command(&self, engine: Option<&Address>, ask: &Ask) -> Command {
        let (program, first) = match self.words.split_first() {
            Some((program, first)) => (program.as_str(), first),
            None => ("docker-compose", &[][..]),
        };
        let mut command = Command::new(program);
        command.args(first).args(&ask.words);
        // What follows wins over what a suite says.
        command.envs(&ask.variables);
        for name in MISLEADING {
            command.env_remove(name);
        }
        if let Some(engine) = engine {
            command.env("DOCKER_HOST", engine.to_string());
        }
        command.env(OWNER, world::owner());
        if let Some(Address::Tcp { tls: Some(tls), .. }) = engine {
            command.env("DOCKER_TLS_VERIFY", "1");
            let any = tls.ca.as_ref().or(tls.client.as_ref().map(|(own, _)| own));
            if let Some(folder) = any.and_then(|file| file.parent()) {
                command.env("DOCKER_CERT_PATH", folder);
            }
        }
        // It draws with escapes and waits for answers where it finds a terminal.
        command.env("COMPOSE_ANSI", "never").env("NO_COLOR", "1");
        if self.is_first() && !self.has_docker {
            command.env("COMPOSE_DOCKER_CLI_BUILD", "0");
        }
        if let Some(folder) = &ask.folder {
            command.current_dir(folder);
        }
        // In a group of its own it ends with us, and not by the Ctrl-C that is meant for us.
        #[cfg(unix)]
        command.process_group(0);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_suite_says_does_not_have_the_tool_look_elsewhere_than_it_is_told() {
        let tool = Tool {
            words: vec!["docker".to_owned(), "compose".to_owned()],
            has_docker: true,
            version: "2.0.0".to_owned(),
        };
        let variables = [
            "DOCKER_HOST",
            "DOCKER_CONTEXT",
            "COMPOSE_FILE",
            OWNER,
            "TAG",
        ];
        let ask = Ask {
            variables: variables
                .map(|name| (name.to_owned(), "theirs".to_owned()))
                .into(),
            ..Ask::default()
        };
        let engine = Address::Unix("/run/own.sock".into());
        for engine in [Some(&engine), None] {
            let command = tool.command(engine, &ask);
            let given: BTreeMap<_, _> = command.as_std().get_envs().collect();
            let value = |name: &str| given[std::ffi::OsStr::new(name)].and_then(|v| v.to_str());
            assert_eq!(value("DOCKER_HOST"), engine.map(|_| "unix:///run/own.sock"));
            assert_eq!(
                (value("DOCKER_CONTEXT"), value("COMPOSE_FILE")),
                (None, None)
            );
            assert_eq!(value(OWNER), Some(world::owner().as_str()));
            assert_eq!(value("TAG"), Some("theirs"));
        }
    }
}
