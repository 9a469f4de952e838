//! Parts of the language that are read in full but that this version does not run yet.

use serde_json::{Value as Json, json};

use super::image::{Build, Pull};
use super::pairs::Pairs;
use super::run::Run;
use crate::record;
use crate::text::read::{Fields, Flag, Named, Read, Reader};
use crate::text::schema::{Schemas, describe};
use crate::text::source::Spanned;
use crate::text::tree::{Node, Value};

/// Keys at the top of a suite that are refused by name.
pub const NAMES: [&str; 3] = ["compose", "networks", "services"];

/// A service that the image under test depends on: an image, and how it is run.
#[derive(Debug, Clone)]
pub struct Service {
    /// By name.
    pub image: Option<Spanned<String>>,
    /// Built.
    pub build: Option<Build>,
    /// When it is pulled.
    pub pull: Option<Pull>,
    /// How it is run.
    pub run: Run,
}

impl Read for Service {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let Some(entries) = node.entries() else {
            return reader.wrong(node, "a map such as `{ image: postgres:15 }`");
        };
        let own = ["image", "build", "pull"];
        let (mine, rest): (Vec<_>, Vec<_>) = entries
            .iter()
            .cloned()
            .partition(|e| own.contains(&e.key.value.as_str()));
        let part = |entries| Node {
            span: node.span,
            value: Value::Map(entries),
        };
        let mine = part(mine);
        let fields = Fields::open(&mine, &own, reader)?;
        let image = fields.take::<Option<Spanned<String>>>("image", reader);
        let build = fields.take::<Option<Build>>("build", reader);
        let pull = fields.take::<Option<Pull>>("pull", reader);
        let run = Run::read(&part(rest), reader);
        let (image, build) = (image?, build?);
        if image.is_some() == build.is_some() {
            reader.say(
                node.span,
                "a service has exactly one of `image` and `build`",
            );
        }
        Some(Self {
            image,
            build,
            pull: pull?,
            run: run?,
        })
    }
    fn schema(schemas: &mut Schemas) -> Json {
        Run::schema(schemas);
        schemas.define("Service", |schemas| {
            let mut service = schemas
                .definitions()
                .get("Run")
                .cloned()
                .unwrap_or_default();
            service["description"] = "A service that the image under test depends on.".into();
            service["properties"]["image"] =
                json!({ "type": "string", "description": "The image by name." });
            let build = Build::schema(schemas);
            service["properties"]["build"] = describe(build, "The image, built.");
            let pull = Pull::schema(schemas);
            service["properties"]["pull"] = describe(pull, "When `image` is pulled.");
            service
        })
    }
}

record! {
    /// A network of the suite.
    pub struct Network {
        /// Nothing on it reaches the outside.
        internal: Flag,
        /// The driver, such as `bridge`.
        driver: Option<String>,
        /// Options of the driver.
        driver_opts: Pairs,
        /// IPv6 addresses too.
        enable_ipv6: Flag,
    }
}

record! {
    /// An existing Compose file that is tested as it is.
    pub struct Compose {
        /// The files, relative to this one.
        files: Vec<Spanned<String>>,
        /// The service that `app` means.
        app: Spanned<String>,
        /// The services that are started; all without it.
        services: Vec<Spanned<String>>,
        /// Profiles that are switched on.
        profiles: Vec<String>,
        /// A file of variables for the Compose file.
        env_file: Option<Spanned<String>>,
        /// Variables for the Compose file.
        environment: Pairs,
        /// How many replicas of each.
        scale: Named<u32>,
    }
}
