//! Powers over this machine that a suite may ask for and that it never gives itself: whoever runs it allows them, by
//! `--allow` or in `seaworthy.toml`. What is asked for is known once all is resolved: variables, merges, links. Pure.

mod bounds;
mod gate;
mod nested;
mod run;

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

pub use bounds::{Bounds, Sight};
pub(super) use gate::Gate;
pub use gate::Reach;
pub use nested::nested;
pub use run::{asked, driver_option, loosens, of_network};

use crate::fact::security::right;
use crate::text::near::nearest;
use crate::words;

words! {
    /// A kind of power, as `--allow` calls it: Compose's word where Compose has one.
    pub enum Kind {
        /// A container sees a file or folder of this machine from outside the project.
        Bind = "bind",
        /// A file from outside the project is read.
        Read = "read",
        /// A container speaks with the engine.
        EngineSocket = "engine-socket",
        /// A container has every capability and device.
        Privileged = "privileged",
        /// A capability beyond those that engines give.
        Capability = "cap_add",
        /// A security option that takes a wall away.
        SecurityOption = "security_opt",
        /// A device of this machine.
        Device = "devices",
        /// A network stack that is not the container's own.
        Network = "network_mode",
        /// The processes of this machine.
        Pid = "pid",
        /// The shared memory of this machine.
        Ipc = "ipc",
        /// The host name of this machine.
        Uts = "uts",
        /// A control group that is not the container's own.
        Cgroup = "cgroup",
        /// The user numbers of this machine.
        Users = "userns_mode",
        /// Another runtime.
        Runtime = "runtime",
        /// A port that other machines reach.
        Ports = "ports",
        /// A driver of volumes, networks or logs.
        Driver = "driver",
        /// The kernel kills others in its place.
        Memory = "oom_score_adj",
        /// More processes than any container has by itself.
        Processes = "pids_limit",
        /// A power of a build.
        Build = "build",
        /// A key of a Compose file that this version does not know.
        Key = "key",
        /// A bind mount in a folder that a container may write to.
        NestedBind = "nested-bind",
        /// A variable that the Compose tool, or what it starts, goes by.
        Variable = "variable",
    }
}

/// A power that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Power {
    /// Of what kind.
    pub kind: Kind,
    /// Which of that kind: a path, a name; nothing where there is one only.
    pub value: String,
    /// Why so much is asked for, where that is not to be seen in what was written.
    cause: Option<String>,
}

/// A power that is given, as `--allow` is written: `KIND`, or `KIND=VALUE` for one of that kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    kind: Kind,
    value: Option<String>,
}

/// All that whoever runs a suite allows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allowed {
    grants: Vec<Grant>,
    /// Whether nothing is started, so that only what is read matters.
    is_unstarted: bool,
}

/// The most processes and threads of a container that does not say how many: a program with more is broken, or means
/// harm.
pub const PROCESSES: i64 = 8192;

/// What engines give every container by themselves; given back after `cap_drop: [ALL]` it is no power.
const USUAL: [&str; 14] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "NET_RAW",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

impl Kind {
    /// Whether a value of it is a path, and stands for all below too.
    fn is_of_paths(self) -> bool {
        matches!(self, Self::Bind | Self::Read | Self::NestedBind)
    }
}

impl Power {
    /// One of this kind.
    pub fn new(kind: Kind, value: impl Into<String>) -> Self {
        let value = value.into();
        Self {
            kind,
            value,
            cause: None,
        }
    }

    /// A capability beyond those that every container has.
    pub fn capability(written: &str) -> Option<Self> {
        let name = right(written);
        (!USUAL.contains(&name.as_str())).then(|| Self::new(Kind::Capability, name))
    }

    /// So many processes; fewer than none are as many as there can be.
    pub fn processes(most: i64) -> Option<Self> {
        let fits = (1..=PROCESSES).contains(&most);
        (!fits).then(|| Self::new(Kind::Processes, most.to_string()))
    }

    /// A driver of networks that does not keep to the run's own.
    pub fn network(driver: &str) -> Option<Self> {
        let is_own = ["", "bridge", "default"].contains(&driver);
        (!is_own).then(|| Self::new(Kind::Driver, driver))
    }

    /// A port at this address, where other machines reach it; an empty address is every one.
    pub fn port(address: &str) -> Option<Self> {
        let bare = address.trim_matches(['[', ']']);
        let loops = bare
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback());
        let all = if bare.is_empty() { "0.0.0.0" } else { bare };
        (!loops).then(|| Self::new(Kind::Ports, all))
    }

    /// Whether it is about a path outside the project.
    pub fn is_of_paths(&self) -> bool {
        self.kind.is_of_paths()
    }

    /// What is dangerous about it, as it follows "it".
    pub fn why(&self) -> &'static str {
        match self.kind {
            Kind::Bind => "shows a container what lies outside the project",
            Kind::Read => "reads what lies outside the project",
            Kind::EngineSocket => {
                "lets a container speak with the engine, which does anything on this machine"
            }
            Kind::Privileged => "gives a container every capability and device of this machine",
            Kind::Capability => "is a right over the kernel that engines do not give by themselves",
            Kind::SecurityOption => "takes away what keeps a container from the kernel",
            Kind::Device => "gives a container a device of this machine",
            Kind::Network => "is a network that others have too, this machine's own among them",
            Kind::Pid => "lets a container see and end the processes of this machine",
            Kind::Ipc => "lets a container read the shared memory of this machine",
            Kind::Uts => "lets a container change the host name of this machine",
            Kind::Cgroup => "takes a container out of the limits that are its own",
            Kind::Users => "makes root in the container root of this machine",
            Kind::Runtime => "starts a container by a program that may keep it in less",
            Kind::Ports => "opens a port to other machines",
            Kind::Driver => "has another program of the engine reach what lies outside the run",
            Kind::Memory => "has the kernel end programs of this machine in place of the container",
            Kind::Processes => "may have more processes than this machine bears",
            Kind::Build => "gives what is built more than the files that are sent to it",
            Kind::NestedBind => {
                "lies in a folder that another bind mount may write to, and so may lead anywhere by the time that it is mounted"
            }
            Kind::Key => "is not known to this version, and so neither is what it gives",
            Kind::Variable => "has the Compose tool, or what it starts, go by what the suite says",
        }
    }

    /// As `--allow` has it.
    pub fn grant(&self) -> String {
        match self.value.is_empty() {
            true => self.kind.word().to_owned(),
            false => format!("{}={}", self.kind, self.value),
        }
    }

    /// The same, asked for because of this.
    #[must_use]
    fn because(self, cause: Option<String>) -> Self {
        Self { cause, ..self }
    }

    /// That it is not allowed.
    pub fn refusal(&self) -> String {
        let said = format!("`{}` is refused: it {}", self.grant(), self.why());
        match &self.cause {
            Some(cause) => format!("{said}; {cause}"),
            None => said,
        }
    }

    /// What is to be done about that.
    pub fn help(&self) -> String {
        Self::help_all(std::slice::from_ref(self))
    }

    /// What is to be done about several, with the words that allow all of them.
    pub fn help_all(powers: &[Self]) -> String {
        let shell = |text: &str| {
            let plain = |c: char| c.is_ascii_alphanumeric() || "=_-./:,@".contains(c);
            match text.chars().all(plain) {
                true => text.to_owned(),
                false => format!("'{}'", text.replace('\'', "'\\''")),
            }
        };
        let (mut options, mut settings) = (Vec::new(), Vec::new());
        let mut told = BTreeSet::new();
        let grants = powers.iter().map(Self::grant);
        for grant in grants.filter(|grant| told.insert(grant.clone())) {
            options.push(format!("--allow {}", shell(&grant)));
            settings.push(format!("{grant:?}"));
        }
        let has = |kind: Kind| powers.iter().any(|power| power.kind == kind);
        let mut ways = String::new();
        for (kind, way) in [
            (Kind::NestedBind, " mount the outer one `:ro`,"),
            (Kind::Variable, " give it to the service alone,"),
        ] {
            if has(kind) {
                ways.push_str(way);
            }
        }
        format!(
            "take it out,{ways} or allow it where you run the suite, which cannot do so itself: `{}`, or `allow = [{}]` in the table \
             `run` of `seaworthy.toml`",
            options.join(" "),
            settings.join(", ")
        )
    }
}

impl fmt::Display for Power {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.grant())
    }
}

impl Grant {
    /// Reads what was written behind `--allow`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (word, value) = match text.split_once('=') {
            Some((word, value)) => (word, Some(value)),
            None => (text, None),
        };
        let Some(kind) = Kind::ALL.iter().find(|kind| kind.word() == word) else {
            let help = nearest(word, Kind::WORDS.iter().copied()).map_or_else(
                || format!("known are {}", Kind::WORDS.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(format!("there is no power `{word}`; {help}"));
        };
        let is_path = kind.is_of_paths();
        match value {
            Some("") => Err(format!(
                "`{word}=` says nothing: `{word}` alone allows all of it"
            )),
            Some(value) if is_path && !is_whole(value) => Err(format!(
                "`{value}` is not the whole path: write it from `/` on, without `..`"
            )),
            Some(value) => Ok(Self {
                kind: *kind,
                value: Some(match kind {
                    Kind::Capability => right(value),
                    _ => value.to_owned(),
                }),
            }),
            None => Ok(Self {
                kind: *kind,
                value: None,
            }),
        }
    }

    fn covers(&self, power: &Power) -> bool {
        let Some(value) = self.value.as_ref().filter(|_| self.kind == power.kind) else {
            return self.kind == power.kind;
        };
        match self.kind {
            kind if kind.is_of_paths() => Path::new(&power.value).starts_with(value),
            _ => power.value == *value,
        }
    }
}

fn is_whole(path: &str) -> bool {
    path.starts_with('/') && !path.split('/').any(|part| part == "..")
}

impl Allowed {
    /// These, and nothing else.
    pub fn only(grants: impl IntoIterator<Item = Grant>) -> Self {
        Self {
            grants: grants.into_iter().collect(),
            is_unstarted: false,
        }
    }

    /// The same for those who start nothing: what is asked for beyond reading a file does no harm there.
    #[must_use]
    pub fn unstarted(self) -> Self {
        Self {
            is_unstarted: true,
            ..self
        }
    }

    /// Allows this too.
    pub fn and(&mut self, power: Power) {
        self.grants.push(Grant {
            kind: power.kind,
            value: (!power.value.is_empty()).then_some(power.value),
        });
    }

    /// Whether it is allowed.
    pub fn has(&self, power: &Power) -> bool {
        let harmless = self.is_unstarted && power.kind != Kind::Read;
        harmless || self.grants.iter().any(|grant| grant.covers(power))
    }
}

#[cfg(test)]
mod tests;
