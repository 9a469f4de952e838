//! What the tests of builds stand on: a program without needs, a context, and its clean-up.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};

use seaworthy::engine::Engine;
use seaworthy::engine::ask::Ask;
use seaworthy::engine::build::{BuildError, BuildRequest, Built, build, build_with};
use seaworthy::engine::path::Path as EnginePath;
use seaworthy::fact::build::{BuildFailure, BuilderKind};

/// A program that needs nothing around it, as base images cannot be had everywhere.
const TOOL: &str = r#"
use std::io::Write;
fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let arg = |at: usize| args.get(at).map(String::as_str).unwrap_or_default();
    match arg(0) {
        "fail" => {
            for n in 0..10 { println!("line {n}"); }
            eprintln!("no good");
            std::process::exit(7);
        }
        "quiet" => std::process::exit(3),
        "list" => list(std::path::Path::new(arg(1)), ""),
        "print" => print!("{}", std::fs::read_to_string(arg(1)).unwrap_or_else(|e| format!("{e}\n"))),
        "append" => {
            let mut file = std::fs::OpenOptions::new().create(true).append(true).open(arg(1)).unwrap();
            file.write_all(b"once\n").unwrap();
        }
        "wait" => {
            println!("waiting");
            std::thread::sleep(std::time::Duration::from_secs(600));
        }
        "env" => println!("{}", std::env::var(arg(1)).unwrap_or_default()),
        _ => println!("{}", args.join(" ")),
    }
}
fn list(folder: &std::path::Path, indent: &str) {
    use std::os::unix::fs::MetadataExt;
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    names.sort();
    for path in names {
        let meta = path.symlink_metadata().unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let link = std::fs::read_link(&path).map(|t| format!(" -> {}", t.display())).unwrap_or_default();
        println!("{indent}{name} {:o} {}:{} {}{link}", meta.mode() & 0o7777, meta.uid(), meta.gid(), if meta.is_dir() { 0 } else { meta.size() });
        if meta.is_dir() { list(&path, &format!("{indent}{name}/")); }
    }
}
"#;

/// The program, compiled once.
pub(crate) fn tool() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let name = format!("build-tool-{}", std::process::id());
        let (source, path) = (folder.join(format!("{name}.rs")), folder.join(name));
        std::fs::write(&source, TOOL).unwrap();
        let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
        let status = Command::new(rustc)
            .args([
                "-O",
                "-C",
                "target-feature=+crt-static",
                "-C",
                "strip=symbols",
                "-o",
            ])
            .args([&path, &source])
            .status()
            .unwrap();
        assert!(status.success());
        path
    })
}

/// A context of its own, and what was built from it; both are gone in the end.
///
/// The classic builder leaves the images of the steps before one that failed: in the files written here
/// `MARK` becomes a label that tells them from others'.
pub(crate) struct Bench {
    mark: String,
    pub(crate) engine: Engine,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) tags: Mutex<Vec<String>>,
}

impl Bench {
    pub(crate) async fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(tool(), folder.path().join("tool")).unwrap();
        // Makes each context one that was never built before.
        std::fs::write(
            folder.path().join("nonce"),
            folder.path().as_os_str().as_encoded_bytes(),
        )
        .unwrap();
        let bench = Self {
            mark: format!("seaworthy-test={}", folder.path().display()),
            engine: Engine::find(None).await.unwrap(),
            folder,
            tags: Mutex::default(),
        };
        for (path, text) in files {
            bench.write(path, text);
        }
        bench
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let text = text.replace("MARK", &format!("LABEL {}", self.mark));
        std::fs::write(path, text).unwrap();
    }

    /// A build of this file, under a name of its own where there is one.
    pub(crate) fn request_of(&self, tag: Option<&str>, file: Option<&Path>) -> BuildRequest {
        BuildRequest {
            tag: tag.map(str::to_owned),
            dockerfile: file.map(Path::to_owned),
            ..self.request()
        }
    }

    pub(crate) fn request(&self) -> BuildRequest {
        BuildRequest::new("build test", self.folder.path())
    }

    pub(crate) async fn build(&self, request: &BuildRequest) -> Result<Built, BuildError> {
        self.keep(build(&self.engine, request, |_| ()).await)
    }

    pub(crate) async fn classic(&self, request: &BuildRequest) -> Result<Built, BuildError> {
        self.keep(build_with(&self.engine, BuilderKind::Classic, request, |_| ()).await)
    }

    pub(crate) fn keep(&self, result: Result<Built, BuildError>) -> Result<Built, BuildError> {
        if let Ok(built) = &result {
            self.tags.lock().unwrap().push(built.tag.clone());
        }
        result
    }

    #[track_caller]
    pub(crate) fn fails(result: Result<Built, BuildError>) -> BuildFailure {
        match result {
            Err(BuildError::Failed(failure)) => *failure,
            other => panic!("not a failure of the Dockerfile: {other:?}"),
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let tags = std::mem::take(&mut *self.tags.lock().unwrap());
        let mark = self.mark.clone();
        let done = std::thread::spawn(move || {
            tokio::runtime::Runtime::new().unwrap().block_on(async {
                let engine = Engine::find(None).await.unwrap();
                for tag in tags {
                    let ask =
                        Ask::delete("remove a test's image", format!("/images/{tag}").as_str());
                    let _ = engine.api().done(ask).await;
                }
                let filters = serde_json::json!({ "dangling": ["true"], "label": [mark] });
                let path = EnginePath::new("/images/json").query("filters", &filters.to_string());
                let ask = Ask::get("list images", path);
                let left: Vec<serde_json::Value> = engine.api().json(ask).await.unwrap();
                for image in left {
                    let path = EnginePath::new("/images").image(image["Id"].as_str().unwrap());
                    let _ = engine
                        .api()
                        .done(Ask::delete("remove a test's image", path))
                        .await;
                }
            });
        });
        let _ = done.join();
    }
}
