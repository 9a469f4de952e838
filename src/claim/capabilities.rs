//! `capabilities`: what the kernel lets the main process do beyond its user's rights.

use serde_json::{Value as Json, json};

use super::{Findings, Judge, Scope, what_of};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::question::Question;
use crate::fact::security::{CAPABILITIES, names, right};
use crate::record;
use crate::text::matcher::names::Names;
use crate::text::matcher::{Miss, listed};
use crate::text::near::nearest;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::{Span, Spanned};
use crate::text::tree::{Node, Value};

record! {
    /// What the kernel lets the main process do beyond its user's rights.
    pub struct Capabilities (bare bare) {
        /// What it, or any program that it runs, can have at most: `none`, or exactly these.
        bounding: Option<Spanned<Set>>,
        /// What it has now: `none`, or exactly these.
        effective: Option<Spanned<Set>>,
    }
}

/// What to write in place of a set alone.
fn bare(node: &Node) -> Option<String> {
    let texts: Option<Vec<&str>> = node
        .items()
        .map(|all| all.iter().filter_map(Node::text).collect());
    let set = match (node.text(), texts) {
        (Some(text), _) if text.eq_ignore_ascii_case("none") => "none".to_owned(),
        (Some(text), _) => format!("[{text}]"),
        (None, Some(texts)) => format!("[{}]", texts.join(", ")),
        (None, None) => return None,
    };
    Some(format!(
        "write `{{ effective: {set} }}` for what it has now, or `{{ bounding: {set} }}` for what it can have at most"
    ))
}

/// Exactly these capabilities, as the kernel numbers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Set(u64);

const SET: &str = "`none`, or a list such as [NET_BIND_SERVICE]";

impl Read for Set {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match &node.value {
            Value::Scalar(scalar) if scalar.text == "none" => Some(Self(0)),
            Value::List(items) if items.is_empty() => reader.wrong(
                node,
                "at least one capability; `none` says that there are none",
            ),
            Value::List(items) => {
                let bits: Vec<Option<u64>> = items.iter().map(|item| bit(item, reader)).collect();
                let set = bits.into_iter().try_fold(0, |set, bit| Some(set | bit?));
                set.map(Self)
            }
            _ => reader.wrong(node, SET),
        }
    }
    fn schema(_: &mut Schemas) -> Json {
        let name = json!({ "type": "string" });
        json!({ "title": SET, "anyOf": [{ "const": "none" }, { "type": "array", "items": name, "minItems": 1 }] })
    }
}

/// The bit of a capability by name, with or without `CAP_`, in any case, or by number as `cap_41`.
fn bit(node: &Node, reader: &mut Reader) -> Option<u64> {
    let Some(written) = node.text() else {
        return reader.wrong(node, "the name of a capability");
    };
    let name = &*right(written);
    let by_name = CAPABILITIES.iter().position(|known| *known == name);
    let number = by_name.or_else(|| name.parse().ok()).filter(|n| *n < 64);
    if number.is_none() {
        stranger(node.span, written, name, reader);
        if let Some(said) = reader.diagnostics.last_mut().filter(|_| name == "ALL") {
            said.help.clear();
            said.help("which ones `ALL` means differs between kernels: name them");
        }
    }
    number.map(|number| 1 << number)
}

/// Says that there is no capability of that name, and which was meant: the one that begins so, or is near.
pub fn stranger(span: Span, written: &str, name: &str, reader: &mut Reader) {
    let begun: Vec<&str> = CAPABILITIES
        .into_iter()
        .filter(|known| name.len() > 2 && known.starts_with(name))
        .collect();
    let said = reader.unknown(span, "capability", name, CAPABILITIES);
    // As it was written, since only so a secret is known by its letters.
    said.message = format!("unknown capability `{written}`");
    if !begun.is_empty() {
        said.help = vec![format!("did you mean `{}`?", begun.join("` or `"))];
    } else if nearest(name, CAPABILITIES).is_none() {
        said.help =
            vec!["the kernel's have names such as `NET_BIND_SERVICE` and `CHOWN`".to_owned()];
    }
}

impl Judge for Capabilities {
    const SCOPE: Scope = Scope::Running;

    fn questions(&self) -> Vec<Question> {
        vec![Question::Processes]
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let main = seen.main_process()?;
        for (what, wanted) in [("bounding", &self.bounding), ("effective", &self.effective)] {
            let Some(wanted) = wanted else { continue };
            for (thread, view) in main.views() {
                let set = match what {
                    "bounding" => view.security.bounding,
                    _ => view.security.effective,
                };
                let Some(actual) = set else {
                    let why = format!("the kernel does not say which {what} capabilities it has");
                    return Err(Blocked::Unseen(why));
                };
                let shown = match actual {
                    0 => "none".to_owned(),
                    set => listed(&names(set), "and"),
                };
                let what = what_of(what, thread.as_deref());
                findings.compare(wanted.span, what, miss(wanted.value.0, actual), shown);
            }
        }
        Ok(())
    }
}

fn miss(wanted: u64, actual: u64) -> Option<Miss> {
    let exact = Names {
        holds: Vec::new(),
        only: Some(names(wanted)),
        without: Vec::new(),
    };
    let miss = exact.miss(&names(actual))?;
    Some(match (wanted, actual) {
        (0, _) => Miss::new("none", listed(&names(actual), "and")),
        (_, 0) => Miss::new(miss.expected, "none"),
        _ => miss,
    })
}

#[cfg(test)]
mod tests {
    use crate::claim::trial::{errs_unseen, fails_ended, judged, misses as misses_of, refused};
    use crate::fact::answer::Fact;
    use crate::fact::process::{Process, Processes};
    use crate::fact::question::Question;
    use crate::fact::security::Security;

    fn fact(init: bool, sets: &[(u32, u32, Option<u64>)]) -> impl Fn(&Question) -> Fact {
        let process = |&(pid, parent, set): &(u32, u32, Option<u64>)| Process {
            pid,
            parent,
            security: Security {
                bounding: set,
                effective: set.map(|set| set & 1 << 10),
                ..Security::default()
            },
            ..Process::default()
        };
        let all = sets.iter().map(process).collect();
        let processes = Processes { all, init };
        move |_| Fact::Processes(processes.clone())
    }

    #[test]
    fn sets_are_exact_and_names_are_taken_as_compose_writes_them() {
        let seen = fact(false, &[(1, 0, Some(1 << 10 | 1)), (7, 1, Some(0))]);
        for holds in [
            "{ bounding: [NET_BIND_SERVICE, CHOWN] }",
            "{ bounding: [cap_chown, Cap_Net_Bind_Service], effective: [net_bind_service] }",
            "{ effective: [cap_10] }",
        ] {
            assert_eq!(misses_of("capabilities", holds, &seen), [""; 0], "{holds}");
        }
        for (fails, said) in [
            (
                "{ bounding: none }",
                "bounding: expected none, actual CHOWN and NET_BIND_SERVICE",
            ),
            (
                "{ bounding: [CHOWN] }",
                "bounding: expected exactly CHOWN, actual CHOWN and NET_BIND_SERVICE (too many: NET_BIND_SERVICE)",
            ),
            (
                "{ bounding: [CHOWN, NET_BIND_SERVICE, KILL] }",
                "bounding: expected exactly CHOWN, KILL and NET_BIND_SERVICE, actual CHOWN and NET_BIND_SERVICE (missing: KILL)",
            ),
            (
                "{ effective: none }",
                "effective: expected none, actual NET_BIND_SERVICE",
            ),
        ] {
            assert_eq!(misses_of("capabilities", fails, &seen), [said]);
        }
    }

    #[test]
    fn with_an_init_they_are_its_childs() {
        let sets = [(1, 0, Some(1 << 63)), (7, 1, Some(0))];
        let holds = "{ bounding: none, effective: none }";
        assert_eq!(misses_of("capabilities", holds, fact(true, &sets)), [""; 0]);
        let of_init = misses_of("capabilities", "{ bounding: none }", fact(false, &sets));
        assert!(of_init[0].contains("cap_63"), "{of_init:?}");
    }

    #[test]
    fn what_is_not_seen_is_no_verdict() {
        let silent = judged(
            "capabilities",
            "{ effective: none }",
            fact(false, &[(1, 0, None)]),
        );
        assert!(silent.misses.is_empty() && silent.unseen[0].contains("does not say"));
        let nobody = judged("capabilities", "{ effective: none }", fact(false, &[]));
        assert!(nobody.misses.is_empty() && nobody.unseen[0].contains("no process 1"));
        let text = "{ bounding: none }";
        errs_unseen("capabilities", text, fact(false, &[(1, 0, Some(0))]));
        fails_ended("capabilities", text);
    }

    #[test]
    fn names_that_are_none_are_refused() {
        for (text, said) in [
            (
                "{ bounding: [NET_BIND_SERVISE] }",
                "unknown capability `NET_BIND_SERVISE`",
            ),
            ("{ bounding: [ALL] }", "unknown capability `ALL`"),
            ("{ bounding: [] }", "at least one capability"),
            ("{ bounding: all }", "`none`, or a list"),
            ("{ bounding: [cap_64] }", "unknown capability"),
        ] {
            let heard = refused("capabilities", text);
            assert!(heard.contains(said), "{text}: {heard}");
        }
    }
}
