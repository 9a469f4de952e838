//! The way from a run to those who watch it. Lines of builds are for looking at: where nobody keeps up
//! with them, they are left out, so that a build that prints without end takes no memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::outcome::Event;

/// The most lines that wait to be shown.
const WAITING: usize = 4096;

/// The end of those who tell.
#[derive(Debug, Clone)]
pub struct Teller {
    events: UnboundedSender<Event>,
    lines: Arc<AtomicUsize>,
}

/// The end of those who watch.
#[derive(Debug)]
pub struct Watcher {
    events: UnboundedReceiver<Event>,
    lines: Arc<AtomicUsize>,
}

/// Both ends.
pub fn channel() -> (Teller, Watcher) {
    let (sender, receiver) = unbounded_channel();
    let lines = Arc::new(AtomicUsize::new(0));
    let teller = Teller {
        events: sender,
        lines: Arc::clone(&lines),
    };
    let events = receiver;
    (teller, Watcher { events, lines })
}

impl Teller {
    /// Tells those who watch, if any do.
    pub fn tell(&self, event: Event) {
        if matches!(event, Event::ImageLine { .. }) {
            if self.lines.load(Ordering::Relaxed) >= WAITING {
                return;
            }
            self.lines.fetch_add(1, Ordering::Relaxed);
        }
        // Nobody watching is no reason to stop.
        let _ = self.events.send(event);
    }
}

impl Watcher {
    /// Waits for events and takes up to so many; 0 once there will be none.
    pub async fn take(&mut self, into: &mut Vec<Event>, most: usize) -> usize {
        let before = into.len();
        let count = self.events.recv_many(into, most).await;
        self.taken(&into[before..]);
        count
    }

    /// Takes what is there.
    pub fn rest(&mut self) -> Vec<Event> {
        let mut rest = Vec::new();
        while let Ok(event) = self.events.try_recv() {
            rest.push(event);
        }
        self.taken(&rest);
        rest
    }

    /// Whether nothing will come any more.
    pub fn is_over(&self) -> bool {
        self.events.is_closed() && self.events.is_empty()
    }

    fn taken(&self, events: &[Event]) {
        let lines = events
            .iter()
            .filter(|e| matches!(e, Event::ImageLine { .. }));
        self.lines.fetch_sub(lines.count(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> Event {
        Event::ImageLine {
            image: "a".to_owned(),
            line: "x".to_owned(),
        }
    }

    #[tokio::test]
    async fn lines_that_nobody_takes_are_left_out_and_nothing_else_is() {
        let (teller, mut watcher) = channel();
        for _ in 0..WAITING * 3 {
            teller.tell(line());
        }
        teller.tell(Event::TearDown);
        let mut taken = Vec::new();
        assert_eq!(watcher.take(&mut taken, 10).await, 10);
        for _ in 0..WAITING {
            teller.tell(line());
        }
        drop(teller);
        assert!(!watcher.is_over());
        taken.extend(watcher.rest());
        let lines = taken
            .iter()
            .filter(|e| matches!(e, Event::ImageLine { .. }));
        // Those that were taken made room for as many.
        assert_eq!(lines.count(), WAITING + 10);
        assert_eq!(taken.len(), WAITING + 11);
        assert!(watcher.is_over());
    }
}
