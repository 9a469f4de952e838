//! Debian's `status` file, and the pieces of it that distroless images have in `status.d`.

use super::{Kind, Package};

/// The packages that are on disk. One of which only configuration files are left is not among them.
pub fn parse(text: &str, at: &str) -> Result<Vec<Package>, String> {
    let mut found = Vec::new();
    for (number, entry) in entries(text).enumerate() {
        let field = |name: &str| {
            let value = |line: &str| {
                let (key, value) = line.split_once(':')?;
                key.eq_ignore_ascii_case(name)
                    .then(|| value.trim().to_owned())
            };
            entry.iter().find_map(|line| value(line))
        };
        let Some(name) = field("Package") else {
            let number = number + 1;
            return Err(format!(
                "cannot be understood: entry {number} names no package"
            ));
        };
        // Pieces of `status.d` state what is there without a state.
        let state = field("Status").unwrap_or_else(|| "install ok installed".to_owned());
        let Some(state) = state.split_whitespace().nth(2) else {
            return Err(format!("cannot be understood: {name} has no state"));
        };
        if !matches!(state, "not-installed" | "config-files") {
            found.push(Package {
                name,
                version: field("Version"),
                kind: Kind::Dpkg,
                at: at.to_owned(),
            });
        }
    }
    Ok(found)
}

/// The lines of each entry; entries have empty lines between them.
fn entries(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let lines: Vec<&str> = text.lines().collect();
    let entries: Vec<Vec<&str>> = lines
        .split(|line| line.trim().is_empty())
        .filter(|entry| !entry.is_empty())
        .map(<[&str]>::to_vec)
        .collect();
    entries.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str = "Package: gcc\nStatus: install ok installed\nVersion: 4:12.2.0-3\nDescription: a\n compiler\n .\n Package: no\n\n\
        Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n\
        Package: half\nStatus: install reinstreq half-installed\n\n\
        Package: never\nStatus: unknown ok not-installed\n";

    #[test]
    fn what_is_on_disk_is_there_and_what_was_removed_is_not() {
        let found = parse(STATUS, "/s").unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|p| (p.name.as_str(), p.version.as_deref()))
            .collect();
        assert_eq!(found, [("gcc", Some("4:12.2.0-3")), ("half", None)]);
        let piece = parse("Package: base-files\nVersion: 12\n", "/d").unwrap();
        assert_eq!(piece[0].version.as_deref(), Some("12"));
        assert_eq!(parse("", "/s").unwrap(), []);
    }

    #[test]
    fn what_is_no_status_file_is_not_taken_for_an_empty_one() {
        for broken in ["\0\0\0\0", "Version: 1\n", "Package: a\nStatus: install\n"] {
            assert!(parse(broken, "/s").is_err(), "{broken:?}");
        }
    }
}
