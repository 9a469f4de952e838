//! A Dockerfile as rules look at it.

use std::cell::{Cell, OnceCell};

use crate::dockerfile::resolved::{Base, Resolved};
use crate::dockerfile::shell::{Command, Word, commands, executed, scripts};
use crate::dockerfile::{Dockerfile, Instruction, Kind};
use crate::text::near::nearest;
use crate::text::source::Span;

/// A Dockerfile, and what every rule would have to work out.
#[derive(Debug)]
pub struct Look<'a> {
    /// What is written.
    pub file: &'a Dockerfile,
    /// What it comes to.
    pub resolved: &'a Resolved,
    /// The stage that the image is: the target, or the last one.
    pub last: Option<usize>,
    /// The stages whose layers reach the image, the first base first.
    pub shipped: Vec<usize>,
    /// Every `RUN`, but those of shells that are no `sh`.
    runs: Vec<Run<'a>>,
    /// How many names more are compared with those of all stages.
    patience: Cell<usize>,
}

/// So many names are compared with those of all stages.
const PATIENCE: usize = 1_000;

/// A `RUN` and its commands, be they a shell's or one that is run without.
#[derive(Debug)]
pub struct Run<'a> {
    /// Its number among the instructions.
    pub at: usize,
    /// The instruction.
    pub one: &'a Instruction,
    /// What it runs; behind a `sudo`, what that runs too.
    pub commands: Vec<Command>,
}

impl Run<'_> {
    /// Whether one of its commands removes what lies at a path that holds this text.
    pub fn removes(&self, path: &str) -> bool {
        self.commands.iter().any(|command| {
            let removes = matches!(command.program(), "rm" | "find" | "xargs");
            removes && command.args().iter().any(|word| word.text.contains(path))
        })
    }
}

/// Where a command stands, or the keyword of its instruction.
pub fn place(command: &Command, one: &Instruction) -> Span {
    command.span().unwrap_or(one.keyword.span)
}

impl<'a> Look<'a> {
    /// Works out what rules share.
    pub fn new(file: &'a Dockerfile, resolved: &'a Resolved, target: Option<usize>) -> Self {
        let last = target.or(file.stages.len().checked_sub(1));
        let mut posix = true;
        let mut runs = Vec::new();
        let windows = OnceCell::new();
        let runs_windows = || *windows.get_or_init(|| names_windows(file));
        for (at, one) in file.instructions.iter().enumerate() {
            match one.kind {
                Kind::From => {
                    let root = one.stage.and_then(|stage| resolved.root(stage));
                    posix = file.escape == '\\'
                        || root.is_some_and(|base| is_of_linux(base, runs_windows));
                }
                Kind::Shell => posix = is_posix(one),
                Kind::Run if posix => {
                    let all = executed(one).unwrap_or_else(|| {
                        let scripts = scripts(one);
                        scripts
                            .iter()
                            .flat_map(|script| commands(script, one.escape))
                            .collect()
                    });
                    let all = all.into_iter().flat_map(|command| {
                        let within = command.by_sudo();
                        [Some(command), within].into_iter().flatten()
                    });
                    let commands = all.collect();
                    runs.push(Run { at, one, commands });
                }
                _ => {}
            }
        }
        Self {
            file,
            resolved,
            last,
            shipped: last.map_or_else(Vec::new, |last| resolved.chain(last).to_vec()),
            runs,
            patience: Cell::new(PATIENCE),
        }
    }

    /// Whether a stage's layers reach the image.
    pub fn ships(&self, stage: usize) -> bool {
        self.shipped.binary_search(&stage).is_ok()
    }

    /// For each stage the first instruction of which this holds, be it its own or one of those that it builds on.
    pub fn firsts(&self, holds: impl Fn(usize, &Instruction) -> bool) -> Vec<Option<usize>> {
        let mut firsts: Vec<Option<usize>> = Vec::new();
        for stage in 0..self.file.stages.len() {
            let below = match self.resolved.bases.get(stage) {
                Some(Base::Stage(parent)) => firsts.get(*parent).copied().flatten(),
                _ => None,
            };
            let mut own = self.file.of_stage(stage);
            let own = || own.find(|(at, one)| holds(*at, one)).map(|(at, _)| at);
            firsts.push(below.or_else(own));
        }
        firsts
    }

    /// Every `RUN`, but those of shells that are no `sh`.
    pub fn runs(&self) -> impl Iterator<Item = &Run<'a>> {
        self.runs.iter()
    }

    /// Those whose layers reach the image.
    pub fn shipped_runs(&self) -> impl Iterator<Item = &Run<'a>> {
        let ships = |run: &&Run<'a>| run.one.stage.is_some_and(|stage| self.ships(stage));
        self.runs.iter().filter(ships)
    }

    /// They, those of each stage together.
    pub fn runs_of_stages(&self) -> impl Iterator<Item = (usize, &[Run<'a>])> {
        let all = self.runs.chunk_by(|a, b| a.one.stage == b.one.stage);
        all.filter_map(|runs| Some((runs.first()?.one.stage?, runs)))
    }

    /// The one of that number among the instructions.
    pub fn run_at(&self, at: usize) -> Option<&Run<'a>> {
        let place = self.runs.binary_search_by_key(&at, |run| run.at).ok()?;
        self.runs.get(place)
    }

    /// All instructions of a kind with their numbers, those for later images too.
    pub fn every(&self, kind: Kind) -> impl Iterator<Item = (usize, &'a Instruction)> {
        let all = self.file.instructions.iter().enumerate();
        all.filter(move |(_, one)| one.kind == kind)
    }

    /// The instructions of a kind whose stages reach the image, in the order they take effect.
    pub fn shipped_of(&self, kind: Kind) -> Vec<(usize, &'a Instruction)> {
        let stages = self.shipped.iter();
        let all = stages.flat_map(|stage| self.file.of_stage(*stage));
        all.filter(|(_, one)| one.kind == kind && !one.onbuild)
            .collect()
    }

    /// The words of an instruction with their variables replaced, beside where they stand.
    pub fn words(&self, at: usize, one: &Instruction) -> Vec<(Option<String>, Span)> {
        let values = self.resolved.words(at).iter().cloned();
        let words = one.words();
        let whole = one.rest.whole();
        let mut spans = words.iter().map(|word| word.span);
        values
            .map(|value| (value, spans.next().unwrap_or(whole)))
            .collect()
    }

    /// Images that a build takes in by `FROM`, with where they are named.
    pub fn bases(&self) -> Vec<(usize, String, Span)> {
        let stages = self.file.stages.iter().zip(&self.resolved.bases);
        let named = stages.filter_map(|(stage, base)| match base {
            Base::Image(image) => Some((stage.from, image.clone(), stage.image.span)),
            _ => None,
        });
        named.collect()
    }

    /// Images that files are copied or mounted from, with where they are named. A plain name may be that of
    /// a context of the build.
    pub fn copied_images(&self) -> Vec<(usize, String, Span)> {
        let copies = self.every(Kind::Copy).filter_map(|(at, one)| {
            let flag = one.flag("from")?;
            Some((at, flag.value.clone()?, flag.span))
        });
        let mounts = self.every(Kind::Run).flat_map(|(at, one)| {
            let flags = one.flags.iter().filter(|flag| flag.name == "mount");
            flags.filter_map(move |flag| {
                let mut parts = flag.value.as_deref()?.split(',');
                let name = parts.find_map(|part| part.strip_prefix("from="))?;
                Some((at, name.to_owned(), flag.span))
            })
        });
        let is_image = |name: &str| {
            let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
            let is_stage = self.file.stage_named(name, usize::MAX).is_some();
            // What nearly is a stage was meant to be it.
            let is_near = || self.near_stage(name, usize::MAX).is_some();
            !is_number && !is_stage && !name.contains('$') && !is_near()
        };
        copies
            .chain(mounts)
            .filter(|(_, name, _)| is_image(name))
            .collect()
    }

    /// The stage before that number which a name may mean that no stage has. Of a file with very many such names not
    /// all are compared.
    pub fn near_stage(&self, name: &str, before: usize) -> Option<&'a str> {
        let left = self.patience.get();
        if name.contains([':', '/', '@']) || left == 0 {
            return None;
        }
        self.patience.set(left - 1);
        let stages = self.file.stages.iter().take(before);
        let names = stages.filter_map(|stage| Some(stage.name.as_ref()?.value.as_str()));
        nearest(name, names)
    }

    /// Whether any text of the file holds this, be it in a command or a setting.
    pub fn mentions(&self, text: &str) -> bool {
        let mut all = self.file.instructions.iter();
        all.any(|one| {
            one.text.as_str().contains(text)
                || one
                    .heredocs
                    .iter()
                    .any(|doc| doc.body.as_str().contains(text))
        })
    }
}

/// Programs that install packages, with the word that tells them to.
const INSTALLERS: [(&str, &str); 9] = [
    ("apt-get", "install"),
    ("apt", "install"),
    ("aptitude", "install"),
    ("apk", "add"),
    ("yum", "install"),
    ("dnf", "install"),
    ("dnf5", "install"),
    ("microdnf", "install"),
    ("zypper", "install"),
];

/// Where a command installs this package, in whatever version.
pub fn installs<'c>(command: &'c Command, package: &str) -> Option<&'c Word> {
    let (program, told) = (command.program(), command.told());
    let installs = INSTALLERS.contains(&(program, told)) || (program, told) == ("zypper", "in");
    let mut args = command.args().iter().filter(|_| installs);
    args.find(|word| word.text.split(['=', '<', '>', '~', ':']).next() == Some(package))
}

/// Whether a base is none of Windows, for whose shells the escape character is written another way. Where the
/// base is not known, what is run tells.
fn is_of_linux(base: &Base, runs_windows: impl Fn() -> bool) -> bool {
    let of_windows = ["microsoft", "windows", "nanoserver", "servercore"];
    match base {
        Base::Image(image) => !of_windows.iter().any(|word| image.contains(word)),
        Base::Scratch => true,
        Base::Unknown => !runs_windows(),
        Base::Stage(_) => false,
    }
}

/// Whether an instruction of the file names what there is on Windows only.
fn names_windows(file: &Dockerfile) -> bool {
    let words = [
        "powershell",
        "pwsh",
        "cmd /",
        "cmd.exe",
        "c:\\",
        ".exe",
        "choco ",
        "msiexec",
    ];
    file.instructions.iter().any(|one| {
        let text = one.text.as_str().to_ascii_lowercase();
        words.iter().any(|word| text.contains(word))
    })
}

/// Whether `SHELL` names one that understands what `sh` does.
fn is_posix(one: &Instruction) -> bool {
    let shell = one.json.as_ref().and_then(|words| words.first());
    let name = shell.map_or("sh", |shell| shell.rsplit('/').next().unwrap_or(shell));
    matches!(name, "sh" | "bash" | "ash" | "dash" | "zsh" | "ksh" | "env")
}

/// The tag of an image, and whether it has a digest.
pub fn tag(image: &str) -> (Option<&str>, bool) {
    let (name, digest) = match image.split_once('@') {
        Some((name, _)) => (name, true),
        None => (image, false),
    };
    let last = name.rsplit('/').next().unwrap_or(name);
    (last.split_once(':').map(|(_, tag)| tag), digest)
}
