//! A context as one tar stream, as the classic builder wants it.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use crate::engine::body::Body;
use crate::engine::context::{Context, ContextError, Entry, EntryKind, hex};

/// Bytes that go to the engine at once; a few such pieces are all that is held of a context.
const PIECE: usize = 64 * 1024;

/// A stream under way, and what may have gone wrong with it.
#[derive(Clone, Debug, Default)]
pub(super) struct Problem(Arc<Mutex<Option<ContextError>>>);

impl Problem {
    pub(super) fn take(&self) -> Option<ContextError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The name under which a Dockerfile is sent.
pub(super) fn dockerfile_name(context: &Context) -> String {
    match &context.dockerfile.within {
        Some(within) => within.clone(),
        // As the Docker command does, under a name that nothing else has.
        None => format!(
            ".dockerfile.{}",
            &hex(&Sha256::digest(&context.dockerfile.text))[..20]
        ),
    }
}

/// Streams a context from a thread of its own. What goes wrong with it is left in the second value.
pub(super) fn stream(context: Arc<Context>) -> (Body, Problem) {
    let (sender, body) = Body::channel(4);
    let problem = Problem::default();
    let left = problem.clone();
    tokio::task::spawn_blocking(move || {
        let writer = BufWriter::with_capacity(PIECE, Pieces(sender.clone()));
        if let Err(error) = write(&context, writer) {
            *left.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            // Breaks the request off, so that no half context is built.
            let _ = sender.blocking_send(Err(io::Error::other("the context could not be read")));
        }
    });
    (body, problem)
}

struct Pieces(mpsc::Sender<io::Result<Bytes>>);

impl Write for Pieces {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let sent = self.0.blocking_send(Ok(Bytes::copy_from_slice(piece)));
        sent.map(|()| piece.len())
            .map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn write(context: &Context, writer: impl Write) -> Result<(), ContextError> {
    let mut tar = tar::Builder::new(writer);
    let name = dockerfile_name(context);
    // The files that are read here are not read again: what was judged is what is sent.
    let special = [Some(name.as_str()), Some(".dockerignore")];
    for entry in &context.entries {
        let is_special = special.contains(&entry.path.to_str()) && entry.kind == EntryKind::File;
        if !is_special {
            // Nobody listens any more: the request's own end tells why.
            let Err(error) = add(context, entry, &mut tar) else {
                continue;
            };
            if error.kind() == io::ErrorKind::BrokenPipe {
                return Ok(());
            }
            return Err(ContextError::changed(context.locate(entry), &error));
        }
    }
    // Only a reader that went away can be in the way of bytes from memory.
    let _ = end(context, &name, &mut tar);
    Ok(())
}

/// The files that the engine is sent only to read, and the end of the archive.
fn end<W: Write>(context: &Context, name: &str, tar: &mut tar::Builder<W>) -> io::Result<()> {
    let mut in_memory = |name: &str, text: &[u8]| {
        let mut entries = context.entries.iter();
        let listed = entries.find(|entry| entry.path.to_str() == Some(name));
        let mut header = header(listed.map_or(0o644, |entry| entry.mode), listed);
        header.set_size(text.len() as u64);
        tar.append_data(&mut header, name, text)
    };
    in_memory(name, &context.dockerfile.text)?;
    if let Some(text) = ignore_text(context, name) {
        in_memory(".dockerignore", &text)?;
    }
    tar.finish()?;
    tar.get_mut().flush()
}

/// The ignore file that goes along: by it the engine takes out again what it was sent only to read.
fn ignore_text(context: &Context, dockerfile: &str) -> Option<Vec<u8>> {
    let own = context.ignore.as_ref().map(|source| source.text.clone());
    if context.dockerfile.within.is_some() {
        return own;
    }
    let mut text = own.unwrap_or_else(|| b".dockerignore".to_vec());
    text.extend_from_slice(format!("\n{dockerfile}\n").as_bytes());
    Some(text)
}

/// What a file is sent with: its times, and nobody in particular as its owner.
fn header(mode: u32, entry: Option<&Entry>) -> tar::Header {
    let modified = entry.map_or(0, |entry| entry.modified / 1_000_000_000);
    let mut header = tar::Header::new_gnu();
    header.set_mode(mode);
    header.set_mtime(u64::try_from(modified).unwrap_or(0));
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(0);
    header
}

fn add<W: Write>(context: &Context, entry: &Entry, tar: &mut tar::Builder<W>) -> io::Result<()> {
    let mut header = header(entry.mode, Some(entry));
    match &entry.kind {
        EntryKind::Folder => {
            header.set_entry_type(tar::EntryType::Directory);
            tar.append_data(&mut header, &entry.path, io::empty())
        }
        EntryKind::Link(target) => {
            header.set_entry_type(tar::EntryType::Symlink);
            tar.append_link(&mut header, &entry.path, target)
        }
        EntryKind::File => {
            header.set_size(entry.size);
            let file = File::open(context.locate(entry))?;
            let added = context.added(entry);
            let exact = Exactly {
                file,
                left: entry.size.saturating_sub(added.len() as u64),
            };
            tar.append_data(&mut header, &entry.path, exact.chain(added))
        }
    }
}

/// As many bytes of a file as were promised: not more, and an error if there are fewer.
struct Exactly {
    file: File,
    left: u64,
}

impl Read for Exactly {
    fn read(&mut self, piece: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left)
            .unwrap_or(usize::MAX)
            .min(piece.len());
        if most == 0 {
            return Ok(0);
        }
        let count = self.file.read(&mut piece[..most])?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::Path;

    use super::*;
    use crate::fact::build::BuilderKind;

    fn context(folder: &Path, dockerfile: Option<&Path>) -> Context {
        Context::read(folder, dockerfile, BuilderKind::Classic).expect("a context")
    }

    /// What a context holds once it is unpacked: path, mode and content of each entry.
    fn sent(context: &Context) -> Vec<(String, u32, String)> {
        let mut bytes = Vec::new();
        write(context, &mut bytes).expect("written");
        let mut archive = tar::Archive::new(bytes.as_slice());
        let entries = archive.entries().expect("entries");
        let mut all: Vec<_> = entries
            .map(|entry| {
                let mut entry = entry.expect("an entry");
                let path = entry.path().expect("a path").display().to_string();
                let header = entry.header().clone();
                assert_eq!(
                    (header.uid().expect("uid"), header.gid().expect("gid")),
                    (0, 0)
                );
                let mut text = String::new();
                entry.read_to_string(&mut text).expect("text");
                if let Ok(Some(target)) = entry.link_name() {
                    text = format!("-> {}", target.display());
                }
                (path, header.mode().expect("mode"), text)
            })
            .collect();
        all.sort();
        all
    }

    #[test]
    fn everything_arrives_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let long = format!("{}/{}", "d".repeat(120), "f".repeat(150));
        std::fs::create_dir(at(&"d".repeat(120))).expect("a folder");
        std::fs::write(at(&long), "long").expect("a file");
        std::fs::write(at("Dockerfile"), "FROM scratch").expect("a file");
        std::fs::write(at(".dockerignore"), "*\n!run\n!link\n!ddd*\n").expect("a file");
        std::fs::write(at("ignored"), "x").expect("a file");
        std::fs::write(at("run"), "#!").expect("a file");
        std::fs::set_permissions(at("run"), std::fs::Permissions::from_mode(0o755))
            .expect("a mode");
        symlink("t".repeat(150), at("link")).expect("a link");
        let sent = sent(&context(folder.path(), None));
        let find = |path: &str| {
            sent.iter()
                .find(|entry| entry.0 == path)
                .map(|entry| entry.2.as_str())
        };
        assert_eq!(find(&long), Some("long"));
        assert_eq!(find("Dockerfile"), Some("FROM scratch"));
        assert!(find(".dockerignore").is_some());
        assert_eq!(find("ignored"), None);
        assert_eq!(
            find("link"),
            Some(format!("-> {}", "t".repeat(150)).as_str())
        );
        assert!(
            sent.iter()
                .any(|entry| entry.0 == "run" && entry.1 == 0o755)
        );
    }

    #[test]
    fn a_dockerfile_from_outside_is_taken_out_again() {
        let (folder, other) = (
            tempfile::tempdir().expect("a folder"),
            tempfile::tempdir().expect("a folder"),
        );
        std::fs::write(other.path().join("D"), "FROM scratch").expect("a file");
        let context = context(folder.path(), Some(&other.path().join("D")));
        let name = dockerfile_name(&context);
        let sent = sent(&context);
        assert!(
            sent.iter()
                .any(|entry| entry.0 == name && entry.2 == "FROM scratch")
        );
        let ignore = sent
            .iter()
            .find(|entry| entry.0 == ".dockerignore")
            .expect("an ignore file");
        assert_eq!(ignore.2, format!(".dockerignore\n{name}\n"));
    }

    #[test]
    fn a_file_is_sent_changed_and_stays_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("Dockerfile"), "FROM scratch").expect("a file");
        std::fs::write(folder.path().join("a"), "12345").expect("a file");
        let changed = || {
            let mut context = context(folder.path(), None);
            let before = context.digest().expect("a digest");
            context.change(Path::new("a")).expect("a change");
            assert_ne!(context.digest().expect("a digest"), before);
            let sent = sent(&context);
            let (_, _, text) = sent.iter().find(|entry| entry.0 == "a").expect("a").clone();
            assert!(text.starts_with("12345\n") && text.len() > 100, "{text:?}");
            assert_eq!(text.trim_end(), "12345");
            (text, context.entries)
        };
        let (one, other) = (changed(), changed());
        assert_ne!(one, other);
        let text = std::fs::read_to_string(folder.path().join("a")).expect("a file");
        assert_eq!(text, "12345");
        let mut context = context(folder.path(), None);
        assert!(context.change(Path::new("b")).is_err());
    }

    #[test]
    fn a_file_that_shrank_breaks_the_stream_off() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("Dockerfile"), "FROM scratch").expect("a file");
        std::fs::write(folder.path().join("a"), "12345").expect("a file");
        let context = context(folder.path(), None);
        std::fs::write(folder.path().join("a"), "123").expect("a file");
        let error = write(&context, Vec::new())
            .expect_err("an error")
            .to_string();
        assert!(error.contains("became shorter"), "{error}");
    }
}
