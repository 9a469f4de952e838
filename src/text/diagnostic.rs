//! What is wrong with a suite, said in rustc's manner.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::source::{Sources, Span};

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

    /// What to do.
    pub fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help.push(help.into());
        self
    }

    /// The diagnostic as text, with the source lines it speaks of.
    pub fn render(&self, sources: &Sources, color: bool) -> String {
        let main = {
            let annotation = AnnotationKind::Primary.span(sources.clamp(self.span));
            if self.label.is_empty() {
                annotation
            } else {
                annotation.label(self.label.as_str())
            }
        };
        let mut snippet = Self::snippet(sources, self.span).annotation(main);
        let (here, elsewhere): (Vec<_>, Vec<_>) = self
            .related
            .iter()
            .partition(|(span, _)| span.file == self.span.file);
        for (span, label) in here {
            let range = sources.clamp(*span);
            snippet = snippet.annotation(AnnotationKind::Context.span(range).label(label.as_str()));
        }
        let mut group = Level::ERROR
            .primary_title(self.message.as_str())
            .element(snippet);
        for (span, label) in elsewhere {
            let range = sources.clamp(*span);
            let note = AnnotationKind::Context.span(range).label(label.as_str());
            group = group.element(Self::snippet(sources, *span).annotation(note));
        }
        for help in &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        let renderer = if color {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        renderer.decor_style(DecorStyle::Ascii).render(&[group])
    }

    fn snippet<T: Clone>(sources: &Sources, span: Span) -> Snippet<'_, T> {
        match sources.get(span.file) {
            Some(source) => Snippet::source(source.text.as_str()).path(source.name.as_str()),
            None => Snippet::source(""),
        }
    }
}
