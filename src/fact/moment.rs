//! A point in time as an engine writes it.

use serde::{Deserialize, Serialize};

/// A time: the text that the engine gave, and the number to compare by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// As the engine wrote it.
    pub text: String,
    /// Nanoseconds since 1970 in UTC, where the text is a time that fits.
    pub nanos: Option<i64>,
}

impl Moment {
    /// Reads an engine's time; its way to say "never" (the year 1, or nothing) is `None`.
    pub fn read(text: &str) -> Option<Self> {
        if text.is_empty() || text.starts_with("0001-01-01") {
            return None;
        }
        Some(Self {
            text: text.to_owned(),
            nanos: nanos(text),
        })
    }
}

/// Reads RFC 3339: `2026-11-21T01:44:11.296673322Z`, or with an offset such as `+01:00`.
fn nanos(text: &str) -> Option<i64> {
    let (date, rest) = text.split_once(['T', 't', ' '])?;
    let mut date = date.splitn(3, '-');
    let year = digits(date.next()?, 4)?;
    let month = digits(date.next()?, 2).filter(|month| (1..=12).contains(month))?;
    let day = digits(date.next()?, 2).filter(|day| (1..=31).contains(day))?;

    let zone = rest.find(['Z', 'z', '+', '-'])?;
    let (clock, zone) = rest.split_at(zone);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut clock = clock.splitn(3, ':');
    let hour = digits(clock.next()?, 2).filter(|hour| *hour < 24)?;
    let minute = digits(clock.next()?, 2).filter(|minute| *minute < 60)?;
    let second = digits(clock.next()?, 2).filter(|second| *second <= 60)?;

    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    let seconds = seconds - offset(zone)?;
    seconds
        .checked_mul(1_000_000_000)?
        .checked_add(fraction_nanos(fraction)?)
}

fn digits(text: &str, count: usize) -> Option<i64> {
    (text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

fn fraction_nanos(text: &str) -> Option<i64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nine: String = text.chars().chain("000000000".chars()).take(9).collect();
    nine.parse().ok()
}

/// The seconds by which a zone is ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (sign, rest) = match zone.as_bytes().first()? {
        b'+' => (1, zone.get(1..)?),
        b'-' => (-1, zone.get(1..)?),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    Some(sign * (digits(hours, 2)? * 3600 + digits(minutes, 2)? * 60))
}

/// Days from 1970-01-01 to a date of the Gregorian calendar. Years are counted from March, so
/// that the leap day is a year's last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<i64> {
        Moment::read(text).and_then(|moment| moment.nanos)
    }

    #[test]
    fn times_are_read_to_the_nanosecond() {
        assert_eq!(of("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(of("1970-01-01T00:00:00.000000001Z"), Some(1));
        assert_eq!(of("1969-12-31T23:59:59Z"), Some(-1_000_000_000));
        // date -u -d 2026-11-21T01:44:11Z +%s
        assert_eq!(
            of("2026-11-21T01:44:11.296673322Z"),
            Some(1_795_225_451_296_673_322)
        );
        assert_eq!(of("2026-11-21T03:44:11+02:00"), of("2026-11-21T01:44:11Z"));
        assert_eq!(of("2026-11-20T20:14:11-05:30"), of("2026-11-21T01:44:11Z"));
        // date -u -d 2024-02-29T12:00:00Z +%s; date -u -d 2000-03-01T00:00:00Z +%s
        assert_eq!(
            of("2024-02-29T12:00:00.5Z"),
            Some(1_709_208_000_500_000_000)
        );
        assert_eq!(of("2000-03-01T00:00:00Z"), Some(951_868_800_000_000_000));
    }

    #[test]
    fn never_is_none_and_what_is_no_time_keeps_its_text() {
        assert_eq!(Moment::read("0001-01-01T00:00:00Z"), None);
        assert_eq!(Moment::read(""), None);
        for text in [
            "yesterday",
            "2026-13-01T00:00:00Z",
            "2026-11-21T24:00:00Z",
            "2026-11-21T01:44:11",
            "2026-11-21T01:44:11.Z",
            "2026-11-21T01:44:11+2",
            "9999-01-01T00:00:00Z",
            "2026-11-21T01:44:11.é",
        ] {
            let moment = Moment::read(text).unwrap();
            assert_eq!((moment.text.as_str(), moment.nanos), (text, None));
        }
    }
}
