//! A variable is not set.

use super::Edit;
use crate::mutate::quoted;
use crate::suite::run::Run;

pub(super) fn edits(run: &Run) -> Vec<Edit> {
    // One that is empty is for most programs one that is not set.
    let is_full = |value: &Option<String>| value.as_ref().is_some_and(|text| !text.is_empty());
    let given = run.environment.0.iter();
    let given = given.filter(|(_, value)| is_full(value));
    given
        .map(|(name, _)| {
            let unset = |run: &mut Run, name: &str| {
                for (own, value) in &mut run.environment.0 {
                    if own.value == name {
                        *value = None;
                    }
                }
            };
            let shown = quoted(&name.value);
            Edit::of("environment", &format!("{} unset", name.value), unset)
                .part(&name.value, Some(name.span))
                .says(format!("the variable `{}` is not set", name.value))
                .noticed_by(format!(
                    "- env: {{ {shown}: {{ not: \"\" }} }} # or better what the program does by it"
                ))
        })
        .collect()
}
