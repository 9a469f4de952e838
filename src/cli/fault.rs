//! Says what the engine did not do for us.

use anstyle::{AnsiColor, Style};

use crate::engine::{Fault, FaultKind};
use crate::report::clean;
use crate::report::style::paint;

/// The lines of a fault, the first behind the word `error`.
pub fn text(fault: &str) -> String {
    let red = AnsiColor::BrightRed.on_default().bold();
    let mut lines = clean::lines(fault, 40).into_iter();
    let first = lines.next().unwrap_or_default();
    let mut text = format!(
        "{}: {}",
        paint(red, "error"),
        paint(Style::new().bold(), first)
    );
    for line in lines {
        text.push('\n');
        text.push_str(&line);
    }
    text
}

/// Waits for work on the engine to be done.
pub fn wait<T>(work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Fault::new(FaultKind::Local, "begin", error.to_string()))?;
    let done = runtime.block_on(work);
    runtime.shutdown_background();
    done
}
