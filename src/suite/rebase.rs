//! Paths in the cases of a fragment, which are relative to the fragment, made relative to the suite.

use std::path::Path;

use super::certificate::is_path;
use super::outside::shown;
use crate::text::tree::{Entry, Node, Scalar, Value};

/// The case with its paths below `folder`, the fragment's folder as seen from the suite's.
pub fn case(node: &Node, folder: &Path) -> Node {
    let base = Base { folder };
    each(node, |key, value| match key {
        "image" => base.image(value),
        "run" => base.run(value),
        "services" => each(value, |_, service| base.run(&base.image(service))),
        "expect" | "steps" => items(value, |item| base.item(item)),
        _ => value.clone(),
    })
}

struct Base<'a> {
    folder: &'a Path,
}

impl Base<'_> {
    fn image(&self, image: &Node) -> Node {
        each(image, |key, value| match key {
            "archive" => self.path(value),
            "build" if value.entries().is_none() => self.path(value),
            "build" => each(value, |key, value| match key {
                "context" => self.path(value),
                "secrets" => each(value, |_, secret| {
                    each(secret, |key, value| match key {
                        "file" => self.path(value),
                        _ => value.clone(),
                    })
                }),
                _ => value.clone(),
            }),
            _ => value.clone(),
        })
    }

    fn run(&self, run: &Node) -> Node {
        each(run, |key, value| match key {
            "env_file" => items(value, |file| self.path(file)),
            "volumes" => items(value, |mount| self.mount(mount)),
            "ready" => items(value, |item| self.item(item)),
            _ => value.clone(),
        })
    }

    /// A claim, or the claims of a step.
    fn item(&self, item: &Node) -> Node {
        each(item, |key, value| match key {
            "source" if value.entries().is_none() => self.path(value),
            "source" => each(value, |key, value| match key {
                "at" => self.path(value),
                _ => value.clone(),
            }),
            "no_secrets" => each(value, |key, value| match key {
                "in" => items(value, |path| self.path(path)),
                _ => value.clone(),
            }),
            "image" => each(value, |key, value| match key {
                "smaller_than" => self.image(value),
                _ => value.clone(),
            }),
            "http" => each(value, |key, value| match key {
                "tls" => each(value, |key, value| match key {
                    "ca" => self.authority(value),
                    _ => value.clone(),
                }),
                _ => value.clone(),
            }),
            "replace" => each(&self.image(value), |key, value| match key {
                "image" => self.image(value),
                _ => value.clone(),
            }),
            "load" => self.item(value),
            "expect" | "during" => items(value, |item| self.item(item)),
            _ => value.clone(),
        })
    }

    /// `./folder:/path`, or the long form of a bind.
    fn mount(&self, mount: &Node) -> Node {
        let bound = mount.get("type").and_then(Node::text) == Some("bind");
        match &mount.value {
            Value::Map(_) if bound => each(mount, |key, value| match key {
                "source" => self.path(value),
                _ => value.clone(),
            }),
            Value::Scalar(scalar) if scalar.text.starts_with('.') => {
                let (source, rest) = scalar.text.split_once(':').unwrap_or((&scalar.text, ""));
                // A source without a leading dot would be the name of a volume.
                let below = shown(&self.folder.join(source));
                let lead = if below.starts_with(['.', '/']) {
                    ""
                } else {
                    "./"
                };
                text(mount, format!("{lead}{below}:{rest}"))
            }
            _ => mount.clone(),
        }
    }

    /// An authority is a name, or a path, which is told by how it is written.
    fn authority(&self, node: &Node) -> Node {
        match node.text().filter(|written| is_path(written)) {
            Some(path) => {
                let below = shown(&self.folder.join(path));
                let lead = if is_path(&below) { "" } else { "./" };
                text(node, format!("{lead}{below}"))
            }
            None => node.clone(),
        }
    }

    fn path(&self, node: &Node) -> Node {
        match node.text() {
            Some(path) => text(node, shown(&self.folder.join(path))),
            None => node.clone(),
        }
    }
}

fn text(node: &Node, text: String) -> Node {
    Node {
        span: node.span,
        value: Value::Scalar(Scalar { text, plain: false }),
    }
}

/// The map with each value made anew; what is no map stays as it is.
fn each(node: &Node, change: impl Fn(&str, &Node) -> Node) -> Node {
    let Some(entries) = node.entries() else {
        return node.clone();
    };
    let changed = entries.iter().map(|entry| Entry {
        key: entry.key.clone(),
        value: change(&entry.key.value, &entry.value),
    });
    Node {
        span: node.span,
        value: Value::Map(changed.collect()),
    }
}

/// The list with each item made anew, or the one value that stands for it.
fn items(node: &Node, change: impl Fn(&Node) -> Node) -> Node {
    match node.items() {
        Some(items) => Node {
            span: node.span,
            value: Value::List(items.iter().map(change).collect()),
        },
        None => change(node),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::source::FileId;
    use crate::text::yaml;

    #[test]
    fn a_fragments_paths_are_found_from_the_suite() {
        let node = |text: &str| yaml::parse(FileId(0), text).0.unwrap();
        let written = node(
            "{ name: ./x, image: { build: { context: ../app, secrets: { a: { file: s.txt } } } }, \
             run: { env_file: .env, command: ./go, volumes: ['./a:/a:ro', 'data:/d', '/abs:/b', { type: bind, source: c, target: /c }] } }",
        );
        let expected = serde_json::json!({
            "name": "./x",
            "image": { "build": { "context": "app", "secrets": { "a": { "file": "base/s.txt" } } } },
            "run": {
                "env_file": "base/.env",
                "command": "./go",
                "volumes": ["./base/a:/a:ro", "data:/d", "/abs:/b", { "type": "bind", "source": "base/c", "target": "/c" }],
            },
        });
        assert_eq!(case(&written, Path::new("base")).json(), expected);
        let services = "{ services: { db: { build: ., env_file: e }, gone: null, c: { image: x, build: { context: y } } } }";
        assert_eq!(
            case(&node(services), Path::new("base")).json(),
            serde_json::json!({ "services": {
                "db": { "build": "base", "env_file": "base/e" },
                "gone": null,
                "c": { "image": "x", "build": { "context": "base/y" } },
            } })
        );
        let claims = "{ expect: [{ source: ../a }, { path: /x }], steps: [stop, { expect: [{ source: { at: b, type: file } }] }] }";
        assert_eq!(
            case(&node(claims), Path::new("base")).json(),
            serde_json::json!({
                "expect": [{ "source": "a" }, { "path": "/x" }],
                "steps": ["stop", { "expect": [{ "source": { "at": "base/b", "type": "file" } }] }],
            })
        );
        let contents = "{ expect: [{ no_secrets: { in: [.env, ../c], except: [x] } }, \
            { image: { size: 1, smaller_than: { build: ., by: 1% } } }] }";
        assert_eq!(
            case(&node(contents), Path::new("base")).json(),
            serde_json::json!({
                "expect": [
                    { "no_secrets": { "in": ["base/.env", "c"], "except": ["x"] } },
                    { "image": { "size": 1, "smaller_than": { "build": "base", "by": "1%" } } },
                ],
            })
        );
        let authority = |written: &str| {
            let item = format!("{{ http: {{ url: u, tls: {{ ca: {written} }} }} }}");
            let text = format!("{{ run: {{ ready: {item} }}, steps: [{{ expect: [{item}] }}] }}");
            let made = case(&node(&text), Path::new("base")).json();
            let found = made["steps"][0]["expect"][0]["http"]["tls"]["ca"].clone();
            assert_eq!(made["run"]["ready"]["http"]["tls"]["ca"], found);
            found
        };
        assert_eq!(authority("./ca.pem"), "base/ca.pem");
        assert_eq!(authority("../ca"), "./ca");
        assert_eq!(authority("ca"), "ca");
        let upgrades = "{ steps: [{ replace: { build: ../b } }, { replace: { image: { archive: a.tar } } }, { replace: { image: ./x } }] }";
        assert_eq!(
            case(&node(upgrades), Path::new("base")).json(),
            serde_json::json!({ "steps": [
                { "replace": { "build": "b" } },
                { "replace": { "image": { "archive": "base/a.tar" } } },
                { "replace": { "image": "./x" } },
            ] })
        );
        let short = case(&node("{ image: { build: . } }"), Path::new("../base"));
        assert_eq!(
            short.json(),
            serde_json::json!({ "image": { "build": "../base" } })
        );
    }
}
