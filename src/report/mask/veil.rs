//! What happens, told without secrets: also those that a build prints piece by piece, line by line.

use std::collections::BTreeMap;

use super::Mask;
use crate::run::outcome::Event;

/// The most lines of an image that wait for the next one.
const HELD: usize = 64;

/// Takes secrets out of events as they come. A line on which one may begin waits for those that show whether it does.
#[derive(Debug)]
pub struct Veil<'a> {
    mask: &'a Mask,
    held: BTreeMap<String, Vec<String>>,
}

impl<'a> Veil<'a> {
    /// One that takes out these.
    pub fn new(mask: &'a Mask) -> Self {
        Self {
            mask,
            held: BTreeMap::new(),
        }
    }

    /// What may be told by now, in its order.
    pub fn take(&mut self, event: Event) -> Vec<Event> {
        let mut told = Vec::new();
        match &event {
            Event::ImageLine { image, line } => {
                let held = self.held.entry(image.clone()).or_default();
                held.push(line.clone());
                if held.len() < HELD && self.mask.cover.goes_on(&held.join("\n")) {
                    return told;
                }
                self.show(image, &mut told);
                return told;
            }
            Event::ImageDone { image, .. } => self.show(image, &mut told),
            _ => {}
        }
        told.extend(self.mask.event(event));
        told
    }

    /// What waits still, as nothing more comes.
    pub fn rest(&mut self) -> Vec<Event> {
        let mut told = Vec::new();
        while let Some(image) = self.held.keys().next().cloned() {
            self.show(&image, &mut told);
        }
        told
    }

    fn show(&mut self, image: &str, told: &mut Vec<Event>) {
        let mut lines = self.held.remove(image).unwrap_or_default();
        let mut all: Vec<&mut String> = lines.iter_mut().collect();
        self.mask.cover.lines(&mut all);
        let image = image.to_owned();
        let events = lines.into_iter().map(|line| Event::ImageLine {
            image: image.clone(),
            line,
        });
        told.extend(events.filter_map(|event| self.mask.event(event)));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn line(image: &str, line: &str) -> Event {
        Event::ImageLine {
            image: image.to_owned(),
            line: line.to_owned(),
        }
    }

    fn shown(events: Vec<Event>) -> Vec<String> {
        let shown = |event| match event {
            Event::ImageLine { image, line } => format!("{image} {line}"),
            Event::ImageDone { image, .. } => format!("{image} is done"),
            other => format!("{other:?}"),
        };
        events.into_iter().map(shown).collect()
    }

    #[test]
    fn a_secret_that_a_build_prints_in_pieces_is_shown_in_none() {
        let mask = Mask::new(["correct-horse-battery"]);
        let mut veil = Veil::new(&mask);
        assert_eq!(shown(veil.take(line("a", "nothing"))), ["a nothing"]);
        assert_eq!(shown(veil.take(line("a", "    it is correct-"))), [""; 0]);
        // Another image's lines come between.
        assert_eq!(shown(veil.take(line("b", "plain"))), ["b plain"]);
        assert_eq!(shown(veil.take(line("a", "    horse"))), [""; 0]);
        let all = shown(veil.take(line("a", "    -battery, and on")));
        assert_eq!(all, ["a     it is ***", "a ***", "a ***, and on"]);
        // What only looked like one comes too.
        assert_eq!(shown(veil.take(line("a", "    co"))), [""; 0]);
        assert_eq!(shown(veil.take(line("a", "me"))), ["a     co", "a me"]);
    }

    #[test]
    fn no_line_waits_for_longer_than_its_build() {
        let mask = Mask::new(["correct-horse-battery"]);
        let mut veil = Veil::new(&mask);
        assert_eq!(shown(veil.take(line("a", "corr"))), [""; 0]);
        let done = Event::ImageDone {
            image: "a".to_owned(),
            how: "built".to_owned(),
            took: Duration::ZERO,
        };
        assert_eq!(shown(veil.take(done)), ["a corr", "a is done"]);
        assert_eq!(shown(veil.take(line("b", "corr"))), [""; 0]);
        assert_eq!(shown(veil.rest()), ["b corr"]);
        let long = "c".repeat(HELD * 2);
        let mask = Mask::new([long.as_str()]);
        let mut veil = Veil::new(&mask);
        let lines = (0..HELD).map(|_| veil.take(line("a", "c")));
        let told: Vec<usize> = lines.map(|told| told.len()).collect();
        assert_eq!(told.iter().sum::<usize>(), HELD);
        assert_eq!(told.last(), Some(&HELD));
    }
}
