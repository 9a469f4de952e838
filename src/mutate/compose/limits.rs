//! A limit is dropped, or what is set aside.

use super::{Edit, Look};

/// What is limited: how `limits` calls it, where a service says it, what is so without it.
const LIMITS: [(&str, [&[&str]; 2], &str); 3] = [
    ("memory", [&["mem_limit"], &["deploy", "resources", "limits", "memory"]], "it may take all memory"),
    ("cpus", [&["cpus"], &["deploy", "resources", "limits", "cpus"]], "it may take all processors"),
    (
        "pids",
        [&["pids_limit"], &["deploy", "resources", "limits", "pids"]],
        "it may have any number of processes",
    ),
];

/// Likewise what is set aside.
const RESERVED: [(&str, [&[&str]; 2], &str); 2] = [
    (
        "memory",
        [&["mem_reservation"], &["deploy", "resources", "reservations", "memory"]],
        "no memory is set aside for it",
    ),
    ("cpus", [&[], &["deploy", "resources", "reservations", "cpus"]], "no processors are set aside for it"),
];

pub(super) fn edits(look: Look<'_>) -> Vec<Edit> {
    let mut edits = Vec::new();
    for (name, places, says) in LIMITS {
        let claim = |amount: &str| format!("- limits: {{ {name}: {amount} }}");
        edits.extend(dropped(look, &places, says, claim).map(|edit| match name {
            // It says how much there is beyond the limit, and more than all there is cannot be set aside.
            "memory" => edit.lays(look.laid(&["memswap_limit"], None)),
            _ => edit,
        }));
    }
    for (name, places, says) in RESERVED {
        let claim = |amount: &str| format!("- limits: {{ reserved: {{ {name}: {amount} }} }}");
        edits.extend(dropped(look, &places, says, claim));
    }
    edits
}

/// The first of these places that says something does not.
fn dropped(
    look: Look<'_>,
    places: &[&[&str]],
    says: &str,
    claim: impl Fn(&str) -> String,
) -> Option<Edit> {
    let is_said = |keys: &&&[&str]| {
        look.text(keys).is_some_and(|amount| amount != "0" && !amount.starts_with('-'))
    };
    let keys = places.iter().find(is_said)?;
    let amount = look.text(keys)?;
    // Amounts of bytes without a unit, as newer tools write them.
    let is_memory = keys.last().is_some_and(|key| key.starts_with("mem"));
    let amount = match is_memory && amount.bytes().all(|byte| byte.is_ascii_digit()) {
        true => format!("{amount}B"),
        false => amount,
    };
    let edit = look.edit(keys, "dropped").says(says).noticed_by(claim(&amount));
    // Tools write the same amount at both places.
    let all = places.iter().filter(|keys| !keys.is_empty());
    Some(all.fold(edit, |edit, keys| edit.lays(look.laid(keys, None))))
}
