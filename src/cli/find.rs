//! From the paths of a command line to suite files.

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};

use super::outside;
use crate::dockerfile::named::is_dockerfile;
use crate::suite::recognise::is_suite;
use crate::text::near::nearest;

/// The folder that is looked through when no path is given.
const DEFAULT: &str = "suites";

/// Suite files, in order.
#[derive(Debug, Default)]
pub struct Found {
    /// The files.
    pub files: Vec<PathBuf>,
    /// YAML files below a folder that are no suites: fragments, maps of requirements.
    pub passed_over: Vec<PathBuf>,
}

/// A path that leads nowhere.
#[derive(Debug, PartialEq, Eq)]
pub struct Lost {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Vec<String>,
}

/// Folders in which no Dockerfile of the project's own is looked for.
const NOT_OURS: [&str; 2] = ["target", "node_modules"];

/// The Dockerfiles that `paths` mean: files as they are, folders with all that lies below them;
/// without paths, the folder that we are in.
pub fn dockerfiles(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Vec<Lost>> {
    let mut search = Search {
        dockerfiles: true,
        ..Search::default()
    };
    match paths {
        [] => search.folder(Path::new(".")),
        paths => paths.iter().for_each(|path| search.path(path)),
    }
    if search.lost.is_empty() {
        Ok(search.found.files)
    } else {
        Err(search.lost)
    }
}

/// The suites that `paths` mean: files as they are, folders with all that lies below them.
///
/// Of a folder only what looks like a suite is taken; a file that is named is always judged.
pub fn find(paths: &[PathBuf]) -> Result<Found, Vec<Lost>> {
    let mut search = Search::default();
    match paths {
        [] => search.folder(Path::new(DEFAULT)),
        paths => paths.iter().for_each(|path| search.path(path)),
    }
    if search.lost.is_empty() {
        Ok(search.found)
    } else {
        Err(search.lost)
    }
}

/// What to say of a path that leads nowhere; nothing of one that leads somewhere.
pub fn lost(path: &Path) -> Option<Lost> {
    let mut search = Search::default();
    if !path.exists() {
        search.path(path);
    }
    search.lost.pop()
}

/// What to say when nothing was found.
pub fn nothing(paths: &[PathBuf], found: &Found) -> Lost {
    let place = match paths {
        [] => format!("below `{DEFAULT}/`"),
        paths => {
            let shown: Vec<String> = paths.iter().map(|p| format!("`{}`", p.display())).collect();
            format!("in {}", shown.join(", "))
        }
    };
    let mut help = Vec::new();
    if paths.is_empty() && !Path::new(DEFAULT).is_dir() {
        let here = std::env::current_dir().unwrap_or_default();
        help.push(format!(
            "there is no folder `{DEFAULT}` in {}: go to the project's folder, or name a file or a folder",
            here.display()
        ));
    } else if !found.passed_over.is_empty() {
        help.push("a suite is a YAML file with the key `seaworthy: 1` at its top".to_owned());
    } else {
        help.push("suites are files that end in .yaml or .yml".to_owned());
    }
    Lost {
        message: format!("no suites found {place}"),
        help,
    }
}

#[derive(Debug, Default)]
struct Search {
    /// Dockerfiles, not suites.
    dockerfiles: bool,
    found: Found,
    lost: Vec<Lost>,
    seen: HashSet<PathBuf>,
}

impl Search {
    fn path(&mut self, path: &Path) {
        match std::fs::metadata(path) {
            Ok(about) if about.is_dir() => self.folder(path),
            Ok(_) => self.take(path),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let near = neighbour(path);
                let help = near.map(|near| format!("did you mean `{}`?", near.display()));
                self.lost.push(Lost {
                    message: format!("there is no file or folder `{}`", path.display()),
                    help: help.into_iter().collect(),
                });
            }
            Err(error) => self.lost.push(Lost {
                message: format!("cannot look at `{}`: {error}", path.display()),
                help: Vec::new(),
            }),
        }
    }

    /// Everything below the folder by name, links to folders not followed, so that it ends.
    fn folder(&mut self, folder: &Path) {
        let Ok(entries) = std::fs::read_dir(folder) else {
            if folder != Path::new(DEFAULT) {
                self.lost.push(Lost {
                    message: format!("cannot look into the folder `{}`", folder.display()),
                    help: Vec::new(),
                });
            }
            return;
        };
        let mut entries: Vec<_> = entries.filter_map(Result::ok).collect();
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let path = shorter(&entry.path());
            if hidden {
                continue;
            }
            let name = entry.file_name();
            if is_folder {
                if !(self.dockerfiles && NOT_OURS.iter().any(|other| name == *other)) {
                    self.folder(&path);
                }
            } else if self.dockerfiles {
                if is_dockerfile(&name.to_string_lossy()) && path.is_file() {
                    self.take(&path);
                }
            } else if is_yaml(&path) {
                self.yaml(&path);
            }
        }
    }

    fn yaml(&mut self, path: &Path) {
        // What cannot be read is taken as a suite: reading it says why.
        let other =
            outside::bytes(path).is_ok_and(|bytes| !is_suite(&String::from_utf8_lossy(&bytes)));
        if other {
            self.found.passed_over.push(path.to_owned());
        } else {
            self.take(path);
        }
    }

    fn take(&mut self, path: &Path) {
        let path = shorter(path);
        let same = path.canonicalize().unwrap_or_else(|_| path.clone());
        if self.seen.insert(same) {
            self.found.files.push(path);
        }
    }
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "yaml" || e == "yml")
}

/// Without `.` at its front, as one would write it.
fn shorter(path: &Path) -> PathBuf {
    let short: PathBuf = path
        .components()
        .skip_while(|part| *part == Component::CurDir)
        .collect();
    if short.as_os_str().is_empty() {
        path.to_owned()
    } else {
        short
    }
}

/// What stands where the path leads and has nearly its name.
fn neighbour(path: &Path) -> Option<PathBuf> {
    let mut known = PathBuf::new();
    for part in path.components() {
        let next = known.join(part);
        if next.exists() {
            known = next;
            continue;
        }
        let folder = if known.as_os_str().is_empty() {
            Path::new(".")
        } else {
            &known
        };
        let names: Vec<String> = std::fs::read_dir(folder)
            .ok()?
            .filter_map(Result::ok)
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        let written = part.as_os_str().to_string_lossy();
        let near = nearest(&written, names.iter().map(String::as_str))
            .or_else(|| stem_of(&written, &names))?;
        return Some(known.join(near));
    }
    None
}

/// `gateway` for `gateway.yaml`.
fn stem_of<'a>(written: &str, names: &'a [String]) -> Option<&'a str> {
    let same = |name: &&String| {
        Path::new(name)
            .file_stem()
            .is_some_and(|stem| stem == written)
    };
    names.iter().find(same).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("suites/b.yaml", "seaworthy: 1\n");
        write("suites/a/z.yml", "seaworthy: 1\n");
        write("suites/a/requirements.yaml", "G1: it builds\n");
        write("suites/.hidden/x.yaml", "seaworthy: 1\n");
        write("suites/notes.md", "seaworthy: 1\n");
        folder
    }

    fn names(found: &Found, folder: &Path) -> Vec<String> {
        let short = |p: &PathBuf| p.strip_prefix(folder).unwrap().display().to_string();
        found.files.iter().map(short).collect()
    }

    #[test]
    fn folders_are_searched_in_order_and_files_are_taken_once() {
        let tree = tree();
        let suites = tree.path().join("suites");
        let found = find(&[suites.clone(), suites.join("b.yaml")]).unwrap();
        assert_eq!(
            names(&found, tree.path()),
            ["suites/a/z.yml", "suites/b.yaml"]
        );
        assert_eq!(found.passed_over, [suites.join("a/requirements.yaml")]);
        let named = find(&[suites.join("a/requirements.yaml")]).unwrap();
        assert_eq!(named.files.len(), 1);
    }

    #[test]
    fn every_path_that_leads_nowhere_is_said_with_what_is_near() {
        let tree = tree();
        let path = |name: &str| tree.path().join(name);
        let lost = find(&[path("suite/b.yaml"), path("suites/b"), path("zzz")]).unwrap_err();
        let help: Vec<_> = lost.iter().map(|l| l.help.join(" ")).collect();
        assert_eq!(
            help[0],
            format!("did you mean `{}`?", path("suites").display())
        );
        assert_eq!(
            help[1],
            format!("did you mean `{}`?", path("suites/b.yaml").display())
        );
        assert_eq!(help[2], "");
    }
}
