//! What the tests stand on: suites from files or texts, a run of them, and an engine left clean.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use seaworthy::cli::outside::World;
use seaworthy::engine::Engine;
use seaworthy::plan::Selection;
use seaworthy::report::mask::Mask;
use seaworthy::run::attempt::Again;
use seaworthy::run::options::Options;
use seaworthy::run::outcome::{Event, Outcome};
use seaworthy::suite::grant::{Allowed, Grant};
use seaworthy::suite::{self, Outside, Suite};
use seaworthy::text::source::Sources;
use tokio::runtime::Runtime;
use tokio::sync::Mutex;

use super::expected::as_written;

/// A test says what is wrong, a line each.
pub(crate) type Result<T = ()> = std::result::Result<T, String>;

/// Runs of one process have one owner, whose label is a step of images that `docker-compose` builds: one run
/// would remove what another one builds on.
static COMPOSING: Mutex<()> = Mutex::const_new(());

/// The project's folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The runtime that all tests of this process share.
pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().unwrap())
}

/// The engine, or one sentence that it is needed.
pub(crate) async fn engine() -> Result<Engine> {
    let found = Engine::find(None).await;
    found.map_err(|fault| format!("this test needs a container engine: {fault}"))
}

/// The context of the image that holds one program and nothing else.
pub(crate) fn bare() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let source = root().join("fixtures/bare");
        let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let folder = target.join("bare");
        // Compiled beside and moved, so that another process never sends half of it.
        let fresh = target.join(format!("bare-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let compiled = Command::new(option_env!("RUSTC").unwrap_or("rustc"))
            .args(["-O", "-Cpanic=abort", "-Cstrip=symbols"])
            .arg("-Ctarget-feature=+crt-static")
            .arg("-o")
            .arg(&fresh)
            .arg(source.join("main.rs"))
            .status()
            .unwrap();
        assert!(compiled.success(), "fixtures/bare compiles");
        std::fs::rename(fresh, folder.join("bare")).unwrap();
        for file in ["Dockerfile", "Dockerfile.next", "Dockerfile.ends"] {
            std::fs::copy(source.join(file), folder.join(file)).unwrap();
        }
        folder
    })
}

/// What suites of tests ask for, to be seen by claims.
const POWERS: &[&str] = &[
    "network_mode=host",
    "pid=host",
    "security_opt=seccomp=unconfined",
];

/// These powers, and no others.
pub(crate) fn allowed(powers: &[&str]) -> Allowed {
    Allowed::only(powers.iter().map(|power| Grant::parse(power).unwrap()))
}

/// Suites to be run.
#[derive(Debug)]
pub(crate) struct Job {
    paths: Vec<PathBuf>,
    texts: BTreeMap<PathBuf, String>,
    variables: Vec<(&'static str, String)>,
    /// What containers of this job may write to; it goes with the job.
    _bound: tempfile::TempDir,
    /// What the user asks for.
    pub(crate) options: Options,
    /// What it allows.
    pub(crate) allowed: Allowed,
}

/// What came of them.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) outcome: Outcome,
    /// The same as a report has it.
    pub(crate) told: Outcome,
    /// Every text that was read, by name.
    pub(crate) texts: BTreeMap<String, String>,
    /// What its cases were at.
    pub(crate) doing: Vec<&'static str>,
}

/// The world as a job wants it seen.
struct Seen<'a> {
    job: &'a Job,
    texts: RefCell<BTreeMap<String, String>>,
}

impl Outside for Seen<'_> {
    fn read(&self, path: &Path) -> std::result::Result<String, String> {
        let text = match self.job.texts.get(path) {
            Some(text) => text.clone(),
            None => World.read(path)?,
        };
        let name = path.display().to_string();
        self.texts.borrow_mut().insert(name, text.clone());
        Ok(text)
    }

    fn is_folder(&self, path: &Path) -> Option<bool> {
        World.is_folder(path)
    }

    fn real(&self, path: &Path) -> Option<PathBuf> {
        World.real(path)
    }

    fn env(&self, name: &str) -> Option<String> {
        let own = self.job.variables.iter().find(|(own, _)| *own == name);
        own.map(|(_, value)| value.clone())
    }

    fn random(&self, count: u32) -> String {
        World.random(count)
    }
}

impl Ran {
    /// Everything that did not come as the suites' own comments say, a line each.
    pub(crate) fn as_written(&self) -> Result {
        as_written(&self.outcome, &self.texts)
    }
}

impl Job {
    fn new() -> Self {
        let bare = bare().display().to_string();
        // Inside the project, and open to everyone.
        let bound = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        std::fs::set_permissions(bound.path(), Permissions::from_mode(0o777)).unwrap();
        Self {
            paths: Vec::new(),
            texts: BTreeMap::new(),
            variables: vec![
                ("BARE", bare),
                ("BOUND", bound.path().display().to_string()),
            ],
            _bound: bound,
            allowed: allowed(POWERS),
            options: Options {
                selection: Selection::default(),
                keep: false,
                fail_fast: false,
                require_all: false,
                samples: true,
                again: Again::Once,
                strict: false,
                part: None,
                jobs: 4,
                engine: None,
                attached: None,
                passing: None,
            },
        }
    }

    /// The suites of these files, `BARE` being the context of the bare image.
    pub(crate) fn files(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        let mut job = Self::new();
        job.paths.extend(paths);
        job
    }

    /// A suite of this text, as if it stood at `path`, which is relative to the project's folder as
    /// tests are.
    pub(crate) fn text(path: &str, text: impl Into<String>) -> Self {
        let mut job = Self::new();
        let path = PathBuf::from(path);
        job.texts.insert(path.clone(), text.into());
        job.paths.push(path);
        job
    }

    /// Runs them, and sees to it that nothing is left.
    pub(crate) fn run(self) -> Result<Ran> {
        runtime().block_on(self.go())
    }

    /// The suites, and every text that was read.
    pub(crate) fn load(
        &self,
        sources: &mut Sources,
    ) -> Result<(Vec<Suite>, BTreeMap<String, String>)> {
        let seen = Seen {
            job: self,
            texts: RefCell::default(),
        };
        let mut suites = Vec::new();
        for path in &self.paths {
            let loaded = suite::load(sources, path, &seen, &self.allowed);
            if !loaded.diagnostics.is_empty() {
                let said = loaded.diagnostics.iter().map(|d| d.render(sources, false));
                return Err(said.collect::<Vec<_>>().join("\n\n"));
            }
            suites.extend(loaded.suites);
        }
        Ok((suites, seen.texts.into_inner()))
    }

    pub(crate) async fn go(self) -> Result<Ran> {
        let engine = engine().await?;
        let mut sources = Sources::default();
        let (suites, texts) = self.load(&mut sources)?;
        let composes = suites.iter().any(|suite| suite.compose.is_some());
        let _alone = match composes {
            true => Some(COMPOSING.lock().await),
            false => None,
        };
        let (events, mut watch) = seaworthy::run::events::channel();
        let (_interrupt, interrupted) = tokio::sync::watch::channel(0);
        let mask = Mask::of(suites.iter().flat_map(|suite| &suite.secrets));
        let ran = seaworthy::run::run(suites, sources, self.options, events, interrupted).await;
        let outcome = ran.map_err(|fault| fault.to_string())?;
        let troubles = outcome.troubles.iter().map(|t| t.message.as_str());
        let told = |left: String| format!("{left}\n{}", troubles.collect::<Vec<_>>().join("\n"));
        clean(&engine, &outcome.run).await.map_err(told)?;
        let told = mask.outcome(outcome.clone());
        let told = told.ok_or("its secrets could not be masked")?;
        let events = watch.rest().into_iter();
        let doing = events.filter_map(|event| match event {
            Event::CaseBegan { doing, .. } => Some(doing),
            _ => None,
        });
        Ok(Ran {
            outcome,
            told,
            texts,
            doing: doing.collect(),
        })
    }
}

/// Whether everything of this run is gone.
pub(crate) async fn clean(engine: &Engine, run: &str) -> Result {
    let label = format!("io.seaworthy.run={run}");
    let said = |fault: seaworthy::engine::Fault| fault.to_string();
    let containers = engine.containers().list(&label).await.map_err(said)?;
    let volumes = engine.volumes().list(&label).await.map_err(said)?;
    let networks = engine.networks().list(&label).await.map_err(said)?;
    let images = engine.images().list(&label).await.map_err(said)?;
    let names = containers
        .iter()
        .map(|c| c.names.join(" "))
        .chain(volumes.into_iter().map(|v| v.name))
        .chain(networks.into_iter().map(|n| n.name))
        .chain(images.into_iter().map(|i| i.id));
    let left: Vec<String> = names.collect();
    match left.is_empty() {
        true => Ok(()),
        false => Err(format!("left by the run: {}", left.join(", "))),
    }
}
