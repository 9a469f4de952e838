//! A few lines at the foot of a terminal that tell what goes on just now.

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::terminal::Terminal;

/// How often it is drawn in a second.
const RATE: u8 = 20;

/// The foot of the terminal. What is printed goes above it.
#[derive(Debug)]
pub struct Screen {
    all: MultiProgress,
    lines: Vec<ProgressBar>,
}

impl Screen {
    /// The foot of the terminal that standard error goes to; `None` where it goes elsewhere.
    pub fn new() -> Option<Self> {
        let terminal = Box::new(Terminal::of_stderr()?);
        let target = ProgressDrawTarget::term_like_with_hz(terminal, RATE);
        Some(Self {
            all: MultiProgress::with_draw_target(target),
            lines: Vec::new(),
        })
    }

    /// Takes the lines away, does something, and puts them back.
    pub fn above<T>(&self, what: impl FnOnce() -> T) -> T {
        self.all.suspend(what)
    }

    /// Shows these lines in place of those before.
    pub fn show(&mut self, lines: &[String]) {
        while self.lines.len() > lines.len() {
            if let Some(line) = self.lines.pop() {
                line.finish_and_clear();
                self.all.remove(&line);
            }
        }
        while self.lines.len() < lines.len() {
            let line = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{wide_msg}") {
                line.set_style(style);
            }
            self.lines.push(self.all.add(line));
        }
        for (line, text) in self.lines.iter().zip(lines) {
            line.set_message(text.clone());
        }
    }
}

impl Drop for Screen {
    /// Leaves the terminal as if nothing had been there.
    fn drop(&mut self) {
        self.show(&[]);
        // A terminal that is gone needs no clearing.
        let _ = self.all.clear();
    }
}
