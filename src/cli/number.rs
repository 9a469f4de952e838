//! Numbers on the command line, each with how large it may be.

use std::ops::RangeInclusive;

/// What reads a whole number in this range.
pub fn within<T>(range: RangeInclusive<u32>) -> impl Fn(&str) -> Result<T, String> + Clone
where
    T: TryFrom<u32>,
{
    move |text| {
        let read = text.parse::<u32>().ok();
        let read = read.filter(|number| range.contains(number));
        read.and_then(|number| T::try_from(number).ok())
            .ok_or_else(|| format!("a whole number {} belongs here", words(&range)))
    }
}

fn words(range: &RangeInclusive<u32>) -> String {
    match (range.start(), range.end()) {
        (from, &u32::MAX) => format!("from {from} on"),
        (from, to) => format!("from {from} to {to}"),
    }
}

/// Any whole number that a seed may be.
pub fn seed(text: &str) -> Result<u64, String> {
    let read = text.parse();
    read.map_err(|_| format!("a whole number from 0 to {} belongs here", u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_or_too_large_is_told_with_what_is_taken() {
        let jobs = within::<u16>(1..=64);
        assert_eq!((jobs("1"), jobs("64")), (Ok(1), Ok(64)));
        for text in ["0", "65", "-1", "1.5", "x", "", "99999999999"] {
            assert_eq!(
                jobs(text).unwrap_err(),
                "a whole number from 1 to 64 belongs here",
                "{text}"
            );
        }
        let some = within::<u32>(1..=u32::MAX);
        assert_eq!(
            some("0").unwrap_err(),
            "a whole number from 1 on belongs here"
        );
        assert_eq!(seed("7"), Ok(7));
        assert!(
            seed("-7")
                .unwrap_err()
                .starts_with("a whole number from 0 to 18")
        );
    }
}
