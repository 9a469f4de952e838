//! Patterns that name linked folders.

use super::{judged, misses_of, seen, stat};
use crate::fact::answer::Fact;
use crate::fact::linked::Linked;
use crate::fact::path::{Entry, Kind};
use crate::fact::question::Question;

/// As `/way` were a link to a folder that nobody but root may enter, with a file in it.
fn beyond(question: &Question) -> Fact {
    let at = |path: &str, kind, mode| Entry {
        path: path.to_owned(),
        stat: stat(kind, mode, 0, None),
    };
    match question {
        Question::Linked { .. } => Fact::Linked(Linked {
            found: vec![at("/way/f", Kind::File, 0o666)],
            above: vec![at("/way", Kind::Directory, 0o700)],
            ..Linked::default()
        }),
        _ => seen(question),
    }
}

#[test]
fn what_stands_behind_a_link_is_judged_too() {
    let said = misses_of("path", "{ at: '/*/f', exists: false }", beyond);
    assert!(
        said.iter()
            .any(|m| m.starts_with("/way/f: expected nothing there")),
        "{said:?}"
    );
    let said = misses_of("path", "{ at: '/w*/f', mode: '0600' }", beyond);
    assert_eq!(
        said,
        ["/way/f mode: expected 0600, actual 0666 (-rw-rw-rw-)"]
    );
    // The folder counts that the link leads to, and everyone may pass through a link.
    let said = misses_of("path", "{ at: '/w*/f', writable_by: app }", beyond);
    assert!(said[0].contains("cannot pass through /way"), "{said:?}");
}

#[test]
fn what_was_not_seen_behind_a_link_is_no_verdict() {
    let blind = |cut| {
        move |question: &Question| match question {
            Question::Linked { .. } => Fact::Linked(Linked {
                cut,
                unread: vec![("/way/x".to_owned(), "denied".to_owned())],
                ..Linked::default()
            }),
            _ => seen(question),
        }
    };
    let text = "{ at: '/*/none', exists: false }";
    let unread = judged("path", text, blind(false));
    assert_eq!(
        unread.unseen,
        ["the folder /way/x could not be read: denied"]
    );
    let cut = judged("path", text, blind(true));
    assert!(cut.unseen[0].contains("narrow the pattern"), "{cut:?}");
}
