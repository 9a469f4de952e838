//! Where patterns lead through an image's links: a layer holds `/usr/bin/x`, and `/bin/x` is the same file.

use std::collections::{HashMap, HashSet};

use crate::text::glob::{Glob, is_pattern, literal};

/// The most links that one pattern is followed through.
const HOPS: usize = 40;
/// The most patterns that they may become.
const MOST: usize = 2_000;

/// Links of all layers. One that a later layer changes leads to both places.
pub(super) struct Links<'a> {
    /// By the folder that they stand in: their names, and where they lead.
    folders: HashMap<&'a str, Vec<(&'a str, &'a str)>>,
}

impl<'a> Links<'a> {
    pub(super) fn new(links: impl Iterator<Item = &'a (String, String)>) -> Self {
        let mut folders: HashMap<&str, Vec<(&str, &str)>> = HashMap::new();
        for (path, target) in links {
            if let Some((folder, name)) = path.rsplit_once('/') {
                folders.entry(folder).or_default().push((name, target));
            }
        }
        for links in folders.values_mut() {
            links.sort_unstable();
            links.dedup();
        }
        Self { folders }
    }

    /// The patterns, and those that they become where a folder in them is a link.
    pub(super) fn real(&self, patterns: &[String]) -> Result<Vec<String>, String> {
        let mut all: Vec<(String, usize)> = patterns.iter().map(|p| (p.clone(), 0)).collect();
        let mut known: HashSet<String> = patterns.iter().cloned().collect();
        let mut at = 0;
        while let Some((pattern, hops)) = all.get(at).cloned() {
            at += 1;
            if hops == HOPS {
                continue;
            }
            for other in self.through(&pattern)? {
                if known.insert(other.clone()) {
                    all.push((other, hops + 1));
                }
            }
            if all.len() > MOST {
                return Err(format!(
                    "the image's links lead {} to more places than are looked at: name the folder that is meant",
                    patterns.join(", ")
                ));
            }
        }
        Ok(all.into_iter().map(|(pattern, _)| pattern).collect())
    }

    /// What a pattern becomes through one link.
    fn through(&self, pattern: &str) -> Result<Vec<String>, String> {
        let names: Vec<&str> = pattern.split('/').collect();
        let mut found = Vec::new();
        // The last name may be a link itself: then the layer holds what is meant.
        for at in 1..names.len().saturating_sub(1) {
            if names[at] == "**" {
                continue;
            }
            let rest = names[at + 1..].join("/");
            let mut follow = |folder: &str, target: &str| {
                found.push(format!("{}/{rest}", leads(folder, target)));
            };
            let above = names[..at].join("/");
            let name = Glob::new(names[at])?;
            if is_pattern(&above) {
                let whole = Glob::new(&names[..=at].join("/"))?;
                for (folder, links) in &self.folders {
                    let fits = links.iter().filter(|(link, _)| {
                        name.matches(link) && whole.matches(&format!("{folder}/{link}"))
                    });
                    fits.for_each(|(_, target)| follow(folder, target));
                }
            } else if let Some(links) = self.folders.get(above.as_str()) {
                let fits = links.iter().filter(|(link, _)| name.matches(link));
                fits.for_each(|(_, target)| follow(&above, target));
            }
        }
        Ok(found)
    }
}

/// The place that a link in this folder leads to, as a pattern for nothing else.
fn leads(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = match target.starts_with('/') {
        true => Vec::new(),
        false => folder.split('/').filter(|part| !part.is_empty()).collect(),
    };
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts
        .iter()
        .map(|part| format!("/{}", literal(part)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn real(links: &[(&str, &str)], pattern: &str) -> Vec<String> {
        let links: Vec<(String, String)> = links
            .iter()
            .map(|(from, to)| ((*from).to_owned(), (*to).to_owned()))
            .collect();
        let mut real = Links::new(links.iter())
            .real(&[pattern.to_owned()])
            .unwrap();
        real.sort();
        real
    }

    #[test]
    fn patterns_are_followed_through_linked_folders() {
        let merged = [
            ("/bin", "usr/bin"),
            ("/sbin", "/usr/sbin"),
            ("/usr/bin/X11", "."),
            ("/usr/bin/sh", "dash"),
            ("/opt/now", "../srv/[1]/app"),
        ];
        for (pattern, expected) in [
            ("/bin/bash", vec!["/bin/bash", "/usr/bin/bash"]),
            ("/bin/*", vec!["/bin/*", "/usr/bin/*"]),
            (
                "/*/bash",
                vec!["/*/bash", "/usr/bin/bash", "/usr/sbin/bash"],
            ),
            ("/**/bin/x", vec!["/**/bin/x", "/usr/bin/x"]),
            (
                "/bin/*/bash",
                vec![
                    "/bin/*/bash",
                    "/usr/bin/*/bash",
                    "/usr/bin/bash",
                    "/usr/bin/dash/bash",
                ],
            ),
            ("/opt/now/a", vec!["/opt/now/a", "/srv/[[]1]/app/a"]),
            ("/bin", vec!["/bin"]),
            ("/**", vec!["/**"]),
        ] {
            assert_eq!(real(&merged, pattern), expected, "{pattern}");
        }
        assert!(
            Glob::new("/srv/[[]1]/app/a")
                .unwrap()
                .matches("/srv/[1]/app/a")
        );
    }

    #[test]
    fn links_that_lead_in_circles_come_to_an_end() {
        assert_eq!(real(&[("/a", "b"), ("/b", "a")], "/a/x"), ["/a/x", "/b/x"]);
        let deeper = real(&[("/a", "a/b")], "/a/x");
        assert_eq!(deeper.len(), HOPS + 1);
    }
}
