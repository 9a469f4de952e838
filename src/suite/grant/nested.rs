//! Bind mounts that lie below another one. Who may write to the outer one can put a link in the place of the inner one,
//! and whatever starts then is shown what the link leads to.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::bounds::plain;
use super::{Kind, Power, Sight};

/// The powers that bind mounts ask for by where they lie, with the number of each: `mounts` are paths, and whether a
/// container may write there.
pub fn nested(mounts: &[(PathBuf, bool)], real: Sight<'_>) -> Vec<(usize, Power)> {
    // Each as it is written and as it is seen. By their parts a folder comes before all that lies in it.
    let mut all: Vec<(PathBuf, usize, bool)> = Vec::new();
    for (number, (path, writes)) in mounts.iter().enumerate() {
        let written = plain(path);
        all.extend(real(&written).map(|seen| (seen, number, *writes)));
        all.push((written, number, *writes));
    }
    all.sort();
    let (mut inner, mut above): (BTreeSet<usize>, Vec<&Path>) = (BTreeSet::new(), Vec::new());
    for (path, number, writes) in &all {
        while above.last().is_some_and(|outer| !path.starts_with(outer)) {
            above.pop();
        }
        // The same path is no folder of itself.
        let is_same = above.last().is_some_and(|outer| outer == path);
        if above.len() > usize::from(is_same) {
            inner.insert(*number);
        }
        if *writes && !is_same {
            above.push(path);
        }
    }
    let power = |number: usize| {
        let written = plain(&mounts.get(number)?.0);
        let power = Power::new(Kind::NestedBind, written.to_string_lossy());
        Some((number, power))
    };
    inner.into_iter().filter_map(power).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::pace::grows;

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
    fn mounts_are_not_compared_with_all_others() {
        let of = |count: usize| -> Vec<(PathBuf, bool)> {
            let each = (0..count).map(|at| (PathBuf::from(format!("/p/data/{at}")), true));
            each.collect()
        };
        let real = |path: &Path| Some(path.to_owned());
        grows("apart", 1_000, of, |mounts| {
            assert!(nested(&mounts, &real).is_empty());
        });
        let below = |count: usize| [of(count), vec![("/p".into(), true)]].concat();
        grows("below one", 1_000, below, |mounts| {
            assert_eq!(nested(&mounts, &real).len(), mounts.len() - 1);
        });
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
            [("/p/data-1", true), ("/p/data/sub", true)],
        ] {
            assert_eq!(said(&fine), [""; 0], "{fine:?}");
        }
    }
}
