//! What sort of question a request is.

/// A request's method and its path, with what names one thing among many left out.
pub(super) fn kind(head: &[u8]) -> String {
    let head = String::from_utf8_lossy(head);
    let mut words = head.split(' ');
    let (method, path) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    let path = path.split('?').next().unwrap_or_default();
    let mut parts: Vec<&str> = path.split('/').skip(1).collect();
    if parts.first().is_some_and(|part| {
        part.starts_with('v') && part[1..].starts_with(|c: char| c.is_ascii_digit())
    }) {
        parts.remove(0);
    }
    let fixed = ["create", "json", "prune", "load", "get", "search", "df"];
    let plural = parts.first().copied().unwrap_or_default();
    if [
        "containers",
        "images",
        "volumes",
        "networks",
        "exec",
        "distribution",
    ]
    .contains(&plural)
        && parts.len() > 1
        && !(parts.len() == 2 && fixed.contains(&parts[1]))
    {
        // The name of an image may have several parts.
        let last = parts.last().copied().unwrap_or_default();
        let is_deed = parts.len() > 2 && last.chars().all(|c| c.is_ascii_lowercase());
        return match is_deed {
            true => format!("{method} /{plural}/X/{last}"),
            false => format!("{method} /{plural}/X"),
        };
    }
    format!("{method} /{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_names_no_thing() {
        let cases = [
            ("GET /_ping HTTP/1.1\r\n", "GET /_ping"),
            (
                "GET /v1.41/containers/json?all=1 HTTP/1.1\r\n",
                "GET /containers/json",
            ),
            (
                "POST /v1.41/containers/create?name=a HTTP/1.1\r\n",
                "POST /containers/create",
            ),
            (
                "POST /v1.41/containers/0a1/start HTTP/1.1\r\n",
                "POST /containers/X/start",
            ),
            (
                "DELETE /v1.41/containers/0a1?v=1 HTTP/1.1\r\n",
                "DELETE /containers/X",
            ),
            (
                "GET /v1.41/images/a/b:1/json HTTP/1.1\r\n",
                "GET /images/X/json",
            ),
            (
                "DELETE /v1.41/images/seaworthy/a:1 HTTP/1.1\r\n",
                "DELETE /images/X",
            ),
            ("POST /v1.41/build?t=a HTTP/1.1\r\n", "POST /build"),
        ];
        for (head, expected) in cases {
            assert_eq!(kind(head.as_bytes()), expected);
        }
    }
}
