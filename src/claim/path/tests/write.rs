use super::seen;
use crate::claim::trial::{judged, misses as misses_of};
use crate::fact::answer::Fact;
use crate::fact::path::Attempts;
use crate::fact::question::Question;

/// The kernel's word for every path, with what it says to those whom it refuses.
fn kernel(refusal: Option<&str>) -> impl Fn(&Question) -> Fact {
    let paths = ["/data", "/data/f", "/app/f", "/l/f"];
    let tried = paths.map(|path| (path.to_owned(), refusal.map(str::to_owned)));
    move |question| match question {
        Question::MayWrite { .. } => Fact::MayWrite(Attempts::Tried(tried.clone().into())),
        other => seen(other),
    }
}

#[test]
fn the_kernel_has_the_last_word_on_who_may_write() {
    let judge = |text: &str, refusal| misses_of("path", text, kernel(refusal));
    let readonly = Some("Read-only file system");
    let (may, may_not) = ("writable_by: app }", "not_writable_by: app }");
    assert_eq!(judge(&format!("{{ at: /data, {may}"), None), [""; 0]);
    assert_eq!(
        judge(&format!("{{ at: /data, {may_not}"), readonly),
        [""; 0]
    );
    let said = judge(&format!("{{ at: /data, {may}"), readonly);
    let why = "the kernel refuses it (Read-only file system), though by owner and mode they may write to it (0775 drwxrwxr-x app (1000):app (1000))";
    assert_eq!(
        said,
        [format!(
            "/data writable_by: expected app (1000) may write, actual {why}"
        )]
    );
    let said = judge(&format!("{{ at: /app/f, {may_not}"), None);
    let why = "the kernel lets them write, though by owner and mode they cannot write to it (4644 -rwSr--r-- root (0):root (0))";
    assert_eq!(
        said,
        [format!(
            "/app/f not_writable_by: expected app (1000) may not write, actual {why}"
        )]
    );
    // Each that a pattern matches is tried.
    assert_eq!(
        judge("{ at: '/*/f', not_writable_by: [app, root] }", readonly),
        [""; 0]
    );
    assert_eq!(
        judge("{ at: '/*/f', not_writable_by: root }", None).len(),
        2
    );
    let untried = |question: &Question| match question {
        Question::MayWrite { .. } => Fact::MayWrite(Attempts::Tried([].into())),
        other => seen(other),
    };
    let found = judged("path", &format!("{{ at: /data, {may}"), untried);
    assert_eq!(
        found.unseen,
        [
            "whether /data can be written could not be tried: it is gone meanwhile, or its name is no UTF-8"
        ]
    );
    // What could not be tried of one hides nothing of another.
    let half = |question: &Question| match question {
        Question::MayWrite { .. } => {
            Fact::MayWrite(Attempts::Tried([("/data/f".to_owned(), None)].into()))
        }
        other => seen(other),
    };
    let found = judged("path", "{ at: '/*/f', not_writable_by: root }", half);
    assert_eq!(
        (found.misses.len(), found.unseen.len()),
        (1, 0),
        "{found:?}"
    );
    let unknown = |question: &Question| match question {
        Question::MayWrite { .. } => Fact::MayWrite(Attempts::NoUser("no such user".to_owned())),
        other => seen(other),
    };
    let said = misses_of("path", &format!("{{ at: /data, {may}"), unknown);
    assert!(said[0].ends_with("the engine starts nothing as that user: no such user"));
}
