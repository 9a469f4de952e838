//! What is printed while a run goes on: the lines of cases in the order of the suites, whatever the
//! order in which they end, and where images come from.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::board::COMPARED;
use super::clean;
use super::gitlab::Sections;
use super::human::{Page, detail};
use super::style::{Characters, DIM, PLACE, paint, time};
use crate::run::outcome::{CaseOutcome, Event, Outcome};

/// How much is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Volume {
    /// What did not pass, and the verdict.
    Quiet,
    /// A line a case.
    Usual,
    /// The output of builds and what claims saw too.
    Verbose,
}

impl Volume {
    /// That which is asked for by these wishes.
    pub fn of(quiet: bool, verbose: bool) -> Self {
        match (quiet, verbose) {
            (true, _) => Self::Quiet,
            (_, true) => Self::Verbose,
            _ => Self::Usual,
        }
    }
}

/// Turns events into the lines that are printed for them.
#[derive(Debug)]
pub struct Watch {
    characters: Characters,
    volume: Volume,
    /// Live lines tell what goes on, so that only what is done needs a line.
    live: bool,
    next: usize,
    held: BTreeMap<usize, CaseOutcome>,
    printed: BTreeSet<[String; 3]>,
    page: Page,
    images: HashMap<String, Brought>,
    warned: BTreeSet<String>,
    sections: Option<Sections>,
}

/// An image that is being brought.
#[derive(Debug)]
struct Brought {
    /// What is done for it; nothing where it is looked up.
    doing: &'static str,
    compared: bool,
}

impl Watch {
    /// Nothing has happened yet.
    pub fn new(characters: Characters, volume: Volume, live: bool) -> Self {
        Self {
            characters,
            volume,
            live,
            next: 0,
            held: BTreeMap::new(),
            printed: BTreeSet::new(),
            page: Page::default(),
            images: HashMap::new(),
            warned: BTreeSet::new(),
            sections: None,
        }
    }

    /// What there is to say of a case can be folded in a log of GitLab.
    #[must_use]
    pub fn in_sections(mut self, sections: Sections) -> Self {
        self.sections = Some(sections);
        self
    }

    /// What is to be printed now; often nothing.
    pub fn see(&mut self, event: Event) -> String {
        match event {
            Event::ImageBegan {
                image,
                doing,
                compared,
            } => {
                let doing = if doing == "looks up" { "" } else { doing };
                let line = self.begins(&image, doing, compared);
                self.images.insert(image, Brought { doing, compared });
                line
            }
            Event::ImageLine { image, line } => self.image_line(&image, &line),
            Event::ImageDone { image, how, took } => {
                let doing = self
                    .images
                    .remove(&image)
                    .map_or("", |brought| brought.doing);
                if doing.is_empty() || self.volume == Volume::Quiet {
                    return String::new();
                }
                let (image, how) = (clean::line(&image), clean::line(&how));
                paint(DIM, format!("{image}: {how} in {}", time(took))) + "\n"
            }
            Event::Unguarded { why } => {
                let why = clean::log(&why).join("\n  ");
                format!("note: nothing cleans up if this run is killed outright: {why}\n")
            }
            Event::Warned { said } => self.warned(&said),
            Event::CaseDone { index, outcome } => {
                self.held.insert(index, *outcome);
                let mut text = String::new();
                while let Some(case) = self.held.remove(&self.next) {
                    self.next += 1;
                    text.push_str(&self.case(&case));
                }
                text
            }
            Event::Began { .. } | Event::CaseBegan { .. } | Event::TearDown => String::new(),
        }
    }

    /// What is left to print when the run is over: cases that were held back, and the verdict.
    pub fn end(&mut self, outcome: &Outcome) -> String {
        let mut text = String::new();
        for case in &outcome.cases {
            if !self.printed.contains(&key(case)) {
                text.push_str(&self.case(case));
            }
        }
        text + &self.page.end(outcome, self.characters)
    }

    fn begins(&self, image: &str, doing: &str, compared: bool) -> String {
        let word = match doing {
            "" => return String::new(),
            "builds" => "building",
            "loads" => "loading",
            "pulls" => "pulling",
            other => other,
        };
        if self.live || self.volume == Volume::Quiet {
            return String::new();
        }
        let dots = match self.characters {
            Characters::Unicode => "…",
            Characters::Ascii => "...",
        };
        let why = if compared { COMPARED } else { "" };
        format!("{word} {}{why} {dots}\n", clean::line(image))
    }

    fn image_line(&mut self, image: &str, line: &str) -> String {
        let mut text = String::new();
        // An image that is looked up says nothing unless it has to be pulled.
        let looked_up = self.images.get_mut(image);
        if let Some(brought) = looked_up.filter(|brought| brought.doing.is_empty()) {
            brought.doing = "pulls";
            let compared = brought.compared;
            text = self.begins(image, "pulls", compared);
        }
        // The steps of a download are told many times a second.
        let brought = self.images.get(image);
        let pulls = brought.is_some_and(|brought| brought.doing == "pulls");
        let passing = ["Downloading", "Extracting", "Waiting"];
        if self.volume < Volume::Verbose || pulls && passing.iter().any(|w| line.contains(w)) {
            return text;
        }
        let bar = paint(PLACE, "|");
        for line in clean::log(line) {
            text.push_str(format!("  {bar} {line}").trim_end());
            text.push('\n');
        }
        text
    }

    /// What a tool warns of, once: suites share Compose files.
    fn warned(&mut self, said: &str) -> String {
        let said = clean::line(said);
        match self.volume > Volume::Quiet && self.warned.insert(said.clone()) {
            true => format!("note: {said}\n"),
            false => String::new(),
        }
    }

    fn case(&mut self, case: &CaseOutcome) -> String {
        self.printed.insert(key(case));
        let fine = !case.is_open();
        if self.volume == Volume::Quiet && fine && case.kept.is_empty() {
            return String::new();
        }
        let [above, line, mut below] = self.page.parts(case, self.characters);
        if self.volume == Volume::Verbose {
            let mark = |verdict| self.characters.mark(verdict);
            below = detail::claims(case, mark) + &below;
        }
        match self.sections.as_mut().filter(|_| !fine) {
            Some(sections) => above + &sections.section(&line, &below, case.took),
            None => [above, line, below].concat(),
        }
    }
}

/// Two suites may have one name.
fn key(case: &CaseOutcome) -> [String; 3] {
    [&case.suite_file, &case.suite, &case.name].map(String::clone)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::report::human;
    use crate::report::human::tests::sample;
    use crate::report::style::bare;

    fn done(index: usize, outcome: &Outcome) -> Event {
        let outcome = Box::new(outcome.cases[index].clone());
        Event::CaseDone { index, outcome }
    }

    #[test]
    fn cases_are_printed_in_their_order_and_all_of_them_once() {
        let outcome = sample();
        let mut watch = Watch::new(Characters::Unicode, Volume::Usual, false);
        assert_eq!(watch.see(done(2, &outcome)), "");
        assert_eq!(watch.see(done(1, &outcome)), "");
        let first = bare(&watch.see(done(0, &outcome)));
        let at = |text: &str| first.find(text).unwrap();
        assert!(at("the image is small") < at("runs as its own user"));
        assert!(at("runs as its own user") < at("answers on its port"));
        // The case after a gap is printed at the end.
        assert_eq!(watch.see(done(4, &outcome)), "");
        let all = first + &bare(&watch.end(&outcome));
        assert_eq!(all, bare(&human::whole(&outcome, Characters::Unicode)));
    }

    #[test]
    fn cases_of_one_name_in_suites_of_one_name_are_each_printed() {
        let mut outcome = sample();
        let mut twin = outcome.cases[1].clone();
        twin.suite_file = "other.yaml".into();
        outcome.cases = vec![outcome.cases[1].clone(), outcome.cases[2].clone(), twin];
        let mut watch = Watch::new(Characters::Unicode, Volume::Usual, false);
        let first = bare(&watch.see(done(0, &outcome)));
        assert_eq!(watch.see(done(2, &outcome)), "");
        let all = first + &bare(&watch.end(&outcome));
        assert_eq!(all, bare(&human::whole(&outcome, Characters::Unicode)));
    }

    #[test]
    fn what_passed_is_not_said_where_quiet_is_asked_for() {
        let outcome = sample();
        let mut watch = Watch::new(Characters::Unicode, Volume::Quiet, false);
        let mut text = String::new();
        for index in 0..5 {
            text.push_str(&watch.see(done(index, &outcome)));
        }
        let text = bare(&(text + &watch.end(&outcome)));
        assert!(!text.contains("the image is small") && text.contains("whoami user"));
        assert!(text.contains("2 passed, 1 failed"), "{text}");
    }

    #[test]
    fn what_did_not_pass_is_in_a_section_and_all_that_is_said_is_as_without() {
        let outcome = sample();
        let sections = Sections::new(7);
        let mut watch = Watch::new(Characters::Unicode, Volume::Usual, false).in_sections(sections);
        let text = watch.end(&outcome);
        let begins: Vec<&str> = text.matches("section_start:").collect();
        assert_eq!(begins.len(), 2, "{text}");
        let inside = text.split("section_start:").nth(1).unwrap();
        assert!(
            bare(inside).contains("✗ failed  runs as its own user"),
            "{inside}"
        );
        assert!(
            inside
                .split("section_end:")
                .next()
                .unwrap()
                .contains("whoami user")
        );
        let said = |line: &&str| !line.starts_with("section_end:");
        let plain = bare(&text).replace("section_start:7:seaworthy_7_1\r", "");
        let plain = plain.replace("section_start:7:seaworthy_7_2\r", "");
        let lines: Vec<&str> = plain.lines().filter(said).collect();
        let whole = bare(&human::whole(&outcome, Characters::Unicode));
        assert_eq!(lines, whole.lines().collect::<Vec<_>>());
    }

    #[test]
    fn images_are_told_of_when_they_take_their_time() {
        let began = |doing| Event::ImageBegan {
            image: "web".into(),
            doing,
            compared: false,
        };
        let line = |text: &str| Event::ImageLine {
            image: "web".into(),
            line: text.into(),
        };
        let ended = |how: &str| Event::ImageDone {
            image: "web".into(),
            how: how.into(),
            took: Duration::from_secs(12),
        };
        let told = |volume, live, events: Vec<Event>| -> String {
            let mut watch = Watch::new(Characters::Ascii, volume, live);
            bare(&events.into_iter().map(|e| watch.see(e)).collect::<String>())
        };
        let build = || vec![began("builds"), line("[1/2] RUN x"), ended("built")];
        assert_eq!(
            told(Volume::Usual, false, build()),
            "building web ...\nweb: built in 12.0 s\n"
        );
        assert_eq!(told(Volume::Usual, true, build()), "web: built in 12.0 s\n");
        assert_eq!(told(Volume::Quiet, false, build()), "");
        assert!(told(Volume::Verbose, true, build()).contains("  | [1/2] RUN x\n"));
        let mut other = build();
        if let Some(Event::ImageBegan { compared, .. }) = other.first_mut() {
            *compared = true;
        }
        assert_eq!(
            told(Volume::Usual, false, other),
            "building web for a comparison ...\nweb: built in 12.0 s\n"
        );
        let warns = || Event::Warned {
            said: "c.yaml:1: it \u{1b}[1mwarns".into(),
        };
        for (volume, said) in [
            (Volume::Usual, "note: c.yaml:1: it \\x1b[1mwarns\n"),
            (Volume::Quiet, ""),
        ] {
            assert_eq!(told(volume, true, vec![warns(), warns()]), said);
        }
        let found = vec![began("looks up"), ended("found")];
        assert_eq!(told(Volume::Usual, false, found), "");
        let pull = vec![began("looks up"), line("a: Downloading"), ended("pulled")];
        assert_eq!(
            told(Volume::Verbose, false, pull),
            "pulling web ...\nweb: pulled in 12.0 s\n"
        );
    }
}
