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
    Request::Search {
        root: b"/".to_vec(),
        skip: skip().into_iter().chain(bytes(&search.skip)).collect(),
        searching: searching(search),
    }
}

/// Files over which an engine lays its own.
const COVERED: [&str; 3] = ["/etc/hostname", "/etc/hosts", "/etc/resolv.conf"];

/// Asks for what those files of each layer hold that layers above took away or put others over, or the engine its own.
/// The layers are in these places, the lowest first.
pub fn beneath_requests(search: &Search, places: &[String]) -> Vec<Request> {
    let requests = places.iter().enumerate().map(|(at, place)| {
        let folders = SKIP
            .into_iter()
            .chain(search.skip.iter().map(String::as_str));
        Request::SearchBeneath {
            layer: place.clone().into_bytes(),
            seen: b"/".to_vec(),
            above: bytes(&places[at + 1..]),
            covered: COVERED.map(|file| file.as_bytes().to_vec()).into(),
            skip: folders
                .map(|folder| format!("{place}{folder}").into_bytes())
                .collect(),
            searching: searching(search),
        }
    });
    requests.collect()
}

/// What was found in the layer at this place, by the paths that its files have in the image.
pub fn beneath(search: &Search, place: &str, told: Told) -> Result<Searched, String> {
    let mut found = searched(search, told)?;
    let paths = found.finds.iter_mut().map(|find| &mut find.path);
    let held = found.files.iter_mut().map(|held| &mut held.path);
    let unread = found.unread.iter_mut().map(|(path, _)| path);
    for path in paths.chain(held).chain(unread).chain(&mut found.partly) {
        if let Some(rest) = path.strip_prefix(place) {
            *path = rest.to_owned();
        }
    }
    Ok(found)
}

fn bytes(texts: &[String]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn searching(search: &Search) -> Searching {
    Searching {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_layer_is_compared_with_those_above_it() {
        let search = Search {
            skip: vec!["/usr/share/doc".to_owned()],
            ..Search::default()
        };
        let requests = beneath_requests(&search, &["/l/1", "/l/2", "/l/3"].map(str::to_owned));
        let told: Vec<_> = requests
            .into_iter()
            .map(|request| match request {
                Request::SearchBeneath {
                    layer,
                    seen,
                    above,
                    skip,
                    ..
                } => (text(&layer), text(&seen), above.len(), skip),
                other => panic!("{other:?}"),
            })
            .collect();
        let [(one, seen, 2, skip), (two, _, 1, _), (_, _, 0, _)] = told.as_slice() else {
            panic!("{told:?}");
        };
        assert_eq!(
            (one.as_str(), seen.as_str(), two.as_str()),
            ("/l/1", "/", "/l/2")
        );
        for folder in ["/l/1/proc", "/l/1/usr/share/doc"] {
            assert!(skip.contains(&folder.as_bytes().to_vec()), "{skip:?}");
        }
        assert!(beneath_requests(&search, &[]).is_empty());
    }

    #[test]
    fn what_a_layer_holds_has_the_paths_of_the_image() {
        let path = |rest: &str| format!("/l/1{rest}").into_bytes();
        let told = Told::Searched {
            held: vec![wire::Held {
                path: path("/.env"),
                size: 0,
                content: wire::Content {
                    data: Vec::new(),
                    truncated: false,
                },
            }],
            finds: vec![wire::Find {
                path: path("/l/1/a"),
                needle: 0,
                line: 1,
                before: 0,
                text: b"word".to_vec(),
            }],
            cut: vec![path("/big")],
            files: 3,
            passed: 0,
            bytes: 0,
            truncated: false,
            errors: vec![(path("/shut"), 13)],
        };
        let found = beneath(&Search::default(), "/l/1", told).unwrap();
        assert_eq!(found.files[0].path, "/.env");
        assert_eq!(found.finds[0].path, "/l/1/a");
        assert_eq!(found.partly, ["/big"]);
        assert_eq!(found.unread[0].0, "/shut");
    }
}
