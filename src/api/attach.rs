//! Claims on a container that a test has started itself.

use std::panic::Location;
use std::path::Path;

use super::contained::Contained;
use super::follow::{apart, follow};
use super::{Malformed, Report};
use crate::cli::outside::Written;
use crate::cli::run::desk::runtime;
use crate::cli::run::started;
use crate::engine::{Engine, Fault};
use crate::report::mask::Mask;
use crate::run::options::Options;
use crate::suite::grant::Allowed;
use crate::suite::{Case, load};
use crate::text::source::{FileId, Sources, Stretch};

/// How the claims are called where one of them is told, behind the file and the line that state them.
const CLAIMS: &str = "the claims";

/// Claims about how a container was started, which is not known of one that was there before.
const OF_A_START: [&str; 2] = ["started", "startup"];

/// A container that somebody else has started. It is looked at as those of suites are, and neither ended nor
/// removed.
#[derive(Debug, Clone)]
pub struct Attached {
    container: String,
    engine: Option<String>,
}

/// Why there is no report.
#[derive(Debug)]
pub enum Unjudged {
    /// What is claimed is not written as it must be.
    Malformed(Malformed),
    /// There is no such container, or no engine.
    Fault(Fault),
}

/// The running container of this name or id, for claims on it:
///
/// ```no_run
/// let web = seaworthy::attach("web");
/// web.holds("http: { url: 'http://app:8080/health', status: 200 }");
/// web.holds("
///   - whoami: { uid: 65532 }
///   - ports: { listening: [8080], only: true }
/// ");
/// ```
///
/// With the feature `testcontainers` also what that crate has started: `seaworthy::attach(&container)`.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a name is given as it is, without an ampersand before it"
)]
pub fn attach(container: impl Contained) -> Attached {
    Attached {
        container: container.known_as(),
        engine: None,
    }
}

impl Attached {
    /// The engine that it is on, as the command's `--engine` has it; found as the Docker CLI finds it without.
    #[must_use]
    pub fn on_engine(mut self, engine: impl Into<String>) -> Self {
        self.engine = Some(engine.into());
        self
    }

    /// Asserts that all of these claims hold: one as it stands in a suite's `expect`, or a list of them.
    ///
    /// # Panics
    ///
    /// Where one does not hold, or cannot be told, with what the command would print.
    #[track_caller]
    #[expect(clippy::panic, reason = "an assertion of a test fails by that")]
    pub fn holds(&self, claims: &str) {
        match self.judge(claims) {
            Ok(report) if report.holds() => {}
            Ok(report) => panic!("{report}"),
            Err(why) => panic!("{why}"),
        }
    }

    /// What came of these claims.
    #[track_caller]
    pub fn judge(&self, claims: &str) -> Result<Report, Unjudged> {
        let caller = Location::caller();
        let caller = format!("{}:{}", caller.file(), caller.line());
        let began = started();
        let options = Options {
            engine: self.engine.clone(),
            attached: Some(self.container.clone()),
            ..Options::default()
        };
        let image = self.image().map_err(Unjudged::Fault)?;
        let (text, stretches) = suite(&self.container, &image, claims);
        let written = Written::new(Path::new(CLAIMS), &text, Vec::new());
        let mut sources = Sources::default();
        let read = load(
            &mut sources,
            Path::new(CLAIMS),
            &written,
            &Allowed::default(),
        );
        // The one file that was read.
        let own = sources.add(format!("{caller} ({CLAIMS})"), claims);
        sources.made_of(FileId(0), own, stretches);
        if !read.diagnostics.is_empty() {
            let mask = Mask::of(&read.secrets);
            let said = read.diagnostics.iter();
            let texts: Vec<String> = said.map(|d| mask.diagnostic(d, &sources, false)).collect();
            return Err(Unjudged::Malformed(Malformed(texts.join("\n\n"))));
        }
        let cases = read.suites.iter().flat_map(|suite| &suite.cases);
        let mut items = cases.flat_map(Case::items);
        if let Some(item) = items.find(|item| OF_A_START.contains(&item.claim.name())) {
            let name = item.claim.name();
            let text = format!(
                "error: `{name}` cannot be told of a container that was started by others\n  help: claim it in a suite, \
                 whose run starts the container itself"
            );
            return Err(Unjudged::Malformed(Malformed(text)));
        }
        let ended = follow(read.suites, sources, options, |_| ());
        let outcome = ended.map_err(Unjudged::Fault)?;
        Ok(Report { outcome, began })
    }

    /// The id of its image.
    fn image(&self) -> Result<String, Fault> {
        let ask = || {
            let runtime = runtime()?;
            let facts = runtime.block_on(async {
                let engine = Engine::find(self.engine.as_deref()).await?;
                engine.containers().inspect(&self.container).await
            });
            runtime.shutdown_background();
            facts.map(|facts| facts.image_id)
        };
        apart(ask).map_err(Fault::without_option)
    }
}

impl std::fmt::Display for Unjudged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Malformed(why) => write!(f, "{why}"),
            Self::Fault(why) => write!(f, "{why}"),
        }
    }
}

impl std::error::Error for Unjudged {}

/// The suite of these claims: one case, which is run even if it is about files alone; and where in it the lines of the
/// claims stand.
fn suite(container: &str, image: &str, claims: &str) -> (String, Vec<Stretch>) {
    let quoted = serde_json::Value::from(container);
    let lines = || claims.lines().filter(|line| !line.trim().is_empty());
    let indent = |line: &str| line.len() - line.trim_start().len();
    let common = lines().map(indent).min().unwrap_or_default();
    let is_list = lines()
        .next()
        .is_some_and(|line| line.trim_start().starts_with("- "));
    let mut text = format!(
        "seaworthy: 1\nname: {quoted}\nimage: {{ ref: \"{image}\", pull: never }}\ncases:\n  - name: as it runs\n    run: {{}}\n    \
         expect:\n"
    );
    let mut stretches = Vec::new();
    for (at, line) in lines().enumerate() {
        let (before, left_out) = match (is_list, at) {
            (true, _) => ("      ", common),
            (false, 0) => ("      - ", indent(line)),
            (false, _) => ("        ", common),
        };
        let line = line.get(left_out..).unwrap_or_default();
        text.push_str(before);
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        stretches.push(Stretch {
            at: number(text.len()),
            // It is a part of them.
            written: number(line.as_ptr().addr() - claims.as_ptr().addr()),
            length: number(line.len()),
        });
        text.push_str(line);
        text.push('\n');
    }
    (text, stretches)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::source::Span;

    #[test]
    fn one_claim_or_a_list_of_them_is_a_case() {
        for (claims, count) in [
            ("whoami: { uid: 0 }", 1),
            ("http:\n  url: http://app/\n  status: 200", 1),
            ("\n  - whoami: 0\n  - state: running\n    service: app\n", 2),
            ("- path: /x", 1),
        ] {
            let (text, _) = suite("a \"b\"", "sha256:0", claims);
            let written = Written::new(Path::new(CLAIMS), &text, Vec::new());
            let read = load(
                &mut Sources::default(),
                Path::new(CLAIMS),
                &written,
                &Allowed::default(),
            );
            assert!(read.diagnostics.is_empty(), "{:?}", read.diagnostics);
            let cases = &read.suites[0].cases;
            assert_eq!((cases.len(), cases[0].items().len()), (1, count));
            assert_eq!(read.suites[0].name, "a \"b\"");
        }
    }

    #[test]
    fn a_claim_is_shown_where_it_was_written() {
        for (claims, word, place) in [
            ("whoami: { uid: 0 }", "uid", (1, 11)),
            (
                "\n  http:\n    url: http://app/\n\n    status: 200",
                "status",
                (5, 5),
            ),
            (
                "\n\n   - whoami: 0\n   - state: running\n",
                "running",
                (4, 13),
            ),
        ] {
            let (text, stretches) = suite("a", "sha256:0", claims);
            let mut sources = Sources::default();
            let file = sources.add(CLAIMS, text.clone());
            let own = sources.add("own", claims);
            sources.made_of(file, own, stretches);
            let start = u32::try_from(text.find(word).unwrap()).unwrap();
            let end = start + u32::try_from(word.len()).unwrap();
            let at = sources.place(Span { file, start, end });
            assert_eq!(
                (at.line, at.column, at.width),
                (place.0, place.1, word.len()),
                "{claims}"
            );
            assert_eq!(at.text, claims.lines().nth(place.0 - 1).unwrap());
        }
    }
}
