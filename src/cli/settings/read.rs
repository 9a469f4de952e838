//! What settings say, against what the commands know.

use clap::{Arg, ArgAction, Command};
use toml::de::{DeTable, DeValue};

use crate::text::diagnostic::Diagnostic;
use crate::text::near::nearest;
use crate::text::source::{FileId, Sources, Span};

/// Where commands that read suites look for them, for all of these at once.
const SUITES: &str = "suites";
/// What suites are allowed.
const ALLOW: &str = "allow";
/// How their commands call them.
pub const PATHS: &str = "paths";

/// One option of one command.
#[derive(Debug, PartialEq, Eq)]
pub struct Setting {
    /// The command that it is of.
    pub command: String,
    /// Its name: that of the option, or of the argument that has none.
    pub name: String,
    /// What it is to be.
    pub given: Given,
    /// The table that it is written in; nothing at the top.
    pub table: String,
    /// Where it is written.
    pub at: Span,
}

/// What an option is to be.
#[derive(Debug, PartialEq, Eq)]
pub enum Given {
    /// There, or not.
    Flag(bool),
    /// Given with each of these.
    Values(Vec<String>),
}

/// How settings call an argument: by its long option, or by its name where it has no option. Those that every
/// command has, and those that say what to do rather than how, are none.
pub fn name_of(argument: &Arg) -> Option<&str> {
    let name = argument.get_long().unwrap_or(argument.get_id().as_str());
    let is_other = matches!(
        argument.get_action(),
        ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong | ArgAction::Version
    );
    (!is_other && !argument.is_required_set()).then_some(name)
}

/// The settings, or all that is wrong with them.
pub fn settings(
    sources: &mut Sources,
    file: &str,
    text: &str,
    command: &Command,
) -> Result<Vec<Setting>, Vec<Diagnostic>> {
    let mut reading = Reading {
        file: sources.add(file, text),
        command,
        settings: Vec::new(),
        wrong: Vec::new(),
    };
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let span = reading.span(error.span().unwrap_or_default());
        reading.wrong.push(Diagnostic::new(span, error.message()));
    }
    if reading.wrong.is_empty() {
        reading.top(table.get_ref());
    }
    reading.allowed();
    match reading.wrong.is_empty() {
        true => Ok(reading.settings),
        false => Err(reading.wrong),
    }
}

struct Reading<'a> {
    file: FileId,
    command: &'a Command,
    settings: Vec<Setting>,
    wrong: Vec<Diagnostic>,
}

impl Reading<'_> {
    fn span(&self, range: std::ops::Range<usize>) -> Span {
        let at = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
        Span {
            file: self.file,
            start: at(range.start),
            end: at(range.end),
        }
    }

    fn top(&mut self, table: &DeTable<'_>) {
        // Before the tables, which may say otherwise for one command.
        if let Some(value) = table.get(SUITES) {
            self.suites(value);
        }
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            match (name, value.get_ref()) {
                (SUITES, _) => {}
                (_, DeValue::Table(table)) if self.takes(name) => self.table(name, table),
                (_, _) if self.takes(name) => {
                    let span = self.span(value.span());
                    let text = format!("`{name}` is a command: its options stand in a table");
                    let help = format!("write `[{name}]` above them");
                    let mut said = Diagnostic::new(span, text);
                    said.help(help);
                    self.wrong.push(said);
                }
                _ => {
                    let of_commands = self.commands();
                    let known: Vec<&str> = of_commands
                        .iter()
                        .map(String::as_str)
                        .chain([SUITES])
                        .collect();
                    let help = instead(name, &known, "the tables are");
                    let mut said = Diagnostic::new(
                        self.span(key.span()),
                        format!("there is no setting `{name}`"),
                    );
                    said.help(help);
                    self.wrong.push(said);
                }
            }
        }
    }

    /// The commands that take options of settings.
    fn commands(&self) -> Vec<String> {
        let all = self.command.get_subcommands();
        let named = all.filter(|one| {
            one.get_arguments()
                .any(|argument| name_of(argument).is_some())
        });
        named.map(|one| one.get_name().to_owned()).collect()
    }

    fn takes(&self, name: &str) -> bool {
        self.commands().iter().any(|known| known == name)
    }

    /// Where suites are, for every command that takes paths of suites and has none of its own here.
    fn suites(&mut self, value: &toml::Spanned<DeValue<'_>>) {
        let Some(given) = self.values(value) else {
            return;
        };
        for command in ["run", "check", "list", "plan", "mutate"] {
            self.settings.push(Setting {
                command: command.to_owned(),
                name: PATHS.to_owned(),
                given: Given::Values(given.clone()),
                table: String::new(),
                at: self.span(value.span()),
            });
        }
    }

    /// What suites are allowed where they are run, they are wherever they are read, unless it is said there.
    fn allowed(&mut self) {
        let is_of = |one: &Setting, command: &str| one.command == command && one.name == ALLOW;
        let run = self.settings.iter().find(|one| is_of(one, "run"));
        let Some((Given::Values(powers), at)) = run.map(|one| (&one.given, one.at)) else {
            return;
        };
        let powers = powers.clone();
        for command in ["check", "list", "plan", "init", "mutate"] {
            let takes = self.command.find_subcommand(command).is_some_and(|of| {
                of.get_arguments()
                    .any(|argument| name_of(argument) == Some(ALLOW))
            });
            if takes && !self.settings.iter().any(|one| is_of(one, command)) {
                self.settings.push(Setting {
                    command: command.to_owned(),
                    name: ALLOW.to_owned(),
                    given: Given::Values(powers.clone()),
                    table: "run".to_owned(),
                    at,
                });
            }
        }
    }

    fn table(&mut self, command: &str, table: &DeTable<'_>) {
        let Some(of) = self.command.find_subcommand(command) else {
            return;
        };
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let argument = of.get_arguments().find(|one| name_of(one) == Some(name));
            let Some(argument) = argument else {
                let known: Vec<&str> = of.get_arguments().filter_map(name_of).collect();
                let text = format!("`seaworthy {command}` has no option `{name}`");
                let mut said = Diagnostic::new(self.span(key.span()), text);
                said.help(instead(name, &known, "it has"));
                self.wrong.push(said);
                continue;
            };
            let at = self.span(value.span());
            let given = match (argument.get_action(), value.get_ref()) {
                (ArgAction::SetTrue, DeValue::Boolean(on)) => Some(Given::Flag(*on)),
                (ArgAction::SetTrue, _) => {
                    let text = format!("`{name}` is on or off");
                    let mut said = Diagnostic::new(self.span(value.span()), text);
                    said.help("write `true` or `false`");
                    self.wrong.push(said);
                    None
                }
                (ArgAction::Append, _) => self.values(value).map(Given::Values),
                (_, DeValue::Array(_)) => {
                    let text = format!("`{name}` takes one value, not a list");
                    self.wrong
                        .push(Diagnostic::new(self.span(value.span()), text));
                    None
                }
                _ => self.values(value).map(Given::Values),
            };
            // What a command has of its own stands before what all have.
            self.settings
                .retain(|one| one.command != command || one.name != name);
            self.settings.extend(given.map(|given| Setting {
                command: command.to_owned(),
                name: name.to_owned(),
                given,
                table: command.to_owned(),
                at,
            }));
        }
    }

    /// A text or a number, or a list of them.
    fn values(&mut self, value: &toml::Spanned<DeValue<'_>>) -> Option<Vec<String>> {
        let one = |value: &DeValue<'_>| match value {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Integer(number) => Some(number.to_string()),
            _ => None,
        };
        let several = match value.get_ref() {
            DeValue::Array(all) => all.iter().map(|value| one(value.get_ref())).collect(),
            single => one(single).map(|text| vec![text]),
        };
        if several.is_none() {
            let mut said = Diagnostic::new(
                self.span(value.span()),
                "a text or a number belongs here, or a list of them",
            );
            said.help("texts stand in quotes: `report = \"reports\"`");
            self.wrong.push(said);
        }
        several
    }
}

/// The word that was meant, or all there are.
fn instead(written: &str, known: &[&str], all: &str) -> String {
    match nearest(written, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let known: Vec<String> = known.iter().map(|one| format!("`{one}`")).collect();
            format!("{all} {}", known.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command() -> Command {
        let flag = Arg::new("keep").long("keep").action(ArgAction::SetTrue);
        let tags = Arg::new("tags").long("tags").action(ArgAction::Append);
        let jobs = Arg::new("jobs").long("jobs");
        let paths = || Arg::new("paths").action(ArgAction::Append);
        let run = Command::new("run").args([paths(), flag, tags, jobs]);
        Command::new("seaworthy")
            .subcommand(run)
            .subcommand(Command::new("check").arg(paths()))
            .subcommand(Command::new("schema"))
    }

    fn read(text: &str) -> Result<Vec<Setting>, Vec<String>> {
        let mut sources = Sources::default();
        let read = settings(&mut sources, "seaworthy.toml", text, &command());
        read.map_err(|wrong| {
            let all = wrong.iter();
            all.map(|one| one.render(&sources, false)).collect()
        })
    }

    fn of(command: &str, name: &str, given: Given) -> Setting {
        let (command, name) = (command.to_owned(), name.to_owned());
        Setting {
            command,
            name,
            given,
            table: String::new(),
            at: Span {
                file: FileId(0),
                start: 0,
                end: 0,
            },
        }
    }

    /// Settings without their places.
    fn unplaced(mut all: Vec<Setting>) -> Vec<Setting> {
        for one in &mut all {
            one.table.clear();
            one.at.start = 0;
            one.at.end = 0;
        }
        all
    }

    fn values(all: &[&str]) -> Given {
        Given::Values(all.iter().map(|one| (*one).to_owned()).collect())
    }

    #[test]
    fn a_table_has_the_options_of_its_command() {
        let text = "[run]\nkeep = true\ntags = [\"a\", \"b\"]\njobs = 4\npaths = \"x\"\n";
        let expected = [
            of("run", "keep", Given::Flag(true)),
            of("run", "tags", values(&["a", "b"])),
            of("run", "jobs", values(&["4"])),
            of("run", "paths", values(&["x"])),
        ];
        let mut read = unplaced(read(text).unwrap());
        read.sort_by_key(|one| expected.iter().position(|other| one == other));
        assert_eq!(read, expected);
        assert_eq!(self::read("").unwrap(), []);
    }

    #[test]
    fn where_suites_are_is_said_once_for_all_commands_and_a_command_may_differ() {
        let read = read("suites = [\"acceptance\"]\n[check]\npaths = [\"all\"]\n");
        let read = unplaced(read.unwrap());
        let paths = |command: &str| {
            read.iter()
                .filter(|one| one.command == command)
                .collect::<Vec<_>>()
        };
        assert_eq!(paths("run"), [&of("run", "paths", values(&["acceptance"]))]);
        assert_eq!(paths("check"), [&of("check", "paths", values(&["all"]))]);
    }

    #[test]
    fn all_that_is_wrong_is_said_with_its_place_and_the_word_that_was_meant() {
        let text = "colour = 1\n[run]\njob = 4\nkeep = \"yes\"\njobs = [1, 2]\ntags = 1.5\n[runn]\n[schema]\n";
        let said = read(text).unwrap_err();
        let expected = [
            (
                ":1:1",
                "there is no setting `colour`",
                "the tables are `run`, `check`, `suites`",
            ),
            (
                ":3:1",
                "`seaworthy run` has no option `job`",
                "did you mean `jobs`?",
            ),
            (":4:8", "`keep` is on or off", "write `true` or `false`"),
            (":5:8", "`jobs` takes one value, not a list", ""),
            (
                ":6:8",
                "a text or a number belongs here, or a list of them",
                "texts stand in quotes",
            ),
            (":7:2", "there is no setting `runn`", "did you mean `run`?"),
            (":8:2", "there is no setting `schema`", "the tables are"),
        ];
        assert_eq!(said.len(), expected.len(), "{said:#?}");
        for (place, message, help) in expected {
            let holds = |text: &&String| text.contains(&format!("seaworthy.toml{place}"));
            let text = said
                .iter()
                .find(holds)
                .unwrap_or_else(|| panic!("{place} in {said:#?}"));
            assert!(text.contains(message) && text.contains(help), "{text}");
        }
    }

    #[test]
    fn what_is_no_toml_is_said_with_its_place() {
        let said = read("[run\njobs = 4\n").unwrap_err();
        assert!(said[0].contains("seaworthy.toml:1:"), "{said:?}");
    }
}
