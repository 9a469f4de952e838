//! The terminal behind standard error, as far as live lines need it.
//!
//! A terminal may go away in the middle of a run. Nothing here fails then: the run has containers to
//! remove, and that must not end because nobody watches.

use std::io::{Result, Write as _, stderr};

use indicatif::TermLike;

/// A terminal that does not show `^C` where live lines stand. It shows it again afterwards.
#[derive(Debug)]
pub struct Terminal {
    #[cfg(unix)]
    before: Option<rustix::termios::Termios>,
}

#[cfg(unix)]
impl Terminal {
    /// The terminal that standard error goes to; `None` where it goes elsewhere.
    pub fn of_stderr() -> Option<Self> {
        use rustix::termios::{LocalModes, OptionalActions, isatty, tcgetattr, tcsetattr};
        if !isatty(stderr()) {
            return None;
        }
        let before = tcgetattr(stderr()).ok();
        if let Some(mut calm) = before.clone() {
            calm.local_modes.remove(LocalModes::ECHOCTL);
            // Where it cannot be set, a stray `^C` is all that is lost.
            let _ = tcsetattr(stderr(), OptionalActions::Now, &calm);
        }
        Some(Self { before })
    }

    /// Columns and rows.
    fn size() -> (u16, u16) {
        rustix::termios::tcgetwinsize(stderr()).map_or((80, 24), |size| (size.ws_col, size.ws_row))
    }
}

#[cfg(unix)]
impl Drop for Terminal {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        if let Some(before) = &self.before {
            let _ = tcsetattr(stderr(), OptionalActions::Now, before);
        }
    }
}

#[cfg(not(unix))]
impl Terminal {
    /// Live lines are for Unix terminals.
    pub fn of_stderr() -> Option<Self> {
        None
    }

    fn size() -> (u16, u16) {
        (80, 24)
    }
}

fn send(text: &str) {
    let _ = stderr().lock().write_all(text.as_bytes());
}

fn moved(n: usize, way: char) {
    if n > 0 {
        send(&format!("\x1b[{n}{way}"));
    }
}

impl TermLike for Terminal {
    fn width(&self) -> u16 {
        // Some terminals say 0 until they are sized.
        match Self::size().0 {
            0 => 80,
            width => width,
        }
    }

    fn height(&self) -> u16 {
        match Self::size().1 {
            0 => 24,
            height => height,
        }
    }

    fn move_cursor_up(&self, n: usize) -> Result<()> {
        moved(n, 'A');
        Ok(())
    }

    fn move_cursor_down(&self, n: usize) -> Result<()> {
        moved(n, 'B');
        Ok(())
    }

    fn move_cursor_right(&self, n: usize) -> Result<()> {
        moved(n, 'C');
        Ok(())
    }

    fn move_cursor_left(&self, n: usize) -> Result<()> {
        moved(n, 'D');
        Ok(())
    }

    fn write_line(&self, text: &str) -> Result<()> {
        send(&format!("{text}\n"));
        Ok(())
    }

    fn write_str(&self, text: &str) -> Result<()> {
        send(text);
        Ok(())
    }

    fn clear_line(&self) -> Result<()> {
        send("\r\x1b[2K");
        Ok(())
    }

    fn flush(&self) -> Result<()> {
        let _ = stderr().flush();
        Ok(())
    }
}
