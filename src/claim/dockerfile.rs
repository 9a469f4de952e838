//! `dockerfile`: what the Dockerfile says that the image is built from.

mod bases;
mod linted;
mod order;
#[cfg(test)]
mod tests;
mod view;

use super::{Findings, Judge, Scope};
use crate::dockerfile::Kind;
use crate::fact::answer::{Blocked, Seen};
use crate::fact::question::Question;
use crate::record;
use crate::text::matcher::bound::Bound;
use crate::text::matcher::texts::TextMatch;
use crate::text::matcher::{Miss, listed};
use crate::text::source::Spanned;
pub use bases::Pinned;
pub use linted::LintRule;
use view::View;

record! {
    /// What the Dockerfile says that the image is built from.
    pub struct Dockerfile {
        /// How many stages it has.
        stages: Option<Spanned<Bound<u64>>>,
        /// Names of stages that it has, which can be built as targets.
        targets: Vec<Spanned<String>>,
        /// How exactly the images that it builds on are named.
        bases: Option<Spanned<Pinned>>,
        /// What the last `USER` of the built stage says: `app`, or `app:app` where it names the group too.
        final_user: Option<Spanned<String>>,
        /// Its instructions, each on one line.
        instructions: Option<Spanned<TextMatch>>,
        /// Texts of instructions that stand in this order.
        order: Vec<Spanned<String>>,
        /// What the rules of `seaworthy lint` find: nothing, or nothing but by some rules.
        lint: Option<Spanned<LintRule>>,
    }
}

impl Judge for Dockerfile {
    const SCOPE: Scope = Scope::Sources;

    fn questions(&self) -> Vec<Question> {
        vec![Question::Dockerfile]
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let view = View::new(seen.dockerfile()?).map_err(Blocked::Unseen)?;
        let stages = view.file.stages.len() as u64;
        if let Some(rule) = &self.stages {
            findings.compare(rule.span, "stages", rule.value.miss(&stages), stages);
        }
        for target in &self.targets {
            self::target(target, &view, findings);
        }
        if let Some(rule) = &self.bases {
            bases::judge(rule, &view, findings);
        }
        if let Some(rule) = &self.final_user {
            final_user(rule, &view, findings)?;
        }
        if let Some(rule) = &self.instructions {
            let miss = rule
                .value
                .miss(&view.instructions())
                .map(|miss| shown(miss, rule, &view));
            let seen = format!("of {}", view.name);
            findings.compare(rule.span, "instructions", miss, seen);
        }
        order::judge(&self.order, &view, findings);
        match &self.lint {
            Some(rule) => linted::judge(rule, &view, findings),
            None => Ok(()),
        }
    }
}

/// What does not hold, without the secrets of the Dockerfile.
fn shown(miss: Miss, rule: &Spanned<TextMatch>, view: &View<'_>) -> Miss {
    let Some(covered) = view.covered_instructions() else {
        return miss;
    };
    rule.value.miss(&covered).unwrap_or_else(|| {
        let actual =
            "what looks like a secret, and is not shown; `seaworthy lint` says where it stands";
        Miss::new(miss.expected, actual)
    })
}

/// Whether there is a stage of that name.
fn target(target: &Spanned<String>, view: &View<'_>, findings: &mut Findings) {
    let stages = &view.file.stages;
    let found = view.file.stage_named(&target.value, stages.len());
    let names = view.stage_names();
    let miss = found.is_none().then(|| {
        let actual = match names.is_empty() {
            true => "no stage has a name".to_owned(),
            false => listed(&names, "and"),
        };
        Miss::new(format!("a stage `{}`", target.value), actual)
    });
    let at = found.and_then(|at| stages.get(at));
    let line = at.map_or(0, |stage| view.line(stage.image.span));
    let seen = format!("{} (line {line})", target.value);
    findings.compare(target.span, "target", miss, seen);
}

/// Who the built stage runs as, by the last `USER` of it and of the stages below it.
fn final_user(
    rule: &Spanned<String>,
    view: &View<'_>,
    findings: &mut Findings,
) -> Result<(), Blocked> {
    let stage = view.built().map_err(Blocked::Unseen)?;
    let chain = view.resolved.chain(stage);
    let all = chain.iter().flat_map(|at| view.file.of_stage(*at));
    let mut users = all.filter(|(_, one)| one.kind == Kind::User && !one.onbuild);
    let Some((at, one)) = users.next_back() else {
        let actual = "no USER in the built stage, so it is whom the base image names, else root";
        let miss = Miss::new(&rule.value, actual);
        findings.check(rule.span, "final user", Some(miss));
        return Ok(());
    };
    let line = view.line(one.span);
    let Some(Some(user)) = view.resolved.words(at).first() else {
        let name = view.name;
        let why =
            format!("line {line} of {name} takes the user from a variable that is not known here");
        return Err(Blocked::Unseen(why));
    };
    let name = user.split(':').next().unwrap_or(user);
    let right = *user == rule.value || name == rule.value;
    let shown = format!("{user} (line {line})");
    let miss = (!right).then(|| Miss::new(&rule.value, &shown));
    findings.compare(rule.span, "final user", miss, shown);
    Ok(())
}
