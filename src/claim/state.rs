//! `state`: how the engine says that the container is.

use serde_json::Value as Json;

use super::{Findings, Judge, Scope};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::question::Question;
use crate::text::matcher::Miss;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Spanned;
use crate::text::tree::Node;
use crate::words;

words! {
    /// How a container is.
    pub enum ContainerState {
        /// It was made and never started.
        Created = "created",
        /// Its main process runs.
        Running = "running",
        /// Its processes are frozen.
        Paused = "paused",
        /// It has ended, and a restart policy is about to start it again.
        Restarting = "restarting",
        /// It has ended.
        Exited = "exited",
        /// The engine could not remove it.
        Dead = "dead",
    }
}

/// The state that is claimed.
#[derive(Debug, Clone)]
pub struct State(Spanned<ContainerState>);

impl Read for State {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        Spanned::read(node, reader).map(Self)
    }
    fn schema(schemas: &mut Schemas) -> Json {
        ContainerState::schema(schemas)
    }
}

impl Judge for State {
    const SCOPE: Scope = Scope::Running;

    fn questions(&self) -> Vec<Question> {
        vec![Question::State]
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let (status, note) = match seen.state() {
            Ok(container) => {
                let state = &container.state;
                let ended = matches!(state.status.as_str(), "exited" | "restarting" | "dead");
                let code = state.exit_code.filter(|_| ended);
                let code = code.map(|code| format!("its exit code is {code}"));
                let error = state.error.as_ref();
                let error = error.map(|e| format!("the engine says: {e}"));
                let notes: Vec<String> = code.into_iter().chain(error).collect();
                (state.status.clone(), notes.join("; "))
            }
            Err(Blocked::Ended(ending)) => ("exited".to_owned(), format!("it {ending}")),
            Err(blocked) => return Err(blocked),
        };
        let State(expected) = self;
        if status == expected.value.word() {
            findings.saw(status);
            return Ok(());
        }
        let miss = Some(Miss::new(expected.value.word(), status));
        match note.as_str() {
            "" => findings.check(expected.span, "state", miss),
            note => findings.check_with(expected.span, "state", miss, note),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::ContainerState;
    use crate::claim::trial::{errs_unseen, judged_ended, misses as misses_of, refused};
    use crate::fact::answer::Fact;
    use crate::fact::container::{ContainerFacts, StateFacts};

    fn fact(status: &str, error: Option<&str>) -> Fact {
        Fact::Container(Box::new(ContainerFacts {
            state: StateFacts {
                status: status.to_owned(),
                exit_code: Some(127),
                error: error.map(str::to_owned),
                ..StateFacts::default()
            },
            ..ContainerFacts::default()
        }))
    }

    #[test]
    fn each_state_holds_of_itself_and_fails_of_others() {
        for word in ContainerState::WORDS {
            let other = match *word {
                "running" => "paused",
                _ => "running",
            };
            assert_eq!(misses_of("state", word, |_| fact(word, None)), [""; 0]);
            assert_eq!(
                misses_of("state", word, |_| fact(other, None)),
                [format!("state: expected {word}, actual {other}")]
            );
        }
    }

    #[test]
    fn a_recorded_container_is_judged() {
        let recorded = include_str!("../../fixtures/engine/container-exited.json");
        let recorded = ContainerFacts::read(&serde_json::from_str(recorded).unwrap());
        let fact = |_: &_| Fact::Container(Box::new(recorded.clone()));
        assert_eq!(misses_of("state", "exited", fact), [""; 0]);
        assert!(misses_of("state", "running", fact)[0].contains("actual exited"));
    }

    #[test]
    fn the_exit_code_and_the_engines_error_help() {
        let said = misses_of("state", "running", |_| {
            fact("exited", Some("no such program"))
        });
        assert_eq!(
            said,
            [
                "state: expected running, actual exited | its exit code is 127; the engine says: no such program"
            ]
        );
    }

    #[test]
    fn one_that_has_ended_is_judged_and_what_is_not_seen_is_no_verdict() {
        assert!(judged_ended("state", "exited").misses.is_empty());
        let running = judged_ended("state", "running").misses.remove(0);
        assert_eq!(running.notes, ["it ended with exit code 3"]);
        errs_unseen("state", "running", |_| fact("running", None));
        assert!(refused("state", "runing").contains("unknown word `runing`"));
    }
}
