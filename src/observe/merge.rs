//! Two users' views of the same files: what either has seen was seen.

use crate::engine::probe::wire::{Answer as Told, Entry, Found};

type Failure = (Vec<u8>, i32);

/// The second answer, and of lists of files what either holds.
pub fn both(first: Told, second: Told) -> Told {
    match (first, second) {
        (
            Told::Entries {
                entries: a,
                truncated: cut,
                errors: refused,
            },
            Told::Entries {
                entries: b,
                truncated,
                errors,
            },
        ) => Told::Entries {
            entries: union(a, b, |entry: &Entry| entry.path.clone(), |_| true),
            truncated: cut || truncated,
            errors: still(&refused, &errors),
        },
        (
            Told::Finds {
                found: a,
                truncated: cut,
                errors: refused,
            },
            Told::Finds {
                found: b,
                truncated,
                errors,
            },
        ) => Told::Finds {
            found: union(
                a,
                b,
                |found: &Found| found.path.clone(),
                |found| found.there.is_ok() && !matches!(found.content, Some(Err(_))),
            ),
            truncated: cut || truncated,
            errors: still(&refused, &errors),
        },
        (_, second) => second,
    }
}

/// Each path once, in the order of a walk; of two the one that says more.
fn union<T>(
    a: Vec<T>,
    b: Vec<T>,
    path: impl Fn(&T) -> Vec<u8>,
    is_whole: impl Fn(&T) -> bool,
) -> Vec<T> {
    let mut all: Vec<T> = a.into_iter().chain(b).collect();
    all.sort_by_cached_key(|item| (path(item), !is_whole(item)));
    all.dedup_by_key(|item| path(item));
    all
}

/// What neither got to see.
fn still(a: &[Failure], b: &[Failure]) -> Vec<Failure> {
    let fails = |failures: &[Failure], at: &[u8]| {
        failures.iter().any(|(above, _)| {
            let rest = at.strip_prefix(above.as_slice());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/") || above == b"/")
        })
    };
    let of_both = |mine: &[Failure], other: &[Failure]| -> Vec<Failure> {
        let both = mine.iter().filter(|(at, _)| fails(other, at));
        both.cloned().collect()
    };
    let mut all = of_both(a, b);
    all.extend(of_both(b, a));
    all.sort();
    all.dedup_by(|a, b| a.0 == b.0);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_neither_user_saw_stays_unseen() {
        let at = |path: &str| (path.as_bytes().to_vec(), 13);
        let root = vec![at("/home/app"), at("/home/app2/x"), at("/srv")];
        let app = vec![at("/root"), at("/home/app2"), at("/srv")];
        assert_eq!(still(&root, &app), [at("/home/app2/x"), at("/srv")]);
        assert_eq!(still(&app, &root), [at("/home/app2/x"), at("/srv")]);
        assert_eq!(still(&[at("/a")], &[]), []);
        assert_eq!(still(&[at("/a")], &[at("/")]), [at("/a")]);
    }

    #[test]
    fn of_two_views_of_a_file_the_one_that_could_read_it_counts() {
        let found = |path: &str, content| Found {
            path: path.into(),
            link: None,
            there: Err(2),
            content,
        };
        let finds = |found| Told::Finds {
            found,
            truncated: false,
            errors: Vec::new(),
        };
        let whole = crate::observe::read::tests::stat(crate::engine::probe::wire::Kind::File);
        let good = Found {
            there: Ok(whole),
            ..found("/b", None)
        };
        let merged = both(
            finds(vec![found("/b", Some(Err(13))), found("/c", None)]),
            finds(vec![found("/a", None), good.clone()]),
        );
        assert_eq!(
            merged,
            finds(vec![found("/a", None), good, found("/c", None)])
        );
    }
}
