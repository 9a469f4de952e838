mod counted;
mod encoded;
mod let_through;

use crate::claim::trial::{claim, errs_unseen, fails_ended, judged, misses as misses_of, refused};
use crate::claim::{Findings, Scope};
use crate::fact::answer::Fact;
use crate::fact::blob::Blob;
use crate::fact::image::ImageFacts;
use crate::fact::path::{Kind, Stat};
use crate::fact::question::Question;
use crate::fact::search::{Beneath, Find, Held, Searched};
use crate::fact::source::Look;

pub(super) const TOKEN: &str = "q8Zr2LmW0vTn5KdJaB3cD4eF6gH7iJ9kL1mN";

pub(super) fn find(path: &str, line: u64, word: &str, after: &str) -> Find {
    Find {
        path: path.to_owned(),
        line,
        word: word.to_owned(),
        before: String::new(),
        after: after.to_owned(),
    }
}

pub(super) fn held(path: &str, text: &str) -> Held {
    Held {
        path: path.to_owned(),
        content: Blob::whole(text),
    }
}

pub(super) fn clean() -> Searched {
    Searched {
        count: 12,
        bytes: 3_000_000,
        ..Searched::default()
    }
}

fn answer(env: &'static [&'static str], searched: Searched) -> impl Fn(&Question) -> Fact {
    move |question| match question {
        Question::Image => Fact::Image(Box::new(ImageFacts {
            env: env.iter().map(|e| (*e).to_owned()).collect(),
            ..ImageFacts::default()
        })),
        Question::Source(Look::Stat { path, .. }) => {
            Fact::Stat((path != "missing").then(|| crate::claim::trial::stat(Kind::File)))
        }
        Question::Beneath(_) => Fact::Beneath(Box::new(Beneath {
            layers: 1,
            ..Beneath::default()
        })),
        _ => Fact::Searched(Box::new(searched.clone())),
    }
}

fn misses(text: &str, env: &'static [&'static str], searched: Searched) -> Vec<String> {
    misses_of("no_secrets", text, answer(env, searched))
}

fn seen(text: &str, searched: Searched) -> Findings {
    judged("no_secrets", text, answer(&[], searched))
}

#[test]
fn an_image_without_secrets_holds_and_says_what_was_searched() {
    assert_eq!(misses("true", &["PATH=/bin"], clean()), [""; 0]);
    assert_eq!(
        seen("true", clean()).seen,
        ["none in variables, labels, history and 12 files (3 MB)"]
    );
}

#[test]
fn a_secret_is_told_by_its_place_and_never_whole() {
    let searched = Searched {
        finds: vec![find("/app/config.py", 7, "ghp_", &format!("{TOKEN}\"\n"))],
        files: vec![held("/root/.npmrc", "//r/:_authToken=npm-1234567890")],
        ..clean()
    };
    let said = misses("true", &["DB_PASSWORD=hunter2"], searched);
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(said[0].starts_with("env DB_PASSWORD: expected no secret, actual a value under such a name: h… (7 characters) | who has the image"), "{said:?}");
    assert!(said[1].starts_with("/app/config.py:7: expected no secret, actual a token of GitHub: ghp_… (40 characters) | who has the file"), "{said:?}");
    assert!(
        said[2].starts_with(
            "/root/.npmrc:1: expected no secret, actual credentials of npm: np… (14 characters)"
        ),
        "{said:?}"
    );
    // What to do is said once.
    assert!(!said[2].contains("who has"), "{said:?}");
    for secret in ["hunter2", TOKEN, "npm-1234567890"] {
        assert!(!said.concat().contains(secret), "{secret}: {said:?}");
    }
}

#[test]
fn the_same_secret_by_two_rules_is_said_once() {
    let searched = Searched {
        finds: vec![find("/root/.npmrc", 1, "npm_", TOKEN)],
        files: vec![held(
            "/root/.npmrc",
            &format!("//r/:_authToken=npm_{TOKEN}"),
        )],
        ..clean()
    };
    assert_eq!(misses("true", &[], searched).len(), 1);
}

#[test]
fn examples_that_come_with_packages_are_none() {
    for path in [
        "/usr/share/doc/x/README",
        "/usr/lib/python3.11/test/keycert.pem",
        "/usr/local/lib/python3.11/site-packages/tornado/test/test.key",
        "/app/node_modules/https/tests/fixtures/a.pem",
    ] {
        let searched = Searched {
            finds: vec![find(path, 1, "ghp_", TOKEN)],
            ..clean()
        };
        assert_eq!(misses("true", &[], searched), [""; 0], "{path}");
    }
    for path in [
        "/app/tests/key.pem",
        "/app/test.py",
        "/opt/site-packages/key.pem",
    ] {
        let searched = Searched {
            finds: vec![find(path, 1, "ghp_", TOKEN)],
            ..clean()
        };
        assert_eq!(misses("true", &[], searched).len(), 1, "{path}");
    }
}

#[test]
fn settings_of_applications_are_read_by_their_names() {
    for (path, text) in [
        (
            "/app/config/database.yml",
            "production:\n  password: hunter2\n",
        ),
        (
            "/app/appsettings.Production.json",
            "{\"Db\": \"Server=h;Password=hunter2;\"}",
        ),
        (
            "/app/application.properties",
            "spring.datasource.password=hunter2",
        ),
    ] {
        let searched = Searched {
            files: vec![held(path, text)],
            ..clean()
        };
        let said = misses("true", &[], searched);
        assert!(
            said.len() == 1 && said[0].starts_with(path),
            "{path}: {said:?}"
        );
    }
    let given = held(
        "/app/application.yml",
        "spring:\n  password: ${DB_PASSWORD}\n",
    );
    let searched = Searched {
        files: vec![given],
        ..clean()
    };
    assert_eq!(misses("true", &[], searched), [""; 0]);
}

#[test]
fn an_address_counts_in_settings_only() {
    let of = |path| Searched {
        finds: vec![find(path, 1, "postgresql://", "scott:t1ger@localhost/test")],
        ..clean()
    };
    assert_eq!(misses("true", &[], of("/app/models.py")), [""; 0]);
    assert_eq!(misses("true", &[], of("/app/alembic.ini")).len(), 1);
}

#[test]
fn every_secret_is_told_and_those_of_one_file_together() {
    let finds = (1..=30)
        .map(|number| find(&format!("/a{number:02}"), 1, "ghp_", TOKEN))
        .collect();
    let said = misses("true", &[], Searched { finds, ..clean() });
    assert_eq!(said.len(), 30);
    assert!(said[29].starts_with("/a30:1: "), "{said:?}");
    let finds = (1..=4)
        .map(|line| find("/a", line, "ghp_", TOKEN))
        .collect();
    let said = misses("true", &[], Searched { finds, ..clean() });
    assert_eq!(said.len(), 1);
    assert!(said[0].starts_with("/a:1: "), "{said:?}");
    assert!(said[0].contains(", and 3 more in this file"), "{said:?}");
    assert!(
        said[0].ends_with("the others are in lines 2, 3, 4"),
        "{said:?}"
    );
}

#[test]
fn what_could_not_be_read_may_hold_any() {
    let unread = || Searched {
        unread: vec![("/root".to_owned(), "Permission denied".to_owned())],
        ..clean()
    };
    assert_eq!(
        seen("true", unread()).unseen,
        ["cannot read /root: Permission denied"]
    );
    let cut = Searched {
        cut: true,
        ..clean()
    };
    assert!(seen("true", cut).unseen[0].contains("more in the files"));
    let partly = Searched {
        partly: vec!["/big".to_owned()],
        ..clean()
    };
    let seen_partly = seen("true", partly);
    assert!(seen_partly.unseen.is_empty());
    assert!(seen_partly.seen[1].contains("/big"), "{seen_partly:?}");
    let both = judged("no_secrets", "true", answer(&["A_TOKEN=abc"], unread()));
    assert_eq!((both.misses.len(), both.unseen.len()), (1, 1));
}

#[test]
fn sources_are_searched_in_place_of_the_image() {
    let text = "{ in: [.env.example, compose.yml] }";
    assert_eq!(claim("no_secrets", text).scope(), Scope::Sources);
    assert_eq!(claim("no_secrets", "true").scope(), Scope::Files);
    assert_eq!(
        claim("no_secrets", "{ except: [/x] }").scope(),
        Scope::Files
    );
    let of = |content: &str| Searched {
        files: vec![held(".env.example", content)],
        count: 1,
        ..clean()
    };
    assert_eq!(
        misses(
            "{ in: .env.example }",
            &[],
            of("DB_PASSWORD=changeme\nTOKEN=\n")
        ),
        [""; 0]
    );
    let said = misses(
        "{ in: .env.example }",
        &[],
        of("A=1\nDB_PASSWORD=hunter2\n"),
    );
    assert_eq!(said.len(), 1);
    assert!(
        said[0].starts_with(".env.example:2: expected no secret"),
        "{said:?}"
    );
    let let_through = "{ in: .env.example, except: [.env.example] }";
    assert_eq!(misses(let_through, &[], of("DB_PASSWORD=hunter2")), [""; 0]);
    let said = misses("{ in: missing }", &[], clean());
    assert_eq!(
        said,
        ["missing: expected a file or folder without secrets, actual nothing is there"]
    );
}

fn source(path: &'static str, bytes: &[u8]) -> Findings {
    let searched = Searched {
        files: vec![Held {
            path: path.to_owned(),
            content: Blob::whole(bytes),
        }],
        count: 1,
        ..clean()
    };
    seen(&format!("{{ in: {path} }}"), searched)
}

#[test]
fn a_text_of_any_kind_is_read_for_names_with_values() {
    for (path, text, line) in [
        ("env.example", "A=1\nDB_PASSWORD=hunter2\n", 2),
        ("app.sample", "db_password = hunter2\n", 1),
        ("a.json", "{\n \"db\": {\"password\": \"hunter2\"}}\n", 2),
        ("a.json", "{ // not JSON\n \"password\": \"hunter2\",,\n", 2),
        ("settings.py", "import os\n\nSECRET_KEY = 'hunter2'\n", 3),
        ("terraform.tfvars", "db_password = \"hunter2\"", 1),
        ("app.properties", "spring.datasource.password=hunter2", 1),
        ("app.toml", "[db]\npassword = \"hunter2\"", 2),
        ("app.ini", "[db]\npassword = hunter2", 2),
        ("run.sh", "#!/bin/sh\nexport API_KEY=hunter2\nexec app", 2),
        (
            "run.sh",
            "#!/bin/sh\nexec redis-server --requirepass hunter2",
            2,
        ),
        (
            "Dockerfile",
            "FROM a\nRUN printf 'A=1\\nDB_PASSWORD=hunter2\\n' > /app/.env",
            2,
        ),
        (
            "compose.yml",
            "services:\n  a:\n    environment: { DB_PASSWORD: hunter2 }\n",
            3,
        ),
        (
            "chart.yaml",
            "{{- if .Values.x }}\npassword: hunter2\n{{ end }}",
            2,
        ),
        ("init.sql", "CREATE USER a IDENTIFIED BY 'hunter2';", 1),
    ] {
        let found = source(path, text.as_bytes());
        assert!(found.unseen.is_empty(), "{path}: {found:?}");
        let said: Vec<_> = found
            .misses
            .iter()
            .map(|miss| (miss.what.as_str(), miss.miss.actual.as_str()))
            .collect();
        assert_eq!(said.len(), 1, "{path}: {said:?}");
        assert_eq!(said[0].0, format!("{path}:{line}"));
        assert!(said[0].1.ends_with(": h… (7 characters)"), "{said:?}");
    }
    let wide: Vec<u8> = "\u{feff}DB_PASSWORD=hunter2\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(source("a.env", &wide).misses.len(), 1);
}

#[test]
fn a_text_that_shows_where_values_belong_holds_none() {
    for (path, text) in [
        (
            "env.example",
            "DB_PASSWORD=\nTOKEN=<token>\nAPI_KEY=your-key\nSECRET=${SECRET}\n",
        ),
        (
            "a.json",
            "{\"password\": \"changeme\", \"url\": \"postgres://u:password@h/db\"}",
        ),
        (
            "settings.py",
            "SECRET_KEY = os.environ['SECRET_KEY']\nPASSWORD_HASHERS = ['x']\npassword = form.password",
        ),
        (
            "README.md",
            "Set the password: it must be long. Then `export DB_PASSWORD=changeme`.",
        ),
        (
            "compose.yml",
            "services:\n  a:\n    secrets: [db]\n    environment:\n      DB_PASSWORD: !reset null\n",
        ),
        (
            "run.sh",
            "PASSWORD=$1\nTOKEN=$(cat /run/secrets/token)\n# PASSWORD=hunter2\n",
        ),
    ] {
        let found = source(path, text.as_bytes());
        assert!(
            found.unseen.is_empty() && found.misses.is_empty(),
            "{path}: {found:?}"
        );
    }
}

#[test]
fn what_is_no_text_or_too_long_to_read_is_no_verdict() {
    let binary = source("app.bin", b"\x7fELF\0\0");
    assert!(
        binary.unseen[0].starts_with("app.bin is no text"),
        "{binary:?}"
    );
    let answer_of = |searched: Searched, kind: Kind| {
        move |question: &Question| match question {
            Question::Source(Look::Stat { .. }) => match answer(&[], clean())(question) {
                Fact::Stat(Some(stat)) => Fact::Stat(Some(Stat { kind, ..stat })),
                other => other,
            },
            _ => Fact::Searched(Box::new(searched.clone())),
        }
    };
    let passed = Searched {
        passed: 1,
        count: 0,
        ..clean()
    };
    let named = judged(
        "no_secrets",
        "{ in: a.zip }",
        answer_of(passed.clone(), Kind::File),
    );
    assert!(named.unseen[0].contains("a.zip is no text"), "{named:?}");
    let through = judged(
        "no_secrets",
        "{ in: a.zip, except: [a.zip] }",
        answer_of(passed.clone(), Kind::File),
    );
    assert!(through.unseen.is_empty(), "{through:?}");
    let below = judged(
        "no_secrets",
        "{ in: a }",
        answer_of(passed, Kind::Directory),
    );
    assert!(below.unseen.is_empty(), "{below:?}");
    let held_binary = Searched {
        files: vec![held("a/app.bin", "\0")],
        ..clean()
    };
    let below = judged(
        "no_secrets",
        "{ in: a }",
        answer_of(held_binary, Kind::Directory),
    );
    assert!(
        below.unseen.is_empty() && below.seen[0].contains("keys and tokens only: a/app.bin"),
        "{below:?}"
    );
    let mut cut = held("a/dump.sql", "x");
    cut.content.total = 9_000_000;
    let cut = Searched {
        files: vec![cut],
        ..clean()
    };
    let long = judged("no_secrets", "{ in: a }", answer_of(cut, Kind::Directory));
    assert!(
        long.unseen[0].contains("a/dump.sql holds more than is read"),
        "{long:?}"
    );
}

#[test]
fn what_is_not_seen_is_no_verdict() {
    errs_unseen("no_secrets", "true", answer(&[], clean()));
    errs_unseen("no_secrets", "{ in: .env }", answer(&[], clean()));
    fails_ended("no_secrets", "true");
}

#[test]
fn what_is_written_wrong_is_refused() {
    assert!(refused("no_secrets", "false").contains("`true`, or a map of in, except"));
    assert!(refused("no_secrets", "{ in: ['*.env'] }").contains("`in` takes paths"));
    assert!(refused("no_secrets", "{ paths: [x] }").contains("unknown key `paths`"));
    assert!(refused("no_secrets", "{ except: ['/a/[b'] }").contains("not a pattern"));
}

#[test]
fn a_file_of_a_telling_name_that_was_not_read_to_its_end_is_no_proof() {
    let cut = |path: &str| {
        let mut held = held(path, "apiVersion: v1\n");
        held.content.total = 5_000_000;
        let searched = Searched {
            files: vec![held],
            ..clean()
        };
        seen("true", searched)
    };
    let found = cut("/root/.kube/config");
    let said = "only the first 15 B of the 5 MB of /root/.kube/config were read";
    assert!(found.unseen[0].starts_with(said), "{found:?}");
    let example = cut("/usr/lib/python3/site-packages/kube/tests/.kube/config");
    assert!(example.unseen.is_empty(), "{example:?}");
}
