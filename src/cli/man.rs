//! `seaworthy man`: pages for `man`, one a command.

use std::path::PathBuf;

use super::exit::Exit;
use super::out::Out;
use super::save::Folder;

/// Where they go.
#[derive(Debug, clap::Args)]
#[command(after_help = HOW)]
pub struct Args {
    /// Write a page for each command into this folder, which is made if need be; without it the page of
    /// `seaworthy` is printed.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

const HOW: &str = "\
Examples:
  seaworthy man | man -l -
  seaworthy man --out ~/.local/share/man/man1";

/// Prints or writes the pages.
pub fn run(args: &Args, mut command: clap::Command, out: &mut Out) -> Exit {
    command.build();
    let pages = pages(&command);
    let written = match &args.out {
        None => {
            let first = pages.first().map_or("", |(_, text)| text.as_str());
            out.say(first.trim_end());
            return Exit::Held;
        }
        Some(path) => Folder::open(path).and_then(|folder| {
            let all = pages.iter().map(|(name, text)| folder.write(name, text));
            all.collect::<Result<Vec<_>, _>>()
        }),
    };
    match written {
        Ok(paths) => {
            for path in paths {
                out.say(&path.display().to_string());
            }
            Exit::Held
        }
        Err(why) => {
            let help = "name a folder that you may write to with `--out`".to_owned();
            out.error(&why, &[help]);
            Exit::Wrong
        }
    }
}

/// Each page with the name of its file, the whole command's first.
fn pages(command: &clap::Command) -> Vec<(String, String)> {
    let of = |command: &clap::Command| {
        let mut page = Vec::new();
        // What is written to memory is always written.
        let _ = clap_mangen::Man::new(command.clone()).render(&mut page);
        // Built, a command knows by itself whose it is: `seaworthy-run`.
        let name = command.get_display_name().unwrap_or(command.get_name());
        (
            format!("{name}.1"),
            String::from_utf8_lossy(&page).into_owned(),
        )
    };
    let own = command.get_subcommands();
    let parts = own.filter(|one| one.get_name() != "help").map(of);
    std::iter::once(of(command)).chain(parts).collect()
}
