//! Alpine's `installed` file.

use super::{Kind, Package};

/// The packages of `/lib/apk/db/installed`.
pub fn parse(text: &str, at: &str) -> Result<Vec<Package>, String> {
    let mut found = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    let entries = lines.split(|line| line.trim().is_empty());
    for (number, entry) in entries.filter(|entry| !entry.is_empty()).enumerate() {
        let field = |name: &str| entry.iter().find_map(|line| line.strip_prefix(name));
        let Some(name) = field("P:") else {
            let number = number + 1;
            return Err(format!(
                "cannot be understood: entry {number} names no package"
            ));
        };
        found.push(Package {
            name: name.trim().to_owned(),
            version: field("V:").map(|version| version.trim().to_owned()),
            kind: Kind::Apk,
            at: at.to_owned(),
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_entry_is_a_package() {
        let text = "C:Q1abc=\nP:musl\nV:1.2.4-r2\nA:x86_64\nF:lib\nR:ld-musl-x86_64.so.1\n\nC:Q1\nP:busybox\nV:1.36.1-r5\n\n";
        let found = parse(text, "/i").unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|p| (p.name.as_str(), p.version.as_deref()))
            .collect();
        assert_eq!(
            found,
            [("musl", Some("1.2.4-r2")), ("busybox", Some("1.36.1-r5"))]
        );
        assert!(parse("V:1\n", "/i").is_err());
    }
}
