//! One pattern of an ignore file, as the builder turns it into a test of paths.

use regex::Regex;

#[derive(Clone, Debug)]
pub(super) enum Matcher {
    Exact(String),
    Prefix(String),
    Suffix(String),
    Regex(Regex),
}

impl Matcher {
    /// Compiles a cleaned pattern; none where the builder would refuse it.
    pub(super) fn new(pattern: &str) -> Option<Self> {
        let mut kind = Kind::Exact;
        let mut regex = String::from("^");
        let mut rest = pattern.chars().peekable();
        let mut in_class = false;
        let mut first = true;
        while let Some(ch) = rest.next() {
            match ch {
                _ if in_class => in_class = push_in_class(&mut regex, ch, &mut rest),
                '*' if rest.peek() == Some(&'*') => {
                    rest.next();
                    rest.next_if_eq(&'/');
                    kind = match (rest.peek().is_none(), kind) {
                        (true, Kind::Exact) => Kind::Prefix,
                        (at_end, _) => {
                            regex.push_str(if at_end { ".*" } else { "(.*/)?" });
                            Kind::Regex
                        }
                    };
                    if first {
                        kind = Kind::Suffix;
                    }
                }
                '*' | '?' => {
                    regex.push_str(if ch == '*' { "[^/]*" } else { "[^/]" });
                    kind = Kind::Regex;
                }
                '[' => {
                    regex.push('[');
                    kind = Kind::Regex;
                    in_class = true;
                    if rest.next_if_eq(&'^').is_some() {
                        regex.push('^');
                    }
                }
                '\\' => {
                    let escaped = rest.next()?;
                    regex.push_str(&regex::escape(escaped.encode_utf8(&mut [0; 4])));
                    kind = Kind::Regex;
                }
                // The builder leaves a bare `^` to its regular expressions, where it is an anchor.
                '^' => regex.push('^'),
                _ => regex.push_str(&regex::escape(ch.encode_utf8(&mut [0; 4]))),
            }
            first = false;
        }
        regex.push('$');
        Some(match kind {
            Kind::Exact => Self::Exact(pattern.to_owned()),
            Kind::Prefix => Self::Prefix(pattern.strip_suffix("**").unwrap_or(pattern).to_owned()),
            Kind::Suffix => Self::Suffix(pattern.strip_prefix("**").unwrap_or(pattern).to_owned()),
            Kind::Regex => Self::Regex(Regex::new(&regex).ok()?),
        })
    }

    /// Whether it matches a path as a whole.
    pub(super) fn is_match(&self, path: &str) -> bool {
        match self {
            Self::Exact(text) => path == text,
            Self::Prefix(text) => path.starts_with(text),
            // `**/name` also means `name` at the top.
            Self::Suffix(text) => path.ends_with(text) || text.strip_prefix('/') == Some(path),
            Self::Regex(regex) => regex.is_match(path),
        }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Exact,
    Prefix,
    Suffix,
    Regex,
}

/// Adds one character of a `[…]` to the expression; gives whether the class is still open.
fn push_in_class(
    regex: &mut String,
    ch: char,
    rest: &mut std::iter::Peekable<std::str::Chars<'_>>,
) -> bool {
    match ch {
        ']' => regex.push(']'),
        '\\' => {
            if let Some(escaped) = rest.next() {
                regex.push_str(&regex::escape(escaped.encode_utf8(&mut [0; 4])));
            }
        }
        '[' | '&' | '~' | '^' => {
            regex.push('\\');
            regex.push(ch);
        }
        _ => regex.push(ch),
    }
    ch != ']'
}

/// Whether escapes and classes are complete.
pub(super) fn is_well_formed(pattern: &str) -> bool {
    let mut rest = pattern.chars().peekable();
    while let Some(ch) = rest.next() {
        match ch {
            '\\' if rest.next().is_none() => return false,
            '[' => {
                rest.next_if_eq(&'^');
                let mut ranges = 0;
                loop {
                    if ranges > 0 && rest.next_if_eq(&']').is_some() {
                        break;
                    }
                    if !class_char(&mut rest) {
                        return false;
                    }
                    if rest.next_if_eq(&'-').is_some() && !class_char(&mut rest) {
                        return false;
                    }
                    ranges += 1;
                }
            }
            _ => {}
        }
    }
    true
}

fn class_char(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    match rest.next() {
        None | Some('-' | ']') => false,
        Some('\\') => rest.next().is_some(),
        Some(_) => true,
    }
}
