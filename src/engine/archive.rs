//! Files of this machine that are handed to the engine.

mod member;
pub mod names;
mod single;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bytes::{Bytes, BytesMut};
use tokio::io::AsyncReadExt as _;
use tokio::sync::mpsc::Sender;

use super::body::Body;

/// How much of an archive is held at once.
const PIECE: usize = 256 << 10;
/// How many pieces wait to be sent.
const PIECES: usize = 4;
/// How many files a folder may hold, and how deep they may lie.
const ENTRIES: usize = 100_000;
const DEEPEST: usize = 16;

/// An image archive, read while it is sent: it may be larger than memory.
pub async fn stream(path: &Path) -> io::Result<Body> {
    let there = tokio::fs::metadata(path).await?;
    if there.is_dir() {
        return Ok(folder(path));
    }
    if !there.is_file() {
        return Err(io::Error::other("it is neither a file nor a folder"));
    }
    let mut file = tokio::fs::File::open(path).await?;
    let (pieces, body) = Body::channel(PIECES);
    tokio::spawn(async move {
        loop {
            let mut piece = BytesMut::with_capacity(PIECE);
            let read = match file.read_buf(&mut piece).await {
                Ok(0) => return,
                read => read.map(|_| piece.freeze()),
            };
            let failed = read.is_err();
            // Whoever no longer sends it needs no more of it.
            if pieces.send(read).await.is_err() || failed {
                return;
            }
        }
    });
    Ok(body)
}

/// An OCI layout that lies in a folder, as the archive that an engine loads.
fn folder(path: &Path) -> Body {
    let path = path.to_owned();
    let (pieces, body) = Body::channel(PIECES);
    tokio::task::spawn_blocking(move || {
        let packed = || {
            let to = io::BufWriter::with_capacity(PIECE, Pipe(pieces.clone()));
            let mut tar = tar::Builder::new(to);
            append(&mut tar, &path)?;
            tar.into_inner()?.flush()
        };
        if let Err(error) = packed() {
            let _ = pieces.blocking_send(Err(error));
        }
    });
    body
}

/// Appends what lies in a folder. Links are followed as long as they lead to what lies there too.
fn append(tar: &mut tar::Builder<impl Write>, folder: &Path) -> io::Result<()> {
    let home = std::fs::canonicalize(folder)?;
    let mut ahead = vec![PathBuf::new()];
    let mut count = 0;
    while let Some(within) = ahead.pop() {
        for entry in std::fs::read_dir(home.join(&within))? {
            let name = within.join(entry?.file_name());
            let at = home.join(&name);
            let real = std::fs::canonicalize(&at)?;
            if !real.starts_with(&home) {
                let message = format!("`{}` in it is a link out of the folder", name.display());
                return Err(io::Error::other(message));
            }
            count += 1;
            // A link to a folder above goes round without an end.
            if count > ENTRIES || name.components().count() > DEEPEST {
                return Err(io::Error::other("it holds more than an image can"));
            }
            let there = std::fs::metadata(&real)?;
            if there.is_dir() {
                ahead.push(name);
            } else if there.is_file() {
                tar.append_path_with_name(&real, &name)?;
            }
        }
    }
    Ok(())
}

/// Where a tar archive is written to while it is sent.
struct Pipe(Sender<io::Result<Bytes>>);

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = Bytes::copy_from_slice(bytes);
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        self.0.blocking_send(Ok(piece)).map_err(gone)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The largest file of variables or secrets.
const TEXT: u64 = 1 << 20;

/// The text of a small file.
pub async fn text(path: &Path) -> io::Result<String> {
    let there = tokio::fs::metadata(path).await?;
    if !there.is_file() || there.len() > TEXT {
        return Err(io::Error::other("it is no file, or larger than 1 MiB"));
    }
    tokio::fs::read_to_string(path).await
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn an_archive_is_held_by_pieces_and_comes_whole() {
        let beside = tempfile::tempdir().unwrap();
        let path = beside.path().join("image.tar");
        let content: Vec<u8> = (0..PIECE * 20).map(|at| at.to_le_bytes()[1]).collect();
        std::fs::write(&path, &content).unwrap();
        let mut body = stream(&path).await.unwrap();
        let mut all = Vec::new();
        while let Some(frame) = body.frame().await {
            let piece = frame.unwrap().into_data().unwrap();
            assert!(piece.len() <= PIECE);
            all.extend_from_slice(&piece);
        }
        assert!(all == content);
    }

    #[test]
    fn a_pipe_is_refused_at_once() {
        let beside = tempfile::tempdir().unwrap();
        let path = beside.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        let (tell, told) = std::sync::mpsc::channel();
        // Whoever opens it waits for somebody who writes.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let streamed = runtime.block_on(stream(&path)).map(drop);
            let _ = tell.send([names::names(&path).map(drop), streamed]);
        });
        let both = told.recv_timeout(std::time::Duration::from_mins(1));
        for refused in both.expect("it is waited for") {
            let why = refused.unwrap_err().to_string();
            assert_eq!(why, "it is neither a file nor a folder");
        }
    }

    #[tokio::test]
    async fn a_folder_is_an_archive_of_what_lies_in_it() {
        let beside = tempfile::tempdir().unwrap();
        std::fs::write(beside.path().join("index.json"), "{}").unwrap();
        let big = vec![7; PIECE * 3];
        std::fs::write(beside.path().join("blob"), &big).unwrap();
        let body = stream(beside.path()).await.unwrap();
        let all = body.collect().await.unwrap().to_bytes();
        let mut names = Vec::new();
        for entry in tar::Archive::new(&all[..]).entries().unwrap() {
            let entry = entry.unwrap();
            names.push((entry.path().unwrap().into_owned(), entry.size()));
        }
        names.sort();
        let sizes: Vec<u64> = names.iter().map(|(_, size)| *size).collect();
        assert!(
            sizes.contains(&2) && sizes.contains(&(big.len() as u64)),
            "{names:?}"
        );
        assert!(stream(&beside.path().join("none")).await.is_err());
    }

    #[tokio::test]
    async fn a_link_in_a_folder_leads_to_what_lies_in_it_and_nowhere_else() {
        let beside = tempfile::tempdir().unwrap();
        let at = beside.path().join("layout");
        std::fs::create_dir(&at).unwrap();
        std::fs::write(at.join("blob"), "own").unwrap();
        std::os::unix::fs::symlink("blob", at.join("same")).unwrap();
        let packed = async || stream(&at).await.unwrap().collect().await;
        let all = packed().await.unwrap().to_bytes();
        let mut tar = tar::Archive::new(&all[..]);
        let sizes = tar.entries().unwrap().map(|entry| entry.unwrap().size());
        assert_eq!(sizes.collect::<Vec<_>>(), [3, 3]);
        std::fs::write(beside.path().join("secret"), "other").unwrap();
        std::os::unix::fs::symlink("../secret", at.join("lent")).unwrap();
        let why = packed().await.unwrap_err().to_string();
        assert!(
            why.contains("`lent` in it is a link out of the folder"),
            "{why}"
        );
    }
}
