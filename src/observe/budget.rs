//! What all answers of one observation may take together.

use crate::fact::answer::{Answer, Answers, Fact};
use crate::fact::blob::Blob;
use crate::fact::http::Outcome;
use crate::fact::path::Entry;
use crate::fact::question::Question;
use crate::fact::tcp::Met;
use crate::text::units::Bytes;

/// The most that is kept.
const MOST: u64 = 384 << 20;
/// What a small answer takes; those are always kept.
const SMALL: u64 = 4 << 10;

/// Answers as they come in. Once there is too much of them, what is not small is left out and says so.
#[derive(Debug)]
pub(super) struct Kept {
    answers: Answers,
    most: u64,
    taken: u64,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            answers: Answers::default(),
            most: MOST,
            taken: 0,
        }
    }
}

impl Kept {
    /// Keeps an answer, or that it was too much.
    pub(super) fn keep(&mut self, item: usize, question: Question, answer: Answer) {
        let weight = weight(&answer);
        let answer = if weight > SMALL && self.taken + weight > self.most {
            Answer::Unseen(format!(
                "the container says more than the {} that are kept of one observation, and this is a part of what was left out: ask for less, or in several cases",
                Bytes(self.most)
            ))
        } else {
            self.taken += weight;
            answer
        };
        self.answers.keep(item, question, answer);
    }

    /// Those that are there so far.
    pub(super) fn so_far(&self) -> &Answers {
        &self.answers
    }

    /// All of them.
    pub(super) fn done(self) -> Answers {
        self.answers
    }
}

/// About how much memory an answer takes.
fn weight(answer: &Answer) -> u64 {
    let Answer::Seen(fact) = answer else { return 0 };
    let of = |blob: &Blob| blob.bytes.len() as u64;
    match fact {
        Fact::Read(Some(blob)) => of(blob),
        Fact::Ran(ran) => of(&ran.stdout) + of(&ran.stderr),
        Fact::Http(Outcome::Answered(response)) => of(&response.body),
        Fact::Tcp(Met::Open { heard, .. }) => of(heard),
        Fact::Walk(walk) => paths(&walk.entries),
        Fact::Linked(linked) => paths(&linked.found) + paths(&linked.above),
        Fact::Log(log) => log.lines.iter().map(|l| l.text.len() as u64 + 32).sum(),
        _ => 0,
    }
}

fn paths(entries: &[Entry]) -> u64 {
    entries.iter().map(|e| e.path.len() as u64 + 128).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::command::{Command, End, Ran};

    #[test]
    fn a_thousand_commands_that_say_much_take_no_more_than_is_allowed() {
        let command = Command {
            argv: vec!["flood".to_owned()],
            user: None,
            workdir: None,
            environment: Vec::new(),
            stdin: None,
            timeout_millis: 1,
        };
        let ran = |size: usize| Ran {
            end: End::Code(0),
            stdout: Blob::whole(vec![b'x'; size]),
            stderr: Blob::default(),
            micros: 1,
        };
        let mut kept = Kept {
            most: 1 << 20,
            ..Kept::default()
        };
        for item in 0..1000 {
            let size = if item % 2 == 0 { 100 << 10 } else { 10 };
            let answer = Answer::Seen(Fact::Ran(ran(size)));
            kept.keep(item, Question::Run(command.clone()), answer);
        }
        let answers = kept.done();
        let (mut whole, mut left_out, mut bytes) = (0, 0, 0);
        for item in 0..1000 {
            match answers.of(item).ran(&command) {
                Ok(ran) => {
                    whole += 1;
                    bytes += ran.stdout.bytes.len();
                }
                Err(why) => {
                    assert!(
                        item % 2 == 0 && format!("{why:?}").contains("left out"),
                        "{item}"
                    );
                    left_out += 1;
                }
            }
        }
        assert_eq!((whole, left_out), (510, 490));
        assert!(bytes <= 1 << 20, "{bytes}");
    }
}
