//! `seaworthy lint`: judges Dockerfiles without an engine.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::exit::Exit;
use super::explain::rules;
use super::find;
use super::list::Format;
use super::out::{Out, count};
use super::outside::World;
use crate::dockerfile::resolved::is_given;
use crate::lint::{Level, instead_of, rule};
use crate::report::clean;
use crate::report::lint::{Linted, Wanted, judge};
use crate::suite::Outside;
use crate::text::near::nearest;

/// What to judge, and how.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Dockerfiles, or folders of them [default: those below this folder].
    pub paths: Vec<PathBuf>,
    /// Rules that are not asked; may be given again.
    #[arg(long, value_name = "RULE,RULE", value_delimiter = ',')]
    pub except: Vec<String>,
    /// The least level that counts.
    #[arg(long, value_enum, default_value_t = Least::Info)]
    pub level: Least,
    /// A build argument; may be given again.
    #[arg(long = "arg", value_name = "NAME=VALUE", value_parser = pair)]
    pub args: Vec<(String, String)>,
    /// The stage that is built, by name or number [default: the last].
    #[arg(long, value_name = "STAGE")]
    pub target: Option<String>,
    /// How it is written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Show all rules in one line each, and judge nothing.
    #[arg(long)]
    pub list: bool,
}

/// A level, from the gravest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Least {
    /// What does not build, or does not do what is written.
    Error,
    /// And what is likely wrong or unsafe.
    Warning,
    /// And what could be smaller, faster or clearer.
    Info,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) = parts.ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Says everything that is found, and how much that is.
pub fn run(args: &Args, out: &mut Out) -> Exit {
    let strangers = args.except.iter().filter(|name| rule(name).is_none());
    let mut exit = Exit::Held;
    for name in strangers {
        out.error(&format!("there is no rule `{name}`"), &[instead_of(name)]);
        exit = Exit::Wrong;
    }
    if exit != Exit::Held {
        return exit;
    }
    if args.list {
        out.say(rules::overview().trim_end());
        return Exit::Held;
    }
    let files = match files(args, out) {
        Ok(files) => files,
        Err(exit) => return exit,
    };
    let wanted = Wanted {
        except: args.except.clone(),
        level: Some(match args.level {
            Least::Error => Level::Error,
            Least::Warning => Level::Warning,
            Least::Info => Level::Info,
        }),
        args: args.args.clone(),
        target: args.target.clone(),
    };
    let mut judged = Vec::new();
    for path in &files {
        match one(path, &wanted) {
            Ok(linted) => judged.push(linted),
            Err((message, help)) => {
                out.error(&message, &help);
                exit = Exit::Wrong;
            }
        }
    }
    if judged.len() == files.len() && undeclared(args, &judged, out) {
        return Exit::Wrong;
    }
    let found: usize = judged.iter().map(|one| one.findings.len()).sum();
    match args.format {
        Format::Text => {
            for text in judged.iter().flat_map(Linted::text) {
                out.say(&format!("{text}\n"));
            }
            let files = count(judged.len(), "Dockerfile");
            match (found, judged.is_empty()) {
                (_, true) => {}
                (0, _) => out.say(&format!("{files}: nothing found")),
                _ => out.say(&format!(
                    "{} in {files}{}",
                    count(found, "finding"),
                    grades(&judged)
                )),
            }
        }
        Format::Json => {
            let files: Vec<_> = judged.iter().map(Linted::json).collect();
            out.say(&clean::json(&format!("{:#}", json!({ "files": files }))));
        }
    }
    if found > 0 {
        exit.max(Exit::Failed)
    } else {
        exit
    }
}

/// The files to judge, or the exit code after saying why there are none.
fn files(args: &Args, out: &mut Out) -> Result<Vec<PathBuf>, Exit> {
    match find::dockerfiles(&args.paths) {
        Ok(files) if files.is_empty() => {
            let message = "no Dockerfile found";
            let help = "a folder's Dockerfiles are `Dockerfile`, `Dockerfile.NAME`, `NAME.Dockerfile` \
                        and `Containerfile`; one of another name is judged when it is named";
            out.error(message, &[help.to_owned()]);
            Err(Exit::Nothing)
        }
        Ok(files) => Ok(files),
        Err(lost) => {
            for lost in lost {
                out.error(&lost.message, &lost.help);
            }
            Err(Exit::Wrong)
        }
    }
}

fn one(path: &Path, wanted: &Wanted) -> Result<Linted, (String, Vec<String>)> {
    let shown = path.display().to_string();
    let text = World.read(path);
    let text = text.map_err(|why| (format!("cannot read `{shown}`: {why}"), Vec::new()))?;
    judge(&shown, &text, wanted).map_err(|help| {
        let target = wanted.target.as_deref().unwrap_or("");
        (format!("`{shown}` has no stage `{target}`"), vec![help])
    })
}

/// Says which build arguments no file takes.
fn undeclared(args: &Args, judged: &[Linted], out: &mut Out) -> bool {
    let known: Vec<&str> = judged
        .iter()
        .flat_map(|one| &one.declares)
        .map(String::as_str)
        .collect();
    let mut any = false;
    for (name, _) in &args.args {
        if !known.contains(&name.as_str()) && !is_given(name) {
            let near = nearest(name, known.iter().copied());
            let help = near.map(|near| format!("did you mean `{near}`?"));
            out.error(
                &format!("nothing takes the build argument `{name}`"),
                &help.into_iter().collect::<Vec<_>>(),
            );
            any = true;
        }
    }
    any
}

/// How many findings there are of each level.
fn grades(judged: &[Linted]) -> String {
    let of = |level: Level, thing: &str| {
        let all = judged.iter().flat_map(|one| &one.findings);
        let number = all.filter(|one| one.level == level).count();
        (number > 0).then(|| count(number, thing))
    };
    let info = of(Level::Info, "info").map(|text| text.replace("infos", "info"));
    let parts = [
        of(Level::Error, "error"),
        of(Level::Warning, "warning"),
        info,
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    format!(
        " ({}); `seaworthy explain RULE` says more",
        parts.join(", ")
    )
}
