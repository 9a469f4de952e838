//! Which mutants are tried.

use std::io::Read as _;
use std::ops::RangeInclusive;
use std::path::Path;

use super::Args;
use crate::cli::exit::Exit;
use crate::cli::out::Out;
use crate::mutate::Mutant;
use crate::mutate::diff::Lines;
use crate::mutate::sample::sample;
use crate::text::source::{Sources, Span};

/// A diff of more bytes is not read.
const LARGEST: u64 = 64 << 20;

/// Those that the arguments choose, or the exit code after saying why there are none.
pub(super) fn chosen(
    all: Vec<Mutant>,
    args: &Args,
    sources: &Sources,
    out: &mut Out,
) -> Result<Vec<Mutant>, Exit> {
    if all.is_empty() {
        let help = "there is something to change where a suite says `run`, or builds its image";
        out.error("there is nothing to change", &[help.to_owned()]);
        return Err(Exit::Nothing);
    }
    let number = all.len();
    let mut chosen = all;
    if !args.filter.is_empty() {
        chosen.retain(|mutant| {
            args.filter
                .iter()
                .any(|text| mutant.id.contains(text.as_str()))
        });
    }
    if let Some(path) = &args.in_diff {
        let text = read(path).map_err(|error| {
            let message = format!("cannot read the diff `{}`: {error}", path.display());
            out.error(
                &message,
                &["`git diff main > changes.diff` makes one".to_owned()],
            );
            Exit::Wrong
        })?;
        let lines = Lines::read(&text);
        if lines.is_empty() && !text.trim().is_empty() {
            let message = format!("`{}` is no unified diff", path.display());
            out.error(
                &message,
                &["`git diff main > changes.diff` makes one".to_owned()],
            );
            return Err(Exit::Wrong);
        }
        chosen.retain(|mutant| {
            lines.touches(
                &sources.place(mutant.span).file,
                &stretch(sources, mutant.span),
            )
        });
    }
    if chosen.is_empty() {
        let message = format!("none of {number} mutants was chosen");
        out.error(
            &message,
            &["`seaworthy mutate --list` shows all".to_owned()],
        );
        return Err(Exit::Nothing);
    }
    if let Some(count) = args.sample {
        let names = chosen.iter().map(|mutant| mutant.id.as_str());
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let drawn = sample(names, count, args.seed);
        let mut at = 0..;
        chosen.retain(|_| at.next().is_some_and(|at| drawn.binary_search(&at).is_ok()));
    }
    Ok(chosen)
}

fn read(path: &Path) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    match path.to_str() {
        Some("-") => std::io::stdin()
            .lock()
            .take(LARGEST)
            .read_to_end(&mut bytes)?,
        _ => std::fs::File::open(path)?
            .take(LARGEST)
            .read_to_end(&mut bytes)?,
    };
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The lines that a span stands in.
fn stretch(sources: &Sources, span: Span) -> RangeInclusive<usize> {
    let last = Span {
        start: span.end.saturating_sub(1).max(span.start),
        ..span
    };
    sources.line(span).number..=sources.line(last).number
}
