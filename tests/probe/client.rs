//! The harness's end of a conversation with the probe, for tests.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use crate::wire::{Answer, MAX_FRAME, Request, Wire, first_frame, frame};

/// The program under test, as the build script made it.
pub(crate) const PROBE: &str = concat!(env!("OUT_DIR"), "/probe");

/// No test waits longer for anything.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A running program, whose output arrives by a thread so that every wait can have an end.
pub(crate) struct Peer {
    pub(crate) child: Child,
    pub(crate) stdin: Option<ChildStdin>,
    output: Receiver<Vec<u8>>,
    buffer: Vec<u8>,
}

impl Peer {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let stdin = child.stdin.take();
        let mut stdout = child.stdout.take().unwrap();
        let (sender, output) = channel();
        thread::spawn(move || {
            let mut chunk = vec![0; 64 << 10];
            while let Ok(count @ 1..) = stdout.read(&mut chunk) {
                if sender.send(chunk[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            child,
            stdin,
            output,
            buffer: Vec::new(),
        }
    }

    pub(crate) fn native(arguments: &[&str]) -> Self {
        let mut command = Command::new(PROBE);
        command.args(arguments).stderr(Stdio::null());
        Self::start(command)
    }

    pub(crate) fn serve() -> Self {
        Self::native(&["serve"])
    }

    /// Sends bytes as they are.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(bytes).unwrap();
        stdin.flush().unwrap();
    }

    /// More output, or `None` at its end.
    pub(crate) fn more(&mut self) -> Option<Vec<u8>> {
        use std::sync::mpsc::RecvTimeoutError::{Disconnected, Timeout};
        match self.output.recv_timeout(PATIENCE) {
            Ok(bytes) => Some(bytes),
            Err(Disconnected) => None,
            Err(Timeout) => panic!("nothing came within {PATIENCE:?}"),
        }
    }

    /// The next answer, or `None` at the end of the output.
    pub(crate) fn next(&mut self) -> Option<Answer> {
        loop {
            if let Some(payload) = first_frame(&self.buffer, MAX_FRAME).unwrap() {
                let (answer, length) = (Answer::decode(payload).unwrap(), payload.len());
                self.buffer.drain(..4 + length);
                return Some(answer);
            }
            let Some(bytes) = self.more() else {
                assert!(self.buffer.is_empty(), "the output ends inside a frame");
                return None;
            };
            self.buffer.extend(bytes);
        }
    }

    pub(crate) fn ask(&mut self, request: &Request) -> Answer {
        self.send(&frame(&request.encode()).unwrap());
        self.next().expect("the probe ended instead of answering")
    }

    /// All bytes up to the end of the output, after the frames that were read.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        let mut rest = std::mem::take(&mut self.buffer);
        while let Some(bytes) = self.more() {
            rest.extend(bytes);
        }
        rest
    }

    /// Closes the input and waits for the end.
    pub(crate) fn finish(mut self) -> Option<i32> {
        self.stdin = None;
        self.rest();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn bytes(text: impl AsRef<std::path::Path>) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    text.as_ref().as_os_str().as_bytes().to_vec()
}
