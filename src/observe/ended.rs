//! What can still be seen of a container that has ended: its files, by archive.

pub mod walk;

use std::io::Read;

use sha2::{Digest as _, Sha256};

use crate::engine::tarball::Incoming;
use crate::fact::answer::{Answer, Ending, Fact};
use crate::fact::blob::Blob;
use crate::fact::container::ContainerFacts;
use crate::fact::path::{Attempts, Digest, Kind, Stat};
use crate::fact::question::Question;
use crate::session::live::Live;
use crate::text::units::Bytes;

/// The most bytes that are taken of one file.
const MOST: u64 = 64 << 20;

/// The most links that are followed one after the other, as by the kernel; behind them nothing is.
const LINKS: usize = 40;

/// The answer about a container that has ended.
pub async fn of(live: &mut Live, question: &Question, ending: &Ending) -> Answer {
    if let Question::Stat { path, .. } | Question::Read { path, .. } | Question::Digest { path, .. } =
        question
        && live.in_memory(path)
    {
        let why = format!("{path} lies in a tmpfs, which is gone once the container has ended");
        return Answer::Unseen(why);
    }
    let seen = match question {
        Question::Stat { path, follow } => look(live, path, *follow, 0)
            .await
            .map(|f| Fact::Stat(f.map(|f| f.0))),
        Question::Read { path, most } => {
            look(live, path, true, MOST.min(*most)).await.map(|found| {
                Fact::Read(found.map(|(stat, bytes)| {
                    let total = stat.size.max(bytes.len() as u64);
                    Blob { bytes, total }
                }))
            })
        }
        Question::Privileged => super::privileged::below(live, "/")
            .await
            .map(Fact::Privileged)
            .map_err(|fault| fault.to_string()),
        Question::Digest { path, .. } => match look(live, path, true, MOST).await {
            Ok(Some((stat, bytes))) if stat.size > bytes.len() as u64 => {
                let (total, most) = (Bytes(stat.size), Bytes(MOST));
                Err(format!(
                    "{path} holds {total}, and at most {most} of a file are taken out of a container that has \
                     ended: claim its digest while it runs"
                ))
            }
            found => found.map(|found| {
                Fact::Digest(found.map(|(stat, bytes)| Digest {
                    sha256: Some(hex(&Sha256::digest(&bytes))),
                    total: stat.size,
                }))
            }),
        },
        Question::MayWrite { .. } => Ok(Fact::MayWrite(Attempts::Untried)),
        Question::Packages => Err(
            "packages are not looked for in a container that has ended, of which no more than files can be \
             asked: claim them in a case of the image alone (without `run` and `steps`), or while it runs"
                .to_owned(),
        ),
        Question::Walk { root, depth } => walk::of(live, root, *depth).await.map(Fact::Walk),
        _ => return Answer::Ended(ending.clone()),
    };
    seen.map_or_else(Answer::Unseen, Answer::Seen)
}

/// What stands at a path, and its first bytes where it is a file; of a folder's archive no more is taken
/// than where it begins. A link's own target is followed by us:
/// the engine's archive holds the link.
async fn look(
    live: &mut Live,
    path: &str,
    follow: bool,
    most: u64,
) -> Result<Option<(Stat, Vec<u8>)>, String> {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let containers = live.session.engine.containers();
        let begin = move |archive: &mut Incoming| first(archive, most);
        let found = match containers.walk_archive(&live.name, &path, begin).await {
            Ok(found) => found,
            Err(fault) if fault.is_not_found() => return absent(live.facts().await),
            // Nothing is where links lead in a circle. The engine refuses to tell of such a link itself, too.
            Err(fault) if is_circle(&fault.message) => {
                return match follow {
                    true => Ok(None),
                    false => {
                        let found = Box::pin(walk::entry(live, &path)).await?;
                        Ok(found.map(|stat| (stat, Vec::new())))
                    }
                };
            }
            Err(fault) => return Err(fault.to_string()),
        };
        match found {
            Some((
                Stat {
                    kind: Kind::Link,
                    target: Some(target),
                    ..
                },
                _,
            )) if follow => {
                path = led(&path, &target);
            }
            found => return Ok(found),
        }
    }
    Ok(None)
}

/// Whether an engine says that links lead in a circle.
fn is_circle(said: &str) -> bool {
    let words = ["too many links", "too many levels of symbolic links"];
    words.iter().any(|words| said.contains(words))
}

/// Where a link leads.
fn led(link: &str, target: &str) -> String {
    let folder = link.rsplit_once('/').map_or("", |(folder, _)| folder);
    match target.starts_with('/') {
        true => target.to_owned(),
        false => format!("{folder}/{target}"),
    }
}

/// Nothing was found at a path. The engine says so also where the container itself is gone, and then
/// nothing is known of its files.
fn absent<T>(container: crate::engine::Result<ContainerFacts>) -> Result<Option<T>, String> {
    container.map(|_| None).map_err(|gone| gone.to_string())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn first(archive: impl Read, most: u64) -> std::io::Result<Option<(Stat, Vec<u8>)>> {
    let mut tar = tar::Archive::new(archive);
    let Some(entry) = tar.entries()?.next() else {
        return Ok(None);
    };
    let entry = entry?;
    let stat = stat(&entry)?;
    let mut bytes = Vec::new();
    entry.take(most).read_to_end(&mut bytes)?;
    Ok(Some((stat, bytes)))
}

/// What an archive says of one of its entries.
fn stat(entry: &tar::Entry<'_, impl Read>) -> std::io::Result<Stat> {
    let header = entry.header();
    let kind = match header.entry_type() {
        tar::EntryType::Directory => Kind::Directory,
        tar::EntryType::Symlink => Kind::Link,
        tar::EntryType::Fifo => Kind::Fifo,
        tar::EntryType::Char => Kind::Char,
        tar::EntryType::Block => Kind::Block,
        _ => Kind::File,
    };
    Ok(Stat {
        kind,
        mode: header.mode()? & 0o7777,
        uid: u32::try_from(header.uid()?).unwrap_or(u32::MAX),
        gid: u32::try_from(header.gid()?).unwrap_or(u32::MAX),
        size: header.size()?,
        modified: i64::try_from(header.mtime()?).unwrap_or(i64::MAX),
        target: entry.link_name()?.map(|t| t.to_string_lossy().into_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Fault, FaultKind};

    #[test]
    fn of_a_container_that_is_gone_no_file_is_known_to_be_absent() {
        assert_eq!(absent::<()>(Ok(ContainerFacts::default())), Ok(None));
        let gone = Fault::new(FaultKind::NotFound, "inspect it", "no such container: it");
        let said = absent::<()>(Err(gone)).unwrap_err();
        assert!(said.contains("no such container"), "{said}");
    }
}
