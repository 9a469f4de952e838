//! What there is to say of a case that did not pass.

use super::snippet;
use super::told::{Folded, Told, folded};
use crate::report::clean;
use crate::report::style::{self, BAD, BOLD, DIM, DOUBT, GOOD, paint};
use crate::run::outcome::{CaseOutcome, ClaimOutcome, Evidence, Failure, Trouble, Verdict};
use crate::suite::service::APP;
use crate::text::source::Place;

const INDENT: &str = "      ";
/// How many lines of an expected or actual text are shown.
const VALUE: usize = 12;
/// How long a text may be that is shown beside a difference.
const SHORT: usize = 80;
/// How many lines of a difference.
const DIFF: usize = 60;
/// How many failures of one claim.
const FAILURES: usize = 20;
/// How many lines of a block of evidence.
const EVIDENCE: usize = 40;
/// How many things that a claim saw are told.
const SEEN: usize = 8;

/// The block below the line of the case; nothing where it passed and left nothing behind.
pub fn of(case: &CaseOutcome, told: &Told) -> String {
    let mut text = String::new();
    if let Some(times) = case.times() {
        text.push_str(&field("runs", &[times]));
    }
    if let Some(by) = case.judged_by() {
        text.push_str(&field("judged", &[by]));
    }
    if let Some(first) = case.others().next().filter(|_| case.is_flaky()) {
        let first = CaseOutcome {
            kept: case.kept.clone(),
            ..first
        };
        return text + &of(&first, told);
    }
    if let Some(reason) = &case.skip {
        text.push_str(&field("reason", &clean::lines(reason, VALUE)));
    }
    let (mut parts, known) = match told.findings(case) {
        Some(name) => (vec![as_with(case, name)], true),
        None => (findings(case), false),
    };
    let open = matches!(case.verdict, Verdict::Failed | Verdict::Errored);
    let mut rest = String::new();
    if let Some(image) = image_of(case).filter(|_| open && !known) {
        rest.push_str(&field("image", &[shorter(&clean::line(&image))]));
    }
    for block in case.evidence.iter().filter(|_| open) {
        match told.evidence(block) {
            None => rest.push_str(&evidence(block)),
            Some(_) if known => {}
            Some(name) => {
                let (title, name) = (clean::line(&block.title), clean::line(name));
                rest.push_str(&format!("{INDENT}{title}: as with `{name}` above\n"));
            }
        }
    }
    let kept: Vec<String> = case
        .kept
        .iter()
        .flat_map(|kept| clean::lines(kept, VALUE))
        .collect();
    rest.push_str(&field("kept", &kept));
    parts.push(rest);
    parts.retain(|part| !part.is_empty());
    if !parts.is_empty() {
        text.push_str(&parts.join("\n"));
        text.push('\n');
    }
    text
}

/// What came of each claim, and what it saw.
pub fn claims(case: &CaseOutcome, mark: impl Fn(Verdict) -> String) -> String {
    let one = |claim: &ClaimOutcome| {
        let mut seen: Vec<String> = claim
            .seen
            .iter()
            .take(SEEN)
            .map(|one| clean::line(one))
            .collect();
        if claim.seen.len() > SEEN {
            seen.push(format!("and {} more", claim.seen.len() - SEEN));
        }
        let seen = match seen.is_empty() {
            true => String::new(),
            false => format!(": {}", seen.join(", ")),
        };
        let (mark, name) = (mark(claim.verdict), clean::line(&claim.claim));
        let line = paint(DIM, format!("line {}", claim.place.line));
        format!("{INDENT}{mark} {name} {line}{seen}\n")
    };
    case.claims.iter().map(one).collect()
}

/// The image that is judged; where all that failed is of other services, theirs.
fn image_of(case: &CaseOutcome) -> Option<String> {
    let mut whose: Vec<&str> = Vec::new();
    for failure in &case.failures {
        let name = failure.service.as_deref().unwrap_or(APP);
        let name = name.split('/').next().unwrap_or(name);
        if !whose.contains(&name) {
            whose.push(name);
        }
    }
    let of = |name: &str| case.images.iter().find(|image| image.service == name);
    let theirs = whose
        .iter()
        .filter(|name| **name != APP)
        .map(|name| of(name).map(|image| format!("{name}: {} ({})", image.name, image.id)));
    match theirs.collect::<Option<Vec<String>>>() {
        Some(theirs) if !whose.is_empty() && theirs.len() == whose.len() => Some(theirs.join(", ")),
        _ => case.image.clone(),
    }
}

/// That the same was found of an earlier case.
fn as_with(case: &CaseOutcome, name: &str) -> String {
    let errored = case.verdict == Verdict::Errored && !case.troubles.is_empty();
    let first = case.failures.first().filter(|_| !errored).map(title);
    let what = first.unwrap_or_else(|| paint(DOUBT.bold(), "could not tell"));
    let more = match (case.failures.len() + case.troubles.len()).saturating_sub(1) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "{INDENT}{what}{more}: as with `{}` above\n",
        clean::line(name)
    )
}

/// What failed and what could not be told.
fn findings(case: &CaseOutcome) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut at = case.failures.as_slice();
    while let Some(first) = at.first() {
        // Those of one claim stand together.
        let same = |other: &&Failure| other.claim == first.claim && other.place == first.place;
        let (these, rest) = at.split_at(at.iter().take_while(same).count());
        for one in these.iter().take(FAILURES) {
            parts.push(failure(one, note_of(case, one)));
        }
        if these.len() > FAILURES {
            parts.push(more(first, these.len() - FAILURES));
        }
        at = rest;
    }
    let troubles = case.troubles.iter().map(trouble);
    // What failed beside what could not be told may have come of that.
    match case.verdict {
        Verdict::Errored => troubles.chain(parts).collect(),
        _ => parts.into_iter().chain(troubles).collect(),
    }
}

/// The digests in it cut to the twelve digits that the Docker CLI shows; the whole ones are in
/// `report.json`.
fn shorter(image: &str) -> String {
    let mut parts = image.split("sha256:");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.find(|c: char| !c.is_ascii_hexdigit());
        let (digest, rest) = part.split_at(digits.unwrap_or(part.len()));
        let digest = digest.get(..12).unwrap_or(digest);
        text.push_str(&format!("sha256:{digest}{rest}"));
    }
    text
}

/// A name and its lines, in two columns.
fn field(name: &str, lines: &[String]) -> String {
    let mut text = String::new();
    for (at, line) in lines.iter().enumerate() {
        let name = if at == 0 { name } else { "" };
        text.push_str(format!("{INDENT}{name:9} {line}").trim_end());
        text.push('\n');
    }
    text
}

fn painted(lines: Vec<String>, style: anstyle::Style) -> Vec<String> {
    lines.into_iter().map(|line| paint(style, line)).collect()
}

fn failure(failure: &Failure, note: Option<&str>) -> String {
    let mut text = format!("{INDENT}{}\n", title(failure));
    text.push_str(&snippet::of(&failure.place, INDENT));
    // Where a difference is shown, long texts would only hide it.
    let short = |value: &str| value.len() <= SHORT && !value.trim_end().contains('\n');
    let shown = failure.diff.is_none() || short(&failure.expected) && short(&failure.actual);
    let values = [
        ("expected", &failure.expected, GOOD),
        ("actual", &failure.actual, BAD),
    ];
    for (name, value, style) in values {
        if shown {
            let lines = clean::lines(value, VALUE);
            text.push_str(&field(name, &painted(lines, style)));
        }
    }
    if let Some(diff) = &failure.diff {
        text.push_str(&field("diff", &["- expected, + actual".to_owned()]));
        for line in clean::lines(diff, DIFF) {
            let line = match line.chars().next() {
                Some('-') => paint(GOOD, line),
                Some('+') => paint(BAD, line),
                _ => line,
            };
            text.push_str(format!("{INDENT}  {line}").trim_end());
            text.push('\n');
        }
    }
    if let Some(waited) = failure.waited {
        let waited = format!("{} for it to come true", style::time(waited));
        text.push_str(&field("waited", &[waited]));
    }
    for note in failure.notes.iter().map(String::as_str).chain(note) {
        text.push_str(&field("note", &clean::lines(note, VALUE)));
    }
    text
}

/// What is not as claimed, and where: `path /app mode on web/2`.
fn title(failure: &Failure) -> String {
    let name = clean::line(&failure.about());
    let on = failure.service.as_ref();
    let on = on.map_or(String::new(), |s| format!(" on {}", clean::line(s)));
    paint(BOLD, name + &on)
}

/// The suite's own sentence for the claim that failed: that of the nearest claim above.
pub fn note_of<'a>(case: &'a CaseOutcome, failure: &Failure) -> Option<&'a str> {
    let at = |place: &Place| (place.line, place.column);
    let above = |place: &Place| place.file == failure.place.file && at(place) <= at(&failure.place);
    case.claims
        .iter()
        .filter(|c| c.claim == failure.claim && above(&c.place))
        .max_by_key(|c| at(&c.place))
        .and_then(|c| c.note.as_deref())
}

/// That there are more of the same claim, and where.
fn more(first: &Failure, more: usize) -> String {
    let claim = clean::line(&first.claim);
    let said = format!(
        "and {more} more of `{claim}`: `--report FOLDER` writes all of them into report.json"
    );
    format!("{INDENT}{}\n", paint(BOLD, said))
}

fn trouble(trouble: &Trouble) -> String {
    let mut text = format!("{INDENT}{}", paint(DOUBT.bold(), "could not tell: "));
    let lines = clean::lines(&trouble.message, VALUE * 2);
    text.push_str(&lines.join(&format!("\n{INDENT}")));
    text.push('\n');
    if let Some(place) = &trouble.place {
        text.push_str(&snippet::of(place, INDENT));
    }
    text
}

fn evidence(block: &Evidence) -> String {
    let mut text = format!("{INDENT}{}:\n", clean::line(&block.title));
    let lines: Vec<String> = block
        .lines
        .iter()
        .flat_map(|line| clean::log(line))
        .collect();
    // The last lines of a log are the ones that tell why it ended.
    let left = lines.len().saturating_sub(EVIDENCE);
    if left > 0 {
        let said = format!("({} before these)", style::count(left, "line"));
        text.push_str(&format!("{INDENT}  {}\n", paint(DIM, said)));
    }
    let bar = paint(DIM, "|");
    for line in folded(&lines[left..]) {
        let line = match line {
            Folded::Line(line) => format!("{INDENT}  {bar} {line}"),
            Folded::More(count) => format!(
                "{INDENT}  {}",
                paint(DIM, format!("({count} more like it)"))
            ),
        };
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
