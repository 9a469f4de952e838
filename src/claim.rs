//! Claims: what a suite says must hold. One file a claim, with its page beside it.
//!
//! A claim's file declares its fields, says what it asks, and judges what was seen. Judging is
//! pure: no I/O, no clock, no retry. To add a claim, write `claim/NAME.rs` and `claim/NAME.md` and
//! add the two lines below that list it.

use crate::fact::answer::{Blocked, Seen};
use crate::fact::question::{Phase, Question};
use crate::text::matcher::Miss;
use crate::text::read::{Read, Reader};
use crate::text::schema::{Key, Schemas};
use crate::text::source::{Span, Spanned};
use crate::text::tree::Node;

/// Lists the claims: makes the enum, and what reads, describes, explains and judges it.
macro_rules! claims {
    ($($name:ident: $type:ident,)*) => {
        /// Any claim.
        #[derive(Debug, Clone)]
        pub enum Claim {
            $(#[doc = concat!("`", stringify!($name), "`")] $type(Box<$name::$type>),)*
        }

        /// Names of all claims that are judged.
        pub const NAMES: &[&str] = &[$(stringify!($name)),*];

        impl Claim {
            /// Reads the claim of that name from its value.
            pub fn read(name: &str, node: &Node, reader: &mut Reader) -> Option<Self> {
                match name {
                    $(stringify!($name) => <$name::$type>::read(node, reader).map(|c| Self::$type(Box::new(c))),)*
                    _ => None,
                }
            }

            /// The claim's name.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$type(_) => stringify!($name),)*
                }
            }

            /// What has to be there.
            pub fn scope(&self) -> Scope {
                match self {
                    $(Self::$type(claim) => Judge::scope(claim.as_ref()),)*
                }
            }

            /// What it needs to know.
            pub fn questions(&self) -> Vec<Question> {
                match self {
                    $(Self::$type(claim) => claim.questions(),)*
                }
            }

            /// The certificates and authorities that it names.
            pub fn credentials(&self) -> Vec<(Credential, &Spanned<String>)> {
                match self {
                    $(Self::$type(claim) => claim.credentials(),)*
                }
            }

            /// Whether it is about what an image is built from, so that there has to be such.
            pub fn needs_build(&self) -> bool {
                self.questions().iter().any(Question::is_of_build)
            }

            /// Images that it needs beside the one that is judged.
            pub fn others(&self) -> Vec<&image::Other> {
                match self {
                    $(Self::$type(claim) => claim.others(),)*
                }
            }

            /// Whether something is done in the container for it, rather than looked at.
            pub fn acts(&self) -> bool {
                self.questions().iter().any(|question| question.phase() == Phase::Active)
            }

            /// Compares what was seen with what is claimed.
            pub fn judge(&self, span: Span, seen: Seen<'_>) -> Findings {
                match self {
                    $(Self::$type(claim) => settle(claim.as_ref(), span, stringify!($name), seen),)*
                }
            }
        }

        /// A key for each claim.
        pub fn keys(schemas: &mut Schemas) -> Vec<Key> {
            vec![$(Key {
                name: stringify!($name),
                about: first_paragraph(page(stringify!($name)).unwrap_or("")),
                schema: <$name::$type as Read>::schema(schemas),
                required: false,
            }),*]
        }

        /// The page of the claim of that name.
        pub fn page(name: &str) -> Option<&'static str> {
            match name {
                $(stringify!($name) => Some(include_str!(concat!("claim/", stringify!($name), ".md"))),)*
                _ => None,
            }
        }
    };
}

pub mod account;
pub mod build;
pub mod build_context;
pub mod capabilities;
pub mod certificate;
pub mod dockerfile;
pub mod env;
pub mod exec;
pub mod exited;
pub mod filesystem;
pub mod health;
pub mod http;
pub mod image;
pub mod isolated_from;
pub mod limits;
pub mod logs;
pub mod mounts;
pub mod networks;
pub mod no_new_privileges;
pub mod no_secrets;
pub mod packages;
pub mod path;
pub mod ports;
pub mod processes;
pub mod reaches;
pub mod replicas;
pub mod restarts;
pub mod seccomp;
pub mod setuid;
pub mod source;
pub mod started;
pub mod startup;
pub mod state;
pub mod tcp;
#[cfg(test)]
mod trial;
pub mod usage;
pub mod whoami;

claims! {
    account: Account,
    build: Build,
    build_context: BuildContext,
    capabilities: Capabilities,
    certificate: Certificate,
    dockerfile: Dockerfile,
    env: Env,
    exec: Exec,
    exited: Exited,
    filesystem: Filesystem,
    health: Health,
    http: Http,
    image: Image,
    isolated_from: IsolatedFrom,
    limits: Limits,
    logs: Logs,
    mounts: Mounts,
    networks: Networks,
    no_new_privileges: NoNewPrivileges,
    no_secrets: NoSecrets,
    packages: Packages,
    path: Path,
    ports: Ports,
    processes: Processes,
    reaches: Reaches,
    replicas: Replicas,
    restarts: Restarts,
    seccomp: Seccomp,
    setuid: Setuid,
    source: Source,
    started: Started,
    startup: Startup,
    state: State,
    tcp: Tcp,
    usage: Usage,
    whoami: Whoami,
}

impl Claim {
    /// Whether it is about a service as a whole, so that it is judged once for all its replicas.
    pub fn is_of_service(&self) -> bool {
        matches!(self, Self::Replicas(_))
    }
}

/// What has to be there for a claim to be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Files of this machine: what the image is built from, and what lies beside the suite.
    Sources,
    /// The image as the engine has it.
    Image,
    /// Files: of the running container where the case runs one, else of the image.
    Files,
    /// The container with its program.
    Running,
}

/// How a claim names a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// As whom to believe: also the run's authority, or a file.
    Authority,
    /// As what a client shows.
    Certificate,
}

/// What a claim's file gives.
pub trait Judge {
    /// What has to be there.
    const SCOPE: Scope;

    /// What has to be there for this one, where that depends on its fields.
    fn scope(&self) -> Scope {
        Self::SCOPE
    }

    /// What it needs to know.
    fn questions(&self) -> Vec<Question>;

    /// Images that it needs beside the one that is judged.
    fn others(&self) -> Vec<&image::Other> {
        Vec::new()
    }

    /// The certificates and authorities that it names, of the suite's `certificates`.
    fn credentials(&self) -> Vec<(Credential, &Spanned<String>)> {
        Vec::new()
    }

    /// Compares what was seen with what is claimed.
    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked>;
}

/// One thing that is not as claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The place in the suite that claims it.
    pub span: Span,
    /// Of what: `user`, `/app mode`, …
    pub what: String,
    /// Expected and actual.
    pub miss: Miss,
    /// Evidence and advice, a line each.
    pub notes: Vec<String>,
}

/// What judging a claim found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// What is not as claimed.
    pub misses: Vec<Finding>,
    /// What could not be told, and why.
    pub unseen: Vec<String>,
    /// What was seen, in a few words, as evidence.
    pub seen: Vec<String>,
    /// Whether it can only hold of another start, since the container has ended.
    pub ended: bool,
}

impl Findings {
    /// Takes a miss, where there is one.
    pub fn check(&mut self, span: Span, what: impl Into<String>, miss: Option<Miss>) {
        if let Some(miss) = miss {
            self.misses.push(Finding {
                span,
                what: what.into(),
                miss,
                notes: Vec::new(),
            });
        }
    }

    /// Takes a miss with a note that helps.
    pub fn check_with(
        &mut self,
        span: Span,
        what: impl Into<String>,
        miss: Option<Miss>,
        note: impl Into<String>,
    ) {
        if let Some(miss) = miss {
            self.misses.push(Finding {
                span,
                what: what.into(),
                miss,
                notes: vec![note.into()],
            });
        }
    }

    /// Takes a miss, or where there is none what was seen in its place.
    pub fn compare(
        &mut self,
        span: Span,
        what: impl Into<String>,
        miss: Option<Miss>,
        seen: impl std::fmt::Display,
    ) {
        let what = what.into();
        if miss.is_none() {
            self.seen.push(format!("{what} {seen}"));
        }
        self.check(span, what, miss);
    }

    /// Takes evidence.
    pub fn saw(&mut self, what: impl Into<String>) {
        self.seen.push(what.into());
    }
}

/// What is compared, and of which thread where it is not of the process as such.
fn what_of(what: &str, thread: Option<&str>) -> String {
    match thread {
        Some(thread) => format!("{what} of {thread}"),
        None => what.to_owned(),
    }
}

/// Judges, and turns what blocked the judge into its finding: a container that has ended fails the
/// claim, anything else that kept us from seeing is an error.
fn settle<J: Judge>(claim: &J, span: Span, name: &str, seen: Seen<'_>) -> Findings {
    let mut findings = Findings::default();
    match claim.judge(seen, &mut findings) {
        Ok(()) => {}
        Err(Blocked::Ended(ending)) => {
            findings.ended = true;
            let miss = Miss::new("a running container", format!("it {ending}"));
            match ending.when() {
                Some(when) => {
                    findings.check_with(span, name, Some(miss), format!("that was {when}"));
                }
                None => findings.check(span, name, Some(miss)),
            }
        }
        Err(Blocked::Unseen(why)) => findings.unseen.push(why),
    }
    findings
}

/// The first paragraph below a page's title: what the claim says.
fn first_paragraph(page: &'static str) -> &'static str {
    page.split("\n\n")
        .find(|part| !part.trim_start().starts_with('#'))
        .unwrap_or("")
}

/// The first example of a claim's page that is a map in one line.
pub fn example(name: &str) -> Option<&'static str> {
    examples(name)
        .find(|(_, value)| value.starts_with('{') && value.ends_with('}'))
        .map(|(item, _)| item)
}

/// The first of all that stand in one line.
pub fn first_example(name: &str) -> Option<&'static str> {
    examples(name).next().map(|(item, _)| item)
}

/// Those in one line, each with its value.
fn examples(name: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let examples = page(name).and_then(|page| page.split_once("```yaml pass\n"));
    let lines = examples
        .into_iter()
        .flat_map(|(_, examples)| examples.lines());
    let items = lines.filter_map(|line| line.trim_start().strip_prefix("- "));
    items.filter_map(move |item| Some((item, item.strip_prefix(name)?.strip_prefix(": ")?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::source::FileId;
    use crate::text::yaml;

    /// Keys that stand beside a claim in an item.
    const MODIFIERS: [&str; 3] = ["service", "within", "note"];

    #[test]
    fn every_page_says_what_the_claim_is_in_one_paragraph_and_shows_what_it_takes() {
        for name in NAMES {
            let page = page(name).unwrap();
            assert!(page.starts_with(&format!("# {name}\n\n")), "{name}");
            assert!(first_paragraph(page).len() < 300, "{name}");
            for kind in ["pass", "fail"] {
                let fence = format!("```yaml {kind}\n");
                assert!(page.contains(&fence), "{name} has no {kind} example");
                for block in page.split(fence.as_str()).skip(1) {
                    let block = block.split("```").next().unwrap();
                    if kind == "fail" {
                        assert!(block.contains("# fails: "), "{name}: {block}");
                    }
                    if !block.starts_with("- name:") {
                        items(name, block);
                    }
                }
            }
        }
    }

    fn items(name: &str, block: &str) {
        let (node, said) = yaml::parse(FileId(0), block);
        assert_eq!(said, [], "{name}: {block}");
        for item in node.unwrap().items().unwrap() {
            let entries = item.entries().unwrap().iter();
            for entry in entries.filter(|e| !MODIFIERS.contains(&e.key.value.as_str())) {
                let mut reader = Reader::default();
                let claim = Claim::read(&entry.key.value, &entry.value, &mut reader);
                assert!(
                    claim.is_some() && reader.diagnostics.is_empty(),
                    "{name}: {block}"
                );
            }
        }
    }
}
