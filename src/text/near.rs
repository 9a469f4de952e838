//! "Did you mean": the known word nearest to a written one.

/// Of more known words than this only the first are looked at.
const MOST: usize = 1_000;
/// A longer word is near to none: nobody has typed it.
const LONGEST: usize = 200;

/// The nearest of `known` to `written`, where one is near enough to be meant.
pub fn nearest<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    let wanted = written.to_lowercase().replace('-', "_");
    let allowed = (wanted.chars().count() / 3).clamp(1, 3);
    known
        .clone()
        .into_iter()
        .take(MOST)
        .map(|word| {
            (
                distance(&wanted, &word.to_lowercase().replace('-', "_")),
                word,
            )
        })
        .filter(|(far, word)| *far <= allowed && *far < word.chars().count())
        .min_by_key(|(far, _)| *far)
        .map(|(_, word)| word)
        .or_else(|| {
            let mut known = known.into_iter().take(MOST);
            known.find(|word| akin(&wanted, word))
        })
}

/// The known word that a written one is but for one slip of a finger.
pub fn slipped<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = written.to_lowercase().replace('-', "_");
    let mut known = known.into_iter().take(MOST);
    known.find(|word| distance(&wanted, word) == 1)
}

/// Whether two words begin alike for most of their length: `verify` and `verifies`.
fn akin(a: &str, b: &str) -> bool {
    let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let longer = a.chars().count().max(b.chars().count());
    same >= 4 && same * 5 >= longer * 3
}

/// The known words that share their beginning with a written one: `mem_limit` for `memory`.
pub fn kindred<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = written.to_lowercase();
    let start: String = wanted.chars().take(3).collect();
    let alike = |word: &&str| {
        start.chars().count() == 3 && (word.starts_with(&start) || word.contains(&wanted))
    };
    known.into_iter().filter(alike).take(6).collect()
}

/// Edits (insert, drop, change, swap of neighbours) between two words.
fn distance(a: &str, b: &str) -> usize {
    if a.len().max(b.len()) > LONGEST {
        return usize::MAX;
    }
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > 3 {
        return usize::MAX;
    }
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let change = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1)
                .min(row[j - 1] + 1)
                .min(rows[i - 1][j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row[j] = best;
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_typos_and_leaves_strangers_alone() {
        let known = ["whoami", "path", "ports", "health", "exited"];
        assert_eq!(nearest("whomai", known), Some("whoami"));
        assert_eq!(nearest("helth", known), Some("health"));
        assert_eq!(nearest("Port", known), Some("ports"));
        assert_eq!(nearest("volumes", known), None);
        assert_eq!(nearest("", known), None);
        assert_eq!(nearest("exitted", known), Some("exited"));
        assert_eq!(nearest("verify", ["verifies"]), Some("verifies"));
        assert_eq!(nearest("portable", known), None);
        assert_eq!(kindred("memory", ["mem_limit", "cpus"]), ["mem_limit"]);
    }

    #[test]
    fn what_nobody_types_is_near_to_nothing() {
        let [known, written] = ["a", "b"].map(|end| format!("{}{end}", "word".repeat(50)));
        assert_eq!(slipped(&written, [known.as_str()]), None);
        let shorter = &known[4..];
        assert_eq!(slipped(&written[4..], [shorter]), Some(shorter));
    }
}
