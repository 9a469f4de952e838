//! What goes on just now, as lines.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::report::clean;
use crate::report::style::{BOLD, DIM, PLACE, count, paint};
use crate::run::outcome::Event;

/// How many cases are shown at most.
const CASES: usize = 5;
/// How many images.
const IMAGES: usize = 3;
/// What stands behind the name of an image that nothing is run of.
pub(super) const COMPARED: &str = " for a comparison";

/// What goes on. Times count from the start of the run.
#[derive(Debug, Default)]
pub struct Board {
    cases: usize,
    done: usize,
    images: BTreeMap<String, Image>,
    flights: BTreeMap<usize, Flight>,
    /// What is done to the whole run.
    last_words: Option<&'static str>,
}

#[derive(Debug)]
struct Image {
    doing: &'static str,
    compared: bool,
    since: Duration,
    step: String,
    last: String,
}

#[derive(Debug)]
struct Flight {
    name: String,
    doing: &'static str,
    since: Duration,
}

impl Board {
    /// Takes in what happens at that time.
    pub fn see(&mut self, event: &Event, now: Duration) {
        match event {
            Event::Began { cases } => self.cases = *cases,
            Event::ImageBegan {
                image,
                doing,
                compared,
            } => {
                let image_at = Image {
                    doing,
                    compared: *compared,
                    since: now,
                    step: String::new(),
                    last: String::new(),
                };
                self.images.insert(image.clone(), image_at);
            }
            Event::ImageLine { image, line } => {
                let Some(image) = self.images.get_mut(image) else {
                    return;
                };
                let Some(line) = clean::log(line).into_iter().rfind(|l| !l.trim().is_empty())
                else {
                    return;
                };
                if line.starts_with('[') {
                    image.step = line;
                    image.last.clear();
                } else {
                    line.trim().clone_into(&mut image.last);
                }
            }
            Event::ImageDone { image, .. } => {
                self.images.remove(image);
            }
            Event::CaseBegan { index, name, doing } => {
                let known = self.flights.get(index).filter(|f| f.doing == *doing);
                let since = known.map_or(now, |f| f.since);
                let name = clean::line(name);
                self.flights.insert(*index, Flight { name, doing, since });
            }
            Event::CaseDone { index, .. } => {
                self.flights.remove(index);
                self.done += 1;
            }
            // Said above the board, by who prints the lines that stay.
            Event::Unguarded { .. } | Event::Warned { .. } => {}
            Event::TearDown => {
                self.flights.clear();
                self.images.clear();
                self.last_words = Some("removes what the run made");
            }
        }
    }

    /// The lines at that time.
    pub fn lines(&self, now: Duration) -> Vec<String> {
        let ago = |since: Duration| paint(DIM, seconds(now.saturating_sub(since)));
        let mut lines = Vec::new();
        for (name, image) in self.images.iter().take(IMAGES) {
            let parts = [image.step.as_str(), image.last.as_str()];
            let said: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
            let why = if image.compared { COMPARED } else { "" };
            let doing = format!("{} {}{why}", image.doing, clean::line(name));
            let doing = paint(PLACE, doing);
            let said = paint(DIM, said.join("  "));
            lines.push(format!("  {doing} {} {said}", ago(image.since)));
        }
        for flight in self.flights.values().take(CASES) {
            let (name, doing) = (&flight.name, flight.doing);
            lines.push(format!("  {name}: {doing} {}", ago(flight.since)));
        }
        let more =
            self.flights.len().saturating_sub(CASES) + self.images.len().saturating_sub(IMAGES);
        if more > 0 {
            lines.push(paint(DIM, format!("  and {more} more")));
        }
        let (done, all) = (self.done, count(self.cases, "case"));
        let total = format!("{done} of {all} judged, {}", seconds(now));
        lines.push(match self.last_words {
            Some(words) => format!("{}, {words}", paint(BOLD, total)),
            None => paint(BOLD, total),
        });
        lines
    }
}

fn seconds(time: Duration) -> String {
    let all = time.as_secs();
    match all {
        0..60 => format!("{all} s"),
        _ => format!("{} min {} s", all / 60, all % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::style::bare;

    fn at(board: &Board, second: u64) -> Vec<String> {
        let lines = board.lines(Duration::from_secs(second));
        lines.iter().map(|line| bare(line)).collect()
    }

    #[test]
    fn the_board_shows_what_goes_on_and_for_how_long() {
        let mut board = Board::default();
        let mut see = |second, event| board.see(&event, Duration::from_secs(second));
        let line = |line: &str| Event::ImageLine {
            image: "web".into(),
            line: line.into(),
        };
        see(0, Event::Began { cases: 9 });
        see(
            1,
            Event::ImageBegan {
                image: "web".into(),
                doing: "builds",
                compared: false,
            },
        );
        let other = Event::ImageBegan {
            image: "web (dev)".into(),
            doing: "builds",
            compared: true,
        };
        see(5, other);
        see(2, line("[2/7] RUN make"));
        see(3, line("\u{1b}[31mcc -o x\u{1b}[0m\n"));
        for index in 0..7 {
            let began = |doing| Event::CaseBegan {
                index,
                name: format!("s::{index}"),
                doing,
            };
            see(2, began("starts"));
            see(4, began("starts"));
        }
        assert_eq!(
            at(&board, 65),
            [
                "  builds web 1 min 4 s [2/7] RUN make  cc -o x",
                "  builds web (dev) for a comparison 1 min 0 s ",
                "  s::0: starts 1 min 3 s",
                "  s::1: starts 1 min 3 s",
                "  s::2: starts 1 min 3 s",
                "  s::3: starts 1 min 3 s",
                "  s::4: starts 1 min 3 s",
                "  and 2 more",
                "0 of 9 cases judged, 1 min 5 s",
            ]
        );
        board.see(&Event::TearDown, Duration::from_secs(66));
        assert_eq!(
            at(&board, 66),
            ["0 of 9 cases judged, 1 min 6 s, removes what the run made"]
        );
    }
}
