//! Patterns for paths inside a container: `*`, `?`, `[a-z]` within a name, `**` across folders.

use regex::Regex;
use serde_json::{Value as Json, json};

use super::read::{Read, Reader};
use super::schema::Schemas;
use super::tree::Node;

/// A pattern, and how far one must walk to find what it matches.
#[derive(Debug, Clone)]
pub struct Glob {
    /// As it is written.
    pub text: String,
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

/// A name as a pattern for itself alone.
pub fn literal(name: &str) -> String {
    let mut pattern = String::new();
    for c in name.chars() {
        match c {
            '*' | '?' | '[' => pattern.extend(['[', c, ']']),
            c => pattern.push(c),
        }
    }
    pattern
}

impl Glob {
    /// The pattern, or what is wrong with it.
    pub fn new(pattern: &str) -> Result<Self, String> {
        if let Some(why) = misread(pattern) {
            return Err(why);
        }
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
        Ok(Self {
            text: pattern.to_owned(),
            regex,
            root,
            depth,
        })
    }

    /// The pattern, or none where it is wrong, which is said of the node that has it.
    pub fn of(pattern: &str, node: &Node, reader: &mut Reader) -> Option<Self> {
        match Self::new(pattern) {
            Ok(glob) => Some(glob),
            Err(why) => {
                reader.say(node.span, why);
                None
            }
        }
    }

    /// What is looked for below the root, a name a level; nothing of a path that is no pattern.
    pub fn open(&self) -> Vec<String> {
        let names: Vec<&str> = self.text.split('/').collect();
        let fixed = names.iter().take_while(|name| !is_pattern(name)).count();
        let open = names.get(fixed..).unwrap_or_default();
        open.iter().map(|name| (*name).to_owned()).collect()
    }

    /// Whether the path is one of those meant.
    pub fn matches(&self, path: &str) -> bool {
        self.regex.is_match(path)
    }
}

impl Read for Glob {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let text = String::read(node, reader)?;
        Self::of(&text, node, reader)
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "type": "string" })
    }
}

/// What a pattern has that is taken for something else than its writer means.
pub fn misread(text: &str) -> Option<String> {
    let mut names = text.split('/');
    if let Some(name) = names.find(|name| name.contains("**") && *name != "**") {
        return Some(format!(
            "`**` stands for folders only where it is a name of its own, and not in `{name}`: write `**/*` in its place"
        ));
    }
    if text.contains("[:") {
        return Some("a class such as `[:digit:]` is not known here: write `[0-9]`".to_owned());
    }
    let inner = text
        .split_once('{')
        .and_then(|(_, rest)| rest.split_once('}'));
    inner
        .filter(|(inner, _)| inner.contains(','))
        .map(|(inner, _)| {
            format!("`{{{inner}}}` is not taken apart as a shell does: write one for each")
        })
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
        for (misread, said) in [
            ("/app/**.key", "`**` stands for folders only"),
            ("/a**/b", "not in `a**`"),
            ("/etc/[[:digit:]]*", "write `[0-9]`"),
            ("/usr/bin/{gcc,cc}*", "`{gcc,cc}`"),
        ] {
            let why = Glob::new(misread).unwrap_err();
            assert!(why.contains(said), "{misread}: {why}");
        }
        assert!(Glob::new("/a/**/{x}/*").is_ok());
        assert!(Glob::new(&format!("{}/*", literal("/**/[:a"))).is_ok());
    }
}
