//! Questions about files of this machine: what an image is built from, and what lies beside a suite.

mod build;

use std::path::{Path, PathBuf};

use crate::engine::build::{BuildRequest, builder_of};
use crate::engine::context::{self, Context, ContextError, DockerfileSource, EntryKind};
use crate::engine::{off_thread, sources};
use crate::fact::answer::{Answer, Answers, Fact};
use crate::fact::blob::Blob;
use crate::fact::linked::{Branch, Linked, MOST, too_many};
use crate::fact::path::{Entry, Kind, Stat, Walk};
use crate::fact::question::Question;
use crate::fact::source::{Context as ContextFacts, Dockerfile, IgnoreFile, Look, Sent};
use crate::session::Session;
use crate::session::compose::build as composed;
use crate::session::image;
use crate::suite::grant::Reach;
use crate::suite::image::Build;
use crate::suite::outside::shown;
use crate::text::glob::Glob;

/// Where the sources of a case lie, and those of its services.
#[derive(Debug, Clone)]
pub struct Grounds<'a> {
    /// The hold on the engine.
    pub session: &'a Session,
    /// The suite's folder.
    pub folder: &'a Path,
    /// What may be read beyond the project.
    pub reach: &'a Reach,
    /// What the image of each service is built from, where it is built.
    pub builds: Vec<(&'a str, Recipe<'a>)>,
}

/// Who says what an image is built from.
#[derive(Debug, Clone)]
pub enum Recipe<'a> {
    /// The suite.
    Suite(&'a Build),
    /// A Compose file, or what of its `build` keeps us from telling.
    Compose(Box<Result<composed::Recipe, String>>),
}

impl<'a> Grounds<'a> {
    /// Those of one service.
    pub fn of(&self, service: &str) -> Ground<'a> {
        let build = self.builds.iter().find(|(name, _)| *name == service);
        Ground {
            session: self.session,
            folder: self.folder,
            reach: self.reach,
            build: build.map(|(_, build)| build.clone()),
        }
    }
}

/// Where sources lie.
#[derive(Debug, Clone)]
pub struct Ground<'a> {
    /// The hold on the engine.
    pub session: &'a Session,
    /// The suite's folder.
    pub folder: &'a Path,
    /// What may be read beyond the project.
    pub reach: &'a Reach,
    /// What the image is built from, where it is built.
    pub build: Option<Recipe<'a>>,
}

/// Why nothing is told of what a `build` of a Compose file with this key makes.
fn by_tool(key: &str) -> String {
    format!(
        "the `build` of the Compose file says `{key}`, by which the Compose tool alone builds; give the case the image that is \
         meant: `image: {{ build: {{ context: . }} }}`"
    )
}

/// Answers questions about sources.
pub async fn of(ground: Option<&Ground<'_>>, asked: &[(usize, Question)], answers: &mut Answers) {
    for (at, (item, question)) in asked.iter().enumerate() {
        let answer = match ground {
            _ if asked[..at].iter().any(|(_, before)| before == question) => continue,
            Some(ground) => ground.answer(question).await,
            None => Err("sources do not change, so they cannot be waited for".to_owned()),
        };
        let answer = answer.map_or_else(Answer::Unseen, Answer::Seen);
        answers.keep(*item, question.clone(), answer);
    }
}

impl Ground<'_> {
    async fn answer(&self, question: &Question) -> Result<Fact, String> {
        match question {
            Question::Source(look) => {
                let (folder, look) = (self.folder.to_owned(), look.clone());
                let reach = self.reach.clone();
                off_thread(move || beside(&folder, &reach, &look)).await?
            }
            Question::Dockerfile => self.dockerfile().await,
            Question::Context => self.context().await,
            Question::WholeContext => self.whole().await,
            Question::Build(attempt) => self.build(attempt).await,
            _ => Err("this is no question about sources".to_owned()),
        }
    }

    fn request(&self) -> Result<BuildRequest, String> {
        match &self.build {
            Some(Recipe::Suite(build)) => image::request(build, self.folder),
            Some(Recipe::Compose(recipe)) => match &**recipe {
                Ok(recipe) => Ok(recipe.request.clone()),
                Err(key) => Err(by_tool(key)),
            },
            None => Err(
                "the image of this case is not built, so there is nothing to look at".to_owned(),
            ),
        }
    }

    /// What our own builder is asked for.
    fn buildable(&self) -> Result<BuildRequest, String> {
        let beyond = match &self.build {
            Some(Recipe::Compose(recipe)) => recipe.as_ref().as_ref().ok(),
            _ => None,
        };
        match beyond.and_then(|recipe| recipe.beyond.as_deref()) {
            Some(key) => Err(by_tool(key)),
            None => self.request(),
        }
    }

    async fn dockerfile(&self) -> Result<Fact, String> {
        let request = self.request()?;
        let args = request.given_args();
        let target = request.target.clone();
        let folder = request.context.clone();
        let read = move || context::dockerfile(&request.context, request.dockerfile.as_deref());
        let source: DockerfileSource = off_thread(read).await?.map_err(|e| told(&e))?;
        Ok(Fact::Dockerfile(Box::new(Dockerfile {
            name: called(&folder, &source),
            text: Blob::whole(source.text),
            args,
            target,
        })))
    }

    async fn context(&self) -> Result<Fact, String> {
        let request = self.request()?;
        let builder = builder_of(&self.session.engine);
        let folder = shown(&request.context);
        let read = move || Context::read(&request.context, request.dockerfile.as_deref(), builder);
        let context = off_thread(read).await?.map_err(|e| told(&e))?;
        let name = |path: &Path| {
            let within = path.strip_prefix(&context.root);
            within.unwrap_or(path).display().to_string()
        };
        let ignore = context.ignore.as_ref().map(|file| IgnoreFile {
            name: name(&file.path),
            text: Blob::whole(file.text.clone()),
        });
        let sent = context.entries.iter().map(|entry| Sent {
            path: entry.path.to_string_lossy().into_owned(),
            kind: match entry.kind {
                EntryKind::File => Kind::File,
                EntryKind::Folder => Kind::Directory,
                EntryKind::Link(_) => Kind::Link,
            },
            size: entry.size,
        });
        Ok(Fact::Context(Box::new(ContextFacts {
            folder,
            builder,
            sent: sent.collect(),
            ignore,
            notes: context.notes.clone(),
        })))
    }

    async fn whole(&self) -> Result<Fact, String> {
        let folder = self.request()?.context;
        let name = shown(&folder);
        let walk = off_thread(move || sources::walk(&folder, "", None)).await?;
        let walk = walk.map_err(|error| format!("cannot list {name}: {error}"))?;
        Ok(Fact::Walk(walk))
    }
}

/// The Dockerfile's path as one would write it.
fn called(context: &Path, source: &DockerfileSource) -> String {
    match &source.within {
        Some(within) => shown(&context.join(within)),
        None => source.path.display().to_string(),
    }
}

fn told(error: &ContextError) -> String {
    error.to_string()
}

fn beside(folder: &Path, reach: &Reach, look: &Look) -> Result<Fact, String> {
    // Of a suite that is named without a folder, the folder is empty, and an empty path is none.
    let full = |path: &str| -> PathBuf {
        let whole = folder.join(path);
        match whole.as_os_str().is_empty() {
            true => PathBuf::from("."),
            false => whole,
        }
    };
    let cannot = |path: &str, error: std::io::Error| {
        format!("cannot look at {}: {error}", shown(&full(path)))
    };
    // A name in a pattern, or one that was a file when the suite was read, may be a link by now.
    let may = |path: &Path| {
        let asked = reach.bounds.read(path, &sources::real);
        match asked.filter(|power| !reach.allowed.has(power)) {
            None => Ok(()),
            Some(power) => Err(format!("{}; {}", power.refusal(), power.help())),
        }
    };
    let within = |path: &str| may(&full(path));
    if !matches!(look, Look::Linked { .. }) {
        within(look.path())?;
    }
    match look {
        Look::Stat { path, follow } => sources::stat(&full(path), *follow)
            .map(Fact::Stat)
            .map_err(|e| cannot(path, e)),
        Look::Read { path, most } => sources::read(&full(path), *most)
            .map(Fact::Read)
            .map_err(|e| cannot(path, e)),
        Look::Digest { path, most } => sources::digest(&full(path), *most)
            .map(Fact::Digest)
            .map_err(|e| cannot(path, e)),
        Look::Search { path, search } => sources::search(&full(path), path, search, &may)
            .map(|searched| Fact::Searched(Box::new(searched)))
            .map_err(|e| cannot(path, e)),
        Look::Walk { root, depth } => sources::walk(&full(root), root, *depth)
            .map(Fact::Walk)
            .map_err(|e| cannot(root, e)),
        Look::Linked { pattern } => linked(pattern, |branch| {
            let at = full(&branch.root);
            within(&branch.root)?;
            let seen = match branch.depth() {
                Some(0) => sources::stat(&at, false).map(|stat| Walk {
                    entries: stat
                        .map(|stat| entry(&branch.root, stat))
                        .into_iter()
                        .collect(),
                    ..Walk::default()
                }),
                depth => sources::walk(&at, &branch.root, depth),
            };
            seen.map_err(|e| cannot(&branch.root, e))
        }),
    }
}

fn entry(path: &str, stat: Stat) -> Entry {
    let path = path.to_owned();
    Entry { path, stat }
}

/// What matches a pattern behind links, which `walk` follows. Who may write is not asked of sources, so what
/// stands above it is not either.
fn linked(pattern: &str, walk: impl Fn(&Branch) -> Result<Walk, String>) -> Result<Fact, String> {
    let mut glob = Glob::new(pattern)?;
    // Of a pattern with no folder in front that is the suite's own.
    if glob.root == "/" {
        glob.root.clear();
    }
    let first = Branch::of(&glob);
    let mut ahead = first.beyond(&walk(&first)?)?;
    let mut linked = Linked::default();
    let mut entered = 0;
    while let Some(branch) = ahead.pop() {
        entered += 1;
        if entered > MOST {
            return Err(too_many(pattern));
        }
        let seen = walk(&branch)?;
        linked.add(&branch, &seen)?;
        ahead.extend(branch.beyond(&seen)?);
    }
    linked.settle();
    Ok(Fact::Linked(linked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::search::Search;
    use crate::suite::grant::{Allowed, Bounds, Grant};

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "it makes what it looks at, in a folder of its own"
    )]
    fn folders_that_are_links_are_entered_where_a_name_of_the_pattern_stands_for_them() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("real/deep")).unwrap();
        std::fs::write(folder.path().join("real/deep/a.pem"), "").unwrap();
        std::os::unix::fs::symlink("real", folder.path().join("link")).unwrap();
        std::os::unix::fs::symlink(".", folder.path().join("me")).unwrap();
        let found = |pattern: &str| {
            let pattern = pattern.to_owned();
            match beside(folder.path(), &Reach::default(), &Look::Linked { pattern }) {
                Ok(Fact::Linked(linked)) => linked.found.into_iter().map(|e| e.path).collect(),
                Err(why) => vec![why],
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(found("*/deep/*.pem"), ["link/deep/a.pem"]);
        assert_eq!(
            found("*/*/deep/a*"),
            ["me/link/deep/a.pem", "me/real/deep/a.pem"]
        );
        assert_eq!(found("**/*.pem"), [""; 0]);
        assert_eq!(found("*/none"), [""; 0]);
    }

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "it makes what it looks at, in a folder of its own"
    )]
    fn a_search_reads_no_link_out_of_the_project_unless_that_is_allowed() {
        let folder = tempfile::tempdir().unwrap();
        let project = std::fs::canonicalize(folder.path()).unwrap().join("p");
        std::fs::create_dir(&project).unwrap();
        let other = project.with_file_name("other");
        std::fs::write(&other, "a word").unwrap();
        std::os::unix::fs::symlink("../other", project.join("link")).unwrap();
        let look = Look::Search {
            path: ".".to_owned(),
            search: Search {
                words: vec!["word".to_owned()],
                ..Search::default()
            },
        };
        let seen = |grant: Option<String>| {
            let grants = grant.map(|grant| Grant::parse(&grant).unwrap());
            let reach = Reach {
                bounds: Bounds::of(&project, |dir| dir == project),
                allowed: Allowed::only(grants),
            };
            match beside(&project, &reach, &look) {
                Ok(Fact::Searched(searched)) => searched,
                other => panic!("{other:?}"),
            }
        };
        let refused = seen(None);
        assert_eq!(refused.finds, []);
        let [(path, why)] = refused.unread.as_slice() else {
            panic!("{:?}", refused.unread);
        };
        let power = format!("read={}", other.display());
        assert_eq!(path, "link");
        assert!(why.contains(&format!("`{power}` is refused")), "{why}");
        assert_eq!(seen(Some(power)).finds.len(), 1);
    }

    #[test]
    fn the_folder_of_a_suite_that_is_named_without_one_is_this_one() {
        let look = Look::Walk {
            root: String::new(),
            depth: Some(1),
        };
        match beside(Path::new(""), &Reach::default(), &look) {
            Ok(Fact::Walk(walk)) => {
                assert!(walk.entries.iter().any(|entry| entry.path == "Cargo.toml"));
            }
            other => panic!("{other:?}"),
        }
    }
}
