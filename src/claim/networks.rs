//! `networks`: which networks the container is on, and whether anything leads out of them.

use serde_json::{Value as Json, json};

use super::{Findings, Judge, Scope};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::network::Networks as Fact;
use crate::fact::question::Question;
use crate::record;
use crate::text::matcher::names::Names;
use crate::text::matcher::{Miss, listed};
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::{Span, Spanned};
use crate::text::tree::Node;

record! {
    /// Which networks the container is on.
    pub struct NetworksFields {
        /// Exactly these, in any order.
        only: Option<Vec<Spanned<String>>>,
        /// None of these.
        without: Vec<Spanned<String>>,
        /// Whether nothing leads out of them: all are internal, and no default route goes past them.
        internal: Option<Spanned<bool>>,
    }
}

/// Which networks the container is on.
#[derive(Debug, Clone)]
pub struct Networks {
    span: Span,
    /// All names, as they are written.
    pub names: Vec<Spanned<String>>,
    wanted: Names<String>,
    internal: Option<Spanned<bool>>,
}

impl Read for Networks {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let bare = |names: &[Spanned<String>]| names.iter().map(|n| n.value.clone()).collect();
        let span = node.span;
        if node.items().is_some() {
            let names = Vec::<Spanned<String>>::read(node, reader)?;
            let wanted = Names {
                holds: bare(&names),
                only: None,
                without: Vec::new(),
            };
            return Some(Self {
                span,
                names,
                wanted,
                internal: None,
            });
        }
        let NetworksFields {
            only,
            without,
            internal,
        } = NetworksFields::read(node, reader)?;
        let wanted = Names {
            holds: Vec::new(),
            only: only.as_deref().map(bare),
            without: bare(&without),
        };
        let names = only.into_iter().flatten().chain(without).collect();
        Some(Self {
            span,
            names,
            wanted,
            internal,
        })
    }
    fn schema(schemas: &mut Schemas) -> Json {
        let list = json!({ "type": "array", "items": String::schema(schemas) });
        let fields = NetworksFields::schema(schemas);
        json!({ "anyOf": [list, fields] })
    }
}

impl Judge for Networks {
    const SCOPE: Scope = Scope::Running;

    fn questions(&self) -> Vec<Question> {
        vec![Question::Networks]
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let fact = seen.networks()?;
        let on: Vec<String> = fact.all.iter().map(|on| on.name.clone()).collect();
        let shown = listed(&on, "and");
        findings.compare(self.span, "networks", self.wanted.miss(&on), &shown);
        if let Some(internal) = &self.internal {
            let miss = match internal.value {
                true => leads_out(fact).map(|why| Miss::new("nothing that leads out", why)),
                false => (!fact.all.iter().any(|on| !on.internal))
                    .then(|| Miss::new("a network that is not internal", shown)),
            };
            let seen = match internal.value {
                true => "it is",
                false => "it is not",
            };
            findings.compare(internal.span, "internal", miss, seen);
        }
        Ok(())
    }
}

/// What leads out of the networks that a container is on.
fn leads_out(fact: &Fact) -> Option<String> {
    let open = fact.all.iter().filter(|on| !on.internal);
    let open: Vec<String> = open.map(|on| on.name.clone()).collect();
    let routes = fact.ways_out();
    match (open.is_empty(), routes.is_empty()) {
        (true, true) => None,
        (false, true) => Some(format!("{}, not internal", listed(&open, "and"))),
        (true, false) => Some(format!("a default route {}", listed(&routes, "and"))),
        (false, false) => Some(format!(
            "{}, not internal, and a default route {}",
            listed(&open, "and"),
            listed(&routes, "and")
        )),
    }
}

#[cfg(test)]
mod tests {
    use crate::claim::trial::{errs_unseen, fails_ended, misses as misses_of, refused};
    use crate::fact::answer::Fact;
    use crate::fact::network::{Networks, On, Route};

    fn on(networks: &[(&str, bool)], route: bool) -> Fact {
        let all = networks.iter().map(|(name, internal)| On {
            name: (*name).to_owned(),
            internal: *internal,
            gateways: Vec::new(),
        });
        let route = route.then(|| Route {
            gateway: "172.18.0.1".parse().ok(),
            device: "eth0".to_owned(),
        });
        Fact::Networks(Networks {
            all: all.collect(),
            routes: route.into_iter().collect(),
        })
    }

    fn misses(text: &str, fact: &Fact) -> Vec<String> {
        misses_of("networks", text, |_| fact.clone())
    }

    #[test]
    fn networks_are_those_that_it_is_on() {
        let both = on(&[("back", true), ("front", false)], true);
        for holds in [
            "[back]",
            "{ only: [front, back] }",
            "{ without: [other] }",
            "{ internal: false }",
        ] {
            assert_eq!(misses(holds, &both), [""; 0], "{holds}");
        }
        assert_eq!(
            misses("{ only: [back] }", &both),
            ["networks: expected exactly back, actual back and front (too many: front)"]
        );
        assert_eq!(misses("[other]", &both).len(), 1);
        assert_eq!(misses("{ without: [back] }", &both).len(), 1);
        assert_eq!(misses("{ only: [] }", &on(&[], false)), [""; 0]);
    }

    #[test]
    fn internal_is_both_the_engines_word_and_the_kernels() {
        let text = "{ internal: true }";
        assert_eq!(misses(text, &on(&[("back", true)], false)), [""; 0]);
        assert_eq!(misses(text, &on(&[], false)), [""; 0]);
        for (fact, said) in [
            (
                on(&[("back", true), ("front", false)], false),
                "actual front, not internal",
            ),
            (
                on(&[("back", true)], true),
                "actual a default route by 172.18.0.1 (eth0)",
            ),
            (
                on(&[("front", false)], true),
                "front, not internal, and a default route",
            ),
        ] {
            let found = misses(text, &fact);
            assert!(found.len() == 1 && found[0].contains(said), "{found:?}");
        }
        for fact in [on(&[("back", true)], false), on(&[], false)] {
            let found = misses("{ internal: false }", &fact);
            assert!(
                found[0].contains("a network that is not internal"),
                "{found:?}"
            );
        }
    }

    #[test]
    fn what_is_not_seen_is_no_verdict() {
        let text = "{ only: [back], internal: true }";
        errs_unseen("networks", text, |_| on(&[], false));
        fails_ended("networks", text);
        assert!(refused("networks", "back").contains("expected"));
        assert!(refused("networks", "{ internal: yes }").contains("true or false"));
    }
}
