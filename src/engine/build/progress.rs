//! The steps of a build as they come about, whichever builder tells of them.

use std::time::Duration;

use super::instructions::Instructions;
use super::request::BuildEvent;
use crate::fact::build::{BuildStep, Warning, tame};

/// No real build has more steps than this.
const MOST_STEPS: usize = 10_000;
/// Warnings that are kept.
const MOST_WARNINGS: usize = 1_000;
/// How much of a line is held until its end comes.
const LINE_LIMIT: usize = 16 * 1024;

/// The steps so far, told on as events.
pub(super) struct Progress<'a> {
    pub(super) steps: Vec<BuildStep>,
    pub(super) notes: Vec<String>,
    pub(super) warnings: Vec<Warning>,
    pub(super) instructions: &'a Instructions,
    held: Vec<Vec<u8>>,
    on_event: &'a (dyn Fn(BuildEvent) + Send + Sync),
}

impl<'a> Progress<'a> {
    pub(super) fn new(
        instructions: &'a Instructions,
        on_event: &'a (dyn Fn(BuildEvent) + Send + Sync),
    ) -> Self {
        Self {
            steps: Vec::new(),
            notes: Vec::new(),
            warnings: Vec::new(),
            instructions,
            held: Vec::new(),
            on_event,
        }
    }

    /// A step begins; gives its index, or none where there are too many.
    pub(super) fn begin(&mut self, step: BuildStep) -> Option<usize> {
        if self.steps.len() >= MOST_STEPS {
            return None;
        }
        let index = self.steps.len();
        (self.on_event)(BuildEvent::Step {
            index,
            number: step.number,
            total: step.total,
            stage: step.stage.clone(),
            text: step.text.clone(),
        });
        self.steps.push(step);
        self.held.push(Vec::new());
        Some(index)
    }

    /// A step printed something; whole lines of it are told on.
    pub(super) fn output(&mut self, index: usize, bytes: &[u8]) {
        let Some(held) = self.held.get_mut(index) else {
            return;
        };
        held.extend_from_slice(bytes);
        let mut held = std::mem::take(held);
        while let Some(end) = held.iter().position(|&byte| byte == b'\n') {
            let line: Vec<u8> = held.drain(..=end).collect();
            self.line(index, &line);
        }
        if held.len() > LINE_LIMIT {
            self.line(index, &held);
            held.clear();
        }
        self.held[index] = held;
    }

    /// A step ended.
    pub(super) fn end(
        &mut self,
        index: usize,
        cached: bool,
        duration: Duration,
        error: Option<String>,
    ) {
        self.flush(index);
        let Some(step) = self.steps.get_mut(index) else {
            return;
        };
        step.cached = cached;
        step.duration = duration;
        step.error = error;
        (self.on_event)(BuildEvent::StepDone {
            index,
            cached,
            duration,
        });
    }

    /// Something to know about.
    pub(super) fn note(&mut self, text: &str) {
        let text = tame(text);
        if self.notes.len() < 100 && !text.is_empty() && !self.notes.contains(&text) {
            (self.on_event)(BuildEvent::Note(text.clone()));
            self.notes.push(text);
        }
    }

    /// Something that the builder warns of.
    pub(super) fn warn(&mut self, warning: Warning) {
        self.note(&warning.text);
        if self.warnings.len() < MOST_WARNINGS && !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    fn flush(&mut self, index: usize) {
        let rest = self
            .held
            .get_mut(index)
            .map(std::mem::take)
            .unwrap_or_default();
        if !rest.is_empty() {
            self.line(index, &rest);
        }
    }

    fn line(&mut self, index: usize, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        // A carriage return draws over what stood before it.
        let text = text.trim_end_matches(['\n', '\r']);
        let line = tame(text.rsplit('\r').next().unwrap_or(text));
        if let Some(step) = self.steps.get_mut(index) {
            step.output.push(&line);
            (self.on_event)(BuildEvent::Output { index, line });
        }
    }
}
