//! An engine that goes away midway, at whatever request it happens to be.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use libtest_mimic::Trial;
use seaworthy::engine::transport::Address;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;

use super::{DEADLINE, Result, engine, runtime, said, seaworthy, sweep};

const SUITE: &str = r#"
seaworthy: 1
vars: { BARE: null }
image: { build: { context: "${BARE}" } }
cases:
  - name: one
    expect: [{ state: running }, { exec: /bare say x }, { path: /bare }, { http: "http://app:8080/" }]
  - name: two
    run: { volumes: ["data:/data"] }
    steps: [restart, recreate, { stop: {} }, { expect: [{ exited: 0 }] }]
"#;

/// How many places on the way are tried.
const PLACES: usize = 8;

pub(super) fn trials() -> Vec<Trial> {
    vec![Trial::test("wrong::engine_gone", || {
        runtime().block_on(gone()).map_err(Into::into)
    })]
}

async fn gone() -> Result {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let suite = folder.path().join("gone.yaml");
    std::fs::write(&suite, SUITE).map_err(|e| e.to_string())?;
    let whole = Proxy::new(folder.path().join("whole.sock"), usize::MAX).await?;
    let (code, text) = run(&suite, &whole).await?;
    if code != 0 {
        return Err(format!("with the engine there: exit code {code}\n{text}"));
    }
    let requests = whole.seen.load(Ordering::Relaxed);
    let mut wrong = Vec::new();
    for place in 0..PLACES {
        let at = 2 + place * (requests - 2) / PLACES;
        let proxy = Proxy::new(folder.path().join(format!("{at}.sock")), at).await?;
        let (code, text) = run(&suite, &proxy).await?;
        let told = text.contains("left by this run") || text.contains("connect to the engine");
        // The first request is how it is met.
        let told = told && text.contains("it has answered before: find out whether it was stopped");
        if code != 3 || !told {
            wrong.push(format!(
                "gone at request {at} of {requests}: exit code {code}\n{text}"
            ));
        }
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(wrong.join("\n")),
    }
}

/// Runs the suite through the proxy, and takes away what it could not.
async fn run(suite: &Path, proxy: &Proxy) -> Result<(i32, String)> {
    let mut command = seaworthy();
    let address = format!("unix://{}", proxy.path.display());
    command
        .arg(suite)
        .env("DOCKER_HOST", address)
        .stderr(Stdio::piped());
    let child = tokio::process::Command::from(command)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| error.to_string())?;
    let pid = child.id().unwrap_or_default();
    let output = tokio::time::timeout(DEADLINE, child.wait_with_output()).await;
    sweep(pid).await?;
    let output = output.map_err(|_| format!("it had not ended after {DEADLINE:?}"))?;
    Ok(said(&output.map_err(|error| error.to_string())?))
}

/// Stands before the engine and goes away when the given number of requests was seen.
struct Proxy {
    path: PathBuf,
    seen: Arc<AtomicUsize>,
}

impl Proxy {
    async fn new(path: PathBuf, most: usize) -> Result<Self> {
        let Address::Unix(real) = engine().await?.address().clone() else {
            return Err("this test needs an engine on a socket of this machine".to_owned());
        };
        let listener = UnixListener::bind(&path).map_err(|e| e.to_string())?;
        let seen = Arc::new(AtomicUsize::new(0));
        let (end, ended) = watch::channel(false);
        let count = Arc::clone(&seen);
        let gone = path.clone();
        tokio::spawn(async move {
            let end = Arc::new(end);
            let mut over = ended.clone();
            loop {
                let accepted = tokio::select! {
                    accepted = listener.accept() => accepted,
                    _ = over.changed() => break,
                };
                let (Ok((client, _)), Ok(engine)) = (accepted, UnixStream::connect(&real).await)
                else {
                    break;
                };
                let (count, end, ended) = (Arc::clone(&count), Arc::clone(&end), ended.clone());
                tokio::spawn(carry(client, engine, count, most, end, ended));
            }
            // Nobody must be able to connect any more.
            let _ = std::fs::remove_file(gone);
        });
        Ok(Self { path, seen })
    }
}

async fn carry(
    client: UnixStream,
    engine: UnixStream,
    seen: Arc<AtomicUsize>,
    most: usize,
    end: Arc<watch::Sender<bool>>,
    mut ended: watch::Receiver<bool>,
) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_engine, mut to_engine) = engine.into_split();
    let there = async {
        let mut piece = vec![0; 1 << 16];
        while let Ok(count @ 1..) = from_client.read(&mut piece).await {
            let begins = piece[..count]
                .windows(11)
                .filter(|w| w == b" HTTP/1.1\r\n")
                .count();
            if begins > 0 && seen.fetch_add(begins, Ordering::Relaxed) + begins >= most {
                let _ = end.send(true);
                std::future::pending::<()>().await;
            }
            if to_engine.write_all(&piece[..count]).await.is_err() {
                return;
            }
        }
        let _ = to_engine.shutdown().await;
        std::future::pending::<()>().await;
    };
    let back = tokio::io::copy(&mut from_engine, &mut to_client);
    tokio::select! {
        () = there => {}
        _ = back => {}
        _ = ended.changed() => {}
    }
}
