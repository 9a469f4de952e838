//! `seaworthy completions`: what a shell needs to complete this command.

use clap_complete::Shell;

use super::exit::Exit;
use super::out::Out;

/// For which shell.
#[derive(Debug, clap::Args)]
#[command(after_help = HOW)]
pub struct Args {
    /// The shell.
    #[arg(value_enum)]
    pub shell: Shell,
}

const HOW: &str = "\
Examples:
  seaworthy completions bash > ~/.local/share/bash-completion/completions/seaworthy
  seaworthy completions fish > ~/.config/fish/completions/seaworthy.fish
  seaworthy completions zsh > \"${fpath[1]}/_seaworthy\"";

/// Prints the script.
pub fn run(args: &Args, mut command: clap::Command, out: &mut Out) -> Exit {
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, name, &mut script);
    out.say(String::from_utf8_lossy(&script).trim_end());
    Exit::Held
}
