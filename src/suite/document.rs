//! The top level of a suite file.

use serde_json::{Value as Json, json};

use super::case::{CaseFields, Later};
use super::certificate::Certificate;
use super::compose::Compose;
use super::image::Image;
use super::network::Network;
use super::run::{Run, stands_in_run};
use super::secret::SecretSource;
use super::service::Service;
use crate::record;
use crate::text::read::{Named, Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Spanned;
use crate::text::tree::{Node, Value};
use crate::text::units::Time;

/// The version of the language that this is.
pub const VERSION: u32 = 1;

record! {
    /// A suite: what a container must be and do.
    pub struct Document (instead instead) {
        /// The version of this language: 1.
        seaworthy: Spanned<u32>,
        /// The suite's name; the file's stem without it.
        name: Option<Spanned<String>>,
        /// What the suite is about, in a sentence.
        description: Option<String>,
        /// Variables for `${NAME}`, `${NAME:-default}` and `${NAME:?message}`. The environment wins
        /// over a value here; a name without a value must come from the environment. A `$` by itself is a
        /// dollar sign, and so is each of `$$`; `$${` is `${`.
        vars: Named<Nullable>,
        /// Values used like variables that are masked in everything that is printed or written. One of fewer
        /// than 4 characters cannot be, and is refused; an empty variable of the environment is as none.
        secrets: Named<SecretSource>,
        /// Ids that cases verify, and what they say; or the path of a file of such a map.
        requirements: Option<Requirements>,
        /// Certificates made fresh for each run, signed by a throw-away authority. The volume
        /// `certificates` holds `ca.pem` and for each `NAME.pem`, `NAME.key` (PKCS #8, P-256) and
        /// `NAME.pub`. The files belong to the user that the container is started as; keys are 0600.
        /// Claims name them in `tls`.
        certificates: Named<Spanned<Certificate>>,
        /// The image under test: exactly one of `build`, `ref` and `archive`.
        image: Option<Image>,
        /// An existing Compose file, in place of `image`, `services`, `networks` and `run`.
        compose: Option<Spanned<Compose>>,
        /// Networks of the suite. What names none is on `default`, which need not stand here.
        networks: Named<Spanned<NullableNetwork>>,
        /// What the image under test depends on; each name is its host name.
        services: Named<Spanned<Service>>,
        /// How the image under test is run; its host name is `app`.
        run: Option<Later<Run>>,
        /// What holds for every case that does not say otherwise.
        defaults: Option<Defaults>,
        /// The cases.
        cases: Vec<Later<CaseFields>>,
        /// Fragments whose variables, requirements and cases belong to this suite.
        include: Vec<Spanned<String>>,
        /// The suite once for each combination of these values, which are usable like variables.
        matrix: Named<Vec<String>>,
    }
}

/// Keys of Compose that stand nowhere here, and what is written in their place.
fn instead(key: &str) -> Option<String> {
    let help = match key {
        "volumes" => {
            "volumes by name are listed nowhere: `run: { volumes: [\"data:/data\"] }` is enough"
        }
        "version" => "the version of this language is `seaworthy: 1`",
        "within" | "timeout" => {
            return Some(format!(
                "for every case it stands in `defaults`: `defaults: {{ {key}: 1m }}`"
            ));
        }
        "expect" | "steps" => "it belongs to a case: `cases: [{ name: …, expect: […] }]`",
        "build" | "ref" | "archive" => "it belongs to `image`: `image: { build: . }`",
        key => return stands_in_run(key),
    };
    Some(help.to_owned())
}

record! {
    /// What holds for every case that does not say otherwise.
    pub struct Defaults {
        /// How long a claim may take to come true.
        within: Option<Time>,
        /// Past this time a case is errored (5m without it).
        timeout: Option<Time>,
    }
}

/// A text, or nothing.
#[derive(Debug, Clone)]
pub struct Nullable(pub Option<String>);

impl Read for Nullable {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if node.is_null() {
            Some(Self(None))
        } else {
            String::read(node, reader).map(|t| Self(Some(t)))
        }
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "type": ["string", "number", "boolean", "null"] })
    }
}

/// A network, or nothing for one without settings.
#[derive(Debug, Clone)]
pub struct NullableNetwork(pub Option<Network>);

impl Read for NullableNetwork {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if node.is_null() {
            Some(Self(None))
        } else {
            Network::read(node, reader).map(|n| Self(Some(n)))
        }
    }
    fn schema(schemas: &mut Schemas) -> Json {
        let network = Network::schema(schemas);
        json!({ "anyOf": [{ "type": "null" }, network] })
    }
}

/// `requirements`: a map of ids, or the path of a file that holds one.
#[derive(Debug, Clone)]
pub enum Requirements {
    /// Here.
    Map(Node),
    /// In a file.
    File(Spanned<String>),
}

impl Read for Requirements {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match &node.value {
            Value::Map(_) => Some(Self::Map(node.clone())),
            _ => Spanned::read(node, reader).map(Self::File),
        }
    }
    fn schema(_: &mut Schemas) -> Json {
        let map =
            json!({ "type": "object", "additionalProperties": { "type": ["string", "number"] } });
        json!({ "anyOf": [{ "type": "string" }, map] })
    }
}
