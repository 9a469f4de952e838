//! `copy-private-files`: files that are nobody else's business.

use super::look::Look;
use super::{Found, Level, Rule};
use crate::dockerfile::Kind;

/// See its page.
pub const RULE: Rule = Rule {
    id: "copy-private-files",
    level: Level::Warning,
    also: &[],
    page: include_str!("copy_private_files.md"),
    check,
};

/// Names of files and folders that are private.
const PRIVATE: [&str; 16] = [
    ".git", ".env", ".ssh", ".aws", ".npmrc", ".pypirc", ".netrc", ".docker", ".kube", "kubeconfig",
    ".git-credentials", ".htpasswd", "id_rsa", "id_ed25519", "id_ecdsa", "id_dsa",
];

/// Folders of which every file is.
const FOLDERS: [&str; 5] = [".git", ".ssh", ".aws", ".kube", ".gnupg"];

/// Ends of names that say it is only a pattern to fill in.
const PATTERNS: [&str; 6] = ["example", "sample", "template", "dist", "schema", "defaults"];

fn check(look: &Look<'_>, found: &mut Found) {
    let copies = [Kind::Copy, Kind::Add].map(|kind| look.shipped_of(kind));
    for (at, one) in copies.into_iter().flatten() {
        if one.flag("from").is_some() {
            continue;
        }
        for word in one.copied().map(|(from, _)| from).unwrap_or_default() {
            let path = word.text.trim_matches(['"', '\'']).trim_end_matches('/');
            let name = path.rsplit('/').next().unwrap_or(path);
            let is_pattern = PATTERNS.iter().any(|end| name.ends_with(end));
            let is_private = PRIVATE.contains(&name)
                || name.starts_with(".env.") && !name.contains('*')
                || [".key", ".p12", ".pfx"].iter().any(|end| name.ends_with(end));
            let mut folders = path.split('/').rev().skip(1);
            let within = folders.any(|folder| FOLDERS.contains(&folder));
            if is_private && !is_pattern || within {
                let shown = if within { path } else { name };
                let message = format!("whoever has the image can read `{shown}`");
                let mend = "name it in .dockerignore, or give it to one `RUN` by `--mount=type=secret`";
                found.say(at, word.span, message, mend);
            }
        }
    }
}
