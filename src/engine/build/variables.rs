//! Variables in the names of base images, filled in from `ARG` and from build arguments.

use std::collections::HashMap;

/// What is known of the variables above the first `FROM`.
pub(super) struct Variables<'a> {
    given: HashMap<&'a str, &'a str>,
    known: HashMap<String, String>,
}

impl<'a> Variables<'a> {
    pub(super) fn new(args: &'a [(String, String)]) -> Self {
        Self {
            given: args
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect(),
            known: HashMap::new(),
        }
    }

    /// Takes in what follows `ARG`; none where it is not understood.
    pub(super) fn declare(&mut self, text: &str) -> Option<()> {
        for word in text.split_whitespace() {
            let (name, default) = word.split_once('=').unwrap_or((word, ""));
            let value = match self.given.get(name) {
                Some(value) => (*value).to_owned(),
                None if default.is_empty() => String::new(),
                None => self.fill(default.trim_matches(['"', '\'']))?,
            };
            self.known.insert(name.to_owned(), value);
        }
        Some(())
    }

    /// Replaces `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME:+other}`; none where it cannot.
    pub(super) fn fill(&self, text: &str) -> Option<String> {
        let mut out = String::new();
        let mut rest = text.trim_matches(['"', '\'']);
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            if let Some(braced) = after.strip_prefix('{') {
                let end = braced.find('}')?;
                out.push_str(&self.braced(&braced[..end])?);
                rest = &braced[end + 1..];
            } else {
                let end = name_end(after);
                out.push_str(self.known.get(&after[..end])?);
                rest = &after[end..];
            }
        }
        out.push_str(rest);
        // Quotes and escapes are the builder's business.
        let plain = !out.is_empty() && !out.contains(['$', '"', '\'', '\\', '`', '{', '}']);
        plain.then_some(out)
    }

    fn braced(&self, inside: &str) -> Option<String> {
        let (name, rest) = inside.split_at(name_end(inside));
        let value = self.known.get(name).filter(|value| !value.is_empty());
        if rest.is_empty() {
            return value.cloned();
        }
        if let Some(default) = rest.strip_prefix(":-") {
            return Some(value.cloned().unwrap_or_else(|| default.to_owned()));
        }
        let other = rest.strip_prefix(":+")?;
        Some(value.map(|_| other.to_owned()).unwrap_or_default())
    }
}

fn name_end(text: &str) -> usize {
    text.find(|ch: char| !(ch.is_ascii_alphanumeric() || ch == '_'))
        .unwrap_or(text.len())
}

/// What `--from=` of a `COPY`, or `from=` of a `RUN --mount`, names.
pub(super) fn from_option(text: &str) -> Option<&str> {
    let mut options = text
        .split_whitespace()
        .skip(1)
        .take_while(|word| word.starts_with("--"));
    options.find_map(|option| match option.strip_prefix("--from=") {
        Some(name) => Some(name),
        None => option
            .strip_prefix("--mount=")?
            .split(',')
            .find_map(|part| part.strip_prefix("from=")),
    })
}
