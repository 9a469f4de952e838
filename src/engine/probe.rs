//! The probe inside a container: one exec whose streams stay open, asked in batches.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use super::containers::exec::Exec;
use super::count::Counter;
use super::streams::{Output, Stdin, Streams};
use super::transport::Duplex;
use super::{Engine, Fault, FaultKind, Result, probe_binary};

#[path = "../../probe/wire.rs"]
pub mod wire;

use wire::{
    Answer, HEADER, MAX_FRAME, Request, TooLong, WIRE_VERSION, Wire as _, first_frame, frame,
};

/// Where the probe's volume is mounted.
pub const FOLDER: &str = crate::text::path::OURS;
/// Where the probe is, inside a container that has its volume.
pub const PROGRAM: &str = "/.seaworthy/probe";

/// What is done when the probe is first spoken to, as faults say it.
pub const GREETING: &str = "greet the probe in the container";

/// How long the probe has to say hello.
const HELLO: Duration = Duration::from_secs(30);

/// The most that all answers of a batch may take together. Once they have, an answer that is not small
/// is left out, and says so: however many are asked for, and whatever a container says, memory holds.
const BATCH_BYTES: usize = 256 << 20;
/// What is small.
const SMALL: usize = 4 << 10;

/// The most that is kept of what an engine says in the probe's place.
const WORDS: usize = 2 << 10;
/// How long it may pause in that.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// An open conversation with the probe.
#[derive(Debug)]
pub struct Link {
    stdin: Stdin,
    output: Output,
    buffer: Vec<u8>,
    exec: Option<(Engine, String)>,
    counter: Counter,
    /// Whether a batch came to nothing. What is heard after that may be the answer to what was asked then.
    lost: bool,
    /// The probe's process number inside the container.
    pub pid: u32,
    /// As whom it runs there.
    pub uid: u32,
}

impl Link {
    /// Starts the probe in a running container, as `user` (the container's own without one).
    pub async fn open(engine: &Engine, container: &str, user: Option<&str>) -> Result<Self> {
        let mut exec = Exec::new([PROGRAM, "serve"]);
        exec.user = user.map(str::to_owned);
        exec.stdin = true;
        let id = engine.containers().exec_create(container, &exec).await?;
        let streams = engine.containers().exec_start(&id, false).await?;
        let counter = engine.api().counter().clone();
        Self::greet(streams, Some((engine.clone(), id)), counter).await
    }

    /// Takes over the streams of a container whose own program is the probe.
    pub async fn attached(engine: &Engine, streams: Streams) -> Result<Self> {
        Self::greet(streams, None, engine.api().counter().clone()).await
    }

    async fn greet(
        streams: Streams,
        exec: Option<(Engine, String)>,
        counter: Counter,
    ) -> Result<Self> {
        let Streams { stdin, output } = streams;
        let mut link = Self {
            stdin,
            output,
            buffer: Vec::new(),
            exec,
            counter,
            lost: false,
            pid: 0,
            uid: 0,
        };
        let greeting = link.ask(&[Request::Hello], HELLO).await;
        let greeting = greeting.map_err(|fault| Fault {
            doing: GREETING.to_owned(),
            ..fault
        });
        let answer = greeting?.pop();
        match answer {
            Some(Answer::Hello {
                wire_version,
                exe_len,
                exe_hash,
                pid,
                uid,
                ..
            }) => {
                let ours = probe_binary::bytes().len() as u64;
                if wire_version != WIRE_VERSION
                    || exe_len != ours
                    || exe_hash != probe_binary::digest()
                {
                    let message = "the probe's volume holds another program than ours";
                    let fault = Fault::new(FaultKind::Broken, GREETING, message);
                    return Err(fault.help("remove the volumes `docker volume ls --filter label=io.seaworthy.cache=probe` lists, and run again"));
                }
                link.pid = pid;
                link.uid = uid;
                Ok(link)
            }
            other => Err(broken(format!("it answered a greeting with {other:?}"))),
        }
    }

    /// Whether nothing can be asked of it any more.
    pub const fn is_lost(&self) -> bool {
        self.lost
    }

    /// Asks all of these at once and gives the answers in the same order.
    pub async fn ask(&mut self, requests: &[Request], within: Duration) -> Result<Vec<Answer>> {
        let (answers, end) = self.ask_each(requests, within).await;
        end.map(|()| answers)
    }

    /// The same; where not all are answered, the answers to those that were come with what went wrong then.
    pub async fn ask_each(
        &mut self,
        requests: &[Request],
        within: Duration,
    ) -> (Vec<Answer>, Result<()>) {
        let mut answers = Vec::with_capacity(requests.len());
        let end = self.converse(requests, within, &mut answers).await;
        (answers, end)
    }

    async fn converse(
        &mut self,
        requests: &[Request],
        within: Duration,
        answers: &mut Vec<Answer>,
    ) -> Result<()> {
        if self.lost {
            let message = "an answer is overdue, so the next one may not be to what is asked now";
            return Err(broken(message.to_owned()));
        }
        let mut bytes = Vec::new();
        for request in requests {
            let framed = frame(&request.encode());
            bytes.extend(
                framed
                    .ok_or_else(|| broken("a request is larger than a frame may be".to_owned()))?,
            );
        }
        self.counter.probed();
        let Self {
            stdin,
            output,
            buffer,
            ..
        } = self;
        let write = async {
            stdin.write_all(&bytes).await?;
            stdin.flush().await
        };
        let read = read_answers(output, buffer, (requests.len(), BATCH_BYTES), answers);
        // Also where whoever asks does not wait for the end of this.
        self.lost = true;
        let both = async {
            let (written, read) = tokio::join!(write, read);
            match (written, read) {
                (_, Err(fault)) => Err(fault),
                (Err(error), Ok(())) => Err(cut_off(error.to_string())),
                (Ok(()), Ok(())) => Ok(()),
            }
        };
        let result = timeout(within, both).await;
        self.lost = !matches!(result, Ok(Ok(())));
        match result {
            Ok(Ok(())) => Ok(()),
            Ok(Err(fault)) => Err(self.explain(fault).await),
            Err(_) => {
                let message = format!("no answer within {within:?}");
                Err(Fault::new(
                    FaultKind::TimedOut,
                    "ask the probe in the container",
                    message,
                ))
            }
        }
    }

    /// Adds to a broken conversation what the engine wrote as errors and how the exec ended.
    async fn explain(&mut self, fault: Fault) -> Fault {
        let said = String::from_utf8_lossy(&self.output.stderr().bytes())
            .trim()
            .to_owned();
        let mut message = fault.message.clone();
        if !said.is_empty() {
            message = format!("{message}: {said}");
        }
        if let Some((engine, exec)) = &self.exec
            && let Ok(code) = engine.containers().exec_ended(exec).await
        {
            message = format!("{message} (exit code {code})");
            if matches!(code, 126 | 127) {
                return Fault {
                    kind: FaultKind::NotFound,
                    message,
                    ..fault
                };
            }
        }
        Fault { message, ..fault }
    }
}

impl std::fmt::Debug for Relayed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Connected(_) => f.write_str("Connected"),
            Self::Failed(failure, text) => write!(f, "Failed({failure:?}, {text:?})"),
        }
    }
}

/// What came of a relay.
pub enum Relayed {
    /// A stream to the other end.
    Connected(Box<dyn Duplex>),
    /// No connection, and why.
    Failed(wire::Failure, String),
}

/// Connects from inside a running container to a host as it sees it.
pub async fn relay(
    engine: &Engine,
    container: &str,
    host: &str,
    port: u16,
    within: Duration,
) -> Result<Relayed> {
    let millis = within.as_millis().to_string();
    let mut exec = Exec::new([PROGRAM, "relay", host, &port.to_string(), &millis]);
    exec.user = Some("0:0".to_owned());
    exec.stdin = true;
    let id = engine.containers().exec_create(container, &exec).await?;
    let Streams { stdin, mut output } = engine.containers().exec_start(&id, false).await?;
    let (mut buffer, mut first) = (Vec::new(), Vec::new());
    let read = read_answers(&mut output, &mut buffer, (1, BATCH_BYTES), &mut first);
    let in_time = timeout(within + HELLO, read).await;
    in_time.map_err(|_| broken("the relay said nothing in time".to_owned()))??;
    match first.pop() {
        Some(Answer::Connected { .. }) => {
            let early = std::io::Cursor::new(buffer);
            let stream = tokio::io::join(early.chain(output), stdin);
            Ok(Relayed::Connected(Box::new(stream)))
        }
        Some(Answer::ConnectFailed { failure, text, .. }) => Ok(Relayed::Failed(failure, text)),
        other => Err(broken(format!("the relay answered with {other:?}"))),
    }
}

/// Reads so many answers, of which no more than so many bytes are kept.
async fn read_answers(
    output: &mut Output,
    buffer: &mut Vec<u8>,
    (count, most): (usize, usize),
    answers: &mut Vec<Answer>,
) -> Result<()> {
    let mut kept = 0;
    let mut at = 0;
    while answers.len() < count {
        let payload = match first_frame(&buffer[at..], MAX_FRAME) {
            Ok(payload) => payload,
            Err(error) => {
                buffer.drain(..at);
                return Err(not_a_frame(output, buffer, error).await);
            }
        };
        if let Some(payload) = payload {
            let answer = Answer::decode(payload).map_err(|e| broken(e.to_string()))?;
            if payload.len() > SMALL && kept + payload.len() > most {
                let most = most >> 20;
                let text = format!(
                    "the container says more than the {most} MiB that are kept of one observation, and this is a part of what was left out"
                );
                answers.push(Answer::Refused { text });
            } else {
                kept += payload.len();
                answers.push(answer);
            }
            at += HEADER + payload.len();
            continue;
        }
        buffer.drain(..at);
        at = 0;
        let read = output
            .read_buf(buffer)
            .await
            .map_err(|e| cut_off(e.to_string()))?;
        if read == 0 {
            return Err(cut_off("it ended before it answered".to_owned()));
        }
    }
    buffer.drain(..at);
    Ok(())
}

/// What came in the place of a frame: an engine that cannot start the probe says why in the same stream.
async fn not_a_frame(output: &mut Output, buffer: &mut Vec<u8>, error: TooLong) -> Fault {
    let is_word = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ';
    if !buffer.iter().take(HEADER).all(is_word) {
        return broken(error.to_string());
    }
    while buffer.len() < WORDS {
        match timeout(LAST_WORDS, output.read_buf(buffer)).await {
            Ok(Ok(1..)) => {}
            _ => break,
        }
    }
    let words = buffer.get(..WORDS).unwrap_or(buffer);
    let words = String::from_utf8_lossy(words);
    broken(format!("the engine said instead: {}", words.trim()))
}

/// What is done when something of a conversation goes wrong, as faults say it.
const TALKING: &str = "talk to the probe in the container";

fn broken(message: String) -> Fault {
    Fault::new(FaultKind::Broken, TALKING, message)
}

fn cut_off(message: String) -> Fault {
    Fault::new(FaultKind::CutOff, TALKING, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_an_engine_says_in_the_probes_place_is_told() {
        let said = async |bytes: &[u8]| {
            let (here, mut there) = tokio::io::duplex(64 << 10);
            let mut output = Streams::new(Box::new(here), true).output;
            there.write_all(bytes).await.unwrap();
            drop(there);
            let mut buffer = Vec::new();
            let all = (1, 250 << 10);
            let read = read_answers(&mut output, &mut buffer, all, &mut Vec::new()).await;
            read.unwrap_err().message
        };
        let words = "OCI runtime exec failed: exec failed: resource temporarily unavailable\r\n";
        let expected = format!("the engine said instead: {}", words.trim());
        assert_eq!(said(words.as_bytes()).await, expected);
        let long = said(words.repeat(100).as_bytes()).await;
        assert!(long.len() < WORDS + 100, "{}", long.len());
        let frame = said(&[255, 255, 255, 255, 0]).await;
        assert!(frame.contains("4294967295 bytes"), "{frame}");
        let late = Answer::Errno { errno: 2 };
        let late = [self::frame(&late.encode()).unwrap(), words.into()].concat();
        let (here, mut there) = tokio::io::duplex(64 << 10);
        let mut output = Streams::new(Box::new(here), true).output;
        there.write_all(&late).await.unwrap();
        drop(there);
        let mut told = Vec::new();
        let all = (2, 250 << 10);
        let read = read_answers(&mut output, &mut Vec::new(), all, &mut told).await;
        assert_eq!(read.unwrap_err().message, expected);
        // What was answered before that is known.
        assert_eq!(told, [Answer::Errno { errno: 2 }]);
    }

    #[tokio::test]
    async fn what_all_answers_take_together_is_bounded() {
        let big = |byte: u8| Answer::Bytes {
            data: vec![byte; 100 << 10],
            size: 100 << 10,
            truncated: false,
        };
        let small = Answer::Errno { errno: 2 };
        let sent = [big(1), big(2), small.clone(), big(3), small.clone()];
        let bytes: Vec<u8> = sent
            .iter()
            .flat_map(|a| frame(&a.encode()).unwrap())
            .collect();
        let (here, mut there) = tokio::io::duplex(64 << 10);
        let streams = Streams::new(Box::new(here), true);
        let (mut output, mut buffer) = (streams.output, Vec::new());
        let mut answers = Vec::new();
        let all = (sent.len(), 250 << 10);
        let read = read_answers(&mut output, &mut buffer, all, &mut answers);
        let (written, read) = tokio::join!(there.write_all(&bytes), read);
        written.unwrap();
        read.unwrap();
        // All are there, in their order; the one that was too much says so.
        assert_eq!(answers[..3], sent[..3]);
        assert!(
            matches!(&answers[3], Answer::Refused { text } if text.contains("left out")),
            "{:?}",
            answers[3]
        );
        assert_eq!(answers[4], small);
        // Between two answers no more than one of them is held beside those that are kept.
        assert!(buffer.capacity() <= 512 << 10, "{}", buffer.capacity());
    }
}
