//! What this machine says about where the engine is: variables, contexts, certificate files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use serde::Deserialize;

use super::config::DockerConfig;
use super::{Fault, FaultKind, Result};

/// The variables that decide.
const VARIABLES: &[&str] = &[
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "DOCKER_TLS",
    "DOCKER_TLS_VERIFY",
    "DOCKER_CERT_PATH",
    "DOCKER_CONFIG",
    "XDG_RUNTIME_DIR",
];

/// The certificate files that are looked for.
const PEM_FILES: &[&str] = &["ca.pem", "cert.pem", "key.pem"];

/// More contexts than this are not read.
const CONTEXT_LIMIT: usize = 1000;

/// The machine as far as it decides where the engine is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    /// Variables that are set.
    pub variables: BTreeMap<String, String>,
    /// The user's home.
    pub home: Option<PathBuf>,
    /// The folder of the Docker configuration.
    pub config_folder: Option<PathBuf>,
    /// The Docker contexts beside `default`.
    pub contexts: Vec<Context>,
    /// Certificate files that exist.
    pub files: BTreeSet<PathBuf>,
}

/// A Docker context: a name for an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// Its name.
    pub name: String,
    /// The engine's URL.
    pub host: String,
    /// Whether it asks not to look at the engine's certificate.
    pub skip_tls_verify: bool,
    /// Where its certificate files are, if it has any.
    pub tls_folder: PathBuf,
}

impl World {
    /// A variable, unless it is empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Reads this machine's.
    pub fn read() -> Result<(Self, DockerConfig)> {
        let variables: BTreeMap<_, _> = VARIABLES
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), env::var(name).ok()?)))
            .collect();
        let mut world = Self {
            variables,
            home: env::home_dir().filter(|home| home.is_absolute()),
            ..Self::default()
        };
        world.config_folder = world
            .variable("DOCKER_CONFIG")
            .map(PathBuf::from)
            .or_else(|| Some(world.home.as_ref()?.join(".docker")));
        let Some(folder) = world.config_folder.clone() else {
            return Ok((world, DockerConfig::default()));
        };
        let config = read_config(&folder.join("config.json"))?;
        world.contexts = read_contexts(&folder);
        let certificates = world.variable("DOCKER_CERT_PATH").map(PathBuf::from);
        let folders = world
            .contexts
            .iter()
            .map(|context| context.tls_folder.clone());
        for place in folders.chain([certificates.unwrap_or(folder)]) {
            let present = PEM_FILES
                .iter()
                .map(|name| place.join(name))
                .filter(|path| path.is_file());
            world.files.extend(present);
        }
        Ok((world, config))
    }
}

/// A variable of our own environment.
pub fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

/// Which process a run belongs to: this machine and its namespace of processes, the process and when
/// it began, so that a process number that is used again, or in a container that shares the machine's
/// name, is not taken for the same.
pub fn owner() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let namespace = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    let namespace = namespace.to_string_lossy();
    let namespace = namespace.trim_matches(|c: char| !c.is_ascii_digit());
    // Machines made from one image may share their name, but not a boot.
    let boot = read("/proc/sys/kernel/random/boot_id");
    let boot = boot.split('-').next().unwrap_or("");
    let host = format!(
        "{}/{boot}/{namespace}",
        read("/proc/sys/kernel/hostname").trim()
    );
    let began = began_at(&read("/proc/self/stat")).unwrap_or_default();
    format!("{host}:{}:{began}", std::process::id())
}

/// When a process began, in ticks since the machine did: field 22 of its `stat`.
pub fn began_at(stat: &str) -> Option<u64> {
    let behind_name = stat.rsplit_once(')')?.1;
    behind_name.split_whitespace().nth(19)?.parse().ok()
}

/// So many random letters and digits.
pub fn random(count: u32) -> String {
    use std::hash::{BuildHasher as _, Hasher as _, RandomState};
    use std::io::Read as _;
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut bytes = vec![0; count as usize];
    let read = fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    if read.is_err() {
        // Each hasher of the standard library is seeded by the system.
        bytes.fill_with(|| RandomState::new().build_hasher().finish().to_le_bytes()[0]);
    }
    bytes
        .iter()
        .map(|b| char::from(LETTERS[usize::from(*b) % LETTERS.len()]))
        .collect()
}

fn read_config(path: &Path) -> Result<DockerConfig> {
    let fault = |message: String| {
        Fault::new(
            FaultKind::Local,
            format!("read the Docker configuration {}", path.display()),
            message,
        )
        .help("mend or remove that file")
    };
    match fs::read_to_string(path) {
        Ok(text) => DockerConfig::parse(&text).map_err(fault),
        Err(error) if absent(&error) => Ok(DockerConfig::default()),
        Err(error) => Err(fault(error.to_string())),
    }
}

fn absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// The contexts of this configuration; one that cannot be read is as if it were not there.
fn read_contexts(folder: &Path) -> Vec<Context> {
    let contexts = folder.join("contexts");
    let Ok(entries) = fs::read_dir(contexts.join("meta")) else {
        return Vec::new();
    };
    let mut found: Vec<Context> = entries
        .filter_map(io::Result::ok)
        .take(CONTEXT_LIMIT)
        .filter_map(|entry| {
            let text = fs::read_to_string(entry.path().join("meta.json")).ok()?;
            // The folder's name is the hash of the context's, and the same one holds its files.
            let tls_folder = contexts.join("tls").join(entry.file_name()).join("docker");
            parse_context(&text, tls_folder)
        })
        .collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

fn parse_context(text: &str, tls_folder: PathBuf) -> Option<Context> {
    #[derive(Deserialize)]
    struct Meta {
        #[serde(rename = "Name")]
        name: String,
        #[serde(rename = "Endpoints")]
        endpoints: Endpoints,
    }
    #[derive(Deserialize)]
    struct Endpoints {
        docker: Endpoint,
    }
    #[derive(Deserialize)]
    struct Endpoint {
        #[serde(rename = "Host")]
        host: String,
        #[serde(rename = "SkipTLSVerify", default)]
        skip_tls_verify: bool,
    }
    let meta: Meta = serde_json::from_str(text).ok()?;
    Some(Context {
        name: meta.name,
        host: meta.endpoints.docker.host,
        skip_tls_verify: meta.endpoints.docker.skip_tls_verify,
        tls_folder,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_are_read_as_the_docker_cli_writes_them() {
        let folder = tempfile::tempdir().unwrap();
        let meta = folder.path().join("contexts/meta");
        for (hash, text) in [
            (
                "ab12",
                r#"{"Name":"far","Metadata":{},"Endpoints":{"docker":{"Host":"ssh://far","SkipTLSVerify":true}}}"#,
            ),
            ("cd34", "not json"),
            ("ef56", r#"{"Name":"other","Endpoints":{"kubernetes":{}}}"#),
        ] {
            fs::create_dir_all(meta.join(hash)).unwrap();
            fs::write(meta.join(hash).join("meta.json"), text).unwrap();
        }
        let contexts = read_contexts(folder.path());
        assert_eq!(
            contexts,
            [Context {
                name: "far".to_owned(),
                host: "ssh://far".to_owned(),
                skip_tls_verify: true,
                tls_folder: folder.path().join("contexts/tls/ab12/docker"),
            }]
        );
    }

    #[test]
    fn a_configuration_that_is_not_there_is_an_empty_one_and_a_broken_one_is_a_fault() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        assert!(read_config(&path).unwrap().current_context.is_none());
        fs::write(&path, "{\"currentContext\": ").unwrap();
        let fault = read_config(&path).unwrap_err();
        assert_eq!(fault.kind, FaultKind::Local);
        assert!(fault.to_string().contains("config.json"), "{fault}");
    }
}
