//! A variable is not set.

use super::{Edit, Look, text};
use crate::mutate::quoted;

pub(super) fn edits(look: Look<'_>) -> Vec<Edit> {
    let given = look.body.get("environment").and_then(|all| all.as_object());
    // One that is empty is for most programs one that is not set.
    let given = given.into_iter().flatten().filter(|(_, value)| {
        text(value).is_some_and(|text| !text.is_empty())
    });
    given
        .map(|(name, _)| {
            look.edit(&["environment"], format!("{name} unset"))
                .part(name)
                .lays(look.laid(&["environment", name], None))
                .says(format!("the variable `{name}` is not set"))
                .noticed_by(format!(
                    "- env: {{ {}: {{ not: \"\" }} }} # or better what the program does by it",
                    quoted(name)
                ))
        })
        .collect()
}
