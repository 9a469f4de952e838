//! Suites as they are read, with what is wrong with each file.

use std::collections::HashSet;
use std::path::PathBuf;

use crate::cli::find::{self, Lost};
use crate::cli::outside::World;
use crate::report::mask::Mask;
use crate::suite::grant::{Allowed, Grant};
use crate::suite::{Suite, load};
use crate::text::source::Sources;

/// Suites that are right, and for each file or path that is not, its name and what to say.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) suites: Vec<Suite>,
    pub(crate) sources: Sources,
    pub(crate) wrong: Vec<(String, String)>,
}

impl Reading {
    /// The same with powers as `--allow` takes them; where one is none, that is what is wrong.
    pub(crate) fn allowing(paths: &[PathBuf], powers: &[String]) -> Self {
        let grants: Result<Vec<Grant>, String> =
            powers.iter().map(|power| Grant::parse(power)).collect();
        match grants {
            Ok(grants) => Self::of(paths, &Allowed::only(grants)),
            Err(why) => Self {
                wrong: vec![("allowing".to_owned(), format!("error: {why}"))],
                ..Self::default()
            },
        }
    }

    /// Reads files, and all suites below folders, with what is allowed.
    pub(crate) fn of(paths: &[PathBuf], allowed: &Allowed) -> Self {
        let mut reading = Self::default();
        let found = match find::find(paths) {
            Ok(found) => found,
            Err(lost) => {
                reading.wrong = paths
                    .first()
                    .into_iter()
                    .map(|path| (path.display().to_string(), said(&lost)))
                    .collect();
                return reading;
            }
        };
        if found.files.is_empty() {
            let nothing = find::nothing(paths, &found);
            let name = paths
                .first()
                .map_or("suites".into(), |p| p.display().to_string());
            reading.wrong.push((name, said(&[nothing])));
        }
        for path in &found.files {
            let read = load(&mut reading.sources, path, &World, allowed);
            if read.diagnostics.is_empty() {
                reading.suites.extend(read.suites);
                continue;
            }
            let mask = Mask::of(&read.secrets);
            let mut once = HashSet::new();
            let texts = read.diagnostics.iter();
            let texts = texts.map(|d| mask.diagnostic(d, &reading.sources, false));
            let texts: Vec<String> = texts.filter(|text| once.insert(text.clone())).collect();
            let text = texts.join("\n\n");
            reading.wrong.push((path.display().to_string(), text));
        }
        reading
    }
}

/// Paths that lead nowhere, each with what to do.
fn said(lost: &[Lost]) -> String {
    let each = lost.iter().map(|lost| {
        let help = lost.help.iter().map(|help| format!("\n  help: {help}"));
        format!("error: {}{}", lost.message, help.collect::<String>())
    });
    each.collect::<Vec<_>>().join("\n")
}
