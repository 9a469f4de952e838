//! `root-user`: the program runs as root.

use super::look::Look;
use super::{Found, Level, Rule};
use crate::dockerfile::Kind;
use crate::dockerfile::resolved::Base;

/// See its page.
pub const RULE: Rule = Rule {
    id: "root-user",
    level: Level::Warning,
    also: &["DL3002", "DS-0002"],
    page: include_str!("root_user.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    let Some((last, stage)) = look.last.and_then(|at| Some((at, look.file.stages.get(at)?))) else {
        return;
    };
    let mend = "end with `USER NAME`, or with a number such as `USER 65532`";
    if let Some((at, one)) = look.shipped_of(Kind::User).pop() {
        let user = look.resolved.words(at).first().cloned().flatten().unwrap_or_default();
        let name = user.split(':').next().unwrap_or("");
        if matches!(name, "root" | "0") {
            found.say(at, one.rest.whole(), "the program runs as root", mend);
        }
        return;
    }
    let is_set = match look.resolved.root(last) {
        Some(Base::Image(image)) => {
            ["nonroot", "unprivileged", "rootless", "/windows/"].iter().any(|word| image.contains(word))
        }
        // Files for others, where nothing is run.
        Some(Base::Scratch) => {
            look.shipped_of(Kind::Cmd).is_empty() && look.shipped_of(Kind::Entrypoint).is_empty()
        }
        _ => true,
    };
    if !is_set {
        let message = match look.resolved.root(last) {
            Some(Base::Scratch) => "nothing says as whom the program runs, so it is root",
            _ => "nothing says as whom the program runs, so it is root unless the base image says otherwise",
        };
        found.say(stage.from, stage.image.span, message, mend);
    }
}
