//! `build_context`: what the builder is sent.

mod globs;
mod ignores;
#[cfg(test)]
mod tests;

use super::{Findings, Judge, Scope};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::build::BuilderKind;
use crate::fact::path::{Kind, Walk};
use crate::fact::question::Question;
use crate::fact::source::{Amount, Context, Sent};
use crate::record;
use crate::text::ignore::Ignore;
use crate::text::matcher::Miss;
use crate::text::matcher::bound::Bound;
use crate::text::percent::{Part, Percent};
use crate::text::source::Spanned;
use crate::text::units::{Bulk, Bytes};
pub use globs::ContextGlob;
pub use ignores::Ignores;

record! {
    /// What the builder is sent of the folder that the image is built from.
    pub struct BuildContext {
        /// Bytes of all files that are sent; `MB` is a million.
        size: Option<Spanned<Bound<Bulk>>>,
        /// How many files are sent.
        files: Option<Spanned<Bound<u64>>>,
        /// Paths within the context, or patterns for such, of each of which something is sent.
        sends: Vec<Spanned<ContextGlob>>,
        /// Paths within the context, or patterns for such, of which nothing is sent.
        excludes: Vec<Spanned<ContextGlob>>,
        /// What the ignore file lists.
        ignores: Option<Spanned<Ignores>>,
        /// The share of the bytes, at least, that the ignore file keeps from being sent.
        reduced_by: Option<Spanned<Part>>,
    }
}

/// What a claim looks at.
struct View<'a> {
    context: &'a Context,
    /// What stands in the folder, where a claim needs it.
    whole: Option<&'a Walk>,
    rules: Ignore,
}

impl View<'_> {
    /// That no line of the ignore file does this.
    fn no_line(&self, does: &str) -> String {
        match &self.context.ignore {
            Some(file) => format!("no line of {} {does}", file.name),
            None => format!("there is no ignore file in {}", self.context.folder),
        }
    }

    /// The line that takes back the first of what is sent.
    fn taken_back(&self, sent: &[&Sent]) -> Option<usize> {
        sent.iter()
            .find_map(|sent| self.rules.decide(&sent.path).line)
    }

    /// Whether a path would be sent if it were there, or something below it.
    fn would_be_sent(&self, path: &str) -> bool {
        let wildcards = self.context.builder == BuilderKind::BuildKit;
        let is_below = self.rules.may_take_back_below(path, wildcards);
        !self.rules.decide(path).ignored || is_below && self.rules.reaches_below(path)
    }

    /// The line of the ignore file of that number, with where it stands.
    fn line(&self, number: usize) -> String {
        let file = self.context.ignore.as_ref();
        let (name, text) = file.map_or(("", "".into()), |f| (f.name.as_str(), f.text.text()));
        let line = text.lines().nth(number.saturating_sub(1)).unwrap_or("");
        format!("line {number} of {name}, `{}`,", line.trim())
    }
}

impl Judge for BuildContext {
    const SCOPE: Scope = Scope::Sources;

    fn questions(&self) -> Vec<Question> {
        let mut asked = vec![Question::Context];
        if self.wants_whole() {
            asked.push(Question::WholeContext);
        }
        asked
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let context = seen.context()?;
        let whole = match self.wants_whole() {
            true => Some(seen.whole_context()?),
            false => None,
        };
        let rules = context
            .ignore
            .as_ref()
            .map(|file| file.text.bytes.as_slice());
        let rules = Ignore::parse(rules.unwrap_or_default());
        let rules = rules.map_err(|bad| Blocked::Unseen(bad.to_string()))?;
        let view = View {
            context,
            whole,
            rules,
        };
        self.amount(&view, findings);
        for glob in &self.sends {
            glob.value.sent(glob.span, &view, findings);
        }
        for glob in &self.excludes {
            glob.value.kept(glob.span, &view, findings);
        }
        if let Some(rule) = &self.ignores {
            rule.value.judge(rule.span, &view, findings);
        }
        self.reduction(&view, findings)
    }
}

impl BuildContext {
    fn wants_whole(&self) -> bool {
        !self.excludes.is_empty() || self.reduced_by.is_some()
    }

    fn amount(&self, view: &View<'_>, findings: &mut Findings) {
        let Amount { files, bytes } = view.context.amount();
        let size = Bulk(bytes);
        if let Some(rule) = &self.size {
            let note = largest(view.context);
            match rule.value.miss(&size) {
                None => findings.saw(format!("size {size}")),
                miss => findings.check_with(rule.span, "size", miss, note),
            }
        }
        if let Some(rule) = &self.files {
            findings.compare(rule.span, "files", rule.value.miss(&files), files);
        }
    }

    fn reduction(&self, view: &View<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let (Some(rule), Some(whole)) = (&self.reduced_by, view.whole) else {
            return Ok(());
        };
        whole.seen_whole().map_err(Blocked::Unseen)?;
        let files = whole.entries.iter().filter(|e| e.stat.kind == Kind::File);
        let all = files.fold(0_u64, |sum, file| sum.saturating_add(file.stat.size));
        let sent = view.context.amount().bytes;
        let actual = Percent::gone(all, sent);
        let told = format!("{actual}, from {} to {}", Bytes(all), Bytes(sent));
        let miss = (actual < rule.value.0).then(|| {
            let expected = format!("at least {}", rule.value.0);
            Miss::new(expected, &told)
        });
        findings.compare(rule.span, "reduced_by", miss, told);
        Ok(())
    }
}

/// The largest files that are sent.
fn largest(context: &Context) -> String {
    let mut files: Vec<_> = context
        .sent
        .iter()
        .filter(|s| s.kind == Kind::File)
        .collect();
    files.sort_by_key(|file| std::cmp::Reverse(file.size));
    let named = files.iter().take(3);
    let named = named.map(|file| format!("{} ({})", file.path, Bytes(file.size)));
    let named: Vec<String> = named.collect();
    match named.is_empty() {
        true => "no file is sent".to_owned(),
        false => format!("the largest are {}", named.join(", ")),
    }
}
