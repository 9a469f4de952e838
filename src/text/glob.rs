//! Patterns for paths inside a container: `*`, `?`, `[a-z]` within a name, `**` across folders.

use regex::Regex;

/// A pattern, and how far one must walk to find what it matches.
#[derive(Debug, Clone)]
pub struct Glob {
    regex: Regex,
    /// The deepest folder that all matches lie in.
    pub root: String,
    /// How many levels below the root a match can lie; `None` without bound.
    pub depth: Option<u32>,
}

/// Whether the text has a character that makes it a pattern.
pub fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

impl Glob {
    /// The pattern, or what is wrong with it.
    pub fn new(pattern: &str) -> Result<Self, String> {
        let names: Vec<&str> = pattern.split('/').collect();
        let fixed = names.iter().take_while(|n| !is_pattern(n)).count();
        let root = names[..fixed.min(names.len().saturating_sub(1))].join("/");
        let root = if root.is_empty() {
            "/".to_owned()
        } else {
            root
        };
        let open = &names[fixed.min(names.len())..];
        let depth = if open.contains(&"**") {
            None
        } else {
            u32::try_from(open.len()).ok()
        };
        let mut regex = String::from("^");
        for (at, name) in names.iter().enumerate() {
            let last = at + 1 == names.len();
            if *name == "**" {
                regex.push_str(if last { ".+" } else { "(?:[^/]+/)*" });
                continue;
            }
            translate(name, &mut regex);
            if !last {
                regex.push('/');
            }
        }
        regex.push('$');
        let regex = Regex::new(&regex)
            .map_err(|_| format!("`{pattern}` is not a pattern: a `[` needs its `]`"))?;
        Ok(Self { regex, root, depth })
    }

    /// Whether the path is one of those meant.
    pub fn matches(&self, path: &str) -> bool {
        self.regex.is_match(path)
    }
}

fn translate(name: &str, regex: &mut String) {
    let mut chars = name.chars();
    while let Some(c) = chars.next() {
        match c {
            '*' => regex.push_str("[^/]*"),
            '?' => regex.push_str("[^/]"),
            '[' => {
                regex.push('[');
                for c in chars.by_ref() {
                    match c {
                        '!' if regex.ends_with('[') => regex.push('^'),
                        '\\' | '[' | '&' | '~' => regex.extend(['\\', c]),
                        _ => regex.push(c),
                    }
                    if c == ']' {
                        break;
                    }
                }
            }
            _ => regex.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_within_and_across_folders() {
        let cases = [
            ("/app/*.py", "/app/a.py", true),
            ("/app/*.py", "/app/x/a.py", false),
            ("/app/**/*.py", "/app/x/y/a.py", true),
            ("/app/**/*.py", "/app/a.py", true),
            ("/app/**", "/app/x/y", true),
            ("/app/**", "/app", false),
            ("/e?c/[p-q]asswd", "/etc/passwd", true),
            ("/etc/[!p]asswd", "/etc/passwd", false),
            ("/a.b", "/aXb", false),
        ];
        for (pattern, path, expected) in cases {
            assert_eq!(
                Glob::new(pattern).unwrap().matches(path),
                expected,
                "{pattern} {path}"
            );
        }
    }

    #[test]
    fn a_walk_is_as_small_as_the_pattern_allows() {
        let bounds = |p: &str| Glob::new(p).map(|g| (g.root, g.depth)).unwrap();
        assert_eq!(bounds("/app/src/*.py"), ("/app/src".into(), Some(1)));
        assert_eq!(bounds("/*/x"), ("/".into(), Some(2)));
        assert_eq!(bounds("/app/**/a"), ("/app".into(), None));
        assert!(Glob::new("/a/[b").is_err());
    }
}
