//! `env`: the environment that the main process was started with.

use serde_json::Value as Json;

use super::{Findings, Judge, Scope};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::question::Question;
use crate::text::matcher::pairs::PairsMatch;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::tree::Node;

/// Variables by name, and what is expected of them.
#[derive(Debug, Clone)]
pub struct Env(PairsMatch);

impl Read for Env {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        PairsMatch::read(node, reader).map(Self)
    }
    fn schema(schemas: &mut Schemas) -> Json {
        PairsMatch::schema(schemas)
    }
}

impl Judge for Env {
    const SCOPE: Scope = Scope::Running;

    fn questions(&self) -> Vec<Question> {
        vec![Question::Environment]
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let pairs: Vec<(&str, &str)> = seen
            .environment()?
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        for judged in self.0.judge(&pairs) {
            let what = match judged.name.as_str() {
                "" => "env",
                name => name,
            };
            findings.compare(judged.span, what, judged.miss, judged.seen);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::claim::trial::{errs_unseen, fails_ended, misses as misses_of, refused};
    use crate::fact::answer::Fact;
    use crate::fact::process::environment;
    use crate::fact::question::Question;

    fn seen(_: &Question) -> Fact {
        Fact::Environment(environment(b"PATH=/bin\0EMPTY=\0").unwrap())
    }

    fn misses(text: &str) -> Vec<String> {
        misses_of("env", text, seen)
    }

    #[test]
    fn variables_are_those_of_the_main_process() {
        for holds in [
            "{ PATH: /bin, EMPTY: '', OTHER: null }",
            "[PATH]",
            "{ without: [OTHER] }",
            "{ only: [PATH, EMPTY] }",
        ] {
            assert_eq!(misses(holds), [""; 0], "{holds}");
        }
        assert_eq!(
            misses("{ PATH: { contains: sbin }, OTHER: '1', EMPTY: null }"),
            [
                "PATH: expected containing \"sbin\", actual \"/bin\"",
                "OTHER: expected \"1\", actual not set",
                "EMPTY: expected not set, actual \"\"",
            ]
        );
        let said = misses("{ without: [PATH] }");
        assert_eq!(said, ["env: expected no PATH, actual has PATH"]);
    }

    #[test]
    fn what_is_not_seen_is_no_verdict() {
        errs_unseen("env", "{ A: null }", seen);
        fails_ended("env", "{ A: null }");
    }

    #[test]
    fn a_claim_of_nothing_is_refused() {
        assert!(refused("env", "{}").contains("a map of name to text"));
    }
}
