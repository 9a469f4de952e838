//! Nothing panics on any input: suites of the fixtures, damaged at random from a fixed seed.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use libtest_mimic::Failed;
use seaworthy::suite::grant::Allowed;
use seaworthy::suite::{Outside, load};
use seaworthy::text::source::Sources;

use super::chance::Chance;

const ROUNDS: u64 = 3000;

/// The fixtures in memory, with one of them damaged.
struct Memory {
    files: BTreeMap<PathBuf, String>,
}

impl Outside for Memory {
    fn read(&self, path: &Path) -> Result<String, String> {
        let text = self.files.get(path).cloned();
        text.ok_or_else(|| "there is no such file".to_owned())
    }
    fn is_folder(&self, path: &Path) -> Option<bool> {
        Some(!self.files.contains_key(path))
    }
    fn env(&self, _: &str) -> Option<String> {
        None
    }
    fn random(&self, count: u32) -> String {
        "r".repeat(count as usize)
    }
}

pub fn never_panic() -> Result<(), Failed> {
    let mut memory = Memory {
        files: BTreeMap::new(),
    };
    for folder in ["right", "wrong", "parts"] {
        for path in super::suites(folder) {
            let bytes = std::fs::read(super::root().join(&path))?;
            let text = String::from_utf8_lossy(&bytes).into_owned();
            memory.files.insert(path, text);
        }
    }
    let names: Vec<PathBuf> = memory.files.keys().cloned().collect();
    let words: Vec<String> = memory.files.values().flat_map(|t| words(t)).collect();
    for seed in 1..=ROUNDS {
        let mut chance = Chance::of(seed);
        let name = &names[chance.below(names.len())];
        let whole = memory.files[name].clone();
        let mut text = whole.clone();
        for _ in 0..=chance.below(4) {
            text = damage(&text, &words, &mut chance);
        }
        memory.files.insert(name.clone(), text.clone());
        let run = catch_unwind(AssertUnwindSafe(|| {
            let mut sources = Sources::default();
            let read = load(&mut sources, name, &memory, &Allowed::default());
            let shown: Vec<String> = read
                .diagnostics
                .iter()
                .map(|d| d.render(&sources, false))
                .collect();
            !read.suites.is_empty() || !shown.is_empty()
        }));
        match run {
            Ok(true) => {}
            Ok(false) => {
                return Err(format!("seed {seed}: neither suite nor error:\n{text}").into());
            }
            Err(_) => {
                return Err(format!("seed {seed} panics with {}:\n{text}", name.display()).into());
            }
        }
        memory.files.insert(name.clone(), whole);
    }
    Ok(())
}

fn words(text: &str) -> Vec<String> {
    let parts = text.split([' ', '\n', ',', '{', '}', '[', ']']);
    parts.filter(|w| !w.is_empty()).map(str::to_owned).collect()
}

/// One change: characters or lines dropped, doubled or swapped, or a word in another's place.
fn damage(text: &str, words: &[String], chance: &mut Chance) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let mut lines: Vec<&str> = text.lines().collect();
    if chars.is_empty() || lines.is_empty() {
        return "\u{0}: [".to_owned();
    }
    let (at, to) = (chance.below(chars.len()), chance.below(chars.len()));
    let (line, other) = (chance.below(lines.len()), chance.below(lines.len()));
    match chance.below(9) {
        0 => drop(chars.remove(at)),
        1 => chars.insert(at, chars[to]),
        2 => chars.swap(at, to),
        3 => chars.truncate(at),
        4 => {
            let odd = [
                '\0', '\t', '\u{1b}', '&', '*', '$', '{', ':', '\u{2028}', '\r', '🦀', '%',
            ];
            chars.insert(at, odd[chance.below(odd.len())]);
        }
        5 => {
            lines.remove(line);
            return lines.join("\n");
        }
        6 => {
            lines.insert(line, lines[other]);
            return lines.join("\n");
        }
        7 => {
            lines.swap(line, other);
            return lines.join("\n");
        }
        _ => {
            let (old, new) = (chance.below(words.len()), chance.below(words.len()));
            return text.replacen(words[old].as_str(), &words[new], 1);
        }
    }
    chars.into_iter().collect()
}
