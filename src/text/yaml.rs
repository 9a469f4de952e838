//! YAML text to a spanned tree. The only module that knows the YAML library.
//!
//! Anchors, aliases and merge keys (`<<`) are resolved here, duplicate keys are found here, and
//! what a hostile file could blow up (size, depth, nodes, aliases) is bounded here.

use std::collections::{HashMap, HashSet};

use granit_parser::{Event, Options, Parser, ScalarStyle, Span as YamlSpan};

use super::diagnostic::Diagnostic;
use super::source::{FileId, Span, Spanned};
use super::tree::{Entry, Node, Scalar, Value};

/// Largest file, in bytes.
pub const MAX_BYTES: usize = 16 << 20;
/// Deepest nesting.
pub const MAX_DEPTH: usize = 32;
/// Most nodes, aliases counted with all they stand for.
pub const MAX_NODES: usize = 1_000_000;
/// Most aliases.
pub const MAX_ALIASES: usize = 1_000;

/// The one document of `text`, and everything that is wrong with it as YAML.
///
/// Duplicate keys and other mends leave a tree to go on with; a syntax error leaves none.
pub fn parse(file: FileId, text: &str) -> (Option<Node>, Vec<Diagnostic>) {
    let whole = Span {
        file,
        start: 0,
        end: 0,
    };
    if text.len() > MAX_BYTES {
        let mut said = Diagnostic::new(whole, "this file is larger than 16 MiB");
        said.help("split it into several suites");
        return (None, vec![said]);
    }
    let mut builder = Builder::new(file, text);
    let root = builder.document();
    (root, builder.diagnostics)
}

/// The tags of a text that may make of a value something else than what is written; a few of them.
pub fn strange_tags(file: FileId, text: &str) -> Vec<(Span, String)> {
    let mut builder = Builder::new(file, text);
    builder.document();
    builder.tags
}

/// Tags that leave a value what it is.
const PLAIN_TAGS: [&str; 9] = [
    "", "bool", "float", "int", "map", "merge", "null", "seq", "str",
];
/// What those of YAML itself begin with, `!!` for short.
const OF_YAML: &str = "tag:yaml.org,2002:";
/// The most that are kept.
const MAX_TAGS: usize = 8;

/// The bare word of a list's item above the last line of a text, where that line is indented below it.
fn bare_item(before: &str) -> Option<&str> {
    let mut lines = before.rsplit('\n');
    let last = lines.next()?;
    let above = lines.next()?;
    let indent = |line: &str| line.len() - line.trim_start().len();
    let word = above.trim().strip_prefix("- ")?.trim();
    let is_word = !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    (is_word && indent(last) > indent(above)).then_some(word)
}

struct Builder<'a> {
    file: FileId,
    text: &'a str,
    parser: Parser<'a, granit_parser::StrInput<'a>>,
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
    aliases: usize,
    diagnostics: Vec<Diagnostic>,
    tags: Vec<(Span, String)>,
}

/// What to do about an error of the parser, which speaks of how it parses.
fn advice(info: &str) -> Option<&'static str> {
    let known = [
        (
            "mapping values are not allowed",
            "a text that holds `: ` needs quotes: `name: \"one: two\"`",
        ),
        (
            "unexpected character",
            "a text that begins with this character needs quotes",
        ),
        (
            "cannot start any token",
            "a text that begins with this character needs quotes",
        ),
        (
            "unknown anchor",
            "an alias `*name` needs an anchor `&name` above it",
        ),
        (
            "only valid inside a block",
            "look above for a `{`, a `[` or a quotation mark that is never closed",
        ),
        (
            "flow mapping",
            "look above for a `{` that is never closed, or for a missing comma",
        ),
        (
            "flow sequence",
            "look above for a `[` that is never closed, or for a missing comma",
        ),
        (
            "quoted scalar",
            "look above for a quotation mark that is never closed",
        ),
        (
            "block collection",
            "entries of one list begin in the same column",
        ),
        ("block mapping", "keys of one map begin in the same column"),
        (
            "indentation",
            "lines that belong together begin in the same column",
        ),
    ];
    let fits = |(part, _): &&(&str, &'static str)| info.contains(part);
    known.iter().find(fits).map(|(_, help)| *help)
}

/// Unwinds to the document: a diagnostic has been pushed and no tree can be had.
struct Broken;

type Built<T> = Result<T, Broken>;

impl<'a> Builder<'a> {
    fn new(file: FileId, text: &'a str) -> Self {
        let mut options = Options::default();
        options.set_emit_comments(false);
        Self {
            file,
            text,
            parser: Parser::new_from_str_with_options(text, options),
            anchors: HashMap::new(),
            nodes: 0,
            aliases: 0,
            diagnostics: Vec::new(),
            tags: Vec::new(),
        }
    }

    fn document(&mut self) -> Option<Node> {
        let root = self.root().ok().flatten();
        if root.is_none() && self.diagnostics.is_empty() {
            let span = Span {
                file: self.file,
                start: 0,
                end: 0,
            };
            self.say(span, "this file holds nothing")
                .help("a suite begins with `seaworthy: 1`");
        }
        root
    }

    fn root(&mut self) -> Built<Option<Node>> {
        let mut root = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(root),
                Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd => {}
                _ if root.is_some() => {
                    let said = self.say(span, "a second YAML document in one file");
                    said.help("one file holds one suite: remove what follows the `---`");
                    return Err(Broken);
                }
                event => root = Some(self.node(event, span, 0)?),
            }
        }
    }

    fn next(&mut self) -> Built<(Event<'a>, Span)> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => Ok((event, self.span(span))),
            Some(Err(error)) => {
                let at = self.offset(error.marker().byte_offset(), error.marker().index());
                let end = self
                    .text
                    .get(at..)
                    .and_then(|t| t.chars().next())
                    .map_or(at, |c| at + c.len_utf8());
                let span = self.make(at, end);
                let info = error.info().clone();
                if info.contains("recursion limit") {
                    self.too_deep(span);
                    return Err(Broken);
                }
                let message = format!("this is not YAML: {info}");
                let tab = self.text[..at]
                    .rsplit('\n')
                    .next()
                    .is_some_and(|l| l.contains('\t'));
                let text = self.text;
                let bare = bare_item(&text[..at]).filter(|_| info.contains("mapping values"));
                let said = self.say(span, message);
                if let Some(word) = bare {
                    said.help(format!(
                        "did you mean `- {word}: {{}}`, with this key beside it? Behind a bare word there is none; what `{word}` needs stands in place of `{{}}`"
                    ));
                } else if tab {
                    said.help("indent with spaces: YAML does not take tabs there");
                } else if let Some(help) = advice(&info) {
                    said.help(help);
                }
                Err(Broken)
            }
            None => Ok((
                Event::StreamEnd,
                self.make(self.text.len(), self.text.len()),
            )),
        }
    }

    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Built<Node> {
        self.nodes += 1;
        if depth > MAX_DEPTH {
            self.too_deep(span);
            return Err(Broken);
        }
        if self.nodes > MAX_NODES {
            let said = self.say(span, "this file holds more than a million values");
            said.help("split it into several suites");
            return Err(Broken);
        }
        let before = self.nodes;
        if let Event::Scalar(.., Some(tag))
        | Event::SequenceStart(.., Some(tag))
        | Event::MappingStart(.., Some(tag)) = &event
        {
            let (handle, suffix) = (tag.handle(), tag.suffix());
            let is_plain = match handle {
                OF_YAML => PLAIN_TAGS.contains(&suffix),
                // One of the reader's own, as `!reset`.
                handle => handle == "!",
            };
            if !is_plain && self.tags.len() < MAX_TAGS {
                let shown = match handle {
                    OF_YAML => format!("!!{suffix}"),
                    handle => format!("!<{handle}{suffix}>"),
                };
                self.tags.push((span, shown));
            }
        }
        let (node, anchor) = match event {
            Event::Alias(id) => return self.alias(id, span),
            Event::Scalar(text, style, anchor, tag) => {
                let forced = tag.is_some_and(|t| t.suffix() == "str");
                let plain = style == ScalarStyle::Plain && !forced;
                let null = plain && matches!(text.as_ref(), "" | "~" | "null" | "Null" | "NULL");
                let scalar = Scalar {
                    text: text.into_owned(),
                    plain,
                };
                let value = if null {
                    Value::Null
                } else {
                    Value::Scalar(scalar)
                };
                (Node { span, value }, anchor)
            }
            Event::SequenceStart(_, anchor, _) => (self.list(span, depth)?, anchor),
            Event::MappingStart(_, anchor, _) => (self.map(span, depth)?, anchor),
            _ => {
                self.say(span, "this is not YAML: a value was expected here");
                return Err(Broken);
            }
        };
        if anchor > 0 {
            self.anchors
                .insert(anchor, (node.clone(), self.nodes - before + 1));
        }
        Ok(node)
    }

    fn too_deep(&mut self, span: Span) {
        self.say(span, "this is nested more than 32 deep")
            .help("nothing in a suite is: look for a bracket too many");
    }

    fn alias(&mut self, id: usize, span: Span) -> Built<Node> {
        self.aliases += 1;
        let Some((node, size)) = self.anchors.get(&id) else {
            self.say(span, "this alias stands inside the value that it names");
            return Err(Broken);
        };
        let (node, size) = (node.clone(), *size);
        self.nodes += size;
        if self.aliases > MAX_ALIASES || self.nodes > MAX_NODES {
            self.say(
                span,
                "too many aliases: this file would grow beyond all bounds",
            );
            return Err(Broken);
        }
        Ok(node)
    }

    fn list(&mut self, start: Span, depth: usize) -> Built<Node> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::SequenceEnd) {
                let span = self.cover(start, span, items.last().map(|n: &Node| n.span));
                return Ok(Node {
                    span,
                    value: Value::List(items),
                });
            }
            items.push(self.node(event, span, depth + 1)?);
        }
    }

    fn map(&mut self, start: Span, depth: usize) -> Built<Node> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut seen: HashMap<String, Span> = HashMap::new();
        let mut merges = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                let span = self.cover(start, span, entries.last().map(|e| e.value.span));
                self.merge(&mut entries, merges);
                return Ok(Node {
                    span,
                    value: Value::Map(entries),
                });
            }
            let key = self.node(event, span, depth + 1)?;
            let (event, span) = self.next()?;
            let value = self.node(event, span, depth + 1)?;
            let name = match &key.value {
                Value::Scalar(scalar) => scalar.text.clone(),
                Value::Null => "null".to_owned(),
                _ => {
                    self.say(key.span, "a key must be a word, not a list or a map");
                    continue;
                }
            };
            if name == "<<" {
                merges.push(value);
                continue;
            }
            if let Some(first) = seen.insert(name.clone(), key.span) {
                let said = self.say(key.span, format!("the key `{name}` stands here twice"));
                said.label("again here").related(first, "first here");
                said.help("keep one of them; where two entries may look alike, the suite language has lists");
                continue;
            }
            entries.push(Entry {
                key: Spanned {
                    span: key.span,
                    value: name,
                },
                value,
            });
        }
    }

    fn merge(&mut self, entries: &mut Vec<Entry>, merges: Vec<Node>) {
        if merges.is_empty() {
            return;
        }
        let mut known: HashSet<String> = entries.iter().map(|e| e.key.value.clone()).collect();
        for merged in merges {
            let parts = match merged.value {
                Value::List(parts) => parts,
                _ => vec![merged],
            };
            for part in parts {
                let Value::Map(more) = part.value else {
                    self.say(part.span, "`<<` takes a map, or a list of maps, by alias");
                    continue;
                };
                for entry in more {
                    if known.insert(entry.key.value.clone()) {
                        entries.push(entry);
                    }
                }
            }
        }
    }

    fn say(&mut self, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        let at = self.diagnostics.len();
        self.diagnostics.push(Diagnostic::new(span, message));
        &mut self.diagnostics[at]
    }

    /// From the first byte to the end of the last child: a block's own end lies behind blank lines.
    fn cover(&self, start: Span, end: Span, last: Option<Span>) -> Span {
        let flow = end.end > end.start;
        let end = if flow {
            end.end
        } else {
            last.map_or(start.end, |l| l.end)
        };
        Span {
            file: self.file,
            start: start.start,
            end: end.max(start.start),
        }
    }

    fn span(&self, span: YamlSpan) -> Span {
        let start = self.offset(span.start.byte_offset(), span.start.index());
        let end = self.offset(span.end.byte_offset(), span.end.index());
        let text = self.text.get(start..end).unwrap_or("");
        self.make(start, start + text.trim_end().len())
    }

    fn offset(&self, bytes: Option<usize>, chars: usize) -> usize {
        let at = bytes.unwrap_or_else(|| {
            self.text
                .char_indices()
                .nth(chars)
                .map_or(self.text.len(), |(at, _)| at)
        });
        self.text.floor_char_boundary(at.min(self.text.len()))
    }

    fn make(&self, start: usize, end: usize) -> Span {
        let small = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span {
            file: self.file,
            start: small(start),
            end: small(end.max(start)),
        }
    }
}

#[cfg(test)]
mod tests;
