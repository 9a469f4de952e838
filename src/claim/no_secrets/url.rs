//! Passwords in addresses: `https://user:password@host`.

use super::value;

/// The password of what stands behind `://`, where it has one.
pub(super) fn password(after: &str) -> Option<&str> {
    let end = after
        .find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | '\\' | '\0'))
        .unwrap_or(after.len());
    let whole = &after[..end];
    // A password may hold a slash, but what follows one is mostly a path.
    let authority = whole.split(['/', '?', '#']).next().unwrap_or("");
    let (user, _) = authority.rsplit_once('@')?;
    let (_, password) = user.split_once(':')?;
    (!value::is_empty(password) && !value::is_placeholder(password)).then_some(password)
}

/// Every password in addresses of a text, with where it stands.
pub(super) fn in_text(text: &str) -> Vec<(usize, &str)> {
    let places = text.match_indices("://");
    places
        .filter_map(|(at, mark)| Some((at, password(&text[at + mark.len()..])?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_addresss_password_is_found() {
        let found = |text| in_text(text).into_iter().map(|f| f.1).collect::<Vec<_>>();
        assert_eq!(
            found("index-url = https://bot:s3cr3t-w0rd@pypi.corp/simple\nx=http://a:b1c2@d"),
            ["s3cr3t-w0rd", "b1c2"]
        );
        for text in [
            "https://pypi.org/simple",
            "https://user@host:8080/x",
            "http://[::1]:80/",
            "https://user:$TOKEN@host/",
            "https://user:${TOKEN}@host/",
            "https://user:***@host/",
            "https://user:password@host/",
            "https://host/a:b@c",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
