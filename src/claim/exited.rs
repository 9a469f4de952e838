//! `exited`: that the container ended, and how.

use super::{Findings, Judge, Scope};
use crate::fact::answer::{Blocked, Ending, Seen};
use crate::fact::question::Question;
use crate::record;
use crate::text::matcher::Miss;
use crate::text::matcher::bound::Bound;
use crate::text::signal::Signal;
use crate::text::source::{Span, Spanned};
use crate::text::units::Time;

record! {
    /// How the container ended.
    pub struct Exited (short code) {
        /// The main process's exit code; 128 and the signal's number where a signal ended it.
        code: Option<Spanned<Bound<i64>>>,
        /// Whether the kernel killed it for its memory.
        oom_killed: Option<Spanned<bool>>,
        /// The signal that ended it, by name or number.
        signal: Option<Spanned<Signal>>,
        /// From the signal that was to end it, or from the start, to the end.
        took: Option<Spanned<Bound<Time>>>,
    }
}

impl Judge for Exited {
    const SCOPE: Scope = Scope::Running;

    fn questions(&self) -> Vec<Question> {
        vec![Question::Life]
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let Some(span) = self.span() else {
            return Err(Blocked::Unseen("nothing is claimed of the end".to_owned()));
        };
        let ending = match seen.life() {
            Ok(life) => life.end.clone(),
            Err(Blocked::Ended(ending)) => Some(ending),
            Err(blocked) => return Err(blocked),
        };
        match ending {
            Some(ending) => self.judge_end(&ending, findings),
            None => {
                let miss = Miss::new("an ended container", "still running");
                findings.check(span, "exited", Some(miss));
                Ok(())
            }
        }
    }
}

impl Exited {
    /// Where the first thing is claimed.
    fn span(&self) -> Option<Span> {
        let code = self.code.as_ref().map(|c| c.span);
        code.or(self.oom_killed.as_ref().map(|o| o.span))
            .or(self.signal.as_ref().map(|s| s.span))
            .or(self.took.as_ref().map(|t| t.span))
    }

    fn judge_end(&self, ending: &Ending, findings: &mut Findings) -> Result<(), Blocked> {
        let code = self.code.as_ref().and_then(|code| code.value.equal_to());
        if ending.error.is_some() && code != Some(&ending.code.into()) {
            findings.ended = true;
            // What never ran has no end that bounds could be about.
            if let Some(span) = self.span() {
                let expected = self.code.as_ref().map_or_else(
                    || "a container that ran and ended".to_owned(),
                    |code| format!("exit code {}", code.value.expected()),
                );
                let miss = Some(Miss::new(expected, format!("it {ending}")));
                let note = format!("to claim just that, say `exited: {}`", ending.code);
                findings.check_with(span, "exited", miss, note);
            }
            return Ok(());
        }
        findings.saw(ending.to_string());
        let by = Signal::of_code(ending.code);
        let mut notes = Vec::new();
        notes.extend(by.map(|by| format!("code {} stands for an end by {by}", ending.code)));
        if ending.oom_killed {
            notes.push("the kernel killed it for its memory".to_owned());
        }
        notes.extend(ending.error.iter().map(|e| format!("the engine says: {e}")));
        let first = findings.misses.len();
        if let Some(code) = &self.code {
            let miss = code.value.miss(&ending.code.into());
            findings.check(code.span, "exit code", miss);
        }
        let before_oom = findings.misses.len();
        if let Some(oom) = &self.oom_killed {
            if ending.oom_forgotten {
                let why = "whether its first end was for its memory is not known any more, since its restart \
                           policy has started it again: claim it of a container with `restart: no`";
                findings.unseen.push(why.to_owned());
            } else {
                let words = |killed: bool| match killed {
                    true => "killed for its memory",
                    false => "not killed for its memory",
                };
                let miss = (oom.value != ending.oom_killed)
                    .then(|| Miss::new(words(oom.value), words(ending.oom_killed)));
                findings.check(oom.span, "oom_killed", miss);
            }
        }
        let of_oom = findings.misses.len() - before_oom;
        if let Some(signal) = &self.signal {
            let miss = (ending.code != signal.value.code()).then(|| {
                let expected = format!("{} (code {})", signal.value, signal.value.code());
                let code = format!("code {}", ending.code);
                Miss::new(
                    expected,
                    by.map_or(code.clone(), |by| format!("{by} ({code})")),
                )
            });
            findings.check(signal.span, "signal", miss);
        }
        // It ends in no other way any more; that it was for its memory the engine may learn a moment later.
        findings.ended = findings.misses.len() > first + of_oom;
        for miss in &mut findings.misses[first..] {
            miss.notes.extend_from_slice(&notes);
        }
        let Some(took) = &self.took else {
            return Ok(());
        };
        let Some(micros) = ending.took_micros else {
            let why = "how long the container took to end is not known: the engine did not say when it \
                       started or ended, or is on another machine, whose clock may differ from the one \
                       here, for which `took` has to go from this claim; or this machine's clock was set \
                       meanwhile, for which it has to be run again";
            return Err(Blocked::Unseen(why.to_owned()));
        };
        let time = Time(std::time::Duration::from_micros(micros));
        findings.compare(took.span, "took", took.value.miss(&time), time);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::claim::trial::{errs_unseen, judged, judged_ended, misses as misses_of, refused};
    use crate::fact::answer::{Ending, Fact, Life};
    use crate::fact::question::Question;

    fn fact(end: Option<Ending>) -> Fact {
        Fact::Life(Life {
            ready_micros: None,
            end,
        })
    }

    fn killed(_: &Question) -> Fact {
        fact(Some(Ending {
            code: 137,
            oom_killed: true,
            took_micros: Some(2_500_000),
            ..Ending::default()
        }))
    }

    fn unstarted(_: &Question) -> Fact {
        fact(Some(Ending {
            code: 127,
            error: Some("no such file".to_owned()),
            ..Ending::default()
        }))
    }

    fn clean(_: &Question) -> Fact {
        fact(Some(Ending::default()))
    }

    #[test]
    fn an_end_that_is_not_as_claimed_is_not_waited_for() {
        assert!(judged("exited", "137", clean).ended);
        assert!(judged("exited", "0", unstarted).ended);
        assert!(!judged("exited", "0", clean).ended);
        assert!(!judged("exited", "0", |_| fact(None)).ended);
    }

    #[test]
    fn that_it_was_for_its_memory_may_be_known_a_moment_later_and_nothing_else() {
        for (claim, is_decided) in [
            ("{ oom_killed: true }", false),
            ("{ code: 0, oom_killed: true }", false),
            ("{ code: 3, oom_killed: true }", true),
            ("{ oom_killed: true, signal: KILL }", true),
        ] {
            let found = judged("exited", claim, clean);
            assert!(!found.misses.is_empty(), "{claim}");
            assert_eq!(found.ended, is_decided, "{claim}");
        }
    }

    #[test]
    fn an_end_is_compared_field_by_field() {
        for holds in [
            "137",
            "{ not: 0 }",
            "{ above: 136, below: 138 }",
            "{ code: { not: 0 }, oom_killed: true, signal: KILL }",
            "{ signal: 9, took: { below: 3s } }",
        ] {
            assert_eq!(misses_of("exited", holds, killed), [""; 0], "{holds}");
        }
        let notes =
            " | code 137 stands for an end by SIGKILL | the kernel killed it for its memory";
        for (fails, said) in [
            ("0", "exit code: expected 0, actual 137"),
            ("{ not: 137 }", "exit code: expected not 137, actual 137"),
            (
                "{ oom_killed: false }",
                "oom_killed: expected not killed for its memory, actual killed for its memory",
            ),
            (
                "{ signal: TERM }",
                "signal: expected SIGTERM (code 143), actual SIGKILL (code 137)",
            ),
        ] {
            let said = format!("{said}{notes}");
            assert_eq!(misses_of("exited", fails, killed), [said]);
        }
        let said = "took: expected below 1 s, actual 2.5 s";
        assert_eq!(
            misses_of("exited", "{ took: { below: 1s } }", killed),
            [said]
        );
        assert_eq!(
            misses_of("exited", "{ oom_killed: true, signal: TERM }", clean),
            [
                "oom_killed: expected killed for its memory, actual not killed for its memory",
                "signal: expected SIGTERM (code 143), actual code 0",
            ]
        );
    }

    #[test]
    fn what_could_not_be_started_has_no_end_but_its_own_code() {
        assert_eq!(misses_of("exited", "127", unstarted), [""; 0]);
        let other = "{ code: 127, oom_killed: true }";
        let note = "the engine says: no such file";
        assert!(misses_of("exited", other, unstarted)[0].ends_with(note));
        for (fails, expected) in [
            ("{ not: 0 }", "exit code not 0"),
            ("{ code: { not: 0 } }", "exit code not 0"),
            ("{ at_least: 0 }", "exit code at least 0"),
            ("0", "exit code 0"),
            ("{ oom_killed: false }", "a container that ran and ended"),
            ("{ took: { below: 1s } }", "a container that ran and ended"),
        ] {
            let said = format!(
                "exited: expected {expected}, actual it could not be started (exit code 127): no such file \
                 | to claim just that, say `exited: 127`"
            );
            assert_eq!(misses_of("exited", fails, unstarted), [said], "{fails}");
        }
    }

    #[test]
    fn what_a_restart_has_wiped_out_is_no_verdict() {
        let restarted = |_: &_| {
            fact(Some(Ending {
                code: 137,
                oom_forgotten: true,
                ..Ending::default()
            }))
        };
        for text in ["{ oom_killed: false }", "{ code: 137, oom_killed: true }"] {
            let found = judged("exited", text, restarted);
            assert!(found.unseen[0].contains("not known any more"), "{found:?}");
        }
        assert_eq!(misses_of("exited", "137", restarted), [""; 0]);
        // What is known is judged all the same.
        let both = judged("exited", "{ oom_killed: false, signal: TERM }", restarted);
        assert_eq!((both.unseen.len(), both.misses.len()), (1, 1), "{both:?}");
    }

    #[test]
    fn one_that_runs_has_not_exited() {
        let said = "exited: expected an ended container, actual still running";
        for text in [
            "0",
            "{ oom_killed: false }",
            "{ signal: TERM }",
            "{ took: { below: 1s } }",
        ] {
            assert_eq!(misses_of("exited", text, |_| fact(None)), [said]);
        }
    }

    #[test]
    fn what_is_not_seen_is_no_verdict() {
        errs_unseen("exited", "0", clean);
        let untimed = judged("exited", "{ took: { below: 1s } }", clean);
        assert!(untimed.misses.is_empty() && untimed.unseen[0].contains("not known"));
        let nothing = judged("exited", "{}", clean);
        assert_eq!(nothing.unseen, ["nothing is claimed of the end"]);
    }

    #[test]
    fn the_end_itself_is_what_is_judged() {
        assert!(judged_ended("exited", "3").misses.is_empty());
        let wrong = judged_ended("exited", "0");
        assert_eq!(wrong.misses[0].miss.actual, "3");
    }

    #[test]
    fn wrong_values_are_refused() {
        assert!(refused("exited", "true").contains("a whole number"));
        assert!(refused("exited", "{ signal: TREM }").contains("a signal such as TERM"));
    }
}
