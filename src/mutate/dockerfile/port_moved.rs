//! Another port is exposed.

use super::{Look, Patch};
use crate::dockerfile::Kind;

pub(super) fn patches(look: &Look<'_>) -> Vec<Patch> {
    let mut all = Vec::new();
    for (at, one) in look.stated(Kind::Expose) {
        for word in one.words() {
            let (number, protocol) = match word.text.split_once('/') {
                Some((number, protocol)) => (number, format!("/{protocol}")),
                None => (word.text.as_str(), String::new()),
            };
            let Some(next) = number.parse::<u16>().ok().and_then(|number| number.checked_add(1))
            else {
                continue;
            };
            let moved = format!("{next}{protocol}");
            let patch = Patch::new(at, word.span, moved.clone(), format!("{} moved", word.text))
                .says(format!("it exposes {moved}, not {}", word.text))
                .noticed_by(format!("- image: {{ exposes: [{}] }}", word.text));
            all.push(patch);
        }
    }
    all
}
