//! What a member of a tar archive is, where every reader takes it for the same: an engine reads the archive by a
//! program of its own, and is not to find names in it that are not found here.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Component, PathBuf};

use tar::EntryType;

/// Where the parts of a header lie that are not the same in all forms of it.
const MAGIC: usize = 257;
const PREFIX: usize = 345;
const TRAILER: usize = 508;
/// What the form that one writer of its own had ends with.
const STAR: &[u8] = b"tar\0";
/// Records that say what a member is, not when it was made or by whom.
const TELLING: [&[u8]; 3] = [b"path", b"linkpath", b"size"];
/// What the names of those begin with that say that a file has holes.
const HOLES: &[u8] = b"GNU.sparse.";

/// The path of a member, without ways that lead nowhere. An error where two readers may differ about it.
pub(super) fn path<R: Read>(entry: &mut tar::Entry<'_, R>) -> io::Result<PathBuf> {
    let shown = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
    let differ = |why: &str| {
        let shown: String = shown.chars().take(100).collect();
        io::Error::other(format!(
            "programs that read archives differ about `{}` in it: {why}",
            shown.escape_debug()
        ))
    };
    let kind = entry.header().entry_type();
    let is_file = matches!(kind, EntryType::Regular);
    if !is_file
        && !matches!(
            kind,
            EntryType::Directory | EntryType::Symlink | EntryType::Link
        )
    {
        return Err(differ("it is no file, folder or link"));
    }
    if !is_file && (entry.size() > 0 || entry.header().entry_size()? > 0) {
        return Err(differ("it is no file and has a size"));
    }
    if !has_one_form(entry.header().as_bytes()) {
        return Err(differ("its header is of no form that all of them know"));
    }
    records(entry)?.map_or(Ok(()), |why| Err(differ(&why)))?;
    let written = entry.path_bytes().into_owned();
    if written.is_empty() || written.contains(&0) {
        return Err(differ("its path is empty, or goes on behind its end"));
    }
    // Some take such a file for a folder, and what it holds for what comes next.
    if is_file && written.ends_with(b"/") {
        return Err(differ(
            "it is a file, and its path ends as that of a folder",
        ));
    }
    let path = entry.path()?;
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(part) => plain.push(part),
            Component::ParentDir => return Err(differ("its path leads up")),
            _ => {}
        }
    }
    Ok(plain)
}

/// Whether the header itself has all of a member's path, so that no record was read for it.
pub(super) fn is_told_by_header<R: Read>(entry: &tar::Entry<'_, R>) -> bool {
    entry.header().path_bytes() == entry.path_bytes()
}

/// Whether a header is of one of the forms of today, or of the oldest, and of that one alone.
fn has_one_form(header: &[u8; 512]) -> bool {
    let rest = |from: usize| header.get(from..).unwrap_or_default();
    let is_empty = |from: usize| rest(from).iter().all(|byte| *byte == 0);
    match rest(MAGIC) {
        magic if magic.starts_with(b"ustar\x0000") => rest(TRAILER) != STAR,
        magic if magic.starts_with(b"ustar  \0") => is_empty(PREFIX),
        _ => is_empty(MAGIC),
    }
}

/// What is wrong with the records before a header, if anything is.
fn records<R: Read>(entry: &mut tar::Entry<'_, R>) -> io::Result<Option<String>> {
    let (size, own) = (entry.size(), entry.header().entry_size()?);
    let Some(records) = entry.pax_extensions()? else {
        return Ok(None);
    };
    let mut seen = BTreeSet::new();
    for record in records {
        let Ok(record) = record else {
            return Ok(Some("the records before it cannot be read".to_owned()));
        };
        let key = record.key_bytes();
        let name = || String::from_utf8_lossy(key).into_owned();
        if !seen.insert(key.to_vec()) {
            return Ok(Some(format!("it has two records `{}`", name())));
        }
        let value = record.value_bytes();
        if key.starts_with(HOLES) || (TELLING.contains(&key) && value.is_empty()) {
            return Ok(Some(format!("it has a record `{}`", name())));
        }
        let says = || std::str::from_utf8(value).ok()?.parse::<u64>().ok();
        if key == b"size" && (says() != Some(size) || (own != 0 && own != size)) {
            return Ok(Some("it has two sizes".to_owned()));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use tar::{Builder, Header};

    use super::super::names::names;
    use super::*;

    type Packed<'a> = &'a mut Builder<Vec<u8>>;
    /// How an archive is packed, and why it is refused.
    type Case = (fn(Packed<'_>), &'static str);

    /// What is said of an archive that is packed so.
    fn said(pack: impl FnOnce(Packed<'_>)) -> Result<Vec<String>, String> {
        let mut tar = Builder::new(Vec::new());
        pack(&mut tar);
        file(&mut tar, "manifest.json");
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().join("image.tar");
        std::fs::write(&at, tar.into_inner().unwrap()).unwrap();
        let named = names(&at).map_err(|error| error.to_string())?;
        Ok(named.names.into_iter().collect())
    }

    const MANIFEST: &[u8] = br#"[{"RepoTags":["a:1"]}]"#;

    fn file(tar: Packed<'_>, name: &str) {
        let mut header = Header::new_ustar();
        header.set_size(MANIFEST.len() as u64);
        tar.append_data(&mut header, name, MANIFEST).unwrap();
    }

    /// A member whose header is changed at the end.
    fn odd(tar: Packed<'_>, bytes: &[u8], change: impl FnOnce(&mut Header)) {
        let mut header = Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_path("odd").unwrap();
        header.set_entry_type(EntryType::Regular);
        change(&mut header);
        header.set_cksum();
        tar.append(&header, bytes).unwrap();
    }

    fn record(tar: Packed<'_>, records: &[(&str, &str)]) {
        let records = records.iter().map(|(key, value)| (*key, value.as_bytes()));
        tar.append_pax_extensions(records).unwrap();
    }

    #[test]
    fn what_every_reader_reads_alike_is_taken() {
        let long = "blobs/".repeat(40);
        let names = said(|tar| {
            record(tar, &[("path", &format!("{long}y")), ("mtime", "1.5")]);
            file(tar, "x");
            file(tar, &format!("{long}x"));
            odd(tar, b"", |header| {
                header.set_entry_type(EntryType::Symlink);
                header.set_link_name("x").unwrap();
            });
            odd(tar, b"", |header| {
                header.set_entry_type(EntryType::Directory);
            });
        });
        assert_eq!(names, Ok(vec!["a:1".to_owned()]));
    }

    fn refused(cases: &[Case]) {
        let taken = cases.iter().filter_map(|(pack, why)| {
            let said = said(pack);
            let is_so = said.as_ref().is_err_and(|said| said.contains(why));
            (!is_so).then_some((why, said))
        });
        let taken: Vec<_> = taken.collect();
        assert!(taken.is_empty(), "{taken:#?}");
    }

    #[test]
    fn records_that_readers_may_differ_about_are_refused() {
        refused(&[
            (
                |tar| {
                    record(tar, &[("path", "index.json")]);
                    file(tar, "x");
                },
                "`index.json` in it has its path from a record",
            ),
            (
                |tar| {
                    record(tar, &[("path", "x"), ("path", "index.json")]);
                    file(tar, "x");
                },
                "it has two records `path`",
            ),
            (
                |tar| {
                    record(tar, &[("path", "")]);
                    file(tar, "index.json");
                },
                "it has a record `path`",
            ),
            (
                |tar| {
                    record(tar, &[("GNU.sparse.name", "index.json")]);
                    file(tar, "x");
                },
                "it has a record `GNU.sparse.name`",
            ),
            (
                |tar| {
                    record(tar, &[("size", "1")]);
                    file(tar, "x");
                },
                "it has two sizes",
            ),
            (
                |tar| {
                    record(tar, &[("comment", "a\nb")]);
                    file(tar, "x");
                },
                "cannot be read",
            ),
        ]);
    }

    #[test]
    fn members_that_readers_may_differ_about_are_refused() {
        refused(&[
            (|tar| file(tar, "manifest.json"), "stands there twice"),
            (
                |tar| {
                    odd(tar, &[0; 512], |header| {
                        header.as_mut_bytes()[..5].copy_from_slice(b"odd/\0");
                        header.as_mut_bytes()[156] = 0;
                    });
                },
                "its path ends as that of a folder",
            ),
            (
                |tar| {
                    odd(tar, &[0; 512], |header| {
                        header.set_entry_type(EntryType::Symlink);
                        header.set_link_name("x").unwrap();
                    });
                },
                "it is no file and has a size",
            ),
            (
                |tar| {
                    odd(tar, b"12 path=y\n", |header| {
                        header.set_entry_type(EntryType::XGlobalHeader);
                    });
                },
                "it is no file, folder or link",
            ),
            (
                |tar| {
                    odd(tar, b"index.json\0x\0", |header| {
                        header.set_entry_type(EntryType::GNULongName);
                    });
                    file(tar, "x");
                },
                "goes on behind its end",
            ),
            (
                |tar| {
                    odd(tar, MANIFEST, |header| {
                        header.as_mut_bytes()[..18].copy_from_slice(b"index.json/x/..\0\0\0");
                    });
                },
                "its path leads up",
            ),
            (
                // One reader takes the prefix for a part of the path, the other does not know it.
                |tar| {
                    odd(tar, MANIFEST, |header| {
                        header.as_mut_bytes()[263..265].copy_from_slice(b"xx");
                        header.as_mut_bytes()[PREFIX] = b'p';
                    });
                },
                "its header is of no form",
            ),
            (
                |tar| {
                    odd(tar, MANIFEST, |header| {
                        header.as_mut_bytes()[TRAILER..].copy_from_slice(STAR);
                    });
                },
                "its header is of no form",
            ),
        ]);
    }
}
