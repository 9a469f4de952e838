//! One instruction.

use super::heredoc::Heredoc;
use super::joined::Joined;
use super::words::{self, Pair, Word};
use crate::text::source::{Span, Spanned};
use crate::words;

words! {
    /// Which instruction it is.
    pub enum Kind {
        /// Files, archives and URLs.
        Add = "ADD",
        /// A build argument.
        Arg = "ARG",
        /// What runs.
        Cmd = "CMD",
        /// Files.
        Copy = "COPY",
        /// What runs, whatever `CMD` says.
        Entrypoint = "ENTRYPOINT",
        /// Variables.
        Env = "ENV",
        /// Ports.
        Expose = "EXPOSE",
        /// A stage.
        From = "FROM",
        /// A health check.
        Healthcheck = "HEALTHCHECK",
        /// Labels.
        Label = "LABEL",
        /// An author, as it was once written.
        Maintainer = "MAINTAINER",
        /// One for later, of which it is not known which.
        Onbuild = "ONBUILD",
        /// A command at build time.
        Run = "RUN",
        /// What runs the shell form.
        Shell = "SHELL",
        /// What asks it to end.
        Stopsignal = "STOPSIGNAL",
        /// As whom.
        User = "USER",
        /// Folders that outlive the container.
        Volume = "VOLUME",
        /// Where.
        Workdir = "WORKDIR",
        /// No instruction.
        Unknown = "",
    }
}

impl Kind {
    /// The instruction of that name.
    pub fn of(word: &str) -> Self {
        let all = [
            Self::Add,
            Self::Arg,
            Self::Cmd,
            Self::Copy,
            Self::Entrypoint,
            Self::Env,
            Self::Expose,
            Self::From,
            Self::Healthcheck,
            Self::Label,
            Self::Maintainer,
            Self::Onbuild,
            Self::Run,
            Self::Shell,
            Self::Stopsignal,
            Self::User,
            Self::Volume,
            Self::Workdir,
        ];
        let mut all = all.into_iter();
        all.find(|kind| kind.word().eq_ignore_ascii_case(word))
            .unwrap_or(Self::Unknown)
    }

    /// Whether flags may stand in front.
    pub(super) fn takes_flags(self) -> bool {
        matches!(
            self,
            Self::Add | Self::Copy | Self::From | Self::Healthcheck | Self::Run
        )
    }

    /// Whether a JSON array may stand for its words.
    pub(super) fn takes_json(self) -> bool {
        matches!(
            self,
            Self::Add
                | Self::Cmd
                | Self::Copy
                | Self::Entrypoint
                | Self::Healthcheck
                | Self::Run
                | Self::Shell
                | Self::Volume
        )
    }

    /// Whether here-documents may follow.
    pub(super) fn takes_heredocs(self) -> bool {
        matches!(self, Self::Add | Self::Copy | Self::Run)
    }
}

/// `--name=value` in front of an instruction's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// Without its dashes.
    pub name: String,
    /// Without quotes.
    pub value: Option<String>,
    /// Where.
    pub span: Span,
}

/// One instruction.
#[derive(Debug, Clone)]
pub struct Instruction {
    /// Which it is.
    pub kind: Kind,
    /// Its word as written.
    pub keyword: Spanned<String>,
    /// From its first byte to its last, here-documents with it.
    pub span: Span,
    /// Whether it is for images built on this one.
    pub onbuild: bool,
    /// The stage it is in; none before the first `FROM`.
    pub stage: Option<usize>,
    /// Its flags.
    pub flags: Vec<Flag>,
    /// What stands behind keyword and flags.
    pub rest: Joined,
    /// Its words, where they are a JSON array.
    pub json: Option<Vec<String>>,
    /// Its here-documents.
    pub heredocs: Vec<Heredoc>,
    /// Empty lines inside it.
    pub gaps: Vec<Span>,
    /// The whole on one line, without here-documents.
    pub text: Joined,
    /// What escapes a character.
    pub escape: char,
}

impl Instruction {
    /// The value of a flag, which may be empty.
    pub fn flag(&self, name: &str) -> Option<&Flag> {
        self.flags.iter().find(|flag| flag.name == name)
    }

    /// The command of `CMD`, `ENTRYPOINT`, `RUN` or `HEALTHCHECK CMD`, in either form.
    pub fn command(&self) -> Joined {
        let rest = self.rest.trimmed();
        if self.kind != Kind::Healthcheck {
            return rest;
        }
        let text = rest.as_str();
        match text.get(..3) {
            Some(word) if word.eq_ignore_ascii_case("cmd") => rest.part(3..text.len()).trimmed(),
            _ => rest.part(0..0),
        }
    }

    /// Whether it is `HEALTHCHECK NONE`.
    pub fn is_none(&self) -> bool {
        self.kind == Kind::Healthcheck && self.rest.as_str().trim().eq_ignore_ascii_case("none")
    }

    /// Words between white space.
    pub fn words(&self) -> Vec<Word> {
        words::plain(&self.rest)
    }

    /// What is set by `ARG`, `ENV` or `LABEL`; nothing where that cannot be read.
    pub fn pairs(&self) -> Vec<Pair> {
        match self.kind {
            Kind::Arg => words::arguments(&self.rest, self.escape),
            Kind::Env | Kind::Label => words::pairs(&self.rest, self.escape).unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// What `COPY` or `ADD` takes, and where it puts it; both as written.
    pub fn copied(&self) -> Option<(Vec<Word>, Word)> {
        let mut words = match &self.json {
            None => self.words(),
            Some(words) => {
                let whole = self.rest.whole();
                let word = |text: &String| Word {
                    text: text.clone(),
                    range: 0..0,
                    span: whole,
                };
                words.iter().map(word).collect()
            }
        };
        let to = words.pop()?;
        (!words.is_empty()).then_some((words, to))
    }

    /// Parts of each `--mount`: `type=cache`, `target=…`.
    pub fn mounts(&self) -> impl Iterator<Item = Vec<(&str, &str)>> {
        let mounts = self.flags.iter().filter(|flag| flag.name == "mount");
        mounts.map(|flag| {
            let parts = flag.value.as_deref().unwrap_or("").split(',');
            parts
                .map(|part| part.split_once('=').unwrap_or((part, "")))
                .collect()
        })
    }

    /// Whether a cache is mounted at a path that holds one of these texts.
    pub fn caches(&self, texts: &[&str]) -> bool {
        self.mounts().any(|mount| {
            let is_cache = mount.contains(&("type", "cache")) || mount.contains(&("type", "tmpfs"));
            let target = mount
                .iter()
                .find(|(key, _)| matches!(*key, "target" | "dst" | "destination"));
            is_cache && target.is_some_and(|(_, at)| texts.iter().any(|text| at.contains(text)))
        })
    }
}
