//! Passwords in the addresses of databases and queues.

use super::super::url;
use super::{Place, Rule};

pub(in super::super) const RULE: Rule = Rule {
    what: "a password in an address",
    words: &[
        "postgres://",
        "postgresql://",
        "postgresql+asyncpg://",
        "postgresql+psycopg://",
        "postgresql+psycopg2://",
        "mysql://",
        "mysql+pymysql://",
        "mariadb://",
        "mongodb://",
        "mongodb+srv://",
        "redis://",
        "rediss://",
        "amqp://",
        "amqps://",
    ],
    at,
    of_settings: true,
};

fn at(place: &Place<'_>) -> Option<String> {
    url::password(place.after).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn passwords_are_known_and_variables_are_none() {
        let text = "DATABASE_URL=postgresql://app:Tr0ub4dor@db:5432/app";
        assert_eq!(found(text), ["a password in an address: Tr0ub4dor"]);
        assert_eq!(found("redis://:Tr0ub4dor@redis:6379/0").len(), 1);
        for text in [
            "postgresql://app:${DB_PASSWORD}@db/app",
            "postgresql://app@db/app",
            "postgresql://db:5432/app",
            "redis://redis:6379/0",
            "mongodb://user:<password>@host",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
