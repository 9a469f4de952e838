//! Runs commands as `docker exec` would, without a thread and without a shell.

use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{self, Child, ChildStdin, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::files::path;
use crate::lookup::{find, not_started};
use crate::sys::{self, Held, Want};
use crate::wire::{Answer, Command, Ended, MAX_CONTENT, Output, Step};

/// How long a command that has ended is listened to while another process keeps its output open.
const GRACE: Duration = Duration::from_millis(50);

/// How long a killed command may take to go.
const DEATH: Duration = Duration::from_secs(5);

/// As much as a pipe that is ready surely takes without waiting.
const PIECE: usize = 4096;

pub(crate) fn run(command: &Command) -> Answer {
    let Some((name, arguments)) = command.argv.split_first() else {
        return Answer::NotStarted {
            step: Step::Empty,
            errno: sys::EINVAL,
        };
    };
    let program = match find(name, command) {
        Ok(program) => program,
        Err(errno) => {
            return Answer::NotStarted {
                step: Step::Lookup,
                errno,
            };
        }
    };
    let mut ready = process::Command::new(&program);
    ready
        .arg0(OsStr::from_bytes(name))
        .args(arguments.iter().map(|argument| OsStr::from_bytes(argument)))
        .stdin(if command.stdin.is_empty() {
            Stdio::null()
        } else {
            Stdio::piped()
        })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    for (key, value) in &command.env {
        let key = OsStr::from_bytes(key);
        match value {
            Some(value) => ready.env(key, OsStr::from_bytes(value)),
            None => ready.env_remove(key),
        };
    }
    if let Some(folder) = &command.cwd {
        ready.current_dir(path(folder));
    }
    let began = Instant::now();
    let spawned = ready.spawn();
    // The command's own copies of the pipes must be closed here, or they never end.
    drop(ready);
    match spawned {
        Ok(child) => Running::new(child, command, began).watch(),
        Err(error) => not_started(&program, command, &error),
    }
}

/// One of the command's outputs.
struct Listener<R> {
    pipe: Option<R>,
    output: Output,
}

impl<R: Read> Listener<R> {
    fn new(pipe: Option<R>) -> Self {
        Self {
            pipe,
            output: Output {
                data: Vec::new(),
                total: 0,
            },
        }
    }

    /// Takes what is there; the pipe must be ready.
    fn take(&mut self, buffer: &mut [u8], max: usize) {
        let Some(pipe) = &mut self.pipe else { return };
        match pipe.read(buffer) {
            Ok(count) if count > 0 => {
                let room = max.saturating_sub(self.output.data.len());
                let kept = buffer.get(..count.min(room)).unwrap_or_default();
                self.output.data.extend_from_slice(kept);
                self.output.total += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            _ => self.pipe = None,
        }
    }
}

/// A command that was started.
struct Running<'a> {
    child: Child,
    began: Instant,
    deadline: Instant,
    stdin: Option<ChildStdin>,
    unsent: &'a [u8],
    stdout: Listener<process::ChildStdout>,
    stderr: Listener<process::ChildStderr>,
    max: usize,
}

impl<'a> Running<'a> {
    fn new(mut child: Child, command: &'a Command, began: Instant) -> Self {
        Self {
            began,
            deadline: began + Duration::from_millis(command.timeout_ms.into()),
            stdin: child.stdin.take(),
            unsent: &command.stdin,
            stdout: Listener::new(child.stdout.take()),
            stderr: Listener::new(child.stderr.take()),
            // Both outputs have to fit into one answer.
            max: usize::try_from(command.max_output)
                .unwrap_or(usize::MAX)
                .min(MAX_CONTENT / 2),
            child,
        }
    }

    fn watch(mut self) -> Answer {
        let mut buffer = vec![0; 16 << 10];
        let mut ended: Option<ExitStatus> = None;
        let mut killed = false;
        let mut micros = 0;
        let held = Held::new();
        loop {
            if ended.is_none()
                && let Ok(Some(status)) = self.child.try_wait()
            {
                ended = Some(status);
                micros = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
                self.stdin = None;
                self.deadline = Instant::now() + GRACE;
            }
            if ended.is_some() && self.stdout.pipe.is_none() && self.stderr.pipe.is_none() {
                break;
            }
            let left = self.deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                if ended.is_some() || killed {
                    break;
                }
                killed = true;
                sys::kill_group(self.child.id());
                self.deadline = Instant::now() + DEATH;
                continue;
            }
            if !self.exchange(&held, left, &mut buffer) {
                // Nobody is there to be answered: the command is not left behind.
                sys::kill_group(self.child.id());
            }
        }
        drop(held);
        let ended = match (killed, ended) {
            (false, Some(status)) => end(status),
            _ => Ended::TimedOut,
        };
        if killed {
            micros = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        }
        Answer::Ran {
            ended,
            stdout: self.stdout.output,
            stderr: self.stderr.output,
            micros,
        }
    }

    /// Waits until something can be done, and does it. False when the harness is gone.
    fn exchange(&mut self, held: &Held, time: Duration, buffer: &mut [u8]) -> bool {
        let answers = io::stdout();
        let files = [
            self.stdout
                .pipe
                .as_ref()
                .map(|pipe| (pipe.as_fd(), Want::Read)),
            self.stderr
                .pipe
                .as_ref()
                .map(|pipe| (pipe.as_fd(), Want::Read)),
            self.stdin.as_ref().map(|pipe| (pipe.as_fd(), Want::Write)),
            Some((answers.as_fd(), Want::Nothing)),
        ];
        let Ok([out, err, input, answers]) = held.wait(files, Some(time)) else {
            return true;
        };
        if out.now {
            self.stdout.take(buffer, self.max);
        }
        if err.now {
            self.stderr.take(buffer, self.max);
        }
        if input.now {
            self.feed();
        }
        !answers.broken
    }

    fn feed(&mut self) {
        let Some(pipe) = &mut self.stdin else { return };
        let piece = self.unsent.get(..PIECE).unwrap_or(self.unsent);
        match pipe.write(piece) {
            Ok(count) => self.unsent = self.unsent.get(count..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // The command does not read on, which is its own affair.
            Err(_) => self.unsent = &[],
        }
        if self.unsent.is_empty() {
            self.stdin = None;
        }
    }
}

fn end(status: ExitStatus) -> Ended {
    match (status.code(), status.signal()) {
        (Some(code), _) => Ended::Code { code },
        (None, signal) => Ended::Signal {
            signal: signal.unwrap_or_default(),
        },
    }
}
