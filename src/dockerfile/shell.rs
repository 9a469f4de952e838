//! The commands of a `RUN`, as far as they can be told without a shell.

use std::ops::Range;

use super::instruction::{Instruction, Kind};
use super::joined::Joined;
use crate::text::source::Span;

/// A word of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Without quotes.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// How a command goes on from the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// It is the first, or comes after a line or `;`.
    Then,
    /// After `&&`.
    And,
    /// After `||`.
    Or,
    /// After `|`.
    Pipe,
}

/// A command: a program and its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Its words, assignments and words such as `if` left out.
    pub words: Vec<Word>,
    /// How it goes on from the one before.
    pub link: Link,
    /// Whether nothing waits for it: a `&` stands behind it.
    pub background: bool,
}

/// Words before a program.
const BEFORE: [&str; 16] = [
    "if",
    "then",
    "else",
    "elif",
    "do",
    "while",
    "until",
    "!",
    "{",
    "time",
    "exec",
    "env",
    "nice",
    "eatmydata",
    "command",
    "builtin",
];

/// Commands that give variables values behind their names.
const EXPORTS: [&str; 5] = ["export", "readonly", "local", "declare", "typeset"];

/// Shells that read what `sh` does.
const SHELLS: [&str; 6] = ["sh", "bash", "ash", "dash", "/bin/sh", "/bin/bash"];

impl Command {
    /// The program's name without its folder.
    pub fn program(&self) -> &str {
        let first = self.words.first().map_or("", |word| word.text.as_str());
        first.rsplit('/').next().unwrap_or(first)
    }

    /// What stands behind the program.
    pub fn args(&self) -> &[Word] {
        self.words.get(1..).unwrap_or_default()
    }

    /// The first argument that is one of these.
    pub fn finds(&self, texts: &[&str]) -> Option<&Word> {
        self.args()
            .iter()
            .find(|w| texts.contains(&w.text.as_str()))
    }

    /// Whether it is this program, told to do one of these.
    pub fn does(&self, programs: &[&str], what: &[&str]) -> bool {
        programs.contains(&self.program()) && what.contains(&self.told())
    }

    /// The first argument that is no option, nor an option's value.
    pub fn told(&self) -> &str {
        let mut args = self.args().iter().map(|word| word.text.as_str());
        while let Some(arg) = args.next() {
            match arg {
                "-o" | "-t" | "-c" | "--option" | "--root" | "--prefix" => {
                    args.next();
                }
                arg if arg.starts_with('-') => {}
                arg => return arg,
            }
        }
        ""
    }

    /// Whether it has a one-letter option, alone or with others, or one of the long ones.
    pub fn has(&self, letter: char, long: &[&str]) -> bool {
        self.args().iter().any(|word| {
            let text = word.text.as_str();
            match text.strip_prefix("--") {
                Some(name) => long.iter().any(|long| {
                    let behind = name.strip_prefix(long);
                    behind.is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
                }),
                None => text.strip_prefix('-').is_some_and(|all| {
                    let letters = all.split('=').next().unwrap_or(all);
                    letters.chars().all(char::is_alphanumeric) && letters.contains(letter)
                }),
            }
        })
    }

    /// Where all of it stands.
    pub fn span(&self) -> Option<Span> {
        let (first, last) = (self.words.first()?, self.words.last()?);
        Some(Span {
            end: last.span.end.max(first.span.end),
            ..first.span
        })
    }

    /// What `sudo` runs, where it is that.
    pub fn by_sudo(&self) -> Option<Self> {
        const TAKES: [&str; 8] = ["-u", "--user", "-g", "--group", "-h", "-p", "-D", "-C"];
        if self.program() != "sudo" {
            return None;
        }
        let mut words = self.args();
        while let Some((first, rest)) = words.split_first() {
            let takes = TAKES.contains(&first.text.as_str());
            words = match first.text.as_str() {
                _ if takes => rest.get(1..).unwrap_or_default(),
                text if text.starts_with('-') || text.contains('=') => rest,
                _ => break,
            };
        }
        (!words.is_empty()).then(|| Self {
            words: words.to_vec(),
            link: Link::And,
            background: self.background,
        })
    }

    /// Its words with a space between.
    pub fn text(&self) -> String {
        let words: Vec<&str> = self.words.iter().map(|word| word.text.as_str()).collect();
        words.join(" ")
    }
}

/// What a shell is given by a `RUN`, a `CMD` and their like: the line, or a here-document of `RUN`
/// that is a script.
pub fn scripts(one: &Instruction) -> Vec<Joined> {
    if one.json.is_some() {
        return Vec::new();
    }
    let line = one.command();
    if one.kind != Kind::Run || one.heredocs.is_empty() {
        return vec![line];
    }
    let first = line.as_str().split_whitespace().next().unwrap_or("");
    let shells = SHELLS;
    let is_script = |body: &Joined| match body.as_str().strip_prefix("#!") {
        Some(line) => {
            let line = line.lines().next().unwrap_or("");
            line.trim_end()
                .split(['/', ' '])
                .any(|part| shells.contains(&part))
        }
        None => true,
    };
    let alone = line
        .as_str()
        .trim_start_matches(|ch: char| ch.is_ascii_digit())
        .starts_with("<<")
        && line.as_str().split_whitespace().count() == one.heredocs.len();
    let mut all = Vec::new();
    if !alone {
        all.push(line.clone());
    }
    if alone || shells.contains(&first) {
        let bodies = one.heredocs.iter().map(|doc| doc.body.clone());
        all.extend(bodies.filter(is_script));
    }
    all
}

/// What a `RUN` with a JSON array runs: its program, or the commands of a shell that is named there. A word
/// whose text the array writes otherwise stands where the array does.
pub fn executed(one: &Instruction) -> Option<Vec<Command>> {
    let array = one.json.as_ref()?;
    if let Some(script) = script_of(one) {
        return Some(commands(&script, '\\'));
    }
    let ranges = texts(one.rest.as_str())
        .map(Some)
        .chain(std::iter::repeat(None));
    let words = array.iter().zip(ranges).map(|(word, range)| Word {
        text: word.clone(),
        span: range
            .filter(|range| one.rest.as_str().get(range.clone()) == Some(word))
            .map_or(one.rest.whole(), |range| one.rest.span(range)),
    });
    let program = Command {
        words: words.collect(),
        link: Link::Then,
        background: false,
    };
    Some(
        vec![program]
            .into_iter()
            .filter(|one| !one.words.is_empty())
            .collect(),
    )
}

/// The script that a JSON array gives a shell, where it is written there as it is.
fn script_of(one: &Instruction) -> Option<Joined> {
    let [shell, option, script, ..] = one.json.as_deref()? else {
        return None;
    };
    let is_shell = SHELLS.contains(&shell.as_str());
    let range = texts(one.rest.as_str()).nth(2)?;
    let is_written = one.rest.as_str().get(range.clone()) == Some(script);
    let takes = is_shell && option.starts_with('-') && option.ends_with('c');
    (takes && is_written).then(|| one.rest.part(range))
}

/// Where the texts of a JSON array stand, without their quotes.
fn texts(array: &str) -> impl Iterator<Item = Range<usize>> {
    let mut chars = array.char_indices();
    std::iter::from_fn(move || {
        let (open, _) = chars.find(|(_, ch)| *ch == '"')?;
        loop {
            match chars.next()? {
                (_, '\\') => {
                    chars.next();
                }
                (close, '"') => return Some(open + 1..close),
                _ => {}
            }
        }
    })
}

/// A variable that is given a value in front of a command, or by `export`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The variable.
    pub name: String,
    /// Its value without quotes.
    pub value: String,
    /// Where the name stands.
    pub named: Span,
    /// Where the value stands.
    pub given: Span,
}

/// What the commands of an instruction set.
pub fn assignments(one: &Instruction) -> Vec<Assignment> {
    let (scripts, escape) = match script_of(one) {
        Some(script) => (vec![script], '\\'),
        None => (scripts(one), one.escape),
    };
    let all = scripts.iter().flat_map(|script| cut(script, escape).set);
    all.collect()
}

/// Cuts a script into commands. What it cannot follow (functions, `case`) gives words, never an error.
pub fn commands(script: &Joined, escape: char) -> Vec<Command> {
    cut(script, escape).commands
}

fn cut(script: &Joined, escape: char) -> Cut<'_> {
    let mut cut = Cut {
        script,
        commands: Vec::new(),
        set: Vec::new(),
        words: Vec::new(),
        word: None,
        link: Link::Then,
    };
    cut.all(escape);
    cut
}

struct Cut<'a> {
    script: &'a Joined,
    commands: Vec<Command>,
    set: Vec<Assignment>,
    words: Vec<Word>,
    word: Option<(Range<usize>, String)>,
    link: Link,
}

impl Cut<'_> {
    fn all(&mut self, escape: char) {
        let text = self.script.as_str();
        let mut chars = text.char_indices().peekable();
        let mut quote = None;
        while let Some((at, ch)) = chars.next() {
            let next = chars.peek().map(|(_, next)| *next);
            match (quote, ch) {
                (Some('\''), '\'') | (Some('"'), '"') => {
                    quote = None;
                    self.add(at, None);
                }
                (Some('\''), ch) => self.add(at, Some(ch)),
                (_, ch) if ch == '\\' || ch == escape => {
                    let Some((after, next)) = chars.next() else {
                        return self.end(at, Link::Then);
                    };
                    if next != '\n' {
                        self.add(at, None);
                        self.add(after, Some(next));
                    }
                }
                (Some(_), ch) => self.quoted(at, ch),
                (None, '\'' | '"') => {
                    quote = Some(ch);
                    self.add(at, None);
                }
                (None, '#') if self.word.is_none() => {
                    while chars.next_if(|(_, ch)| *ch != '\n').is_some() {}
                }
                (None, '&') if next == Some('&') => {
                    chars.next();
                    self.end(at, Link::And);
                }
                (None, '|') if next == Some('|') => {
                    chars.next();
                    self.end(at, Link::Or);
                }
                // `2>&1` and `&>` are no ends.
                (None, '&') if next == Some('>') || text[..at].ends_with('>') => {
                    self.add(at, Some(ch));
                }
                (None, '|') => {
                    chars.next_if(|(_, ch)| *ch == '&');
                    self.end(at, Link::Pipe);
                }
                (None, '&') => {
                    self.end(at, Link::Then);
                    self.send_off();
                }
                (None, ';' | '\n' | '(' | ')' | '`') => {
                    // `$(` begins a command of its own.
                    if ch == '(' && self.word.as_ref().is_some_and(|(_, w)| w.ends_with('$')) {
                        self.word = None;
                    }
                    self.end(at, Link::Then);
                }
                (None, ch) if ch.is_whitespace() => self.end_word(),
                (None, ch) => self.add(at, Some(ch)),
            }
        }
        self.end(text.len(), Link::Then);
    }

    fn add(&mut self, at: usize, ch: Option<char>) {
        let (range, word) = self.word.get_or_insert_with(|| (at..at, String::new()));
        range.end = at + ch.map_or(1, char::len_utf8);
        word.extend(ch);
    }

    /// What stands in quotes ends nothing.
    fn quoted(&mut self, at: usize, ch: char) {
        self.add(at, Some(ch));
    }

    /// Nothing waits for the last command, nor for the pipe that it ends.
    fn send_off(&mut self) {
        if let Some(last) = self.commands.last_mut() {
            last.background = true;
        }
    }

    fn end_word(&mut self) {
        let Some((range, text)) = self.word.take() else {
            return;
        };
        let first = self.words.first().map(|word| word.text.as_str());
        let sets = is_assignment(&text);
        if sets && first.is_none_or(|first| EXPORTS.contains(&first)) {
            self.assign(&range, &text);
        }
        if self.words.is_empty() && (sets || BEFORE.contains(&text.as_str())) {
            return;
        }
        let span = self.script.span(range);
        self.words.push(Word { text, span });
    }

    /// Notes a `NAME=VALUE`, which stands there perhaps with quotes.
    fn assign(&mut self, range: &Range<usize>, text: &str) {
        let written = self.script.as_str().get(range.clone()).unwrap_or("");
        if let (Some((name, value)), Some(mark)) = (text.split_once('='), written.find('=')) {
            let mark = range.start + mark;
            self.set.push(Assignment {
                name: name.to_owned(),
                value: value.to_owned(),
                named: self.script.span(range.start..mark),
                given: self.script.span(mark + 1..range.end),
            });
        }
    }

    fn end(&mut self, _at: usize, next: Link) {
        self.end_word();
        let words = std::mem::take(&mut self.words);
        if words.is_empty() {
            // `a &&\n b`: the line's end ends nothing.
            if next != Link::Then {
                self.link = next;
            }
            return;
        }
        self.commands.push(Command {
            words,
            link: self.link,
            background: false,
        });
        self.link = next;
    }
}

fn is_assignment(word: &str) -> bool {
    let name = |name: &str| {
        let right = |ch: char| ch.is_ascii_alphanumeric() || ch == '_';
        !name.is_empty() && name.chars().all(right)
    };
    word.split_once('=').is_some_and(|(left, _)| name(left))
}
