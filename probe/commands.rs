//! Runs commands as `docker exec` would, without a thread and without a shell.

use std::collections::BTreeMap;
use std::env;
use std::ffi::{CString, OsStr};
use std::fs::File;
use std::io::{self, ErrorKind, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use crate::absent::Absent;
use crate::lookup::{find, not_started};
use crate::sys::{self, Held, Want};
use crate::wire::{Answer, Command, Ended, MAX_CONTENT, Output, Step};

/// How long a command that has ended is listened to while another process keeps its output open.
const GRACE: Duration = Duration::from_millis(50);

/// How long a killed command may take to go.
const DEATH: Duration = Duration::from_secs(5);

/// As much as a pipe that is ready surely takes without waiting.
const PIECE: usize = 4096;

pub(crate) fn run(command: &Command, absent: &mut Absent) -> Answer {
    let Some(name) = command.argv.first() else {
        return Answer::NotStarted {
            step: Step::Empty,
            errno: sys::EINVAL,
        };
    };
    let program = match find(name, command, absent) {
        Ok(program) => program,
        Err(errno) => {
            return Answer::NotStarted {
                step: Step::Lookup,
                errno,
            };
        }
    };
    let began = Instant::now();
    match start(&program, name, command) {
        Ok(started) => Running::new(started, command, began).watch(),
        Err(error) => not_started(&program, command, &error),
    }
}

/// A process that was started, and our ends of its pipes.
struct Started {
    pid: u32,
    stdin: Option<PipeWriter>,
    stdout: PipeReader,
    stderr: PipeReader,
}

fn start(program: &OsStr, name: &[u8], command: &Command) -> io::Result<Started> {
    let text = |bytes: &[u8]| CString::new(bytes).map_err(|_| ErrorKind::InvalidInput.into());
    let arguments = command.argv.iter().skip(1).map(Vec::as_slice);
    let arguments = [name].into_iter().chain(arguments).map(text);
    let arguments = arguments.collect::<io::Result<Vec<_>>>()?;
    let variables = variables(command);
    let variables = variables.map(|all| all.iter().map(|one| text(one)).collect());
    let variables = variables.transpose()?;
    let variables: Option<Vec<CString>> = variables;
    let folder = command.cwd.as_deref().map(text).transpose()?;
    let file = text(program.as_bytes())?;
    let (input, stdin) = match command.stdin.is_empty() {
        true => (OwnedFd::from(File::open("/dev/null")?), None),
        false => {
            let (input, stdin) = io::pipe()?;
            (input.into(), Some(stdin))
        }
    };
    let (stdout, output) = io::pipe()?;
    let (stderr, errors) = io::pipe()?;
    let pid = sys::start(&sys::Program {
        file: &file,
        arguments: &arguments,
        variables: variables.as_deref(),
        folder: folder.as_deref(),
        streams: [input.as_fd(), output.as_fd(), errors.as_fd()],
    });
    Ok(Started {
        pid: pid.map_err(io::Error::from_raw_os_error)?,
        stdin,
        stdout,
        stderr,
    })
}

/// All variables of a command as `NAME=value`; none where they are the probe's own.
fn variables(command: &Command) -> Option<Vec<Vec<u8>>> {
    if command.env.is_empty() {
        return None;
    }
    let own = env::vars_os().map(|(key, value)| (key.into_vec(), value.into_vec()));
    let mut all: BTreeMap<Vec<u8>, Vec<u8>> = own.collect();
    for (key, value) in &command.env {
        match value {
            Some(value) => all.insert(key.clone(), value.clone()),
            None => all.remove(key),
        };
    }
    let written = all.into_iter().map(|(key, value)| [key, value].join(&b'='));
    Some(written.collect())
}

/// One of the command's outputs.
struct Listener {
    pipe: Option<PipeReader>,
    output: Output,
}

impl Listener {
    fn new(pipe: PipeReader) -> Self {
        Self {
            pipe: Some(pipe),
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
    pid: u32,
    began: Instant,
    deadline: Instant,
    stdin: Option<PipeWriter>,
    unsent: &'a [u8],
    stdout: Listener,
    stderr: Listener,
    max: usize,
}

impl<'a> Running<'a> {
    fn new(started: Started, command: &'a Command, began: Instant) -> Self {
        Self {
            began,
            deadline: began + Duration::from_millis(command.timeout_ms.into()),
            stdin: started.stdin,
            unsent: &command.stdin,
            stdout: Listener::new(started.stdout),
            stderr: Listener::new(started.stderr),
            // Both outputs have to fit into one answer.
            max: usize::try_from(command.max_output)
                .unwrap_or(usize::MAX)
                .min(MAX_CONTENT / 2),
            pid: started.pid,
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
                && let Some(status) = sys::ended(self.pid)
            {
                ended = Some(ExitStatus::from_raw(status));
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
                sys::kill_group(self.pid);
                self.deadline = Instant::now() + DEATH;
                continue;
            }
            if !self.exchange(&held, left, &mut buffer) {
                // Nobody is there to be answered: the command is not left behind.
                sys::kill_group(self.pid);
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
