use crate::claim::trial::{errs_unseen, fails_ended, judged, misses as misses_of, refused};
use crate::fact::answer::Fact;
use crate::fact::blob::Blob;
use crate::fact::path::{Kind, Stat};
use crate::fact::privilege::{FileCapabilities, Privileged, PrivilegedFile};
use crate::fact::question::Question;

fn file(path: &str, mode: u32, capabilities: Option<FileCapabilities>) -> PrivilegedFile {
    PrivilegedFile {
        path: path.to_owned(),
        stat: Stat {
            mode,
            gid: 42,
            ..crate::claim::trial::stat(Kind::File)
        },
        capabilities,
    }
}

fn some() -> Privileged {
    let ping = FileCapabilities {
        permitted: 1 << 13,
        ..FileCapabilities::default()
    };
    Privileged {
        files: vec![
            file("/usr/bin/chage", 0o2755, None),
            file("/usr/bin/ping", 0o755, Some(ping)),
            file("/usr/bin/su", 0o4755, None),
        ],
        looked: 300,
        ..Privileged::default()
    }
}

fn answer(seen: &Privileged) -> impl Fn(&Question) -> Fact {
    move |question| match question {
        Question::Privileged => Fact::Privileged(seen.clone()),
        Question::Read { path, .. } if path == "/etc/passwd" => {
            Fact::Read(Some(Blob::whole("root:x:0:0::/:/bin/sh\n")))
        }
        _ => Fact::Read(None),
    }
}

fn misses(text: &str, seen: &Privileged) -> Vec<String> {
    misses_of("setuid", text, answer(seen))
}

#[test]
fn files_that_give_rights_are_found_by_bits_and_by_capabilities() {
    let said = misses("none", &some());
    assert_eq!(said.len(), 1);
    for part in [
        "expected no file with setuid, setgid or capabilities, actual",
        "/usr/bin/chage (setgid 42), /usr/bin/ping (capabilities NET_RAW), /usr/bin/su (setuid root (0))",
        "| who runs such a file",
    ] {
        assert!(said[0].contains(part), "{part}: {said:?}");
    }
    let nothing = Privileged {
        looked: 7,
        ..Privileged::default()
    };
    assert_eq!(misses("none", &nothing), [""; 0]);
    let evidence = judged("setuid", "none", answer(&nothing)).seen;
    assert_eq!(
        evidence,
        ["none of 7 files has setuid, setgid or capabilities"]
    );
}

#[test]
fn names_cannot_hide_what_follows_them() {
    let mut seen = some();
    seen.files = vec![file("/tmp/a\n\u{1b}[2Jb", 0o4755, None)];
    let said = misses("none", &seen).remove(0);
    assert!(
        said.contains("/tmp/a\\n\\u{1b}[2Jb (setuid root (0))"),
        "{said}"
    );
    seen.unread = vec![("/srv/a\nb".to_owned(), "no".to_owned())];
    seen.files.clear();
    let unseen = judged("setuid", "none", answer(&seen)).unseen;
    assert_eq!(unseen, ["cannot look at /srv/a\\nb: no"]);
}

#[test]
fn the_listed_ones_are_all_there_are_and_all_there() {
    let all = "{ only: ['/usr/bin/{}', /usr/bin/su, /usr/bin/ping] }";
    let all = all.replace("{}", "ch*");
    assert_eq!(misses(&all, &some()), [""; 0]);
    let said = misses("{ only: [/usr/bin/su, '/usr/bin/chage'] }", &some());
    assert!(said[0].contains("actual /usr/bin/ping"), "{said:?}");
    assert!(!said[0].contains("/usr/bin/chage ("), "{said:?}");
    let more = "{ only: ['/usr/bin/*', /usr/bin/mount] }";
    let said = misses(more, &some());
    assert_eq!(
        said,
        ["setuid: expected /usr/bin/mount among them, actual no such file has these rights"]
    );
    let said = misses("{ only: [] }", &some());
    assert!(said[0].contains("/usr/bin/su"), "{said:?}");
}

#[test]
fn what_could_not_be_looked_at_may_hold_any() {
    let unread = Privileged {
        unread: vec![
            ("/root".to_owned(), "Permission denied".to_owned()),
            ("/x".to_owned(), "Permission denied".to_owned()),
        ],
        ..Privileged::default()
    };
    let seen = judged("setuid", "none", answer(&unread));
    assert_eq!(
        seen.unseen,
        ["cannot look at /root: Permission denied, and 1 more could not be looked at"]
    );
    let cut = Privileged {
        cut: true,
        ..Privileged::default()
    };
    let seen = judged("setuid", "{ only: [/a] }", answer(&cut));
    assert!(seen.misses.is_empty(), "{seen:?}");
    assert!(seen.unseen[0].contains("more files"), "{seen:?}");
    // What was seen is enough to fail.
    let both = Privileged { ..some() };
    let both = Privileged { cut: true, ..both };
    let seen = judged("setuid", "none", answer(&both));
    assert_eq!((seen.misses.len(), seen.unseen.len()), (1, 1));
}

#[test]
fn what_is_not_seen_is_no_verdict() {
    errs_unseen("setuid", "none", answer(&Privileged::default()));
    fails_ended("setuid", "none");
}

#[test]
fn what_is_written_wrong_is_refused() {
    assert!(refused("setuid", "all").contains("`none`, or `{ only: [PATH] }`"));
    assert!(refused("setuid", "{ only: [bin/su] }").contains("absolute path"));
    assert!(refused("setuid", "{ except: [/bin/su] }").contains("unknown key `except`"));
}
