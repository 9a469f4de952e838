//! `service-in-run`: a service that ends with the build step.

use super::look::{Look, place};
use super::{Found, Level, Rule};

/// See its page.
pub const RULE: Rule = Rule {
    id: "service-in-run",
    level: Level::Warning,
    also: &["DL3001"],
    page: include_str!("service_in_run.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for run in look.runs() {
        let Some(last) = run.commands.last() else { continue };
        let first = last.words.first().map_or("", |word| word.text.as_str());
        let starts = last.finds(&["start", "restart"]).is_some();
        let is_service = matches!(last.program(), "service" | "systemctl" | "rc-service")
            || first.starts_with("/etc/init.d/");
        let controls = matches!(last.program(), "apachectl" | "apache2ctl" | "pg_ctl" | "pg_ctlcluster");
        let stays = last.background || last.program() == "nohup";
        if starts && (is_service || controls) || stays {
            let message = "what is started here ends with this step";
            let mend = "start it by `ENTRYPOINT` or `CMD`";
            found.say(run.at, place(last, run.one), message, mend);
        }
    }
}
