//! How an archive calls the images that it holds, read before an engine is given it: an engine gives these names away
//! whatever has them.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use serde_json::Value as Json;

use super::member;
use super::single::{self, folded};

/// The files of an archive that name images. Whatever the folder: a link may lead from one to another.
const NAMING: [&str; 3] = ["manifest.json", "index.json", "repositories"];
/// The longest of them.
const LONGEST: u64 = 4 << 20;
/// How many files an archive may hold.
const FILES: usize = 1_000_000;
/// How many names.
const NAMES_AT_MOST: usize = 1_000;
/// How the compressions begin that engines know.
const GZIP: [u8; 2] = [0x1f, 0x8b];
const OTHERS: [&[u8]; 3] = [b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd"];
/// Where a description of an image in an OCI layout has its name.
const NAMES: [&str; 2] = [
    "io.containerd.image.name",
    "org.opencontainers.image.ref.name",
];

/// What an archive says of its images.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// All that they are called.
    pub names: BTreeSet<String>,
    /// How many there are, one with several names counted by its names, as an engine tells them.
    pub images: usize,
}

/// Reads the names in an archive or a folder.
pub fn names(path: &Path) -> io::Result<Named> {
    let mut named = Named::default();
    let mut found = false;
    if std::fs::metadata(path)?.is_dir() {
        for name in NAMING {
            let at = path.join(name);
            if std::fs::metadata(&at).is_ok_and(|there| there.is_file()) {
                found = true;
                named.take(name, &read(File::open(at)?, name)?)?;
            }
        }
    } else if !std::fs::metadata(path)?.is_file() {
        // A pipe would be waited for without end.
        return Err(io::Error::other("it is neither a file nor a folder"));
    } else {
        let mut file = File::open(path)?;
        let mut start = Vec::new();
        (&mut file).take(6).read_to_end(&mut start)?;
        file.seek(SeekFrom::Start(0))?;
        if OTHERS.iter().any(|other| start.starts_with(other)) {
            return Err(io::Error::other(
                "it is compressed by something else than gzip, so that the names in it cannot be looked at: unpack it first",
            ));
        }
        match start.starts_with(&GZIP) {
            true => {
                let mut tar = tar::Archive::new(MultiGzDecoder::new(BufReader::new(file)));
                found = entries(tar.entries()?, &mut named)?;
            }
            false => {
                let mut tar = tar::Archive::new(file);
                found = entries(tar.entries_with_seek()?, &mut named)?;
            }
        }
    }
    match found {
        true => Ok(named),
        false => Err(io::Error::other(
            "it holds neither `manifest.json` nor `index.json`",
        )),
    }
}

/// Takes in what names images; whether anything does.
fn entries<R: Read>(entries: tar::Entries<'_, R>, named: &mut Named) -> io::Result<bool> {
    let mut met = BTreeSet::new();
    for (count, entry) in entries.enumerate() {
        let mut entry = entry.map_err(|error| {
            io::Error::other(format!("it cannot be read as a tar archive: {error}"))
        })?;
        if count >= FILES {
            return Err(io::Error::other("it holds more than a million files"));
        }
        let path = member::path(&mut entry)?;
        let Some(name) = naming(&path) else {
            continue;
        };
        let wrong = |why: &str| io::Error::other(format!("`{name}` in it {why}"));
        if !entry.header().entry_type().is_file() {
            return Err(wrong("is no file"));
        }
        if !member::is_told_by_header(&entry) {
            return Err(wrong(
                "has its path from a record, which not every engine reads",
            ));
        }
        if !met.insert(name) {
            return Err(wrong("stands there twice"));
        }
        named.take(name, &read(entry, name)?)?;
    }
    Ok(!met.is_empty())
}

/// Which of the files that name images stands at this path.
fn naming(path: &Path) -> Option<&'static str> {
    let last = path.file_name()?.to_str()?;
    NAMING.into_iter().find(|name| *name == last)
}

fn read(from: impl Read, name: &str) -> io::Result<Json> {
    let mut bytes = Vec::new();
    from.take(LONGEST + 1).read_to_end(&mut bytes)?;
    let wrong = |why: String| io::Error::other(format!("`{name}` in it cannot be read: {why}"));
    if bytes.len() as u64 > LONGEST {
        return Err(wrong("it is larger than 4 MiB".to_owned()));
    }
    // Tags of old archives are names there, and tell large letters from small ones.
    let folds = name != "repositories";
    single::read(&bytes, folds).map_err(|error| wrong(error.to_string()))
}

impl Named {
    fn take(&mut self, file: &str, json: &Json) -> io::Result<()> {
        let (names, images) = match file {
            "manifest.json" => of_docker(json),
            "index.json" => of_layout(json),
            _ => of_repositories(json),
        };
        self.images = self.images.max(images);
        self.names.extend(names);
        match self.names.len() > NAMES_AT_MOST {
            true => Err(io::Error::other("it holds more than a thousand names")),
            false => Ok(()),
        }
    }

    /// One of them that only images have which are found again by their names: those of Seaworthy's own.
    pub fn ours(&self) -> Option<&str> {
        let own = |name: &&String| {
            let plain = plain(name);
            ["seaworthy/", "seaworthy-"]
                .iter()
                .any(|start| plain.starts_with(start))
        };
        self.names.iter().find(own).map(String::as_str)
    }

    /// Whether an engine that says that it loaded this says what was to be expected.
    pub fn has(&self, loaded: &str) -> bool {
        let is_id = loaded.starts_with("sha256:") || !loaded.contains(':');
        is_id || self.names.iter().any(|name| is_same(name, loaded))
    }
}

/// Whether both are the same name, whatever engines add to it.
pub fn is_same(one: &str, other: &str) -> bool {
    plain(one) == plain(other)
}

/// A name without what engines add to it, and with its tag.
fn plain(name: &str) -> String {
    let mut bare = name;
    let added = ["docker.io/", "index.docker.io/", "localhost/", "library/"];
    while let Some(rest) = added.iter().find_map(|start| bare.strip_prefix(start)) {
        bare = rest;
    }
    let last = bare.rsplit('/').next().unwrap_or(bare);
    match last.contains(':') {
        true => bare.to_owned(),
        false => format!("{bare}:latest"),
    }
}

fn list(json: &Json) -> &[Json] {
    json.as_array().map_or(&[], Vec::as_slice)
}

/// What stands at a key: the readers of engines tell no large letter from a small one.
fn value<'a>(json: &'a Json, key: &str) -> Option<&'a Json> {
    let mut entries = json.as_object()?.iter();
    let found = entries.find(|(name, _)| folded(name) == folded(key));
    found.map(|(_, value)| value)
}

/// The names in a `manifest.json`, and how many images there are.
fn of_docker(json: &Json) -> (BTreeSet<String>, usize) {
    let mut names = BTreeSet::new();
    let mut unnamed = 0;
    for image in list(json) {
        let tags = value(image, "RepoTags").into_iter().flat_map(list);
        let tags: Vec<&str> = tags.filter_map(Json::as_str).collect();
        unnamed += usize::from(tags.is_empty());
        names.extend(tags.into_iter().map(str::to_owned));
    }
    let images = names.len() + unnamed;
    (names, images)
}

/// The names in an `index.json`, and how many images there are.
fn of_layout(json: &Json) -> (BTreeSet<String>, usize) {
    let (mut names, mut images) = (BTreeSet::new(), BTreeSet::new());
    for image in value(json, "manifests").into_iter().flat_map(list) {
        let notes = value(image, "annotations");
        let at = |key: &'static str| notes?.get(key)?.as_str();
        let own: Vec<&str> = NAMES.into_iter().filter_map(at).collect();
        let is_beside = at("vnd.docker.reference.type").is_some();
        match own.first() {
            // One that is named by its name and by its tag is one.
            Some(first) => {
                images.insert((*first).to_owned());
            }
            None if is_beside => {}
            None => {
                images.insert(image["digest"].to_string());
            }
        }
        names.extend(own.into_iter().map(str::to_owned));
    }
    (names, images.len())
}

/// The names in a file `repositories`, as old versions of Docker wrote it.
fn of_repositories(json: &Json) -> (BTreeSet<String>, usize) {
    let all = json.as_object().into_iter().flatten();
    let names = all.flat_map(|(name, tags)| {
        let tags = tags.as_object().into_iter().flatten();
        tags.map(move |(tag, _)| format!("{name}:{tag}"))
    });
    let names: BTreeSet<String> = names.collect();
    let images = names.len();
    (names, images)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(files: &[(&str, &str)]) -> Result<Named, String> {
        let folder = tempfile::tempdir().unwrap();
        let mut tar = tar::Builder::new(Vec::new());
        for (name, text) in files {
            let mut header = tar::Header::new_gnu();
            match text.strip_prefix("-> ") {
                Some(to) => {
                    header.set_entry_type(tar::EntryType::Symlink);
                    header.set_size(0);
                    tar.append_link(&mut header, name, to).unwrap();
                }
                None => {
                    header.set_size(text.len() as u64);
                    tar.append_data(&mut header, name, text.as_bytes()).unwrap();
                }
            }
        }
        let tar = tar.into_inner().unwrap();
        let plain = folder.path().join("plain");
        std::fs::write(&plain, &tar).unwrap();
        let packed = folder.path().join("packed");
        let to = File::create(&packed).unwrap();
        let mut gzip = flate2::write::GzEncoder::new(to, flate2::Compression::fast());
        io::Write::write_all(&mut gzip, &tar).unwrap();
        gzip.finish().unwrap();
        let [plain, packed] = [plain, packed].map(|at| names(&at).map_err(|e| e.to_string()));
        assert_eq!(plain, packed, "compressed it is another");
        plain
    }

    fn called(named: &Named) -> Vec<&str> {
        named.names.iter().map(String::as_str).collect()
    }

    #[test]
    fn what_an_archive_calls_its_images_is_known_before_an_engine_is_given_it() {
        let docker = r#"[{"RepoTags":["alpine:3.20"]}]"#;
        let layout = r#"{"manifests":[{"digest":"a","annotations":{"io.containerd.image.name":"docker.io/library/alpine:3.20","org.opencontainers.image.ref.name":"3.20"}},{"digest":"b","annotations":{"vnd.docker.reference.type":"attestation-manifest"}}]}"#;
        let both = of(&[
            ("manifest.json", docker),
            ("blobs/x", "{}"),
            ("index.json", layout),
        ])
        .unwrap();
        assert_eq!(
            called(&both),
            ["3.20", "alpine:3.20", "docker.io/library/alpine:3.20"]
        );
        assert_eq!((both.images, both.ours()), (1, None));
        assert!(both.has("alpine:3.20") && both.has("sha256:00") && !both.has("alpine:3.19"));
        let two = of(&[(
            "manifest.json",
            r#"[{"RepoTags":["a:1","b:1"]},{"RepoTags":null}]"#,
        )]);
        assert_eq!(two.unwrap().images, 3);
        let old = of(&[("repositories", r#"{"a":{"1":"x","2":"y"}}"#)]).unwrap();
        assert_eq!(called(&old), ["a:1", "a:2"]);
    }

    #[test]
    fn a_name_is_found_however_it_is_hidden() {
        for (file, text) in [
            ("manifest.json", r#"[{"RepoTags":["seaworthy-probe:1"]}]"#),
            (
                "./manifest.json",
                r#"[{"RepoTags":["docker.io/library/seaworthy-probe:1"]}]"#,
            ),
            (
                "link/manifest.json",
                r#"[{"RepoTags":["localhost/seaworthy/app:1"]}]"#,
            ),
            ("manifest.json", r#"[{"repotags":["seaworthy/app:1"]}]"#),
            (
                "manifest.json",
                "[{\"RepoTag\u{17f}\":[\"seaworthy/app:1\"]}]",
            ),
            (
                "index.json",
                r#"{"manifests":[{"annotations":{"org.opencontainers.image.ref.name":"seaworthy/app:1"}}]}"#,
            ),
            ("repositories", r#"{"seaworthy-probe":{"1":"x"}}"#),
        ] {
            let named = of(&[(file, text)]).unwrap();
            assert!(named.ours().is_some(), "{file} {text}");
        }
        for (file, text, why) in [
            ("manifest.json", "-> other.json", "is no file"),
            ("manifest.json", "[]x", "cannot be read"),
            ("other", "[]", "it holds neither"),
            (
                "manifest.json",
                r#"[{"repotags":["seaworthy/app:1"],"RepoTags":["a:1"]}]"#,
                "`RepoTags` stands in it twice",
            ),
            (
                "index.json",
                r#"{"manifests":[],"manifests":[{"annotations":{"a":"b"}}]}"#,
                "`manifests` stands in it twice",
            ),
            (
                "repositories",
                r#"{"a":{"1":"x"},"a":{"2":"y"}}"#,
                "`a` stands in it twice",
            ),
        ] {
            let said = of(&[(file, text)]).unwrap_err();
            assert!(said.contains(why), "{said}");
        }
    }
}
