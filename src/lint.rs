//! Rules for Dockerfiles. One file a rule, with its page beside it.
//!
//! A rule's file says what it is called, how much it matters, and looks. Looking is pure. To add a
//! rule, write `lint/NAME.rs` and `lint/NAME.md` and add its line below.

pub mod look;
pub mod secrets;
pub mod suppress;
#[cfg(test)]
mod tests;

use crate::dockerfile::Dockerfile;
use crate::dockerfile::resolved::Resolved;
use crate::text::near::nearest;
use crate::text::source::Span;
use crate::words;
use look::Look;

words! {
    /// How much a finding matters.
    pub enum Level {
        /// The image does not build, or does not do what is written.
        Error = "error",
        /// It is likely wrong, unsafe, or differs from one build to the next.
        Warning = "warning",
        /// It could be smaller, faster or clearer.
        Info = "info",
    }
}

/// A rule.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its name.
    pub id: &'static str,
    /// How much it matters.
    pub level: Level,
    /// What others call it.
    pub also: &'static [&'static str],
    /// Its page.
    pub page: &'static str,
    /// Looks for what breaks it.
    pub check: fn(&Look<'_>, &mut Found),
}

/// Lists the rules.
macro_rules! rules {
    ($($name:ident,)*) => {
        $(pub mod $name;)*

        /// All rules, by name.
        pub const RULES: &[Rule] = &[$($name::RULE),*];

        #[cfg(test)]
        const FILES: &[&str] = &[$(stringify!($name)),*];
    };
}

rules! {
    add_instead_of_copy,
    add_url,
    apk_cache,
    apt_instead_of_apt_get,
    apt_lists,
    apt_recommends,
    apt_update_alone,
    apt_upgrade,
    broken_json,
    casing,
    cd_without_effect,
    chmod_777,
    chown_after_copy,
    constant_platform,
    copy_before_dependencies,
    copy_into_file,
    copy_private_files,
    duplicate_stage,
    env_self_reference,
    exposed_ssh,
    gap_in_instruction,
    ignored_command,
    install_without_yes,
    invalid_port,
    json_then_text,
    latest_base,
    maintainer,
    missing_healthcheck,
    no_shell_in_scratch,
    old_pair_form,
    pip_cache,
    pipe_without_pipefail,
    redundant_platform,
    relative_workdir,
    repeated_instruction,
    reserved_stage_name,
    root_user,
    rpm_cache,
    secret_in_text,
    secret_in_variable,
    service_in_run,
    shell_form,
    sparse_user,
    sudo,
    syntax,
    undefined_variable,
    unknown_ignore,
    unknown_instruction,
    unknown_stage,
    unpinned_base,
    unusable_user,
    unused_ignore,
    unverified_download,
    wget_and_curl,
}

/// The rule of that name.
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}

/// The rules that others call by this name.
pub fn called(name: &str) -> Vec<&'static Rule> {
    let same = |own: &&str| own.eq_ignore_ascii_case(name);
    RULES
        .iter()
        .filter(|rule| rule.also.iter().any(same))
        .collect()
}

/// What to say to who writes the name of a rule that is not there.
pub fn instead_of(name: &str) -> String {
    let known = called(name);
    if !known.is_empty() {
        let names: Vec<String> = known.iter().map(|rule| format!("`{}`", rule.id)).collect();
        return format!("here `{name}` is {}", names.join(", "));
    }
    match nearest(name, RULES.iter().map(|rule| rule.id)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`seaworthy lint --list` shows the rules".to_owned(),
    }
}

impl Rule {
    /// What it is about: the page's first paragraph.
    pub fn about(&self) -> &'static str {
        let mut parts = self.page.split("\n\n");
        parts.find(|part| !part.starts_with('#')).unwrap_or("")
    }
}

/// One thing that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's name.
    pub rule: &'static str,
    /// How much it matters.
    pub level: Level,
    /// The instruction it is about.
    pub instruction: usize,
    /// Where.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub mend: String,
    /// Other places that explain it.
    pub related: Vec<(Span, String)>,
}

/// What was found so far, and by which rule.
#[derive(Debug)]
pub struct Found {
    rule: &'static str,
    level: Level,
    findings: Vec<Finding>,
}

/// A rule that finds more is not listened to any longer.
const MOST: usize = 500;

impl Found {
    /// Takes a finding in.
    pub fn say(
        &mut self,
        instruction: usize,
        span: Span,
        message: impl Into<String>,
        mend: impl Into<String>,
    ) {
        if self.findings.len() < MOST {
            self.findings.push(Finding {
                rule: self.rule,
                level: self.level,
                instruction,
                span,
                message: message.into(),
                mend: mend.into(),
                related: Vec::new(),
            });
        }
    }

    /// Another place that explains the last finding.
    pub fn related(&mut self, span: Span, label: impl Into<String>) {
        if let Some(last) = self.findings.last_mut() {
            last.related.push((span, label.into()));
        }
    }
}

/// Looks through a Dockerfile by all rules, in the order of the file. What a comment suppresses is
/// left out, and a suppression without use is itself found.
pub fn lint(file: &Dockerfile, resolved: &Resolved, target: Option<usize>) -> Vec<Finding> {
    let look = Look::new(file, resolved, target);
    let mut all = Vec::new();
    for rule in RULES {
        let mut found = Found {
            rule: rule.id,
            level: rule.level,
            findings: Vec::new(),
        };
        (rule.check)(&look, &mut found);
        all.append(&mut found.findings);
    }
    let mut left = suppress::apply(file, all);
    left.sort_by(|a, b| (a.span.start, a.rule).cmp(&(b.span.start, b.rule)));
    left
}
