use super::{SHA256, misses, seen};
use crate::claim::trial::{judged, misses as misses_of};
use crate::fact::answer::Fact;
use crate::fact::blob::Blob;
use crate::fact::path::Digest;
use crate::fact::question::Question;

#[test]
fn a_digest_is_that_of_the_whole_content() {
    let claim = |digest: &str| format!("{{ at: /app/f, sha256: '{digest}' }}");
    assert_eq!(
        misses(&claim(&format!("sha256:{}", SHA256.to_uppercase()))),
        [""; 0]
    );
    let other = "0".repeat(64);
    let said = format!("/app/f sha256: expected {other}, actual {SHA256}");
    assert_eq!(misses(&claim(&other)), [said]);
    let huge = |question: &Question| match question {
        Question::Digest { .. } => Fact::Digest(Some(Digest {
            sha256: None,
            total: 5 << 30,
        })),
        other => seen(other),
    };
    let found = judged("path", &claim(&other), huge);
    let why = "/app/f holds 5.37 GB, and the digest of at most 1.07 GB is taken";
    assert_eq!(found.unseen, [why]);
    assert!(found.misses.is_empty());
}

#[test]
fn bytes_that_are_no_text_are_shown_as_such() {
    let elf = |question: &Question| match question {
        Question::Read { path, .. } if path == "/app/f" => {
            Fact::Read(Some(Blob::whole(&b"\x7fELF\x02\x01\0\xff needle"[..])))
        }
        other => seen(other),
    };
    let shown = "binary, 15 B, which is not UTF-8, that begins with 7f 45 4c 46 02 01 00 ff 20 6e 65 65 64 6c 65 (\"\\u{7f}ELF\\u{2}\\u{1}\\u{0}\u{fffd} needle\")";
    let said = misses_of("path", "{ at: /app/f, content: { contains: hay } }", elf);
    assert_eq!(
        said,
        [format!(
            "/app/f content: expected containing \"hay\", actual {shown}"
        )]
    );
    let said = misses_of("path", "{ at: /app/f, json: { $.a: 1 } }", elf);
    assert_eq!(
        said,
        [format!("/app/f json: expected JSON, actual {shown}")]
    );
    let text = "{ at: /app/f, content: { contains: needle } }";
    assert_eq!(misses_of("path", text, elf), [""; 0]);
}
