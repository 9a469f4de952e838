//! One line: names and labels.

use std::fmt;

use crate::text::cut::cut;

/// Labels in written order; each name once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels(pub Vec<(String, String)>);

impl Labels {
    /// The value of a label.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// A name with its labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// The name.
    pub name: String,
    /// The labels.
    pub labels: Labels,
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for (at, (name, value)) in self.labels.0.iter().enumerate() {
            let before = if at == 0 { "{" } else { "," };
            write!(f, "{before}{name}=\"")?;
            for c in value.chars() {
                match c {
                    '"' => f.write_str("\\\"")?,
                    '\\' => f.write_str("\\\\")?,
                    '\n' => f.write_str("\\n")?,
                    c => write!(f, "{c}")?,
                }
            }
            f.write_str("\"")?;
        }
        match self.labels.0.is_empty() {
            true => Ok(()),
            false => f.write_str("}"),
        }
    }
}

impl Series {
    /// Reads `name{label="value",…}` from the start of a text, and gives what stands behind it.
    pub fn read(text: &str) -> Result<(Self, &str), String> {
        let end = text.find(['{', ' ', '\t']);
        let (name, rest) = text.split_at(end.unwrap_or(text.len()));
        if !is_name(name, true) {
            return Err(format!("`{}` is not the name of a metric", shown(name)));
        }
        let mut series = Self {
            name: name.to_owned(),
            labels: Labels::default(),
        };
        let behind = rest.trim_start_matches([' ', '\t']);
        let Some(mut rest) = behind.strip_prefix('{') else {
            return Ok((series, rest));
        };
        loop {
            rest = rest.trim_start_matches([' ', '\t']);
            if let Some(rest) = rest.strip_prefix('}') {
                return Ok((series, rest));
            }
            rest = series.label(rest)?.trim_start_matches([' ', '\t']);
            rest = match rest.strip_prefix(',') {
                Some(rest) => rest,
                None if rest.starts_with('}') => rest,
                None => {
                    return Err(format!("the labels of `{name}` do not end with `}}`"));
                }
            };
        }
    }

    fn label<'a>(&mut self, text: &'a str) -> Result<&'a str, String> {
        let of = &self.name;
        let (name, rest) = text
            .split_once('=')
            .ok_or_else(|| format!("the labels of `{of}` do not end with `}}`"))?;
        let name = name.trim_end_matches([' ', '\t']);
        if !is_name(name, false) {
            return Err(format!("`{}` is not the name of a label", shown(name)));
        }
        if self.labels.get(name).is_some() {
            return Err(format!("`{of}` has the label `{name}` twice"));
        }
        let open = || format!("the label `{name}` of `{of}` has no value in quotation marks");
        let rest = rest.trim_start_matches([' ', '\t']);
        let rest = rest.strip_prefix('"').ok_or_else(open)?;
        let mut value = String::new();
        let mut letters = rest.char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    self.labels.0.push((name.to_owned(), value));
                    return Ok(rest.get(at + 1..).unwrap_or_default());
                }
                '\\' => match letters.next() {
                    Some((_, 'n')) => value.push('\n'),
                    Some((_, escaped @ ('"' | '\\'))) => value.push(escaped),
                    _ => {
                        return Err(format!("the label `{name}` of `{of}` has a wrong escape"));
                    }
                },
                letter => value.push(letter),
            }
        }
        Err(open())
    }

    /// What tells it from others: the order of labels does not.
    pub(super) fn key(&self) -> String {
        let mut labels = self.labels.clone();
        labels.0.sort();
        let name = self.name.clone();
        Self { name, labels }.to_string()
    }

    /// Whether it has this name and at least these labels.
    pub fn is_of(&self, wanted: &Self) -> bool {
        let has = |(name, value): &(String, String)| self.labels.get(name) == Some(value.as_str());
        self.name == wanted.name && wanted.labels.0.iter().all(has)
    }
}

/// Whether a text can name a metric, or else a label.
pub(super) fn is_name(text: &str, metric: bool) -> bool {
    let first = |c: char| c.is_ascii_alphabetic() || c == '_' || (metric && c == ':');
    text.starts_with(first) && text.chars().all(|c| first(c) || c.is_ascii_digit())
}

/// As much of a wrong name as helps.
fn shown(text: &str) -> String {
    cut(text, 40).escape_debug().to_string()
}
