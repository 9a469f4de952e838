//! `seaworthy gc`: removes what runs left behind that were killed.

pub mod decide;

use std::collections::BTreeSet;
use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;

use super::exit::Exit;
use super::fault;
use super::out::{Out, count, plain};
use crate::engine::clock::Looks;
use crate::engine::compose::orphans;
use crate::engine::owner::life;
use crate::engine::{Engine, Fault, FaultKind};
use crate::session::build::passing;
use crate::session::compose::{PROJECTS, run_of};
use crate::session::live::KEPT;
use crate::session::reaper::REAPER_LABEL;
use crate::session::{CACHE_LABEL, OWNER_LABEL, RUN_LABEL};
use decide::{Fate, Kind, Thing, Whose, Wish, decide, elsewhere, is_built};

/// How long an engine may go on to make what it was asked for by who is gone.
const APPEARANCE: Duration = Duration::from_secs(3);

/// What to remove.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command"
)]
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Remove built images and the probe too, which make the next run faster.
    #[arg(long)]
    pub cache: bool,

    /// Remove what runs on other machines made too; only where none of them goes on.
    #[arg(long)]
    pub all: bool,

    /// Remove what `run --keep` has left too.
    #[arg(long)]
    pub kept: bool,

    /// Say what would be removed, and remove nothing.
    #[arg(long)]
    pub dry_run: bool,

    /// The engine, as `unix:///PATH`, `tcp://HOST:PORT`, `ssh://USER@HOST` or a Docker context
    /// [default: found as the Docker CLI finds it].
    #[arg(long, value_name = "URL|CONTEXT", value_parser = NonEmptyStringValueParser::new())]
    pub engine: Option<String>,
}

/// Looks at what is there, removes what nobody uses, and says so.
pub fn run(args: &Args, out: &mut Out) -> Exit {
    let work = async {
        let engine = Engine::find(args.engine.as_deref()).await?;
        tidy(&engine, args, out).await
    };
    match fault::wait(work) {
        Ok(exit) => exit,
        Err(why) => {
            out.note(&fault::text(&why.to_string()));
            Exit::Unknown
        }
    }
}

async fn tidy(engine: &Engine, args: &Args, out: &mut Out) -> Result<Exit, Fault> {
    let tools = orphans::groups();
    let living = match args.dry_run {
        true => Vec::new(),
        false => orphans::end(&tools).await,
    };
    for tool in &tools {
        let what = format!("the Compose tool of a run that was killed, process {tool}");
        if living.contains(tool) {
            out.error(
                &format!("cannot end {what}"),
                &[format!("end it by hand: `kill -9 -- -{tool}`")],
            );
        } else {
            let verb = if args.dry_run { "would end" } else { "ended" };
            out.say(&format!("{verb} {what}"));
        }
    }
    let wish = Wish {
        cache: args.cache,
        all: args.all,
        kept: args.kept,
    };
    let (mut gone, mut left, mut stuck) = (0, 0, living.len());
    let (mut told, mut looks) = (BTreeSet::new(), Looks::within(APPEARANCE));
    let mut of_runs = !tools.is_empty();
    let refused = loop {
        let (mut refused, mut came) = (Vec::new(), false);
        let mut things = things(engine, args.cache).await?;
        things.retain(|thing| !told.contains(&(thing.kind, thing.name.clone())));
        things.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
        for (thing, fate) in things.iter().zip(decide(&things, wish, life)) {
            told.insert((thing.kind, thing.name.clone()));
            let name = thing.shown.as_ref().unwrap_or(&thing.name);
            let what = format!("{} {}", thing.kind.word(), plain(name));
            let whose =
                elsewhere(thing, life).map_or(String::new(), |of| format!(", {}", plain(&of)));
            match fate {
                Fate::Stays(why) => {
                    left += 1;
                    out.say(&format!("left {what}: {}", plain(&why)));
                }
                Fate::Goes if args.dry_run => {
                    gone += 1;
                    out.say(&format!("would remove {what}{whose}"));
                }
                Fate::Goes => match remove(engine, thing).await {
                    Ok(()) => {
                        came |= matches!(thing.whose, Whose::Run { .. });
                        gone += 1;
                        out.say(&format!("removed {what}{whose}"));
                    }
                    Err(fault) if fault.kind == FaultKind::Conflict => {
                        // By the next look what uses it may be gone.
                        told.remove(&(thing.kind, thing.name.clone()));
                        refused.push((what, fault));
                    }
                    Err(fault) => {
                        stuck += 1;
                        out.note(&fault::text(&fault.to_string()));
                    }
                },
            }
        }
        // What a run or its tool had asked for when it was ended may still be made, one after the other.
        of_runs |= came;
        if came {
            looks = Looks::within(APPEARANCE);
        }
        if (!of_runs && refused.is_empty()) || args.dry_run || !looks.again().await {
            break refused;
        }
    };
    left += refused.len();
    for (what, fault) in refused {
        out.say(&format!("left {what}: {}", plain(&fault.message)));
        if let Some(help) = &fault.help {
            out.say(&format!("  help: {help}"));
        }
    }
    let verb = if args.dry_run {
        "would be removed"
    } else {
        "removed"
    };
    let mut said = match gone + left + stuck {
        0 => "nothing was left behind".to_owned(),
        _ => format!("{} {verb}, {left} left", count(gone, "thing")),
    };
    if stuck > 0 {
        said.push_str(&format!(", {stuck} could not be removed"));
    }
    out.say(&said);
    Ok(if stuck > 0 { Exit::Unknown } else { Exit::Held })
}

/// All that runs made; with `cache` also what outlives them on purpose.
async fn things(engine: &Engine, cache: bool) -> Result<Vec<Thing>, Fault> {
    let mut things = Vec::new();
    // The volumes of containers that are kept stay with them.
    let mut kept: Vec<String> = Vec::new();
    // And so do the networks that they are on.
    let mut kept_runs: Vec<Whose> = Vec::new();
    let labels = if cache {
        &[RUN_LABEL, CACHE_LABEL][..]
    } else {
        &[RUN_LABEL]
    };
    for image in engine.images().list(OWNER_LABEL).await? {
        let whose = match whose(|label| image.labels.get(label)) {
            // A build that was stopped between the two labels of its run.
            Whose::Cache => Whose::Run {
                run: "of a build".to_owned(),
                owner: image.labels.get(OWNER_LABEL).cloned(),
            },
            whose @ Whose::Run { .. } => whose,
        };
        let unnamed = image.tags.is_empty().then_some(image.id);
        things.extend(image.tags.into_iter().chain(unnamed).map(|name| Thing {
            kind: Kind::Image,
            shown: short(&name),
            name,
            whose: whose.clone(),
            kept: false,
        }));
    }
    // One that cleans up after a run is left where the run was killed as it was being made.
    for label in labels.iter().chain(&[REAPER_LABEL]) {
        for container in engine.containers().list(label).await? {
            let name = container.names.first().unwrap_or(&container.id);
            let name = name.trim_start_matches('/').to_owned();
            let whose = whose(|label| container.labels.get(label));
            things.push(Thing {
                kind: Kind::Container,
                kept: name.ends_with(KEPT),
                shown: short(&name),
                name,
                whose,
            });
            if let Some(thing) = things.last().filter(|thing| thing.kept) {
                kept_runs.push(thing.whose.clone());
                kept.extend(container.mounts.into_iter().filter_map(|mount| mount.name));
            }
        }
    }
    for label in labels {
        for network in engine.networks().list(label).await? {
            let whose = whose(|label| network.labels.get(label));
            // Two networks may have one name.
            things.push(Thing {
                kind: Kind::Network,
                name: network.id,
                shown: Some(network.name),
                kept: kept_runs.contains(&whose),
                whose,
            });
        }
        for volume in engine.volumes().list(label).await? {
            let whose = whose(|label| volume.labels.get(label));
            things.push(Thing {
                kind: Kind::Volume,
                kept: kept.contains(&volume.name),
                name: volume.name,
                shown: None,
                whose,
            });
        }
    }
    // Those that an engine made again, when a Compose tool was stopped, have no labels.
    for volume in engine.volumes().called(PROJECTS).await? {
        let run = run_of(&volume.name).filter(|_| volume.labels.is_empty());
        things.extend(run.map(|run| Thing {
            kind: Kind::Volume,
            name: volume.name.clone(),
            shown: None,
            kept: kept.contains(&volume.name),
            whose: Whose::Run {
                run: run.to_owned(),
                owner: None,
            },
        }));
    }
    things.extend(passing_images(engine).await?);
    if cache {
        let image = |name: String| Thing {
            kind: Kind::Image,
            shown: short(&name),
            name,
            whose: Whose::Cache,
            kept: false,
        };
        for listed in engine.images().list(CACHE_LABEL).await? {
            let unnamed = listed.tags.is_empty().then_some(listed.id);
            things.extend(listed.tags.into_iter().chain(unnamed).map(image));
        }
        for listed in engine.images().named("seaworthy/*").await? {
            let built = listed.tags.into_iter().filter(|name| is_built(name));
            things.extend(built.map(image));
        }
    }
    things.dedup();
    Ok(things)
}

/// Images that go with their run and have no label, since a claim may be about labels.
async fn passing_images(engine: &Engine) -> Result<Vec<Thing>, Fault> {
    let mut all = Vec::new();
    for image in engine.images().named("seaworthy-*").await? {
        if image.labels.contains_key(OWNER_LABEL) {
            continue;
        }
        for name in image.tags {
            let Some((run, owner)) = passing(&name) else {
                continue;
            };
            let run = run.to_owned();
            all.push(Thing {
                kind: Kind::Image,
                shown: None,
                name,
                whose: Whose::Run { run, owner },
                kept: false,
            });
        }
    }
    Ok(all)
}

/// The twelve digits that the Docker CLI shows of an id; nothing of a name.
fn short(name: &str) -> Option<String> {
    let bare = name.strip_prefix("sha256:").unwrap_or(name);
    let is_id = bare.len() == 64 && bare.chars().all(|c| c.is_ascii_hexdigit());
    is_id.then(|| bare.chars().take(12).collect())
}

fn whose<'a>(label: impl Fn(&str) -> Option<&'a String>) -> Whose {
    match label(RUN_LABEL).or_else(|| label(REAPER_LABEL)) {
        Some(run) => Whose::Run {
            run: run.clone(),
            owner: label(OWNER_LABEL).cloned(),
        },
        None => Whose::Cache,
    }
}

async fn remove(engine: &Engine, thing: &Thing) -> Result<(), Fault> {
    let name = thing.name.as_str();
    match thing.kind {
        Kind::Container => engine.containers().remove(name).await,
        Kind::Network => engine.networks().remove(name).await,
        Kind::Volume => engine.volumes().remove(name).await,
        Kind::Image => engine.images().remove(name, false).await,
    }
    .map(drop)
}
