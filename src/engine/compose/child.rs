//! A program with all that it started: its lines as they come, and its end with ours.

use std::io;
use std::sync::{Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Child;

use super::Said;
use crate::fact::build::tame;
use crate::text::cut::LEFT_OUT;

/// The most of its output that is kept.
const OUTPUT: usize = 16 << 20;
/// A longer line is cut.
const LINE: usize = 4_000;
/// How many of its last lines are kept.
const LAST: usize = 20;

/// A child that leads a group of processes, which end when this is dropped.
pub(super) struct Group {
    child: Child,
}

impl Drop for Group {
    fn drop(&mut self) {
        // What has been waited for has no number any more, which might be another's by now.
        #[cfg(unix)]
        if let Some(group) = self.child.id().and_then(|id| i32::try_from(id).ok())
            && let Some(group) = rustix::process::Pid::from_raw(group)
        {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

impl Group {
    pub(super) fn of(child: Child) -> Self {
        Self { child }
    }

    /// Gives it what it reads, and takes what it says until it ends.
    pub(super) async fn listen(
        mut self,
        input: &str,
        line: &(impl Fn(String) + Send + Sync),
    ) -> io::Result<Said> {
        let (stdin, stdout, stderr) = (
            self.child.stdin.take(),
            self.child.stdout.take(),
            self.child.stderr.take(),
        );
        let (last, notes) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
        let give = async {
            if let Some(mut stdin) = stdin {
                // One that does not read says why by what it does.
                let _ = stdin.write_all(input.as_bytes()).await;
            }
        };
        let (of_output, of_errors) = ([&last], [&last, &notes]);
        let (output, errors, ()) = tokio::join!(
            lines(stdout, line, &of_output),
            lines(stderr, line, &of_errors),
            give
        );
        errors?;
        let output = String::from_utf8_lossy(&output?).into_owned();
        let done = self.child.wait().await?.success();
        let all =
            |lines: Mutex<Vec<String>>| lines.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(Said {
            done,
            output,
            last_lines: all(last),
            notes: all(notes),
        })
    }
}

/// Whether a line only says what is being made, such as ` Network p_default  Created`: it explains nothing.
fn is_progress(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let kinds = ["Container", "Image", "Network", "Volume"];
    let is_kind = words.next().is_some_and(|word| kinds.contains(&word));
    let how = words.nth(1).unwrap_or_default();
    let goes = how.ends_with("ing") || how.ends_with("ed");
    line.starts_with(' ') && is_kind && goes && words.next().is_none()
}

/// Tells the lines of a stream, and gives its bytes.
async fn lines(
    stream: Option<impl AsyncRead + Unpin>,
    line: &impl Fn(String),
    kept: &[&Mutex<Vec<String>>],
) -> io::Result<Vec<u8>> {
    let Some(mut stream) = stream else {
        return Ok(Vec::new());
    };
    let tell = |bytes: &[u8]| {
        let text = tame(&String::from_utf8_lossy(bytes));
        if text.trim().is_empty() {
            return;
        }
        for last in kept.iter().filter(|_| !is_progress(&text)) {
            let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
            if last.len() == LAST {
                last.drain(..2);
                last.insert(0, LEFT_OUT.to_owned());
            }
            last.push(text.clone());
        }
        line(text);
    };
    let (mut all, mut open) = (Vec::new(), Vec::new());
    let mut piece = vec![0; 1 << 13];
    loop {
        let count = stream.read(&mut piece).await?;
        if count == 0 {
            tell(&open);
            return Ok(all);
        }
        let room = OUTPUT.saturating_sub(all.len());
        all.extend_from_slice(&piece[..count.min(room)]);
        for &byte in &piece[..count] {
            match byte {
                b'\n' => {
                    tell(&open);
                    open.clear();
                }
                _ if open.len() < LINE => open.push(byte),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_last_lines_are_kept_behind_a_mark_where_there_were_more() {
        let kept_of = async |count: usize| {
            let kept = Mutex::new(Vec::new());
            let text: String = (0..count).map(|at| format!("{at}\n")).collect();
            let all = lines(Some(text.as_bytes()), &|_: String| (), &[&kept]).await;
            assert_eq!(all.unwrap(), text.as_bytes());
            kept.into_inner().unwrap()
        };
        let each = |from: usize, to: usize| (from..to).map(|at| at.to_string());
        assert!(kept_of(LAST).await.into_iter().eq(each(0, LAST)));
        for count in [LAST + 1, LAST * 3] {
            let last = each(count + 1 - LAST, count);
            let expected = std::iter::once(LEFT_OUT.to_owned()).chain(last);
            assert!(kept_of(count).await.into_iter().eq(expected), "{count}");
        }
    }

    #[test]
    fn what_is_being_made_is_told_apart_from_what_went_wrong() {
        for line in [" Network p_back  Creating", " Container p-web-1  Created"] {
            assert!(is_progress(line), "{line}");
        }
        for line in [
            "Network p_back declared as external, but could not be found",
            " Container p-web-1  Error while it was created",
            " Volume \"p_data\"",
            "failed",
        ] {
            assert!(!is_progress(line), "{line}");
        }
    }
}
