//! Compose files that suites name, read by the user's Compose tool: that needs no engine.

use std::collections::BTreeMap;

use crate::cli::fault;
use crate::cli::suites::Loaded;
use crate::engine::Fault;
use crate::report::clean;
use crate::session::compose::absent::absent;
use crate::session::compose::read::{self, Files};
use crate::session::image::NoImage;
use crate::suite::compose::texts::unused;
use crate::suite::{Case, Suite};
use crate::text::diagnostic::Diagnostic;
use crate::text::source::Sources;

/// The name of the project that they are read for.
const PROJECT: &str = "seaworthy";

/// What came of reading them.
#[derive(Debug, Default)]
pub struct Composed {
    /// Those that are well, by the number of their suite.
    pub files: BTreeMap<usize, Files>,
    /// What is wrong with them, at the name that it is about, else where the suite names the first.
    pub said: Vec<Diagnostic>,
    /// What is wrong at a place of theirs.
    pub there: Vec<(Sources, Diagnostic)>,
    /// What only keeps this machine from running them: why they could not be read, or what is not there.
    pub notes: Vec<String>,
}

/// Reads those of the suites of a file.
pub(super) fn of(loaded: &Loaded<'_>) -> Composed {
    let mut all = of_suites(loaded.suites.iter().enumerate(), None);
    all.said.extend(loaded.suites.iter().flat_map(unused));
    all
}

/// Reads those of these suites, each with its number. `image` takes the place of that of `app`.
pub fn of_suites<'a>(
    suites: impl Iterator<Item = (usize, &'a Suite)>,
    image: Option<&str>,
) -> Composed {
    let mut all = Composed::default();
    for (number, suite) in suites {
        let Some(compose) = &suite.compose else {
            continue;
        };
        let read = async {
            let read = read::files(
                (None, PROJECT),
                &compose.value,
                (&suite.folder, &suite.reach, &[]),
                image,
            )
            .await;
            Ok::<_, Fault>(read)
        };
        match fault::wait(read) {
            Ok(Ok(files)) => {
                all.of_files(suite, &compose.value.app.value, &files);
                all.files.insert(number, files);
            }
            // Nothing is built.
            Ok(Err(NoImage::Failed(_))) => {}
            Ok(Err(NoImage::Suite(said) | NoImage::There { said, .. })) if is_of_here(&said) => {
                all.notes.push(unread(&suite.name, &said, None));
            }
            Ok(Err(NoImage::Suite(said) | NoImage::Refused(said) | NoImage::Given(said))) => {
                let named = compose.value.files.first();
                let span = named.map_or(compose.span, |file| file.span);
                all.said.push(diagnostic(Diagnostic::new(span, ""), &said));
            }
            Ok(Err(NoImage::There {
                sources,
                span,
                said,
            })) => {
                let said = diagnostic(Diagnostic::new(span, ""), &said);
                all.there.push((sources, said));
            }
            Ok(Err(NoImage::Named(span, said))) => {
                all.said.push(diagnostic(Diagnostic::new(span, ""), &said));
            }
            Ok(Err(NoImage::Fault(why))) | Err(why) => {
                let told = unread(&suite.name, &why.message, why.help.as_deref());
                all.notes.push(told);
            }
        }
    }
    all
}

impl Composed {
    /// What of a suite does not go with its files, though they are well.
    fn of_files(&mut self, suite: &Suite, app: &str, files: &Files) {
        let cases = suite.cases.iter().filter(|case| asks_of_file(case));
        for (span, said) in cases.flat_map(|case| absent(case, &files.stack, app)) {
            self.said.push(diagnostic(Diagnostic::new(span, ""), &said));
        }
        let warned = files.warned().into_iter();
        self.notes
            .extend(warned.map(|said| format!("note: {}", clean::line(&said))));
        let unbound = files.unbound();
        if !unbound.is_empty() {
            self.notes.push(missing(&suite.name, &unbound));
        }
    }
}

/// Whether a case asks anything of what the Compose file describes, be it only what that is built from.
pub fn asks_of_file(case: &Case) -> bool {
    let builds = || case.items().iter().any(|item| item.claim.needs_build());
    case.is_of_compose() || case.image.is_none() && case.skip.is_none() && builds()
}

/// What the files of a suite bind and is not there: a run may be on another machine, or after it is made.
fn missing(suite: &str, unbound: &[String]) -> String {
    let all: Vec<String> = unbound.iter().map(|one| clean::line(one)).collect();
    format!(
        "note: Compose files of `{}` bind what is not there: {}\n  help: put it there before a run; an engine would make a \
         folder in its place",
        clean::line(suite),
        all.join("; ")
    )
}

/// Whether it is about what another machine may have: variables that are set there, files that are written there.
fn is_of_here(said: &str) -> bool {
    let said = said.to_lowercase();
    let variable = [
        "required variable",
        "missing mandatory value",
        "is missing a value",
    ];
    let file = ["couldn't find env file", "env file"];
    let is_lost = || said.contains("not found") || said.contains("couldn't find");
    variable.iter().any(|words| said.contains(words))
        || file.iter().any(|words| said.contains(words)) && is_lost()
}

/// Why the files of a suite were not read.
fn unread(suite: &str, why: &str, help: Option<&str>) -> String {
    let why: Vec<String> = why.lines().map(|line| clean::line(line.trim())).collect();
    let help = help.map(|help| format!("\n  help: {}", clean::line(help)));
    format!(
        "note: Compose files of `{}` were not read: {}{}",
        clean::line(suite),
        why.join("; "),
        help.unwrap_or_default()
    )
}

/// The words of the tool go behind the first line, what is to be done beside it.
fn diagnostic(mut empty: Diagnostic, said: &str) -> Diagnostic {
    let mut words = Vec::new();
    let mut lines = said.lines().map(|line| clean::line(line.trim()));
    empty.message = lines.next().unwrap_or_default();
    for line in lines {
        match line.strip_prefix("help: ") {
            Some(help) => {
                empty.help(help);
            }
            None => words.push(line),
        }
    }
    if !words.is_empty() {
        empty.message = format!("{}: {}", empty.message, words.join("; "));
    }
    empty
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::source::{FileId, Span};

    #[test]
    fn what_another_machine_has_is_no_error_of_the_files() {
        for said in [
            "it is refused\n  required variable DB is missing a value: set it",
            "env file /x/.env not found: stat /x/.env: no such file",
            "Couldn't find env file: /x/.env",
            "Missing mandatory value for \"environment\" option: set DB",
        ] {
            assert!(is_of_here(said), "{said}");
        }
        assert!(!is_of_here(
            "service `web` has neither an image nor a build context"
        ));
    }

    #[test]
    fn the_words_of_the_tool_stand_behind_the_first_line() {
        let span = Span {
            file: FileId(0),
            start: 0,
            end: 0,
        };
        let said = "it is refused by `x`\n  one\n  two\n  help: mend it";
        let made = diagnostic(Diagnostic::new(span, ""), said);
        assert_eq!(made.message, "it is refused by `x`: one; two");
        assert_eq!(made.help, ["mend it"]);
    }
}
