//! Command lines, split as Compose splits them.

use serde_json::{Value as Json, json};

use super::read::{Read, Reader};
use super::schema::Schemas;
use super::tree::{Node, Value};

/// A program and its arguments: a list, or a text that is split at spaces as a shell would, with
/// quotes and backslashes, and nothing expanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine(pub Vec<String>);

impl Read for CommandLine {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if let Value::List(_) = &node.value {
            return Vec::read(node, reader).map(Self);
        }
        let text = String::read(node, reader)?;
        match split(&text) {
            Some(words) => Some(Self(words)),
            None => {
                reader.say(
                    node.span,
                    "a quotation mark in this command is never closed",
                );
                None
            }
        }
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": ["string", "number", "boolean"] } }] })
    }
}

/// What a shell would make more of than an argument, standing by itself.
const OPERATORS: [&str; 15] = [
    "|", "||", "&&", "&", ";", ">", ">>", "<", "<<", "<<<", "2>", "2>&1", "|&", "&>", ">&",
];

/// What `find` has commands behind, which end at a `;` of its own.
const COMMANDS_OF_FIND: [&str; 4] = ["-exec", "-execdir", "-ok", "-okdir"];

/// The operator of a shell that stands bare in a command. A quoted one is an argument like any other, and so
/// are those that some programs have of their own.
pub fn operator(text: &str) -> Option<String> {
    let words = marked(text)?;
    let program = words.first().and_then(|(word, _)| word.rsplit('/').next());
    let own = match program {
        Some("test" | "[") => ["<", ">"].as_slice(),
        Some("expr") => &["|", "&", "<", ">"],
        _ => &[],
    };
    let mut is_of_find = false;
    for (at, (word, quoted)) in words.iter().enumerate() {
        is_of_find |= COMMANDS_OF_FIND.contains(&word.as_str());
        let is_last = at + 1 == words.len();
        // `phpinfo();` is a statement of another language.
        let ends = word.ends_with(';') && !is_last && !word.contains('(');
        let found = match word.as_str() {
            _ if *quoted => None,
            word if own.contains(&word) => None,
            word if OPERATORS.contains(&word) => Some(word),
            _ if ends => Some(";"),
            word => joined(word),
        };
        let found = found.filter(|found| *found != ";" || !is_of_find);
        if found.is_some() {
            return found.map(str::to_owned);
        }
    }
    None
}

/// The operator that a word begins with, where such a word is hardly anything else: `>text<` and `2>1` are
/// arguments, `2>/dev/null` is none.
fn joined(word: &str) -> Option<&str> {
    let (before, rest) = word.split_at(word.find(['<', '>', '&']).unwrap_or(word.len()));
    let is_stream = matches!(before, "" | "1" | "2");
    let length = match rest {
        _ if !is_stream => return None,
        _ if rest.starts_with("&&") && before.is_empty() => 2,
        _ if rest.starts_with("&>") && before.is_empty() => {
            match rest.trim_start_matches(['&', '>']) {
                file if file.starts_with('/') => rest.len() - file.len(),
                _ => return None,
            }
        }
        _ if rest.starts_with("<<") && before.is_empty() && !rest.contains('>') => {
            rest.len() - rest.trim_start_matches('<').len()
        }
        _ if rest.starts_with('>') => match rest.trim_start_matches('>') {
            behind if behind.starts_with('/') && !behind.contains('<') => rest.len() - behind.len(),
            "&1" | "&2" | "&-" => 2,
            _ => return None,
        },
        _ => return None,
    };
    word.get(..before.len() + length)
}

/// The words of a command; `None` where a quotation mark is never closed.
pub fn split(text: &str) -> Option<Vec<String>> {
    let words = marked(text)?;
    Some(words.into_iter().map(|(word, _)| word).collect())
}

/// The words, and whether something of each was quoted.
fn marked(text: &str) -> Option<Vec<(String, bool)>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    let mut quote: Option<char> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, c) if c.is_whitespace() => {
                words.extend(word.take().map(|word| (word, quoted)));
                quoted = false;
            }
            (None, '\'' | '"') => {
                quote = Some(c);
                quoted = true;
                word.get_or_insert_default();
            }
            (Some(open), c) if c == open => quote = None,
            (None, '\\') => {
                quoted = true;
                word.get_or_insert_default().push(chars.next()?);
            }
            (Some('"'), '\\') => match chars.next()? {
                next @ ('"' | '\\') => word.get_or_insert_default().push(next),
                next => word.get_or_insert_default().extend(['\\', next]),
            },
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word.map(|word| (word, quoted)));
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_operator_of_a_shell_is_found() {
        for (text, found) in [
            ("ps aux | grep x", Some("|")),
            ("a && b", Some("&&")),
            ("echo x > /tmp/y", Some(">")),
            ("a; b", Some(";")),
            ("a ; b", Some(";")),
            ("a 2>&1", Some("2>&1")),
            ("echo 'a | b'", None),
            ("echo '|' x", None),
            ("echo \\> x", None),
            ("sh -c 'a | b && c'", None),
            ("grep a|b x", None),
            ("find / -name x -exec rm {} ;", None),
            ("find / | wc", Some("|")),
            ("test -f /x && echo yes", Some("&&")),
            ("test a > b", None),
            ("expr 1 | 2", None),
            ("curl http://x/?a=1&b=2", None),
            ("php -r phpinfo();", None),
            ("mongosh --eval db.stats(); admin", None),
            ("redis-cli get a;", None),
            ("busybox find / -exec ls {} ;", None),
            ("su-exec me find / -okdir ls {} ; -print", None),
            ("find / -name x ; ls", Some(";")),
            ("find / -exec ls {} ; | wc", Some("|")),
            ("a 2>/dev/null", Some("2>")),
            ("a 1>>/tmp/x", Some("1>>")),
            ("a 2>&-", Some("2>&")),
            ("a >/tmp/x", Some(">")),
            ("a >>/tmp/x", Some(">>")),
            ("a &>/tmp/x", Some("&>")),
            ("a >&2", Some(">&")),
            ("a >& x", Some(">&")),
            ("cat <<<x", Some("<<<")),
            ("cat <<< x", Some("<<<")),
            ("cat <<EOF", Some("<<")),
            ("a &&b", Some("&&")),
            ("grep <html> x", None),
            ("grep </html> x", None),
            ("grep >text< x", None),
            ("grep >&nbsp;< x", None),
            ("grep ||example.org^ x", None),
            ("grep -> x", None),
            ("dpkg --compare-versions 1 >= 2", None),
            ("apk info -e x >=1.2", None),
            ("jq 2>1 x", None),
            ("rabbitmqctl eval <<1,2>>.", None),
            ("echo '>/x'", None),
        ] {
            assert_eq!(operator(text).as_deref(), found, "{text}");
        }
    }

    #[test]
    fn commands_are_split_as_a_shell_splits_them() {
        let cases: [(&str, &[&str]); 5] = [
            ("a  b\tc", &["a", "b", "c"]),
            (
                "sh -c 'echo \"$HOME\" x'",
                &["sh", "-c", "echo \"$HOME\" x"],
            ),
            (r#"a "b \" c" d\ e"#, &["a", "b \" c", "d e"]),
            ("a '' b", &["a", "", "b"]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(split(text).unwrap(), expected, "{text}");
        }
        assert_eq!(split("a 'b"), None);
        assert_eq!(split("a \\"), None);
    }
}
