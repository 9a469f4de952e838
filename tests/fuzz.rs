//! The short form of what `ci/fuzz` does: the kept corpora, and changes of them that are the same on every machine, go
//! through each entry of `fuzz/`. None may panic, none may hang, and memory holds.
#![cfg(test)]
#![expect(
    clippy::disallowed_methods,
    reason = "a test reads its corpora, and fails as tests do"
)]

#[path = "language/chance.rs"]
mod chance;
#[path = "../fuzz/src/lib.rs"]
mod entries;

use std::collections::BTreeSet;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use chance::Chance;
use entries::{ALL, Entry};

/// For how long an entry may think of one input.
const HANG: Duration = Duration::from_secs(20);
/// The most that this process may hold.
const MEMORY: u64 = 1 << 30;
/// Changes of corpora that go through an entry, and for how long at most.
const CHANGES: u64 = 20_000;
const WHILE: Duration = Duration::from_secs(6);
/// An input that is larger is not made.
const LARGEST: usize = 16 << 10;

#[test]
fn a_suite_neither_panics_nor_hangs() {
    short("suite");
}

#[test]
fn a_dockerfile_neither_panics_nor_hangs() {
    short("dockerfile");
}

#[test]
fn an_ignore_file_neither_panics_nor_hangs() {
    short("dockerignore");
}

#[test]
fn what_a_probe_says_neither_panics_nor_hangs() {
    short("probe");
}

#[test]
fn a_log_neither_panics_nor_hangs() {
    short("logs");
}

#[test]
fn a_page_of_metrics_neither_panics_nor_hangs() {
    short("prometheus");
}

#[test]
fn a_report_neither_panics_nor_hangs() {
    short("report");
}

#[test]
fn every_entry_has_a_target_a_corpus_and_a_test() {
    let here = include_str!("fuzz.rs");
    let manifest = std::fs::read_to_string(folder().join("Cargo.toml")).unwrap();
    for (name, _) in ALL {
        assert!(here.contains(&format!("short({name:?})")), "{name}");
        assert!(manifest.contains(&format!("name = {name:?}")), "{name}");
        let has_corpus = folder().join("corpus").join(name).is_dir();
        assert!(
            has_corpus && !corpus(name).is_empty(),
            "{name} has no corpus"
        );
    }
    let named = |path: PathBuf| path.file_stem().unwrap().to_string_lossy().into_owned();
    let targets: BTreeSet<String> = listed(&folder().join("targets"))
        .into_iter()
        .map(named)
        .collect();
    assert_eq!(targets, ALL.map(|(name, _)| name.to_owned()).into());
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz"))
}

fn listed(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// The kept inputs of an entry.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    read(listed(&folder().join("corpus").join(name)))
}

/// The project's own files that an entry reads, as `ci/fuzz` begins with them too.
fn fixtures(name: &str) -> Vec<Vec<u8>> {
    let fixtures = folder().join("../fixtures");
    let folders = match name {
        "suite" => vec![fixtures.join("language/right"), fixtures.join("behaviour")],
        "dockerfile" | "dockerignore" => listed(&fixtures),
        _ => Vec::new(),
    };
    let files = folders.iter().filter(|folder| folder.is_dir());
    let mut files: Vec<PathBuf> = files.flat_map(|folder| listed(folder)).collect();
    files.retain(|path| {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        path.is_file()
            && match name {
                "suite" => path.extension().is_some_and(|end| end == "yaml"),
                "dockerfile" => file.starts_with("Dockerfile"),
                _ => file.ends_with(".dockerignore"),
            }
    });
    read(files)
}

fn read(paths: Vec<PathBuf>) -> Vec<Vec<u8>> {
    let read = paths.into_iter().map(|path| std::fs::read(path).unwrap());
    read.collect()
}

/// Runs an entry over its corpus and changes of it.
fn short(name: &str) {
    let (_, entry) = ALL.into_iter().find(|(own, _)| *own == name).unwrap();
    let corpus = [corpus(name), fixtures(name)].concat();
    let (inputs, given) = sync_channel::<Vec<u8>>(1);
    let (told, outcomes) = sync_channel(1);
    // One that hangs cannot be ended; the process ends without it.
    thread::spawn(move || work(entry, &given, &told));
    let try_one = |input: &[u8]| {
        inputs.send(input.to_owned()).unwrap();
        let shown = || input.escape_ascii().to_string();
        match outcomes.recv_timeout(HANG) {
            Ok(true) => {}
            Ok(false) => panic!("{name} panics with this: {}", shown()),
            Err(RecvTimeoutError::Timeout) => {
                panic!("{name} has not ended after {HANG:?} with this: {}", shown())
            }
            Err(RecvTimeoutError::Disconnected) => panic!("{name} is gone with this: {}", shown()),
        }
    };
    for input in &corpus {
        try_one(input);
    }
    let began = Instant::now();
    for seed in 1..=CHANGES {
        if began.elapsed() > WHILE {
            break;
        }
        try_one(&changed(&corpus, &mut Chance::of(seed)));
    }
    if let Some(most) = most_held() {
        assert!(most < MEMORY, "{name}: {most} bytes were held at once");
    }
}

fn work(entry: Entry, given: &Receiver<Vec<u8>>, told: &SyncSender<bool>) {
    for input in given {
        let is_well = catch_unwind(|| entry(&input)).is_ok();
        if told.send(is_well).is_err() {
            return;
        }
    }
}

/// The most that this process has held at once, where the kernel says so.
fn most_held() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}

/// One of the corpus with one to eight changes: bytes turned, left out, doubled, or taken from another one.
fn changed(corpus: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = corpus[chance.below(corpus.len())].clone();
    for _ in 0..=chance.below(8) {
        let at = chance.below(bytes.len() + 1);
        let to = at + chance.below((bytes.len() - at).min(64) + 1);
        match chance.below(6) {
            0 => drop(bytes.drain(at..to)),
            1 => {
                let piece = bytes[at..to].to_vec();
                let times = 1 + chance.below(8);
                bytes.splice(at..at, piece.repeat(times));
            }
            2 => {
                let other = &corpus[chance.below(corpus.len())];
                let from = chance.below(other.len() + 1);
                let end = from + chance.below((other.len() - from).min(256) + 1);
                bytes.splice(at..to, other[from..end].iter().copied());
            }
            3 => bytes.insert(at, u8::try_from(chance.below(256)).unwrap()),
            4 => {
                let odd = b"\0\n\r\t \"'#$&*:{}[]\\/!=\xff";
                bytes.insert(at, odd[chance.below(odd.len())]);
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << chance.below(8);
                }
            }
        }
    }
    bytes.truncate(LARGEST);
    bytes
}
