//! A real engine, an image to try it with, and a clean engine afterwards.

use std::collections::BTreeMap;
use std::future::Future;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use seaworthy::engine::Engine;
use serde_json::{Value, json};

/// What one test works with.
#[derive(Clone)]
pub(crate) struct Bench {
    pub(crate) engine: Engine,
    /// On everything the test makes.
    pub(crate) label: String,
    /// The test's own image.
    pub(crate) image: String,
}

impl Bench {
    pub(crate) fn labels(&self) -> BTreeMap<String, String> {
        let (name, value) = self.label.split_once('=').unwrap();
        BTreeMap::from([(name.to_owned(), value.to_owned())])
    }

    /// A name of this test's own.
    pub(crate) fn name(&self, what: &str) -> String {
        format!("{}-{what}", self.label.split_once('=').unwrap().1)
    }

    /// A container of the test's image that runs these arguments.
    pub(crate) async fn create(&self, what: &str, arguments: &[&str], more: &Value) -> String {
        let mut description = json!({
            "Image": self.image,
            "Cmd": arguments,
            "Labels": self.labels(),
            "HostConfig": { "NetworkMode": "none" },
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            description[name] = value.clone();
        }
        let created = self
            .engine
            .containers()
            .create(&self.name(what), &description)
            .await
            .unwrap();
        assert_eq!(created.warnings, Vec::<String>::new());
        created.id
    }
}

/// Runs a test on the engine, and leaves nothing behind however it ends.
pub(crate) async fn on_engine<F, T>(test: &str, body: F)
where
    F: FnOnce(Bench) -> T,
    T: Future<Output = ()> + Send + 'static,
{
    let engine = Engine::find(None)
        .await
        .unwrap_or_else(|fault| panic!("this test needs a container engine: {fault}"));
    let run = format!("engine-test-{}-{test}", std::process::id());
    let label = format!("io.seaworthy.run={run}");
    let change = format!("LABEL {label}");
    let image = engine
        .images()
        .import(
            image_archive(),
            &format!("seaworthy-{run}"),
            "1",
            &["ENTRYPOINT [\"/helper\"]", "ENV FROM_IMAGE=yes", &change],
            "test",
        )
        .await
        .unwrap();
    let bench = Bench {
        engine: engine.clone(),
        label: label.clone(),
        image,
    };
    let outcome = tokio::spawn(tokio::time::timeout(Duration::from_mins(2), body(bench))).await;
    clean(&engine, &label).await;
    match outcome {
        Ok(ended) => ended.expect("the test ends in time"),
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

async fn clean(engine: &Engine, label: &str) {
    for container in engine.containers().list(label).await.unwrap() {
        engine.containers().remove(&container.id).await.unwrap();
    }
    for network in engine.networks().list(label).await.unwrap() {
        engine.networks().remove(&network.id).await.unwrap();
    }
    for volume in engine.volumes().list(label).await.unwrap() {
        engine.volumes().remove(&volume.name).await.unwrap();
    }
    for image in engine.images().list(label).await.unwrap() {
        engine.images().remove(&image.id, true).await.unwrap();
    }
    assert!(engine.containers().list(label).await.unwrap().is_empty());
    assert!(engine.images().list(label).await.unwrap().is_empty());
}

/// A tar archive that holds the helper, compiled once.
fn image_archive() -> Vec<u8> {
    static ARCHIVE: OnceLock<Vec<u8>> = OnceLock::new();
    ARCHIVE
        .get_or_init(|| {
            let folder = tempfile::tempdir().unwrap();
            let helper = folder.path().join("helper");
            let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/engine/helper.rs");
            let compiled = Command::new(option_env!("RUSTC").unwrap_or("rustc"))
                .args([
                    "-O",
                    "-Cpanic=abort",
                    "-Cstrip=symbols",
                    "-Ctarget-feature=+crt-static",
                ])
                .arg("-o")
                .arg(&helper)
                .arg(source)
                .status()
                .unwrap();
            assert!(compiled.success(), "the helper compiles");
            let mut archive = tar::Builder::new(Vec::new());
            archive.append_path_with_name(&helper, "helper").unwrap();
            archive.into_inner().unwrap()
        })
        .clone()
}
