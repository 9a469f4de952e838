//! What is said of a claim that fails in an image, where the suite would have mounted something.

use super::judge::Judged;
use crate::claim::Finding;
use crate::fact::question::Question;
use crate::suite::run::Run;

/// Says of a failed claim about files that its case was judged in the image, where `run` would have put
/// something else in the place that it is about.
pub(super) fn hint(judged: &mut Judged<'_>, run: &Run) {
    let asked = judged.item.claim.questions();
    let volumes = run.volumes.iter().map(|mount| mount.target.as_str());
    let memory = run.tmpfs.0.iter().map(|tmpfs| tmpfs.path.as_str());
    let over = volumes.chain(memory).find(|place| {
        let mut paths = asked.iter().filter_map(path);
        paths.any(|path| is_at_or_below(path, place))
    });
    let why = match over {
        Some(place) => format!("where nothing is mounted at {place} as `run` says"),
        None if run.read_only.0 => "whose root can be written to, whatever `run` says".to_owned(),
        None => return,
    };
    let note = format!(
        "judged in the image, {why}: give the case `run: {{}}` to have it judged in a container that runs"
    );
    // Of a root that is only read, nothing else comes out otherwise.
    let is_meant = |miss: &&mut Finding| over.is_some() || miss.what.ends_with(" not_writable_by");
    let findings = judged.found.iter_mut().map(|(_, findings)| findings);
    if let Some(first) = findings.flat_map(|f| &mut f.misses).find(is_meant) {
        first.notes.push(note);
    }
}

/// The path that a question is about.
fn path(question: &Question) -> Option<&str> {
    match question {
        Question::Stat { path, .. }
        | Question::Read { path, .. }
        | Question::Digest { path, .. } => Some(path),
        Question::MayWrite { at, .. } => Some(at),
        Question::Walk { root, .. } => Some(root),
        _ => None,
    }
}

fn is_at_or_below(path: &str, place: &str) -> bool {
    let rest = path.strip_prefix(place.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::claim::Findings;
    use crate::suite::Item;
    use crate::text::matcher::Miss;
    use crate::text::read::{Read, Reader};
    use crate::text::source::FileId;
    use crate::text::yaml;

    fn noted(claim: &str, run: &str) -> Vec<String> {
        noted_of("x", claim, run)
    }

    fn noted_of(what: &str, claim: &str, run: &str) -> Vec<String> {
        let mut reader = Reader::default();
        let node = |text| yaml::parse(FileId(0), text).0.unwrap();
        let item = Item::read(&node(claim), &mut reader).unwrap();
        let run = Run::read(&node(run), &mut reader).unwrap();
        let mut findings = Findings::default();
        findings.check(item.span, what, Some(Miss::new("a", "b")));
        let mut judged = Judged {
            item: &item,
            found: vec![(None, findings)],
            looks: Vec::new(),
            asked: 0,
            waited: None,
            took: Duration::ZERO,
        };
        hint(&mut judged, &run);
        judged.found.remove(0).1.misses.remove(0).notes
    }

    #[test]
    fn a_claim_about_what_run_would_have_mounted_says_where_it_was_judged() {
        let run = "{ volumes: ['data:/data'], tmpfs: ['/run/app/'] }";
        for (claim, place) in [
            ("path: { at: /data/x, exists: true }", "mounted at /data as"),
            ("path: { at: /data, type: file }", "mounted at /data as"),
            (
                "path: { at: '/run/app/*', exists: false }",
                "mounted at /run/app/ as",
            ),
        ] {
            let said = noted(claim, run).join(" ");
            assert!(said.contains(place) && said.contains("`run: {}`"), "{said}");
        }
        for claim in [
            "path: { at: /database, exists: true }",
            "path: { at: /run, type: file }",
        ] {
            assert_eq!(noted(claim, run), [""; 0], "{claim}");
        }
        let writes = "path: { at: /etc, not_writable_by: root }";
        assert_eq!(noted_of("/etc not_writable_by", writes, "{}"), [""; 0]);
        let said = noted_of("/etc not_writable_by", writes, "{ read_only: true }").join(" ");
        assert!(said.contains("whose root can be written to"), "{said}");
    }

    #[test]
    fn a_root_that_is_only_read_explains_no_other_failure() {
        let both = "path: { at: /etc, writable_by: app, not_writable_by: root, mode: 755 }";
        for what in ["/etc writable_by", "/etc mode"] {
            let said = noted_of(what, both, "{ read_only: true }");
            assert_eq!(said, [""; 0], "{what}");
        }
    }
}
