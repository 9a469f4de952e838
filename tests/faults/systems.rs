//! What is run while its engine is spoiled: small suites with their images.

use tempfile::TempDir;

use super::project::project;

/// One of them. Each has two cases, which pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// Something of everything: a build, a service, a network, volumes, steps, an exec, requests.
    Whole,
    /// A container that ends and is started again, which the engine's events tell of.
    Restarted,
    /// Services of a Compose file.
    Composed,
}

const WHOLE: &str = r#"
seaworthy: 1
name: whole
image: { build: { context: context } }
networks: { inner: { internal: true } }
services:
  store: { build: { context: context }, stdin_open: true, networks: [inner] }
run:
  stdin_open: true
  networks: [inner]
  volumes: ["data:/data"]
  depends_on: [store]
cases:
  - name: looks
    expect:
      - whoami: 0
      - path: { at: /probe, type: file }
      - networks: { only: [inner] }
      - exec: { command: [/probe], code: 2 }
      - logs: { count: 0 }
      - startup: { time: { below: 1m } }
  - name: lives
    steps:
      - write: { at: /data/kept, content: "1" }
      - restart
      - recreate
      - expect: [{ path: { at: /data/kept, content: "1" } }]
      - stop
      - expect: [{ exited: { code: { not: 0 } } }]
"#;

const RESTARTED: &str = r"
seaworthy: 1
name: restarted
image: { build: { context: context } }
run: { stdin_open: true, restart: on-failure }
cases:
  - name: is started again
    steps:
      - crash
      - expect: [{ exited: { code: 137, signal: KILL } }, { restarts: 1, within: 30s }]
  - name: ends by itself
    steps:
      - signal: KILL
      - expect: [{ exited: 137, within: 30s }]
";

const COMPOSED: &str = r"
seaworthy: 1
name: composed
compose: { files: [../compose.yaml], app: web }
cases:
  - name: looks
    expect:
      - whoami: 0
      - networks: { only: [inner] }
      - reaches: [store]
  - name: lives
    steps:
      - write: { at: /data/kept, content: '1' }
      - recreate
      - expect: [{ path: { at: /data/kept, content: '1' } }]
";

const COMPOSE: &str = r"
services:
  web:
    build: suites/context
    stdin_open: true
    networks: [inner]
    volumes: ['data:/data']
    depends_on: [store]
  store:
    build: suites/context
    stdin_open: true
    networks: [inner]
networks: { inner: { internal: true } }
volumes: { data: {} }
";

const DOCKERFILE: &str =
    "FROM scratch\nCOPY --chmod=755 program /probe\nENTRYPOINT [\"/probe\", \"serve\"]\n";

impl System {
    /// A folder with it, and room for a proxy's socket. With `limit` each case may take only so long.
    pub fn folder(self, limit: Option<&str>) -> TempDir {
        let suite = match self {
            Self::Whole => WHOLE,
            Self::Restarted => RESTARTED,
            Self::Composed => COMPOSED,
        };
        let limit = limit.map(|limit| format!("defaults: {{ timeout: {limit} }}\n"));
        let suite = format!("{suite}{}", limit.unwrap_or_default());
        let mut files = vec![
            ("suites/suite.yaml", suite.as_str()),
            ("suites/context/Dockerfile", DOCKERFILE),
        ];
        if self == Self::Composed {
            files.push(("compose.yaml", COMPOSE));
        }
        project(&files)
    }
}
