//! JSON arrays that hold something other than texts.

use serde_json::Value as Json;

use super::super::instruction::{Instruction, Kind};
use crate::text::cut::named;
use crate::text::source::Span;

/// The array that the words begin with, and how far it goes.
fn front(text: &str) -> Option<(Vec<Json>, usize)> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Vec<Json>>();
    let array = stream.next()?.ok()?;
    Some((array, stream.byte_offset()))
}

/// Whether an array stands in front, whatever comes behind it.
pub(super) fn is_begun(one: &Instruction) -> bool {
    front(one.rest.as_str().trim_start()).is_some_and(|(array, _)| !array.is_empty())
}

/// The builder takes texts only.
pub(super) fn look(one: &Instruction, say: &mut impl FnMut(Span, String, &str)) {
    if !one.kind.takes_json() || one.json.is_some() || one.is_none() {
        return;
    }
    let words = match one.kind {
        Kind::Healthcheck => one.command(),
        _ => one.rest.trimmed(),
    };
    let Some((array, end)) = front(words.as_str()) else {
        return;
    };
    let whole = words.as_str().get(end..).unwrap_or("").trim().is_empty();
    if let Some(stranger) = array
        .iter()
        .find(|value| !value.is_string())
        .filter(|_| whole)
    {
        let what = "only texts may stand in the array".to_owned();
        let mend = match stranger {
            Json::Array(_) | Json::Object(_) => "write each word in double quotes".to_owned(),
            other => format!("write `\"{}\"`, with its quotes", named(&other.to_string())),
        };
        say(words.span(0..end), what, &mend);
    }
}
