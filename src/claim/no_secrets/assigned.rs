//! Names that are given values in a text, however they are written there.

use std::sync::LazyLock;

use regex::Regex;

use super::{name, value};

/// How a text gives values to names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// `NAME=value`, `name: value`, with quotes or without.
    Settings,
    /// A command, in which a value without quotes ends at a space.
    Command,
    /// A command that is run as it stands, in which `changeme` is a password too.
    Running,
    /// Only what is quoted is a value; all else is computed.
    Code,
    /// Sentences, with settings among them.
    Prose,
}

/// A secret that a name is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Given {
    /// The name.
    pub name: String,
    /// The secret.
    pub value: String,
}

/// A name and what stands between it and its value.
static HEAD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?:^|[\s{\[(,;|&?"'`<>!-])([A-Za-z_][A-Za-z0-9_.-]*)["'`]?(?:(:[ \t]*[A-Za-z][\w.\[\]| ]*?[ \t]=[ \t])|([ \t]*)(=>|:=|=|:)([ \t]*))"#,
    )
    .ok()
});

/// What may stand before a name that begins its line.
static START: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"^[\s"'-]*(?:(?:export|set|setx|ENV|ARG|declare|typeset|local|readonly|env)\s+(?:-\w+\s+)*)?["']?$"#).ok()
});

/// Other ways: an element of XML, a function that is given a name and a value, a name and a space.
static OTHERS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let ways = [
        r"<([A-Za-z][\w.-]*)>\s*([^<>]{1,400}?)\s*</",
        r#"(?:define|getenv|get|setdefault|env|config|putenv|setenv|[gs]etProperty)\(\s*["']([\w.-]+)["']\s*,\s*["']([^"']{1,400})["']"#,
        r"^\s*(requirepass|masterauth)\s+(\S+)\s*$",
        r"^\s*ENV\s+([A-Za-z_]\w*)\s+([^\s=].*)$",
    ];
    ways.iter().filter_map(|way| Regex::new(way).ok()).collect()
});

/// The most of a value that is read.
const VALUE: usize = 4 << 10;

/// The secrets that names are given in a line, or in a command of several.
pub(super) fn secrets(line: &str, style: Style) -> Vec<Given> {
    let mut found: Vec<Given> = Vec::new();
    for (name, value, quoted) in pairs(line, style) {
        let told = secret(&name, &value, style, quoted);
        let given = told.map(|value| Given { name, value });
        found.extend(given.filter(|given| !found.contains(given)));
    }
    found
}

/// The secret that a value under this name is.
pub(super) fn secret(name: &str, value: &str, style: Style, quoted: bool) -> Option<String> {
    let value = match style {
        Style::Running if !value::is_empty(value) => value.to_owned(),
        _ => value::real(value)?,
    };
    // `Please enter your password` is shown to people.
    let sentence = value.contains(' ') && !value.contains(|c: char| c.is_ascii_digit());
    let shown = sentence && matches!(style, Style::Code | Style::Prose);
    let called = !quoted && value.contains('(') && value.contains(')');
    let none = shown || called || name::names_itself(name, &value);
    (!none && name::is_secret(name, &value)).then_some(value)
}

/// A text without the marks of the text that it stands in: there quotes are escaped, and in a command for
/// `printf` ends of lines too.
pub(super) fn plain(text: &str, style: Style) -> String {
    let text = text.replace("\\\"", "\"").replace("\\'", "'");
    match style {
        Style::Code | Style::Prose => text,
        _ => text.replace("\\n", "\n").replace("\\t", " "),
    }
}

/// All names and values of a line, and whether the value is quoted.
fn pairs(line: &str, style: Style) -> Vec<(String, String, bool)> {
    let line = plain(line, style);
    let line = line.as_str();
    let mut pairs = Vec::new();
    let mut from = 0;
    while let Some(head) = HEAD.as_ref().and_then(|head| head.captures_at(line, from)) {
        let (Some(whole), Some(name)) = (head.get(0), head.get(1)) else {
            break;
        };
        // A value may hold names with values of its own.
        from = head.get(5).map_or(whole.end(), |space| space.start());
        let part = |number| head.get(number).map_or("", |part| part.as_str());
        let head = Head {
            before: &line[..name.start()],
            after: &line[whole.end()..],
            mark: if part(2).is_empty() { part(4) } else { "=" },
            spaced: !part(3).is_empty() || !part(5).is_empty(),
            typed: !part(2).is_empty(),
        };
        if let Some((value, quoted)) = head.value(style) {
            pairs.push((name.as_str().to_owned(), value.to_owned(), quoted));
        }
    }
    for other in OTHERS.iter().flat_map(|way| way.captures_iter(line)) {
        let (_, [name, value]) = other.extract();
        pairs.push((name.to_owned(), value.to_owned(), true));
    }
    pairs
}

/// What stands around a mark between a name and its value.
struct Head<'a> {
    before: &'a str,
    after: &'a str,
    mark: &'a str,
    spaced: bool,
    typed: bool,
}

impl<'a> Head<'a> {
    /// The value, and whether it is quoted.
    fn value(&self, style: Style) -> Option<(&'a str, bool)> {
        let after = self.after;
        // `${NAME:-default}`, `${NAME:?message}`, `${NAME:+other}`
        if self.before.ends_with("${") {
            let default = after.strip_prefix(['-', '=']).filter(|_| self.mark == ":");
            let default = match self.mark {
                ":=" | "=" => Some(after),
                _ => default,
            };
            return default?.split('}').next().map(|value| (value, true));
        }
        if after.starts_with(['=', '~', ':']) && !self.spaced {
            return None;
        }
        if let Some(value) = quoted(after) {
            return Some((value, true));
        }
        let quote = self.before.chars().next_back().filter(|c| is_quote(*c));
        let begins = START.as_ref().is_some_and(|regex| {
            let from = self.before.rfind('\n').map_or(0, |at| at + 1);
            let line = &self.before[from..];
            line.len() < 80 && regex.is_match(line)
        });
        let rest = match (style, self.mark) {
            _ if self.typed => return None,
            (Style::Code, _) | (_, "=>") => return None,
            (Style::Prose, mark) if mark != "=" || self.spaced => return None,
            (Style::Settings, _)
                if begins && quote.is_none() && (self.spaced || self.mark != "=") =>
            {
                // `A= B=c` is how a shell sets one to nothing.
                let is_next = self.mark == "=" && is_assignment(after);
                return (!is_next).then(|| (rest(after), false));
            }
            (_, "=") if !self.spaced => after,
            (Style::Settings | Style::Command | Style::Running, ":")
                if quote.is_some() && self.spaced =>
            {
                let end = after.find(['"', '\'', '`', '\n']).unwrap_or(after.len());
                // What is said to people has several words.
                let value = Some(after[..end].trim()).filter(|value| !value.contains(' '))?;
                return Some((start(value, VALUE), false));
            }
            _ => return None,
        };
        // What stands inside quotes with its name may hold spaces.
        let value = match quote.and_then(|quote| rest.split_once(quote)) {
            Some((value, _)) if !value.contains([' ', '\n']) => value,
            _ => {
                let ends = |c: char| c.is_whitespace() || is_quote(c) || ";&|,<>".contains(c);
                rest.split(ends).next().unwrap_or("")
            }
        };
        Some((start(value, VALUE), false))
    }
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '`')
}

/// What stands in the quotes that a text begins with; `r`, `b`, `f` and `u` may stand before them.
fn quoted(text: &str) -> Option<&str> {
    let bare = text.trim_start_matches(|c: char| "rbfuRBFU".contains(c));
    let bare = if text.len() - bare.len() <= 2 {
        bare
    } else {
        text
    };
    let quote = bare.chars().next().filter(|c| is_quote(*c))?;
    let inner = bare[1..].trim_start_matches(quote);
    if inner.len() + 1 < bare.len() && bare.len() - inner.len() < 3 {
        return Some("");
    }
    let end = inner.find([quote, '\n']).unwrap_or(inner.len());
    Some(start(&inner[..end], VALUE))
}

/// Whether a text begins with `NAME=value`.
fn is_assignment(text: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or("");
    word.split_once('=').is_some_and(|(name, value)| {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        !name.is_empty() && name.chars().all(plain) && !matches!(value, "" | "=")
    })
}

/// The rest of a line without the comment behind it.
fn rest(text: &str) -> &str {
    let line = text.lines().next().unwrap_or("");
    let bare = [" #", " //", " ;"].iter().fold(line, |line, mark| {
        line.split_once(mark).map_or(line, |(value, _)| value)
    });
    start(bare.trim().trim_end_matches([',', ';']), VALUE)
}

/// As many bytes of a text, and fewer where a character would be cut.
fn start(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(line: &str, style: Style) -> Vec<String> {
        let found = secrets(line, style).into_iter();
        found
            .map(|given| format!("{}={}", given.name, given.value))
            .collect()
    }

    #[test]
    fn settings_are_read_in_each_way_of_writing_them() {
        for (line, found) in [
            ("DB_PASSWORD=hunter2", "DB_PASSWORD=hunter2"),
            ("export DB_PASSWORD='hunter2'", "DB_PASSWORD=hunter2"),
            ("  - DB_PASSWORD=hunter2", "DB_PASSWORD=hunter2"),
            ("password: hunter2  # ours", "password=hunter2"),
            ("db.password = two words 2", "db.password=two words 2"),
            ("\"db_password\": \"hunter2\",", "db_password=hunter2"),
            ("{ user: me, 'password': 'hunter2' }", "password=hunter2"),
            ("db_password = \"hunter2\"", "db_password=hunter2"),
            ("Server=db;User=a;Password=hunter2;", "Password=hunter2"),
            (
                "jdbc:mysql://h/db?user=a&password=hunter2&ssl=1",
                "password=hunter2",
            ),
            ("ENV A=b DB_PASSWORD=hunter2", "DB_PASSWORD=hunter2"),
            ("ENV DB_PASSWORD hunter2", "DB_PASSWORD=hunter2"),
            ("requirepass hunter2", "requirepass=hunter2"),
            ("<DbPassword>hunter2</DbPassword>", "DbPassword=hunter2"),
            ("docker run -e DB_PASSWORD=hunter2 x", "DB_PASSWORD=hunter2"),
            ("PASSWORD=${PASSWORD:-hunter2}", "PASSWORD=hunter2"),
        ] {
            assert_eq!(all(line, Style::Settings), [found], "{line}");
        }
    }

    #[test]
    fn code_gives_values_in_quotes_only() {
        for (line, found) in [
            ("SECRET_KEY = 'hunter2'", "SECRET_KEY=hunter2"),
            ("password: str = \"hunter2\"", "password=hunter2"),
            (
                "connect(user=\"a\", password=\"hunter2\")",
                "password=hunter2",
            ),
            ("'PASSWORD': r'hunter2',", "PASSWORD=hunter2"),
            ("define('DB_PASSWORD', 'hunter2');", "DB_PASSWORD=hunter2"),
            (
                "os.environ.setdefault(\"API_KEY\", \"k-1234\")",
                "API_KEY=k-1234",
            ),
            ("password => \"hunter2\"", "password=hunter2"),
            ("db_password = \"\"\"hunter2\"\"\"", "db_password=hunter2"),
            (
                "conf = '{\\\"password\\\": \\\"hunter2\\\"}'",
                "password=hunter2",
            ),
        ] {
            assert_eq!(all(line, Style::Code), [found], "{line}");
        }
        for line in [
            "password = get_password(user)",
            "password = \"\"",
            "if password == \"hunter2\":",
            "token = os.environ[\"TOKEN\"]",
            "password: str",
            "\"password\": \"Please enter it\",",
            "names = [\"DB_PASSWORD\", \"DB_HOST\"]",
            "f(password=password, token=self.token)",
            "Secret::new(a)",
        ] {
            assert_eq!(all(line, Style::Code), [""; 0], "{line}");
        }
    }

    #[test]
    fn prose_and_references_are_no_values() {
        for line in [
            "The password: see the wiki",
            "token = as given",
            "Password: ask me",
        ] {
            assert_eq!(all(line, Style::Prose), [""; 0], "{line}");
        }
        assert_eq!(
            all("Run with `DB_PASSWORD=hunter2`", Style::Prose),
            ["DB_PASSWORD=hunter2"]
        );
        for line in [
            "PASSWORD: ${PASSWORD}",
            "PASSWORD: ${PASSWORD:?must be set}",
            "PASSWORD=$PASSWORD",
            "DB_PASSWORD: db_password",
            "TOKEN=$(cat /run/secrets/token)",
            "Authorization: Bearer ${API_TOKEN}",
            "DB_PASSWORD_FILE=/run/secrets/db",
            "NPM_TOKEN= DB_HOST=x",
            "secrets: inherit",
            "if [ \"$PASSWORD\" = \"x\" ]; then",
        ] {
            assert_eq!(all(line, Style::Settings), [""; 0], "{line}");
        }
    }
}
