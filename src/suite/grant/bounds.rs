//! Where a project ends, for paths of this machine with all their links followed.

use std::path::{Component, Path, PathBuf};

use super::{Kind, Power};

/// How the sockets of engines are called. Who may write to one is root.
const SOCKETS: [&str; 6] = [
    "docker.sock",
    "podman.sock",
    "containerd.sock",
    "crio.sock",
    "buildkitd.sock",
    "docker-containerd.sock",
];
/// Where engines have them as a rule.
const PLACES: [&str; 6] = [
    "/run/docker.sock",
    "/var/run/docker.sock",
    "/run/podman/podman.sock",
    "/run/containerd/containerd.sock",
    "/var/run/docker/containerd/containerd.sock",
    "/run/docker/containerd/containerd.sock",
];

/// How a path is seen that leads somewhere else.
pub type Sight<'a> = &'a dyn Fn(&Path) -> Option<PathBuf>;

/// The folder that a suite may read from and have its containers see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bounds {
    root: PathBuf,
    /// Whether something marks it as a project.
    is_marked: bool,
}

impl Bounds {
    /// Those of a suite in this folder: the nearest one above it that is marked, by `seaworthy.toml` or `.git`. Where
    /// none is, the folder that the command was called in if the suite lies in it, else the suite's own.
    pub fn of(folder: &Path, is_marked: impl Fn(&Path) -> bool) -> Self {
        // Of a suite in the current folder the folder is the empty path.
        let own = plain(&folder.join("."));
        if let Some(root) = own.ancestors().find(|dir| is_marked(dir)) {
            return Self {
                root: root.to_owned(),
                is_marked: true,
            };
        }
        let here = plain(Path::new("."));
        let is_within = own.starts_with(&here) && here != Path::new("/");
        Self {
            root: if is_within { here } else { own },
            is_marked: false,
        }
    }

    /// Which folder that is, and what makes it another one.
    pub fn told(&self) -> String {
        match self.is_marked {
            true => format!(
                "the project is `{}`, the nearest folder above the suite that has a `seaworthy.toml` or a `.git`",
                self.root.display()
            ),
            false => "no folder above the suite has a `seaworthy.toml` or a `.git`: one in which a `seaworthy.toml` lies, which \
                      may be empty, is the project with all that is below it"
                .to_owned(),
        }
    }

    /// What having a container see this path asks for.
    pub fn bind(&self, path: &Path, real: Sight<'_>) -> Vec<Power> {
        let written = plain(path);
        let seen = real(&written);
        let last = seen.as_deref().unwrap_or(&written);
        let is_socket = [last, &written].into_iter().any(|path| {
            let name = path.file_name().unwrap_or_default();
            SOCKETS.iter().any(|socket| name == *socket)
        });
        if is_socket {
            return vec![Power::new(Kind::EngineSocket, "")];
        }
        let cause = unseen(&written, real);
        let mut all = Vec::new();
        // Where no folder is known as the project's, nothing lies in it.
        let outside = match self.is_marked {
            true => self.outside(path, real),
            false => Some(last.to_owned()),
        };
        if let Some(outside) = outside {
            all.push(Power::new(Kind::Bind, outside.to_string_lossy()));
        }
        if PLACES
            .iter()
            .any(|socket| Path::new(socket).starts_with(last))
            || is_of_user(last)
        {
            all.push(Power::new(Kind::EngineSocket, ""));
        }
        all.into_iter()
            .map(|power| power.because(cause.clone()))
            .collect()
    }

    /// What reading this path asks for.
    pub fn read(&self, path: &Path, real: Sight<'_>) -> Option<Power> {
        let outside = self.outside(path, real)?;
        let power = Power::new(Kind::Read, outside.to_string_lossy());
        Some(power.because(unseen(&plain(path), real)))
    }

    /// Where a path leads, if that is out of the folder.
    fn outside(&self, path: &Path, real: Sight<'_>) -> Option<PathBuf> {
        let written = plain(path);
        let below = written.strip_prefix(&self.root);
        // A home is for a shell to find.
        let of_home = |part: Component<'_>| part.as_os_str().to_string_lossy().starts_with('~');
        if below.is_ok_and(|below| below.components().any(of_home)) {
            return Some(written);
        }
        let Some(root) = real(&self.root) else {
            return (!written.starts_with(&self.root)).then_some(written);
        };
        // A kernel follows a link before it goes up, some tools go up before.
        let ways = [whole(path), written];
        let leads = ways
            .iter()
            .filter_map(|way| real(way).or_else(|| nearest(way, real)));
        let mut out: Vec<PathBuf> = leads.filter(|leads| !leads.starts_with(&root)).collect();
        out.dedup();
        // Of two places that it may be neither is enough to be allowed.
        match out.len() {
            0 | 1 => out.pop(),
            _ => Some(PathBuf::new()),
        }
    }
}

/// That a path is taken for the whole machine only because it may not be looked at. Of a link to the whole machine
/// what lies below it is told.
fn unseen(path: &Path, real: Sight<'_>) -> Option<String> {
    let is_anywhere = |path: &Path| real(path).as_deref() == Some(Path::new("/"));
    let is_unseen = is_anywhere(path) && is_anywhere(&path.join("x"));
    is_unseen.then(|| {
        let path = path.display();
        format!("you may not look at `{path}`, or at a folder that it lies in, so that it may lead anywhere")
    })
}

/// Whether it is where engines that are a user's own have their sockets.
fn is_of_user(path: &Path) -> bool {
    let below = path.strip_prefix("/run/user");
    below.is_ok_and(|below| below.components().count() < 2)
}

/// Where a path leads whose end is not there.
fn nearest(path: &Path, real: Sight<'_>) -> Option<PathBuf> {
    let (above, leads) = path
        .ancestors()
        .skip(1)
        .find_map(|above| Some((above, real(above)?)))?;
    let rest = path.strip_prefix(above).ok()?;
    Some(leads.join(rest))
}

fn whole(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The whole path, without ways there and back.
pub(super) fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in whole(path).components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}
