//! Secrets in YAML and JSON: Compose files, settings, definitions of tasks.

use super::assigned::{self, Style};
use super::command;
use crate::text::source::FileId;
use crate::text::tree::{Entry, Node, Value};
use crate::text::yaml;

/// A secret and the line that it stands in.
pub(super) type Placed = (u64, &'static str, String);

/// The shortest text that may hold a name with a value.
const SHORTEST: usize = 5;

/// Secrets of a text, and whether all of it could be read as a tree.
pub(super) fn secrets(text: &str, style: Style) -> (Vec<Placed>, bool) {
    let (mut found, mut whole) = (Vec::new(), true);
    for (first, part) in documents(text) {
        let (node, said) = yaml::parse(FileId(0), part);
        whole &= said.is_empty();
        let Some(node) = node else { continue };
        let mut reader = Reader {
            text: part,
            first,
            style,
            last: (0, first),
            found: &mut found,
        };
        reader.node(&node, "");
    }
    (found, whole)
}

/// The documents of a text, each with the number of its first line.
fn documents(text: &str) -> Vec<(u64, &str)> {
    let mut parts = Vec::new();
    let (mut from, mut at, mut first) = (0, 0, 1);
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        if line.trim_end() == "---" {
            parts.push((first, &text[from..at]));
            from = at + line.len();
            first = number + 1;
        }
        at += line.len();
    }
    parts.push((first, &text[from..]));
    parts.retain(|(_, part)| {
        part.lines()
            .any(|line| !line.trim().is_empty() && !line.starts_with('#'))
    });
    parts
}

struct Reader<'a> {
    text: &'a str,
    /// The number of the text's first line.
    first: u64,
    style: Style,
    /// A place and its line, from which lines are counted on.
    last: (usize, u64),
    found: &'a mut Vec<Placed>,
}

impl Reader<'_> {
    /// Reads what stands under a key.
    fn node(&mut self, node: &Node, key: &str) {
        match &node.value {
            Value::Null => {}
            Value::Scalar(scalar) => self.scalar(node, key, &scalar.text),
            Value::List(items) => self.list(items, key),
            Value::Map(entries) => self.map(entries),
        }
    }

    fn map(&mut self, entries: &[Entry]) {
        let of = |names: [&str; 2]| {
            let named = |entry: &&Entry| {
                names
                    .iter()
                    .any(|name| entry.key.value.eq_ignore_ascii_case(name))
            };
            entries.iter().find(named).map(|entry| &entry.value)
        };
        // `{ name: DB_PASSWORD, value: … }`
        let name = of(["name", "key"]).and_then(Node::text);
        if let (Some(name), Some(value)) = (name, of(["value", "value"]))
            && let Some(text) = value.text()
        {
            self.given(value, name, text);
        }
        for entry in entries {
            self.node(&entry.value, &entry.key.value);
        }
    }

    fn list(&mut self, items: &[Node], key: &str) {
        // What a service may use is told by its names.
        if key == "secrets" {
            return;
        }
        let words: Option<Vec<&str>> = items.iter().map(Node::text).collect();
        if let Some(words) = words
            && words.iter().any(|word| word.starts_with('-'))
            && let Some(first) = items.first()
        {
            self.command(first, &words.join(" "));
        }
        for item in items {
            self.node(item, key);
        }
    }

    fn scalar(&mut self, node: &Node, key: &str, text: &str) {
        self.given(node, key, text);
        let may = text.len() >= SHORTEST && text.contains(['=', ':', ' ', '-']);
        if may && command::is_worth_reading(text) {
            self.command(node, text);
        }
    }

    fn given(&mut self, node: &Node, name: &str, text: &str) {
        if let Some(secret) = assigned::secret(name, text, self.style, true) {
            self.take(node, "a value under such a name", secret);
        }
    }

    fn command(&mut self, node: &Node, text: &str) {
        let text = assigned::plain(text, Style::Command);
        for spoken in command::secrets(&text, Style::Command) {
            self.take(node, spoken.what, spoken.text);
        }
    }

    fn take(&mut self, node: &Node, what: &'static str, secret: String) {
        // In a text of several lines it stands below the node's first.
        let from = node.span.range().start;
        let at = self.text.get(from..).and_then(|rest| rest.find(&secret));
        let at = from + at.unwrap_or(0);
        let (counted, line) = if self.last.0 <= at {
            self.last
        } else {
            (0, self.first)
        };
        let ends = self
            .text
            .get(counted..at)
            .unwrap_or("")
            .matches('\n')
            .count();
        let line = line + ends as u64;
        self.last = (at, line);
        self.found.push((line, what, secret));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, style: Style) -> Vec<String> {
        let (found, whole) = secrets(text, style);
        assert!(whole, "{text}");
        found
            .into_iter()
            .map(|(line, _, secret)| format!("{line} {secret}"))
            .collect()
    }

    #[test]
    fn compose_files_are_read_in_each_way_of_writing_them() {
        for (text, found) in [
            ("environment: { DB_PASSWORD: hunter2 }", "1 hunter2"),
            (
                "environment: [ \"A=b\", \"DB_PASSWORD=hunter2\" ]",
                "1 hunter2",
            ),
            (
                "environment:\n  - A=b\n  - DB_PASSWORD=hunter2",
                "3 hunter2",
            ),
            ("environment:\n  DB_PASSWORD: >-\n    hunter2", "3 hunter2"),
            ("a:\n  DB_PASSWORD:\n    hunter2", "3 hunter2"),
            ("command: redis-server --requirepass hunter2", "1 hunter2"),
            (
                "command: [redis-server, --requirepass, hunter2]",
                "1 hunter2",
            ),
            (
                "command:\n  - redis-server\n  - --requirepass\n  - hunter2",
                "4 hunter2",
            ),
            (
                "command: |\n  set -e\n  app --password=hunter2",
                "3 hunter2",
            ),
            ("test: [CMD, mysqladmin, ping, -phunter2]", "1 hunter2"),
            ("A: ${PASSWORD:-hunter2}", "1 hunter2"),
            ("PASSWORD: ${PASSWORD:-hunter2}", "1 hunter2"),
            ("url: postgres://app:hunter2@db/app", "1 hunter2"),
            (
                "env:\n  - name: DB_PASSWORD\n    value: hunter2",
                "3 hunter2",
            ),
            ("a: b\n---\npassword: hunter2", "3 hunter2"),
            ("secrets:\n  db_password: hunter2", "2 hunter2"),
        ] {
            let said = all(text, Style::Settings);
            assert!(
                !said.is_empty() && said.iter().all(|said| said == found),
                "{text}: {said:?}"
            );
        }
    }

    #[test]
    fn json_is_read_whatever_its_lines() {
        for text in [
            "{\"db\": {\"password\": \"hunter2\"}}",
            "{\"url\": \"postgres://u:hunter2@h/db\"}",
            "{\"environment\": [{\"name\": \"DB_PASSWORD\", \"value\": \"hunter2\"}]}",
        ] {
            assert_eq!(all(text, Style::Code), ["1 hunter2"], "{text}");
        }
    }

    #[test]
    fn names_of_secrets_and_references_are_none() {
        for text in [
            "services:\n  a:\n    secrets: [db, api_token]",
            "secrets:\n  - source: db_password\n    target: x",
            "secrets:\n  db_password:\n    file: ./db_password.txt\n  api_token:\n    external: true",
            "secrets:\n  db:\n    environment: DB_PASSWORD",
            "environment:\n  DB_PASSWORD: !reset null",
            "DB_PASSWORD: !reset null",
            "environment:\n  DB_PASSWORD_FILE: /run/secrets/db",
            "environment:\n  DB_PASSWORD: ${DB_PASSWORD}\n  A: \"${B:?give a password: please}\"",
            "environment: [ DB_PASSWORD, \"API_TOKEN=${API_TOKEN:-}\" ]",
            "environment: { DB_PASSWORD: , TOKEN: '' }",
            "DATABASE_URL: postgres://app:${DB_PASSWORD}@db/app",
            "command: redis-server --requirepass ${REDIS_PASSWORD}",
            "command: [redis-server, --requirepass, $REDIS_PASSWORD]",
            "test: [CMD-SHELL, 'redis-cli -a \"$$REDIS_PASSWORD\" ping']",
            "jobs:\n  a:\n    secrets: inherit",
        ] {
            assert_eq!(all(text, Style::Settings), [""; 0], "{text}");
        }
        let text =
            "{\"dependencies\": {\"csrf-token\": \"^1.0.2\"}, \"password\": \"Enter it here\"}";
        assert_eq!(all(text, Style::Code), [""; 0]);
    }
}
