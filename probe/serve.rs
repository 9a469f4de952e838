//! Reads requests, answers each in order, until there are no more.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use crate::absent::Absent;
use crate::beneath::Over;
use crate::sys::{self, Held, Want};
use crate::wire::{self, Answer, Request, Wire};
use crate::{commands, create, files, find, network, others, processes, search, send, sift, walk};

const CHUNK: usize = 64 << 10;

/// Answers wait for others to leave with them, up to this size and this age.
const FULL: usize = 64 << 10;
const OLD: Duration = Duration::from_millis(100);

pub(crate) fn serve() -> ExitCode {
    sys::notice_children();
    match answer_all() {
        Ok(()) => ExitCode::SUCCESS,
        // Nobody is left to answer to.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => crate::complain(&error.to_string()),
    }
}

fn answer_all() -> io::Result<()> {
    let mut input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut output = Outgoing {
        file: File::from(io::stdout().as_fd().try_clone_to_owned()?),
        waiting: Vec::new(),
        since: Instant::now(),
    };
    let mut absent = Absent::new(SystemTime::now);
    let mut chunk = vec![0; CHUNK];
    let mut buffer: Vec<u8> = Vec::new();
    loop {
        let mut done = 0;
        while let Some(payload) = next(&buffer, done, &mut output)? {
            done += wire::HEADER + payload.len();
            let request = Request::decode(payload);
            if matches!(request, Ok(Request::Run { .. })) {
                // It may end everything here, and what was answered before that is to be known.
                output.flush()?;
            } else if matches!(
                request,
                Ok(Request::Connect { .. }
                    | Request::Resolve { .. }
                    | Request::Sift { .. }
                    | Request::Search { .. }
                    | Request::SearchBeneath { .. })
            ) {
                output.flush_if_old()?;
            }
            let answer = match request {
                Ok(request) => answer(request, &mut absent),
                Err(error) => Answer::Refused {
                    text: error.to_string(),
                },
            };
            output.add(&answer)?;
        }
        buffer.drain(..done);
        if buffer.is_empty() && buffer.capacity() > (1 << 20) {
            buffer = Vec::new();
        }
        output.flush()?;
        await_input(&input)?;
        match input.read(&mut chunk) {
            Ok(0) if buffer.is_empty() => return Ok(()),
            Ok(0) => return Err(io::Error::other("the input ends inside a frame")),
            Ok(count) => buffer.extend_from_slice(chunk.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The next whole request. What is announced as too long is refused, and ends the conversation.
fn next<'a>(buffer: &'a [u8], done: usize, output: &mut Outgoing) -> io::Result<Option<&'a [u8]>> {
    match wire::first_frame(buffer.get(done..).unwrap_or_default(), wire::MAX_FRAME) {
        Ok(payload) => Ok(payload),
        Err(error) => {
            output.add(&Answer::Refused {
                text: error.to_string(),
            })?;
            output.flush()?;
            Err(io::Error::other(error.to_string()))
        }
    }
}

/// Waits for input, and meanwhile takes in orphans, which process 1 has to.
fn await_input(input: &File) -> io::Result<()> {
    let held = Held::new();
    loop {
        sys::reap();
        let [ready] = held.wait([Some((input.as_fd(), Want::Read))], None)?;
        if ready.now {
            return Ok(());
        }
    }
}

fn answer(request: Request, absent: &mut Absent) -> Answer {
    match request {
        Request::Hello => hello(),
        Request::Stat { path, follow } => files::stat(&path, follow),
        Request::Read { path, from, max } => files::read(&path, from, max),
        Request::Walk {
            root,
            max_depth,
            max_entries,
            same_device,
            skip,
        } => walk::walk(
            root,
            &walk::Bounds {
                max_depth,
                max_entries,
                same_device,
                skip,
            },
        ),
        Request::Find {
            root,
            max_depth,
            max_entries,
            same_device,
            skip,
            ends,
            max_each,
        } => {
            let bounds = walk::Bounds {
                max_depth,
                max_entries,
                same_device,
                skip,
            };
            find::find(root, &bounds, &ends, max_each)
        }
        Request::Digest { path, max } => files::digest(&path, max),
        Request::MayWrite { path } => Answer::MayWrite {
            errno: files::may_write(&path),
        },
        Request::OtherMayWrite {
            uid,
            gid,
            groups,
            paths,
        } => others::may_write(&others::Other { uid, gid, groups }, &paths),
        Request::Processes {
            files,
            links,
            max_each,
        } => processes::processes(&files, &links, max_each),
        Request::Run { command } => {
            let answer = commands::run(&command, absent);
            sys::reap();
            answer
        }
        Request::Connect {
            host,
            port,
            timeout_ms,
            send,
            max_receive,
            receive_ms,
        } => {
            let talk = network::Talk {
                send,
                max_receive,
                receive_ms,
            };
            network::connect(&host, port, timeout_ms, &talk)
        }
        Request::Own { address } => network::own(address),
        Request::Resolve { name, timeout_ms } => network::resolve(&name, timeout_ms),
        Request::Sift {
            root,
            skip,
            mode,
            attributes,
        } => sift::sift(&root, &skip, &sift::Sieve { mode, attributes }),
        Request::Search {
            root,
            skip,
            searching,
        } => search::search(&root, None, &skip, searching),
        Request::SearchBeneath {
            layer,
            seen,
            above,
            covered,
            skip,
            searching,
        } => {
            let over = Over {
                seen: &seen,
                above: &above,
                covered: &covered,
            };
            search::search(&layer, Some(&over), &skip, searching)
        }
        Request::Create { folder } => create::create(&folder),
        Request::Real { path } => files::real(&path),
        Request::Send {
            container,
            first,
            signal,
            whom,
        } => send::send(&container, first, signal, &whom),
        Request::Dial { .. } | Request::Say { .. } | Request::HangUp { .. } => Answer::Refused {
            text: "`probe relays` does that".to_owned(),
        },
    }
}

fn hello() -> Answer {
    let (uid, gid) = sys::identity();
    match std::fs::read("/proc/self/exe") {
        Ok(exe) => Answer::Hello {
            wire_version: wire::WIRE_VERSION,
            exe_len: exe.len() as u64,
            exe_hash: wire::fnv1a(&exe),
            uid,
            gid,
            pid: processes::own_id(),
        },
        Err(error) => Answer::Refused {
            text: format!("cannot read /proc/self/exe: {error}"),
        },
    }
}

/// Answers on their way out.
struct Outgoing {
    file: File,
    waiting: Vec<u8>,
    since: Instant,
}

impl Outgoing {
    fn add(&mut self, answer: &Answer) -> io::Result<()> {
        if self.waiting.is_empty() {
            self.since = Instant::now();
        }
        let frame = wire::frame(&answer.encode()).or_else(|| {
            let text = "the answer is longer than a frame may be".to_owned();
            wire::frame(&Answer::Refused { text }.encode())
        });
        self.waiting.append(&mut frame.unwrap_or_default());
        if self.waiting.len() >= FULL {
            self.flush()
        } else {
            Ok(())
        }
    }

    /// A request that may take long holds nothing up for long.
    fn flush_if_old(&mut self) -> io::Result<()> {
        if self.since.elapsed() >= OLD {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        self.file.write_all(&self.waiting)?;
        self.waiting.clear();
        self.waiting.shrink_to(1 << 20);
        Ok(())
    }
}
