//! What took place when in a run, and what its containers used meanwhile.

use serde::{Deserialize, Serialize};

/// The course of a run. A report that several runs were joined into holds one of each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Course {
    /// The run's id; nothing where it made nothing.
    pub run: String,
    /// What was done for all cases.
    pub stretches: Vec<Stretch>,
    /// The images, in the order in which they were asked for.
    pub images: Vec<Image>,
    /// Containers with the cases that they were judged by.
    pub groups: Vec<Group>,
    /// How many stretches are not here, since there were more than are kept.
    #[serde(default)]
    pub left_out: u64,
}

/// Something that went on for a time; both ends in milliseconds since the run began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Stretch {
    /// What was done, as it follows a name: `builds`, `starts`, `step 2, stop`.
    pub what: String,
    /// When it began.
    pub begin: u64,
    /// When it ended, or was given up.
    pub end: u64,
}

impl Stretch {
    /// How many milliseconds it took.
    pub const fn took(&self) -> u64 {
        self.end.saturating_sub(self.begin)
    }
}

/// How an image was brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Image {
    /// What it is called.
    pub name: String,
    /// What was done to have it.
    pub stretches: Vec<Stretch>,
}

/// Containers that live together, and the cases that are judged on them one after the other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Group {
    /// The cases, those together that one observation judges.
    pub parts: Vec<Part>,
    /// The containers.
    pub containers: Vec<Container>,
}

/// Cases that are judged together, and what was done for them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Part {
    /// Which cases.
    pub cases: Vec<CaseName>,
    /// What was done for all of them.
    pub stretches: Vec<Stretch>,
}

/// What tells a case from all others of a run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CaseName {
    /// The suite's file.
    pub suite_file: String,
    /// The suite's name.
    pub suite: String,
    /// The case's name.
    pub name: String,
}

/// What was done to a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Container {
    /// Its service, with its number where there are several.
    pub name: String,
    /// What was done to it.
    pub stretches: Vec<Stretch>,
    /// What it used, looked at again and again; nothing where this machine does not see it.
    #[serde(default)]
    pub samples: Vec<Sample>,
}

/// What a container used up to a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Sample {
    /// Milliseconds since the run began.
    pub at: u64,
    /// Bytes of memory that cannot be had back at once.
    pub memory: Option<u64>,
    /// Milliseconds of processors since its program began.
    pub worked: Option<u64>,
}

impl Course {
    /// Every stretch with whose it is.
    pub fn all(&self) -> impl Iterator<Item = (Whose<'_>, &Stretch)> {
        let own = self.stretches.iter().map(|one| (Whose::Run, one));
        let images = self.images.iter().flat_map(|image| {
            let whose = Whose::Image(&image.name);
            image.stretches.iter().map(move |one| (whose, one))
        });
        let groups = self.groups.iter().flat_map(|group| {
            let parts = group.parts.iter().flat_map(|part| {
                let whose = Whose::Cases(&part.cases);
                part.stretches.iter().map(move |one| (whose, one))
            });
            let containers = group.containers.iter().flat_map(|container| {
                let whose = Whose::Container(group, &container.name);
                container.stretches.iter().map(move |one| (whose, one))
            });
            parts.chain(containers)
        });
        own.chain(images).chain(groups)
    }

    /// When the last of them ended.
    pub fn end(&self) -> u64 {
        self.all().map(|(_, one)| one.end).max().unwrap_or(0)
    }
}

/// Whose a stretch is.
#[derive(Debug, Clone, Copy)]
pub enum Whose<'a> {
    /// The run's own.
    Run,
    /// An image's.
    Image(&'a str),
    /// That of cases that are judged together.
    Cases(&'a [CaseName]),
    /// That of a container of a group.
    Container(&'a Group, &'a str),
}

impl Group {
    /// All cases of it.
    pub fn cases(&self) -> impl Iterator<Item = &CaseName> {
        self.parts.iter().flat_map(|part| &part.cases)
    }

    /// From when to when something was done.
    pub fn span(&self) -> Option<(u64, u64)> {
        let of_parts = self.parts.iter().flat_map(|part| &part.stretches);
        let of_containers = self.containers.iter().flat_map(|one| &one.stretches);
        let ends = of_parts
            .chain(of_containers)
            .map(|one| (one.begin, one.end));
        ends.reduce(|all, one| (all.0.min(one.0), all.1.max(one.1)))
    }
}

impl Container {
    /// The most memory that was seen in use.
    pub fn peak(&self) -> Option<u64> {
        self.samples.iter().filter_map(|sample| sample.memory).max()
    }

    /// How long processors worked for it, as far as that was seen: in each of its lives.
    pub fn worked(&self) -> Option<u64> {
        let seen = self.samples.iter().filter_map(|sample| sample.worked);
        let (mut whole, mut last) = (0, None);
        for worked in seen {
            // A container that was started again is counted from nothing.
            whole += worked.checked_sub(last.unwrap_or(0)).unwrap_or(worked);
            last = Some(worked);
        }
        last.map(|_| whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(what: &str, begin: u64, end: u64) -> Stretch {
        Stretch {
            what: what.to_owned(),
            begin,
            end,
        }
    }

    fn container(samples: &[(u64, Option<u64>, Option<u64>)]) -> Container {
        let sample = |(at, memory, worked): &(u64, Option<u64>, Option<u64>)| Sample {
            at: *at,
            memory: *memory,
            worked: *worked,
        };
        Container {
            name: "app".to_owned(),
            stretches: vec![stretch("starts", 5, 30)],
            samples: samples.iter().map(sample).collect(),
        }
    }

    #[test]
    fn a_group_lasts_from_its_first_stretch_to_its_last() {
        let part = Part {
            cases: Vec::new(),
            stretches: vec![stretch("observes", 20, 40)],
        };
        let group = Group {
            parts: vec![part],
            containers: vec![container(&[])],
        };
        assert_eq!(group.span(), Some((5, 40)));
        assert_eq!(Group::default().span(), None);
        let course = Course {
            stretches: vec![stretch("removes what is left", 40, 41)],
            groups: vec![group],
            ..Course::default()
        };
        assert_eq!((course.end(), course.all().count()), (41, 3));
    }

    #[test]
    fn the_work_of_each_life_counts() {
        let of = |worked: &[Option<u64>]| {
            let samples: Vec<_> = worked.iter().map(|one| (0, None, *one)).collect();
            container(&samples).worked()
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[None]), None);
        assert_eq!(of(&[Some(10), None, Some(30)]), Some(30));
        assert_eq!(of(&[Some(10), Some(30), Some(5), Some(9)]), Some(39));
        let seen = container(&[(1, Some(7), None), (2, Some(9), None), (3, None, None)]);
        assert_eq!(seen.peak(), Some(9));
    }
}
