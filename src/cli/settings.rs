//! `seaworthy.toml`: options that a project always gives. Each command takes its own options from the table of its
//! name, as if they stood on the command line, where they can be given otherwise.

pub mod read;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

use super::find;
use crate::text::diagnostic::Diagnostic;
use crate::text::source::Sources;
use read::{Given, Setting};

/// The file's name.
pub const NAME: &str = "seaworthy.toml";

/// The variable that names another file in its place, whose paths are meant from the current folder; with nothing in
/// it there are no settings. Whoever judges what others propose takes neither their settings nor what these allow.
const INSTEAD: &str = "SEAWORTHY_SETTINGS";

/// The option that takes its suites from a report, whatever the settings say of suites.
const RERUN: &str = "rerun_failed";

/// The arguments with those of the settings between the command and what the user gave; or what is wrong with the
/// settings, as text.
pub fn arguments(given: Vec<OsString>, command: &Command) -> Result<Vec<OsString>, String> {
    let known = command.clone().try_get_matches_from(&given);
    // What is wrong on the command line is said first, and help needs no settings.
    let Some((name, matches)) = known.as_ref().ok().and_then(ArgMatches::subcommand) else {
        return Ok(given);
    };
    let instead = std::env::var_os(INSTEAD).map(PathBuf::from);
    let is_theirs = instead.is_none();
    let Some(path) = instead.map_or_else(found, |path| {
        Some(path).filter(|p| !p.as_os_str().is_empty())
    }) else {
        return Ok(given);
    };
    let shown = shown(&path);
    let text = std::fs::read_to_string(&path)
        .map_err(|error| format!("error: cannot read the settings `{shown}`: {error}"))?;
    let mut sources = Sources::default();
    let settings = read::settings(&mut sources, &shown, &text, command)
        .map_err(|wrong| said(&wrong, &sources))?;
    let folder = path
        .parent()
        .filter(|_| is_theirs)
        .unwrap_or(Path::new("."));
    let takes_report = matches.ids().any(|id| id == RERUN)
        && matches.value_source(RERUN) == Some(ValueSource::CommandLine);
    let mut added: Vec<(Vec<OsString>, &Setting)> = Vec::new();
    let mut gone: Vec<Diagnostic> = Vec::new();
    for setting in settings.iter().filter(|setting| setting.command == name) {
        if let Some(argument) = command
            .find_subcommand(name)
            .and_then(|of| of_name(of, setting))
            && stands(matches, command.find_subcommand(name), argument)
            && !(takes_report && argument.get_id() == read::PATHS)
        {
            let words = words(setting, argument, folder);
            gone.extend(missing(setting, argument, &words));
            added.push((words, setting));
        }
    }
    if !gone.is_empty() {
        return Err(said(&gone, &sources));
    }
    let at = given.iter().position(|word| word.to_str() == Some(name));
    let at = at.map_or(given.len(), |at| at + 1);
    let with = |added: &[(Vec<OsString>, &Setting)]| {
        let mut all = given.clone();
        all.splice(at..at, added.iter().flat_map(|(words, _)| words.clone()));
        match command.clone().try_get_matches_from(&all) {
            Ok(_) => Ok(all),
            Err(error) => Err(error),
        }
    };
    // Without them it was right.
    let wrong = match with(&added) {
        Ok(all) => return Ok(all),
        Err(error) => error,
    };
    let alone = added.iter().filter_map(|one| {
        let error = with(std::slice::from_ref(one)).err()?;
        Some(refused(one.1, &error))
    });
    let alone: Vec<Diagnostic> = alone.collect();
    Err(match (alone.is_empty(), added.first()) {
        (false, _) | (_, None) => said(&alone, &sources),
        // Each by itself is right.
        (true, Some((_, first))) => said(&[refused(first, &wrong)], &sources),
    })
}

/// Which of the files and folders that a setting names for a command to read are not there.
fn missing(setting: &Setting, argument: &Arg, words: &[OsString]) -> Vec<Diagnostic> {
    if argument.get_id() != read::PATHS {
        return Vec::new();
    }
    let lost = words.iter().filter_map(|path| find::lost(Path::new(path)));
    let said = lost.map(|lost| {
        let mut said = Diagnostic::new(setting.at, lost.message);
        said.label(place(setting));
        said.help("paths of the settings are meant from the folder of their file");
        for help in lost.help {
            said.help(help);
        }
        said
    });
    said.collect()
}

/// Where in the settings it stands.
fn place(setting: &Setting) -> String {
    match setting.table.as_str() {
        "" => "at the top of the settings".to_owned(),
        table => format!("in the table `{table}` of the settings"),
    }
}

/// What the command line would say of a setting, at its place.
fn refused(setting: &Setting, error: &clap::Error) -> Diagnostic {
    let text = error.render().to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let mut said = Diagnostic::new(setting.at, first.strip_prefix("error: ").unwrap_or(first));
    said.label(place(setting));
    for line in lines {
        // How the command is called says nothing of a setting.
        if !line.starts_with("For more information") && !line.starts_with("Usage:") {
            said.help(line.strip_prefix("tip: ").unwrap_or(line));
        }
    }
    said
}

/// Whether a setting has its say: the user gave neither it nor what excludes it.
fn stands(matches: &ArgMatches, command: Option<&Command>, argument: &Arg) -> bool {
    let given = |argument: &Arg| {
        matches.value_source(argument.get_id().as_str()) == Some(ValueSource::CommandLine)
    };
    let excluded = command.map(|command| {
        let all = command.get_arguments();
        let against = |other: &&Arg| {
            let (one, two) = (
                command.get_arg_conflicts_with(argument),
                command.get_arg_conflicts_with(other),
            );
            one.iter().any(|arg| arg.get_id() == other.get_id())
                || two.iter().any(|arg| arg.get_id() == argument.get_id())
        };
        all.filter(against).any(given)
    });
    !given(argument) && !excluded.unwrap_or_default()
}

/// The argument that a setting is about.
fn of_name<'a>(command: &'a Command, setting: &Setting) -> Option<&'a Arg> {
    command
        .get_arguments()
        .find(|argument| read::name_of(argument) == Some(setting.name.as_str()))
}

/// A setting as words of the command line. Paths are meant from the folder of the settings.
fn words(setting: &Setting, argument: &Arg, folder: &Path) -> Vec<OsString> {
    let is_path =
        argument.get_value_parser().type_id() == clap::builder::ValueParser::path_buf().type_id();
    let word = |text: &String| match is_path {
        true => from(folder, text).into_os_string(),
        false => OsString::from(text),
    };
    match (&setting.given, argument.get_long()) {
        (Given::Flag(true), Some(long)) => vec![format!("--{long}").into()],
        (Given::Values(values), Some(long)) => values
            .iter()
            .map(|text| {
                // In one word, so that a value may begin with a hyphen.
                let mut all = OsString::from(format!("--{long}="));
                all.push(word(text));
                all
            })
            .collect(),
        (Given::Values(values), None) => values.iter().map(word).collect(),
        (Given::Flag(_), _) => Vec::new(),
    }
}

/// A path that is written in the settings of a folder.
fn from(folder: &Path, text: &str) -> PathBuf {
    match folder == Path::new(".") || folder.as_os_str().is_empty() {
        true => PathBuf::from(text),
        false => folder.join(text),
    }
}

/// The nearest settings, in this folder or above it, by a way that is the same wherever the project lies: reports name
/// suites by it.
fn found() -> Option<PathBuf> {
    let folder = std::env::current_dir().ok()?;
    let mut above = folder.ancestors().scan(PathBuf::new(), |up, _| {
        let path = up.join(NAME);
        up.push("..");
        Some(path)
    });
    above.find(|path| path.is_file())
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn said(wrong: &[Diagnostic], sources: &Sources) -> String {
    let color = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    let texts: Vec<String> = wrong.iter().map(|one| one.render(sources, color)).collect();
    texts.join("\n\n")
}
