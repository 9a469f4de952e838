mod content;
mod linked;
mod write;

use crate::claim::trial::{errs_unseen, fails_ended, judged, misses as misses_of, refused};
use crate::fact::answer::Fact;
use crate::fact::blob::Blob;
use crate::fact::linked::Linked;
use crate::fact::path::{Attempts, Digest, Entry, Kind, Stat, Walk};
use crate::fact::question::Question;

const JSON: &str = "{\"a\": 1}\n";
const SHA256: &str = "21b4dd5cb1ae2ac6a3b45b5cae29be2c3cb5d4e6b4ba1e2ddc6ac3d8c9e3dd0a";

fn stat(kind: Kind, mode: u32, id: u32, target: Option<&str>) -> Stat {
    Stat {
        mode,
        uid: id,
        gid: id,
        size: 9,
        target: target.map(str::to_owned),
        ..crate::claim::trial::stat(kind)
    }
}

/// What stands at a path of the container in these tests.
fn at(path: &str, follow: bool) -> Option<Stat> {
    let link = |target| stat(Kind::Link, 0o777, 0, Some(target));
    Some(match (path, follow) {
        ("/" | "/app" | "/l", _) => stat(Kind::Directory, 0o755, 0, None),
        ("/data", _) => stat(Kind::Directory, 0o775, 1000, None),
        ("/app/f", _) | ("/l/f", true) => stat(Kind::File, 0o4644, 0, None),
        ("/data/f", _) => stat(Kind::File, 0o600, 1000, None),
        ("/l/f", false) => link("../app/f"),
        ("/l/dead", false) => link("gone"),
        _ => return None,
    })
}

fn entry(path: &str) -> Entry {
    Entry {
        path: path.to_owned(),
        stat: at(path, false).unwrap(),
    }
}

fn walk(root: &str) -> Walk {
    let all = [
        "/app", "/app/f", "/data", "/data/f", "/l", "/l/dead", "/l/f",
    ];
    let below = all.iter().filter(|p| **p != root && p.starts_with(root));
    Walk {
        entries: below.map(|p| entry(p)).collect(),
        ..Walk::default()
    }
}

fn seen(question: &Question) -> Fact {
    match question {
        Question::Stat { path, follow } => Fact::Stat(at(path, *follow)),
        Question::Walk { root, .. } => Fact::Walk(walk(root)),
        Question::Linked { .. } => Fact::Linked(Linked::default()),
        Question::MayWrite { .. } => Fact::MayWrite(Attempts::Untried),
        Question::Digest { path, .. } => Fact::Digest(match path.as_str() {
            "/app/f" | "/l/f" => Some(Digest {
                sha256: Some(SHA256.to_owned()),
                total: 9,
            }),
            _ => None,
        }),
        Question::Read { path, .. } => Fact::Read(
            match path.as_str() {
                "/etc/passwd" => Some("root:x:0:0::/:\napp:x:1000:1000::/:\n"),
                "/etc/group" => Some("root:x:0:\napp:x:1000:\n"),
                "/app/f" | "/l/f" => Some(JSON),
                _ => None,
            }
            .map(Blob::whole),
        ),
        other => panic!("{other:?}"),
    }
}

fn misses(text: &str) -> Vec<String> {
    misses_of("path", text, seen)
}

/// A path, what holds of it, what fails, and what is said then behind the path.
const FIELDS: &[(&str, &str, &str, &str)] = &[
    (
        "/data",
        "exists: true",
        "exists: false",
        ": expected nothing there, actual a directory (0775 drwxrwxr-x app (1000):app (1000))",
    ),
    (
        "/gone",
        "exists: false",
        "exists: true",
        ": expected something there, actual nothing",
    ),
    (
        "/data",
        "type: directory",
        "type: file",
        " type: expected file, actual directory",
    ),
    (
        "/data",
        "mode: 775",
        "mode: 0755",
        " mode: expected 0755, actual 0775 (drwxrwxr-x)",
    ),
    (
        "/app/f",
        "mode: '4644'",
        "mode: 0644",
        " mode: expected 0644, actual 4644 (-rwSr--r--)",
    ),
    (
        "/data",
        "owner: app",
        "owner: root",
        " owner: expected root, actual app (1000)",
    ),
    (
        "/data",
        "owner: app",
        "owner: nosuchuser",
        " owner: expected nosuchuser, actual app (1000) | there is no user nosuchuser in the image's /etc/passwd",
    ),
    (
        "/data",
        "group: app",
        "group: nosuchgroup",
        " group: expected nosuchgroup, actual app (1000) | there is no group nosuchgroup in the image's /etc/group",
    ),
    (
        "/data",
        "group: 1000",
        "group: 0",
        " group: expected 0, actual app (1000)",
    ),
    (
        "/data",
        "uid: 1000",
        "uid: 0",
        " uid: expected 0, actual app (1000)",
    ),
    (
        "/data",
        "gid: 1000",
        "gid: 0",
        " gid: expected 0, actual app (1000)",
    ),
    (
        "/app/f",
        "size: 9",
        "size: { below: 9 }",
        " size: expected below 9 B, actual 9 B",
    ),
    (
        "/app/f",
        "content: { contains: a }",
        "content: a",
        " content: expected \"a\", actual \"{\\\"a\\\": 1}\"",
    ),
    (
        "/app/f",
        "json: { $.a: 1 }",
        "json: { $.a: 2 }",
        " json: expected $.a is 2, actual 1",
    ),
    (
        "/l/f",
        "target: ../app/f",
        "target: f",
        " target: expected \"f\", actual \"../app/f\"",
    ),
    (
        "/l/f",
        "type: link",
        "type: file, mode: '0600'",
        " mode: expected 0600, actual 4644 (-rwSr--r--) | /l/f is a link to \"../app/f\"",
    ),
    (
        "/l/dead",
        "type: link",
        "exists: true",
        ": expected something there, actual the link leads to nothing, or in a circle | /l/dead is a link to \"gone\"",
    ),
    (
        "/l/dead",
        "target: gone",
        "exists: false",
        ": expected nothing there, actual a link (0777 lrwxrwxrwx root (0):root (0)) | /l/dead is a link to \"gone\"",
    ),
    (
        "/app",
        "type: directory",
        "target: x",
        " target: expected a link to \"x\", actual a directory",
    ),
    (
        "/app/f",
        "type: file",
        "type: link",
        " type: expected link, actual file",
    ),
    (
        "/data",
        "writable_by: [app, root]",
        "writable_by: [app, 1001]",
        " writable_by: expected 1001 may write, actual cannot write to it (0775 drwxrwxr-x app (1000):app (1000))",
    ),
    (
        "/app/f",
        "not_writable_by: app",
        "not_writable_by: root",
        " not_writable_by: expected root (0) may not write, actual may write to it (4644 -rwSr--r-- root (0):root (0))",
    ),
    (
        "/l/f",
        "not_writable_by: app",
        "writable_by: app",
        " writable_by: expected app (1000) may write, actual cannot write to it (4644 -rwSr--r-- root (0):root (0)) | /l/f is a link to \"../app/f\"",
    ),
    (
        "/data",
        "writable_by: 1000",
        "not_writable_by: nobody",
        " not_writable_by: expected a user \"nobody\", actual /etc/passwd has no such user",
    ),
    (
        "/data",
        "type: directory",
        "content: a",
        " content: expected a file that can be read, actual a directory",
    ),
];

#[test]
fn every_field_can_hold_and_can_fail() {
    for (path, holds, fails, said) in FIELDS {
        assert_eq!(
            misses(&format!("{{ at: {path}, {holds} }}")),
            [""; 0],
            "{path} {holds}"
        );
        let miss = misses(&format!("{{ at: {path}, {fails} }}"));
        assert_eq!(miss, [format!("{path}{said}")]);
    }
}

#[test]
fn a_link_that_leads_nowhere_lets_nobody_write() {
    for rule in ["writable_by", "not_writable_by"] {
        let said = misses(&format!("{{ at: /l/dead, target: gone, {rule}: app }}"));
        assert!(
            said[0].contains("actual the link leads to nothing"),
            "{said:?}"
        );
    }
}

#[test]
fn content_that_is_not_there_is_missed() {
    let said = misses("{ at: /l/dead, target: gone, content: { not: x } }");
    let missing = "/l/dead content: expected a file that can be read, actual nothing";
    assert_eq!(said, [missing]);
}

#[test]
fn a_path_alone_is_a_claim_that_it_exists() {
    assert_eq!(misses("/data/"), [""; 0]);
    assert_eq!(
        misses("//gone/."),
        ["/gone: expected something there, actual nothing"]
    );
}

#[test]
fn a_pattern_judges_each_match() {
    for holds in [
        "{ at: /app/*, owner: root }",
        "{ at: '/[ad]*/f', type: file }",
        "{ at: '/data/**', writable_by: app }",
        "{ at: '/app/**', not_writable_by: app }",
        "{ at: '/**/*.key', exists: false }",
        "{ at: /l/f*, target: { starts_with: .. } }",
    ] {
        assert_eq!(misses(holds), [""; 0], "{holds}");
    }
    assert_eq!(
        misses("{ at: '/*/f', mode: '0600' }"),
        [
            "/app/f mode: expected 0600, actual 4644 (-rwSr--r--)",
            "/l/f mode: expected 0600, actual 0777 (lrwxrwxrwx)",
        ]
    );
    let said = "/app/*.py: expected something that matches, actual nothing";
    assert_eq!(misses("/app/*.py"), [said]);
    let present = misses("{ at: /data/*, exists: false }");
    assert!(present[0].starts_with("/data/f: expected nothing there, actual a file"));
    let open = misses("{ at: '/data/**', not_writable_by: app }");
    assert!(open[0].starts_with("/data/f not_writable_by: expected app (1000) may not write"));
    let closed = misses("{ at: '/app/**', writable_by: app }");
    assert!(closed[0].starts_with("/app/f writable_by: expected app (1000) may write"));
}

#[test]
fn what_a_walk_did_not_see_is_no_verdict() {
    let holey = |cut, unread: &[&str]| {
        let unread = unread
            .iter()
            .map(|f| ((*f).to_owned(), "denied".to_owned()));
        let unread: Vec<_> = unread.collect();
        move |question: &Question| match seen(question) {
            Fact::Walk(walk) => Fact::Walk(Walk {
                cut,
                unread: unread.clone(),
                ..walk
            }),
            other => other,
        }
    };
    for text in ["{ at: '/**/*.key', exists: false }", "/app/*", "/app/*.py"] {
        let cut = judged("path", text, holey(true, &[]));
        assert!(
            cut.misses.is_empty() && cut.unseen[0].contains("more files"),
            "{cut:?}"
        );
        let unread = judged("path", text, holey(false, &["/app/secret"]));
        let why = "the folder /app/secret could not be read: denied";
        assert!(unread.misses.is_empty(), "{unread:?}");
        assert_eq!(unread.unseen, [why]);
    }
    let sure = judged("path", "{ at: /app/*, owner: app }", holey(true, &[]));
    assert_eq!((sure.misses.len(), sure.unseen.len()), (1, 0));
    let links = judged("path", "{ at: /l/d*, not_writable_by: app }", seen);
    assert!(
        links.misses.is_empty() && links.unseen[0].contains("are links"),
        "{links:?}"
    );
}

#[test]
fn many_misses_are_counted() {
    let crowd = |question: &Question| match seen(question) {
        Fact::Walk(_) => Fact::Walk(Walk {
            entries: (0..25).map(|_| entry("/app/f")).collect(),
            ..Walk::default()
        }),
        other => other,
    };
    let said = misses_of("path", "{ at: /app/*, owner: app }", crowd);
    assert_eq!(said.len(), 20);
    assert!(
        said[19].ends_with("| and 5 more like this below /app"),
        "{}",
        said[19]
    );
}

#[test]
fn what_is_not_seen_is_no_verdict() {
    for text in [
        "/data",
        "{ at: /gone, exists: false }",
        "{ at: /app/f, content: { contains: a }, writable_by: root }",
        "{ at: /app/*, not_writable_by: [app, '5'] }",
        "{ at: /app/*, owner: root }",
        "{ at: /l/f, type: link }",
    ] {
        errs_unseen("path", text, seen);
        fails_ended("path", text);
    }
    let large = |question: &Question| match question {
        Question::Read { path, .. } if path == "/app/f" => Fact::Read(Some(Blob {
            bytes: b"a".to_vec(),
            total: 20_000_000,
        })),
        other => seen(other),
    };
    let why = "/app/f holds 20 MB, and at most 16.8 MB of a file are read";
    for (content, misses, unseen) in [
        ("a", 0, 1),
        ("{ contains: b }", 0, 1),
        ("{ contains: a }", 0, 0),
        ("b", 1, 0),
        ("{ not: { contains: a } }", 1, 0),
    ] {
        let text = format!("{{ at: /app/f, content: {content} }}");
        let found = judged("path", &text, large);
        assert_eq!(
            (found.misses.len(), found.unseen.len()),
            (misses, unseen),
            "{text}"
        );
        assert!(found.unseen.iter().all(|said| said == why), "{found:?}");
    }
    let homeless = |question: &Question| match question {
        Question::Stat { path, .. } if path == "/" => Fact::Stat(None),
        other => seen(other),
    };
    for text in [
        "{ at: /data, not_writable_by: 5 }",
        "{ at: /app/*, not_writable_by: 5 }",
    ] {
        let homeless = judged("path", text, homeless);
        assert!(homeless.misses.is_empty());
        assert_eq!(homeless.unseen, ["what stands at / could not be seen"]);
    }
}

#[test]
fn what_cannot_be_judged_is_refused() {
    for (wrong, said) in [
        (
            "app",
            "expected an absolute path, such as /app, found `app`",
        ),
        ("/app/../etc", "expected a path without `..`"),
        ("/a/[b", "a `[` needs its `]`"),
        ("{ mode: 755 }", "the key `at` is missing"),
        (
            "{ at: /a, exists: false, mode: 755 }",
            "`mode` cannot be judged of what does not exist",
        ),
        (
            "{ at: /a/*, content: x }",
            "`content` cannot be judged beside a pattern",
        ),
        ("{ at: /a/*, sha256: 00 }", "64 hexadecimal digits"),
        (
            "{ at: /a/*, json: { $.a: 1 } }",
            "`json` cannot be judged beside a pattern",
        ),
        ("{ at: /a, type: folder }", "unknown word `folder`"),
    ] {
        assert!(
            refused("path", wrong).contains(said),
            "{wrong}: {}",
            refused("path", wrong)
        );
    }
}
