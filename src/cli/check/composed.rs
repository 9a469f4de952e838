//! Compose files that suites name, read by the user's Compose tool: that needs no engine.

use crate::cli::fault;
use crate::cli::suites::Loaded;
use crate::engine::Fault;
use crate::report::clean;
use crate::session::compose::read;
use crate::session::image::NoImage;
use crate::text::diagnostic::Diagnostic;

/// The name of the project that they are read for.
const PROJECT: &str = "seaworthy";

/// What came of reading them.
#[derive(Debug, Default)]
pub(super) struct Composed {
    /// What is wrong with them, at the place of the suite that names the first.
    pub(super) said: Vec<Diagnostic>,
    /// Why they could not be read.
    pub(super) unread: Option<String>,
}

/// Reads those of the suites of a file.
pub(super) fn of(loaded: &Loaded<'_>) -> Composed {
    let mut all = Composed::default();
    for suite in &loaded.suites {
        let Some(compose) = &suite.compose else {
            continue;
        };
        let read = async {
            let read = read::files((None, PROJECT), &compose.value, &suite.folder, None).await;
            Ok::<_, Fault>(read.err())
        };
        match fault::wait(read) {
            // Nothing is built.
            Ok(None | Some(NoImage::Failed(_))) => {}
            Ok(Some(NoImage::Suite(said))) => {
                let named = compose.value.files.first();
                let span = named.map_or(compose.span, |file| file.span);
                all.said.push(diagnostic(Diagnostic::new(span, ""), &said));
            }
            Ok(Some(NoImage::Fault(why))) | Err(why) => all.unread = Some(why.message),
        }
    }
    all
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
