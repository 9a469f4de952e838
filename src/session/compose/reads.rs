//! The files that a Compose tool reads of its own accord: what a file includes and extends, and files of variables.
//! The tool does not tell of them afterwards, so they are looked at before, as they are written.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use crate::engine::sources::{read, real};
use crate::suite::compose::Compose;
use crate::suite::grant::{Kind, Power, Reach};
use crate::suite::outside::shown;
use crate::text::source::{Sources, Span};
use crate::text::tree::{Node, Value};
use crate::text::yaml;

/// The most of a file that is looked at.
const LIMIT: u64 = 1 << 20;
/// How many files are looked at; what more of them name is not known.
const FILES: usize = 64;
/// Keys under which files are named that are read.
const NAMING: [&str; 4] = ["include", "extends", "env_file", "label_file"];

/// A power that is asked for before the tool has read anything, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Early {
    /// Which.
    pub(super) power: Power,
    /// The file and line.
    pub(super) place: String,
}

/// A file, the folder that its paths are relative to, and who names it.
struct Next {
    path: PathBuf,
    folder: PathBuf,
    place: String,
}

/// All that the tool would read from outside the project.
pub(super) fn asked(compose: &Compose, suite: &Path, reach: &Reach) -> Vec<Early> {
    let mut looking = Looking {
        reach,
        all: Vec::new(),
        ahead: VecDeque::new(),
        known: Vec::new(),
    };
    let first = compose.files.first().map(|file| suite.join(&file.value));
    let project = first.as_deref().and_then(Path::parent).unwrap_or(suite);
    // Those of the suite itself were looked at with the suite, unless they lead elsewhere since.
    for file in &compose.files {
        let path = suite.join(&file.value);
        looking.goes_on(path.clone(), project.to_owned(), shown(&path));
    }
    if compose.env_file.is_none() {
        let path = project.join(".env");
        let place = shown(&path);
        looking.may(&path, &place);
    }
    while let Some(next) = looking.ahead.pop_front() {
        looking.look(&next);
    }
    looking.all
}

struct Looking<'a> {
    reach: &'a Reach,
    all: Vec<Early>,
    ahead: VecDeque<Next>,
    known: Vec<PathBuf>,
}

impl Looking<'_> {
    /// Whether a file may be read.
    fn may(&mut self, path: &Path, place: &str) -> bool {
        let asked = self.reach.bounds.read(path, &real);
        let may = asked
            .as_ref()
            .is_none_or(|power| self.reach.allowed.has(power));
        let place = place.to_owned();
        self.all.extend(asked.map(|power| Early { power, place }));
        may
    }

    fn goes_on(&mut self, path: PathBuf, folder: PathBuf, place: String) {
        if !self.may(&path, &place) || self.known.contains(&path) {
            return;
        }
        if self.known.len() == FILES {
            self.unknown(&place);
        } else {
            self.known.push(path.clone());
            self.ahead.push_back(Next {
                path,
                folder,
                place,
            });
        }
    }

    fn look(&mut self, next: &Next) {
        let Some(blob) = read(&next.path, LIMIT).ok().flatten() else {
            return;
        };
        let text = String::from_utf8_lossy(&blob.bytes).into_owned();
        let mut sources = Sources::default();
        let file = sources.add(shown(&next.path), &text);
        let is_whole = blob.total <= LIMIT;
        let (Some(root), true) = (yaml::parse(file, &text).0, is_whole) else {
            // What cannot be looked at could name anything.
            if !is_whole || NAMING.iter().any(|key| text.contains(key)) {
                self.unknown(&next.place);
            }
            return;
        };
        let place = |span: Span| {
            let place = sources.place(span);
            format!("{}:{}", place.file, place.line)
        };
        if let Some(include) = root.get("include") {
            for one in many(include) {
                let folder = one.get("project_directory").and_then(Node::text);
                for named in one.get("path").map_or_else(|| vec![one], many) {
                    self.includes(named, folder, next, &place(named.span));
                }
                for named in one.get("env_file").map(many).unwrap_or_default() {
                    self.reads(named, next, &place(named.span));
                }
            }
        }
        let services = root.get("services").and_then(Node::entries).unwrap_or(&[]);
        for service in services.iter().map(|entry| &entry.value) {
            for key in ["env_file", "label_file"] {
                for named in service.get(key).map(many).unwrap_or_default() {
                    let named = named.get("path").unwrap_or(named);
                    self.reads(named, next, &place(named.span));
                }
            }
            if let Some(named) = service.get("extends").and_then(|one| one.get("file")) {
                self.includes(named, None, next, &place(named.span));
            }
        }
    }

    /// Another Compose file, whose paths are relative to its own folder.
    fn includes(&mut self, named: &Node, folder: Option<&str>, next: &Next, place: &str) {
        let Some(path) = self.path(named, next, place) else {
            return;
        };
        let own = path.parent().unwrap_or(Path::new("")).to_owned();
        let folder = folder.map_or(own, |folder| next.folder.join(folder));
        self.goes_on(path, folder, place.to_owned());
    }

    /// A file of variables.
    fn reads(&mut self, named: &Node, next: &Next, place: &str) {
        if let Some(path) = self.path(named, next, place) {
            self.may(&path, place);
        }
    }

    /// The file that is named, where that can be told.
    fn path(&mut self, named: &Node, next: &Next, place: &str) -> Option<PathBuf> {
        let text = named.text()?;
        match text.contains('$') {
            true => {
                self.unknown(place);
                None
            }
            false => Some(next.folder.join(text)),
        }
    }

    /// Something is read, and what is not known: only who allows all may have that.
    fn unknown(&mut self, place: &str) {
        self.all.push(Early {
            power: Power::new(Kind::Read, ""),
            place: place.to_owned(),
        });
    }
}

/// One, or those of a list.
fn many(node: &Node) -> Vec<&Node> {
    match &node.value {
        Value::List(items) => items.iter().collect(),
        _ => vec![node],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::grant::{Allowed, Bounds, Grant};
    use crate::suite::pairs::Pairs;
    use crate::text::read::Named;
    use crate::text::source::{FileId, Spanned};

    fn named(file: &str) -> Spanned<String> {
        let span = Span {
            file: FileId(0),
            start: 0,
            end: 0,
        };
        Spanned {
            span,
            value: file.to_owned(),
        }
    }

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "it makes what it looks at, in a folder of its own"
    )]
    fn files_that_a_tool_reads_by_itself_lie_in_the_project() {
        let folder = tempfile::tempdir().unwrap();
        let project = std::fs::canonicalize(folder.path()).unwrap().join("p");
        std::fs::create_dir_all(project.join("more")).unwrap();
        let write = |name: &str, text: &str| std::fs::write(project.join(name), text).unwrap();
        write("../out.env", "A=1");
        write("own.env", "A=1");
        write("more/own.env", "A=1");
        let look = |text: &str, powers: &[&str]| {
            write("compose.yaml", text);
            let compose = Compose {
                files: vec![named("compose.yaml")],
                app: named("web"),
                services: Vec::new(),
                profiles: Vec::new(),
                env_file: None,
                environment: Pairs::default(),
                scale: Named(Vec::new()),
                ready: Named(Vec::new()),
                certificates: Named(Vec::new()),
            };
            let powers = powers.iter().map(|power| Grant::parse(power).unwrap());
            let reach = Reach {
                bounds: Bounds::of(&project, |dir| dir == project),
                allowed: Allowed::only(powers),
            };
            let all = asked(&compose, &project, &reach);
            let top = project.parent().unwrap().display().to_string();
            let told = all.iter().map(|one| format!("{} {}", one.place, one.power));
            told.map(|text| text.replace(&top, "T")).collect::<Vec<_>>()
        };
        let inside = "include: [more/b.yaml]\nservices:\n  web:\n    env_file: [own.env, { path: more/own.env }]\n    extends: { file: more/b.yaml, service: x }\n";
        write("more/b.yaml", "services: { x: { env_file: own.env } }");
        assert_eq!(look(inside, &[]), [""; 0]);
        // Paths of what is included are of its own folder.
        write(
            "more/b.yaml",
            "services:\n  x:\n    env_file: ../../out.env\n",
        );
        let refused = "T/p/more/b.yaml:3 read=T/out.env";
        assert_eq!(look(inside, &[]), [refused]);
        let other = "services:\n  web: { env_file: ../out.env }\n";
        assert_eq!(look(other, &[]), ["T/p/compose.yaml:2 read=T/out.env"]);
        let merged = "x-a: &a { env_file: ../out.env }\nservices:\n  web: { <<: *a }\n";
        assert_eq!(look(merged, &[]).len(), 1);
        // What is included from outside is not looked at, unless that is allowed.
        let outer = "include:\n  - path: ../outer.yaml\n";
        write(
            "../outer.yaml",
            "services: { x: { env_file: /etc/shadow } }",
        );
        assert_eq!(look(outer, &[]), ["T/p/compose.yaml:2 read=T/outer.yaml"]);
        assert_eq!(look(outer, &["read"]).len(), 2);
        // What cannot be told may be anything.
        let variable = "services: { web: { env_file: '${WHERE}' } }";
        assert_eq!(look(variable, &[]), ["T/p/compose.yaml:1 read"]);
        assert_eq!(look("env_file: [", &[]), ["T/p/compose.yaml read"]);
        // The variables beside the file may be a link too.
        std::os::unix::fs::symlink("../out.env", project.join(".env")).unwrap();
        assert_eq!(look("services: {}", &[]), ["T/p/.env read=T/out.env"]);
    }
}
