//! Texts that are too long for a build server.

/// How much of a text is kept of its beginning and of its end.
const HEAD: usize = 16 << 10;
const TAIL: usize = 48 << 10;
/// How much that is together.
pub const ENDS: usize = HEAD + TAIL;

/// The text, its middle left out where it is too long.
pub fn ends(text: &str) -> String {
    if text.len() <= ENDS {
        return text.to_owned();
    }
    let head = text.floor_char_boundary(HEAD);
    let tail = text.ceil_char_boundary(text.len() - TAIL);
    let left = text[head..tail].len();
    format!(
        "{}\n… ({left} bytes are left out here, report.json has them) …\n{}",
        &text[..head],
        &text[tail..]
    )
}
