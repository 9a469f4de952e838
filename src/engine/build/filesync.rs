//! The files that the builder fetches through the session: it is told of all, and asks for those that
//! it does not hold yet.

mod choice;

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use hyper::body::Frame;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use super::grpc::{self, Messages};
use super::protobuf::{Message, fields};
use crate::engine::context::{Context, ContextError, Entry, EntryKind};

pub(super) use choice::wanted;

/// Bytes of a file that go in one message.
const PIECE: usize = 32 * 1024;

/// The kinds of packets, as the builder numbers them.
const STAT: u64 = 0;
const REQUEST: u64 = 1;
const DATA: u64 = 2;
const FINISHED: u64 = 3;
const FAILED: u64 = 4;

/// Something the builder can be told of.
#[derive(Clone, Debug)]
pub(super) struct Offered {
    path: String,
    /// Type and permissions, in the bits of Go's `FileMode`.
    mode: u32,
    size: u64,
    modified: i64,
    target: String,
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    Nothing,
    Memory(Bytes),
    Disk(PathBuf, Bytes),
}

/// The context's entries.
pub(super) fn of_context(context: &Context) -> Vec<Offered> {
    context
        .entries
        .iter()
        .map(|entry| offered(context, entry))
        .collect()
}

fn offered(context: &Context, entry: &Entry) -> Offered {
    let special = [(0o4000, 1 << 23), (0o2000, 1 << 22), (0o1000, 1 << 20)];
    let special = special.iter().filter(|(bit, _)| entry.mode & bit != 0);
    let mode = special.fold(entry.mode & 0o777, |mode, (_, bit)| mode | bit);
    let (mode, target, source) = match &entry.kind {
        EntryKind::File => {
            let added = Bytes::copy_from_slice(context.added(entry));
            (
                mode,
                String::new(),
                Source::Disk(context.locate(entry), added),
            )
        }
        EntryKind::Folder => (mode | 1 << 31, String::new(), Source::Nothing),
        EntryKind::Link(target) => (0o777 | 1 << 27, text(target), Source::Nothing),
    };
    Offered {
        path: text(&entry.path),
        mode,
        size: entry.size,
        modified: entry.modified,
        target,
        source,
    }
}

/// The Dockerfile, and the ignore file that is its own, as they were read.
pub(super) fn of_dockerfile(context: &Context) -> Vec<Offered> {
    let name = context.dockerfile.name();
    let mut all = vec![in_memory(name.clone(), &context.dockerfile.text)];
    if let Some(own) = context
        .ignore
        .as_ref()
        .filter(|source| source.beside_dockerfile)
    {
        all.push(in_memory(format!("{name}.dockerignore"), &own.text));
    }
    all
}

fn in_memory(path: String, content: &[u8]) -> Offered {
    // The builder tells a changed file by its size and time. A time made of the content cannot miss a
    // change, however quickly it follows.
    let hash: [u8; 32] = Sha256::digest(content).into();
    let modified = hash
        .iter()
        .take(7)
        .fold(0, |time, &byte| time << 8 | i64::from(byte));
    Offered {
        path,
        mode: 0o644,
        size: content.len() as u64,
        modified,
        target: String::new(),
        source: Source::Memory(Bytes::copy_from_slice(content)),
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Tells the builder of everything offered, and sends what it asks for, until it has all it wants.
pub(super) async fn serve(
    all: Vec<Offered>,
    mut messages: Messages,
    reply: mpsc::Sender<Frame<Bytes>>,
) -> Result<(), ContextError> {
    let all = Arc::new(all);
    // Reading the requests must never wait for the sending of files: the builder may be waiting to
    // say what it wants before it reads on. Each file may be asked for once, which bounds the queue.
    let (ask, asked) = mpsc::unbounded_channel();
    let tell = tell(&all, &reply);
    let send = send(&all, asked, &reply);
    let listen = async {
        let mut left = all.len();
        while let Some(message) = messages.next().await {
            let (mut kind, mut id) = (STAT, 0);
            for (field, value) in fields(&message) {
                match field {
                    1 => kind = value.number(),
                    3 => id = value.number(),
                    _ => {}
                }
            }
            match kind {
                REQUEST if left > 0 => {
                    left -= 1;
                    if ask.send(id).is_err() {
                        break;
                    }
                }
                FINISHED => {
                    let packet = Message::default().number(1, FINISHED).done();
                    let _ = reply.send(grpc::framed(&packet)).await;
                    break;
                }
                _ => break,
            }
        }
        drop(ask);
        Ok(())
    };
    let result = tokio::try_join!(tell, send, listen);
    match result {
        Ok(_) => {
            let _ = reply.send(grpc::end(0, "")).await;
            Ok(())
        }
        Err(error) => {
            let said = error.to_string();
            let packet = Message::default()
                .number(1, FAILED)
                .bytes(4, said.as_bytes())
                .done();
            let _ = reply.send(grpc::framed(&packet)).await;
            let _ = reply.send(grpc::end(grpc::FAILED, &said)).await;
            Err(error)
        }
    }
}

async fn tell(all: &[Offered], reply: &mpsc::Sender<Frame<Bytes>>) -> Result<(), ContextError> {
    for offered in all {
        let stat = Message::default()
            .bytes(1, offered.path.as_bytes())
            .number(2, u64::from(offered.mode))
            .number(5, offered.size)
            .number(6, offered.modified.cast_unsigned())
            .bytes(7, offered.target.as_bytes())
            .done();
        let packet = Message::default().number(1, STAT).message(2, &stat).done();
        if reply.send(grpc::framed(&packet)).await.is_err() {
            return Ok(());
        }
    }
    // A packet that tells of nothing ends the list.
    let _ = reply.send(grpc::framed(&[])).await;
    Ok(())
}

async fn send(
    all: &Arc<Vec<Offered>>,
    mut asked: mpsc::UnboundedReceiver<u64>,
    reply: &mpsc::Sender<Frame<Bytes>>,
) -> Result<(), ContextError> {
    while let Some(id) = asked.recv().await {
        let (all, reply) = (Arc::clone(all), reply.clone());
        let sent = tokio::task::spawn_blocking(move || {
            let index = usize::try_from(id).unwrap_or(usize::MAX);
            all.get(index)
                .map_or(Ok(()), |offered| send_one(id, &offered.source, &reply))
        });
        // A task that did not end was stopped with the program.
        sent.await.unwrap_or(Ok(()))?;
    }
    Ok(())
}

fn send_one(
    id: u64,
    source: &Source,
    reply: &mpsc::Sender<Frame<Bytes>>,
) -> Result<(), ContextError> {
    let packet = |data: &[u8]| {
        let packet = Message::default()
            .number(1, DATA)
            .number(3, id)
            .bytes(4, data)
            .done();
        reply.blocking_send(grpc::framed(&packet)).is_ok()
    };
    match source {
        Source::Nothing => {}
        Source::Memory(bytes) => {
            for piece in bytes.chunks(PIECE) {
                packet(piece);
            }
        }
        Source::Disk(path, added) => {
            let changed = |error| ContextError::changed(path, &error);
            let mut file = File::open(path).map_err(changed)?.chain(added.as_ref());
            let mut piece = vec![0; PIECE];
            loop {
                let count = file.read(&mut piece).map_err(changed)?;
                if count == 0 || !packet(&piece[..count]) {
                    break;
                }
            }
        }
    }
    packet(&[]);
    Ok(())
}
