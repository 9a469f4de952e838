//! The kernel's mounts beside what the engine knows of them.

use super::{Mounted, Type};
use crate::claim::Findings;
use crate::fact::container::{ContainerFacts, MountFacts};
use crate::fact::mount::{Mount, Mounts, below};
use crate::text::matcher::texts::TextMatch;
use crate::text::matcher::{Miss, evident, listed};
use crate::text::source::Span;

/// What an engine mounts into every container.
const FURNITURE: [&str; 8] = [
    "/etc/hostname",
    "/etc/hosts",
    "/etc/resolv.conf",
    "/run/.containerenv",
    "/run/secrets",
    "/sbin/docker-init",
    "/run/podman-init",
    "/dev/init",
];

/// Folders below which it mounts what the kernel offers.
const ROOMS: [&str; 3] = ["/proc", "/sys", "/dev"];

/// The most mounts that a message names.
const NAMED: usize = 12;

/// What is mounted, from both.
pub(super) struct Scene<'a> {
    mounts: &'a Mounts,
    container: &'a ContainerFacts,
}

impl<'a> Scene<'a> {
    pub(super) fn new(mounts: &'a Mounts, container: &'a ContainerFacts) -> Self {
        Self { mounts, container }
    }

    /// Compares a mount that is claimed with the one at its place.
    pub(super) fn compare(&self, wanted: &Mounted, findings: &mut Findings) {
        let (span, at) = (wanted.at.span, &wanted.at.value.0);
        let Some(mount) = self.find(wanted) else {
            let others = format!("mounted are {}", self.shown());
            let miss = Some(Miss::new("a mount", "nothing is mounted there"));
            findings.check_with(span, at, miss, others);
            return;
        };
        let first = findings.misses.len();
        let declared = self.declared(mount);
        let kind = self.kind(mount, declared);
        if let Some(wanted) = &wanted.r#type {
            let miss = (wanted.value.word() != kind).then(|| Miss::new(wanted.value.word(), kind));
            match kind {
                ENGINES => findings.check_with(wanted.span, format!("{at} type"), miss, NO_TYPE),
                _ => findings.check(wanted.span, format!("{at} type"), miss),
            }
        }
        if let Some(wanted) = &wanted.read_only {
            let open = match mount.read_only {
                true => self.open_below(mount),
                false => None,
            };
            let what = format!("{at} read_only");
            let actual = if mount.read_only { READ_ONLY } else { WRITABLE };
            let expected = if wanted.value { READ_ONLY } else { WRITABLE };
            if mount.read_only != wanted.value {
                findings.check(wanted.span, what, Some(Miss::new(expected, actual)));
            } else if let Some(open) = open {
                let actual = format!("{} below it can be written to", open.at);
                let miss = Some(Miss::new(expected, actual));
                findings.check_with(wanted.span, what, miss, CAME_ALONG);
            }
        }
        if let Some(wanted) = &wanted.source {
            let miss = wanted.value.miss(source(mount, declared));
            let what = format!("{at} source");
            match &wanted.value {
                TextMatch::Equals(path) if kind == "bind" && !path.starts_with('/') => {
                    findings.check_with(wanted.span, what, miss, WHOLE);
                }
                _ => findings.check(wanted.span, what, miss),
            }
        }
        if findings.misses.len() == first {
            findings.saw(self.one(mount));
        }
    }

    /// With `only`, mounts beside those that are named and those of every container.
    pub(super) fn check_others(&self, span: Span, only: &[Mounted], findings: &mut Findings) {
        let named = |mount: &&Mount| {
            only.iter()
                .any(|wanted| self.mounts.real(&wanted.at.value.0) == mount.at)
        };
        let others = self.some(self.own().filter(|mount| !named(mount)));
        if others.is_empty() {
            findings.saw(format!("mounted are {}", self.shown()));
            return;
        }
        let names: Vec<String> = only
            .iter()
            .map(|wanted| wanted.at.value.0.clone())
            .collect();
        let expected = match names.as_slice() {
            [] => "no mounts".to_owned(),
            names => format!("no mounts but {}", listed(names, "and")),
        };
        let actual = format!("also {}", listed(&others, "and"));
        findings.check(span, "mounts", Some(Miss::new(expected, actual)));
    }

    /// Checks that there is no such mount.
    pub(super) fn check_absent(&self, unwanted: &Mounted, findings: &mut Findings) {
        let at = &unwanted.at.value.0;
        let fits = self
            .find(unwanted)
            .filter(|mount| self.fits(unwanted, mount));
        match fits {
            None => findings.saw(format!("no such mount at {at}")),
            Some(mount) => {
                let miss = Miss::new("no such mount", self.one(mount));
                findings.check(unwanted.at.span, at, Some(miss));
            }
        }
    }

    fn fits(&self, wanted: &Mounted, mount: &Mount) -> bool {
        let declared = self.declared(mount);
        let kind = self.kind(mount, declared);
        wanted
            .r#type
            .as_ref()
            .is_none_or(|t| t.value.word() == kind)
            && wanted
                .read_only
                .as_ref()
                .is_none_or(|r| r.value == mount.read_only)
            && wanted
                .source
                .as_ref()
                .is_none_or(|s| s.value.holds(source(mount, declared)))
    }

    /// `volume` or `bind` as the engine has it; what the engine does not know, by its file system. Where that
    /// lies which it puts into every container is its own affair.
    fn kind(&self, mount: &'a Mount, declared: Option<&'a MountFacts>) -> &'a str {
        let known = declared.map(|facts| facts.kind.as_str());
        let known = known.filter(|kind| Type::WORDS.contains(kind));
        let is_engines = declared.is_none()
            && FURNITURE.contains(&mount.at.as_str())
            && !self.mounts.covers(mount);
        known.unwrap_or(if is_engines { ENGINES } else { &mount.kind })
    }

    fn find(&self, wanted: &Mounted) -> Option<&'a Mount> {
        self.mounts.at(self.mounts.real(&wanted.at.value.0))
    }

    /// What the engine was told of a mount. One that stands upon another is none of the engine's.
    fn declared(&self, mount: &Mount) -> Option<&'a MountFacts> {
        if self.mounts.covers(mount) {
            return None;
        }
        let is_at = |facts: &&MountFacts| self.mounts.real(&facts.at) == mount.at;
        self.container.mounts.iter().find(is_at)
    }

    /// Something below a read-only mount that can be written to and that nobody declared: it came along
    /// with a folder of the host.
    fn open_below(&self, mount: &Mount) -> Option<&'a Mount> {
        self.mounts.visible().find(|other| {
            let inside = other.id != mount.id && mount.at != "/" && mount.holds(&other.at);
            inside && !other.read_only && !self.is_declared(other)
        })
    }

    fn is_declared(&self, mount: &Mount) -> bool {
        let tmpfs = self.container.settings.tmpfs.keys();
        self.declared(mount).is_some()
            || tmpfs.into_iter().any(|at| self.mounts.real(at) == mount.at)
    }

    /// The mounts that are this container's and not every container's.
    fn own(&self) -> impl Iterator<Item = &'a Mount> {
        self.mounts.visible().filter(|mount| {
            let at = mount.at.as_str();
            let room = ROOMS.iter().any(|room| below(at, room).is_some());
            let everyones = at == "/" || room || FURNITURE.contains(&at);
            !everyones || self.is_declared(mount)
        })
    }

    fn shown(&self) -> String {
        listed(&self.some(self.own()), "and")
    }

    /// Mounts for people, and how many more there are than can be read.
    fn some(&self, mounts: impl Iterator<Item = &'a Mount>) -> Vec<String> {
        let mut mounts = mounts.peekable();
        let mut shown: Vec<String> = Vec::new();
        while let Some(mount) = mounts.next_if(|_| shown.len() < NAMED) {
            shown.push(self.one(mount));
        }
        match mounts.count() {
            0 => {}
            more => shown.push(format!("{more} more")),
        }
        shown
    }

    /// A mount for people.
    fn one(&self, mount: &Mount) -> String {
        let declared = self.declared(mount);
        let kind = self.kind(mount, declared);
        let source = evident(source(mount, declared));
        let writing = if mount.read_only { READ_ONLY } else { WRITABLE };
        let at = evident(&mount.at);
        match kind {
            "tmpfs" | ENGINES => format!("{at} ({kind}, {writing})"),
            kind => format!("{at} ({kind} {source}, {writing})"),
        }
    }
}

const READ_ONLY: &str = "read-only";
const WRITABLE: &str = "writable";
const ENGINES: &str = "the engine's own";
const NO_TYPE: &str = "every container gets this from the engine, which says of what type it is for nothing but \
    what `run` declares: leave `type` out";
const WHOLE: &str = "the engine has the whole path of a host's folder: `source: { ends_with: … }`";
const CAME_ALONG: &str =
    "it is mounted inside the host's folder and came along with it, without its being read-only";

/// The volume's name or the host's path; what the engine does not know, as the kernel calls it.
fn source<'a>(mount: &'a Mount, declared: Option<&'a MountFacts>) -> &'a str {
    let known = declared.and_then(|facts| facts.name.as_deref().or(facts.source.as_deref()));
    known.unwrap_or(&mount.source)
}
