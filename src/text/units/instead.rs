//! Times and sizes that are written in another form than ours, in ours.

/// Units of times that are written in another way here, and so many of which unit they are.
const OTHER_TIMES: [(&[&str], u64, &str); 9] = [
    (
        &["ms", "msec", "msecs", "millisecond", "milliseconds"],
        1,
        "ms",
    ),
    (&["s", "sec", "secs", "second", "seconds"], 1, "s"),
    (&["min", "mins", "minute", "minutes"], 1, "m"),
    (&["h", "hr", "hrs", "hour", "hours"], 1, "h"),
    (&["d", "day", "days"], 1, "d"),
    (&["w", "wk", "week", "weeks"], 7, "d"),
    (&["mo", "mon", "month", "months"], 30, "d"),
    (&["y", "yr", "yrs", "year", "years"], 365, "d"),
    (&["m"], 1, "m"),
];

/// A number and the word behind it.
fn number_and_unit(text: &str) -> Option<(&str, String)> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(split);
    number.parse::<f64>().ok()?;
    Some((number, unit.trim().to_lowercase()))
}

/// What to write in place of a time in another form.
pub(super) fn of_time(written: &str) -> Option<String> {
    if written.parse::<f64>().is_ok_and(|number| number >= 0.0) {
        return Some(format!("give it a unit: `{written}s`"));
    }
    let (number, unit) = number_and_unit(written)?;
    let known = OTHER_TIMES.iter();
    let (_, many, unit) = known
        .into_iter()
        .find(|(words, ..)| words.contains(&unit.as_str()))?;
    let meant = match (many, number.parse::<u64>()) {
        (1, _) => format!("{number}{unit}"),
        (many, Ok(number)) => format!("{}{unit}", number.checked_mul(*many)?),
        (_, Err(_)) => return None,
    };
    super::time(&meant)
        .is_some()
        .then(|| format!("write it as `{meant}`"))
}

/// What to write in place of a size in another form.
pub(super) fn of_size(written: &str) -> Option<String> {
    let (number, unit) = number_and_unit(written)?;
    let unit = match unit.as_str() {
        "byte" | "bytes" => "B",
        "ki" => "KiB",
        "mi" => "MiB",
        "gi" => "GiB",
        "ti" => "TiB",
        "kilobyte" | "kilobytes" => "kB",
        "meg" | "megs" | "mbyte" | "mbytes" | "megabyte" | "megabytes" => "MB",
        "gig" | "gigs" | "gbyte" | "gbytes" | "gigabyte" | "gigabytes" => "GB",
        _ => return None,
    };
    Some(format!("write it as `{number}{unit}`"))
}

#[cfg(test)]
mod tests {
    use crate::text::read::said;
    use crate::text::units::{Bytes, Memory, Time};

    #[test]
    fn a_time_or_size_in_another_form_is_told_in_ours() {
        for (text, help) in [
            ("1y", "`365d`"),
            ("2 weeks", "`14d`"),
            ("3mo", "`90d`"),
            ("30", "`30s`"),
            ("30sec", "`30s`"),
            ("1.5 hours", "`1.5h`"),
            ("5MIN", "`5m`"),
            ("3 s", "`3s`"),
        ] {
            let said = said::<Time>(text).unwrap();
            assert!(said.starts_with("expected a time such as"), "{said}");
            assert!(said.ends_with(help), "{text}: {said}");
        }
        for text in ["-1", "1.5y", "soon", "1lightyear", "1m30"] {
            assert!(said::<Time>(text).unwrap().ends_with("| "), "{text}");
        }
        for (text, help) in [("512Mi", "`512MiB`"), ("20 bytes", "`20B`")] {
            assert!(said::<Memory>(text).unwrap().ends_with(help), "{text}");
            assert!(said::<Bytes>(text).unwrap().ends_with(help), "{text}");
        }
    }
}
