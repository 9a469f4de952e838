//! `source`: a file beside the suite.

use serde_json::{Value as Json, json};

use super::path::{At, Path, PathFields, Sha256};
use super::{Findings, Judge, Scope};
use crate::fact::answer::{Answer, Answers, Blocked, Fact, Seen};
use crate::fact::path::Kind;
use crate::fact::question::Question;
use crate::fact::source::Look;
use crate::record;
use crate::text::glob::{Glob, is_pattern, misread};
use crate::text::matcher::bound::Bound;
use crate::text::matcher::json::JsonMatch;
use crate::text::matcher::texts::TextMatch;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Spanned;
use crate::text::tree::Node;
use crate::text::units::{Bytes, Mode};

record! {
    /// A file beside the suite: a Compose file, an example of a configuration.
    pub struct SourceFields (short at) {
        /// A path relative to this file, or a pattern (`*`, `?`, `[a-z]`, `**` across folders). Each
        /// path that matches is judged, and none is a failure.
        at: Spanned<Beside>,
        /// Whether there is anything (true without it).
        exists: Option<Spanned<bool>>,
        /// What it is.
        r#type: Option<Spanned<Kind>>,
        /// Its permission bits.
        mode: Option<Spanned<Mode>>,
        /// The bytes it holds; `MB` is a million.
        size: Option<Spanned<Bound<Bytes>>>,
        /// What it holds, as text.
        content: Option<Spanned<TextMatch>>,
        /// What it holds, as JSON.
        json: Option<JsonMatch>,
        /// Where a symbolic link leads, as it is written in the link.
        target: Option<Spanned<TextMatch>>,
        /// The SHA-256 of what it holds.
        sha256: Option<Spanned<Sha256>>,
    }
}

/// One path relative to the suite's folder, or a pattern for such.
#[derive(Debug, Clone)]
pub struct Beside(At);

impl Read for Beside {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let text = String::read(node, reader)?;
        if text.is_empty() || text.starts_with(['/', '~']) {
            return reader.wrong(
                node,
                "a path relative to this file, such as ../compose.yaml",
            );
        }
        let parts = text.split('/').filter(|part| !matches!(*part, "" | "."));
        let path = parts.collect::<Vec<_>>().join("/");
        if let Some(why) = misread(&path) {
            reader.say(node.span, why);
            return None;
        }
        if !is_pattern(&path) {
            return Some(Self(At::Path(path)));
        }
        let mut glob = Glob::of(&path, node, reader)?;
        // Of a pattern with no folder in front that is the suite's own.
        if glob.root == "/" {
            glob.root.clear();
        }
        Some(Self(At::Glob(path, Box::new(glob))))
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "type": "string" })
    }
}

/// What is expected of a file beside the suite: what is expected at a path, looked at elsewhere.
#[derive(Debug, Clone)]
pub struct Source(Path);

impl Read for Source {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let fields = SourceFields::read(node, reader)?;
        let fields = PathFields {
            at: Spanned {
                span: fields.at.span,
                value: fields.at.value.0,
            },
            exists: fields.exists,
            r#type: fields.r#type,
            mode: fields.mode,
            owner: None,
            group: None,
            uid: None,
            gid: None,
            size: fields.size,
            content: fields.content,
            json: fields.json,
            target: fields.target,
            sha256: fields.sha256,
            writable_by: None,
            not_writable_by: None,
        };
        Path::of(fields, node, reader).map(Self)
    }
    fn schema(schemas: &mut Schemas) -> Json {
        SourceFields::schema(schemas)
    }
}

/// The question of a path as one about sources; accounts are a matter of images.
fn of_sources(question: &Question) -> Option<Question> {
    let look = match question.clone() {
        Question::Stat { path, follow } => Look::Stat { path, follow },
        Question::Read { path, .. } if path.starts_with('/') => return None,
        Question::Read { path, most } => Look::Read { path, most },
        Question::Digest { path, most } => Look::Digest { path, most },
        Question::Walk { root, depth } => Look::Walk { root, depth },
        Question::Linked { pattern } => Look::Linked { pattern },
        _ => return None,
    };
    Some(Question::Source(look))
}

impl Judge for Source {
    const SCOPE: Scope = Scope::Sources;

    fn questions(&self) -> Vec<Question> {
        self.0.questions().iter().filter_map(of_sources).collect()
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let mut answers = Answers::default();
        for question in self.0.questions() {
            let answer = match of_sources(&question) {
                Some(asked) => seen.answer(&asked),
                None => Answer::Seen(Fact::Read(None)),
            };
            answers.keep(0, question, answer);
        }
        self.0.judge(answers.of(0), findings)
    }
}

#[cfg(test)]
mod tests {
    use crate::claim::trial::{errs_unseen, judged, misses, refused};
    use crate::fact::answer::Fact;
    use crate::fact::blob::Blob;
    use crate::fact::linked::Linked;
    use crate::fact::path::{Digest, Entry, Kind, Stat, Walk};
    use crate::fact::question::Question;
    use crate::fact::source::Look;

    fn stat(kind: Kind) -> Stat {
        Stat {
            uid: 1000,
            gid: 1000,
            size: 9,
            target: (kind == Kind::Link).then(|| "gone".to_owned()),
            ..crate::claim::trial::stat(kind)
        }
    }

    /// A folder with `.env.example`, `conf/a.json` and a dead link, as seen from the suite.
    fn seen(question: &Question) -> Fact {
        let Question::Source(look) = question else {
            panic!("{question:?} is about no source");
        };
        match look {
            Look::Stat { path, follow } => Fact::Stat(match (path.as_str(), follow) {
                ("../.env.example" | "conf/a.json", _) => Some(stat(Kind::File)),
                ("conf", _) => Some(stat(Kind::Directory)),
                ("dead", false) => Some(stat(Kind::Link)),
                _ => None,
            }),
            Look::Read { path, .. } => Fact::Read(match path.as_str() {
                "../.env.example" => Some(Blob::whole("PORT=80\nKEY=\n")),
                "conf/a.json" => Some(Blob::whole("{\"a\": 1}")),
                _ => None,
            }),
            Look::Digest { path, .. } => Fact::Digest((path == "conf/a.json").then(|| Digest {
                sha256: Some("0".repeat(64)),
                total: 8,
            })),
            Look::Walk { root, .. } => Fact::Walk(Walk {
                entries: match root.as_str() {
                    "" => vec![entry("conf", Kind::Directory), entry("dead", Kind::Link)],
                    "conf" => vec![entry("conf/a.json", Kind::File)],
                    _ => Vec::new(),
                },
                ..Walk::default()
            }),
            Look::Linked { .. } => Fact::Linked(Linked {
                found: vec![entry("conf/link/a.pem", Kind::File)],
                ..Linked::default()
            }),
            Look::Search { .. } => panic!("nothing is searched"),
        }
    }

    fn entry(path: &str, kind: Kind) -> Entry {
        Entry {
            path: path.to_owned(),
            stat: stat(kind),
        }
    }

    #[test]
    fn a_file_is_judged_as_a_path_is() {
        for holds in [
            "../.env.example",
            "{ at: ./../.env.example, content: { contains: PORT= }, size: 9B, type: file }",
            "{ at: conf/a.json, json: { $.a: 1 }, mode: 0644 }",
            "{ at: conf/b.json, exists: false }",
            "{ at: dead, target: gone }",
            "conf/*.json",
            "{ at: \"c*\", type: directory }",
            "{ at: \"*.pem\", exists: false }",
        ] {
            assert_eq!(misses("source", holds, seen), [""; 0], "{holds}");
        }
        for (fails, said) in [
            (
                "../.env",
                "../.env: expected something there, actual nothing",
            ),
            (
                "dead",
                "dead: expected something there, actual the link leads to nothing, or in a circle | dead is a link to \"gone\"",
            ),
            ("{ at: dead, exists: false }", "actual a link"),
            (
                "\"*.pem\"",
                "*.pem: expected something that matches, actual nothing",
            ),
            ("{ at: conf, content: x }", "actual a directory"),
            (
                "{ at: \"conf/*/*.pem\", exists: false }",
                "conf/link/a.pem: expected nothing there, actual a file",
            ),
            (
                "{ at: conf/a.json, json: { $.a: 2 } }",
                "conf/a.json json: expected",
            ),
        ] {
            let said_of = misses("source", fails, seen).join("; ");
            assert!(said_of.contains(said), "{fails}: {said_of}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_no_verdict() {
        errs_unseen("source", "{ at: conf/a.json, json: { $.a: 1 } }", seen);
        errs_unseen("source", "{ at: gone, exists: false }", seen);
        errs_unseen("source", "{ at: \"*.pem\", exists: false }", seen);
        let cut = judged("source", "{ at: \"*.pem\", exists: false }", |_| {
            Fact::Walk(Walk {
                cut: true,
                ..Walk::default()
            })
        });
        assert!(cut.unseen[0].contains("narrow the pattern"), "{cut:?}");
    }

    #[test]
    fn paths_are_relative_to_the_suite() {
        for (written, said) in [
            ("/etc/passwd", "a path relative to this file"),
            ("~/x", "a path relative to this file"),
            ("{ at: a, owner: root }", "unknown key `owner`"),
            (
                "{ at: a, exists: false, size: 1B }",
                "`size` cannot be judged",
            ),
            ("{ at: \"*.a\", content: x }", "beside a pattern"),
        ] {
            let told = refused("source", written);
            assert!(told.contains(said), "{written}: {told}");
        }
    }
}
