//! "Did you mean": the known word nearest to a written one.

/// The nearest of `known` to `written`, where one is near enough to be meant.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = written.to_lowercase().replace('-', "_");
    let allowed = (wanted.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|word| {
            (
                distance(&wanted, &word.to_lowercase().replace('-', "_")),
                word,
            )
        })
        .filter(|(far, word)| *far <= allowed && *far < word.chars().count())
        .min_by_key(|(far, _)| *far)
        .map(|(_, word)| word)
}

/// Edits (insert, drop, change, swap of neighbours) between two words.
fn distance(a: &str, b: &str) -> usize {
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
    }
}
