//! Volumes, bind mounts and tmpfs in Compose's words.

use serde_json::{Value as Json, json};

use super::limits::Page;
use crate::text::path::theirs;
use crate::text::read::{Flag, Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Span;
use crate::text::tree::{Node, Value};
use crate::{record, words};

/// What is mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A volume of that name; lives as long as the case.
    Volume(String),
    /// A volume without a name; goes with the container.
    Anonymous,
    /// A folder or file of this machine, as written.
    Bind(String),
    /// Memory.
    Tmpfs {
        /// At most so many bytes.
        size: Option<u64>,
        /// Permission bits.
        mode: Option<u32>,
    },
}

/// One mount.
#[derive(Debug, Clone)]
pub struct Mount {
    /// Where it is written.
    pub span: Span,
    /// What is mounted.
    pub origin: Origin,
    /// Where in the container.
    pub target: String,
    /// Whether the container may not write to it.
    pub read_only: bool,
    /// Whether a new volume stays empty in place of taking what the image has there.
    pub no_copy: bool,
}

words! {
    /// The kind of a mount.
    pub enum MountType {
        /// A volume.
        Volume = "volume",
        /// A folder or file of this machine.
        Bind = "bind",
        /// Memory.
        Tmpfs = "tmpfs",
    }
}

record! {
    /// Settings of a volume mount.
    pub struct VolumeOptions {
        /// A new volume stays empty.
        nocopy: Flag,
    }
}

record! {
    /// Settings of a tmpfs mount.
    pub struct TmpfsOptions {
        /// At most so large.
        size: Option<Page>,
        /// Permission bits.
        mode: Option<crate::text::units::Mode>,
    }
}

record! {
    /// A mount in the long form.
    pub struct LongMount {
        /// `volume`, `bind` or `tmpfs`.
        r#type: Option<MountType>,
        /// The volume's name, or a path.
        source: Option<String>,
        /// Where in the container.
        target: String,
        /// The container may not write to it.
        read_only: Flag,
        /// For volumes.
        volume: Option<VolumeOptions>,
        /// For tmpfs.
        tmpfs: Option<TmpfsOptions>,
    }
}

/// What may stand behind the second colon.
const OPTIONS: [&str; 3] = ["ro", "rw", "nocopy"];
/// What Compose takes there too, for machines that Seaworthy does not run on.
const OF_COMPOSE: [&str; 3] = ["cached", "delegated", "consistent"];

const SHORT: &str = "`name:/path`, `./folder:/path:ro` or `/path`";

impl Read for Mount {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let mount = match &node.value {
            Value::Map(_) => long(LongMount::read(node, reader)?, node, reader)?,
            _ => short(node, reader)?,
        };
        if !mount.target.starts_with('/') {
            let said = reader.say(
                node.span,
                format!("`{}` is not a path in the container", mount.target),
            );
            said.help("the path in the container begins with `/`");
            return None;
        }
        theirs(&mount.target, node.span, reader)?;
        Some(mount)
    }
    fn schema(schemas: &mut Schemas) -> Json {
        let long = LongMount::schema(schemas);
        json!({ "anyOf": [{ "type": "string" }, long] })
    }
}

/// `/path`, `name:/path` or `name:/path:options`.
fn short(node: &Node, reader: &mut Reader) -> Option<Mount> {
    let expected = format!("a mount such as {SHORT}");
    let parts: Vec<&str> = node.text().unwrap_or_default().split(':').collect();
    let (source, target, options) = match parts.as_slice() {
        [target] => (None, *target, ""),
        [source, target] => (Some(*source), *target, ""),
        [source, target, options] => (Some(*source), *target, *options),
        _ => return reader.wrong(node, &expected),
    };
    let Some(origin) = source.map_or(Some(Origin::Anonymous), origin) else {
        return reader.wrong(node, &expected);
    };
    if target.is_empty() {
        return reader.wrong(node, &expected);
    }
    let options: Vec<&str> = options.split(',').filter(|o| !o.is_empty()).collect();
    if let Some(other) = options.iter().find(|o| !OPTIONS.contains(o)) {
        let said = reader.unknown(node.span, "mount option", other, OPTIONS);
        if OF_COMPOSE.contains(other) {
            said.help = vec!["engines here need no such option: leave it out".to_owned()];
        }
        return None;
    }
    Some(Mount {
        span: node.span,
        origin,
        target: target.to_owned(),
        read_only: options.contains(&"ro"),
        no_copy: options.contains(&"nocopy"),
    })
}

fn origin(source: &str) -> Option<Origin> {
    if source.starts_with(['.', '/', '~']) {
        return Some(Origin::Bind(source.to_owned()));
    }
    let word = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    let named = !source.is_empty() && source.chars().all(word);
    named.then(|| Origin::Volume(source.to_owned()))
}

fn long(mount: LongMount, node: &Node, reader: &mut Reader) -> Option<Mount> {
    let kind = mount.r#type.unwrap_or(MountType::Volume);
    let from = match (kind, mount.source) {
        (MountType::Volume, None) => Origin::Anonymous,
        (MountType::Volume, Some(name)) if matches!(origin(&name), Some(Origin::Volume(_))) => {
            Origin::Volume(name)
        }
        (MountType::Volume, Some(name)) => {
            let message = format!("`{name}` is not the name of a volume");
            let help = "a folder of this machine is mounted by `type: bind`";
            reader.say(node.span, message).help(help);
            return None;
        }
        (MountType::Bind, Some(path)) => Origin::Bind(path),
        (MountType::Bind, None) => return reader.wrong(node, "a `source` for the bind mount"),
        (MountType::Tmpfs, Some(_)) => {
            reader.say(node.span, "a tmpfs mount has no `source`");
            return None;
        }
        (MountType::Tmpfs, None) => {
            let options = mount.tmpfs.as_ref();
            Origin::Tmpfs {
                size: options.and_then(|o| o.size).map(|s| s.0),
                mode: options.and_then(|o| o.mode).map(|m| m.0),
            }
        }
    };
    Some(Mount {
        span: node.span,
        origin: from,
        target: mount.target,
        read_only: mount.read_only.0,
        no_copy: mount.volume.is_some_and(|v| v.nocopy.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::source::FileId;
    use crate::text::yaml;

    fn read(text: &str) -> Result<Mount, String> {
        let node = yaml::parse(FileId(0), text).0.unwrap();
        let mut reader = Reader::default();
        Mount::read(&node, &mut reader).ok_or_else(|| reader.diagnostics[0].message.clone())
    }

    #[test]
    fn the_short_and_the_long_form() {
        let mount = read("data:/data:ro").unwrap();
        assert_eq!(
            (mount.origin, mount.target.as_str(), mount.read_only),
            (Origin::Volume("data".into()), "/data", true)
        );
        assert_eq!(read("/data").unwrap().origin, Origin::Anonymous);
        assert_eq!(
            read("./x:/data").unwrap().origin,
            Origin::Bind("./x".into())
        );
        let long = read("{ type: tmpfs, target: /t, tmpfs: { size: 1MB, mode: 1777 } }").unwrap();
        assert_eq!(
            long.origin,
            Origin::Tmpfs {
                size: Some(1 << 20),
                mode: Some(0o1777)
            }
        );
    }

    #[test]
    fn what_is_no_mount_is_said() {
        for wrong in [
            "a:b:c:d",
            "data:/data:rx",
            "data:data",
            "{ type: bind, target: /x }",
            "'da ta:/x'",
            "{ type: volume, source: ./x, target: /x }",
            "{ type: tmpfs, target: /x, tmpfs: { size: 64 } }",
            "'data:/data:cached'",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
