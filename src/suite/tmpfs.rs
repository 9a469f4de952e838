//! Folders in memory, as `tmpfs` of `run` writes them.

use serde_json::{Value as Json, json};

use super::limits::little;
use crate::text::path::theirs;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Span;
use crate::text::tree::Node;
use crate::text::units::Memory;

/// An entry of `tmpfs`: a path, with mount options behind a colon.
#[derive(Debug, Clone)]
pub struct TmpfsPath {
    /// Where it is written.
    pub span: Span,
    /// Where in the container.
    pub path: String,
    /// As the kernel takes them, such as `size=64m,mode=1777`.
    pub options: String,
}

/// Options that have a value.
const VALUED: [&str; 7] = [
    "size",
    "mode",
    "uid",
    "gid",
    "nr_inodes",
    "nr_blocks",
    "mpol",
];
/// Options that stand alone; the last two are podman's. Docker takes all others, also those that change nothing.
const ALONE: [&str; 35] = [
    "defaults",
    "ro",
    "rw",
    "suid",
    "nosuid",
    "dev",
    "nodev",
    "exec",
    "noexec",
    "sync",
    "async",
    "dirsync",
    "atime",
    "noatime",
    "diratime",
    "nodiratime",
    "relatime",
    "norelatime",
    "strictatime",
    "nostrictatime",
    "mand",
    "nomand",
    "remount",
    "private",
    "rprivate",
    "shared",
    "rshared",
    "slave",
    "rslave",
    "unbindable",
    "runbindable",
    "bind",
    "rbind",
    "tmpcopyup",
    "notmpcopyup",
];

impl Read for TmpfsPath {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let Some(text) = node.text().filter(|t| t.starts_with('/')) else {
            return reader.wrong(node, "a path such as `/tmp` or `/tmp:size=64m`");
        };
        let (path, options) = text.split_once(':').unwrap_or((text, ""));
        theirs(path, node.span, reader)?;
        let said = reader.diagnostics.len();
        for option in options.split(',').filter(|option| !option.is_empty()) {
            look_at(option, node, reader);
        }
        (reader.diagnostics.len() == said).then(|| Self {
            span: node.span,
            path: path.to_owned(),
            options: options.to_owned(),
        })
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "type": "string", "pattern": "^(/|.*\\$\\{)" })
    }
}

fn look_at(option: &str, node: &Node, reader: &mut Reader) {
    let Some((name, value)) = option.split_once('=') else {
        if VALUED.contains(&option) {
            let said = reader.say(node.span, format!("`{option}` says nothing by itself"));
            said.help(format!("give it a value, as in `{}`", example(option)));
        } else if !ALONE.contains(&option) {
            unknown(option, node, reader);
        }
        return;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let counted = |text: &str| {
        digits(
            text.strip_suffix(['k', 'm', 'g', 'K', 'M', 'G'])
                .unwrap_or(text),
        )
    };
    let sound = match name {
        "size" => {
            if value != "0" && digits(value) && value.parse().is_ok_and(|n: u64| n < PAGE) {
                let size = value.parse().unwrap_or_default();
                little(value, size, Memory(PAGE), node, reader);
                return;
            }
            counted(value) || value.strip_suffix('%').is_some_and(digits)
        }
        "nr_inodes" | "nr_blocks" => counted(value),
        "mode" => digits(value) && u32::from_str_radix(value, 8).is_ok_and(|m| m <= 0o7777),
        "uid" | "gid" => digits(value) && value.parse::<i32>().is_ok(),
        "mpol" => !value.is_empty(),
        _ => return unknown(name, node, reader),
    };
    if !sound {
        let message = format!("`{option}` is not what the kernel takes for `{name}`");
        let said = reader.say(node.span, message);
        said.help(format!("write it as `{}`", example(name)));
    }
}

const PAGE: u64 = 4096;

fn unknown(name: &str, node: &Node, reader: &mut Reader) {
    let known: Vec<&str> = VALUED.into_iter().chain(ALONE).collect();
    let known_short = VALUED.join(", ");
    let said = reader.unknown(node.span, "mount option", name, known);
    if !said.help.iter().any(|help| help.starts_with("did you")) {
        said.help = vec![format!("known here: {known_short}, and such as `noexec`")];
    }
}

fn example(name: &str) -> &'static str {
    match name {
        "size" => "size=64m",
        "mode" => "mode=1777",
        "uid" => "uid=1000",
        "gid" => "gid=1000",
        "nr_inodes" => "nr_inodes=10k",
        "nr_blocks" => "nr_blocks=16k",
        _ => "mpol=local",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::source::FileId;
    use crate::text::yaml;

    fn said(text: &str) -> Vec<String> {
        let node = yaml::parse(FileId(0), &format!("{text:?}")).0.unwrap();
        let mut reader = Reader::default();
        let read = TmpfsPath::read(&node, &mut reader);
        assert_eq!(read.is_none(), !reader.diagnostics.is_empty(), "{text}");
        let said = reader.diagnostics.iter();
        said.map(|d| format!("{} | {}", d.message, d.help.join(" ")))
            .collect()
    }

    #[test]
    fn options_are_those_that_engines_and_the_kernel_take() {
        for right in [
            "/run",
            "/run:size=64m,mode=1777,uid=1000,gid=1000",
            "/run:noexec,nosuid,size=50%",
            "/run:rw,nr_inodes=10k,size=65536",
            "/run:mode=0755",
            "/run:strictatime,nostrictatime,mand,nomand,remount",
            "/run:private,rprivate,shared,rshared,slave,rslave",
            "/run:unbindable,runbindable,bind,rbind",
        ] {
            assert_eq!(said(right), [""; 0], "{right}");
        }
        for (wrong, why) in [
            ("/x:size=abc", "write it as `size=64m`"),
            ("/x:size=64MB", "write it as `size=64m`"),
            ("/x:size=64", "`64` is 64 bytes"),
            ("/x:foo=1", "unknown mount option `foo` | known here: size"),
            ("/x:sise=1m", "did you mean `size`?"),
            ("/x:noexe", "did you mean `noexec`?"),
            ("/x:mode=999", "`mode=1777`"),
            ("/x:uid=app", "`uid=1000`"),
            ("/x:size", "says nothing by itself"),
        ] {
            let said = said(wrong);
            assert!(
                said.len() == 1 && said[0].contains(why),
                "{wrong}: {said:?}"
            );
        }
        assert_eq!(said("/x:size=abc,foo=1").len(), 2);
    }
}
