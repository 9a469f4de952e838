//! `load`.

use serde_json::{Value as Json, json};

use super::Act;
use crate::claim::http::Http;
use crate::claim::{Claim, Findings};
use crate::fact::deed::Deed;
use crate::fact::load::{LOSSES, Loss, Lost, Traffic};
use crate::record;
use crate::text::matcher::Miss;
use crate::text::matcher::bound::Bound;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::{Span, Spanned};
use crate::text::tree::Node;
use crate::text::units::{Time, show_time};

/// How many clients there are where nobody says.
const CLIENTS: u32 = 8;
/// The most that there may be.
const MOST: u32 = 64;

record! {
    /// Requests that are made all the while other steps are done.
    pub struct LoadFields (instead of_request) {
        /// The request, and what each must get, as the claim `http` is written.
        http: Spanned<Request>,
        /// How many clients there are (8 without it, 64 at most). Each makes one request after the other,
        /// on a connection of its own each.
        clients: Option<Spanned<u32>>,
        /// The steps that are done meanwhile.
        during: Inner,
        /// How many requests may be lost that were connected: reset, late or answered otherwise (0 without it).
        failed: Option<Spanned<Bound<u64>>>,
        /// How many requests may find nobody to connect to (0 without it).
        refused: Option<Spanned<Bound<u64>>>,
        /// How many of the requests may be lost in any way, refused ones too, that were in flight when the first
        /// step began (without it, only `failed` and `refused` say so).
        lost_in_flight: Option<Spanned<Bound<u64>>>,
        /// How many requests there must be in all.
        requests: Option<Spanned<Bound<u64>>>,
        /// The time that half of the answers came within.
        p50: Option<Spanned<Bound<Time>>>,
        /// The time that 99 of 100 answers came within.
        p99: Option<Spanned<Bound<Time>>>,
    }
}

/// What is said of the request stands with it.
fn of_request(key: &str) -> Option<&'static str> {
    match key {
        "from" => Some("it stands with the request: `http: { url: …, from: NAME }`"),
        "auth" | "body" | "follow" | "form" | "header" | "headers" | "json" | "method"
        | "metrics" | "status" | "text" | "time" | "timeout" | "tls" | "url" => {
            Some("it stands with the request: `http: { url: …, … }`")
        }
        _ => None,
    }
}

/// Requests, what is done meanwhile, and what must come of them.
#[derive(Debug, Clone)]
pub struct Load(pub Box<LoadFields>);

impl Read for Load {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        LoadFields::read(node, reader).map(|fields| Self(Box::new(fields)))
    }
    fn schema(schemas: &mut Schemas) -> Json {
        LoadFields::schema(schemas)
    }
}

/// The request of a load: an `http` claim that expects an answer.
#[derive(Debug, Clone)]
pub struct Request(pub Box<Http>);

impl Read for Request {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let mut sound = true;
        for (key, help) in [
            (
                "fails",
                "requests without an answer are counted: say `refused` or `failed` beside `http`",
            ),
            ("spread_over", "claim it by itself, as a step `http`"),
        ] {
            if let Some(value) = node.get(key) {
                let message = format!("`{key}` does not go with `load`");
                reader.say(value.span, message).help(help);
                sound = false;
            }
        }
        Http::read(node, reader)
            .filter(|_| sound)
            .map(|http| Self(Box::new(http)))
    }
    fn keys() -> &'static [&'static str] {
        Http::keys()
    }
    fn schema(schemas: &mut Schemas) -> Json {
        Http::schema(schemas)
    }
}

/// Steps within a step; they are read where steps are known.
#[derive(Debug, Clone)]
pub struct Inner(pub Node);

impl Read for Inner {
    fn read(node: &Node, _: &mut Reader) -> Option<Self> {
        Some(Self(node.clone()))
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "type": "array", "minItems": 1, "items": { "$ref": "#/definitions/Step" } })
    }
}

impl Act for Load {
    fn deed(&self) -> Deed {
        Deed::Load
    }
}

impl Load {
    /// Says what cannot be meant.
    pub fn check(&self, reader: &mut Reader) -> bool {
        match &self.0.clients {
            Some(clients) if !(1..=MOST).contains(&clients.value) => {
                let message = format!("`clients: {}` is not a number of clients", clients.value);
                let said = reader.say(clients.span, message);
                said.help(format!("take a number from 1 to {MOST}"));
                false
            }
            _ => true,
        }
    }

    /// How many clients there are.
    pub fn clients(&self) -> u32 {
        self.0
            .clients
            .as_ref()
            .map_or(CLIENTS, |clients| clients.value)
    }

    /// The claim that each request is judged by.
    pub fn claim(&self) -> Claim {
        Claim::Http(self.0.http.value.0.clone())
    }

    /// Compares what came of all requests with what is claimed; `span` is the step's.
    pub fn judge(&self, span: Span, seen: &Traffic, findings: &mut Findings) {
        let counts = &seen.counts;
        if counts.ok == 0 && seen.marks.is_empty() {
            let actual = format!("none of {} was: {}", counts.all(), listed(seen, &LOSSES));
            let expected = "requests that are answered before the first step";
            findings.check(self.0.http.span, "http", Some(Miss::new(expected, actual)));
            if let Some(last) = findings.misses.last_mut() {
                note(&seen.lost.iter().collect::<Vec<_>>(), seen, &mut last.notes);
            }
            return;
        }
        let before = findings.misses.len();
        let (refused, failed) = LOSSES.split_at(1);
        lost(
            span,
            "failed",
            (self.0.failed.as_ref(), failed),
            seen,
            findings,
        );
        lost(
            span,
            "refused",
            (self.0.refused.as_ref(), refused),
            seen,
            findings,
        );
        if let Some(bound) = &self.0.lost_in_flight {
            findings.check(bound.span, "lost_in_flight", in_flight(bound, seen));
        }
        if let Some(bound) = &self.0.requests {
            let miss = bound.value.miss(&counts.all());
            findings.check(bound.span, "requests", miss);
        }
        for (what, bound, percent) in [("p50", &self.0.p50, 50), ("p99", &self.0.p99, 99)] {
            let Some(bound) = bound else { continue };
            let miss = match seen.times.percentile(percent) {
                Some(time) => bound.value.miss(&Time(time)),
                None => Some(Miss::new(bound.value.expected(), "no request was answered")),
            };
            findings.check(bound.span, what, miss);
        }
        if findings.misses.len() == before {
            findings.saw(summary(seen));
        } else if let Some(last) = findings.misses.last_mut() {
            last.notes.push(summary(seen));
        }
    }
}

/// Compares how many requests were lost in one of these ways.
fn lost(
    span: Span,
    what: &str,
    (bound, kinds): (Option<&Spanned<Bound<u64>>>, &[Loss]),
    seen: &Traffic,
    findings: &mut Findings,
) {
    let count = kinds.iter().map(|loss| seen.counts.of(*loss)).sum();
    let none = Bound::exactly(0);
    let (at, expected) = bound.map_or((span, &none), |bound| (bound.span, &bound.value));
    let Some(mut miss) = expected.miss(&count) else {
        return;
    };
    miss.actual = format!("{count} of {} requests", seen.counts.all());
    if kinds.len() > 1 && count > 0 {
        miss.actual.push_str(&format!(": {}", listed(seen, kinds)));
    }
    let lost: Vec<&Lost> = seen
        .lost
        .iter()
        .filter(|lost| kinds.contains(&lost.loss))
        .collect();
    if let Some(first) = lost.iter().map(|lost| lost.micros).min() {
        miss.actual
            .push_str(&format!("; the first {}", when(seen, first)));
    }
    findings.check(at, what, Some(miss));
    let Some(last) = findings.misses.last_mut() else {
        return;
    };
    note(&lost, seen, &mut last.notes);
    if kinds == [Loss::Refused] && bound.is_none() {
        let note =
            "where nobody is meant to listen for a while, say so: `refused: { at_least: 1 }`";
        last.notes.push(note.to_owned());
    }
}

/// Compares how many of those were lost that were in flight when the first step began.
fn in_flight(bound: &Spanned<Bound<u64>>, seen: &Traffic) -> Option<Miss> {
    let counts = &seen.in_flight;
    if counts.all() == 0 {
        let expected = "requests in flight when the first step began";
        return Some(Miss::new(
            expected,
            "there was none: take a URL that takes its time",
        ));
    }
    let mut miss = bound.value.miss(&(counts.all() - counts.ok))?;
    let kinds = LOSSES.iter().filter(|loss| counts.of(**loss) > 0);
    let kinds: Vec<String> = kinds
        .map(|loss| format!("{} {loss}", counts.of(*loss)))
        .collect();
    let step = seen.marks.first().map_or("", |mark| mark.step.as_str());
    miss.actual = format!(
        "{} of the {} requests that were in flight when `{step}` began",
        if kinds.is_empty() {
            "none".to_owned()
        } else {
            kinds.join(", ")
        },
        counts.all()
    );
    Some(miss)
}

/// What came of them, each of these kinds that there was.
fn listed(seen: &Traffic, kinds: &[Loss]) -> String {
    let kinds = kinds.iter().map(|loss| (seen.counts.of(*loss), loss));
    let kinds = kinds.filter(|(count, _)| *count > 0);
    let said: Vec<String> = kinds
        .map(|(count, loss)| format!("{count} {loss}"))
        .collect();
    said.join(", ")
}

fn summary(seen: &Traffic) -> String {
    let time = |percent| {
        seen.times
            .percentile(percent)
            .map_or("none".to_owned(), show_time)
    };
    let mut said = format!(
        "{} requests of {} clients in {}: {} ok",
        seen.counts.all(),
        seen.clients,
        show_time(std::time::Duration::from_micros(seen.micros)),
        seen.counts.ok,
    );
    let lost = listed(seen, &LOSSES);
    if !lost.is_empty() {
        said.push_str(&format!(", {lost}"));
    }
    said.push_str(&format!("; p50 {}, p99 {}", time(50), time(99)));
    said
}

/// Tells of each that was lost; of those that were lost alike of the first, with how many there are.
fn note(lost: &[&Lost], seen: &Traffic, notes: &mut Vec<String>) {
    let mut alike: Vec<(&Lost, u64)> = Vec::new();
    for &one in lost {
        match alike
            .iter_mut()
            .find(|(other, _)| seen.are_alike(other, one))
        {
            Some((_, more)) => *more += 1 + one.more,
            None => alike.push((one, one.more)),
        }
    }
    notes.extend(alike.into_iter().map(|(lost, more)| {
        let more = match more {
            0 => String::new(),
            more => format!(", and {more} more like it"),
        };
        let when = when(seen, lost.micros);
        format!("{} {when}: {}{more}", lost.loss, lost.text)
    }));
}

/// A moment as the steps have it.
fn when(seen: &Traffic, micros: u64) -> String {
    match seen.since(micros) {
        Some((step, since)) => format!("{} after `{step}` began", show_time(since)),
        None => "before the first step".to_owned(),
    }
}

#[cfg(test)]
mod tests;
