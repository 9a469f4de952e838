//! What there is to say of a case: what failed and where, what was seen, what helps to understand it.

use super::markup::{escaped, lines, text};
use crate::report::clean::page as clean;
use crate::report::human::detail::note_of;
use crate::report::human::told::{Folded, folded};
use crate::report::style::{count, time};
use crate::run::outcome::{CaseOutcome, ClaimOutcome, Evidence, Failure, Trouble, Verdict};
use crate::text::source::Place;

/// How many failures of a case are shown.
const FAILURES: usize = 60;
/// How many lines of an expected or actual text.
const VALUE: usize = 60;
/// How many lines of a difference.
const DIFF: usize = 200;
/// How many lines of a block of evidence, its last ones.
const EVIDENCE: usize = 200;
/// More lines than these are folded.
const SHORT: usize = 12;
/// How many characters of a source line are shown.
const SOURCE: usize = 240;
/// How many things that a claim saw are told.
const SEEN: usize = 8;

/// Where the case is written, what it verifies, of what image it is.
pub fn about(case: &CaseOutcome, anchor: &str) -> String {
    let chips = |class: &str, all: &[String]| -> String {
        let all = all.iter();
        all.map(|one| format!(" <span class=\"{class}\">{}</span>", text(one)))
            .collect()
    };
    let image = case.image.as_ref().map_or(String::new(), |image| {
        format!("<br><span class=\"image\">{}</span>", text(image))
    });
    let by = case
        .judged_by()
        .map_or(String::new(), |by| format!("<br>judged {}", text(&by)));
    format!(
        "<p class=\"about\"><a href=\"#{}\" title=\"a link to this case\">{}</a>{}{}{image}{by}</p>\n",
        escaped(anchor),
        at(&case.place),
        chips("requirement", &case.verifies),
        chips("tag", &case.tags),
    )
}

/// What is to be said of a case that did not pass.
pub fn of(case: &CaseOutcome) -> String {
    let shown = case.failures.iter().take(FAILURES);
    let mut all: String = shown.map(|one| failure(one, note_of(case, one))).collect();
    let more = case.failures.len().saturating_sub(FAILURES);
    if more > 0 {
        let more = count(more, "failure");
        all.push_str(&format!(
            "<p class=\"more\">{more} more: report.json has all of them.</p>\n"
        ));
    }
    let troubles: String = case.troubles.iter().take(FAILURES).map(trouble).collect();
    // What failed beside what could not be told may have come of that.
    all = match case.verdict {
        Verdict::Errored => troubles + &all,
        _ => all + &troubles,
    };
    all.extend(case.evidence.iter().map(evidence));
    if !case.kept.is_empty() {
        let kept = case.kept.iter().map(|kept| lines(kept, VALUE));
        let kept = kept.collect::<Vec<_>>().join("\n");
        all.push_str(&format!("<h4>Kept</h4>\n<pre>{kept}</pre>\n"));
    }
    let held = case.claims.iter().filter(|c| c.verdict == Verdict::Passed);
    let held = held.count();
    if held > 0 {
        all.push_str(&format!(
            "<details class=\"held\"><summary>{} of {} held</summary>\n{}</details>\n",
            held,
            count(case.claims.len(), "claim"),
            claims(&case.claims)
        ));
    }
    all
}

/// What is to be said of a case that passed, or was skipped.
pub fn of_good(case: &CaseOutcome, with_claims: bool) -> String {
    let mut all = String::new();
    if let Some(reason) = &case.skip {
        all.push_str(&format!("<p>Skipped: {}</p>\n", lines(reason, VALUE)));
    }
    match (case.claims.len(), with_claims) {
        (0, _) => {}
        (_, true) => all.push_str(&claims(&case.claims)),
        (number, false) => all.push_str(&format!(
            "<p class=\"more\">{}: what they saw is in report.json.</p>\n",
            count(number, "claim")
        )),
    }
    all
}

fn claims(claims: &[ClaimOutcome]) -> String {
    let one = |claim: &ClaimOutcome| {
        let verdict = claim.verdict.word();
        let seen = claim.seen.iter().take(SEEN).map(|seen| text(seen));
        let mut seen: Vec<String> = seen.collect();
        let more = claim.seen.len().saturating_sub(SEEN);
        if more > 0 {
            seen.push(format!("and {more} more"));
        }
        let seen = match seen.is_empty() {
            true => String::new(),
            false => format!(": <span class=\"seen\">{}</span>", seen.join(", ")),
        };
        let note = claim.note.as_ref().map_or(String::new(), |note| {
            format!("<br><span class=\"note\">{}</span>", text(note))
        });
        let line = claim.place.line;
        format!(
            "<li class=\"{verdict}\"><span class=\"verdict\">{verdict}</span> <code>{}</code> <span class=\"line\">line {line}</span>{seen}{note}</li>\n",
            text(&claim.claim)
        )
    };
    let all: String = claims.iter().map(one).collect();
    format!("<ul class=\"claims\">\n{all}</ul>\n")
}

fn failure(failure: &Failure, note: Option<&str>) -> String {
    let mut all = format!(
        "<section class=\"failure\">\n<h4>{}</h4>\n{}",
        title(failure),
        source(&failure.place)
    );
    let short = |value: &str| value.len() <= 80 && !value.trim_end().contains('\n');
    let (expected, actual) = (&failure.expected, &failure.actual);
    // Where a difference is shown, long texts would only hide it.
    if failure.diff.is_none() || short(expected) && short(actual) {
        all.push_str(&format!(
            "<dl class=\"values\"><dt>expected</dt><dd class=\"good\">{}</dd><dt>actual</dt><dd class=\"bad\">{}</dd></dl>\n",
            lines(expected, VALUE),
            lines(actual, VALUE)
        ));
    }
    if let Some(diff) = &failure.diff {
        all.push_str(&difference(diff));
    }
    if let Some(waited) = failure.waited {
        all.push_str(&format!(
            "<p class=\"waited\">Waited {} for it to come true.</p>\n",
            time(waited)
        ));
    }
    for note in failure.notes.iter().map(String::as_str).chain(note) {
        all.push_str(&format!("<p class=\"note\">{}</p>\n", lines(note, VALUE)));
    }
    all.push_str("</section>\n");
    all
}

/// What is not as claimed, and where: `path /app mode on web/2`.
fn title(failure: &Failure) -> String {
    let name = text(&failure.about());
    let on = failure.service.as_ref();
    on.map_or(name.clone(), |on| format!("{name} on {}", text(on)))
}

fn difference(diff: &str) -> String {
    let line = |line: &String| {
        let shown = escaped(line);
        match line.chars().next() {
            Some('-') => format!("<span class=\"good\">{shown}</span>"),
            Some('+') => format!("<span class=\"bad\">{shown}</span>"),
            _ => shown,
        }
    };
    let lines: Vec<String> = clean::lines(diff, DIFF).iter().map(line).collect();
    format!(
        "<p class=\"key\">difference: <span class=\"good\">- expected</span>, <span class=\"bad\">+ actual</span></p>\n<pre class=\"diff\">{}</pre>\n",
        lines.join("\n")
    )
}

fn trouble(trouble: &Trouble) -> String {
    let place = trouble.place.as_ref().map_or(String::new(), source);
    format!(
        "<section class=\"trouble\">\n<h4>Could not tell</h4>\n<p class=\"message\">{}</p>\n{place}</section>\n",
        lines(&trouble.message, VALUE)
    )
}

fn evidence(block: &Evidence) -> String {
    let lines: Vec<String> = block.lines.iter().flat_map(|one| clean::log(one)).collect();
    let left = lines.len().saturating_sub(EVIDENCE);
    let mut shown: Vec<String> = Vec::new();
    if left > 0 {
        shown.push(format!("<i>({} before these)</i>", count(left, "line")));
    }
    for line in folded(lines.get(left..).unwrap_or_default()) {
        shown.push(match line {
            Folded::Line(line) => escaped(line),
            Folded::More(count) => format!("<i>({count} more like it)</i>"),
        });
    }
    let open = if shown.len() <= SHORT { " open" } else { "" };
    format!(
        "<details class=\"evidence\"{open}><summary>{} <span class=\"line\">{}</span></summary>\n<pre>{}</pre>\n</details>\n",
        text(&block.title),
        count(lines.len(), "line"),
        shown.join("\n")
    )
}

/// `file:line`.
fn at(place: &Place) -> String {
    format!("{}:{}", text(&place.file), place.line)
}

/// The line of the suite, what is claimed marked in it.
pub fn source(place: &Place) -> String {
    let place_at = format!("{}:{}", at(place), place.column);
    if place.text.trim().is_empty() {
        return format!("<p class=\"place\">{place_at}</p>\n");
    }
    let chars: Vec<char> = place.text.chars().collect();
    let start = place.column.saturating_sub(1).min(chars.len());
    let end = start.saturating_add(place.width).min(chars.len());
    // A long line is shown from a little before the claim.
    let far = chars.len() > SOURCE && start > SOURCE / 2;
    let from = if far { start - SOURCE / 4 } else { 0 };
    let to = chars.len().min(from + SOURCE);
    let part = |a: usize, b: usize| -> String {
        let part: String = chars
            .get(a..b.min(to).max(a))
            .unwrap_or(&[])
            .iter()
            .collect();
        // The end of a line would be taken for its own.
        text(&part.replace(['\n', '\r'], " "))
    };
    let cut = |there: bool| if there { "…" } else { "" };
    format!(
        "<figure class=\"source\"><figcaption class=\"place\">{place_at}</figcaption><pre><span class=\"number\">{}</span> {}{}<mark>{}</mark>{}{}</pre></figure>\n",
        place.line,
        cut(from > 0),
        part(from, start),
        part(start, end),
        part(end, to),
        cut(to < chars.len()),
    )
}
