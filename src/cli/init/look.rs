//! Runs the suites of `init`, which are in no file yet, and shows nothing of them but what goes on.

use std::path::PathBuf;

use crate::cli::exit::Exit;
use crate::cli::fault;
use crate::cli::out::Out;
use crate::cli::outside::Written;
use crate::cli::run::desk::Desk;
use crate::cli::run::format::Format;
use crate::report::mask::Mask;
use crate::run::options::Options;
use crate::run::outcome::{Outcome, Verdict};
use crate::suite::grant::Allowed;
use crate::suite::load;
use crate::text::source::Sources;

/// Runs suites.
#[derive(Debug)]
pub struct Looker<'a> {
    /// Where is told what goes on.
    pub out: &'a mut Out,
    /// The file that the suite is going to be.
    pub file: PathBuf,
    /// The engine that was asked for.
    pub engine: Option<String>,
    /// What the suite takes from the environment.
    pub secrets: Vec<(String, String)>,
    /// What it may ask for.
    pub allowed: Allowed,
}

impl Looker<'_> {
    /// Says what is done.
    pub fn tell(&mut self, text: &str) {
        self.out.note(&format!("{text} …"));
    }

    /// Runs a suite, and gives what came of it, whatever that is.
    pub fn look(&mut self, text: &str) -> Result<Outcome, Exit> {
        let options = Options {
            engine: self.engine.clone(),
            ..Options::default()
        };
        let written = Written::new(&self.file, text, self.secrets.clone());
        let mut sources = Sources::default();
        let read = load(&mut sources, &self.file, &written, &self.allowed);
        let mask = Mask::of(&read.secrets);
        if !read.diagnostics.is_empty() {
            let said = read.diagnostics.iter();
            let said: Vec<String> = said.map(|d| mask.diagnostic(d, &sources, false)).collect();
            if read.is_refused {
                self.out.note(&said.join("\n\n"));
                return Err(Exit::Wrong);
            }
            let help = format!("what is wrong with it:\n{}", said.join("\n"));
            let message =
                "the suite that was made is not as it must be, which is a fault of this tool";
            self.out.error(message, &[]);
            self.out.note(&help);
            return Err(Exit::Unknown);
        }
        let desk = Desk::silent(self.out, &mask, Format::Human);
        let outcome = match desk.follow(read.suites, sources, options) {
            Ok(Some(outcome)) if !outcome.interrupted => outcome,
            Ok(_) => return Err(Exit::Interrupted),
            Err(why) => {
                self.out.note(&fault::text(&mask.text(why.to_string())));
                return Err(Exit::Unknown);
            }
        };
        self.blocked(&outcome).map_or(Ok(outcome), Err)
    }

    /// Where nothing at all could be seen, why; and the exit code.
    fn blocked(&mut self, outcome: &Outcome) -> Option<Exit> {
        let is_blind = |case: &crate::run::outcome::CaseOutcome| {
            case.verdict != Verdict::Passed && case.claims.is_empty()
        };
        let blind = !outcome.cases.is_empty() && outcome.cases.iter().all(is_blind);
        if !blind && outcome.troubles.is_empty() {
            return None;
        }
        let of_cases = outcome.cases.iter().flat_map(|case| {
            let failures = case.failures.iter();
            let failed = failures.map(|one| {
                let mut text = format!("{}: {}", one.claim, one.actual);
                one.notes
                    .iter()
                    .for_each(|note| text.push_str(&format!("\n  {note}")));
                text
            });
            let troubles = case.troubles.iter().map(|one| one.message.clone());
            let evidence = case.evidence.iter().map(|one| {
                let lines: Vec<String> =
                    one.lines.iter().map(|line| format!("  | {line}")).collect();
                format!("{}\n{}", one.title, lines.join("\n"))
            });
            failed.chain(troubles).chain(evidence)
        });
        let own = outcome.troubles.iter().map(|one| one.message.clone());
        let mut told = Vec::new();
        for text in own.chain(of_cases) {
            if !told.contains(&text) {
                self.out.note(&fault::text(&text));
                told.push(text);
            }
        }
        self.out.note("nothing was written");
        let failed = outcome
            .cases
            .iter()
            .any(|case| case.verdict == Verdict::Failed);
        Some(if failed { Exit::Failed } else { Exit::Unknown })
    }
}
