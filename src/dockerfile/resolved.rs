//! What a Dockerfile says once build arguments are given: bases, words, and variables that nothing
//! sets.

mod why;

use std::collections::{BTreeMap, HashMap, HashSet};

use super::expand::{Expanded, Variable, expand};
use super::instruction::{Instruction, Kind};
use super::words::{Pair, Word};
use super::{Dockerfile, Fault};
use super::{platform, reference, refused};
use crate::text::source::Span;
pub use why::Why;

/// What a stage builds on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// Nothing.
    Scratch,
    /// An earlier stage.
    Stage(usize),
    /// An image.
    Image(String),
    /// It depends on an argument that was not given.
    Unknown,
}

/// A variable that is used where nothing sets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The instruction.
    pub instruction: usize,
    /// Where it is used.
    pub span: Span,
    /// Its name.
    pub name: String,
    /// Why it is not set.
    pub why: Why,
}

/// A Dockerfile with its arguments.
#[derive(Debug, Clone, Default)]
pub struct Resolved {
    /// What each stage builds on.
    pub bases: Vec<Base>,
    /// Variables that nothing sets.
    pub missing: Vec<Missing>,
    /// What the builder would refuse once its arguments are known.
    pub faults: Vec<Fault>,
    /// The words of each instruction whose variables the builder replaces.
    words: Vec<Vec<Option<String>>>,
    /// For each stage those whose layers reach it, the first base first, and itself last.
    chains: Vec<Vec<usize>>,
    /// The variables that `ENV` sets, each with the stages that do so in order, and its last value there.
    set: BTreeMap<String, Vec<(usize, Option<String>)>>,
}

/// Variables that stages and `FROM` have by themselves once they are declared.
const PLATFORM: [&str; 8] = [
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDARCH",
    "BUILDVARIANT",
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETARCH",
    "TARGETVARIANT",
];

/// Variables that every build has, declared or not.
const PROXIES: [&str; 6] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "FTP_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "SOURCE_DATE_EPOCH",
];

/// Whether a build may be given this argument without an `ARG` that takes it.
pub fn is_given(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    PLATFORM.contains(&name) || PROXIES.contains(&upper.as_str()) || name.starts_with("BUILDKIT_")
}

/// More bytes of words are not kept: they count as not known.
const MOST: usize = 4 << 20;

/// Of more variables that are not set it is not worked out why.
const MOST_UNSET: usize = 500;

impl Resolved {
    /// Works it out with these build arguments.
    pub fn new(file: &Dockerfile, args: &[(String, String)]) -> Self {
        let mut work = Work {
            file,
            given: args.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect(),
            global: BTreeMap::new(),
            args: BTreeMap::new(),
            declared: why::declared(file),
            wrong: file.faults.iter().map(|fault| fault.instruction).collect(),
            works_in_root: Vec::new(),
            found: Self::default(),
            left: MOST,
            unset: 0,
            lacking: None,
        };
        for (at, one) in file.instructions.iter().enumerate() {
            let words = work.instruction(at, one);
            work.found.words.push(words);
        }
        work.found
    }

    /// The words of an instruction with their variables replaced; none where they are not known.
    pub fn words(&self, instruction: usize) -> &[Option<String>] {
        self.words.get(instruction).map_or(&[], Vec::as_slice)
    }

    /// The stages whose layers reach this one, the first base first.
    pub fn chain(&self, stage: usize) -> &[usize] {
        self.chains.get(stage).map_or(&[], Vec::as_slice)
    }

    /// What the first stage of a chain builds on.
    pub fn root(&self, stage: usize) -> Option<&Base> {
        let first = *self.chain(stage).first()?;
        self.bases.get(first)
    }

    /// What `ENV` sets this to in a stage or those below it; the outer `None` where it does not.
    pub fn variable(&self, stage: usize, name: &str) -> Option<&Option<String>> {
        let chain = self.chain(stage);
        let mut sets = self.set.get(name)?.iter().rev();
        let nearest = sets.find(|(at, _)| chain.binary_search(at).is_ok());
        nearest.map(|(_, value)| value)
    }

    /// Takes in that a stage sets a variable.
    fn sets(&mut self, stage: usize, name: String, value: Option<String>) {
        let all = self.set.entry(name).or_default();
        match all.last_mut() {
            Some((at, before)) if *at == stage => *before = value,
            _ => all.push((stage, value)),
        }
    }
}

struct Work<'a> {
    file: &'a Dockerfile,
    given: HashMap<&'a str, &'a str>,
    /// `ARG`s before the first `FROM`.
    global: BTreeMap<String, Option<String>>,
    /// `ARG`s of the stage.
    args: BTreeMap<String, Option<String>>,
    /// The stages that have an `ARG` of a name, each with its last instruction that does.
    declared: HashMap<String, Vec<(usize, usize)>>,
    /// Instructions that the builder refuses as they are written.
    wrong: HashSet<usize>,
    /// Whether what was read of each stage leaves it in the root folder.
    works_in_root: Vec<bool>,
    found: Resolved,
    left: usize,
    /// Uses so far of variables that are not set.
    unset: usize,
    /// The last instruction with such a use.
    lacking: Option<usize>,
}

fn known(value: Option<&Option<String>>) -> Option<Variable> {
    value.map(|value| match value {
        Some(text) => Variable::Set(text.clone()),
        None => Variable::Unknown,
    })
}

impl Work<'_> {
    fn instruction(&mut self, at: usize, one: &Instruction) -> Vec<Option<String>> {
        if one.onbuild {
            return Vec::new();
        }
        match (one.kind, one.stage) {
            (Kind::Arg, stage) => {
                for pair in one.pairs() {
                    self.argument(at, one, &pair, stage.is_none());
                }
            }
            (Kind::Env, Some(stage)) => {
                // All values of one instruction are worked out before any is set.
                let pairs = one.pairs();
                let values: Vec<_> = pairs.iter().map(|p| self.value(at, one, p)).collect();
                for (pair, value) in pairs.into_iter().zip(values) {
                    self.found.sets(stage, pair.name, value);
                }
            }
            (Kind::Label, Some(_)) => {
                for pair in one.pairs() {
                    self.value(at, one, &pair);
                }
            }
            (Kind::From, Some(stage)) => return self.from(at, one, stage),
            (
                Kind::Add
                | Kind::Copy
                | Kind::Expose
                | Kind::Stopsignal
                | Kind::User
                | Kind::Volume
                | Kind::Workdir,
                Some(stage),
            ) => {
                let words = self.replaced(at, one);
                if one.kind == Kind::Workdir
                    && let Some(in_root) = self.works_in_root.get_mut(stage)
                {
                    *in_root = words.last().is_some_and(|at| at.as_deref() == Some("/"));
                }
                refused::words(one, &words, &mut |span, message, mend| {
                    self.found.faults.push(Fault::new(at, span, message, mend));
                });
                self.copied(at, one);
                return words;
            }
            (Kind::Run, Some(stage)) => self.mounts(at, one, stage),
            _ => {}
        }
        Vec::new()
    }

    fn replaced(&mut self, at: usize, one: &Instruction) -> Vec<Option<String>> {
        for flag in &one.flags {
            let value = flag.value.clone().unwrap_or_default();
            self.text(at, one, &value, flag.span, None);
        }
        if let Some(words) = &one.json {
            let whole = one.rest.whole();
            let each = words.iter();
            return each
                .map(|word| self.text(at, one, word, whole, None))
                .collect();
        }
        if one.kind == Kind::Workdir {
            // A folder's name may hold spaces.
            let text = one.rest.as_str().to_owned();
            return vec![self.text(at, one, &text, one.rest.whole(), Some(0))];
        }
        let words = one.words();
        words.iter().map(|word| self.word(at, one, word)).collect()
    }

    fn from(&mut self, at: usize, one: &Instruction, stage: usize) -> Vec<Option<String>> {
        self.args.clear();
        if let Some(value) = one.flag("platform").and_then(|f| f.value.clone()) {
            let place = one.flag("platform").map_or(one.span, |f| f.span);
            let named = self.text(at, one, &value, place, None);
            // What nothing sets was told.
            let whole = self.lacking != Some(at);
            if let Some((message, mend)) = named
                .filter(|_| whole)
                .and_then(|name| platform::wrong(&name))
            {
                self.found.faults.push(Fault::new(at, place, message, mend));
            }
        }
        let words: Vec<_> = one.words().iter().map(|w| self.word(at, one, w)).collect();
        let base = match words.first() {
            Some(Some(name)) if name.eq_ignore_ascii_case("scratch") => Base::Scratch,
            Some(Some(name)) if !name.is_empty() => match self.file.stage_named(name, stage) {
                Some(parent) => Base::Stage(parent),
                None => {
                    // What nothing sets was told: the rest of the name is what it left.
                    let whole = self.lacking != Some(at);
                    if let Some((message, mend)) = reference::wrong(name).filter(|_| whole) {
                        let span = one.words().first().map_or(one.span, |word| word.span);
                        self.found.faults.push(Fault::new(at, span, message, mend));
                    }
                    Base::Image(name.clone())
                }
            },
            _ => Base::Unknown,
        };
        self.begins(stage, base);
        words
    }

    /// Takes a stage in.
    fn begins(&mut self, stage: usize, base: Base) {
        let (mut chain, in_root) = match &base {
            Base::Stage(parent) => (
                self.found.chain(*parent).to_vec(),
                self.works_in_root.get(*parent) == Some(&true),
            ),
            base => (Vec::new(), *base == Base::Scratch),
        };
        chain.push(stage);
        self.found.chains.push(chain);
        self.found.bases.push(base);
        self.works_in_root.push(in_root);
    }

    /// An image that files are copied from. A stage may be called what no image may.
    fn copied(&mut self, at: usize, one: &Instruction) {
        let flag = one.flag("from").filter(|_| one.kind == Kind::Copy);
        let Some((flag, name)) = flag.and_then(|flag| Some((flag, flag.value.as_deref()?))) else {
            return;
        };
        let is_stage = self.file.stage_named(name, usize::MAX).is_some();
        if name.is_empty() || name.contains('$') || is_stage {
            return;
        }
        if let Some((message, mend)) = reference::wrong(name) {
            self.found
                .faults
                .push(Fault::new(at, flag.span, message, mend));
        }
    }

    /// Without a target a mount covers the working directory, and the root cannot be covered. What the working
    /// directory of a base image is, no Dockerfile says.
    fn mounts(&mut self, at: usize, one: &Instruction, stage: usize) {
        if self.wrong.contains(&at) {
            return;
        }
        let is_root = self.works_in_root.get(stage) == Some(&true);
        for flag in one.flags.iter().filter(|flag| flag.name == "mount") {
            let value = flag.value.as_deref().unwrap_or("");
            if let Some((message, mend)) = refused::mount(value, is_root) {
                self.found
                    .faults
                    .push(Fault::new(at, flag.span, message, mend));
            }
        }
    }

    /// Takes an `ARG` in.
    fn argument(&mut self, at: usize, one: &Instruction, pair: &Pair, global: bool) {
        let default = pair.value.is_some().then(|| self.value(at, one, pair));
        let given = self.given.get(pair.name.as_str());
        let value = match (given, default) {
            (Some(given), _) => Some((*given).to_owned()),
            (None, Some(default)) => default,
            // Declared again in a stage, it has the value from before the first `FROM`.
            (None, None) if !global => match self.global.get(&pair.name) {
                Some(value) => value.clone(),
                None => None,
            },
            (None, None) => None,
        };
        let scope = if global {
            &mut self.global
        } else {
            &mut self.args
        };
        scope.insert(pair.name.clone(), value);
    }

    fn value(&mut self, at: usize, one: &Instruction, pair: &Pair) -> Option<String> {
        let value = pair.value.as_deref()?;
        self.text(at, one, value, pair.span, Some(pair.value_at))
    }

    fn word(&mut self, at: usize, one: &Instruction, word: &Word) -> Option<String> {
        self.text(at, one, &word.text, word.span, Some(word.range.start))
    }

    /// Replaces variables and notes those that nothing sets. `begins` is where the text stands in
    /// the instruction's words; where that is not known `place` is what is marked.
    fn text(
        &mut self,
        at: usize,
        one: &Instruction,
        text: &str,
        place: Span,
        begins: Option<usize>,
    ) -> Option<String> {
        let Expanded { text, uses, flaw } =
            expand(text, one.escape, &mut |name: &str| self.look(one, name));
        if let Some(flaw) = flaw {
            let (from, to) = (flaw.range.start, flaw.range.end);
            let span = begins.map_or(place, |begin| one.rest.span(begin + from..begin + to));
            let (message, mend) = refused::variable(&flaw.broken, one.kind);
            self.found.faults.push(Fault::new(at, span, message, mend));
        }
        for used in uses {
            let starts_right = used.name.starts_with(|ch: char| !ch.is_ascii_digit());
            if used.guarded || !starts_right {
                continue;
            }
            if self.is_set(one, &used.name) {
                continue;
            }
            self.lacking = Some(at);
            self.unset += 1;
            if self.unset > MOST_UNSET {
                continue;
            }
            if let Some(why) = self.why(at, one, &used.name) {
                let span = begins.map_or(place, |from| {
                    one.rest
                        .span(from + used.range.start..from + used.range.end)
                });
                self.found.missing.push(Missing {
                    instruction: at,
                    span,
                    name: used.name,
                    why,
                });
            }
        }
        let text = text?;
        self.left = self.left.saturating_sub(text.len());
        (self.left > 0).then_some(text)
    }

    fn look(&self, one: &Instruction, name: &str) -> Variable {
        let Some(stage) = one.stage.filter(|_| one.kind != Kind::From) else {
            return known(self.global.get(name)).unwrap_or(match PLATFORM.contains(&name) {
                true => Variable::Unknown,
                false => Variable::Unset,
            });
        };
        let set = known(self.found.variable(stage, name));
        let set = set.or_else(|| known(self.args.get(name)));
        set.unwrap_or_else(|| match self.found.root(stage) {
            Some(Base::Scratch) => Variable::Unset,
            _ => Variable::Unknown,
        })
    }
}
