//! From what the probe told of files' modes and contents to facts. Pure.

use super::{errno, text};
use crate::engine::probe::wire::{self, Answer as Told, Request, Searching};
use crate::fact::blob::Blob;
use crate::fact::privilege::{
    CAPABILITY, FileCapabilities, Privileged, PrivilegedFile, SETGID, SETUID,
};
use crate::fact::search::{Find, Held, Search, Searched};

/// Folders that hold no files of an image: the kernel's, and ours.
pub const SKIP: [&str; 4] = ["/proc", "/sys", "/dev", crate::engine::probe::FOLDER];

/// The most of one file that is searched.
pub const MAX_SIZE: u64 = 256 << 20;
/// The most finds in one file.
const MAX_EACH: u32 = 1_000;
/// The most of a file that is wanted whole.
const MAX_HELD: u32 = 1 << 20;
/// What is told of the surroundings of a find.
const BEFORE: u32 = 120;
const AFTER: u32 = 240;

fn skip() -> Vec<Vec<u8>> {
    SKIP.map(|path| path.as_bytes().to_vec()).into()
}

/// Asks for files that give rights.
pub fn privileged_request() -> Request {
    Request::Sift {
        root: b"/".to_vec(),
        skip: skip(),
        mode: u16::try_from(SETUID | SETGID).unwrap_or_default(),
        attributes: vec![CAPABILITY.as_bytes().to_vec()],
    }
}

/// Asks for what files hold.
pub fn search_request(search: &Search) -> Request {
    let bytes = |texts: &[String]| -> Vec<Vec<u8>> {
        texts.iter().map(|t| t.as_bytes().to_vec()).collect()
    };
    Request::Search {
        root: b"/".to_vec(),
        skip: skip().into_iter().chain(bytes(&search.skip)).collect(),
        searching: Searching {
            needles: bytes(&search.words),
            pass: bytes(&search.pass),
            names: bytes(&search.names),
            packages: bytes(&search.packages),
            leave: bytes(&search.leave),
            max_size: MAX_SIZE,
            max_each: MAX_EACH,
            max_held: MAX_HELD,
            before: BEFORE,
            after: AFTER,
        },
    }
}

fn unread(errors: Vec<(Vec<u8>, i32)>) -> Vec<(String, String)> {
    let told = |(path, number): (Vec<u8>, i32)| (text(&path), errno(number));
    let mut unread: Vec<_> = errors.into_iter().map(told).collect();
    unread.sort_unstable();
    unread
}

/// The files that give rights.
pub fn privileged(told: Told) -> Result<Privileged, String> {
    let Told::Sifted {
        files,
        looked,
        truncated,
        errors,
    } = told
    else {
        return Err(format!(
            "the probe answered the look at modes with {told:?}"
        ));
    };
    let mut kept = Vec::new();
    for file in files {
        let path = text(&file.path);
        let stat =
            super::read::stat(&file.stat).ok_or_else(|| format!("{path} is of no known kind"))?;
        let value = file.attributes.into_iter().next().map(|(_, value)| value);
        kept.push(PrivilegedFile {
            capabilities: capabilities(&path, value.as_deref())?,
            path,
            stat,
        });
    }
    kept.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    Ok(Privileged {
        files: kept,
        looked,
        cut: truncated,
        unread: unread(errors),
    })
}

/// A file's capabilities from its attribute.
pub fn capabilities(path: &str, value: Option<&[u8]>) -> Result<Option<FileCapabilities>, String> {
    let Some(value) = value else { return Ok(None) };
    let read = FileCapabilities::parse(value);
    read.map(Some)
        .ok_or_else(|| format!("the capabilities of {path} are written in a way that is not known"))
}

/// What a search has found.
pub fn searched(search: &Search, told: Told) -> Result<Searched, String> {
    let Told::Searched {
        held,
        finds,
        cut,
        files,
        passed,
        bytes,
        truncated,
        errors,
    } = told
    else {
        return Err(format!("the probe answered a search with {told:?}"));
    };
    let mut finds: Vec<Find> = finds.iter().map(|find| found(search, find)).collect();
    finds.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    let mut files_held: Vec<Held> = held.into_iter().map(whole).collect();
    files_held.sort_by(|a, b| a.path.cmp(&b.path));
    let mut partly: Vec<String> = cut.iter().map(|path| text(path)).collect();
    partly.sort_unstable();
    Ok(Searched {
        finds,
        files: files_held,
        count: files,
        passed,
        bytes,
        partly,
        cut: truncated,
        unread: unread(errors),
    })
}

fn found(search: &Search, find: &wire::Find) -> Find {
    let number = usize::try_from(find.needle).unwrap_or(usize::MAX);
    let word = search.words.get(number).cloned().unwrap_or_default();
    let at = usize::try_from(find.before)
        .unwrap_or_default()
        .min(find.text.len());
    let (before, rest) = find.text.split_at(at);
    let after = rest.get(word.len()..).unwrap_or_default();
    Find {
        path: text(&find.path),
        line: find.line,
        before: text(before),
        after: text(after),
        word,
    }
}

fn whole(held: wire::Held) -> Held {
    let total = if held.content.truncated {
        held.size.max(held.content.data.len() as u64 + 1)
    } else {
        held.content.data.len() as u64
    };
    Held {
        path: text(&held.path),
        content: Blob {
            bytes: held.content.data,
            total,
        },
    }
}
