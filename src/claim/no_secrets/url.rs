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

/// The password of a data source that is written without a scheme: `user:password@tcp(host:3306)/name`.
pub(super) fn of_source(text: &str) -> Option<&str> {
    let (user, host) = text.rsplit_once('@')?;
    let (user, password) = user.split_once(':')?;
    let plain = !user.is_empty()
        && !user.contains(['/', ' ', '='])
        && !password.starts_with([' ', '/'])
        && !host.is_empty();
    (plain && value::real(password).is_some()).then_some(password)
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
            "https://key@o1.ingest.sentry.io/2",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_data_source_without_a_scheme_has_one_too() {
        assert_eq!(of_source("app:hunter2@tcp(db:3306)/app"), Some("hunter2"));
        assert_eq!(of_source("app:p@ss@tcp(db:3306)/app"), Some("p@ss"));
        for text in [
            "app@tcp(db:3306)/app",
            "app:${P}@tcp(db)/app",
            "x",
            "me: you@there",
        ] {
            assert_eq!(of_source(text), None, "{text}");
        }
    }
}
