//! `run --watch`: runs again what a changed file touches, until somebody ends it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::runtime::Runtime;
use tokio::time::MissedTickBehavior;

use super::format::Format;
use super::{Args, once};
use crate::cli::exit::Exit;
use crate::cli::find;
use crate::cli::interrupt::Interrupts;
use crate::cli::out::{Out, count, plain};
use crate::cli::outside::World;
use crate::engine::context::Context;
use crate::fact::build::BuilderKind;
use crate::plan::Plan;
use crate::suite::load;
use crate::suite::outside::shown;
use crate::suite::touched::{Ground, grounds};
use crate::text::source::Sources;

/// How often files are looked at.
const LOOKED: Duration = Duration::from_millis(400);
/// The most files of a folder that are looked at.
const FILES: usize = 20_000;
/// The most changed files that are named.
const NAMED: usize = 3;
/// Folders whose files no run depends on.
const PASSED: [&str; 3] = [".git", "node_modules", "target"];

/// How a file is, as far as a change of it shows.
type Stamp = (u64, Option<SystemTime>);
/// The files that a suite depends on.
type Files = BTreeMap<PathBuf, Stamp>;

/// The suites, each with its files, and where runs may write.
#[derive(Debug, Default)]
struct Grounds {
    suites: BTreeMap<PathBuf, Files>,
    written: BTreeSet<PathBuf>,
}

impl Grounds {
    /// As `after` has it wherever a run may have written: what it wrote is no change.
    fn settle(&mut self, after: &Self) {
        let is_written = |path: &Path| after.written.iter().any(|own| path.starts_with(own));
        for (suite, files) in &mut self.suites {
            let Some(after) = after.suites.get(suite) else {
                continue;
            };
            files.retain(|path, _| !is_written(path));
            let written = after.iter().filter(|(path, _)| is_written(path));
            files.extend(written.map(|(path, stamp)| (path.clone(), *stamp)));
        }
    }
}

/// Runs, and runs again. The exit code is that of the last run.
pub fn run(args: &Args, out: &mut Out) -> Exit {
    if args.format.is_some_and(Format::is_document) {
        let help = "take `--format` away: `--report DIR` writes every report of each run";
        let message = "`--watch` goes on, so there is no end of one document";
        out.error(message, &[help.to_owned()]);
        return Exit::Wrong;
    }
    let watcher = Watcher::new();
    let mut watcher = match watcher {
        Ok(watcher) => watcher,
        Err(error) => {
            out.error(&format!("cannot wait for changes: {error}"), &[]);
            return Exit::Unknown;
        }
    };
    let mut paths = args.wanted.paths.clone();
    let mut before = look(args);
    loop {
        let exit = once(args, &paths, out);
        if exit == Exit::Interrupted || before.suites.is_empty() {
            return exit;
        }
        before.settle(&look(args));
        let suites = count(before.suites.len(), "suite");
        out.note(&format!(
            "\nwatching the files of {suites}: a change runs what it touches again (Ctrl-C ends)"
        ));
        let Some((now, changed)) = watcher.wait(args, &before) else {
            return exit;
        };
        // Where suites were wrong nothing was run, so all that was to be is still due.
        paths = match exit {
            Exit::Wrong => due(paths, &args.wanted.paths, changed.suites, &now),
            _ => changed.suites,
        };
        before = now;
        out.note(&format!("\nchanged: {}", plain(&named(&changed.files))));
    }
}

/// What was to be run, as far as it is still there, and what has changed besides. What is wanted holds every suite.
fn due(
    paths: Vec<PathBuf>,
    wanted: &[PathBuf],
    changed: Vec<PathBuf>,
    now: &Grounds,
) -> Vec<PathBuf> {
    if paths == wanted {
        return paths;
    }
    let there = paths
        .into_iter()
        .filter(|path| now.suites.contains_key(path));
    let all: BTreeSet<PathBuf> = there.chain(changed).collect();
    all.into_iter().collect()
}

/// What is other than it was.
#[derive(Debug, Default, PartialEq, Eq)]
struct Changed {
    /// The suites that it touches.
    suites: Vec<PathBuf>,
    /// The files.
    files: Vec<PathBuf>,
}

fn named(files: &[PathBuf]) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let own = |file: &PathBuf| shown(file.strip_prefix(&here).unwrap_or(file));
    let all: BTreeSet<String> = files.iter().map(own).collect();
    let mut named: Vec<String> = all.iter().take(NAMED).cloned().collect();
    if all.len() > NAMED {
        named.push(format!("{} more", all.len() - NAMED));
    }
    named.join(", ")
}

/// Waits for changes, and for whoever ends that. It listens all along, so that no Ctrl-C is lost between two runs.
struct Watcher {
    runtime: Runtime,
    interrupts: Interrupts,
}

impl Watcher {
    fn new() -> std::io::Result<Self> {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_all().build()?;
        let interrupts = runtime.block_on(async { Interrupts::listen() })?;
        Ok(Self {
            runtime,
            interrupts,
        })
    }

    /// Waits until something has changed and stays so; nothing where somebody ends it.
    fn wait(&mut self, args: &Args, before: &Grounds) -> Option<(Grounds, Changed)> {
        let interrupts = &mut self.interrupts;
        self.runtime.block_on(async {
            let mut looked = tokio::time::interval(LOOKED);
            looked.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut last = Grounds::default();
            loop {
                tokio::select! {
                    () = interrupts.next() => return None,
                    _ = looked.tick() => {
                        let now = look(args);
                        // Many programs write a file in several goes.
                        let stays = |suite: &PathBuf| last.suites.get(suite) == now.suites.get(suite);
                        let changed = changed(before, &now, stays);
                        if !changed.suites.is_empty() {
                            return Some((now, changed));
                        }
                        last = now;
                    }
                }
            }
        })
    }
}

/// What is other now, of suites whose files stay as they are. A suite that is gone is no longer run.
fn changed(before: &Grounds, now: &Grounds, stays: impl Fn(&PathBuf) -> bool) -> Changed {
    let mut all = Changed::default();
    for (suite, files) in now.suites.iter().filter(|(suite, _)| stays(suite)) {
        let empty = Files::new();
        let old = before.suites.get(suite).unwrap_or(&empty);
        let other = files
            .iter()
            .filter(|(path, stamp)| old.get(*path) != Some(*stamp));
        let gone = old.keys().filter(|path| !files.contains_key(*path));
        let other: Vec<&PathBuf> = other.map(|(path, _)| path).chain(gone).collect();
        if other.is_empty() {
            continue;
        }
        all.suites.push(suite.clone());
        for path in other {
            if !all.files.contains(path) {
                all.files.push(path.clone());
            }
        }
    }
    all
}

/// The suites that are wanted, with all that they depend on.
fn look(args: &Args) -> Grounds {
    let found = find::find(&args.wanted.paths).unwrap_or_default();
    let selection = args.wanted.selection();
    let report = args
        .report
        .as_deref()
        .and_then(|path| std::path::absolute(path).ok());
    let is_report = |path: &Path| {
        let path = std::path::absolute(path).ok();
        report
            .as_ref()
            .is_some_and(|report| path.is_some_and(|path| path.starts_with(report)))
    };
    let allowed = args.wanted.allow.these();
    let mut all = Grounds::default();
    // Suites of one system have the same grounds.
    let mut known: HashMap<Ground, Files> = HashMap::new();
    for file in found.files {
        let mut sources = Sources::default();
        let read = load(&mut sources, &file, &World, &allowed);
        let is_wrong = !read.diagnostics.is_empty();
        if !is_wrong && Plan::new(&read.suites, &selection).cases.is_empty() {
            continue;
        }
        let mut files = Files::new();
        for (name, _) in sources.texts() {
            stamp(Path::new(name), &mut files);
        }
        for ground in read.suites.iter().flat_map(grounds) {
            if let Ground::Written(path) = &ground {
                all.written.insert(path.clone());
            }
            let own = known.entry(ground).or_insert_with_key(below);
            files.extend(own.iter().map(|(path, stamp)| (path.clone(), *stamp)));
        }
        files.retain(|path, _| !is_report(path));
        all.suites.insert(file, files);
    }
    all
}

fn below(ground: &Ground) -> Files {
    let mut files = Files::new();
    match ground {
        Ground::Path(path) | Ground::Written(path) => walk(path, &mut files),
        Ground::Context(folder, file) => context(folder, file.as_deref(), &mut files),
    }
    files
}

/// What the builder is sent; all of the folder where that cannot be told.
fn context(folder: &Path, dockerfile: Option<&Path>, files: &mut Files) {
    let Ok(context) = Context::read(folder, dockerfile, BuilderKind::BuildKit) else {
        return walk(folder, files);
    };
    for entry in context.entries.iter().take(FILES) {
        stamp(&context.locate(entry), files);
    }
    let usual = folder.join("Dockerfile");
    let own = dockerfile.unwrap_or(&usual);
    stamp(own, files);
    stamp(&folder.join(".dockerignore"), files);
    let mut beside = own.as_os_str().to_owned();
    beside.push(".dockerignore");
    stamp(Path::new(&beside), files);
}

fn stamp(path: &Path, files: &mut Files) {
    if let Ok(known) = std::fs::metadata(path)
        && known.is_file()
    {
        files.insert(path.to_owned(), (known.len(), known.modified().ok()));
    }
}

/// A file, or all files below a folder.
fn walk(path: &Path, files: &mut Files) {
    let mut open = vec![path.to_owned()];
    while let Some(path) = open.pop() {
        if files.len() >= FILES {
            return;
        }
        let Ok(entries) = std::fs::read_dir(&path) else {
            stamp(&path, files);
            continue;
        };
        for entry in entries.flatten() {
            let is_passed = PASSED.iter().any(|name| entry.file_name() == *name);
            // A link to a folder may lead back.
            let kind = entry.file_type();
            match kind.is_ok_and(|kind| kind.is_dir()) {
                true if is_passed => {}
                true => open.push(entry.path()),
                false => stamp(&entry.path(), files),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_touches_the_suites_that_depend_on_it() {
        let files = |all: &[(&str, u64)]| -> Files {
            let all = all
                .iter()
                .map(|(path, size)| (PathBuf::from(path), (*size, None)));
            all.collect()
        };
        let of = |shop: Files, fleet: Files| Grounds {
            suites: [
                (PathBuf::from("shop.yaml"), shop),
                (PathBuf::from("fleet.yaml"), fleet),
            ]
            .into(),
            written: [PathBuf::from("data")].into(),
        };
        let (shop, fleet) = (files(&[("a", 1), ("b", 1)]), files(&[("b", 1), ("c", 1)]));
        let mut before = of(shop.clone(), fleet.clone());
        assert_eq!(changed(&before, &before, |_| true), Changed::default());
        let said = |before: &Grounds, now: &Grounds| {
            let all = changed(before, now, |_| true);
            let names = |all: Vec<PathBuf>| {
                let all = all.iter().map(|path| path.display().to_string());
                all.collect::<Vec<_>>().join(" ")
            };
            (names(all.suites), names(all.files))
        };
        let other = of(files(&[("a", 2), ("b", 1)]), fleet.clone());
        assert_eq!(said(&before, &other), ("shop.yaml".into(), "a".into()));
        // What does not stay yet is waited for.
        assert_eq!(changed(&before, &other, |_| false), Changed::default());
        let gone = of(shop.clone(), files(&[("c", 1)]));
        assert_eq!(said(&before, &gone), ("fleet.yaml".into(), "b".into()));
        let new = files(&[("a", 1), ("b", 3), ("d", 1)]);
        let now = of(new, fleet.clone());
        assert_eq!(said(&before, &now), ("shop.yaml".into(), "b d".into()));
        // What a run has written is no change, and what changed beside it is one.
        let after = of(files(&[("a", 2), ("b", 1), ("data/log", 9)]), fleet);
        before.settle(&of(
            files(&[("a", 2), ("b", 1), ("data/log", 9)]),
            files(&[]),
        ));
        assert_eq!(said(&before, &after), ("shop.yaml".into(), "a".into()));
    }

    #[test]
    fn what_was_not_run_since_suites_were_wrong_is_still_due() {
        let paths = |all: &[&str]| -> Vec<PathBuf> { all.iter().map(PathBuf::from).collect() };
        let there = |all: &[&str]| Grounds {
            suites: paths(all)
                .into_iter()
                .map(|path| (path, Files::new()))
                .collect(),
            written: BTreeSet::new(),
        };
        let now = there(&["a", "b", "c"]);
        // All of a folder, be there one name for it or none.
        for wanted in [paths(&["suites"]), paths(&[])] {
            let all = due(wanted.clone(), &wanted, paths(&["b"]), &now);
            assert_eq!(all, wanted);
        }
        let wanted = paths(&["suites"]);
        assert_eq!(
            due(paths(&["a"]), &wanted, paths(&["b", "a"]), &now),
            paths(&["a", "b"])
        );
        // One that is gone is not.
        assert_eq!(
            due(paths(&["gone"]), &wanted, paths(&["b"]), &now),
            paths(&["b"])
        );
    }
}
