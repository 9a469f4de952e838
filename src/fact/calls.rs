//! How often the engine and the probe were asked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Calls by kind, such as `POST /containers/{name}/start`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Calls {
    /// Requests to the engine, by method and path.
    pub engine: BTreeMap<String, u64>,
    /// Round trips to the probe in a container: each asks any number of questions.
    pub probe: u64,
}

impl Calls {
    /// Counts these too.
    pub fn add(&mut self, more: &Self) {
        for (kind, count) in &more.engine {
            let known = self.engine.entry(kind.clone()).or_default();
            *known = known.saturating_add(*count);
        }
        self.probe = self.probe.saturating_add(more.probe);
    }

    /// Those that came since there were these.
    #[must_use]
    pub fn since(&self, before: &Self) -> Self {
        let earlier = |kind: &String| before.engine.get(kind).copied().unwrap_or(0);
        let engine = self.engine.iter().filter_map(|(kind, count)| {
            let more = count.saturating_sub(earlier(kind));
            (more > 0).then(|| (kind.clone(), more))
        });
        Self {
            engine: engine.collect(),
            probe: self.probe.saturating_sub(before.probe),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_can_be_counted_is_the_most_that_can() {
        let most = Calls {
            engine: [("A".to_owned(), u64::MAX)].into(),
            probe: u64::MAX,
        };
        let mut both = most.clone();
        both.add(&most);
        assert_eq!(both, most);
    }

    #[test]
    fn only_what_came_since_is_counted() {
        let calls = |a: u64, b: u64, probe: u64| Calls {
            engine: [("A".to_owned(), a), ("B".to_owned(), b)].into(),
            probe,
        };
        let since = calls(3, 2, 7).since(&calls(1, 2, 4));
        assert_eq!(since.engine, [("A".to_owned(), 2)].into());
        assert_eq!(since.probe, 3);
        let mut sum = calls(1, 2, 4);
        sum.add(&since);
        assert_eq!(sum, calls(3, 2, 7));
    }
}
