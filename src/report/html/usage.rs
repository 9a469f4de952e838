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
    let lives = lives(samples);
    let memory: Vec<Vec<(u64, u64)>> = lives
        .iter()
        .map(|life| {
            life.iter()
                .filter_map(|one| Some((one.at, one.memory?)))
                .collect()
        })
        .collect();
    let work: Vec<Vec<(u64, u64)>> = lives.iter().map(|life| rates(life)).collect();
    let peak = container.peak().map_or("not seen".to_owned(), |peak| {
        format!("{} at most", bytes(peak))
    });
    let worked = match container.worked() {
        Some(worked) => {
            let most = work.iter().flatten().map(|(_, rate)| *rate).max();
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

/// More than so many of the usual distances between two looks lie where it did not run.
const APART: u64 = 3;

/// The looks at each time that it ran: one that was started again has worked less, or was not seen for a while.
fn lives(samples: &[Sample]) -> Vec<&[Sample]> {
    let distance = |(one, other): (&Sample, &Sample)| other.at.saturating_sub(one.at);
    let mut distances: Vec<u64> = samples
        .iter()
        .zip(samples.iter().skip(1))
        .map(distance)
        .collect();
    distances.sort_unstable();
    let usual = distances.get(distances.len() / 2).copied().unwrap_or(0);
    let goes_on = |one: &Sample, other: &Sample| {
        let is_new = one
            .worked
            .zip(other.worked)
            .is_some_and(|(one, other)| other < one);
        !is_new && distance((one, other)) <= usual.saturating_mul(APART)
    };
    samples.chunk_by(goes_on).collect()
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

/// A line through the points of each life, from nothing to the highest of all of them.
fn chart(lives: &[Vec<(u64, u64)>], (from, to): (u64, u64), class: &str) -> String {
    let points: Vec<&(u64, u64)> = lives.iter().flatten().collect();
    let most = points.iter().map(|(_, value)| *value).max().unwrap_or(0);
    if points.len() < 2 || most == 0 {
        return String::new();
    }
    let wide = u128::from(to.saturating_sub(from).max(1));
    let along = |at: u64| u128::from(at.saturating_sub(from)) * u128::from(WIDE) / wide;
    let place = |(at, value): &(u64, u64)| {
        let y = u128::from(HIGH) - u128::from(*value) * u128::from(HIGH) / u128::from(most);
        format!("{} {y}", along(*at))
    };
    let (mut curve, mut area, mut dots) = (String::new(), String::new(), String::new());
    for life in lives {
        let (Some(first), Some(last)) = (life.first(), life.last()) else {
            continue;
        };
        let places: Vec<String> = life.iter().map(place).collect();
        let line = format!("M{}", places.join("L"));
        let (first, last) = (along(first.0), along(last.0));
        area.push_str(&format!("{line}L{last} {HIGH}L{first} {HIGH}Z"));
        curve.push_str(&line);
        // A line through one point is none.
        if points.len() < FEW || places.len() == 1 {
            dots.extend(places.iter().map(|place| format!("M{place}h0")));
        }
    }
    format!(
        "<svg class=\"chart {class}\" viewBox=\"0 -4 {WIDE} {}\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
         <path class=\"area\" d=\"{area}\"/><path class=\"curve\" d=\"{curve}\"/><path class=\"dots\" d=\"{dots}\"/></svg>",
        HIGH + 8
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line of memory of a container that was seen at these moments, and had worked so long by then.
    fn curve(seen: &[(u64, u64)]) -> String {
        let sample = |(at, worked): &(u64, u64)| Sample {
            at: *at,
            memory: Some(100),
            worked: Some(*worked),
        };
        let container = Container {
            name: "app".to_owned(),
            stretches: Vec::new(),
            samples: seen.iter().map(sample).collect(),
        };
        let card = card(&Group::default(), &container);
        let (_, rest) = card.split_once("class=\"curve\" d=\"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    }

    #[test]
    fn where_it_was_started_again_the_line_has_a_gap() {
        assert_eq!(
            curve(&[(0, 1), (200, 2), (400, 3), (1000, 4)]),
            "M0 0L200 0L400 0L1000 0"
        );
        // It has worked less than before.
        assert_eq!(
            curve(&[(0, 10), (200, 20), (400, 3), (600, 4), (1000, 5)]),
            "M0 0L200 0M400 0L600 0L1000 0"
        );
        // It was not seen for a while.
        assert_eq!(
            curve(&[(0, 1), (100, 2), (200, 3), (900, 4), (1000, 5)]),
            "M0 0L100 0L200 0M900 0L1000 0"
        );
    }
}
