//! Texts that are too long to be shown whole.

/// The most characters of what somebody wrote that a message repeats.
const NAMED: usize = 80;

/// What stands in the place of what was left out. Behind it a secret may go on that began there.
pub const LEFT_OUT: &str = "…";

/// The first characters, and a mark where there are more.
pub fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}{LEFT_OUT}", &text[..at]),
    }
}

/// What somebody wrote, as a message repeats it.
pub fn named(text: &str) -> String {
    cut(text, NAMED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_has_a_mark() {
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("äöüß", 3), "äöü…");
        assert_eq!(named(&"n".repeat(81)), format!("{}…", "n".repeat(80)));
    }
}
