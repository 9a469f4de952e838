//! How what was found is told: where it is, what it is and what to do, and never whole.

use std::collections::HashSet;

use super::super::{Finding, Findings};
use super::{NoSecrets, Secret};
use crate::text::glob::Glob;
use crate::text::matcher::{Miss, evident, listed};

/// The most secrets that are told one by one: what an image holds is not to fill the memory.
const TOLD: usize = 10_000;

impl NoSecrets {
    /// Tells those that are not let through, and gives how many there are.
    pub(super) fn tell(&self, found: Vec<Secret>, findings: &mut Findings) -> usize {
        let mut met = vec![false; self.places.except.len()];
        let mut through = |secret: &Secret| {
            let name = secret.name.as_deref().unwrap_or("");
            let mut any = false;
            for (except, met) in self.places.except.iter().zip(&mut met) {
                let lets = except.value.matches(name);
                *met |= lets;
                any |= lets;
            }
            any
        };
        let found: Vec<Secret> = found
            .into_iter()
            .filter(|secret| !through(secret))
            .collect();
        let idle = self.places.except.iter().zip(met);
        let idle: Vec<&str> = idle
            .filter(|(_, met)| !met)
            .map(|(except, _)| except.value.text.as_str())
            .collect();
        let idle = told_idle(&idle, &found);
        let in_sources = self.places.r#in.is_some();
        // What to do is said at the first of many.
        let mut said = HashSet::new();
        for (at, secret) in found.iter().take(TOLD).enumerate() {
            let miss = Miss::new("no secret", secret.shown());
            let advice = Some(secret.advice(in_sources)).filter(|advice| said.insert(*advice));
            let notes = secret.made_by().into_iter();
            let notes = notes.chain(advice.map(str::to_owned));
            let notes = notes.chain(secret.others());
            findings.misses.push(Finding {
                span: self.span,
                what: evident(&secret.place),
                miss,
                notes: notes.chain(idle.clone().filter(|_| at == 0)).collect(),
            });
        }
        if let Some(more) = found.len().checked_sub(TOLD).filter(|more| *more > 0) {
            let miss = Miss::new("no secret", format!("{more} more like these"));
            findings.check(self.span, "no_secrets", Some(miss));
        }
        findings.seen.extend(idle);
        found.len()
    }
}

/// What is said of entries of `except` that let nothing through, beside what was found.
fn told_idle(idle: &[&str], found: &[Secret]) -> Option<String> {
    let shown: Vec<String> = idle.iter().map(|text| evident(text)).collect();
    if shown.is_empty() {
        return None;
    }
    let paths = || found.iter().filter_map(|one| one.name.as_deref());
    let lets = |pattern: &String| {
        Glob::new(pattern).is_ok_and(|glob| paths().any(|path| glob.matches(path)))
    };
    // Files are named from the root on, and a folder is not all that lies in it.
    let meant = idle.iter().find_map(|text| {
        let bare = text.trim_matches('/');
        let all = [
            format!("/{bare}"),
            format!("/**/{bare}"),
            format!("/{bare}/**"),
        ];
        all.into_iter().find(lets)
    });
    let why = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "nothing there looks like a secret".to_owned(),
    };
    let shown = listed(&shown, "and");
    Some(format!("`except` lets nothing through for {shown}: {why}"))
}

impl Secret {
    pub(super) fn shown(&self) -> String {
        let more = match self.more.len() {
            0 => String::new(),
            more => format!(", and {more} more in this file"),
        };
        match self.text.as_str() {
            "" => self.what.to_owned(),
            text => format!("{}: {}{more}", self.what, masked(text)),
        }
    }

    /// Where the others are.
    fn others(&self) -> Option<String> {
        let lines: Vec<String> = self.more.iter().map(u64::to_string).collect();
        (!lines.is_empty()).then(|| format!("the others are in lines {}", lines.join(", ")))
    }

    fn advice(&self, in_sources: bool) -> &'static str {
        match self.line {
            _ if in_sources => {
                "who has the file has the secret: take it out, and change it where it is in use; `except` lets a \
                 file through"
            }
            Some(_) if self.under.is_some() => {
                "no container has the file, and whoever has the image has: make it in a stage that is not shipped, or \
                 give it to the build by `RUN --mount=type=secret`, and change it where it is in use; `except` lets a \
                 file through"
            }
            Some(_) => {
                "who has the file has the secret: take it out, and change it where it is in use; a later \
                 step that removes it leaves it in the layer below; `except` lets a file through"
            }
            None => {
                "who has the image can read it: give it when the container is run, or to a build by \
                 `RUN --mount=type=secret`, and change it where it is in use"
            }
        }
    }
}

/// The first characters of a secret and its length: enough to know it by, too little to use it.
pub(super) fn masked(secret: &str) -> String {
    let length = secret.chars().count();
    let shown = match length {
        _ if secret.starts_with("-----BEGIN ") => return evident(secret),
        0..=7 => 1,
        8..=15 => 2,
        _ => 4,
    };
    let start: String = secret.chars().take(shown).collect();
    format!("{}… ({length} characters)", evident(&start))
}
