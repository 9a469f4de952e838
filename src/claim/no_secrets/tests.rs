use crate::claim::trial::{claim, errs_unseen, fails_ended, judged, misses as misses_of, refused};
use crate::claim::{Findings, Scope};
use crate::fact::answer::Fact;
use crate::fact::blob::Blob;
use crate::fact::image::ImageFacts;
use crate::fact::path::{Kind, Stat};
use crate::fact::question::Question;
use crate::fact::search::{Find, Held, Searched};
use crate::fact::source::Look;

const TOKEN: &str = "q8Zr2LmW0vTn5KdJaB3cD4eF6gH7iJ9kL1mN";

fn find(path: &str, line: u64, word: &str, after: &str) -> Find {
    Find {
        path: path.to_owned(),
        line,
        word: word.to_owned(),
        before: String::new(),
        after: after.to_owned(),
    }
}

fn held(path: &str, text: &str) -> Held {
    Held {
        path: path.to_owned(),
        content: Blob::whole(text),
    }
}

fn clean() -> Searched {
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
            Fact::Stat((path != "missing").then_some(Stat {
                kind: Kind::File,
                mode: 0o644,
                uid: 0,
                gid: 0,
                size: 1,
                modified: 0,
                target: None,
            }))
        }
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
    for secret in ["hunter2", TOKEN, "npm-1234567890"] {
        assert!(!said.concat().contains(secret), "{secret}: {said:?}");
    }
}

#[test]
fn what_is_let_through_is_let_through_by_path_pattern_and_name() {
    let searched = || Searched {
        finds: vec![find("/app/a.py", 1, "ghp_", TOKEN)],
        files: vec![held("/root/.npmrc", "//r/:_authToken=abcdef")],
        ..clean()
    };
    let env = &["DB_PASSWORD=hunter2"];
    let all = "{ except: ['/app/*.py', /root/.npmrc, DB_PASSWORD] }";
    assert_eq!(misses(all, env, searched()), [""; 0]);
    let said = misses("{ except: ['/app/*.py', DB_PASSWORD] }", env, searched());
    assert_eq!(said.len(), 1);
    assert!(said[0].starts_with("/root/.npmrc:1"), "{said:?}");
    assert_eq!(misses("{ except: [/app] }", env, searched()).len(), 3);
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
fn an_address_counts_in_settings_only() {
    let of = |path| Searched {
        finds: vec![find(path, 1, "postgresql://", "scott:t1ger@localhost/test")],
        ..clean()
    };
    assert_eq!(misses("true", &[], of("/app/models.py")), [""; 0]);
    assert_eq!(misses("true", &[], of("/app/alembic.ini")).len(), 1);
}

#[test]
fn many_secrets_are_counted_not_listed() {
    let finds = (1..=30)
        .map(|number| find(&format!("/a{number:02}"), 1, "ghp_", TOKEN))
        .collect();
    let said = misses("true", &[], Searched { finds, ..clean() });
    assert_eq!(said.len(), 21);
    assert!(said[20].contains("10 more like these"), "{said:?}");
    let finds = (1..=30)
        .map(|line| find("/a", line, "ghp_", TOKEN))
        .collect();
    let said = misses("true", &[], Searched { finds, ..clean() });
    assert_eq!(said.len(), 1);
    assert!(said[0].starts_with("/a:1: "), "{said:?}");
    assert!(said[0].contains(", and 29 more in this file"), "{said:?}");
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
