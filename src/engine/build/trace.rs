//! `BuildKit`'s account of a build: vertices of its graph that start and end, and what they print.

use std::collections::HashMap;
use std::time::Duration;

use super::progress::Progress;
use super::protobuf::fields;
use crate::fact::build::{BuildStep, Warning, tame};

/// What is remembered of the graph between two messages.
pub(super) struct Trace<'a> {
    pub(super) progress: Progress<'a>,
    vertices: HashMap<String, Seen>,
    /// When the builder began with this build, by its own clock.
    began: Option<Duration>,
    /// The first vertex that failed: its name, its step if it is one, and the error.
    pub(super) broken: Option<(String, Option<usize>, String)>,
}

#[derive(Default)]
struct Seen {
    step: Option<usize>,
    done: bool,
}

#[derive(Default)]
struct Vertex {
    digest: String,
    name: String,
    cached: bool,
    started: Option<Duration>,
    completed: Option<Duration>,
    error: String,
}

/// The graph of a real build is far smaller.
const MOST_VERTICES: usize = 50_000;

impl<'a> Trace<'a> {
    pub(super) fn new(progress: Progress<'a>) -> Self {
        Self {
            progress,
            vertices: HashMap::new(),
            began: None,
            broken: None,
        }
    }

    /// Takes in one message.
    pub(super) fn take(&mut self, message: &[u8]) {
        for (field, value) in fields(message) {
            match field {
                1 => self.vertex(read_vertex(value.bytes())),
                3 => self.log(value.bytes()),
                4 => self.progress.warn(read_warning(value.bytes())),
                _ => {}
            }
        }
    }

    fn vertex(&mut self, vertex: Vertex) {
        if self.vertices.len() >= MOST_VERTICES && !self.vertices.contains_key(&vertex.digest) {
            return;
        }
        // Each build loads its Dockerfile for itself, before anything else.
        if vertex.name.starts_with("[internal]") {
            self.began = self.began.or(vertex.started);
        }
        let found = vertex.cached || is_over(vertex.completed, self.began);
        let seen = self.vertices.entry(vertex.digest).or_default();
        let begun = vertex.started.is_some() || vertex.cached;
        let new = seen.step.is_none() && begun && !seen.done;
        if let Some((stage, number, total, text)) = read_name(&vertex.name).filter(|_| new) {
            let place = self
                .progress
                .instructions
                .of_step(stage, number, total, text);
            seen.step = self.progress.begin(BuildStep {
                number,
                total,
                text: tame(&text.replace('\n', " ")),
                stage: stage.to_owned(),
                dockerfile_line: place.map(|place| place.line),
                ..BuildStep::default()
            });
        }
        if !vertex.error.is_empty()
            && !vertex.error.contains("context canceled")
            && self.broken.is_none()
        {
            self.broken = Some((vertex.name, seen.step, vertex.error.clone()));
        }
        if let Some(completed) = vertex.completed.filter(|_| !seen.done) {
            seen.done = true;
            if let Some(index) = seen.step {
                let took = vertex
                    .started
                    .and_then(|started| completed.checked_sub(started));
                let took = took.filter(|_| !found).unwrap_or_default();
                let error = Some(vertex.error).filter(|error| !error.is_empty());
                self.progress.end(index, found, took, error);
            }
        }
    }

    fn log(&mut self, message: &[u8]) {
        let mut digest = String::new();
        let mut said: &[u8] = &[];
        for (field, value) in fields(message) {
            match field {
                1 => digest = value.text(),
                4 => said = value.bytes(),
                _ => {}
            }
        }
        if let Some(index) = self.vertices.get(&digest).and_then(|seen| seen.step) {
            self.progress.output(index, said);
        }
    }
}

/// Whether a step was over before this build began. While another build that has carried it out goes on, the builder
/// tells of the step as that build was told: not of what was found, but of what was done, at its own time.
fn is_over(completed: Option<Duration>, began: Option<Duration>) -> bool {
    completed
        .zip(began)
        .is_some_and(|(completed, began)| completed < began)
}

fn read_vertex(message: &[u8]) -> Vertex {
    let mut vertex = Vertex::default();
    for (field, value) in fields(message) {
        match field {
            1 => vertex.digest = value.text(),
            3 => vertex.name = value.text(),
            4 => vertex.cached = value.number() != 0,
            5 => vertex.started = Some(read_time(value.bytes())),
            6 => vertex.completed = Some(read_time(value.bytes())),
            7 => vertex.error = value.text(),
            _ => {}
        }
    }
    vertex
}

fn read_warning(message: &[u8]) -> Warning {
    let mut warning = Warning::default();
    for (field, value) in fields(message) {
        match field {
            3 => warning.text = tame(&value.text()),
            5 => warning.url = Some(tame(&value.text())).filter(|url| !url.is_empty()),
            7 => warning.line = warning.line.or_else(|| first_line(value.bytes())),
            _ => {}
        }
    }
    warning
}

/// Where a range begins.
fn first_line(range: &[u8]) -> Option<u64> {
    let (_, start) = fields(range).find(|(field, _)| *field == 1)?;
    let (_, line) = fields(start.bytes()).find(|(field, _)| *field == 1)?;
    Some(line.number())
}

fn read_time(message: &[u8]) -> Duration {
    let mut time = Duration::ZERO;
    for (field, value) in fields(message) {
        let part = match field {
            1 => Duration::from_secs(value.number()),
            2 => Duration::from_nanos(value.number()),
            _ => continue,
        };
        time = time.saturating_add(part);
    }
    time
}

/// Reads `[linux/amd64 stage 2/3] RUN x` into stage, number, total and text; none for what is no step.
fn read_name(name: &str) -> Option<(&str, u32, u32, &str)> {
    let (inside, text) = name.strip_prefix('[')?.split_once("] ")?;
    let mut words = inside.split_whitespace().rev();
    let (number, total) = words.next()?.split_once('/')?;
    let stage = words
        .next()
        .filter(|word| !word.contains('/'))
        .unwrap_or_default();
    Some((
        stage,
        number.parse().ok()?,
        total.parse().ok()?,
        text.trim_end(),
    ))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::super::instructions::Instructions;
    use super::super::protobuf::Message;
    use super::super::request::BuildEvent;
    use super::*;

    #[test]
    fn names_are_read() {
        assert_eq!(read_name("[2/3] RUN x"), Some(("", 2, 3, "RUN x")));
        assert_eq!(
            read_name("[build 1/2] FROM a "),
            Some(("build", 1, 2, "FROM a"))
        );
        assert_eq!(
            read_name("[linux/amd64 stage-1 1/1] ADD a b"),
            Some(("stage-1", 1, 1, "ADD a b"))
        );
        assert_eq!(
            read_name("[linux/amd64 1/1] ADD a b"),
            Some(("", 1, 1, "ADD a b"))
        );
        for name in [
            "[internal] load x",
            "exporting to image",
            "[] x",
            "[a/b] x",
            "[1/2]",
            "",
        ] {
            assert_eq!(read_name(name), None, "{name}");
        }
    }

    fn time(seconds: u64) -> Vec<u8> {
        Message::default().number(1, seconds).number(2, 500).done()
    }

    fn vertex(
        name: &str,
        from: Option<u64>,
        to: Option<u64>,
        cached: bool,
        error: &str,
    ) -> Vec<u8> {
        let mut vertex = Message::default()
            .bytes(1, name.as_bytes())
            .bytes(3, name.as_bytes());
        vertex = vertex.number(4, cached.into());
        if let Some(from) = from {
            vertex = vertex.message(5, &time(from));
        }
        if let Some(to) = to {
            vertex = vertex.message(6, &time(to));
        }
        Message::default()
            .message(1, &vertex.bytes(7, error.as_bytes()).done())
            .done()
    }

    fn log(name: &str, text: &str) -> Vec<u8> {
        let log = Message::default()
            .bytes(1, name.as_bytes())
            .bytes(4, text.as_bytes())
            .done();
        Message::default().message(3, &log).done()
    }

    #[test]
    fn warnings_are_read_with_their_place() {
        let instructions = Instructions::default();
        let tell = |_| ();
        let mut trace = Trace::new(Progress::new(&instructions, &tell));
        let position = Message::default().number(1, 7).done();
        let range = Message::default().message(1, &position).done();
        let warning = Message::default()
            .bytes(3, b"JSONArgsRecommended: \x1b[1mno shell")
            .bytes(5, b"https://example.org/rule")
            .message(7, &range)
            .done();
        let message = Message::default().message(4, &warning).done();
        trace.take(&message);
        trace.take(&message);
        let expected = Warning {
            text: "JSONArgsRecommended: no shell".to_owned(),
            line: Some(7),
            url: Some("https://example.org/rule".to_owned()),
        };
        assert_eq!(trace.progress.warnings, [expected]);
        assert_eq!(trace.progress.notes, ["JSONArgsRecommended: no shell"]);
    }

    #[test]
    fn a_step_that_another_build_has_carried_out_before_is_no_work_of_this_one() {
        let instructions = Instructions::parse(b"FROM scratch\nRUN x\nRUN y\n");
        let tell = |_| ();
        let mut trace = Trace::new(Progress::new(&instructions, &tell));
        for message in [
            vertex("[internal] load", Some(10), Some(11), false, ""),
            vertex("[1/2] RUN x", Some(4), Some(9), false, ""),
            vertex("[internal] load other", Some(2), Some(3), false, ""),
            vertex("[2/2] RUN y", Some(9), Some(12), false, ""),
        ] {
            trace.take(&message);
        }
        let told = trace.progress.steps.iter();
        let told: Vec<_> = told.map(|step| (step.cached, step.duration)).collect();
        assert_eq!(
            told,
            [(true, Duration::ZERO), (false, Duration::from_secs(3))]
        );
    }

    #[test]
    fn a_build_becomes_steps() {
        let instructions = Instructions::parse(b"FROM scratch\nCOPY a b\nRUN x\n");
        let events = Mutex::new(Vec::new());
        let tell = |event| events.lock().expect("no panic").push(event);
        let mut trace = Trace::new(Progress::new(&instructions, &tell));
        let (copy, run) = ("[1/2] COPY a b", "[2/2] RUN x");
        for message in [
            vertex("[internal] load", Some(1), Some(2), false, ""),
            vertex(copy, None, None, false, ""),
            vertex(copy, Some(1), Some(1), true, ""),
            vertex(run, Some(2), None, false, ""),
            log(run, "one\ntw"),
            log(run, "o\nold\rnew\nlast"),
            log("nosuch", "lost\n"),
            vertex(run, Some(2), Some(5), false, "exit code: 1"),
            vertex(run, Some(2), Some(5), false, "exit code: 1"),
            vec![0xff; 12],
        ] {
            trace.take(&message);
        }
        let steps = &trace.progress.steps;
        assert_eq!(steps.len(), 2);
        assert!(steps[0].cached && steps[0].duration == Duration::ZERO);
        assert_eq!(
            (steps[0].dockerfile_line, steps[1].dockerfile_line),
            (Some(2), Some(3))
        );
        assert_eq!(steps[1].duration, Duration::from_secs(3));
        assert_eq!(steps[1].output.last(9), ["one", "two", "new", "last"]);
        assert_eq!(
            trace.broken,
            Some((run.to_owned(), Some(1), "exit code: 1".to_owned()))
        );
        let done = |event: &&BuildEvent| matches!(event, BuildEvent::StepDone { .. });
        assert_eq!(
            events.lock().expect("no panic").iter().filter(done).count(),
            2
        );
    }
}
