//! Secrets in files beside the suite: what an image is built from, and how it is run.

use std::borrow::Cow;

use super::kind::{self, Kind};
use super::{
    Findings, NoSecrets, Secret, assigned, command, content, files, gathered, in_files, of_file,
    tree, whole,
};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::blob::Blob;
use crate::fact::path::Kind as FileKind;
use crate::fact::question::Question;
use crate::fact::search::{Search, Searched};
use crate::fact::source::Look;
use crate::text::matcher::{Miss, listed};

/// What sources are searched for: as images are, and every text is wanted whole.
fn search() -> Search {
    let mut search = super::search();
    search.names = vec![String::new()];
    search
}

pub(super) fn questions(paths: &[String]) -> Vec<Question> {
    let ask = |path: &String| {
        let (path, again) = (path.clone(), path.clone());
        let search = search();
        let looks = [
            Look::Stat { path, follow: true },
            Look::Search {
                path: again,
                search,
            },
        ];
        looks.map(Question::Source)
    };
    paths.iter().flat_map(ask).collect()
}

impl NoSecrets {
    pub(super) fn judge_sources(
        &self,
        paths: &[String],
        seen: Seen<'_>,
        findings: &mut Findings,
    ) -> Result<(), Blocked> {
        let (mut all, mut count, mut looked) = (Vec::new(), 0, Vec::new());
        for path in paths {
            let Some(stat) = seen.source_stat(path, true)? else {
                let miss = Miss::new("a file or folder without secrets", "nothing is there");
                findings.check(self.span, path, Some(miss));
                continue;
            };
            let searched = seen.source_searched(path, &search())?;
            all.extend(secrets(searched));
            count += searched.count;
            looked.push((path.as_str(), stat.kind == FileKind::File, searched));
        }
        let found = self.tell(gathered(all), findings);
        for (path, named, searched) in looked {
            whole(searched, &self.places.except)?;
            if searched.count == 0 && searched.passed == 0 && searched.finds.is_empty() {
                let why = format!("there is no file in {path} to look into");
                return Err(Blocked::Unseen(why));
            }
            self.readable(path, named, searched, findings)?;
        }
        if found == 0 && findings.misses.is_empty() {
            findings.saw(format!("none in {count} files of {}", paths.join(", ")));
        }
        Ok(())
    }

    /// Whether all was read that may hold a secret. Of a folder it may be that some files are no text; one
    /// that is named itself was meant to be read.
    fn readable(
        &self,
        path: &str,
        named: bool,
        searched: &Searched,
        findings: &mut Findings,
    ) -> Result<(), Blocked> {
        let through = |path: &str| {
            self.places
                .except
                .iter()
                .any(|except| except.value.matches(path))
        };
        let held = searched.files.iter().filter(|held| !through(&held.path));
        let (texts, others): (Vec<_>, Vec<_>) =
            held.partition(|held| text(&held.content).is_some());
        let unread = !others.is_empty() || searched.passed > 0;
        let why = if named && unread && !through(path) {
            Some(format!("{path} is no text, so what it holds is not known"))
        } else {
            let large = texts.iter().find(|held| held.content.is_cut());
            large.map(|held| format!("{} holds more than is read of one text", held.path))
        };
        if let Some(why) = why {
            return Err(Blocked::Unseen(format!(
                "{why}: take it out of `in`, or name it in `except`"
            )));
        }
        let others: Vec<String> = others.iter().map(|held| held.path.clone()).collect();
        if !others.is_empty() {
            let names = listed(&others, "and");
            findings.saw(format!(
                "no text, searched for keys and tokens only: {names}"
            ));
        }
        let partly = searched.partly.iter().filter(|path| !through(path));
        for path in partly {
            findings.saw(format!("only the first part of {path} was searched"));
        }
        Ok(())
    }
}

/// The most that is looked at to tell whether it is text.
const LOOK: usize = 8 << 10;

/// What a file holds, where that is text, without a mark of its encoding.
pub(super) fn text(blob: &Blob) -> Option<Cow<'_, str>> {
    let pairs = |rest: &[u8], of: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = rest
            .chunks_exact(2)
            .map(|two| of([two[0], two[1]]))
            .collect();
        Some(Cow::Owned(String::from_utf16_lossy(&units)))
    };
    match blob.bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => pairs(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => pairs(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] if !rest.iter().take(LOOK).any(|byte| *byte == 0) => {
            Some(String::from_utf8_lossy(rest))
        }
        bytes if bytes.iter().take(LOOK).any(|byte| *byte == 0) => None,
        _ => Some(blob.text()),
    }
}

/// The secrets in files of all kinds. A sample is looked at where it is named: it shall show no real value.
fn secrets(searched: &Searched) -> Vec<Secret> {
    let mut found = in_files(searched, |_| false, true);
    for held in &searched.files {
        if let Some(text) = text(&held.content) {
            let placed = in_text(&held.path, &text);
            let secrets = placed.into_iter();
            found.extend(
                secrets.map(|(line, what, secret)| of_file(&held.path, line, what, secret)),
            );
        }
    }
    found
}

/// The secrets of a text, read as its name says.
pub(super) fn in_text(path: &str, text: &str) -> Vec<tree::Placed> {
    let mut found = placed(path, text);
    if kind::is_document(path) {
        found.retain(|(_, _, secret)| {
            !content::counts(secret) || content::in_text(secret).is_empty()
        });
    }
    found
}

fn placed(path: &str, text: &str) -> Vec<tree::Placed> {
    let (mut found, style) = match kind::of(path) {
        Kind::Lines(style) => (Vec::new(), style),
        Kind::Tree(style) => match tree::secrets(text, style) {
            (found, true) => return found,
            (found, false) => (found, style),
        },
    };
    for (number, line) in (1..).zip(text.lines()) {
        if files::is_comment(line.trim()) || !command::is_worth_reading(line) {
            continue;
        }
        let line = assigned::plain(line, style);
        let secrets = command::secrets(&line, style).into_iter();
        found.extend(secrets.map(|spoken| (number, spoken.what, spoken.text)));
    }
    found
}
