//! `seaworthy init`: looks at what there is, and writes a first suite of what it saw.

mod find;
mod look;

use std::path::{Path, PathBuf};

use clap::builder::NonEmptyStringValueParser;

use super::allow::Allow;
use super::exit::Exit;
use super::out::{Color, Out, count};
use super::save::Folder;
use super::wanted::reference;
use crate::draft::ask::{self, Readiness};
use crate::draft::requests::{Call, calls};
use crate::draft::running::{listening, tcp};
use crate::draft::scalar;
use crate::draft::seen::Seen;
use crate::draft::write::Known;
use crate::draft::{Draft, Subject, write};
use crate::fact::image::Healthcheck;
use find::{Found, Goal};
use look::Looker;

/// How often claims are taken out one by one.
const TRIES: usize = 3;

/// What to look at, and where the suite goes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A Dockerfile, a folder with one, or a Compose file [default: this folder].
    pub path: Option<PathBuf>,

    /// Look at the image of this name.
    #[arg(long, value_name = "REF", conflicts_with_all = ["path", "container"], value_parser = reference)]
    pub image: Option<String>,

    /// Look at this container's image and settings, with a container of its own; this one goes on as it is.
    #[arg(long, value_name = "NAME|ID", conflicts_with = "path", value_parser = NonEmptyStringValueParser::new())]
    pub container: Option<String>,

    /// The service of a Compose file that is under test [default: the one that is built and publishes ports].
    #[arg(long, value_name = "SERVICE", conflicts_with_all = ["image", "container"])]
    pub app: Option<String>,

    /// The file that is written, or `-` for standard output [default: suites/NAME.yaml].
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// The engine, as `unix:///PATH`, `tcp://HOST:PORT`, `ssh://USER@HOST` or a Docker context
    /// [default: found as the Docker CLI finds it].
    #[arg(long, value_name = "URL|CONTEXT", value_parser = NonEmptyStringValueParser::new())]
    pub engine: Option<String>,

    /// What it may ask for.
    #[command(flatten)]
    pub allow: Allow,

    /// When to use colours.
    #[arg(long, value_enum, default_value_t)]
    pub color: Color,
}

/// Looks, writes, tries, and says what came of it.
pub fn run(args: &Args, out: &mut Out) -> Exit {
    out.color(args.color);
    begun(args, out).unwrap_or_else(|exit| exit)
}

fn begun(args: &Args, out: &mut Out) -> Result<Exit, Exit> {
    let mut found = find::find(args, out)?;
    let _made = found.goal.made(out)?;
    let mut looker = Looker {
        out,
        file: found.goal.file(),
        engine: args.engine.clone(),
        secrets: found.secrets.clone(),
        allowed: args.allow.these(),
    };
    looker.tell(&format!("looking at {}", found.seen));
    let (ready, known) = known(&mut found, &mut looker)?;
    let mut draft = write(&found.subject, &found.name, &ready, &known);
    tried(&mut draft, &mut looker)?;
    put(&draft, &found, out)
}

/// What can be seen, by one look after the other.
fn known(found: &mut Found, looker: &mut Looker<'_>) -> Result<(Readiness, Known), Exit> {
    let asked = ask::services(&found.subject);
    let Subject::Compose(compose) = &mut found.subject else {
        return of_image(found, looker);
    };
    looker.tell("starting its services");
    let outcome = looker.look(&asked)?;
    let of = |name: &String| (name.clone(), Seen::of(&outcome, ask::LOOK, Some(name)));
    let services: Vec<(String, Seen)> = compose.services.iter().map(of).collect();
    compose.ready = services.iter().filter_map(waited_for).collect();
    let app = services.iter().filter(|(name, _)| *name == compose.app);
    let calls: Vec<Call> = app.flat_map(|(name, seen)| wanted(name, seen)).collect();
    let known = Known {
        services,
        calls,
        ..Known::default()
    };
    talked(found, Readiness::Unknown, known, looker)
}

/// The ports by which a service without a health check is ready.
fn waited_for((name, seen): &(String, Seen)) -> Option<(String, String)> {
    let check = seen.container()?.healthcheck.as_ref();
    let kind = check.and_then(|check| check.test.first());
    let ports = listening(seen);
    let is_wanted = kind.is_none_or(|kind| kind == "NONE") && seen.ended().is_none();
    (is_wanted && !ports.is_empty()).then(|| (name.clone(), scalar::ports(ports)))
}

fn of_image(found: &Found, looker: &mut Looker<'_>) -> Result<(Readiness, Known), Exit> {
    let subject = &found.subject;
    let outcome = looker.look(&ask::image(subject))?;
    let image = Seen::of(&outcome, ask::LOOK, None);
    let mut ready = Readiness::of(image.image());
    looker.tell("starting it");
    let outcome = looker.look(&ask::start(subject, &ready))?;
    let started = Seen::of(&outcome, ask::LOOK, None);
    let mut known = Known {
        image,
        ..Known::default()
    };
    if let Some(ending) = started.ended() {
        known.end = Some((ending.clone(), started.clone()));
        return Ok((Readiness::Unknown, known));
    }
    let ports = listening(&started);
    if ready != Readiness::Checked {
        ready = if ports.is_empty() {
            Readiness::Unknown
        } else {
            Readiness::Listens(ports)
        };
    }
    let outcome = looker.look(&ask::running(subject, &ready))?;
    let seen = Seen::of(&outcome, ask::LOOK, None);
    known.calls = wanted("app", &seen);
    known.services = vec![("app".to_owned(), seen)];
    talked(found, ready, known, looker)
}

/// The requests that are worth a try.
fn wanted(service: &str, seen: &Seen) -> Vec<Call> {
    let check = seen.container().and_then(|one| one.healthcheck.as_ref());
    let check = check.map(|check: &Healthcheck| check.test.as_slice());
    calls(service, &tcp(&listening(seen)), check.unwrap_or_default())
}

/// Makes the requests, and sees how it stops.
fn talked(
    found: &Found,
    ready: Readiness,
    mut known: Known,
    looker: &mut Looker<'_>,
) -> Result<(Readiness, Known), Exit> {
    looker.tell("asking what listens, and stopping it");
    let outcome = looker.look(&ask::talk(&found.subject, &ready, &known.calls))?;
    known.answers = Seen::of(&outcome, ask::LOOK, None);
    known.stop = Seen::of(&outcome, ask::STOP, None).ended().cloned();
    Ok((ready, known))
}

/// Tries the suite until all of it holds; what does not is a comment then.
fn tried(draft: &mut Draft, looker: &mut Looker<'_>) -> Result<(), Exit> {
    let mut tries = 0;
    while draft.claims() > 0 {
        let claims = count(draft.claims(), "claim");
        looker.tell(&format!("trying a suite of {claims}"));
        let outcome = looker.look(&draft.render().0)?;
        tries += 1;
        // In the end each try takes whole cases out, so that there is an end.
        if !draft.heed(&outcome, tries >= TRIES) {
            return Ok(());
        }
    }
    let help = "write one by hand: `seaworthy explain` lists the claims, and `seaworthy run --verbose` shows what a \
                container says";
    let message = "no claim held twice, so no suite was written";
    looker.out.error(message, &[help.to_owned()]);
    Err(Exit::Failed)
}

/// Writes the suite, and says what to do next.
fn put(draft: &Draft, found: &Found, out: &mut Out) -> Result<Exit, Exit> {
    let text = draft.render().0;
    let (cases, claims) = (
        count(
            draft.cases.iter().filter(|case| case.is_on()).count(),
            "case",
        ),
        count(draft.claims(), "claim"),
    );
    let off = match draft.off() {
        0 => String::new(),
        1 => "; 1 more claim did not hold and stands as a comment".to_owned(),
        some => format!(
            "; {} did not hold and stand as comments",
            count(some, "more claim")
        ),
    };
    let Goal::File { folder, name } = &found.goal else {
        out.say(text.trim_end());
        out.note(&format!("{cases}, {claims}, all of which held{off}"));
        for more in &found.more {
            out.note(more);
        }
        return Ok(Exit::Held);
    };
    let written = Folder::open(folder).and_then(|folder| folder.write_new(name, &text));
    let path = written.map_err(|why| {
        let help = "name another file with `--output`, or `-` for standard output";
        out.error(&why, &[help.to_owned()]);
        Exit::Wrong
    })?;
    let shown = path.display();
    out.say(&format!(
        "wrote {shown}: {cases}, {claims}, all of which held{off}"
    ));
    let set = found.secrets.iter().map(|(name, _)| format!("{name}=… "));
    let set: String = set.collect();
    out.say(&format!(
        "read it, change it, and run it:  {set}seaworthy run {shown}"
    ));
    for more in &found.more {
        out.say(more);
    }
    Ok(Exit::Held)
}

/// A path as a suite in that folder writes it.
fn relative(folder: &Path, to: &Path) -> String {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (folder, to) = (plain(&absolute(folder)), plain(&absolute(to)));
    let same = folder.components().zip(to.components());
    let same = same.take_while(|(one, other)| one == other).count();
    let up = folder.components().skip(same).map(|_| Path::new(".."));
    let down = to
        .components()
        .skip(same)
        .map(|part| Path::new(part.as_os_str()).to_owned());
    let path: PathBuf = up.map(Path::to_owned).chain(down).collect();
    match path.as_os_str().is_empty() {
        true => ".".to_owned(),
        false => path.display().to_string(),
    }
}

/// Without ways there and back.
fn plain(path: &Path) -> PathBuf {
    PathBuf::from(crate::suite::outside::shown(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_as_the_suite_writes_them() {
        let of = |folder: &str, to: &str| relative(Path::new(folder), Path::new(to));
        assert_eq!(of("/a/suites", "/a"), "..");
        assert_eq!(of("/a", "/a/app/Dockerfile"), "app/Dockerfile");
        assert_eq!(of("/a/suites/web", "/a/./fixtures/../app"), "../../app");
        assert_eq!(of("/a", "/a"), ".");
        assert_eq!(of("suites", "."), "..");
    }
}
