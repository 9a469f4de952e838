use crate::claim::trial::{errs_unseen, judged, misses as misses_of, refused};
use crate::fact::answer::Fact;
use crate::fact::blob::Blob;
use crate::fact::build::BuilderKind;
use crate::fact::path::{Entry, Kind, Stat, Walk};
use crate::fact::question::Question;
use crate::fact::source::{Context, IgnoreFile, Sent};

const IGNORE: &str = "# not these\ntarget/\n.git\n*.pem\nconf/**\ndocs\n!docs/keep.md\n";

/// `.git` and an unsent folder of a hundred bytes are there; `target` and keys are not.
fn seen_with(ignore: Option<&str>) -> impl Fn(&Question) -> Fact {
    let ignore = ignore.map(str::to_owned);
    move |question| match question {
        Question::Context => {
            let sent = [
                ("docs", Kind::Directory, 0),
                ("docs/keep.md", Kind::File, 10),
                ("conf", Kind::Directory, 0),
                ("link", Kind::Link, 0),
                ("src", Kind::Directory, 0),
                ("src/main.rs", Kind::File, 30),
                ("src/tls", Kind::Directory, 0),
                ("src/tls/a.pem", Kind::File, 20),
            ];
            Fact::Context(Box::new(Context {
                folder: "app".into(),
                builder: BuilderKind::BuildKit,
                sent: sent
                    .map(|(path, kind, size)| Sent {
                        path: path.into(),
                        kind,
                        size,
                    })
                    .into(),
                ignore: ignore.as_deref().map(|text| IgnoreFile {
                    name: ".dockerignore".into(),
                    text: Blob::whole(text),
                }),
                notes: Vec::new(),
            }))
        }
        Question::WholeContext => Fact::Walk(whole()),
        other => panic!("{other:?}"),
    }
}

fn whole() -> Walk {
    let there = [
        (".git", Kind::Directory, 0),
        (".git/index", Kind::File, 100),
        ("docs/keep.md", Kind::File, 10),
        ("docs/more.md", Kind::File, 40),
        ("src/main.rs", Kind::File, 30),
        ("src/tls/a.pem", Kind::File, 20),
    ];
    let entries = there.map(|(path, kind, size)| Entry {
        path: path.into(),
        stat: Stat {
            size,
            ..crate::claim::trial::stat(kind)
        },
    });
    Walk {
        entries: entries.into(),
        ..Walk::default()
    }
}

fn misses(text: &str) -> Vec<String> {
    misses_of("build_context", text, seen_with(Some(IGNORE)))
}

#[test]
fn what_is_sent_is_counted() {
    for holds in [
        "{ size: 60B, files: 3 }",
        "{ sends: [src, docs/keep.md, link, '**/*.rs', ./conf/] }",
        "{ reduced_by: 70% }",
        "{ ignores: { at_least: 6 } }",
        "{ ignores: { exactly: [target, /.git/, '*.pem', conf/**, docs, '!docs/keep.md'], at_least: 3 } }",
    ] {
        assert_eq!(misses(holds), [""; 0], "{holds}");
    }
    for (fails, said) in [
        (
            "{ size: { below: 60B } }",
            "size: expected below 60 B, actual 60 B | the largest are src/main.rs (30 B), src/tls/a.pem (20 B), docs/keep.md (10 B)",
        ),
        ("{ files: 2 }", "files: expected 2, actual 3"),
        (
            "{ sends: [docs/more.md] }",
            "sends docs/more.md: expected something that is sent, actual nothing | line 6 of .dockerignore, `docs`, leaves it out",
        ),
        (
            "{ sends: ['*.rs'] }",
            "actual nothing | nothing in app matches",
        ),
        (
            "{ reduced_by: 70.01% }",
            "reduced_by: expected at least 70.01%, actual 70%, from 200 B to 60 B",
        ),
        (
            "{ ignores: { at_least: 7 } }",
            "ignores: expected at least 7 entries, actual 6 in .dockerignore",
        ),
        (
            "{ ignores: { exactly: [target, .git, '*.pem', conf/**, docs, tmp] } }",
            "actual .dockerignore lacks `tmp` and has `!docs/keep.md`",
        ),
        (
            "{ ignores: { exactly: ['!docs/keep.md', target, .git, '*.pem', conf/**, docs] } }",
            "in another order",
        ),
    ] {
        let told = misses(fails).join("; ");
        assert!(told.contains(said), "{fails}: {told}");
    }
}

#[test]
fn what_is_excluded_is_not_sent_and_would_not_be() {
    // There and not sent; not there, and every line that would keep it away is one that matches.
    for holds in [
        "[.git]",
        "['.git/*']",
        "[target]",
        "[key.pem, '*.pem']",
        "[docs/more.md]",
        "['conf/*']",
    ] {
        let holds = format!("{{ excludes: {holds} }}");
        assert_eq!(misses(&holds), [""; 0], "{holds}");
    }
    for (fails, said) in [
        (
            "[src]",
            "excludes src: expected nothing that is sent, actual src/main.rs, src/tls/a.pem sent | no line of .dockerignore leaves it out",
        ),
        // `*` does not cross folders in an ignore file.
        ("['**/*.pem']", "actual src/tls/a.pem sent"),
        (
            "[docs]",
            "actual docs/keep.md sent | line 7 of .dockerignore, `!docs/keep.md`, takes it back",
        ),
        ("[conf]", "actual conf/, empty sent"),
        ("[link]", "actual link, a link sent"),
        (
            "[.env]",
            "actual not there now, but `.env` would be sent | no line of .dockerignore leaves out all of it",
        ),
        ("['**/.env']", "but `.env` would be sent"),
        ("['*.p[e-g]m']", "but `x.pgm` would be sent"),
    ] {
        let told = misses(&format!("{{ excludes: {fails} }}")).join("; ");
        assert!(told.contains(said), "{fails}: {told}");
    }
    let seen = judged(
        "build_context",
        "{ excludes: [target, .git] }",
        seen_with(Some(IGNORE)),
    );
    assert_eq!(
        seen.seen,
        [
            "target: not there now, and line 2 of .dockerignore, `target/`, would leave it out",
            ".git: there, and nothing of it is sent"
        ]
    );
    // Of a folder that is left out a line may take something back.
    let back = seen_with(Some("docs\ntmp\n!tmp/keep\n"));
    let told = misses_of("build_context", "{ excludes: [tmp] }", back).join("; ");
    assert!(
        told.contains("not there now, but `tmp` would be sent"),
        "{told}"
    );
    // One that can mean nothing in it takes nothing back.
    let other = seen_with(Some(".env*\n!Dockerfile*\n"));
    let told = misses_of("build_context", "{ excludes: [.env.production] }", other);
    assert_eq!(told, [""; 0]);
}

#[test]
fn without_an_ignore_file_nothing_is_left_out() {
    let misses = |text| misses_of("build_context", text, seen_with(None)).join("; ");
    let told = misses("{ ignores: { at_least: 1 } }");
    assert_eq!(
        told,
        "ignores: expected an ignore file, actual none | there is no .dockerignore in app"
    );
    let told = misses("{ excludes: [.env] }");
    assert!(told.ends_with("there is no ignore file in app"), "{told}");
}

#[test]
fn what_cannot_be_seen_is_no_verdict() {
    for text in [
        "{ size: 60B }",
        "{ excludes: [.git] }",
        "{ reduced_by: 1% }",
        "{ ignores: { at_least: 1 } }",
    ] {
        errs_unseen("build_context", text, seen_with(Some(IGNORE)));
    }
    let cut = |question: &Question| match question {
        Question::WholeContext => Fact::Walk(Walk {
            unread: vec![("data".into(), "permission denied".into())],
            ..whole()
        }),
        other => seen_with(Some(IGNORE))(other),
    };
    let reduced = judged("build_context", "{ reduced_by: 1% }", cut);
    assert_eq!(
        reduced.unseen,
        ["the folder data could not be read: permission denied"]
    );
    // What is left out need not be looked at to know that it is.
    assert_eq!(
        misses_of("build_context", "{ excludes: [target, .git] }", cut),
        [""; 0]
    );
}

#[test]
fn what_is_no_path_of_a_context_is_refused() {
    for (wrong, said) in [
        ("{ excludes: [../x] }", "a path within the build context"),
        ("{ excludes: ['!x'] }", "a path within the build context"),
        ("{ sends: [/] }", "a path within the build context"),
        ("{ sends: ['[a'] }", "needs its `]`"),
        ("{ reduced_by: 40 }", "a share such as 40%"),
        ("{ ignores: {} }", "`exactly: [ENTRY, …]`"),
        (
            "{ ignores: { exactly: ['# x'] } }",
            "is no entry of an ignore file",
        ),
        ("{ ignores: { exactly: ['!'] } }", "nothing follows the `!`"),
    ] {
        let told = refused("build_context", wrong);
        assert!(told.contains(said), "{wrong}: {told}");
    }
}
