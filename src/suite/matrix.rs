//! The matrix: a suite once for each combination of values.

use crate::text::read::{Read, Reader};
use crate::text::source::Spanned;
use crate::text::tree::Node;

/// A name and its values.
pub type Dimension = (Spanned<String>, Vec<String>);

/// A matrix may make so many suites of one file.
const COMBINATIONS: usize = 1_000;

/// Names and their values, one for each dimension of the matrix.
pub type Combination = Vec<(Spanned<String>, String)>;

/// The dimensions of a matrix; each has values.
pub fn matrix(root: &Node, reader: &mut Reader) -> Vec<Dimension> {
    let Some(node) = root.get("matrix") else {
        return Vec::new();
    };
    let Some(entries) = node.entries() else {
        reader.wrong::<()>(node, "a map of names to lists of values");
        return Vec::new();
    };
    let mut all = Vec::new();
    for entry in entries {
        let values = Vec::<String>::read(&entry.value, reader);
        let empty = values.as_ref().is_some_and(Vec::is_empty);
        if empty {
            let message = format!("`{}` has no values: no suite would be run", entry.key.value);
            reader.say(entry.value.span, message);
        }
        let twice = values.iter().flatten().enumerate().find(|(at, value)| {
            values
                .iter()
                .flatten()
                .take(*at)
                .any(|other| other == *value)
        });
        if let Some((at, value)) = twice {
            let items = entry.value.items().unwrap_or_default();
            let span = items.get(at).map_or(entry.value.span, |item| item.span);
            let message = format!(
                "`{value}` stands twice in `{}`: the same suite would be run twice",
                entry.key.value
            );
            reader.say(span, message);
        }
        // Where the values are wrong, one stands in for them, so that the suite is judged all the same.
        let values = values.filter(|v| !v.is_empty());
        all.push((entry.key.clone(), values.unwrap_or(vec![String::new()])));
    }
    let count = all.iter().map(|(_, values): &Dimension| values.len());
    let count = count.fold(1, usize::saturating_mul);
    if count > COMBINATIONS {
        let message = format!("this matrix has {count} combinations, and 1000 is the most");
        reader.say(node.span, message);
        for (_, values) in &mut all {
            values.truncate(1);
        }
    }
    all
}

/// Every combination of the matrix's values; one empty combination without a matrix.
pub fn combinations(matrix: &[Dimension]) -> Vec<Combination> {
    let mut all = vec![Vec::new()];
    for (name, values) in matrix {
        let longer = |front: Combination| {
            values.iter().map(move |value| {
                let mut longer = front.clone();
                longer.push((name.clone(), value.clone()));
                longer
            })
        };
        all = all.into_iter().flat_map(longer).collect();
    }
    all
}
