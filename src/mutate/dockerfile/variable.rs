//! One of several variables is not set.

use super::{Look, Patch};
use crate::dockerfile::Kind;
use crate::mutate::quoted;

pub(super) fn patches(look: &Look<'_>) -> Vec<Patch> {
    let mut all = Vec::new();
    for (at, one) in look.needed().filter(|(_, one)| one.kind == Kind::Env) {
        let pairs = one.pairs();
        if pairs.len() < 2 {
            continue;
        }
        for (number, pair) in pairs.iter().enumerate() {
            let name = &pair.name;
            // Another one stands in its place once more, since a line that goes on must have something behind it.
            let other = pairs.get(number + 1).or_else(|| pairs.get(number.checked_sub(1)?));
            let other = other.map(|other| {
                let value = other.value.as_deref().unwrap_or_default();
                format!("{}={value}", other.name)
            });
            let with = other.unwrap_or_default();
            let patch = Patch::new(at, pair.span, with, format!("{name} removed"))
                .says(format!("the variable `{name}` is not set"))
                .noticed_by(format!("- image: {{ env: {{ {}: {{ not: \"\" }} }} }}", quoted(name)));
            all.push(patch);
        }
    }
    all
}
