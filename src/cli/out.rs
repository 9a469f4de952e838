//! Where text leaves the program. Colours only where they are wanted: `NO_COLOR`,
//! `CLICOLOR_FORCE`, and whether a terminal listens, decide it for each stream.

use std::io::{ErrorKind, Write};

use anstream::{AutoStream, ColorChoice};

use super::exit::Exit;
use crate::report::{clean, gitlab};

/// When to use colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// Where a terminal listens, as `NO_COLOR` and `CLICOLOR_FORCE` have it.
    #[default]
    Auto,
    /// Whoever listens.
    Always,
    /// Not at all.
    Never,
}

/// The two streams. A reader that went away (`| head`) is no error: what is left is dropped, and
/// the command goes on to its end and its exit code.
#[derive(Debug, Default)]
pub struct Out {
    trouble: Option<std::io::Error>,
}

impl Out {
    /// What was asked for, with a newline, to standard output.
    pub fn say(&mut self, text: &str) {
        let mut stream = AutoStream::auto(std::io::stdout().lock());
        let written = writeln!(stream, "{text}").and_then(|()| stream.flush());
        self.took(written);
    }

    /// The same where the log of a build server reads marks that look like styles: these stay in any case.
    pub fn say_with_marks(&mut self, text: &str) {
        let text = match AutoStream::choice(&std::io::stdout()) {
            ColorChoice::Never => gitlab::without_styles(text),
            _ => text.to_owned(),
        };
        let mut stream = std::io::stdout().lock();
        let written = writeln!(stream, "{text}").and_then(|()| stream.flush());
        self.took(written);
    }

    /// What is said about it, with a newline, to standard error. Whatever it quotes, no build server obeys it.
    pub fn note(&mut self, text: &str) {
        let text = clean::unheeded(text);
        let mut stream = AutoStream::auto(std::io::stderr().lock());
        let written = writeln!(stream, "{text}").and_then(|()| stream.flush());
        self.took(written);
    }

    /// An error that has no place in a suite, with what to do about it.
    pub fn error(&mut self, message: &str, help: &[String]) {
        let (red, bold) = (
            anstyle::AnsiColor::BrightRed.on_default().bold(),
            anstyle::Style::new().bold(),
        );
        let mut text = format!("{red}error{red:#}{bold}: {}{bold:#}", plain(message));
        for help in help {
            text.push_str(&format!("\n  {bold}help{bold:#}: {}", plain(help)));
        }
        self.note(&text);
    }

    /// Uses colours as the user asks.
    pub fn color(&mut self, color: Color) {
        match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        }
        .write_global();
    }

    /// Whether what is said about it may be coloured.
    pub fn colors(&self) -> bool {
        AutoStream::choice(&std::io::stderr()) != ColorChoice::Never
    }

    /// The exit code, after saying what could not be written.
    pub fn close(mut self, exit: Exit) -> Exit {
        let Some(trouble) = self.trouble.take() else {
            return exit;
        };
        self.error(&format!("the output could not be written: {trouble}"), &[]);
        exit.max(Exit::Unknown)
    }

    fn took(&mut self, written: std::io::Result<()>) {
        if let Err(error) = written
            && error.kind() != ErrorKind::BrokenPipe
            && self.trouble.is_none()
        {
            self.trouble = Some(error);
        }
    }
}

/// A text of someone else's on one line, with nothing in it that a terminal or a build server would obey.
pub fn plain(text: &str) -> String {
    let calm = |c: char| match c {
        '\n' | '\t' => ' ',
        // Some turn around how what follows is shown.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c if c.is_control() => '\u{fffd}',
        c => c,
    };
    let calm: String = text.trim_end().chars().map(calm).collect();
    clean::unheeded(&calm)
}

/// "1 suite", "3 suites".
pub fn count(number: usize, thing: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{s}")
}
