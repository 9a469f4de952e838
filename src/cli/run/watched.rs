//! `run --watch`: runs again what a changed file touches, until somebody ends it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::format::Format;
use super::{Args, once};
use crate::cli::exit::Exit;
use crate::cli::find;
use crate::cli::interrupt::Interrupts;
use crate::cli::out::{Out, count};
use crate::cli::outside::World;
use crate::engine::context::Context;
use crate::fact::build::BuilderKind;
use crate::plan::Plan;
use crate::suite::load;
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
/// The suites, each with its files.
type Grounds = BTreeMap<PathBuf, Files>;

/// Runs, and runs again. The exit code is that of the last run.
pub fn run(args: &Args, out: &mut Out) -> Exit {
    if args.format.is_some_and(Format::is_document) {
        let help =
            "take `--format` away: `--report DIR` writes every report of each run".to_owned();
        out.error(
            "`--watch` goes on, so there is no end of one document",
            &[help],
        );
        return Exit::Wrong;
    }
    let mut paths = args.wanted.paths.clone();
    let mut before = look(args);
    loop {
        let exit = once(args, &paths, out);
        if exit == Exit::Interrupted || before.is_empty() {
            return exit;
        }
        let suites = count(before.len(), "suite");
        out.note(&format!(
            "\nwatching the files of {suites}: a change runs what it touches again (Ctrl-C ends)"
        ));
        let Some((now, changed)) = wait(args, &before) else {
            return exit;
        };
        paths = changed.suites;
        before = now;
        out.note(&format!("\nchanged: {}", named(&changed.files)));
    }
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
    let shown = files
        .iter()
        .take(NAMED)
        .map(|file| file.display().to_string());
    let mut shown: Vec<String> = shown.collect();
    if files.len() > NAMED {
        shown.push(format!("{} more", files.len() - NAMED));
    }
    shown.join(", ")
}

/// Waits until something has changed and stays so; nothing where somebody ends it.
fn wait(args: &Args, before: &Grounds) -> Option<(Grounds, Changed)> {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().ok()?;
    runtime.block_on(async {
        let mut interrupts = Interrupts::listen().ok()?;
        let mut looked = tokio::time::interval(LOOKED);
        let mut last: Option<Grounds> = None;
        loop {
            tokio::select! {
                () = interrupts.next() => return None,
                _ = looked.tick() => {
                    let now = look(args);
                    let changed = changed(before, &now);
                    // Many programs write a file in several goes.
                    let stays = last.as_ref() == Some(&now);
                    if stays && !changed.suites.is_empty() {
                        return Some((now, changed));
                    }
                    last = Some(now);
                }
            }
        }
    })
}

/// What is other now. A suite that is gone is no longer run.
fn changed(before: &Grounds, now: &Grounds) -> Changed {
    let mut all = Changed::default();
    for (suite, files) in now {
        let empty = Files::new();
        let old = before.get(suite).unwrap_or(&empty);
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
    let mut all = Grounds::new();
    for file in found.files {
        let mut sources = Sources::default();
        let read = load(&mut sources, &file, &World);
        let is_wrong = !read.diagnostics.is_empty();
        if !is_wrong && Plan::new(&read.suites, &selection).cases.is_empty() {
            continue;
        }
        let mut files = Files::new();
        for (name, _) in sources.texts() {
            stamp(Path::new(name), &mut files);
        }
        for ground in read.suites.iter().flat_map(grounds) {
            match ground {
                Ground::Path(path) => below(&path, &mut files),
                Ground::Context(folder, file) => context(&folder, file.as_deref(), &mut files),
            }
        }
        all.insert(file, files);
    }
    all
}

/// What the builder is sent; all of the folder where that cannot be told.
fn context(folder: &Path, dockerfile: Option<&Path>, files: &mut Files) {
    let Ok(context) = Context::read(folder, dockerfile, BuilderKind::BuildKit) else {
        return below(folder, files);
    };
    for entry in &context.entries {
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
fn below(path: &Path, files: &mut Files) {
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
        let of = |shop: Files, fleet: Files| -> Grounds {
            [
                (PathBuf::from("shop.yaml"), shop),
                (PathBuf::from("fleet.yaml"), fleet),
            ]
            .into()
        };
        let (shop, fleet) = (files(&[("a", 1), ("b", 1)]), files(&[("b", 1), ("c", 1)]));
        let before = of(shop.clone(), fleet.clone());
        assert_eq!(changed(&before, &before), Changed::default());
        let said = |now: &Grounds| {
            let all = changed(&before, now);
            let names = |all: Vec<PathBuf>| {
                all.iter()
                    .map(|p| p.display().to_string())
                    .collect::<Vec<_>>()
                    .join(" ")
            };
            (names(all.suites), names(all.files))
        };
        let other = files(&[("a", 2), ("b", 1)]);
        assert_eq!(
            said(&of(other, fleet.clone())),
            ("shop.yaml".into(), "a".into())
        );
        let gone = files(&[("c", 1)]);
        assert_eq!(
            said(&of(shop.clone(), gone)),
            ("fleet.yaml".into(), "b".into())
        );
        let new = files(&[("a", 1), ("b", 3), ("d", 1)]);
        assert_eq!(
            said(&of(new.clone(), fleet)),
            ("shop.yaml".into(), "b d".into())
        );
        let one: Grounds = [(PathBuf::from("new.yaml"), new)].into();
        assert_eq!(said(&one), ("new.yaml".into(), "a b d".into()));
    }
}
