//! What can be wrong with a context, said so that its author can mend it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::text::ignore::BadPattern;

/// A context that cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContextError {
    /// The context folder cannot be entered.
    Folder {
        /// As the suite names it.
        given: PathBuf,
        /// Where that is.
        absolute: PathBuf,
        /// Why not.
        why: String,
    },
    /// The context is something else than a folder.
    NotAFolder {
        /// As the suite names it.
        given: PathBuf,
        /// Where that is.
        absolute: PathBuf,
    },
    /// There is no such Dockerfile.
    NoDockerfile {
        /// Where it was looked for.
        path: PathBuf,
        /// Files of the context that look like one.
        near: Vec<String>,
    },
    /// Something that must be sent cannot be read.
    Unreadable {
        /// What.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// A file was there when the context was listed, and is not or cannot be read now.
    Changed {
        /// What.
        path: PathBuf,
        /// What happened to it.
        why: String,
    },
    /// A line of the ignore file is one that the builder refuses.
    Ignore {
        /// The ignore file.
        path: PathBuf,
        /// The line.
        bad: BadPattern,
    },
}

impl ContextError {
    pub(super) fn folder(given: PathBuf, absolute: PathBuf, error: &io::Error) -> Self {
        Self::Folder {
            given,
            absolute,
            why: why(error),
        }
    }

    pub(super) fn unreadable(path: impl Into<PathBuf>, error: &io::Error) -> Self {
        Self::Unreadable {
            path: path.into(),
            why: why(error),
        }
    }

    /// A listed file that cannot be read any more.
    pub fn changed(path: impl Into<PathBuf>, error: &io::Error) -> Self {
        let path = path.into();
        match error.kind() {
            io::ErrorKind::NotFound => Self::Changed {
                path,
                why: "it was removed while the context was being sent".to_owned(),
            },
            io::ErrorKind::UnexpectedEof => Self::Changed {
                path,
                why: "it became shorter while the context was being sent".to_owned(),
            },
            _ => Self::unreadable(path, error),
        }
    }

    pub(super) fn no_dockerfile(root: &Path, path: PathBuf) -> Self {
        let mut near: Vec<String> = std::fs::read_dir(root)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| {
                let lower = name.to_lowercase();
                lower.contains("dockerfile") || lower.contains("containerfile")
            })
            .filter(|name| !name.ends_with(".dockerignore"))
            .collect();
        near.sort();
        near.truncate(5);
        Self::NoDockerfile { path, near }
    }
}

/// The system's number for links that lead in a circle; the standard library's name is not stable yet.
const LINK_LOOP: i32 = if cfg!(target_os = "linux") { 40 } else { 62 };

fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such folder or file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::NotADirectory => "a part of the path is no folder".to_owned(),
        _ if error.raw_os_error() == Some(LINK_LOOP) => {
            "its symbolic links lead in a circle".to_owned()
        }
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        _ => error.to_string(),
    }
}

impl fmt::Display for ContextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder {
                given,
                absolute,
                why,
            } => {
                write!(
                    f,
                    "the build context `{}` cannot be opened: {why}",
                    given.display()
                )?;
                write!(f, "\n  looked at: {}", absolute.display())
            }
            Self::NotAFolder { given, absolute } => {
                write!(f, "the build context `{}` is not a folder", given.display())?;
                write!(f, "\n  looked at: {}", absolute.display())
            }
            Self::NoDockerfile { path, near } => {
                write!(f, "there is no Dockerfile at {}", path.display())?;
                if !near.is_empty() {
                    write!(
                        f,
                        "\n  help: the context has {}; name it with `dockerfile:`",
                        near.join(", ")
                    )?;
                }
                Ok(())
            }
            Self::Unreadable { path, why } => {
                write!(f, "cannot read {}: {why}", path.display())?;
                if why == "permission denied" {
                    f.write_str("\n  help: let this user read it")?;
                    // A Dockerfile cannot be left out.
                    if path.file_name().is_none_or(|name| name != "Dockerfile") {
                        f.write_str(", or leave it out with `.dockerignore`")?;
                    }
                }
                Ok(())
            }
            Self::Changed { path, why } => {
                write!(f, "the build context changed: {}: {why}", path.display())
            }
            Self::Ignore { path, bad } => write!(f, "{}: {bad}", path.display()),
        }
    }
}

impl std::error::Error for ContextError {}
