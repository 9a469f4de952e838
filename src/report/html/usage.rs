//! What containers used: memory and processors, as often as they were looked at.

use super::markup::text;
use super::{bytes, millis};
use crate::fact::timeline::{Container, Group, Sample};
use crate::report::style::count;
use crate::report::timings::whose;
use crate::run::outcome::Outcome;

/// How many containers are shown, those that used most memory.
const MOST: usize = 60;
/// Of fewer points than these each is shown as one.
const FEW: usize = 16;
/// The size of a chart, in units of its own.
const WIDE: u64 = 1000;
const HIGH: u64 = 100;

/// Whether anything was seen.
pub fn is_told(outcome: &Outcome) -> bool {
    seen(outcome).next().is_some()
}

fn seen(outcome: &Outcome) -> impl Iterator<Item = (&Group, &Container)> {
    let groups = outcome.courses.iter().flat_map(|course| &course.groups);
    let containers = groups.flat_map(|group| group.containers.iter().map(move |one| (group, one)));
    containers.filter(|(_, one)| !one.samples.is_empty())
}

/// The section; nothing where nothing was seen.
pub fn of(outcome: &Outcome) -> String {
    let mut all: Vec<(&Group, &Container)> = seen(outcome).collect();
    if all.is_empty() {
        return String::new();
    }
    all.sort_by_key(|(_, one)| std::cmp::Reverse(one.peak()));
    let left = all.len().saturating_sub(MOST);
    let cards: String = all
        .iter()
        .take(MOST)
        .map(|(group, one)| card(group, one))
        .collect();
    let more = match left {
        0 => String::new(),
        more => format!(
            "<p class=\"more\">{} that used less memory: report.json has all.</p>\n",
            count(more, "more container")
        ),
    };
    format!(
        "<section id=\"usage\" aria-labelledby=\"usage-title\">\n<h2 id=\"usage-title\">Memory and processors</h2>\n\
         <p>As the kernel counts them, about five times a second while a container runs; the probe is a small part of it.</p>\n\
         <div class=\"cards\">\n{cards}</div>\n{more}</section>"
    )
}

fn card(group: &Group, container: &Container) -> String {
    let samples = &container.samples;
    let memory: Vec<(u64, u64)> = samples
        .iter()
        .filter_map(|one| Some((one.at, one.memory?)))
        .collect();
    let work = rates(samples);
    let peak = container.peak().map_or("not seen".to_owned(), |peak| {
        format!("{} at most", bytes(peak))
    });
    let worked = match container.worked() {
        Some(worked) => {
            let most = work.iter().map(|(_, rate)| *rate).max();
            let most = most.map_or(String::new(), |most| format!(", {most} % of one at most"));
            format!("{} of work{most}", millis(worked))
        }
        None => "not seen".to_owned(),
    };
    let (from, to) = (
        samples.first().map_or(0, |one| one.at),
        samples.last().map_or(0, |one| one.at),
    );
    let looked = count(samples.len(), "look");
    format!(
        "<article class=\"card\">\n<h3>{} <small>of {}</small></h3>\n\
         <dl><dt>memory</dt><dd>{peak}{}</dd><dt>processors</dt><dd>{worked}{}</dd></dl>\n\
         <p class=\"line\">{looked} from {} to {} of the run</p>\n</article>\n",
        text(&container.name),
        text(&whose(group)),
        chart(&memory, (from, to), "memory"),
        chart(&work, (from, to), "work"),
        millis(from),
        millis(to),
    )
}

/// How much of one processor was used between two looks, in percent, at the later one.
fn rates(samples: &[Sample]) -> Vec<(u64, u64)> {
    let pairs = samples.iter().zip(samples.iter().skip(1));
    let rate = |(before, after): (&Sample, &Sample)| {
        let worked = after.worked?.checked_sub(before.worked?)?;
        let passed = after
            .at
            .checked_sub(before.at)
            .filter(|passed| *passed > 0)?;
        Some((after.at, worked.saturating_mul(100) / passed))
    };
    pairs.filter_map(rate).collect()
}

/// A line through the points, from nothing to the highest of them.
fn chart(points: &[(u64, u64)], (from, to): (u64, u64), class: &str) -> String {
    let most = points.iter().map(|(_, value)| *value).max().unwrap_or(0);
    if points.len() < 2 || most == 0 {
        return String::new();
    }
    let wide = u128::from(to.saturating_sub(from).max(1));
    let place = |(at, value): &(u64, u64)| {
        let x = u128::from(at.saturating_sub(from)) * u128::from(WIDE) / wide;
        let y = u128::from(HIGH) - u128::from(*value) * u128::from(HIGH) / u128::from(most);
        format!("{x} {y}")
    };
    let places: Vec<String> = points.iter().map(place).collect();
    let line = format!("M{}", places.join("L"));
    let dots = match places.len() {
        0..FEW => places.iter().map(|place| format!("M{place}h0")).collect(),
        _ => String::new(),
    };
    let first = points.first().map_or(0, |one| one.0).saturating_sub(from);
    let first = u128::from(first) * u128::from(WIDE) / wide;
    let last = points.last().map_or(0, |one| one.0).saturating_sub(from);
    let last = u128::from(last) * u128::from(WIDE) / wide;
    format!(
        "<svg class=\"chart {class}\" viewBox=\"0 -4 {WIDE} {}\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
         <path class=\"area\" d=\"{line}L{last} {HIGH}L{first} {HIGH}Z\"/><path class=\"curve\" d=\"{line}\"/><path class=\"dots\" d=\"{dots}\"/></svg>",
        HIGH + 8
    )
}
