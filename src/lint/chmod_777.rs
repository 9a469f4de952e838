//! `chmod-777`: everyone may write.

use super::look::Look;
use super::{Found, Level, Rule};
use std::cell::OnceCell;
use std::collections::HashSet;
use crate::dockerfile::shell::Command;
use crate::text::source::Span;

/// See its page.
pub const RULE: Rule = Rule {
    id: "chmod-777",
    level: Level::Warning,
    also: &["DS-0022"],
    page: include_str!("chmod_777.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    let message = "everyone may write this";
    let mend = "give it to the user who writes it: `--chown=USER`, or `chown` and a mode such as 750";
    for run in look.runs() {
        let removed = OnceCell::new();
        for command in &run.commands {
            let wide = mode(command).filter(|(mode, _)| is_wide(mode));
            let Some((_, span)) = wide else { continue };
            let given = command.args().last().map_or("", |word| word.text.as_str());
            if !removed.get_or_init(|| removed_by(&run.commands)).contains(given) {
                found.say(run.at, span, message, mend);
            }
        }
    }
    for (at, one) in look.file.instructions.iter().enumerate() {
        let flag = one.flag("chmod");
        if let Some(flag) = flag.filter(|f| f.value.as_deref().is_some_and(is_wide)) {
            found.say(at, flag.span, message, mend);
        }
    }
}

/// The mode that a command gives, and where it stands.
fn mode(command: &Command) -> Option<(&str, Span)> {
    let mut args = command.args().iter();
    match command.program() {
        "chmod" => {
            let word = args.find(|word| !word.text.starts_with('-'))?;
            Some((word.text.as_str(), word.span))
        }
        "mkdir" | "install" => {
            while let Some(word) = args.next() {
                let text = word.text.as_str();
                if let Some(mode) = text.strip_prefix("--mode=") {
                    return Some((mode, word.span));
                }
                let short = text.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
                // `-m 777`, `-pm777`
                let behind = short.and_then(|short| Some(short.split_once('m')?.1));
                match behind {
                    Some("") => return args.next().map(|next| (next.text.as_str(), next.span)),
                    Some(mode) => return Some((mode, word.span)),
                    None if text == "--mode" => {
                        return args.next().map(|next| (next.text.as_str(), next.span));
                    }
                    None => {}
                }
            }
            None
        }
        _ => None,
    }
}

/// Whether everyone may write what has this mode, and replace what others have put there.
fn is_wide(mode: &str) -> bool {
    if mode.bytes().all(|byte| byte.is_ascii_digit()) {
        return u32::from_str_radix(mode, 8).is_ok_and(|bits| bits & 0o1002 == 0o002);
    }
    let (mut wide, mut sticky) = (false, false);
    for clause in mode.split(',') {
        let who = clause.find(['+', '-', '=']).unwrap_or(clause.len());
        let (who, mut rest) = clause.split_at(who);
        while let Some(sign) = rest.chars().next() {
            let behind = rest.get(1..).unwrap_or("");
            let end = behind.find(['+', '-', '=']).unwrap_or(behind.len());
            let (rights, more) = behind.split_at(end);
            rest = more;
            sticky |= rights.contains('t') && sign != '-';
            if who.contains(['a', 'o']) {
                wide = match (sign, rights.contains('w')) {
                    ('+' | '=', true) => true,
                    ('-', true) | ('=', false) => false,
                    _ => wide,
                };
            }
        }
    }
    wide && !sticky
}

/// What commands remove.
fn removed_by(commands: &[Command]) -> HashSet<&str> {
    let removals = commands.iter().filter(|command| command.program() == "rm");
    removals.flat_map(|command| command.args().iter().map(|word| word.text.as_str())).collect()
}
