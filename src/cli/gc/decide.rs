//! Which of the things on an engine may go. Pure.

use crate::engine::images::given;
use crate::engine::owner::Life;

/// What kind of thing it is, in the order in which they go: each is free once those before are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A container, with its anonymous volumes.
    Container,
    /// A network.
    Network,
    /// A volume.
    Volume,
    /// A name of an image.
    Image,
}

impl Kind {
    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Network => "network",
            Self::Volume => "volume",
            Self::Image => "image",
        }
    }
}

/// Something on the engine that we made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// What it is.
    pub kind: Kind,
    /// By which name or id it is removed.
    pub name: String,
    /// How it is called, where that is another.
    pub shown: Option<String>,
    /// Whose it is.
    pub whose: Whose,
    /// Whether `--keep` has left it.
    pub kept: bool,
}

/// Whose a thing is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// A run's, which belongs to a process where the label says so.
    Run {
        /// The run's id.
        run: String,
        /// The process, as [`world::owner`](crate::engine::world::owner) writes it.
        owner: Option<String>,
    },
    /// It outlives runs on purpose: built images, the probe.
    Cache,
}

/// What the user wants.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wish {
    /// What outlives runs on purpose goes too.
    pub cache: bool,
    /// What belongs to other machines goes too.
    pub all: bool,
    /// What `--keep` has left goes too.
    pub kept: bool,
}

/// What becomes of a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It goes.
    Goes,
    /// It stays, because of this.
    Stays(String),
}

/// What becomes of each thing; `life` tells whether an owner still runs.
pub fn decide(things: &[Thing], wish: Wish, life: impl Fn(&str) -> Life) -> Vec<Fate> {
    let fate = |thing: &Thing| match &thing.whose {
        Whose::Cache if wish.cache => Fate::Goes,
        Whose::Cache => Fate::Stays("it makes the next run faster; --cache removes it".to_owned()),
        Whose::Run { run, .. } if thing.kept && !wish.kept => Fate::Stays(format!(
            "its run {run} was told to keep it; --kept removes it"
        )),
        Whose::Run { run, owner } => of_run(run, owner.as_deref(), wish, &life),
    };
    things.iter().map(fate).collect()
}

fn of_run(run: &str, owner: Option<&str>, wish: Wish, life: impl Fn(&str) -> Life) -> Fate {
    let known = owner.map_or(Life::Elsewhere, life);
    match (known, owner) {
        (Life::Runs, _) => Fate::Stays(format!("its run {run} goes on")),
        (Life::Ended, _) => Fate::Goes,
        (Life::Elsewhere, _) if wish.all => Fate::Goes,
        (Life::Elsewhere, None) => Fate::Stays(format!(
            "nobody knows whether its run {run} goes on; --all removes it"
        )),
        (Life::Elsewhere, Some(owner)) => {
            let machine = owner.split(['/', ':']).next().unwrap_or(owner);
            Fate::Stays(format!(
                "its run {run} belongs to the machine or container {machine:?}; --all removes it"
            ))
        }
    }
}

/// Whose a thing is that another machine's run made, for who removes it with `--all`.
pub fn elsewhere(thing: &Thing, life: impl Fn(&str) -> Life) -> Option<String> {
    let Whose::Run { run, owner } = &thing.whose else {
        return None;
    };
    let owner = owner.as_deref()?;
    let machine = owner.split(['/', ':']).next().unwrap_or(owner);
    let is_there = life(owner) == Life::Elsewhere;
    is_there.then(|| format!("of the run {run} of the machine or container {machine:?}"))
}

/// Whether a name is one that built images get: `seaworthy/NAME:` and sixteen digits. Images that
/// somebody else put into a repository of that name are not ours to remove.
pub fn is_built(name: &str) -> bool {
    let digits = |c: char| matches!(c, '0'..='9' | 'a'..='f');
    given(name)
        .strip_prefix("seaworthy/")
        .and_then(|rest| rest.split_once(':'))
        .is_some_and(|(_, tag)| tag.len() == 16 && tag.chars().all(digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(owner: Option<&str>) -> Thing {
        Thing {
            kind: Kind::Container,
            name: "c".to_owned(),
            shown: None,
            whose: Whose::Run {
                run: "r1".to_owned(),
                owner: owner.map(str::to_owned),
            },
            kept: false,
        }
    }

    #[test]
    fn only_what_nobody_uses_goes() {
        let cache = Thing {
            whose: Whose::Cache,
            ..of(None)
        };
        let things = [
            of(Some("runs")),
            of(Some("ended")),
            of(Some("ci-7/1:2:3")),
            of(None),
            cache,
        ];
        let life = |owner: &str| match owner {
            "runs" => Life::Runs,
            "ended" => Life::Ended,
            _ => Life::Elsewhere,
        };
        let goes = |wish| -> Vec<bool> {
            let fates = decide(&things, wish, life);
            fates.iter().map(|fate| *fate == Fate::Goes).collect()
        };
        let wish = Wish::default();
        assert_eq!(goes(wish), [false, true, false, false, false]);
        let all = Wish { all: true, ..wish };
        assert_eq!(goes(all), [false, true, true, true, false]);
        let cache = Wish {
            cache: true,
            ..wish
        };
        assert_eq!(goes(cache), [false, true, false, false, true]);
        let Fate::Stays(why) = &decide(&things, wish, life)[2] else {
            panic!("it goes");
        };
        assert_eq!(
            why,
            "its run r1 belongs to the machine or container \"ci-7\"; --all removes it"
        );
        let whose: Vec<_> = things.iter().map(|thing| elsewhere(thing, life)).collect();
        let far = Some("of the run r1 of the machine or container \"ci-7\"".to_owned());
        assert_eq!(whose, [None, None, far, None, None]);
    }

    #[test]
    fn what_was_to_be_kept_stays_until_it_is_named() {
        let things = [
            of(Some("ended")),
            Thing {
                kept: true,
                ..of(Some("ended"))
            },
        ];
        let goes = |wish| -> Vec<bool> {
            let fates = decide(&things, wish, |_| Life::Ended);
            fates.iter().map(|fate| *fate == Fate::Goes).collect()
        };
        let wish = Wish::default();
        assert_eq!(goes(Wish { all: true, ..wish }), [true, false]);
        assert_eq!(goes(Wish { kept: true, ..wish }), [true, true]);
    }

    #[test]
    fn images_of_others_are_left_alone() {
        assert!(is_built("seaworthy/aisopod:3e099e9010c2cce4"));
        assert!(is_built("localhost/seaworthy/aisopod:3e099e9010c2cce4"));
        for other in [
            "seaworthy/cli:latest",
            "x/seaworthy/a:3e099e9010c2cce4",
            "seaworthy/a",
        ] {
            assert!(!is_built(other), "{other}");
        }
    }
}
