//! A Dockerfile as rules look at it.

use crate::dockerfile::resolved::{Base, Resolved};
use crate::dockerfile::shell::{Command, commands, scripts};
use crate::dockerfile::{Dockerfile, Instruction, Kind};
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
    /// Every `RUN` whose words a shell gets.
    runs: Vec<Run<'a>>,
}

/// A `RUN` and its commands.
#[derive(Debug)]
pub struct Run<'a> {
    /// Its number among the instructions.
    pub at: usize,
    /// The instruction.
    pub one: &'a Instruction,
    /// What it runs.
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
        for (at, one) in file.instructions.iter().enumerate() {
            match one.kind {
                Kind::From => {
                    let root = one.stage.and_then(|stage| resolved.root(stage));
                    posix = file.escape == '\\' || root.is_some_and(is_of_linux);
                }
                Kind::Shell => posix = is_posix(one),
                Kind::Run if posix => runs.push(Run {
                    at,
                    one,
                    commands: scripts(one)
                        .iter()
                        .flat_map(|script| commands(script, one.escape))
                        .collect(),
                }),
                _ => {}
            }
        }
        Self {
            file,
            resolved,
            last,
            shipped: last.map(|last| resolved.chain(last)).unwrap_or_default(),
            runs,
        }
    }

    /// Every `RUN` that a shell gets.
    pub fn runs(&self) -> impl Iterator<Item = &Run<'a>> {
        self.runs.iter()
    }

    /// Those whose layers reach the image.
    pub fn shipped_runs(&self) -> impl Iterator<Item = &Run<'a>> {
        let ships = |run: &&Run<'a>| run.one.stage.is_some_and(|s| self.shipped.contains(&s));
        self.runs.iter().filter(ships)
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

    /// Images that files are copied from, with where they are named.
    pub fn copied_images(&self) -> Vec<(usize, String, Span)> {
        let copies = self.every(Kind::Copy).filter_map(|(at, one)| {
            let flag = one.flag("from")?;
            Some((at, one, flag.value.clone()?, flag.span))
        });
        copies
            .filter(|(_, one, name, _)| {
                let own = one.stage.unwrap_or(0);
                let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
                let is_stage = self.file.stage_named(name, own).is_some();
                // A named context of the build may have any plain name that no stage has.
                !is_number && !is_stage && !name.contains('$') && name.contains([':', '/'])
            })
            .map(|(at, _, name, span)| (at, name, span))
            .collect()
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

/// Whether a base is none of Windows, for whose shells the escape character is written another way.
fn is_of_linux(base: &Base) -> bool {
    let of_windows = ["microsoft", "windows", "nanoserver", "servercore"];
    match base {
        Base::Image(image) => !of_windows.iter().any(|word| image.contains(word)),
        Base::Scratch => true,
        Base::Stage(_) | Base::Unknown => false,
    }
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
