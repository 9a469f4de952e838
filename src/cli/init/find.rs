//! What `init` is to look at, and where its suite goes.

use std::path::{Path, PathBuf};

use super::{Args, relative};
use crate::cli::exit::Exit;
use crate::cli::fault;
use crate::cli::out::{Out, plain};
use crate::cli::outside::World;
use crate::cli::save::Made;
use crate::dockerfile::named::is_dockerfile;
use crate::draft::Subject;
use crate::draft::settings;
use crate::draft::subject::Compose;
use crate::engine::Engine;
use crate::suite::Outside;
use crate::text::near::nearest;
use crate::text::source::FileId;
use crate::text::tree::Node;
use crate::text::yaml;

/// Where suites are looked for, and so where a first one goes.
const FOLDER: &str = "suites";
/// What lies in the folder of a project, from which files may be mounted.
const PROJECT: [&str; 2] = ["seaworthy.toml", ".git"];
/// How a Compose file is called, in the order in which Compose looks for it.
const COMPOSE: [&str; 4] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
];
/// Files with the variables of a Compose file.
const VARIABLES: [&str; 2] = [".env", ".env.example"];

/// What is looked at.
#[derive(Debug)]
pub struct Found {
    /// What it is.
    pub subject: Subject,
    /// What it is, for people, by ways from here.
    pub seen: String,
    /// How the suite is called.
    pub name: String,
    /// Where it goes.
    pub goal: Goal,
    /// Values that the suite takes from the environment.
    pub secrets: Vec<(String, String)>,
    /// What else could be looked at.
    pub more: Vec<String>,
}

/// Where the suite goes.
#[derive(Debug, PartialEq, Eq)]
pub enum Goal {
    /// To standard output; its paths are relative to this folder.
    Output,
    /// To a file.
    File {
        /// Its folder.
        folder: PathBuf,
        /// Its name.
        name: String,
    },
}

impl Goal {
    /// The path by which the suite is read while it is tried.
    pub fn file(&self) -> PathBuf {
        match self {
            Self::Output => PathBuf::from("suite.yaml"),
            Self::File { folder, name } => folder.join(name),
        }
    }

    fn folder(&self) -> &Path {
        match self {
            Self::Output => Path::new("."),
            Self::File { folder, .. } => folder,
        }
    }

    /// Makes its folder, since paths of a suite are meant from there.
    pub fn made(&self, out: &mut Out) -> Result<Made, Exit> {
        let folder = self.folder();
        match Made::folder(folder) {
            Ok(made) => Ok(made),
            Err(error) => {
                let help = "name a file in a folder that you may write to with `--output`";
                let message = format!("cannot make the folder `{}`: {error}", folder.display());
                out.error(&message, &[help.to_owned()]);
                Err(Exit::Wrong)
            }
        }
    }

    /// Where the suite of that name goes. Nothing is written over.
    fn of(args: &Args, name: &str, out: &mut Out) -> Result<Self, Exit> {
        let usual = || Path::new(FOLDER).join(format!("{name}.yaml"));
        let path = match &args.output {
            Some(path) if path == Path::new("-") => return Ok(Self::Output),
            Some(path) => path.clone(),
            None => usual(),
        };
        let mut wrong = |message: String, help: &str| {
            out.error(&message, &[help.to_owned()]);
            Err(Exit::Wrong)
        };
        let shown = path.display();
        let Some(file) = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
        else {
            return wrong(
                format!("`{shown}` is no name of a file"),
                "name one with `--output FILE`",
            );
        };
        match World.is_folder(&path) {
            Some(true) => wrong(
                format!("`{shown}` is a folder"),
                "name a file in it with `--output FILE`",
            ),
            Some(false) => wrong(
                format!("there is a file `{shown}` already, and it is left as it is"),
                "name another file with `--output FILE`, or `-` for standard output",
            ),
            None => Ok(Self::File {
                folder: match path.parent() {
                    Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
                    _ => PathBuf::from("."),
                },
                name: file,
            }),
        }
    }
}

/// What is looked at, or the exit code after saying what is wrong.
pub fn find(args: &Args, out: &mut Out) -> Result<Found, Exit> {
    if let Some(image) = &args.image {
        let last = image.rsplit('/').next().unwrap_or(image);
        let last = last.split([':', '@']).next().unwrap_or(last);
        return found(Subject::Image(image.clone()), &name(last), args, out);
    }
    if let Some(container) = &args.container {
        return started(container, args, out);
    }
    let path = args.path.as_deref().unwrap_or(Path::new("."));
    match World.is_folder(path) {
        Some(true) => folder(path, args, out),
        Some(false) => file(path, args, out),
        None => {
            let shown = path.display();
            let help = [
                format!("to look at an image, say `seaworthy init --image {shown}`"),
                format!(
                    "to look at a container that runs, say `seaworthy init --container {shown}`"
                ),
            ];
            out.error(&format!("there is no file or folder `{shown}`"), &help);
            Err(Exit::Wrong)
        }
    }
}

fn found(subject: Subject, name: &str, args: &Args, out: &mut Out) -> Result<Found, Exit> {
    Ok(Found {
        seen: subject.words(),
        subject,
        name: name.to_owned(),
        goal: Goal::of(args, name, out)?,
        secrets: Vec::new(),
        more: Vec::new(),
    })
}

/// A folder: its Dockerfile, else its Compose file.
fn folder(path: &Path, args: &Args, out: &mut Out) -> Result<Found, Exit> {
    let names = World.names(path);
    let files = names.iter().filter(|name| is_dockerfile(name));
    let files: Vec<&String> = files.collect();
    let composed = COMPOSE
        .iter()
        .find(|name| names.iter().any(|one| one == *name));
    let usual = ["Dockerfile", "Containerfile"];
    let usual = files.iter().find(|name| usual.contains(&name.as_str()));
    let one = usual.or(if files.len() == 1 {
        files.first()
    } else {
        None
    });
    let shown = path.display();
    let say = |name: &str| format!("seaworthy init {}", path.join(name).display());
    match (one, composed) {
        (Some(one), composed) => {
            if let Some(name) = composed {
                out.note(&format!(
                    "taking `{one}`; for `{name}` beside it say `{}`",
                    say(name)
                ));
            }
            let mut found = file(&path.join(one), args, out)?;
            let also = composed
                .map(|name| format!("to try it with the services it needs:  {}", say(name)));
            found.more.extend(also);
            Ok(found)
        }
        (None, Some(name)) if files.is_empty() => file(&path.join(name), args, out),
        (None, _) if files.len() > 1 => {
            let help = files.iter().map(|name| format!("say `{}`", say(name)));
            out.error(
                &format!("there are several Dockerfiles in `{shown}`"),
                &help.collect::<Vec<_>>(),
            );
            Err(Exit::Wrong)
        }
        _ => {
            let help = [
                "name a Dockerfile, a folder with one, or a Compose file".to_owned(),
                "or say `--image REF` for an image, `--container NAME` for a container that runs"
                    .to_owned(),
            ];
            let shown = World.real(path).unwrap_or_else(|| path.to_owned());
            let shown = shown.display();
            out.error(
                &format!("there is no Dockerfile and no Compose file in `{shown}`"),
                &help,
            );
            Err(Exit::Wrong)
        }
    }
}

fn file(path: &Path, args: &Args, out: &mut Out) -> Result<Found, Exit> {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let of_folder = World.real(folder).unwrap_or_else(|| folder.to_owned());
    let of_folder = of_folder
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let own = name(&of_folder.unwrap_or_default());
    let ends = |end: &str| {
        Path::new(file.as_ref())
            .extension()
            .is_some_and(|own| own == end)
    };
    let is_yaml = ends("yaml") || ends("yml");
    if is_dockerfile(&file) || (!is_yaml && builds(path)) {
        let parts = (
            file.strip_prefix("Dockerfile."),
            file.strip_suffix(".Dockerfile"),
        );
        let own = match parts {
            (Some(end), _) => name(&format!("{own}-{end}")),
            (_, Some(begin)) => name(begin),
            _ => own,
        };
        if let Some(app) = &args.app {
            let help = format!("take `--app {app}` away, or name a Compose file");
            out.error("`--app` is of Compose files", &[help]);
            return Err(Exit::Wrong);
        }
        let goal = Goal::of(args, &own, out)?;
        let subject = Subject::Build {
            context: relative(goal.folder(), folder),
            dockerfile: (file != "Dockerfile").then(|| file.clone().into_owned()),
        };
        let seen = format!("the image that `{}` builds", path.display());
        return Ok(Found {
            seen,
            ..found(subject, &own, args, out)?
        });
    }
    if is_yaml {
        let goal = Goal::of(args, &own, out)?;
        let compose = composed(path, folder, &goal, args, out)?;
        let seen = format!("the services of `{}`", path.display());
        return Ok(Found {
            seen,
            ..found(Subject::Compose(compose), &own, args, out)?
        });
    }
    let help = "name a Dockerfile (`Dockerfile`, `Dockerfile.dev`, `api.Dockerfile`), or a Compose file (`.yaml`)";
    out.error(
        &format!(
            "`{}` is neither a Dockerfile nor a Compose file",
            path.display()
        ),
        &[help.to_owned()],
    );
    Err(Exit::Wrong)
}

/// Whether a file of any name is a Dockerfile by what it says.
fn builds(path: &Path) -> bool {
    let text = World.read(path).unwrap_or_default();
    let mut lines = text.lines().map(str::trim_start);
    lines.any(|line| {
        line.get(..5)
            .is_some_and(|word| word.eq_ignore_ascii_case("FROM "))
    })
}

/// A Compose file: its services, and which of them is under test.
fn composed(
    path: &Path,
    folder: &Path,
    goal: &Goal,
    args: &Args,
    out: &mut Out,
) -> Result<Compose, Exit> {
    let shown = path.display();
    let mut wrong = |message: String, help: &str| {
        out.error(&message, &[help.to_owned()]);
        Exit::Wrong
    };
    let text = World.read(path).map_err(|why| {
        wrong(
            format!("cannot read `{shown}`: {why}"),
            "name a Compose file",
        )
    })?;
    let (root, said) = yaml::parse(FileId(0), &text);
    if let Some(first) = said.first() {
        let message = format!("`{shown}` is no YAML that can be read: {}", first.message);
        return Err(wrong(message, "`docker compose config` says where"));
    }
    let all = root
        .as_ref()
        .and_then(|root| root.get("services")?.entries());
    // What a profile turns on is not there without it.
    let all = all
        .unwrap_or_default()
        .iter()
        .filter(|one| one.value.get("profiles").is_none());
    let all: Vec<(&str, &Node)> = all
        .map(|one| (one.key.value.as_str(), &one.value))
        .collect();
    let names: Vec<String> = all.iter().map(|(name, _)| (*name).to_owned()).collect();
    let has = |node: &Node, key: &str| node.get(key).is_some();
    let built = all
        .iter()
        .find(|(_, node)| has(node, "build") && has(node, "ports"));
    let built = built.or_else(|| all.iter().find(|(_, node)| has(node, "build")));
    let built = built
        .or_else(|| all.iter().find(|(_, node)| has(node, "ports")))
        .or(all.first());
    let app = match (&args.app, built) {
        (Some(app), _) if names.contains(app) => app.clone(),
        (Some(app), _) => {
            let near = nearest(app, names.iter().map(String::as_str));
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it has {}", names.join(", ")),
            };
            return Err(wrong(format!("`{shown}` has no service `{app}`"), &help));
        }
        (None, Some((name, _))) => (*name).to_owned(),
        (None, None) => {
            let help = "name a Compose file, a Dockerfile, or `--image REF`";
            return Err(wrong(format!("`{shown}` describes no service"), help));
        }
    };
    let variables = VARIABLES.iter().map(|name| folder.join(name));
    let variables = variables
        .into_iter()
        .find(|path| World.is_folder(path) == Some(false));
    Ok(Compose {
        file: relative(goal.folder(), path),
        app,
        services: names,
        ready: Vec::new(),
        env_file: variables.map(|path| relative(goal.folder(), &path)),
    })
}

/// A container that somebody has started.
fn started(container: &str, args: &Args, out: &mut Out) -> Result<Found, Exit> {
    let asked = fault::wait(async {
        let engine = Engine::find(args.engine.as_deref()).await?;
        let container = engine.containers().inspect(container).await?;
        let image = engine.images().inspect(&container.image_id).await?;
        // The name may stand for a newer image by now.
        let named = engine.images().inspect(&container.image).await;
        let is_same = named.is_ok_and(|named| named.id == container.image_id);
        Ok((container, image, is_same))
    });
    let (mut facts, image, is_same) = asked.map_err(|why| {
        let why = match why.is_not_found() {
            true => why.help(format!(
                "`docker ps` shows the names of those that run; to look at an image, say `seaworthy init --image {}`",
                plain(container)
            )),
            false => why,
        };
        out.note(&fault::text(&why.to_string()));
        Exit::Unknown
    })?;
    if !facts.state.running || facts.state.restarting {
        let help = "start it, or say `--image` with its image's name";
        let message = format!(
            "the container `{container}` does not run: it is {}",
            facts.state.status
        );
        out.error(&message, &[help.to_owned()]);
        return Err(Exit::Wrong);
    }
    if !is_same {
        out.note(&format!(
            "its image `{}` is another by now: the suite names it by its id",
            plain(&facts.image)
        ));
        facts.image = facts.image_id.clone();
    }
    let name = name(&facts.name);
    let goal = Goal::of(args, &name, out)?;
    let folder = std::path::absolute(goal.folder()).unwrap_or_else(|_| goal.folder().to_owned());
    let is_project = |path: &&Path| PROJECT.iter().any(|name| path.join(name).exists());
    let project = folder.ancestors().find(is_project);
    let inside = |path: &str| {
        let path = Path::new(path);
        let is_own = project.is_some_and(|project| path.starts_with(project));
        is_own.then(|| match relative(&folder, path) {
            up if up.starts_with("..") => up,
            below => format!("./{below}"),
        })
    };
    let (one, secrets) = settings::of(&facts, &image, inside);
    let found = found(Subject::Container(one), &name, args, out)?;
    Ok(Found { secrets, ..found })
}

/// A name for a suite and its file.
fn name(of: &str) -> String {
    let calm = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let name: String = of.chars().map(calm).collect();
    let name = name.trim_matches('-');
    match name.is_empty() {
        true => "first".to_owned(),
        false => name.to_owned(),
    }
}
