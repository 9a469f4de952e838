//! Bind mounts that lie below another one. Who may write to the outer one can put a link in the place of the inner one,
//! and whatever starts then is shown what the link leads to.

use std::path::{Path, PathBuf};

use super::bounds::plain;
use super::{Kind, Power, Sight};

/// The powers that bind mounts ask for by where they lie, with the number of each: `mounts` are paths, and whether a
/// container may write there.
pub fn nested(mounts: &[(PathBuf, bool)], real: Sight<'_>) -> Vec<(usize, Power)> {
    let leads = |path: &Path| {
        let written = plain(path);
        let seen = real(&written);
        [Some(written), seen]
    };
    let all: Vec<[Option<PathBuf>; 2]> = mounts.iter().map(|(path, _)| leads(path)).collect();
    let is_below = |inner: &PathBuf, outer: &PathBuf| inner != outer && inner.starts_with(outer);
    let is_nested = |inner: &[Option<PathBuf>; 2]| {
        let mut outer = all.iter().zip(mounts).filter(|(_, (_, writes))| *writes);
        outer.any(|(outer, _)| {
            let mut pairs = inner
                .iter()
                .flatten()
                .flat_map(|one| outer.iter().flatten().map(move |other| (one, other)));
            pairs.any(|(inner, outer)| is_below(inner, outer))
        })
    };
    let numbered = all.iter().enumerate().filter(|(_, one)| is_nested(one));
    numbered
        .map(|(number, [written, _])| {
            let path = written.iter().map(|path| path.to_string_lossy());
            (
                number,
                Power::new(Kind::NestedBind, path.collect::<String>()),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(mounts: &[(&str, bool)]) -> Vec<String> {
        let mounts: Vec<(PathBuf, bool)> = mounts
            .iter()
            .map(|(path, writes)| (PathBuf::from(path), *writes))
            .collect();
        let real = |path: &Path| match path.to_str()? {
            "/p/link" => Some(PathBuf::from("/p/data/sub")),
            _ => Some(path.to_owned()),
        };
        let all = nested(&mounts, &real);
        all.iter()
            .map(|(number, power)| format!("{number} {power}"))
            .collect()
    }

    #[test]
    fn what_another_mount_may_write_to_can_be_a_link_by_then() {
        let sub = "nested-bind=/p/data/sub";
        assert_eq!(
            said(&[("/p/data", true), ("/p/data/sub", false)]),
            [format!("1 {sub}")]
        );
        assert_eq!(
            said(&[("/p/data/./sub", true), ("/p/data", true)]),
            [format!("0 {sub}")]
        );
        assert_eq!(
            said(&[("/p/data", true), ("/p/link", true)]),
            ["1 nested-bind=/p/link"]
        );
        for fine in [
            [("/p/data", false), ("/p/data/sub", true)],
            [("/p/data", true), ("/p/data", true)],
            [("/p/data", true), ("/p/database", true)],
        ] {
            assert_eq!(said(&fine), [""; 0], "{fine:?}");
        }
    }
}
