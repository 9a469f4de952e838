//! What is wrong with a suite, said in rustc's manner.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Level, Renderer, Snippet};

use super::source::{FileId, Sources, Span};

/// One thing that is wrong, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The place it is about.
    pub span: Span,
    /// One sentence without a full stop.
    pub message: String,
    /// A few words under the marked text.
    pub label: String,
    /// Other places that explain it.
    pub related: Vec<(Span, String)>,
    /// What to do.
    pub help: Vec<String>,
    /// Whether the text at this place could not be made, so that whatever else is said of the same
    /// place only follows from it.
    pub is_cause: bool,
}

/// How grave it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    /// It does not work.
    Error,
    /// It is likely wrong.
    Warning,
    /// It could be better.
    Info,
}

impl Diagnostic {
    /// A diagnostic without label, related places or help.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            label: String::new(),
            related: Vec::new(),
            help: Vec::new(),
            is_cause: false,
        }
    }

    /// Words under the marked text.
    pub fn label(&mut self, label: impl Into<String>) -> &mut Self {
        self.label = label.into();
        self
    }

    /// Another place that explains it.
    pub fn related(&mut self, span: Span, label: impl Into<String>) -> &mut Self {
        self.related.push((span, label.into()));
        self
    }

    /// What else is said of this place only follows from it.
    pub fn cause(&mut self) -> &mut Self {
        self.is_cause = true;
        self
    }

    /// What to do.
    pub fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help.push(help.into());
        self
    }

    /// The diagnostic as text, with the source lines it speaks of.
    pub fn render(&self, sources: &Sources, color: bool) -> String {
        self.under(&Level::ERROR, None, sources, color)
    }

    /// The same, as grave as `grade` says and with the name of the rule that it breaks.
    pub fn graded(&self, grade: Grade, rule: &str, sources: &Sources, color: bool) -> String {
        let level = match grade {
            Grade::Error => Level::ERROR,
            Grade::Warning => Level::WARNING,
            Grade::Info => Level::INFO,
        };
        self.under(&level, Some(rule), sources, color)
    }

    fn under(
        &self,
        level: &Level<'_>,
        rule: Option<&str>,
        sources: &Sources,
        color: bool,
    ) -> String {
        let mut excerpts = vec![Excerpt::new(sources, self.span, &self.label, true)];
        for (span, label) in &self.related {
            let more = Excerpt::new(sources, *span, label, false);
            match excerpts.iter_mut().find(|known| known.near(&more)) {
                Some(known) => known.join(more),
                None => excerpts.push(more),
            }
        }
        let title = level.clone().primary_title(self.message.as_str());
        let title = match rule {
            Some(rule) => title.id(rule),
            None => title,
        };
        let snippets = excerpts.iter().map(|excerpt| excerpt.snippet(sources));
        let help = self
            .help
            .iter()
            .map(|help| Level::HELP.message(help.as_str()));
        let group = title.elements(snippets).elements(help);
        let renderer = if color {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        renderer.decor_style(DecorStyle::Ascii).render(&[group])
    }
}

/// Lines of one file, and what is marked in them. Only these lines are given to the renderer: it
/// looks through all it is given, and a file may hold thousands of errors.
struct Excerpt<'a> {
    file: FileId,
    /// Number of the first line.
    line: usize,
    /// Bytes from the start of the first line to the end of the last.
    lines: Range<usize>,
    marks: Vec<(Range<usize>, &'a str, bool)>,
}

/// Marks with so many bytes between them are shown apart.
const APART: usize = 400;

impl<'a> Excerpt<'a> {
    fn new(sources: &Sources, span: Span, label: &'a str, primary: bool) -> Self {
        let span = sources.written(span);
        let place = sources.line(span);
        let mut mark = sources.clamp(span);
        // What spans many lines is marked in its first.
        mark.start = mark.start.min(place.bytes.end);
        mark.end = mark.end.clamp(mark.start, place.bytes.end);
        Self {
            file: span.file,
            line: place.number,
            lines: place.bytes,
            marks: vec![(mark, label, primary)],
        }
    }

    fn near(&self, other: &Self) -> bool {
        let gap = self.lines.start.saturating_sub(other.lines.end);
        let behind = other.lines.start.saturating_sub(self.lines.end);
        self.file == other.file && gap.max(behind) < APART
    }

    fn join(&mut self, other: Self) {
        self.line = self.line.min(other.line);
        let start = self.lines.start.min(other.lines.start);
        self.lines = start..self.lines.end.max(other.lines.end);
        self.marks.extend(other.marks);
    }

    fn snippet<'s>(&'s self, sources: &'s Sources) -> Snippet<'s, Annotation<'s>> {
        let Some(source) = sources.get(self.file) else {
            return Snippet::source("");
        };
        let start = self.lines.start;
        let text = source.text.get(self.lines.clone()).unwrap_or("");
        let snippet = Snippet::source(text)
            .path(source.name.as_str())
            .line_start(self.line);
        snippet.annotations(self.marks.iter().map(|(mark, label, primary)| {
            let kind = match primary {
                true => AnnotationKind::Primary,
                false => AnnotationKind::Context,
            };
            let mark = kind.span(mark.start - start..mark.end - start);
            if label.is_empty() {
                mark
            } else {
                mark.label(*label)
            }
        }))
    }
}
