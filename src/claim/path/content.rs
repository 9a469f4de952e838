//! What a file holds, compared as text, as JSON and by its digest.

use super::PathFields;
use super::at::Sha256;
use crate::claim::Findings;
use crate::fact::answer::{Blocked, Seen};
use crate::fact::blob::Blob;
use crate::fact::path::{Digest, Kind, Stat};
use crate::text::matcher::texts::cut::Cut;
use crate::text::matcher::{Miss, quote};
use crate::text::source::Spanned;
use crate::text::units::Bytes;

/// Most bytes that are read of a file.
pub(super) const MOST: u64 = 16 << 20;
/// Most bytes of which the digest is taken.
pub(super) const HASHED: u64 = 1 << 30;

impl PathFields {
    pub(super) fn judge_content(
        &self,
        path: &str,
        stat: Option<&Stat>,
        seen: Seen<'_>,
        findings: &mut Findings,
    ) -> Result<(), Blocked> {
        let (text, digest) = (self.wants_content(), self.sha256.as_ref().map(|s| s.span));
        let Some(span) = text.or(digest) else {
            return Ok(());
        };
        let what = format!("{path} content");
        let kind = stat.map(|stat| stat.kind);
        if let Some(other) = kind.filter(|kind| *kind != Kind::File) {
            let miss = Miss::new("a file that can be read", format!("a {other}"));
            findings.check(span, what, Some(miss));
            return Ok(());
        }
        let nothing = || Miss::new("a file that can be read", "nothing");
        if text.is_some() {
            match seen.read(path, MOST)? {
                Some(blob) => self.judge_text(path, blob, findings)?,
                None => {
                    findings.check(span, what, Some(nothing()));
                    return Ok(());
                }
            }
        }
        match (&self.sha256, digest) {
            (Some(wanted), Some(_)) => match seen.digest(path, HASHED)? {
                Some(found) => judge_digest(path, wanted, found, findings),
                None => {
                    findings.check(span, what, Some(nothing()));
                    Ok(())
                }
            },
            _ => Ok(()),
        }
    }

    fn judge_text(&self, path: &str, blob: &Blob, findings: &mut Findings) -> Result<(), Blocked> {
        let what = |field: &str| format!("{path} {field}");
        let binary = binary(blob);
        if blob.is_cut() {
            let (total, most) = (Bytes(blob.total), Bytes(MOST));
            let why = format!("{path} holds {total}, and at most {most} of a file are read");
            let content = self.content.as_ref();
            return match content.map(|c| (c.span, c.value.cut(&blob.text()))) {
                Some((span, Cut::Misses(miss))) => {
                    findings.check_with(span, what("content"), Some(miss), why);
                    Ok(())
                }
                Some((_, Cut::Holds)) if self.json.is_none() => Ok(()),
                _ => Err(Blocked::Unseen(why)),
            };
        }
        if let Some(content) = &self.content {
            let miss = content.value.miss(&blob.text());
            if let (Some(name), None) = (utf16(blob), &miss) {
                // What it says is not what its bytes look like, least of all for `not`.
                let why =
                    format!("{path} is text in {name}, which is not read: claim its `sha256`");
                return Err(Blocked::Unseen(why));
            }
            let miss = miss.map(|miss| match &binary {
                Some(shown) => Miss::new(miss.expected, shown),
                None => miss,
            });
            findings.check(content.span, what("content"), miss);
        }
        if let Some(json) = &self.json {
            let misses = match &binary {
                Some(shown) => vec![(json.span(), Miss::new("JSON", shown))],
                None => json.misses_in(&blob.text()),
            };
            for (span, miss) in misses {
                findings.check(span, what("json"), Some(miss));
            }
        }
        Ok(())
    }
}

fn judge_digest(
    path: &str,
    wanted: &Spanned<Sha256>,
    found: &Digest,
    findings: &mut Findings,
) -> Result<(), Blocked> {
    let Some(actual) = &found.sha256 else {
        let (total, most) = (Bytes(found.total), Bytes(HASHED));
        return Err(Blocked::Unseen(format!(
            "{path} holds {total}, and the digest of at most {most} is taken"
        )));
    };
    let miss = (wanted.value.0 != *actual).then(|| Miss::new(&wanted.value.0, actual));
    findings.check(wanted.span, format!("{path} sha256"), miss);
    Ok(())
}

/// The character set in which two bytes are a character, where the file says by its first that it is so.
fn utf16(blob: &Blob) -> Option<&'static str> {
    match blob.bytes.as_slice() {
        [0xff, 0xfe, ..] => Some("UTF-16LE"),
        [0xfe, 0xff, ..] => Some("UTF-16BE"),
        _ => None,
    }
}

/// How bytes that are no text begin, where these are such.
fn binary(blob: &Blob) -> Option<String> {
    const SHOWN: usize = 16;
    // A cut may have gone through a character.
    let end = match std::str::from_utf8(&blob.bytes) {
        Ok(text) if !text.contains('\0') => return None,
        Err(error) if blob.is_cut() && error.error_len().is_none() => return None,
        Ok(_) => "with zero bytes in it",
        Err(_) => "which is not UTF-8",
    };
    let hex: Vec<String> = blob
        .bytes
        .iter()
        .take(SHOWN)
        .map(|b| format!("{b:02x}"))
        .collect();
    let start = String::from_utf8_lossy(blob.bytes.get(..SHOWN).unwrap_or(&blob.bytes));
    let total = Bytes(blob.total);
    let (hex, start) = (hex.join(" "), quote(&start));
    Some(format!(
        "binary, {total}, {end}, that begins with {hex} ({start})"
    ))
}
