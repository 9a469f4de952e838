//! `sudo`: a way to root that stays in the image.

use super::look::{Look, installs, place};
use super::{Found, Level, Rule};

/// See its page.
pub const RULE: Rule = Rule {
    id: "sudo",
    level: Level::Warning,
    also: &["DL3004", "DS-0010"],
    page: include_str!("sudo.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for run in look.runs() {
        if let Some(command) = run.commands.iter().find(|c| c.program() == "sudo") {
            let message = "sudo is not needed in a build";
            let mend = "run it as `USER root`, then set the user that the program shall have";
            found.say(run.at, place(command, run.one), message, mend);
        } else if look.ships(run.one.stage.unwrap_or(0))
            && let Some(word) = run.commands.iter().find_map(|c| installs(c, "sudo"))
        {
            let message = "an image with sudo has a way to root";
            let mend = "leave it out: `docker exec -u root` gives root to who may have it";
            found.say(run.at, word.span, message, mend);
        }
    }
}
