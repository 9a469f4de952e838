//! Says what the engine did not do for us.

use anstyle::{AnsiColor, Style};

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
