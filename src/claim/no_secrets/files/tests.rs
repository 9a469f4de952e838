use super::*;

fn found(path: &str, text: &str) -> Vec<(u64, String)> {
    find(path, text)
        .into_iter()
        .map(|(_, line, value)| (line, value))
        .collect()
}

fn one(line: u64, value: &str) -> Vec<(u64, String)> {
    vec![(line, value.to_owned())]
}

/// A path, a text with a secret, its line, the secret, and a text without one.
const KINDS: [(&str, &str, u64, &str, &str); 18] = [
    (
        "/app/.env",
        "A=1\nDB_PASSWORD=hunter2\n",
        2,
        "hunter2",
        "DB_PASSWORD=\nTOKEN=${X}\nSECRET=changeme\n# API_KEY=abc",
    ),
    (
        "/app/.env.production",
        "export API_KEY='k-1234'",
        1,
        "k-1234",
        "PASSWORD_MIN_LENGTH=12",
    ),
    (
        "/app/.env.local",
        "SECRET_KEY=a-b # mine",
        1,
        "a-b",
        "SECRET_KEY=/run/secrets/key",
    ),
    (
        "/app/production.env",
        "DB_PASSWORD=zq8Xk2LmN4pR7",
        1,
        "zq8Xk2LmN4pR7",
        "DB_PASSWORD=",
    ),
    (
        "/root/.npmrc",
        "registry=https://r/\n//r/:_authToken=abc-def\n",
        2,
        "abc-def",
        "//r/:_authToken=${NPM_TOKEN}\nalways-auth=true",
    ),
    (
        "/root/.yarnrc.yml",
        "npmAuthToken: \"abc-def\"",
        1,
        "abc-def",
        "npmAuthToken: \"${NPM_TOKEN}\"",
    ),
    (
        "/root/.pypirc",
        "[pypi]\nusername = me\npassword = hunter2",
        3,
        "hunter2",
        "[pypi]\nusername = me",
    ),
    (
        "/root/.netrc",
        "machine h login me password hunter2",
        1,
        "hunter2",
        "machine h login me",
    ),
    (
        "/etc/apt/auth.conf",
        "machine h\n login me\n password hunter2",
        3,
        "hunter2",
        "# password x",
    ),
    (
        "/etc/pip.conf",
        "[global]\nindex-url = https://me:hunter2@h/simple",
        2,
        "hunter2",
        "[global]\nindex-url = https://h/simple",
    ),
    (
        "/root/.git-credentials",
        "https://me:hunter2@github.com",
        1,
        "hunter2",
        "",
    ),
    (
        "/root/.docker/config.json",
        "{\n\"auths\": {\n\"h\": { \"auth\": \"bWU6aHVudGVyMg==\" } } }",
        3,
        "bWU6aHVudGVyMg==",
        "{ \"auths\": { \"h\": {} }, \"credsStore\": \"pass\" }",
    ),
    (
        "/root/.m2/settings.xml",
        "<server>\n<password>hunter2</password></server>",
        2,
        "hunter2",
        "<password>${env.P}</password><password>{COQLCE6DU6GtcS5P=}</password>",
    ),
    (
        "/root/.cargo/credentials.toml",
        "[registry]\ntoken = \"cio-abc\"",
        2,
        "cio-abc",
        "[registry]",
    ),
    (
        "/root/.gem/credentials",
        "---\n:rubygems_api_key: abc-def",
        2,
        "abc-def",
        "---",
    ),
    (
        "/root/.kube/config",
        "users:\n- user:\n    token: abc-def",
        3,
        "abc-def",
        "token: \"\"",
    ),
    (
        "/root/.pgpass",
        "db:5432:*:me:hunter2",
        1,
        "hunter2",
        "# h:p:d:u:p",
    ),
    (
        "/root/.my.cnf",
        "[client]\npassword=hunter2",
        2,
        "hunter2",
        "[client]\nuser=me",
    ),
];

#[test]
fn each_kind_of_file_is_read_as_it_is_written() {
    for (path, good, line, value, bad) in KINDS {
        assert_eq!(found(path, good), one(line, value), "{path}");
        assert_eq!(found(path, bad), [], "{path}");
    }
    assert_eq!(
        found("/app/.git/HEAD", "ref: refs/heads/main\n"),
        one(1, "")
    );
}

#[test]
fn only_files_of_these_names_are_read_so() {
    let text = "PASSWORD=hunter2";
    for path in [
        "/app/.env.example",
        "/app/.env.sample",
        "/app/example.env",
        "/app/web.sample.env",
        "/app/env",
        "/app/x.npmrc",
    ] {
        assert_eq!(found(path, text), [], "{path}");
    }
    assert!(is_named(".npmrc", &["/.npmrc"]));
    assert!(!is_named("/a.npmrc", &["/.npmrc"]));
}

#[test]
fn lines_of_settings_are_those_that_give_a_secret_a_value() {
    let all = settings;
    assert_eq!(all("      POSTGRES_PASSWORD: hunter2"), one(1, "hunter2"));
    assert_eq!(all("      - POSTGRES_PASSWORD=hunter2"), one(1, "hunter2"));
    assert_eq!(all("ENV API_KEY=abc-1"), one(1, "abc-1"));
    assert_eq!(all("  PASSWORD: ${PASSWORD:-hunter2}"), one(1, "hunter2"));
    for text in [
        "POSTGRES_PASSWORD: ${POSTGRES_PASSWORD}",
        "POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:?must be set}",
        "POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:-}",
        "POSTGRES_PASSWORD_FILE: /run/secrets/db",
        "echo the password: hunter2",
        "# PASSWORD=hunter2",
        "password: your-password-here",
    ] {
        assert_eq!(all(text), [], "{text}");
    }
}
