//! The images that the services of a Compose file are built as: by our own builder where it knows all that a
//! `build` says, else by the tool.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value as Json};

use super::file::Added;
use super::indented;
use super::stack::{Part, Source, Stack};
use crate::engine::build::{BuildRequest, is_of_the_world, slug};
use crate::engine::compose::{Ask, Tool};
use crate::engine::{Fault, FaultKind, Result};
use crate::fact::build::BuildFailure;
use crate::session::image::NoImage;
use crate::session::{Session, all};
use crate::suite::outside::shown;

/// How long the tool may take to build the images.
const BUILDING: Duration = Duration::from_hours(1);

/// How the images came that were built.
#[derive(Debug, Default)]
pub(super) struct Made {
    /// Those that the tool has built, for this run alone.
    pub(super) by_tool: Vec<String>,
    /// How our own came, by service.
    own: BTreeMap<String, String>,
}

impl Made {
    /// How the image of a service came that is built.
    pub(super) fn how(&self, service: &str) -> &str {
        self.own.get(service).map_or("built", String::as_str)
    }
}

/// What an image is built from.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// That.
    pub request: BuildRequest,
    /// A key of its `build` that the tool alone builds by.
    pub beyond: Option<String>,
}

impl Part {
    /// What our own builder is asked for, where it makes the image.
    pub fn request(&self) -> Option<BuildRequest> {
        match &self.source {
            Source::Build(build) if !self.body.contains_key("platform") => {
                request(&self.name, build)
            }
            _ => None,
        }
    }

    /// What its own image is built from, whatever takes its place, or what of its `build` keeps us from telling.
    pub fn recipe(&self) -> Option<std::result::Result<Recipe, String>> {
        let mut recipe = recipe(&self.name, self.build.as_ref()?);
        if let Ok(recipe) = &mut recipe {
            recipe.request.platform = self.body.get("platform").and_then(written);
        }
        Some(recipe)
    }
}

impl Session {
    /// Builds what is to be built, and writes down every service's image.
    pub(super) async fn built_of(
        &self,
        tool: &Tool,
        stack: &Stack,
        asked: &Ask,
        added: &mut Added,
        line: &(impl Fn(String) + Send + Sync),
    ) -> std::result::Result<Made, NoImage> {
        let mut made = Made::default();
        let mut theirs: Vec<(&Json, String)> = Vec::new();
        let mut ours: Vec<(&Part, BuildRequest)> = Vec::new();
        for part in &stack.parts {
            let build = match &part.source {
                Source::Ref(name, _) => {
                    added.images.insert(part.name.clone(), name.clone());
                    continue;
                }
                Source::Build(build) => build,
            };
            if let Some(request) = part.request() {
                ours.push((part, request));
                continue;
            }
            // What is built from the same is the same.
            let name = match theirs.iter().find(|(other, _)| *other == build) {
                Some((_, name)) => name.clone(),
                None => {
                    let name = self.name("built");
                    theirs.push((build, name.clone()));
                    name
                }
            };
            added.images.insert(part.name.clone(), name);
        }
        let own = ours.into_iter().map(|(part, request)| async move {
            let built = self.build(&request, line).await;
            let (built, how) = built.map_err(|why| told(why, &request))?;
            line(format!("`{}`: {how}", part.name));
            Ok::<_, NoImage>((part, built.tag, how))
        });
        for built in all(own).await {
            let (part, tag, how) = built?;
            added.images.insert(part.name.clone(), tag);
            made.own.insert(part.name.clone(), how);
        }
        made.by_tool = theirs.into_iter().map(|(_, name)| name).collect();
        if let Some(file) = stack.builds(added, &made.by_tool) {
            let ask = Ask {
                input: file.to_string(),
                ..asked.clone()
            };
            self.build_all(tool, ask, &made.by_tool, line).await?;
            self.keep_steps(stack, added, &made.by_tool).await?;
        }
        Ok(made)
    }

    async fn build_all(
        &self,
        tool: &Tool,
        mut ask: Ask,
        names: &[String],
        line: &(impl Fn(String) + Send + Sync),
    ) -> std::result::Result<(), NoImage> {
        // What another build of this run has made is in the cache when this one begins.
        let _alone = self.alone().await;
        for name in names {
            self.ledger.image(name);
        }
        let project = self.project();
        let words = ["-p", project.as_str(), "-f", "-", "build"].map(str::to_owned);
        ask.words.extend(words);
        if tool.is_first() {
            // Else the container of a step that fails stays.
            ask.words.push("--force-rm".to_owned());
        }
        "build the images of the Compose file".clone_into(&mut ask.doing);
        ask.within = BUILDING;
        let said = tool.run(Some(self.engine.address()), &ask, line).await?;
        for name in names {
            self.ledger.made(name);
        }
        if said.done {
            return Ok(());
        }
        let all = said.last_lines.join("\n");
        if is_of_the_world(&all) || is_of_a_fetch(&all) {
            let message = format!("`{}` says{}", tool.name(), indented(&said));
            return Err(Fault::new(FaultKind::Broken, ask.doing, message).into());
        }
        let last = said.last_lines.last().cloned().unwrap_or_default();
        Err(NoImage::Failed(Box::new(BuildFailure {
            step: None,
            dockerfile: format!("`{} build`", tool.name()),
            line: None,
            exit_code: None,
            message: last,
            last_lines: said.last_lines,
            help: None,
            lacking: false,
        })))
    }

    /// Gives what the classic builder has made before the labels of the run a name, so that the next run
    /// finds it in the cache; it would go with the image. Others have a cache of their own.
    async fn keep_steps(&self, stack: &Stack, added: &Added, names: &[String]) -> Result<()> {
        let images = self.engine.images();
        for name in names {
            let of = |part: &&Part| added.images.get(&part.name) == Some(name);
            let Some(part) = stack.parts.iter().find(of) else {
                continue;
            };
            // Each label is a step of its own.
            let mut below = images.inspect_raw(name).await?;
            while added
                .labels
                .keys()
                .any(|label| !below["Config"]["Labels"][label].is_null())
            {
                let parent = below["Parent"].as_str().unwrap_or_default().to_owned();
                below = match parent.is_empty() {
                    true => Json::Null,
                    false => images.inspect_raw(&parent).await?,
                };
            }
            let id = below["Id"].as_str().unwrap_or_default();
            if let Some(digest) = id.strip_prefix("sha256:").and_then(|id| id.get(..16)) {
                let repository = format!("seaworthy/{}", slug(&part.name));
                images.tag(id, &repository, digest).await?;
            }
        }
        Ok(())
    }
}

/// How builders say that they have no context, since it lies elsewhere and could not be had.
const UNFETCHED: [&str; 5] = [
    "unable to 'git clone' to temporary context",
    "unable to download remote context",
    "failed to fetch remote",
    "failed to read downloaded context",
    "unknown service moby.sshforward",
];

/// Whether a context could not be fetched, which says nothing of it.
fn is_of_a_fetch(words: &str) -> bool {
    UNFETCHED.iter().any(|sign| words.contains(sign))
}

/// Why there is no image, with the whole path of the Dockerfile: a Compose file may build several.
fn told(why: NoImage, request: &BuildRequest) -> NoImage {
    match why {
        NoImage::Failed(mut failure) => {
            failure.dockerfile = shown(&request.context.join(&failure.dockerfile));
            NoImage::Failed(failure)
        }
        why => why,
    }
}

/// What our own builder is asked for by a `build`; nothing where that says more than we know.
fn request(service: &str, build: &Json) -> Option<BuildRequest> {
    let recipe = recipe(service, build).ok()?;
    recipe.beyond.is_none().then_some(recipe.request)
}

/// What is built by a `build`, or the key of it that says more than we know of what that is.
fn recipe(service: &str, build: &Json) -> std::result::Result<Recipe, String> {
    let alone;
    let build = match build {
        Json::Object(build) => build,
        context => {
            alone = Map::from_iter([("context".to_owned(), context.clone())]);
            &alone
        }
    };
    let text = |key: &str| build.get(key).filter(|value| !value.is_null());
    let context = text("context").and_then(written);
    let context = context.ok_or("context")?;
    if !Path::new(&context).is_absolute() {
        return Err(format!("context: {context}"));
    }
    // Suites that build the same folder have the same image.
    let name = Path::new(&context).file_name();
    let name = name.map_or_else(
        || service.to_owned(),
        |name| name.to_string_lossy().into_owned(),
    );
    let mut request = BuildRequest::new(name, context);
    let mut beyond = None;
    for (key, value) in build.iter().filter(|(_, value)| !value.is_null()) {
        let unknown = || key.clone();
        match key.as_str() {
            // The user's own names for it stay with the user's own image.
            "context" | "tags" => {}
            // The tools write what is so anyway.
            "dockerfile" => {
                let file = Some(written(value).ok_or_else(unknown)?);
                let file = file.filter(|file| file != "Dockerfile");
                request.dockerfile = file.map(Into::into);
            }
            "target" => {
                let target = written(value).ok_or_else(unknown)?;
                request.target = Some(target).filter(|name| !name.is_empty());
            }
            "network" => request.network = Some(written(value).ok_or_else(unknown)?),
            "args" => {
                let pairs = pairs(value).ok_or_else(unknown)?.into_iter();
                request.args = pairs.map(|(name, value)| (name, Some(value))).collect();
            }
            "labels" => request.labels = pairs(value).ok_or_else(unknown)?,
            // What is built is something else then.
            "additional_contexts" | "dockerfile_inline" => return Err(key.clone()),
            _ => beyond = beyond.or_else(|| Some(key.clone())),
        }
    }
    Ok(Recipe { request, beyond })
}

/// Names and values, as a map or as a list of `NAME=VALUE`; nothing where a value is to come from elsewhere.
fn pairs(all: &Json) -> Option<Vec<(String, String)>> {
    match all {
        Json::Object(map) => map
            .iter()
            .map(|(name, value)| Some((name.clone(), written(value)?)))
            .collect(),
        Json::Array(list) => list
            .iter()
            .map(|pair| {
                let pair = written(pair)?;
                let (name, value) = pair.split_once('=')?;
                Some((name.to_owned(), value.to_owned()))
            })
            .collect(),
        _ => None,
    }
}

/// A text or a whole number; the tools write a dollar sign twice, since they read it again.
fn written(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.replace("$$", "$")),
        Json::Number(number) if number.is_i64() => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_build_says_is_what_our_builder_is_asked_for() {
        let build = json!({
            "context": "/src/$$x", "dockerfile": "../Dockerfile.prod", "target": "app", "network": "host",
            "args": { "A": "a$$b", "N": 3 }, "labels": ["l=1=2"], "tags": ["mine:1"], "shm_size": null,
        });
        let asked = request("web", &build).unwrap();
        assert_eq!(asked.name, "$x");
        assert_eq!(asked.context.to_str(), Some("/src/$x"));
        assert_eq!(
            asked.dockerfile.as_deref().and_then(Path::to_str),
            Some("../Dockerfile.prod")
        );
        assert_eq!(
            (asked.target.as_deref(), asked.network.as_deref()),
            (Some("app"), Some("host"))
        );
        let value = |text: &str| Some(text.to_owned());
        let args = [("A".to_owned(), value("a$b")), ("N".to_owned(), value("3"))];
        assert_eq!(asked.args, args);
        assert_eq!(asked.labels, [("l".to_owned(), "1=2".to_owned())]);
        assert_eq!(
            (asked.tag, asked.no_cache, asked.pull),
            (None, false, false)
        );
    }

    #[test]
    fn a_context_that_cannot_be_had_is_no_failed_build() {
        for words in [
            "unable to prepare context: unable to 'git clone' to temporary context directory: error fetching: fatal",
            "unable to prepare context: unable to download remote context http://127.0.0.1:9/x.tar: Get",
            "failed to solve: failed to read dockerfile: failed to load cache key: failed to fetch remote https://h/x.git: exit status 128",
            "failed to solve: failed to read downloaded context: failed to load cache key: Get \"https://h/x\"",
            "failed to load cache key: rpc error: code = Unimplemented desc = unknown service moby.sshforward.v1.SSH",
        ] {
            assert!(is_of_a_fetch(words), "{words}");
        }
        let failed =
            "fatal: unable to access 'https://h/x.git/': Could not resolve host: h\nexit code: 128";
        assert!(!is_of_a_fetch(failed));
    }

    #[test]
    fn a_folder_alone_is_a_build() {
        let asked = request("web", &json!("/src")).unwrap();
        assert_eq!(asked.context.to_str(), Some("/src"));
        assert_eq!(asked.dockerfile, None);
    }

    #[test]
    fn what_we_do_not_know_is_for_the_tool() {
        for build in [
            json!("https://example.org/x.git"),
            json!({ "dockerfile": "x" }),
            json!({ "context": "/src", "secrets": ["key"] }),
            json!({ "context": "/src", "cache_from": ["x"] }),
            json!({ "context": "/src", "dockerfile_inline": "FROM x" }),
            json!({ "context": "/src", "args": { "A": null } }),
            json!({ "context": "/src", "args": { "A": true } }),
            json!({ "context": "/src", "args": ["A"] }),
            json!({ "context": "/src", "no_cache": true }),
        ] {
            assert!(request("web", &build).is_none(), "{build}");
        }
    }

    #[test]
    fn what_only_changes_how_it_is_built_leaves_its_sources_what_they_are() {
        let told = |build| recipe("web", &build).map(|one| one.beyond);
        let build = json!({ "context": "/src", "cache_from": ["x"], "shm_size": 1 });
        assert_eq!(told(build), Ok(Some("cache_from".to_owned())));
        assert_eq!(told(json!({ "context": "/src" })), Ok(None));
        for (build, key) in [
            (
                json!("https://example.org/x.git"),
                "context: https://example.org/x.git",
            ),
            (
                json!({ "context": "/src", "dockerfile_inline": "FROM x" }),
                "dockerfile_inline",
            ),
            (
                json!({ "context": "/src", "additional_contexts": { "a": "b" } }),
                "additional_contexts",
            ),
            (json!({ "context": "/src", "args": ["A"] }), "args"),
            (json!({ "dockerfile": "x" }), "context"),
        ] {
            assert_eq!(told(build), Err(key.to_owned()));
        }
    }
}
