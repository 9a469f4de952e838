//! Recording what takes place when in a run. What is written is a name and two moments, in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::clock::{self, Instant};
use crate::fact::timeline::{CaseName, Container, Course, Group, Image, Part, Sample, Stretch};

/// How many stretches of a run are kept.
const MOST: usize = 20_000;
/// Of how many groups of containers anything is kept: each time that a case is run again is one.
const GROUPS: usize = 1_000;
/// How many samples of a container are kept: where there are more, every other one goes, and from then on they
/// are taken half as often.
const SAMPLES: usize = 60;

/// Takes down the course of a run. Clones write to the same one.
#[derive(Debug, Clone)]
pub struct Recorder {
    began: Instant,
    state: Arc<Mutex<State>>,
    /// The time that a test says it is.
    #[cfg(test)]
    set: Option<Arc<std::sync::atomic::AtomicU64>>,
}

#[derive(Debug, Default)]
struct State {
    images: Vec<String>,
    groups: Vec<Known>,
    stretches: Vec<(Whose, String, u64, Option<u64>)>,
    left_out: u64,
}

/// A group as far as it is known.
#[derive(Debug, Default)]
struct Known {
    parts: Vec<Vec<CaseName>>,
    containers: Vec<Seen>,
}

/// A container as far as it is known.
#[derive(Debug, Default)]
struct Seen {
    name: String,
    samples: Vec<Sample>,
    /// Every how many looks one is kept.
    every: u64,
    looks: u64,
    /// Its main process and its id, while it is thought to run.
    runs: Option<(u64, String)>,
}

/// Whose a stretch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Whose {
    Run,
    Image(usize),
    Part(usize, usize),
    Container(usize, usize),
}

/// Where what belongs to the containers of some cases is taken down; nowhere by default.
#[derive(Debug, Clone, Default)]
pub struct Party(Option<(Recorder, usize)>);

/// Where what is done to one of them is taken down; nowhere by default.
#[derive(Debug, Clone, Default)]
pub struct Track(Option<(Recorder, Whose)>);

/// Something that goes on until this is dropped, so that what is given up ends too.
#[derive(Debug, Default)]
#[must_use = "what goes on ends where this is dropped"]
pub struct Going(Option<(Recorder, usize)>);

/// What follows each other on one track: where the next begins, the one before ends.
#[derive(Debug, Default)]
pub struct Phases {
    track: Track,
    now: Mutex<Going>,
}

impl Recorder {
    /// Nothing has happened yet.
    pub fn begin() -> Self {
        Self {
            began: clock::now(),
            state: Arc::default(),
            #[cfg(test)]
            set: None,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Milliseconds since the run began.
    fn now(&self) -> u64 {
        #[cfg(test)]
        if let Some(set) = &self.set {
            return set.load(std::sync::atomic::Ordering::Relaxed);
        }
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// What is done for all cases.
    pub fn run(&self) -> Track {
        Track(Some((self.clone(), Whose::Run)))
    }

    /// What is done to have an image.
    pub fn image(&self, name: &str) -> Track {
        let mut state = self.state();
        state.images.push(name.to_owned());
        let at = state.images.len() - 1;
        drop(state);
        Track(Some((self.clone(), Whose::Image(at))))
    }

    /// Containers that are about to be made, and their cases.
    pub fn party(&self) -> Party {
        let mut state = self.state();
        if state.groups.len() >= GROUPS {
            state.left_out += 1;
            return Party::default();
        }
        state.groups.push(Known::default());
        let at = state.groups.len() - 1;
        drop(state);
        Party(Some((self.clone(), at)))
    }

    /// The containers that are thought to run, each with its main process and its id.
    pub(super) fn running(&self) -> Vec<(Track, u64, String)> {
        let state = self.state();
        let mut running = Vec::new();
        for (group, known) in state.groups.iter().enumerate() {
            for (at, seen) in known.containers.iter().enumerate() {
                if let Some((process, id)) = &seen.runs {
                    let track = Track(Some((self.clone(), Whose::Container(group, at))));
                    running.push((track, *process, id.clone()));
                }
            }
        }
        running
    }

    /// The course so far; what still goes on ends now. What took no millisecond is not told.
    pub fn course(&self, run: &str) -> Course {
        let now = self.now();
        let state = self.state();
        let mut by_whose: HashMap<Whose, Vec<Stretch>> = HashMap::new();
        for (whose, what, begin, end) in &state.stretches {
            let stretch = Stretch {
                what: what.clone(),
                begin: *begin,
                end: end.unwrap_or(now),
            };
            if stretch.took() > 0 {
                by_whose.entry(*whose).or_default().push(stretch);
            }
        }
        let of = |whose: Whose| by_whose.get(&whose).cloned().unwrap_or_default();
        let images = state.images.iter().enumerate().map(|(at, name)| Image {
            name: name.clone(),
            stretches: of(Whose::Image(at)),
        });
        let groups = state.groups.iter().enumerate().map(|(group, known)| {
            let parts = known.parts.iter().enumerate().map(|(at, cases)| Part {
                cases: cases.clone(),
                stretches: of(Whose::Part(group, at)),
            });
            let all = known.containers.iter().enumerate();
            let containers = all.map(|(at, seen)| Container {
                name: seen.name.clone(),
                stretches: of(Whose::Container(group, at)),
                samples: seen.samples.clone(),
            });
            Group {
                parts: parts.collect(),
                containers: containers.collect(),
            }
        });
        Course {
            run: run.to_owned(),
            stretches: of(Whose::Run),
            images: images.collect(),
            groups: groups.collect(),
            left_out: state.left_out,
        }
    }
}

impl Party {
    /// These cases are judged together.
    pub fn part(&self, cases: Vec<CaseName>) -> Track {
        self.add(|known, group| {
            known.parts.push(cases);
            Whose::Part(group, known.parts.len() - 1)
        })
    }

    /// A container of this name.
    pub fn container(&self, name: &str) -> Track {
        self.add(|known, group| {
            known.containers.push(Seen {
                name: name.to_owned(),
                every: 1,
                ..Seen::default()
            });
            Whose::Container(group, known.containers.len() - 1)
        })
    }

    /// What is done for the whole run.
    pub fn run(&self) -> Track {
        Track(self.0.clone().map(|(recorder, _)| (recorder, Whose::Run)))
    }

    fn add(&self, add: impl FnOnce(&mut Known, usize) -> Whose) -> Track {
        let Some((recorder, group)) = &self.0 else {
            return Track::default();
        };
        let mut state = recorder.state();
        let whose = state.groups.get_mut(*group).map(|known| add(known, *group));
        drop(state);
        Track(whose.map(|whose| (recorder.clone(), whose)))
    }
}

impl Track {
    /// This begins now.
    pub fn begins(&self, what: impl Into<String>) -> Going {
        let Some((recorder, whose)) = &self.0 else {
            return Going::default();
        };
        let begin = recorder.now();
        let mut state = recorder.state();
        if state.stretches.len() >= MOST {
            state.left_out += 1;
            return Going::default();
        }
        state.stretches.push((*whose, what.into(), begin, None));
        let at = state.stretches.len() - 1;
        drop(state);
        Going(Some((recorder.clone(), at)))
    }

    /// The container runs with this main process.
    pub fn runs(&self, process: u64, id: &str) {
        self.seen(|seen| {
            let known = seen.runs.as_ref();
            if known.is_none_or(|(known, _)| *known != process) {
                seen.runs = Some((process, id.to_owned()));
            }
        });
    }

    /// It does not run any more.
    pub fn stands(&self) {
        self.seen(|seen| seen.runs = None);
    }

    /// What it uses now.
    pub(super) fn sample(&self, memory: Option<u64>, worked: Option<u64>) {
        let Some((recorder, _)) = &self.0 else { return };
        let at = recorder.now();
        self.seen(|seen| {
            seen.looks += 1;
            if seen.looks % seen.every != 0 {
                return;
            }
            if seen.samples.len() >= SAMPLES {
                let mut keep = false;
                seen.samples.retain(|_| {
                    keep = !keep;
                    keep
                });
                seen.every *= 2;
            }
            seen.samples.push(Sample { at, memory, worked });
        });
    }

    fn seen(&self, change: impl FnOnce(&mut Seen)) {
        let Some((recorder, Whose::Container(group, at))) = &self.0 else {
            return;
        };
        let mut state = recorder.state();
        let known = state.groups.get_mut(*group);
        if let Some(seen) = known.and_then(|known| known.containers.get_mut(*at)) {
            change(seen);
        }
    }
}

impl Going {
    /// Ends it, and says what it came to.
    pub fn came_to(self, how: &str) {
        if let Some((recorder, at)) = &self.0
            && let Some((_, what, ..)) = recorder.state().stretches.get_mut(*at)
        {
            what.push_str(&format!(": {how}"));
        }
    }
}

impl Drop for Going {
    fn drop(&mut self) {
        if let Some((recorder, at)) = self.0.take() {
            let now = recorder.now();
            if let Some((.., end)) = recorder.state().stretches.get_mut(at) {
                *end = Some(now);
            }
        }
    }
}

impl Phases {
    /// Those of a track.
    pub fn of(track: Track) -> Self {
        Self {
            track,
            now: Mutex::default(),
        }
    }

    /// The next one begins.
    pub fn turn(&self, what: impl Into<String>) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now = Going::default();
        *now = self.track.begins(what);
    }

    /// The last one ends.
    pub fn rest(&self) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now = Going::default();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;
    use std::sync::atomic::Ordering::Relaxed;

    use super::*;

    /// One whose clock goes on by what is added to it.
    fn timed() -> (Recorder, Arc<AtomicU64>) {
        let clock = Arc::new(AtomicU64::new(0));
        let recorder = Recorder {
            set: Some(Arc::clone(&clock)),
            ..Recorder::begin()
        };
        (recorder, clock)
    }

    fn told(stretches: &[Stretch]) -> Vec<(String, u64, u64)> {
        let tell = |one: &Stretch| (one.what.clone(), one.begin, one.end);
        stretches.iter().map(tell).collect()
    }

    #[tokio::test]
    async fn what_is_given_up_ends_then_and_what_goes_on_ends_now() {
        let (recorder, clock) = timed();
        let pass = |millis| clock.fetch_add(millis, Relaxed);
        let party = recorder.party();
        let phases = Phases::of(party.part(Vec::new()));
        let app = party.container("app");
        phases.turn("starts");
        pass(10);
        phases.turn("observes");
        let stops = async {
            let _going = app.begins("stop");
            std::future::pending::<()>().await;
        };
        tokio::select! {
            biased;
            () = stops => {}
            _ = async { pass(30) } => {}
        }
        pass(5);
        let brought = recorder.image("debian").begins("looks up");
        pass(5);
        brought.came_to("found");
        let _run = recorder.run().begins("removes what is left");
        // What took no time is not told.
        drop(recorder.run().begins("nothing"));
        pass(1);
        let course = recorder.course("1f");
        let group = &course.groups[0];
        let parts = told(&group.parts[0].stretches);
        assert_eq!(
            parts,
            [
                ("starts".to_owned(), 0, 10),
                ("observes".to_owned(), 10, 51)
            ]
        );
        assert_eq!(
            told(&group.containers[0].stretches),
            [("stop".to_owned(), 10, 40)]
        );
        assert_eq!(
            told(&course.images[0].stretches),
            [("looks up: found".to_owned(), 45, 50)]
        );
        assert_eq!(
            told(&course.stretches),
            [("removes what is left".to_owned(), 50, 51)]
        );
        drop(phases);
        pass(10);
        let later = recorder.course("1f");
        assert_eq!(told(&later.groups[0].parts[0].stretches)[1].2, 51);
    }

    #[test]
    fn however_long_a_run_is_what_is_kept_is_bounded() {
        let (recorder, clock) = timed();
        let app = recorder.party().container("app");
        for _ in 0..SAMPLES * 5 {
            app.sample(Some(1), None);
            clock.fetch_add(1, Relaxed);
        }
        for _ in 0..MOST + 3 {
            let going = app.begins("restart");
            clock.fetch_add(1, Relaxed);
            drop(going);
        }
        let course = recorder.course("");
        let kept = &course.groups[0].containers[0];
        assert_eq!((kept.stretches.len(), course.left_out), (MOST, 3));
        let (first, last) = (kept.samples[0].at, kept.samples.last().unwrap().at);
        assert!(kept.samples.len() <= SAMPLES, "{}", kept.samples.len());
        assert!(kept.samples.len() > SAMPLES / 2, "{}", kept.samples.len());
        // All of its time is covered.
        assert!(
            first < 16 && last > SAMPLES as u64 * 5 - 16,
            "{first} {last}"
        );
    }

    #[test]
    fn of_cases_that_are_run_very_often_the_first_times_are_kept() {
        let recorder = Recorder::begin();
        for _ in 0..GROUPS + 7 {
            let party = recorder.party();
            drop(party.part(Vec::new()).begins("waits"));
            party.container("app").runs(1, "id");
        }
        let course = recorder.course("");
        assert_eq!((course.groups.len(), course.left_out), (GROUPS, 7));
        assert_eq!(recorder.running().len(), GROUPS);
    }

    #[test]
    fn a_container_is_looked_at_while_it_runs() {
        let recorder = Recorder::begin();
        let app = recorder.party().container("app");
        assert!(recorder.running().is_empty());
        app.runs(7, "abc");
        app.runs(7, "abc");
        let [(_, 7, id)] = &recorder.running()[..] else {
            panic!("it runs");
        };
        assert_eq!(id, "abc");
        app.stands();
        assert!(recorder.running().is_empty());
    }
}
