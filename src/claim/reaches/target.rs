//! What is to be reached: `db:5432`, `db`, or `outside`; one of these or several.

use serde_json::{Value as Json, json};

use crate::claim::Findings;
use crate::fact::answer::{Blocked, Seen};
use crate::fact::question::Question;
use crate::fact::reach::{Aim, Reach, Sight};
use crate::text::read::{OneOrMany, Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Spanned;
use crate::text::tree::Node;
use crate::text::url::host_and_port;

/// What is to be reached, or to be out of reach.
#[derive(Debug, Clone)]
pub struct Targets(Vec<Spanned<Target>>);

impl Read for Targets {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        OneOrMany::read(node, reader).map(|targets| Self(targets.0))
    }
    fn schema(schemas: &mut Schemas) -> Json {
        OneOrMany::<Target>::schema(schemas)
    }
}

impl Targets {
    /// What has to be known of each.
    pub fn questions(&self, isolated: bool) -> Vec<Question> {
        let targets = self.0.iter();
        targets
            .map(|target| Question::Reach(target.value.sight(isolated)))
            .collect()
    }

    /// Judges each by itself. What cannot be told of one keeps no other from being judged.
    pub fn judge(
        &self,
        isolated: bool,
        seen: Seen<'_>,
        findings: &mut Findings,
        one: fn(&Spanned<Target>, &Reach, &mut Findings) -> Result<(), Blocked>,
    ) -> Result<(), Blocked> {
        let mut blocked = None;
        for target in &self.0 {
            let reach = seen.reach(&target.value.sight(isolated));
            if let Err(why) = reach.and_then(|reach| one(target, reach, findings)) {
                blocked.get_or_insert(why);
            }
        }
        blocked.map_or(Ok(()), Err)
    }
}

/// What is to be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target(pub Aim);

/// What lies past the container's own networks.
const OUTSIDE: &str = "outside";

impl Target {
    fn sight(&self, isolated: bool) -> Sight {
        Sight {
            aim: self.0.clone(),
            isolated,
        }
    }
}

impl Read for Target {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let expected = "a host and a port such as `db:5432`, a host, or `outside`";
        let Some(text) = node.text() else {
            return reader.wrong(node, expected);
        };
        let (host, port) = match host_and_port(text) {
            Ok(both) => both,
            Err(why) => {
                let said = reader.say(node.span, format!("this cannot be reached: {why}"));
                said.help(format!("write {expected}"));
                return None;
            }
        };
        match (host.as_str(), port) {
            (OUTSIDE, None) => return Some(Self(Aim::Outside)),
            (OUTSIDE, Some(_)) => {
                let said = reader.say(node.span, "`outside` is no host, and has no port");
                said.help("write `outside` alone, or the name of a host with the port");
            }
            ("all", _) => {
                let said = reader.say(node.span, "`all` is no host");
                said.help("name each of the services");
            }
            ("host", None) => {
                let said = reader.say(node.span, "`host` is no host that a container knows");
                said.help("`outside` is what lies past the container's own networks");
            }
            _ => return Some(Self(Aim::Host { host, port })),
        }
        None
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "type": "string" })
    }
}
