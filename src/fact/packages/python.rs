//! Metadata of Python packages: `NAME.dist-info` and `NAME.egg-info`.

use super::{Kind, Package};

/// A file or folder that may be a package's metadata, and how it begins.
#[derive(Debug, Clone)]
pub struct Found {
    /// Its path.
    pub path: String,
    /// Its first bytes, where it is a file.
    pub head: Option<String>,
}

/// The packages of these. Those that another package carries inside itself (`_vendor`) are not
/// installed.
pub fn packages(found: &[Found]) -> Vec<Package> {
    let mut all: Vec<(&str, Option<&str>)> = Vec::new();
    for found in found {
        let (folder, file) = found.path.rsplit_once('/').unwrap_or(("", &found.path));
        let head = found.head.as_deref();
        let of_folder = folder.ends_with(".dist-info") && file == "METADATA"
            || folder.ends_with(".egg-info") && file == "PKG-INFO";
        // A folder of a package of its own: `NAME-1.0-py3.11.egg/EGG-INFO/PKG-INFO`.
        let egg = folder.strip_suffix("/EGG-INFO");
        let is_egg = |at: &&str| {
            at.rsplit_once('.')
                .is_some_and(|(_, ending)| ending == "egg")
        };
        let egg = egg.filter(|at| is_egg(at) && file == "PKG-INFO");
        if let Some(egg) = egg {
            all.push((egg, head));
        }
        if of_folder {
            all.push((folder, head));
        } else if file.ends_with(".dist-info") || file.ends_with(".egg-info") {
            all.push((&found.path, head));
        }
    }
    // With a head first, which knows more than a folder's name.
    all.sort_by_key(|(at, head)| (*at, head.is_none()));
    all.dedup_by_key(|(at, _)| *at);
    let own = all
        .iter()
        .filter(|(at, _)| !at.split('/').any(|part| part == "_vendor"));
    own.map(|(at, head)| package(at, *head)).collect()
}

fn package(at: &str, head: Option<&str>) -> Package {
    let field = |name: &str| {
        // An empty line ends what is said of the package.
        let lines = head
            .unwrap_or("")
            .lines()
            .take_while(|line| !line.trim().is_empty());
        let value = |line: &str| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name)
                .then(|| value.trim().to_owned())
        };
        lines.into_iter().find_map(value)
    };
    let stem = at.rsplit('/').next().unwrap_or(at);
    let stem = stem
        .trim_end_matches(".dist-info")
        .trim_end_matches(".egg-info");
    let mut parts = stem.split('-');
    let name = parts.next().unwrap_or(stem).to_owned();
    let version = parts.next().map(str::to_owned);
    Package {
        name: field("Name").unwrap_or(name),
        version: field("Version").or(version),
        kind: Kind::Python,
        at: at.to_owned(),
    }
}

/// A name as PEP 503 compares names: `Foo__Bar.baz` is `foo-bar-baz`.
pub fn normal(name: &str) -> String {
    let mut out = String::new();
    for part in name.split(['-', '_', '.']).filter(|part| !part.is_empty()) {
        if !out.is_empty() {
            out.push('-');
        }
        out.push_str(&part.to_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, head: Option<&str>) -> Found {
        Found {
            path: path.to_owned(),
            head: head.map(str::to_owned),
        }
    }

    #[test]
    fn metadata_is_read_and_a_folders_name_where_there_is_none() {
        let all = packages(&[
            found("/v/six-1.16.0.dist-info", None),
            found(
                "/v/six-1.16.0.dist-info/METADATA",
                Some("Metadata-Version: 2.1\nName: six\nVersion: 1.16.0\n\nName: no\n"),
            ),
            found("/v/six-1.16.0.dist-info/xMETADATA", Some("Name: no\n")),
            found(
                "/v/PyYAML-6.0-py3.11.egg-info",
                Some("Name: PyYAML\nVersion: 6.0\n"),
            ),
            found("/v/old-1.0.egg-info", None),
            found("/v/old-1.0.egg-info/PKG-INFO", Some("Version: 1.0.post1\n")),
            found("/v/bare_one-2.dist-info", None),
            found(
                "/v/foo-1.0-py3.9.egg/EGG-INFO/PKG-INFO",
                Some("Name: foo\nVersion: 1.0\n"),
            ),
            found("/v/foo-1.0/EGG-INFO/PKG-INFO", Some("Name: no\n")),
            found(
                "/v/setuptools/_vendor/wheel-0.4.dist-info/METADATA",
                Some("Name: wheel\n"),
            ),
        ]);
        let shown: Vec<String> = all
            .iter()
            .map(|p| format!("{} {}", p.name, p.shown()))
            .collect();
        assert_eq!(
            shown,
            [
                "PyYAML Python 6.0 in /v/PyYAML-6.0-py3.11.egg-info",
                "bare_one Python 2 in /v/bare_one-2.dist-info",
                "foo Python 1.0 in /v/foo-1.0-py3.9.egg",
                "old Python 1.0.post1 in /v/old-1.0.egg-info",
                "six Python 1.16.0 in /v/six-1.16.0.dist-info",
            ]
        );
    }

    #[test]
    fn names_are_compared_as_pep_503_says() {
        for name in ["Foo.Bar", "foo_bar", "FOO--bar", "foo-_bar"] {
            assert_eq!(normal(name), "foo-bar", "{name}");
        }
    }
}
