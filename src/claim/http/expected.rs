//! What came of a request, beside what was expected of it.

use std::time::Duration;

use super::status::Status;
use super::{Http, HttpFields};
use crate::claim::{Finding, Findings};
use crate::fact::answer::Blocked;
use crate::fact::blob::Blob;
use crate::fact::http::{Failure, Outcome, Response};
use crate::text::matcher::pairs::PairsMatch;
use crate::text::matcher::texts::cut::Cut;
use crate::text::matcher::{Miss, QUOTED, evident, quote};
use crate::text::units::{Bytes, Time, show_time};

/// Lines of a body that a failure shows.
const SHOWN: usize = 8;
/// Bytes of a body that a failure looks at for them.
const LOOKED_AT: usize = 4096;

impl Http {
    pub(super) fn compare(
        &self,
        outcome: &Outcome,
        findings: &mut Findings,
    ) -> Result<(), Blocked> {
        let (fields, url) = (&self.fields, &self.fields.url);
        let asked = format!("{} {}", self.request.method, self.request.url);
        match (outcome, &fields.fails) {
            (Outcome::Failed { failure, text }, Some(fails)) => {
                let right = fails.value == Failure::Any || fails.value == *failure;
                let how = failed(*failure, text);
                let miss =
                    (!right).then(|| Miss::new(failing(fails.value), format!("it failed: {how}")));
                findings.compare(fails.span, "fails", miss, how);
            }
            // It was answered, each time.
            (Outcome::Circled { text }, Some(fails)) => {
                let miss = Miss::new(
                    failing(fails.value),
                    format!("redirects without end: {text}"),
                );
                findings.check(fails.span, "fails", Some(miss));
            }
            (Outcome::Circled { text }, None) => {
                let expected = format!("an answer to {asked} that leads to an end");
                let miss = Miss::new(expected, format!("redirects without end: {text}"));
                findings.check(url.span, "http", Some(miss));
            }
            (Outcome::Failed { failure, text }, None) => {
                let expected = format!("an answer to {asked}");
                let miss = Miss::new(expected, failed(*failure, text));
                findings.check(url.span, "http", Some(miss));
            }
            (Outcome::Answered(response), Some(fails)) => {
                let first = findings.misses.len();
                let miss = Miss::new(failing(fails.value), format!("status {}", response.status));
                findings.check(fails.span, "fails", Some(miss));
                self.evidence(response, first, findings);
            }
            (Outcome::Answered(response), None) => {
                let first = findings.misses.len();
                let unsure = fields.compare(response, findings);
                if findings.misses.len() == first {
                    let time = Duration::from_micros(response.micros);
                    let status = response.status;
                    findings.saw(format!("{asked}: {status} in {}", show_time(time)));
                }
                self.evidence(response, first, findings);
                if let Some(why) = unsure
                    && findings.misses.len() == first
                {
                    return Err(Blocked::Unseen(why));
                }
            }
        }
        Ok(())
    }

    /// Shows behind the misses from `first` on what the answer was.
    fn evidence(&self, response: &Response, first: usize, findings: &mut Findings) {
        let header = |name: &str| response.headers.iter().find(|(n, _)| n == name);
        let mut answer = format!(
            "{} {} answered {}",
            self.request.method, self.request.url, response.status
        );
        if response.url != self.request.url {
            answer.push_str(&format!(" from {}", quote(&response.url)));
        }
        for name in ["content-type", "location"] {
            if let Some((_, value)) = header(name) {
                answer.push_str(&format!(", {name} {}", quote(value)));
            }
        }
        let misses = &mut findings.misses[first..];
        let is_shown = misses.iter().any(|miss| shows(miss, &response.body));
        if let Some(last) = misses.last_mut() {
            last.notes.push(answer);
            last.notes.extend(wants_tls(response).map(str::to_owned));
            if !is_shown {
                last.notes.extend(body_notes(&response.body));
            }
        }
    }
}

impl HttpFields {
    /// Compares the answer; says why it cannot be told whether all holds, if so.
    fn compare(&self, response: &Response, findings: &mut Findings) -> Option<String> {
        self.compare_status(response.status, findings);
        if let Some(header) = &self.header {
            compare_headers(&header.value, &response.headers, findings);
        }
        let (text, cut) = (response.body.text(), response.body.is_cut());
        let mut unsure = None;
        let of_body = self.text.is_some() || self.json.is_some() || self.metrics.is_some();
        if let Some(why) = unreadable(response).filter(|_| of_body) {
            self.compare_time(response, findings);
            return Some(why);
        }
        if let Some(expected) = &self.text {
            let known = cut.then(|| expected.value.cut(&text));
            match known {
                None => findings.check(expected.span, "text", expected.value.miss(&text)),
                Some(Cut::Misses(miss)) => {
                    let note = kept(&response.body);
                    findings.check_with(expected.span, "text", Some(miss), note);
                }
                Some(Cut::Open) => unsure = Some(kept(&response.body)),
                Some(Cut::Holds) => {}
            }
        }
        if let Some(expected) = &self.json {
            if cut {
                unsure = Some(kept(&response.body));
            } else if let Some(at) = wrong_byte(&response.body) {
                let actual = format!("a body that is no UTF-8 from byte {at} on");
                findings.check(expected.span, "json", Some(Miss::new("JSON", actual)));
            } else {
                for (span, miss) in expected.value.misses_in(&text) {
                    findings.check(span, "json", Some(miss));
                }
            }
        }
        if let Some(expected) = &self.metrics {
            match cut {
                true => unsure = Some(kept(&response.body)),
                false => {
                    let body = &response.body.bytes;
                    let open = response.headers.iter().any(|(name, value)| {
                        let kind = value.trim_start().to_ascii_lowercase();
                        name == "content-type" && kind.starts_with("application/openmetrics-text")
                    });
                    expected.value.judge(expected.span, body, open, findings);
                }
            }
        }
        self.compare_time(response, findings);
        unsure
    }

    fn compare_time(&self, response: &Response, findings: &mut Findings) {
        if let Some(expected) = &self.time {
            let took = Time(Duration::from_micros(response.micros));
            findings.check(expected.span, "time", expected.value.miss(&took));
        }
    }

    fn compare_status(&self, actual: u16, findings: &mut Findings) {
        let (span, miss) = match &self.status {
            Some(expected) => (expected.span, expected.value.miss(&Status(actual))),
            None => {
                let good = (200..300).contains(&actual);
                let miss = (!good).then(|| Miss::new("from 200 to 299", actual.to_string()));
                (self.url.span, miss)
            }
        };
        findings.check(span, "status", miss);
    }
}

/// Why no words can be looked for in a body, where it is written so that there are none.
fn unreadable(response: &Response) -> Option<String> {
    let all = |name: &'static str| {
        let headers = response.headers.iter().filter(move |(n, _)| n == name);
        headers.flat_map(|(_, value)| value.split([',', ';']).map(str::trim))
    };
    let packed = all("content-encoding").find(|how| !matches!(*how, "" | "identity"));
    if let Some(how) = packed {
        return Some(format!(
            "the answer's body is compressed ({}), though nothing of the kind was asked for, and is not unpacked",
            evident(how)
        ));
    }
    let wide = all("content-type").find_map(|part| {
        let set = part.to_ascii_lowercase();
        let set = set.strip_prefix("charset=")?.trim_matches('"').to_owned();
        ["utf-16", "utf16", "utf-32", "ucs-2"]
            .iter()
            .any(|wide| set.starts_with(wide))
            .then_some(set)
    });
    wide.map(|set| {
        format!("the answer's body is written in {set}, which is not read here: only UTF-8 is")
    })
}

/// Compares headers; names in any case, several of one name joined as one.
fn compare_headers(expected: &PairsMatch, actual: &[(String, String)], findings: &mut Findings) {
    let mut joined: Vec<(String, String)> = Vec::new();
    for (name, value) in actual {
        match joined.iter_mut().find(|(n, _)| n == name) {
            Some((_, all)) => all.push_str(&format!(", {value}")),
            None => joined.push((name.clone(), value.clone())),
        }
    }
    let pairs: Vec<(&str, &str)> = joined
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let expected = in_lower_case(expected);
    for judged in expected.judge(&pairs) {
        let what = match judged.name.as_str() {
            "" => "headers".to_owned(),
            name => format!("header {name}"),
        };
        // What must not be there is in none of several of one name.
        let each = actual.iter().filter(|(name, _)| *name == judged.name);
        let single = each.filter_map(|(_, value)| expected.excluded(&judged.name, value));
        let miss = judged.miss.or_else(|| single.into_iter().next());
        findings.check(judged.span, what, miss);
    }
}

fn in_lower_case(expected: &PairsMatch) -> PairsMatch {
    let mut expected = expected.clone();
    match &mut expected {
        PairsMatch::Names(names) => {
            let names = &mut names.value;
            let all = names.holds.iter_mut().chain(&mut names.without);
            all.chain(names.only.iter_mut().flatten())
                .for_each(|name| name.make_ascii_lowercase());
        }
        PairsMatch::Each(pairs) => pairs
            .iter_mut()
            .for_each(|(name, _)| name.value.make_ascii_lowercase()),
    }
    expected
}

fn failing(how: Failure) -> String {
    match how {
        Failure::Any => "no answer".to_owned(),
        how => format!("no answer: {}", in_words(how)),
    }
}

fn failed(how: Failure, text: &str) -> String {
    match (how, text) {
        (Failure::Any, text) => text.to_owned(),
        (how, "") => in_words(how).to_owned(),
        (how, text) => format!("{}: {text}", in_words(how)),
    }
}

fn in_words(how: Failure) -> &'static str {
    match how {
        Failure::Any => "failed",
        Failure::Tls => "TLS failed",
        Failure::Refused => "refused",
        Failure::Timeout => "no answer in time (timeout)",
        Failure::Dns => "the name is not known (dns)",
    }
}

fn kept(body: &Blob) -> String {
    format!(
        "only the first {} of the answer's {} were kept, so the rest is not known",
        Bytes(body.bytes.len() as u64),
        Bytes(body.total)
    )
}

/// The number of the first byte of a body that is no UTF-8, from 1.
fn wrong_byte(body: &Blob) -> Option<usize> {
    let wrong = std::str::from_utf8(&body.bytes).err()?;
    // A letter may stand where the body was cut.
    let cut = body.is_cut() && wrong.error_len().is_none();
    (!cut).then(|| wrong.valid_up_to() + 1)
}

/// Whether a miss shows the whole of a body already.
fn shows(miss: &Finding, body: &Blob) -> bool {
    let Ok(text) = std::str::from_utf8(&body.bytes) else {
        return false;
    };
    let is_short = !body.is_cut() && text.chars().count() <= QUOTED;
    let chomped = text.strip_suffix('\n').unwrap_or(text);
    let says = |text: &str| !text.is_empty() && miss.miss.actual.contains(&quote(text));
    is_short && (says(text) || says(chomped))
}

/// What servers say on a port of TLS to whoever speaks in the clear.
fn wants_tls(response: &Response) -> Option<&'static str> {
    let is_refused = response.status == 400 && response.url.starts_with("http://");
    let head = &response.body.bytes[..response.body.bytes.len().min(LOOKED_AT)];
    let said = String::from_utf8_lossy(head).to_lowercase();
    let told = [
        "to an https server",
        "to https port",
        "speaking plain http to an ssl",
    ];
    (is_refused && told.iter().any(|told| said.contains(told)))
        .then_some("the server says that it speaks TLS on this port: write https://")
}

/// The beginning of a body, a line each.
fn body_notes(body: &Blob) -> Vec<String> {
    let head = &body.bytes[..body.bytes.len().min(LOOKED_AT)];
    let head = String::from_utf8_lossy(head);
    let mut notes: Vec<String> = head
        .lines()
        .take(SHOWN)
        .map(|line| format!("body: {}", evident(line)))
        .collect();
    if head.lines().nth(SHOWN).is_some() || body.total > LOOKED_AT as u64 {
        notes.push(format!("body: and so on, {} in all", Bytes(body.total)));
    }
    if let Some(at) = wrong_byte(body) {
        notes.push(format!(
            "the body is no UTF-8 from byte {at} on; what is none is read as \u{fffd}"
        ));
    }
    notes
}
