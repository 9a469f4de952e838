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
        vec![Question::Processes]
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let unseen = |why: &str| Blocked::Unseen(why.to_owned());
        let main = seen.processes()?.main();
        let main = main.ok_or_else(|| unseen("the container has no process 1"))?;
        let environment = main.environment.as_ref().ok_or_else(|| {
            unseen("the environment of the container's main process could not be read")
        })?;
        let pairs: Vec<(&str, &str)> = environment
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
    use crate::claim::trial::{errs_unseen, fails_ended, judged, misses as misses_of, refused};
    use crate::fact::answer::Fact;
    use crate::fact::process::{Process, Processes};
    use crate::fact::question::Question;

    fn fact(environ: Option<&[u8]>) -> Fact {
        let process = |pid, environ| Process::parse(pid, "", b"app\0", environ);
        Fact::Processes(Processes {
            all: vec![process(1, environ), process(9, Some(b"OTHER=1\0"))],
            init: false,
        })
    }

    fn seen(_: &Question) -> Fact {
        fact(Some(b"PATH=/bin\0EMPTY=\0"))
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
    fn an_environment_that_cannot_be_read_is_no_verdict() {
        let closed = judged("env", "{ A: null }", |_| fact(None));
        assert!(closed.misses.is_empty() && closed.unseen[0].contains("could not be read"));
        let nobody = |_: &Question| Fact::Processes(Processes::default());
        let nobody = judged("env", "{ A: null }", nobody);
        assert!(nobody.misses.is_empty() && nobody.unseen[0].contains("no process 1"));
        errs_unseen("env", "{ A: null }", seen);
        fails_ended("env", "{ A: null }");
    }

    #[test]
    fn a_claim_of_nothing_is_refused() {
        assert!(refused("env", "{}").contains("a map of name to text"));
    }
}
