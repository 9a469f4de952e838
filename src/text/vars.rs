//! `${NAME}` in the scalars of a tree.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::cover;
use super::near::nearest;
use super::read::Reader;
use super::source::Span;
use super::tree::{Entry, Node, Scalar, Value};

/// A name that `${…}` may use.
#[derive(Debug, Clone)]
pub struct Var {
    /// The name.
    pub name: String,
    /// Where it is declared.
    pub span: Span,
    /// Its value; `None` when only the environment could have given one.
    pub value: Option<String>,
    /// Where the value comes from.
    pub origin: Origin,
}

/// Where the value of a name comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// From `vars:`, or from the variable of the environment that has its name.
    Vars,
    /// From `matrix:`.
    Matrix,
    /// A secret that is made by chance.
    Chance,
    /// A secret from this variable of the environment.
    Env(String),
    /// A secret from this file.
    File(String),
}

impl Var {
    /// Whether it is a secret that somebody else has made.
    fn is_secret(&self) -> bool {
        matches!(self.origin, Origin::Env(_) | Origin::File(_))
    }

    /// What it is called in messages.
    fn kind(&self) -> &'static str {
        match self.is_secret() {
            true => "secret",
            false => "variable",
        }
    }

    /// Why it has no value.
    fn lack(&self) -> String {
        let source = self.source();
        match (&self.origin, &self.value) {
            (Origin::File(file), _) => format!("`{file}` is empty"),
            (Origin::Env(_), Some(_)) => format!("`{source}` is empty in the environment"),
            (_, Some(_)) => "it is empty".to_owned(),
            (_, None) => format!("the environment has no `{source}`"),
        }
    }

    /// How it gets a value.
    fn help(&self) -> String {
        let source = self.source();
        match &self.origin {
            Origin::File(file) => format!("write it into `{file}`"),
            Origin::Env(_) if self.value.is_some() => format!(
                "set it: {source}=… seaworthy …; a build server hands on an empty text where it does not give a job its \
                 secrets, as with a change from a fork"
            ),
            Origin::Vars => {
                format!("set it: {source}=… seaworthy …, or give it a value under `vars:`")
            }
            _ => format!("set it: {source}=… seaworthy …"),
        }
    }

    fn source(&self) -> &str {
        match &self.origin {
            Origin::Env(name) => name,
            _ => &self.name,
        }
    }
}

/// All declared names, and which of them were used.
#[derive(Debug, Default)]
pub struct Vars {
    declared: BTreeMap<String, Var>,
    /// Some declarations could not be read: a name that is not known may be one of those.
    pub partial: bool,
    used: RefCell<BTreeSet<String>>,
}

impl Vars {
    /// Declares a name; a later declaration of the same name wins.
    pub fn declare(&mut self, var: Var) {
        self.declared.insert(var.name.clone(), var);
    }

    /// Declared names that nothing used.
    pub fn unused(&self) -> Vec<&Var> {
        let used = self.used.borrow();
        self.declared
            .values()
            .filter(|v| !used.contains(&v.name))
            .collect()
    }

    /// The tree with all its scalars expanded.
    pub fn expand(&self, node: &Node, reader: &mut Reader) -> Node {
        let value = match &node.value {
            Value::Null => Value::Null,
            Value::Scalar(scalar) if !scalar.text.contains("${") => Value::Scalar(scalar.clone()),
            Value::Scalar(scalar) => {
                let text = self.text(&scalar.text, node.span, reader);
                Value::Scalar(Scalar {
                    text,
                    plain: scalar.plain,
                })
            }
            Value::List(items) => {
                Value::List(items.iter().map(|n| self.expand(n, reader)).collect())
            }
            Value::Map(entries) => Value::Map(
                entries
                    .iter()
                    .map(|e| Entry {
                        key: e.key.clone(),
                        value: self.expand(&e.value, reader),
                    })
                    .collect(),
            ),
        };
        Node {
            span: node.span,
            value,
        }
    }

    /// The text with its variables replaced.
    pub fn text(&self, text: &str, span: Span, reader: &mut Reader) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            let (before, after) = rest.split_at(at);
            if let Some(before) = before.strip_suffix('$') {
                out.push_str(before);
                out.push_str("${");
                rest = &after[2..];
                continue;
            }
            out.push_str(before);
            let Some(end) = closing(after) else {
                let said = reader.say(span, "this `${` is never closed").cause();
                said.help("close it with `}`, or write `$${` for the two characters themselves");
                out.push_str(after);
                return out;
            };
            out.push_str(&self.value(&after[2..end], span, reader));
            rest = &after[end + 1..];
        }
        out.push_str(rest);
        out
    }

    fn value(&self, inner: &str, span: Span, reader: &mut Reader) -> String {
        let end = inner
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(inner.len());
        let (name, tail) = inner.split_at(end);
        let known = tail.is_empty() || tail.starts_with(":-") || tail.starts_with(":?");
        if name.is_empty() || !known {
            let message = format!("`${{{inner}}}` is not a variable");
            let said = reader.say(span, message).cause();
            said.help("write ${NAME}, ${NAME:-default} or ${NAME:?message}; `$${` is `${`");
            return String::new();
        }
        let Some(var) = self.declared.get(name) else {
            if self.partial {
                return String::new();
            }
            let names = || self.declared.keys().map(String::as_str);
            // The one that was meant is used, for that matter.
            let meant = nearest(name, names()).map(str::to_owned);
            self.used.borrow_mut().extend(meant);
            let said = reader.unknown(span, "variable", name, names()).cause();
            said.help(format!("declare `{name}` under `vars:` or `secrets:`, or write `$${{` for the two characters"));
            return String::new();
        };
        self.used.borrow_mut().insert(name.to_owned());
        let value = var.value.as_deref().filter(|v| !v.is_empty());
        if let Some(value) = value {
            if var.is_secret() && !cover::covers(value) {
                let message = format!(
                    "the secret `{name}` has fewer than {} characters, too few to be told from other text and masked",
                    cover::SHORTEST
                );
                let said = reader.say(span, message);
                said.related(var.span, "declared here")
                    .help("give it a longer value; what anybody may see stands under `vars:`");
            }
            return value.to_owned();
        }
        let default = tail.strip_prefix(":-");
        // A file that is there is meant to hold something.
        let default = default.filter(|_| !matches!(var.origin, Origin::File(_)));
        if let Some(default) = default {
            return self.text(default, span, reader);
        }
        let declared_empty = var.value.is_some() && tail.is_empty() && !var.is_secret();
        if !declared_empty {
            let own = tail.strip_prefix(":?").filter(|own| !own.is_empty());
            let why = own.map_or_else(|| var.lack(), str::to_owned);
            let message = format!("the {} `{name}` has no value: {why}", var.kind());
            let said = reader.say(span, message).cause();
            said.related(var.span, "declared here").help(var.help());
        }
        String::new()
    }
}

/// Where the `}` of the `${` at the start stands.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'{' if at > 0 && bytes[at - 1] == b'$' => depth += 1,
            b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::source::FileId;

    fn expand(text: &str) -> (String, Vec<String>) {
        let span = Span {
            file: FileId(0),
            start: 0,
            end: 0,
        };
        let mut vars = Vars::default();
        for (name, value) in [("TAG", Some("dev")), ("EMPTY", Some("")), ("UNSET", None)] {
            vars.declare(Var {
                name: name.into(),
                span,
                value: value.map(Into::into),
                origin: Origin::Vars,
            });
        }
        for (name, value, origin) in [
            ("GIVEN", Some("hunter2"), Origin::Env("G".into())),
            ("BLANK", Some(""), Origin::Env("B".into())),
            ("NONE", None, Origin::Env("N".into())),
            ("HOLLOW", Some(""), Origin::File("./key".into())),
            ("PIN", Some(" 123 "), Origin::Env("P".into())),
        ] {
            vars.declare(Var {
                name: name.into(),
                span: Span { start: 7, ..span },
                value: value.map(Into::into),
                origin,
            });
        }
        let mut reader = Reader::default();
        let out = vars.text(text, span, &mut reader);
        (
            out,
            reader.diagnostics.into_iter().map(|d| d.message).collect(),
        )
    }

    #[test]
    fn the_forms_of_a_variable() {
        for (text, expected) in [
            ("a ${TAG} b", "a dev b"),
            ("${EMPTY:-x}${UNSET:-${TAG}}", "xdev"),
            ("$HOME costs 5$", "$HOME costs 5$"),
            ("$${TAG} ${TAG}", "${TAG} dev"),
            ("[${EMPTY}]", "[]"),
            ("${GIVEN} ${NONE:-x} ${BLANK:-y}", "hunter2 x y"),
        ] {
            assert_eq!(expand(text), (expected.to_owned(), vec![]), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_expanded_is_an_error() {
        for (text, expected) in [
            (
                "${UNSET:?give a tag}",
                "the variable `UNSET` has no value: give a tag",
            ),
            ("${TGA}", "unknown variable `TGA`"),
            ("${TAG", "this `${` is never closed"),
            ("${TAG+x}", "`${TAG+x}` is not a variable"),
            ("${}", "`${}` is not a variable"),
            (
                "${EMPTY:?}",
                "the variable `EMPTY` has no value: it is empty",
            ),
            (
                "${NONE}",
                "the secret `NONE` has no value: the environment has no `N`",
            ),
            (
                "${BLANK}",
                "the secret `BLANK` has no value: `B` is empty in the environment",
            ),
            (
                "${HOLLOW:-x}",
                "the secret `HOLLOW` has no value: `./key` is empty",
            ),
            (
                "${PIN}",
                "the secret `PIN` has fewer than 4 characters, too few to be told from other text and masked",
            ),
        ] {
            assert_eq!(expand(text).1, [expected], "{text}");
        }
    }
}
