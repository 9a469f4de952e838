//! Which lines a unified diff changes.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::{Component, Path};

/// The lines of files, as they are behind the change, that it added or that stand where it took some away.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Lines(BTreeMap<String, Vec<usize>>);

impl Lines {
    /// Reads a diff as `git diff` and `diff -u` write it.
    pub fn read(text: &str) -> Self {
        let mut lines = Self::default();
        let mut file: Option<String> = None;
        let (mut old, mut new, mut at) = (0_usize, 0_usize, 0_usize);
        for line in text.lines() {
            if old == 0 && new == 0 {
                if let Some(name) = line.strip_prefix("+++ ") {
                    file = named(name);
                } else if let Some((begins, counts)) = hunk(line) {
                    (at, (old, new)) = (begins, counts);
                }
                continue;
            }
            match line.as_bytes().first() {
                Some(b'+') => {
                    lines.take(file.as_ref(), at);
                    at = at.saturating_add(1);
                    new = new.saturating_sub(1);
                }
                Some(b'-') => {
                    lines.take(file.as_ref(), at.max(1));
                    old = old.saturating_sub(1);
                }
                // `\ No newline at end of file`
                Some(b'\\') => {}
                _ => {
                    at = at.saturating_add(1);
                    old = old.saturating_sub(1);
                    new = new.saturating_sub(1);
                }
            }
        }
        lines
    }

    fn take(&mut self, file: Option<&String>, line: usize) {
        if let Some(file) = file {
            self.0.entry(file.clone()).or_default().push(line);
        }
    }

    /// Whether it changes any of these lines of a file, however the two were named: from the top of the repository, or
    /// from a folder in it.
    pub fn touches(&self, file: &str, lines: &RangeInclusive<usize>) -> bool {
        let mut meant = self.0.iter().filter(|(name, _)| is_same(name, file));
        meant.any(|(_, all)| all.iter().any(|line| lines.contains(line)))
    }

    /// Whether it changes nothing at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The name behind `+++`, without git's `b/`; none for a file that is gone.
fn named(name: &str) -> Option<String> {
    let name = name.split('\t').next().unwrap_or(name).trim_end();
    let name = name.trim_matches('"');
    let name = name.strip_prefix("b/").unwrap_or(name);
    (name != "/dev/null").then(|| name.to_owned())
}

/// Where the new lines of a hunk begin, and how many old and new ones it has.
fn hunk(line: &str) -> Option<(usize, (usize, usize))> {
    let mut words = line.strip_prefix("@@ -")?.split(' ');
    let range = |word: &str| {
        let (start, count) = word.split_once(',').unwrap_or((word, "1"));
        Some((start.parse().ok()?, count.parse().ok()?))
    };
    let (_, old): (usize, usize) = range(words.next()?)?;
    let (start, new): (usize, usize) = range(words.next()?.strip_prefix('+')?)?;
    // A hunk without new lines names the one before it.
    let start = if new == 0 {
        start.saturating_add(1)
    } else {
        start
    };
    Some((start, (old, new)))
}

/// Whether one name is the end of the other.
fn is_same(one: &str, other: &str) -> bool {
    let parts = |name| -> Vec<String> {
        let parts = Path::new(name).components();
        let plain = parts.filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            _ => None,
        });
        plain.collect()
    };
    let (one, other) = (parts(one), parts(other));
    !one.is_empty() && !other.is_empty() && (one.ends_with(&other) || other.ends_with(&one))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIFF: &str = "\
diff --git a/app/Dockerfile b/app/Dockerfile
--- a/app/Dockerfile
+++ b/app/Dockerfile
@@ -1,4 +1,4 @@ FROM debian
 FROM debian
-USER 1000
+USER root
 EXPOSE 80
 CMD [\"a\"]
@@ -10,2 +10 @@
 ENV A=1
-ENV B=2
--- a/gone.yaml
+++ /dev/null
@@ -1 +0,0 @@
-seaworthy: 1
--- a/suites/a.yaml\t2026-01-01
+++ b/suites/a.yaml\t2026-01-02
@@ -0,0 +7,2 @@
+  user: app
+++ this line begins with two more
";

    #[test]
    fn lines_are_those_of_the_new_files() {
        let lines = Lines::read(DIFF);
        let touched: Vec<usize> = (1..20)
            .filter(|at| lines.touches("app/Dockerfile", &(*at..=*at)))
            .collect();
        assert_eq!(touched, [2, 11]);
        assert!(lines.touches("suites/a.yaml", &(1..=7)));
        assert!(lines.touches("../repo/suites/a.yaml", &(8..=8)));
        assert!(lines.touches("a.yaml", &(7..=7)), "from within the folder");
        assert!(!lines.touches("suites/a.yaml", &(9..=20)));
        assert!(!lines.touches("other/Dockerfile", &(2..=2)));
        assert!(!lines.touches("gone.yaml", &(1..=1)));
        assert!(Lines::read("no diff\n").is_empty());
    }
}
