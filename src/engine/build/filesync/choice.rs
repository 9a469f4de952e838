//! What of the offered files the builder wants to hear of.

use hyper::HeaderMap;

use super::Offered;
use crate::text::ignore::Ignore;

/// Chooses by the patterns in the request's headers.
pub(in super::super) fn wanted(all: &[Offered], headers: &HeaderMap) -> Vec<Offered> {
    let mut patterns = values(headers, "include-patterns");
    let mut follow = values(headers, "followpaths");
    let has_links = all.iter().any(|offered| !offered.target.is_empty());
    let odd =
        |path: &String| path.starts_with(['#', '!']) || matches!(path.trim_matches('/'), "" | ".");
    // To follow paths through links is not worth its while: everything is offered then.
    if (has_links && !follow.is_empty()) || patterns.iter().chain(&follow).any(odd) {
        return all.to_vec();
    }
    patterns.append(&mut follow);
    if patterns.is_empty() {
        return all.to_vec();
    }
    let Ok(include) = Ignore::parse(patterns.join("\n").as_bytes()) else {
        return all.to_vec();
    };
    let mut chosen: Vec<bool> = all
        .iter()
        .map(|offered| include.decide(&offered.path).ignored)
        .collect();
    // A folder is needed wherever something below it is.
    let mut folder_of: Vec<usize> = Vec::new();
    for (index, offered) in all.iter().enumerate() {
        while let Some(&folder) = folder_of.last() {
            if offered
                .path
                .strip_prefix(&all[folder].path)
                .is_some_and(|rest| rest.starts_with('/'))
            {
                break;
            }
            folder_of.pop();
        }
        if chosen[index] {
            for &folder in &folder_of {
                chosen[folder] = true;
            }
        }
        folder_of.push(index);
    }
    all.iter()
        .zip(chosen)
        .filter(|(_, chosen)| *chosen)
        .map(|(offered, _)| offered.clone())
        .collect()
}

/// The values of a header, which the builder may have percent-encoded.
fn values(headers: &HeaderMap, name: &str) -> Vec<String> {
    let encoded = headers.contains_key(format!("{name}-encoded"));
    let text = headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok());
    text.map(|text| {
        if encoded {
            decoded(text)
        } else {
            text.to_owned()
        }
    })
    .collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let hex = (byte == b'%').then(|| after.get(..2)).flatten();
        let hex = hex.and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => bytes.push(if byte == b'+' { b' ' } else { byte }),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::in_memory;
    use super::*;

    fn some(paths: &[&str]) -> Vec<Offered> {
        paths
            .iter()
            .map(|path| in_memory((*path).to_owned(), b""))
            .collect()
    }

    #[track_caller]
    fn check(paths: &[&str], headers: &[(&'static str, &'static str)], expected: &[&str]) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().expect("a header"));
        }
        let wanted = wanted(&some(paths), &map);
        let wanted: Vec<_> = wanted.iter().map(|offered| offered.path.as_str()).collect();
        assert_eq!(wanted, expected);
    }

    #[test]
    fn the_builder_hears_of_what_it_wants() {
        let all = ["a", "a/b", "a/b/c", "a/d", "ab", "e"];
        check(&all, &[], &all);
        check(&all, &[("include-patterns", "e")], &["e"]);
        check(
            &all,
            &[("include-patterns", "e"), ("include-patterns", "x")],
            &["e"],
        );
        check(&all, &[("followpaths", "a/b/c")], &["a", "a/b", "a/b/c"]);
        check(&all, &[("followpaths", "/a/b")], &["a", "a/b", "a/b/c"]);
        check(&all, &[("followpaths", "."), ("followpaths", "e")], &all);
        check(&all, &[("followpaths", "/")], &all);
        check(&all, &[("followpaths", "[")], &all);
        check(
            &["a b", "c"],
            &[("followpaths", "a+b"), ("followpaths-encoded", "1")],
            &["a b"],
        );
        check(
            &["é", "c"],
            &[("followpaths", "%C3%A9"), ("followpaths-encoded", "1")],
            &["é"],
        );
    }

    #[test]
    fn where_there_are_links_everything_is_offered() {
        let mut all = some(&["a", "b"]);
        all[0].target = "b".to_owned();
        let mut map = HeaderMap::new();
        map.append("followpaths", "a".parse().expect("a header"));
        assert_eq!(wanted(&all, &map).len(), 2);
    }

    #[test]
    fn malformed_encodings_are_taken_as_they_are() {
        assert_eq!(decoded("%"), "%");
        assert_eq!(decoded("%zz%4"), "%zz%4");
        assert_eq!(decoded("%é"), "%é");
    }
}
