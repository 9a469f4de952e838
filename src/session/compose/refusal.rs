//! Powers that Compose files ask for: which are given, and what is said of those that are not. Pure.

use std::collections::BTreeSet;

use super::read::Granted;
use crate::suite::grant::{Kind, Power, Reach};
use crate::text::source::{Sources, Span};

/// A power that is asked for, and where.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// Which.
    pub(super) power: Power,
    /// The file and line.
    pub(super) place: String,
    /// Why all of its kind is asked for, where what is meant cannot be told.
    pub(super) why: Option<String>,
    /// Where that is, if a file is not there, or is no YAML and none of the form of a Compose file.
    pub(super) broken: Option<(Sources, Span)>,
}

/// Keys of Compose that are known, and that no word but their own allows.
const KEYS: [(&str, &str); 3] = [
    (
        "oom_kill_disable",
        "lets a container take all memory, since the kernel is not to end it",
    ),
    (
        "credential_spec",
        "hands a container an identity of this machine",
    ),
    ("models", "has the engine run models beside the containers"),
];

impl Asked {
    /// One whose value is known.
    pub(super) fn new(power: Power, place: &str) -> Self {
        Self {
            power,
            place: place.to_owned(),
            why: None,
            broken: None,
        }
    }

    /// That it is not allowed.
    fn refusal(&self) -> String {
        let known = KEYS.iter().find(|(key, _)| *key == self.power.value);
        match (&self.why, known.filter(|_| self.power.kind == Kind::Key)) {
            (Some(why), _) => format!("`{}` is refused: {why}", self.power),
            (None, Some((_, does))) => format!("`{}` is refused: it {does}", self.power),
            (None, None) => self.power.refusal(),
        }
    }
}

/// The powers that are allowed; where one is not, what is said of all that are not.
pub(super) fn sifted(
    asked: impl IntoIterator<Item = Asked>,
    reach: &Reach,
) -> Result<Vec<Granted>, String> {
    let (mut granted, mut refused) = (Vec::new(), Vec::new());
    let mut met = BTreeSet::new();
    for one in asked {
        let same = (one.power.grant(), one.place.clone(), one.why.clone());
        if !met.insert(same) {
            continue;
        }
        match reach.allowed.has(&one.power) {
            true => granted.push(one),
            false => refused.push(one),
        }
    }
    if refused.is_empty() {
        let given = granted.into_iter().map(|one| Granted {
            power: one.power.grant(),
            place: one.place,
        });
        let mut told = BTreeSet::new();
        let is_new = |one: &Granted| told.insert((one.power.clone(), one.place.clone()));
        return Ok(given.filter(is_new).collect());
    }
    let each = refused
        .iter()
        .map(|one| format!("\n  {}: {}", one.place, one.refusal()));
    let each = each.collect::<String>();
    let powers: Vec<Power> = refused.into_iter().map(|one| one.power).collect();
    Err(format!(
        "the Compose file asks for powers over this machine{each}\n  help: {}",
        Power::help_all(&powers)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::grant::{Allowed, Grant};

    #[test]
    fn all_that_is_refused_is_said_with_the_words_that_allow_all_of_it() {
        let asked = || {
            [
                Asked::new(Power::new(Kind::Privileged, ""), "c.yaml:1"),
                Asked::new(Power::new(Kind::Bind, "/a b"), "c.yaml:2"),
                Asked::new(Power::new(Kind::Key, "models"), "c.yaml:3"),
                Asked::new(Power::new(Kind::Key, "other"), "c.yaml:4"),
                Asked::new(Power::new(Kind::Privileged, ""), "c.yaml:5"),
                Asked {
                    why: Some("a variable names the file".to_owned()),
                    ..Asked::new(Power::new(Kind::Read, ""), "c.yaml:6")
                },
            ]
        };
        let said = sifted(asked(), &Reach::default()).unwrap_err();
        let words = "`--allow privileged --allow 'bind=/a b' --allow key=models --allow key=other --allow read`, or \
                     `allow = [\"privileged\", \"bind=/a b\", \"key=models\", \"key=other\", \"read\"]`";
        for part in [
            "\n  c.yaml:1: `privileged` is refused: it gives",
            "\n  c.yaml:2: `bind=/a b` is refused",
            "\n  c.yaml:3: `key=models` is refused: it has the engine run models",
            "\n  c.yaml:4: `key=other` is refused: it is not known to this version",
            "\n  c.yaml:5: `privileged` is refused",
            "\n  c.yaml:6: `read` is refused: a variable names the file",
            words,
        ] {
            assert!(said.contains(part), "{part} in {said}");
        }
        let all = ["privileged", "bind", "key", "read"];
        let reach = Reach {
            allowed: Allowed::only(all.map(|power| Grant::parse(power).unwrap())),
            ..Reach::default()
        };
        assert_eq!(sifted(asked(), &reach).unwrap().len(), 6);
    }
}
