//! Building an image, or finding it built from the same content before.

mod archive;
mod blame;
mod buildkit;
mod checks;
mod classic;
mod filesync;
mod grpc;
mod images;
mod instructions;
mod lock;
mod progress;
mod protobuf;
mod request;
mod session;
mod tag;
mod trace;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use serde::Deserialize;

pub use blame::is_of_the_world;
pub use checks::lacks_checks;
pub use request::{BuildError, BuildEvent, BuildRequest, Built, SecretValue};
pub use tag::slug;

use self::blame::Broken;
use self::images::{Bases, base_images, image, remove_nameless};
use self::instructions::Instructions;
use self::progress::Progress;
use super::ask::Ask;
use super::context::Context;
use super::path::Path as EnginePath;
use super::{Engine, Fault, FaultKind};
use crate::fact::build::{BuildFacts, BuilderKind};

/// How a build ended, before anyone is blamed.
enum Ended {
    Well,
    Badly {
        message: String,
        exit_code: Option<i64>,
    },
    /// The engine did not take the request.
    Refused(Fault),
}

impl Ended {
    /// Whether the engine failed over an image that someone else removed in that moment.
    fn is_lost_image(&self) -> bool {
        matches!(self, Self::Badly { message, exit_code: None } if blame::is_lost_image(message))
    }
}

/// How often a build is begun that fails over images that are removed beside it.
const TRIES: u32 = 5;

/// Held by who asks once more what failed, since two who ask together share it again.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// What a build told until it ended.
struct Told<'a> {
    progress: Progress<'a>,
    ended: Ended,
    /// What the builder was about when it failed.
    doing: String,
    /// The step that failed.
    step: Option<usize>,
}

impl Told<'_> {
    /// Whether a command failed, and not even at which step was told. Of two builds that are at the same step at the same
    /// time, `BuildKit` tells one alone of it; what failed is not in its cache, so it is told the next time.
    fn is_untold(&self) -> bool {
        let Ended::Badly { message, .. } = &self.ended else {
            return false;
        };
        self.step.is_none() && blame::is_of_a_command(message)
    }
}

/// The builder that an engine's images are built with: `BuildKit` wherever there is one.
///
/// Docker has it in every version that we speak to, whatever its default is; podman takes the classic
/// request and has a builder of its own.
pub fn builder_of(engine: &Engine) -> BuilderKind {
    let ping = engine.api().ping();
    let on_linux = ping.os.as_deref().is_none_or(|os| os == "linux");
    if !engine.is_podman() && on_linux {
        BuilderKind::BuildKit
    } else {
        BuilderKind::Classic
    }
}

/// Builds the image, or gives the one that was built from the same content before.
pub async fn build(
    engine: &Engine,
    request: &BuildRequest,
    on_event: impl Fn(BuildEvent) + Send + Sync,
) -> Result<Built, BuildError> {
    build_with(engine, builder_of(engine), request, on_event).await
}

/// As [`build`], with a builder of the caller's choice.
pub async fn build_with(
    engine: &Engine,
    builder: BuilderKind,
    request: &BuildRequest,
    on_event: impl Fn(BuildEvent) + Send + Sync,
) -> Result<Built, BuildError> {
    let whole = attempt(engine, builder, request, &on_event);
    let Ok(result) = tokio::time::timeout(request.within, whole).await else {
        let message = format!("it did not end within {:?}", request.within);
        return Err(Fault::new(FaultKind::TimedOut, "build the image", message).into());
    };
    result
}

async fn attempt(
    engine: &Engine,
    builder: BuilderKind,
    request: &BuildRequest,
    on_event: &(dyn Fn(BuildEvent) + Send + Sync),
) -> Result<Built, BuildError> {
    let began = Instant::now();
    let (context, digest) = read_context(request, builder).await?;
    let (files, bytes) = (context.files(), context.size());
    on_event(BuildEvent::Context { files, bytes });
    let instructions = Instructions::parse(&context.dockerfile.text);
    let bases = base_images(engine, &instructions, request).await?;
    let tag = match &request.tag {
        Some(own) => own.clone(),
        None => tag::of(request, &digest, &bases, builder),
    };
    let waiting = || on_event(BuildEvent::Waiting);
    let _lock = lock::take(&tag, waiting).await.map_err(|error| {
        let doing = format!("lock the build of {tag}");
        Fault::new(FaultKind::Local, doing, error.to_string())
    })?;
    let before = image(engine, &tag).await?;
    let facts = |image_id: String, reused, progress: Option<Progress<'_>>| {
        let (steps, mut notes, warnings) = progress
            .map(|told| (told.steps, told.notes, told.warnings))
            .unwrap_or_default();
        notes.extend(context.notes.iter().cloned());
        BuildFacts {
            image_id,
            tag: tag.clone(),
            builder,
            reused,
            duration: began.elapsed(),
            context_files: files,
            context_bytes: bytes,
            steps,
            notes,
            warnings,
        }
    };
    let own = request.tag.is_some();
    let may_reuse = bases.is_known() && !own && !request.no_cache && !request.pull;
    if let Some(found) = before.as_ref().filter(|_| may_reuse) {
        on_event(BuildEvent::Reused { tag: tag.clone() });
        return Ok(built(facts(found.id.clone(), true, None)));
    }
    let mut again = TRIES;
    let mut alone = None;
    let told = loop {
        let mut progress = Progress::new(&instructions, on_event);
        for note in &context.notes {
            progress.note(note);
        }
        let told = match builder {
            BuilderKind::BuildKit => {
                buildkit::build(engine, request, &context, &tag, progress).await?
            }
            BuilderKind::Classic => {
                classic::build(engine, request, &context, &tag, progress).await?
            }
        };
        again -= 1;
        // Who builds alone is told, so once more is enough.
        let is_untold = again == TRIES - 1 && builder == BuilderKind::BuildKit && told.is_untold();
        if again == 0 || !(is_untold || told.ended.is_lost_image()) {
            break told;
        }
        if is_untold {
            alone = Some(ALONE.lock().await);
        }
    };
    drop(alone);
    let broken = |message: String, exit_code, builder| Broken {
        message,
        exit_code,
        doing: told.doing.clone(),
        step: told.step.and_then(|index| told.progress.steps.get(index)),
        dockerfile: given_dockerfile(request, &context),
        instructions: &instructions,
        builder,
    };
    match &told.ended {
        Ended::Well => {}
        Ended::Badly { message, exit_code } => {
            let version = describe(engine, builder).await;
            return Err(broken(message.clone(), *exit_code, version).judge());
        }
        // The engine reads the Dockerfile before it takes the request, so a refusal may be about it.
        Ended::Refused(fault) => {
            if blame::is_of_the_dockerfile(fault, &context.dockerfile.text) {
                let version = describe(engine, builder).await;
                return Err(broken(fault.message.clone(), None, version).judge());
            }
            return Err(fault.clone().into());
        }
    }
    let Some(made) = image(engine, &tag).await? else {
        let message = format!("the engine says that it built {tag}, and does not know it");
        return Err(Fault::new(FaultKind::Broken, "build the image", message).into());
    };
    if let Some(old) = before.filter(|old| old.id != made.id) {
        remove_nameless(engine, &old.id).await;
    }
    Ok(built(facts(made.id, false, Some(told.progress))))
}

fn built(facts: BuildFacts) -> Built {
    Built {
        image_id: facts.image_id.clone(),
        tag: facts.tag.clone(),
        facts,
    }
}

/// Lists and digests the context on a thread that may wait for the disk.
async fn read_context(
    request: &BuildRequest,
    builder: BuilderKind,
) -> Result<(Arc<Context>, String), BuildError> {
    let (folder, dockerfile) = (request.context.clone(), request.dockerfile.clone());
    let change = request.change.clone();
    let read = tokio::task::spawn_blocking(move || {
        let mut context = Context::read(&folder, dockerfile.as_deref(), builder)?;
        if let Some(path) = change {
            context.change(Path::new(&path))?;
        }
        let digest = context.digest()?;
        Ok::<_, BuildError>((Arc::new(context), digest))
    });
    read.await.map_err(|error| {
        Fault::new(
            FaultKind::Local,
            "read the build context",
            error.to_string(),
        )
    })?
}

/// The Dockerfile's name for messages: as the suite gives it, else as it was found.
fn given_dockerfile(request: &BuildRequest, context: &Context) -> String {
    match &request.dockerfile {
        Some(given) => given.display().to_string(),
        None => context.dockerfile.name(),
    }
}

/// The engine's version.
async fn version(engine: &Engine) -> Result<String, Fault> {
    #[derive(Deserialize)]
    struct Version {
        #[serde(rename = "Version")]
        version: String,
    }
    let ask = Ask::get("ask the engine for its version", "/version");
    let said = engine.api().json::<Version>(ask).await?;
    Ok(said.version)
}

/// The builder with the engine's version, for a message.
async fn describe(engine: &Engine, builder: BuilderKind) -> String {
    let version = version(engine).await;
    let version = version.unwrap_or_else(|_| "an unknown version".to_owned());
    let engine = if engine.is_podman() {
        "podman"
    } else {
        "Docker"
    };
    let name = match builder {
        BuilderKind::BuildKit => "BuildKit",
        BuilderKind::Classic => "the classic builder",
    };
    format!("{name} of {engine} {version}")
}

/// The part of the request that both builders share.
fn query(engine: &Engine, request: &BuildRequest, tag: &str, dockerfile: &str) -> EnginePath {
    let map = |pairs: Vec<(String, String)>| {
        let map: serde_json::Map<_, _> = pairs
            .into_iter()
            .map(|(name, value)| (name, value.into()))
            .collect();
        serde_json::Value::Object(map).to_string()
    };
    let mut path = EnginePath::new("/build")
        .query("t", tag)
        .query("dockerfile", dockerfile)
        .query(
            "buildargs",
            &map(request.effective_args(engine.proxy_variables())),
        )
        .query("labels", &map(request.labels.clone()))
        .flag("nocache", request.no_cache)
        .flag("pull", request.pull);
    let optional = [
        ("target", &request.target),
        ("platform", &request.platform),
        ("networkmode", &request.network),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            path = path.query(name, value);
        }
    }
    path
}
