//! What was seen, and how judges read it.

mod company;
mod pairs;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

pub use super::ending::{Amid, Ending, Life};

use super::accounts::Accounts;
use super::blob::Blob;
use super::cgroup::{Limits, Usage};
use super::command::{Command, Ran};
use super::company::Together;
use super::container::ContainerFacts;
use super::handshake::{Handshake, Shown};
use super::health::Health;
use super::http::{Outcome, Request, Spread};
use super::image::ImageFacts;
use super::layers::{Layer, Other};
use super::linked::Linked;
use super::log::Log;
use super::mount::Mounts;
use super::network::Networks;
use super::packages::Packages;
use super::path::{Attempts, Digest, Stat, Walk};
use super::privilege::Privileged;
use super::process::{Process, Processes};
use super::question::{Phase, Question};
use super::reach::Reach;
use super::restart::Restarts;
use super::search::{Beneath, Search, Searched};
use super::socket::Listener;
use super::source::{Attempt, Context, Dockerfile, Look, Tried};
use super::tcp::{Met, Talk};

/// One thing that was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// Of the image.
    Image(Box<ImageFacts>),
    /// What layers hold.
    Layers(Vec<Layer>),
    /// Another image.
    Other(Other),
    /// Of the container, from the engine.
    Container(Box<ContainerFacts>),
    /// Of all containers of a case.
    Company(Together),
    /// Of a container's networks.
    Networks(Networks),
    /// Start and end.
    Life(Life),
    /// The health check's word.
    Health(Health),
    /// The main process's variables.
    Environment(Vec<(String, String)>),
    /// What stands at a path; `None` where nothing does.
    Stat(Option<Stat>),
    /// What a file holds; `None` where there is none.
    Read(Option<Blob>),
    /// The digest of a file; `None` where there is none.
    Digest(Option<Digest>),
    /// What the kernel says to a user who would write.
    MayWrite(Attempts),
    /// What is installed.
    Packages(Box<Packages>),
    /// What stands below a folder.
    Walk(Walk),
    /// What stands in linked folders.
    Linked(Linked),
    /// Files that give rights.
    Privileged(Privileged),
    /// What files hold.
    Searched(Box<Searched>),
    /// What layers hold by themselves.
    Beneath(Box<Beneath>),
    /// Processes.
    Processes(Processes),
    /// What an exec without a user runs as, or why the engine starts none.
    ExecUser(Result<Process, String>),
    /// Sockets.
    Listeners(Vec<Listener>),
    /// What the kernel limits.
    Limits(Limits),
    /// What the kernel counts.
    Usage(Usage),
    /// Mounts.
    Mounts(Mounts),
    /// Whether a file could be made; else the error number, and what it means.
    Created(Result<(), (i32, String)>),
    /// Restarts.
    Restarts(Restarts),
    /// Lines.
    Log(Log),
    /// A command's end.
    Ran(Ran),
    /// A request's end.
    Http(Outcome),
    /// Who answered requests.
    Spread(Spread),
    /// A server's certificates and versions.
    Certificate(Shown),
    /// A connection's end.
    Tcp(Met),
    /// Whether something was reached.
    Reach(Reach),
    /// The Dockerfile.
    Dockerfile(Box<Dockerfile>),
    /// What the builder is sent.
    Context(Box<Context>),
    /// A build.
    Build(Box<Tried>),
}

/// What came of one question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It was seen.
    Seen(Fact),
    /// The container had ended, so there was nothing to see.
    Ended(Ending),
    /// It could not be seen, and this is why.
    Unseen(String),
}

/// Why a judge got no fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Blocked {
    /// The container had ended.
    Ended(Ending),
    /// We could not tell.
    Unseen(String),
}

/// All answers of one observation of one container.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Answers {
    #[serde(with = "pairs")]
    passive: HashMap<Question, Answer>,
    #[serde(with = "pairs")]
    active: HashMap<(usize, Question), Answer>,
}

impl Answers {
    /// Keeps the answer to a question that the item of that number asked.
    pub fn keep(&mut self, item: usize, question: Question, answer: Answer) {
        match question.phase() {
            Phase::Active => self.active.insert((item, question), answer),
            Phase::Passive | Phase::Log => self.passive.insert(question, answer),
        };
    }

    /// How the container ended, where a question that only looks was answered with that.
    pub fn ending(&self) -> Option<&Ending> {
        self.passive.values().find_map(|answer| match answer {
            Answer::Ended(ending) => Some(ending),
            Answer::Seen(_) | Answer::Unseen(_) => None,
        })
    }

    /// What the item of that number sees.
    pub fn of(&self, item: usize) -> Seen<'_> {
        Seen {
            answers: self,
            item,
        }
    }
}

/// The answers as one claim sees them.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    answers: &'a Answers,
    item: usize,
}

/// Gives the fact of one kind, or why there is none.
macro_rules! seen {
    ($self:ident, $question:expr, $kind:ident) => {
        match $self.fact(&$question)? {
            Fact::$kind(fact) => Ok(fact),
            _ => Err(Blocked::Unseen(
                "the answer is of another kind than the question".to_owned(),
            )),
        }
    };
}
use seen;

impl<'a> Seen<'a> {
    /// What came of a question, where it was asked.
    pub fn told(self, question: &Question) -> Option<&'a Answer> {
        match question.phase() {
            Phase::Active => self.answers.active.get(&(self.item, question.clone())),
            Phase::Passive | Phase::Log => self.answers.passive.get(question),
        }
    }

    fn fact(self, question: &Question) -> Result<&'a Fact, Blocked> {
        match self.told(question) {
            Some(Answer::Seen(fact)) => Ok(fact),
            Some(Answer::Ended(ending)) => Err(Blocked::Ended(ending.clone())),
            Some(Answer::Unseen(why)) => Err(Blocked::Unseen(why.clone())),
            None => Err(Blocked::Unseen(format!(
                "this was never asked: {question:?}"
            ))),
        }
    }

    /// The answer to a question, whatever it is.
    pub fn answer(self, question: &Question) -> Answer {
        match self.fact(question) {
            Ok(fact) => Answer::Seen(fact.clone()),
            Err(Blocked::Ended(ending)) => Answer::Ended(ending),
            Err(Blocked::Unseen(why)) => Answer::Unseen(why),
        }
    }

    /// What the image states.
    pub fn image(self) -> Result<&'a ImageFacts, Blocked> {
        seen!(self, Question::Image, Image).map(AsRef::as_ref)
    }

    /// Which paths the image's layers hold that match these patterns.
    pub fn layers(self, patterns: &[String]) -> Result<&'a [Layer], Blocked> {
        seen!(self, Question::Layers(patterns.to_vec()), Layers).map(Vec::as_slice)
    }

    /// Another image.
    pub fn other(self, key: &str) -> Result<&'a Other, Blocked> {
        seen!(self, Question::Other(key.to_owned()), Other)
    }

    /// What the engine knows of the container.
    pub fn container(self) -> Result<&'a ContainerFacts, Blocked> {
        seen!(self, Question::Container, Container).map(AsRef::as_ref)
    }

    /// What the engine knows of the container once it has been up for a moment, or is not up.
    pub fn state(self) -> Result<&'a ContainerFacts, Blocked> {
        seen!(self, Question::State, Container).map(AsRef::as_ref)
    }

    /// How it started and ended.
    pub fn life(self) -> Result<&'a Life, Blocked> {
        seen!(self, Question::Life, Life)
    }

    /// What the health check says.
    pub fn health(self, declared: bool) -> Result<&'a Health, Blocked> {
        seen!(self, Question::Health { declared }, Health)
    }

    /// The main process's variables.
    pub fn environment(self) -> Result<&'a [(String, String)], Blocked> {
        seen!(self, Question::Environment, Environment).map(Vec::as_slice)
    }

    /// What stands at a path.
    pub fn stat(self, path: &str, follow: bool) -> Result<Option<&'a Stat>, Blocked> {
        seen!(
            self,
            Question::Stat {
                path: path.to_owned(),
                follow
            },
            Stat
        )
        .map(Option::as_ref)
    }

    /// What a file holds.
    pub fn read(self, path: &str, most: u64) -> Result<Option<&'a Blob>, Blocked> {
        let path = path.to_owned();
        seen!(self, Question::Read { path, most }, Read).map(Option::as_ref)
    }

    /// The digest of a file.
    pub fn digest(self, path: &str, most: u64) -> Result<Option<&'a Digest>, Blocked> {
        let path = path.to_owned();
        seen!(self, Question::Digest { path, most }, Digest).map(Option::as_ref)
    }

    /// What the kernel says to a user who would write.
    pub fn may_write(self, at: &str, user: &str) -> Result<&'a Attempts, Blocked> {
        let (at, user) = (at.to_owned(), user.to_owned());
        seen!(self, Question::MayWrite { at, user }, MayWrite)
    }

    /// What is installed.
    pub fn packages(self) -> Result<&'a Packages, Blocked> {
        seen!(self, Question::Packages, Packages).map(AsRef::as_ref)
    }

    /// What stands below a folder.
    pub fn walk(self, root: &str, depth: Option<u32>) -> Result<&'a Walk, Blocked> {
        seen!(
            self,
            Question::Walk {
                root: root.to_owned(),
                depth
            },
            Walk
        )
    }

    /// What matches a pattern in linked folders.
    pub fn linked(self, pattern: &str) -> Result<&'a Linked, Blocked> {
        let pattern = pattern.to_owned();
        seen!(self, Question::Linked { pattern }, Linked)
    }

    /// Files that give rights to who runs them.
    pub fn privileged(self) -> Result<&'a Privileged, Blocked> {
        seen!(self, Question::Privileged, Privileged)
    }

    /// What the image's files hold of this.
    pub fn searched(self, search: &Search) -> Result<&'a Searched, Blocked> {
        seen!(self, Question::Search(search.clone()), Searched).map(AsRef::as_ref)
    }

    /// What the image's layers hold of this, each by itself.
    pub fn beneath(self, search: &Search) -> Result<&'a Beneath, Blocked> {
        seen!(self, Question::Beneath(search.clone()), Beneath).map(AsRef::as_ref)
    }

    /// The processes.
    pub fn processes(self) -> Result<&'a Processes, Blocked> {
        seen!(self, Question::Processes, Processes)
    }

    /// What an exec without a user runs as, or why the engine starts none.
    pub fn exec_user(self) -> Result<&'a Result<Process, String>, Blocked> {
        seen!(self, Question::ExecUser, ExecUser)
    }

    /// The container's main process.
    pub fn main_process(self) -> Result<&'a Process, Blocked> {
        let missing = || Blocked::Unseen("the container has no process 1".to_owned());
        self.processes()?.main().ok_or_else(missing)
    }

    /// The sockets that wait.
    pub fn listeners(self) -> Result<&'a [Listener], Blocked> {
        seen!(self, Question::Listeners, Listeners).map(Vec::as_slice)
    }

    /// What the kernel lets it have at most.
    pub fn limits(self) -> Result<&'a Limits, Blocked> {
        seen!(self, Question::Limits, Limits)
    }

    /// What it uses.
    pub fn usage(self, over_millis: Option<u64>) -> Result<&'a Usage, Blocked> {
        seen!(self, Question::Usage { over_millis }, Usage)
    }

    /// What is mounted where.
    pub fn mounts(self, at: &[String]) -> Result<&'a Mounts, Blocked> {
        seen!(self, Question::Mounts { at: at.to_vec() }, Mounts)
    }

    /// Whether a file could be made in a folder; else the error number, and what it means.
    pub fn created(self, folder: &str) -> Result<&'a Result<(), (i32, String)>, Blocked> {
        let folder = folder.to_owned();
        seen!(self, Question::Create { folder }, Created)
    }

    /// How often a policy has started it again.
    pub fn restarts(self) -> Result<&'a Restarts, Blocked> {
        seen!(self, Question::Restarts, Restarts)
    }

    /// The lines.
    pub fn log(self) -> Result<&'a Log, Blocked> {
        seen!(self, Question::Log, Log)
    }

    /// A command's end.
    pub fn ran(self, command: &Command) -> Result<&'a Ran, Blocked> {
        seen!(self, Question::Run(command.clone()), Ran)
    }

    /// A request's end.
    pub fn http(self, request: &Request) -> Result<&'a Outcome, Blocked> {
        seen!(self, Question::Http(request.clone()), Http)
    }

    /// Who answered requests.
    pub fn spread(self, request: &Request) -> Result<&'a Spread, Blocked> {
        seen!(self, Question::Spread(request.clone()), Spread)
    }

    /// What stands at a path beside the suite.
    pub fn source_stat(self, path: &str, follow: bool) -> Result<Option<&'a Stat>, Blocked> {
        let path = path.to_owned();
        seen!(self, Question::Source(Look::Stat { path, follow }), Stat).map(Option::as_ref)
    }

    /// What a file beside the suite holds.
    pub fn source_read(self, path: &str, most: u64) -> Result<Option<&'a Blob>, Blocked> {
        let path = path.to_owned();
        seen!(self, Question::Source(Look::Read { path, most }), Read).map(Option::as_ref)
    }

    /// What stands below a folder beside the suite.
    pub fn source_walk(self, root: &str, depth: Option<u32>) -> Result<&'a Walk, Blocked> {
        let root = root.to_owned();
        seen!(self, Question::Source(Look::Walk { root, depth }), Walk)
    }

    /// What a file beside the suite, or all below a folder, holds of this.
    pub fn source_searched(self, path: &str, search: &Search) -> Result<&'a Searched, Blocked> {
        let (path, search) = (path.to_owned(), search.clone());
        let look = Look::Search { path, search };
        seen!(self, Question::Source(look), Searched).map(AsRef::as_ref)
    }

    /// The image's Dockerfile.
    pub fn dockerfile(self) -> Result<&'a Dockerfile, Blocked> {
        seen!(self, Question::Dockerfile, Dockerfile).map(AsRef::as_ref)
    }

    /// What the builder is sent.
    pub fn context(self) -> Result<&'a Context, Blocked> {
        seen!(self, Question::Context, Context).map(AsRef::as_ref)
    }

    /// What came of building the image.
    pub fn build(self, attempt: &Attempt) -> Result<&'a Tried, Blocked> {
        seen!(self, Question::Build(attempt.clone()), Build).map(AsRef::as_ref)
    }

    /// What stands in the context's folder, whatever the ignore file says.
    pub fn whole_context(self) -> Result<&'a Walk, Blocked> {
        seen!(self, Question::WholeContext, Walk)
    }

    /// A connection's end.
    pub fn tcp(self, talk: &Talk) -> Result<&'a Met, Blocked> {
        seen!(self, Question::Tcp(talk.clone()), Tcp)
    }

    /// A server's certificates and versions.
    pub fn certificate(self, handshake: &Handshake) -> Result<&'a Shown, Blocked> {
        seen!(self, Question::Certificate(handshake.clone()), Certificate)
    }

    /// Users and groups; none where the image has no such files.
    pub fn accounts(self) -> Result<Accounts, Blocked> {
        let [passwd, group] = ACCOUNT_FILES.map(|path| self.read(path, ACCOUNT_MOST));
        let mut texts = [String::new(), String::new()];
        for ((path, blob), text) in ACCOUNT_FILES.iter().zip([passwd?, group?]).zip(&mut texts) {
            let Some(blob) = blob else { continue };
            if blob.is_cut() {
                let (kept, total) = (blob.bytes.len(), blob.total);
                return Err(Blocked::Unseen(format!(
                    "only the first {kept} bytes of the {total} of {path} were read, so not all accounts are known"
                )));
            }
            *text = blob.text().into_owned();
        }
        Ok(Accounts::parse(&texts[0], &texts[1]))
    }
}

const ACCOUNT_FILES: [&str; 2] = ["/etc/passwd", "/etc/group"];
const ACCOUNT_MOST: u64 = 1 << 20;

/// The questions that [`Seen::accounts`] reads the answers of.
pub fn account_questions() -> [Question; 2] {
    ACCOUNT_FILES.map(|path| Question::Read {
        path: path.to_owned(),
        most: ACCOUNT_MOST,
    })
}

#[cfg(test)]
mod tests;
