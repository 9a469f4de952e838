//! rpm's database as `SQLite`, which rpm writes since 4.16: one header a row.

use super::sqlite::{File, Value};
use super::{Kind, Package};

/// Numbers of the entries of a header.
const NAME: u32 = 1000;
const VERSION: u32 = 1001;
const RELEASE: u32 = 1002;
const EPOCH: u32 = 1003;
/// More entries than any header has.
const ENTRIES: usize = 1 << 16;

/// The packages of an `rpmdb.sqlite`.
pub fn parse(bytes: &[u8], at: &str) -> Result<Vec<Package>, String> {
    let mut found = Vec::new();
    File::open(bytes)?.rows("Packages", |row| {
        let blob = row.iter().find_map(|value| match value {
            Value::Bytes(bytes) => Some(*bytes),
            _ => None,
        });
        let header = blob.and_then(header);
        let Some((name, version)) = header else {
            let number = found.len() + 1;
            return Err(format!(
                "cannot be understood: header {number} names no package"
            ));
        };
        found.push(Package {
            name,
            version,
            kind: Kind::Rpm,
            at: at.to_owned(),
        });
        Ok(())
    })?;
    Ok(found)
}

/// The name of a header, and `epoch:version-release`.
fn header(bytes: &[u8]) -> Option<(String, Option<String>)> {
    let number = |at: usize| -> Option<u32> {
        let found = bytes.get(at..at.checked_add(4)?)?;
        Some(u32::from_be_bytes(found.try_into().ok()?))
    };
    let entries = usize::try_from(number(0)?).ok().filter(|n| *n < ENTRIES)?;
    let data = 8 + 16 * entries;
    let place = |tag: u32| -> Option<usize> {
        let entry = (0..entries)
            .map(|n| 8 + 16 * n)
            .find(|at| number(*at) == Some(tag))?;
        data.checked_add(usize::try_from(number(entry + 8)?).ok()?)
    };
    let text = |tag: u32| -> Option<String> {
        let rest = bytes.get(place(tag)?..)?;
        let end = rest.iter().position(|byte| *byte == 0)?;
        Some(String::from_utf8_lossy(rest.get(..end)?).into_owned())
    };
    let mut version = text(VERSION);
    if let (Some(version), Some(release)) = (&mut version, text(RELEASE)) {
        version.push('-');
        version.push_str(&release);
    }
    let epoch = place(EPOCH).and_then(number).filter(|epoch| *epoch > 0);
    let version = match (epoch, version) {
        (Some(epoch), Some(version)) => Some(format!("{epoch}:{version}")),
        (_, version) => version,
    };
    Some((text(NAME)?, version))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A database that rpm 4.18 made, with packages that have an epoch, none, and a header that runs
    /// over many pages: what `fixtures/packages/make-rpms` leaves in its image.
    const REAL: &[u8] = include_bytes!("../../../fixtures/packages/rpmdb.sqlite");

    #[test]
    fn a_database_of_rpm_itself_is_read() {
        let found = parse(REAL, "/r").unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|p| (p.name.as_str(), p.version.as_deref().unwrap()))
            .collect();
        assert!(found.contains(&("hello-world", "2.10-3")), "{found:?}");
        assert!(
            found.contains(&("openssl-like", "1:3.0.7-27.el9")),
            "{found:?}"
        );
        let crowd = found
            .iter()
            .filter(|(name, _)| name.starts_with("crowd-"))
            .count();
        assert_eq!((crowd, found.len()), (60, 62));
    }

    #[test]
    fn no_broken_file_passes_for_one_with_fewer_packages() {
        let whole = parse(REAL, "/r").unwrap().len();
        for end in (0..REAL.len()).step_by(4096) {
            assert!(parse(&REAL[..end], "/r").is_err(), "cut at {end}");
        }
        // Any byte may be wrong; nothing panics, nothing goes on for ever.
        for at in (0..REAL.len()).step_by(149) {
            let mut broken = REAL.to_vec();
            broken[at] ^= 0xff;
            if let Ok(found) = parse(&broken, "/r") {
                assert!(found.len() <= whole * 2, "{at}");
            }
        }
        assert_eq!(
            parse(b"\0\x05\x31\x62", "/r").unwrap_err(),
            "is no SQLite file"
        );
    }
}
