//! `.dockerignore` as the builder reads it: which paths of a context are left out, and by which line.
//!
//! The rules are those of the builder, with its oddities: the last line that matches decides, a line
//! that matches a folder holds for all below it, and `!` takes back.

mod matcher;

use std::fmt;

use matcher::Matcher;

/// The lines of one ignore file, ready to judge paths.
#[derive(Clone, Debug, Default)]
pub struct Ignore {
    rules: Vec<Rule>,
}

/// One line of an ignore file that is neither empty nor a comment.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Where it stands, from 1.
    pub line: usize,
    /// The pattern as the builder sees it: trimmed, cleaned, without a leading `/` and without the `!`.
    pub pattern: String,
    /// Whether the line begins with `!` and so takes paths back.
    pub negated: bool,
    matcher: Matcher,
}

/// What an ignore file says about one path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether the path is left out.
    pub ignored: bool,
    /// The line that decided, from 1; none where no line speaks of the path.
    pub line: Option<usize>,
}

/// Which rules matched a folder: what holds for it holds for everything below.
#[derive(Clone, Debug, Default)]
pub struct Above(Vec<bool>);

/// A line that the builder refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadPattern {
    /// Where it stands, from 1.
    pub line: usize,
    /// The line's text.
    pub text: String,
    /// What is wrong with it.
    pub why: &'static str,
}

impl fmt::Display for BadPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: `{}`: {}", self.line, self.text, self.why)
    }
}

impl Ignore {
    /// Reads an ignore file.
    pub fn parse(text: &[u8]) -> Result<Self, BadPattern> {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let text = String::from_utf8_lossy(text);
        let mut rules = Vec::new();
        for (index, raw) in text.split('\n').enumerate() {
            // Only a `#` in the first column makes a comment.
            if raw.starts_with('#') || raw.trim().is_empty() {
                continue;
            }
            let line = index + 1;
            let rule = Rule::parse(line, raw.trim()).map_err(|why| BadPattern {
                line,
                text: raw.trim().to_owned(),
                why,
            })?;
            rules.push(rule);
        }
        Ok(Self { rules })
    }

    /// The lines that count, in order.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Judges a path relative to the context, parts divided by `/`.
    pub fn decide(&self, path: &str) -> Decision {
        let mut above = Above::default();
        for (end, _) in path.match_indices('/') {
            above = self.decide_below(&above, &path[..end]).1;
        }
        self.decide_below(&above, path).0
    }

    /// Judges a path whose parent folder was judged before; the second value is for what is below it.
    pub fn decide_below(&self, above: &Above, path: &str) -> (Decision, Above) {
        let mut decision = Decision {
            ignored: false,
            line: None,
        };
        let mut matched = vec![false; self.rules.len()];
        for (index, rule) in self.rules.iter().enumerate() {
            let inherited = above.0.get(index).copied().unwrap_or(false);
            // A rule that could change nothing is not asked; the builder remembers it as not matching.
            let hit =
                inherited || (rule.negated == decision.ignored && rule.matcher.is_match(path));
            matched[index] = hit;
            if hit {
                decision = Decision {
                    ignored: !rule.negated,
                    line: Some(rule.line),
                };
            }
        }
        (decision, Above(matched))
    }

    /// Whether a folder that is left out may hold something that a `!` line takes back.
    ///
    /// `wildcards` tells the builders apart: `BuildKit`'s walk looks below such a folder for every `!`
    /// line with wildcards, the classic one only where the line's text begins with the folder.
    pub fn may_take_back_below(&self, folder: &str, wildcards: bool) -> bool {
        let folder = format!("{folder}/");
        let mut negated = self.rules.iter().filter(|rule| rule.negated);
        negated.any(|rule| {
            let literal = if wildcards {
                without_trailing_glob(&rule.pattern)
            } else {
                &rule.pattern
            };
            let wild = literal.contains(['*', '[', ']', '?', '^', '\\']);
            (wildcards && wild) || format!("{literal}/").starts_with(&folder)
        })
    }

    /// Whether a `!` line could mean something below this path, wherever a builder looks for it.
    pub fn reaches_below(&self, path: &str) -> bool {
        let mut negated = self.rules.iter().filter(|rule| rule.negated);
        negated.any(|rule| {
            let mut parts = rule.pattern.split('/');
            for name in path.split('/') {
                match parts.next() {
                    // What stands for any number of folders may stand for these.
                    Some(part) if part.contains("**") => return true,
                    Some(part) if Matcher::new(part).is_some_and(|m| m.is_match(name)) => {}
                    // One that ends above or with it has decided on it already.
                    _ => return false,
                }
            }
            parts.next().is_some()
        })
    }
}

fn without_trailing_glob(pattern: &str) -> &str {
    let pattern = pattern.strip_suffix("/**").unwrap_or(pattern);
    pattern.strip_suffix("/*").unwrap_or(pattern)
}

impl Rule {
    fn parse(line: usize, text: &str) -> Result<Self, &'static str> {
        let (negated, text) = match text.strip_prefix('!') {
            Some(rest) => (true, rest.trim()),
            None => (false, text),
        };
        if text.is_empty() {
            return Err("nothing follows the `!`");
        }
        let cleaned = clean(text);
        let pattern = match cleaned.strip_prefix('/') {
            Some(rest) if !rest.is_empty() => rest.to_owned(),
            _ => cleaned,
        };
        if !matcher::is_well_formed(&pattern) {
            return Err(
                "the pattern is malformed (an unclosed `[`, an empty `[]`, or a `\\` at its end)",
            );
        }
        let matcher = Matcher::new(&pattern).ok_or("the pattern is malformed")?;
        Ok(Self {
            line,
            pattern,
            negated,
            matcher,
        })
    }
}

/// The shortest path that means the same: no empty part, no `.`, no `..` that can be resolved.
fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&last) if last != ".." => {
                    parts.pop();
                }
                _ if rooted => {}
                _ => parts.push(".."),
            },
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

#[cfg(test)]
mod tests;
