//! What the files of control groups hold.

use std::collections::HashMap;

use super::Told;

/// Version 1 says so where there is no limit: the largest number of whole pages.
const NONE: u64 = 1 << 62;

/// Hundred-thousandths of one processor.
const WHOLE: u64 = 100_000;

/// What one group says of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// At most this.
    Limit(u64),
    /// Nothing is limited here.
    Free,
    /// Nothing is said of it: this is the outermost group of all, or the controller is off.
    Silent,
}

/// Files by path: what each holds, `None` where there is none, or why it could not be read.
#[derive(Debug, Clone, Default)]
pub struct Files(pub HashMap<String, Told<Option<String>>>);

/// A number that version 1 writes for a limit, or for none.
pub(super) fn limited(number: u64) -> Level {
    match number {
        NONE.. => Level::Free,
        number => Level::Limit(number),
    }
}

fn number(text: &str, path: &str) -> Told<u64> {
    let number = text.trim().parse();
    number.map_err(|_| format!("{path} holds {text:?}, which is no number"))
}

impl Files {
    fn text(&self, path: &str) -> Told<Option<&str>> {
        match self.0.get(path) {
            Some(Ok(text)) => Ok(text.as_deref()),
            Some(Err(why)) => Err(why.clone()),
            None => Err(format!("{path} was never read")),
        }
    }

    /// A file that holds one number.
    pub(super) fn number(&self, folder: &str, name: &str) -> Told<Option<u64>> {
        let path = format!("{folder}/{name}");
        self.text(&path)?
            .map(|text| number(text, &path))
            .transpose()
    }

    /// A file that holds a limit.
    pub(super) fn limit(&self, folder: &str, name: &str) -> Told<Level> {
        let path = format!("{folder}/{name}");
        let Some(text) = self.text(&path)? else {
            return Ok(Level::Silent);
        };
        match text.trim() {
            "max" => Ok(Level::Free),
            text => number(text, &path).map(limited),
        }
    }

    /// A field of a file of lines such as `name 3`.
    pub(super) fn field(&self, folder: &str, name: &str, field: &str) -> Told<Option<u64>> {
        let path = format!("{folder}/{name}");
        let lines = self.text(&path)?.unwrap_or_default().lines();
        let mut pairs = lines.filter_map(|line| line.split_once(' '));
        let found = pairs.find(|(known, _)| *known == field);
        found.map(|(_, value)| number(value, &path)).transpose()
    }

    /// `cpu.max` of version 2: the time of each period, or `max`, and the period.
    pub(super) fn cpu_max(&self, folder: &str) -> Told<Level> {
        let path = format!("{folder}/cpu.max");
        let Some(text) = self.text(&path)? else {
            return Ok(Level::Silent);
        };
        match text.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["max", _] => Ok(Level::Free),
            [quota, period] => share(number(quota, &path)?, number(period, &path)?),
            _ => Err(format!("{path} holds {text:?}, which is not understood")),
        }
    }

    /// The same of version 1, where no limit is -1.
    pub(super) fn quota(&self, folder: &str) -> Told<Level> {
        let path = format!("{folder}/cpu.cfs_quota_us");
        let Some(text) = self.text(&path)? else {
            return Ok(Level::Silent);
        };
        if text.trim() == "-1" {
            return Ok(Level::Free);
        }
        let period = self.number(folder, "cpu.cfs_period_us")?;
        let period = period.ok_or_else(|| format!("{folder} has a quota and no period"))?;
        share(number(text, &path)?, period)
    }

    /// How long the machine runs, in nanoseconds.
    pub(super) fn uptime(&self, path: &str) -> Told<u64> {
        let text = self.text(path)?.unwrap_or_default();
        let seconds = text.split_whitespace().next().unwrap_or_default();
        let wrong = || format!("{path} holds {text:?}, which is no time");
        let (whole, part) = seconds.split_once('.').ok_or_else(wrong)?;
        let whole: u64 = whole.parse().map_err(|_| wrong())?;
        let part: u64 = format!("{part:0<9}").parse().map_err(|_| wrong())?;
        Ok(whole.saturating_mul(1_000_000_000).saturating_add(part))
    }
}

fn share(quota: u64, period: u64) -> Told<Level> {
    let share = quota.saturating_mul(WHOLE).checked_div(period);
    let never = || "the kernel says that processors are limited in each period of 0 µs".to_owned();
    share.map(Level::Limit).ok_or_else(never)
}
