//! How much a container may use: memory, processors, processes, and what the kernel counts for it.

use serde_json::{Value as Json, json};

use super::checked::checked;
use super::pairs::Pairs;
use crate::record;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Spanned;
use crate::text::tree::Node;
use crate::text::units::Memory;

checked! {
    /// Which processors a container may use.
    pub struct Cpuset = cpuset;
}

/// A size of at least so many bytes. Whoever writes less forgot the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Least<const BYTES: u64>(pub u64);

/// What engines give a container at least.
pub type Limit = Least<{ 6 << 20 }>;
/// No file system in memory is smaller than one page.
pub type Page = Least<4096>;

impl<const BYTES: u64> Read for Least<BYTES> {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let Memory(size) = Memory::read(node, reader)?;
        if size >= BYTES {
            return Some(Self(size));
        }
        let written = node.text().unwrap_or_default();
        little(written, size, Memory(BYTES), node, reader);
        None
    }
    fn schema(schemas: &mut Schemas) -> Json {
        Memory::schema(schemas)
    }
}

/// Says that a size is too small to be meant.
pub fn little(written: &str, size: u64, least: Memory, node: &Node, reader: &mut Reader) {
    if size == 0 {
        let said = reader.say(node.span, format!("`{written}` limits nothing"));
        said.help("take it out; in a case, `null` takes away what the suite says");
        return;
    }
    let bytes = match size {
        1 => "1 byte".to_owned(),
        size => format!("{size} bytes"),
    };
    let bare = written.parse::<f64>().is_ok();
    let message = format!("`{written}` is {bytes}, and {least} is the least");
    let said = reader.say(node.span, message);
    if bare {
        said.help(format!(
            "a size without a unit is in bytes: write `{written}m` for megabytes"
        ));
    }
}

/// Memory and swap together; `None` for no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swap(pub Option<u64>);

impl Swap {
    /// As engines count.
    pub fn number(self) -> Json {
        self.0.map_or_else(|| json!(-1), |size| json!(size))
    }
}

impl Read for Swap {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.text() {
            Some("-1") => Some(Self(None)),
            _ => Limit::read(node, reader).map(|limit| Self(Some(limit.0))),
        }
    }
    fn schema(schemas: &mut Schemas) -> Json {
        Memory::schema(schemas)
    }
}

/// A whole number from `LOW` to `HIGH`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Between<const LOW: i64, const HIGH: i64>(pub i64);

impl<const LOW: i64, const HIGH: i64> Read for Between<LOW, HIGH> {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let number = node.text().and_then(|text| text.parse().ok());
        let number = number.filter(|number| (LOW..=HIGH).contains(number));
        let expected = || format!("a whole number from {LOW} to {HIGH}");
        let number = number.or_else(|| reader.wrong(node, &expected()));
        number.map(Self)
    }
    fn schema(_: &mut Schemas) -> Json {
        Schemas::scalar(&json!({ "type": "integer", "minimum": LOW, "maximum": HIGH }))
    }
}

/// Processors, and parts of one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Processors(pub f64);

impl Read for Processors {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let number = f64::read(node, reader)?;
        if number >= 0.01 {
            return Some(Self(number));
        }
        let written = node.text().unwrap_or_default();
        if number == 0.0 {
            little(written, 0, Memory(0), node, reader);
        } else {
            let message = format!("`{written}` is not a number of processors");
            let help = "the least is 0.01, a hundredth of one";
            reader.say(node.span, message).help(help);
        }
        None
    }
    fn schema(schemas: &mut Schemas) -> Json {
        f64::schema(schemas)
    }
}

/// Processes at most; -1 for no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Processes(pub i64);

impl Read for Processes {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let number = i64::read(node, reader)?;
        if number == -1 || number > 0 {
            return Some(Self(number));
        }
        let message = format!("`{number}` is not a number of processes");
        let help = "the least is 1; `-1` sets no limit";
        reader.say(node.span, message).help(help);
        None
    }
    fn schema(schemas: &mut Schemas) -> Json {
        i64::schema(schemas)
    }
}

/// `0`, `0,2`, `0-3`.
fn cpuset(text: &str, node: &Node, reader: &mut Reader) {
    let number = |text: &str| text.parse::<u16>().ok();
    let sound = text.split(',').all(|part| match part.split_once('-') {
        Some((from, to)) => matches!((number(from), number(to)), (Some(a), Some(b)) if a <= b),
        None => number(part).is_some(),
    });
    if !sound {
        reader.wrong::<()>(node, "processors by number such as `0,1` or `0-3`");
    }
}

record! {
    /// A limit of the kernel on the processes of the container.
    pub struct Ulimit (short soft) {
        /// What holds until a process raises it; -1 for no limit.
        soft: Spanned<i64>,
        /// What it can be raised to; the same without it.
        hard: Option<Spanned<i64>>,
    }
}

/// Limits of the kernel by name.
#[derive(Debug, Clone, Default)]
pub struct Ulimits(pub Vec<(Spanned<String>, Ulimit)>);

/// The limits that engines set.
const ULIMITS: [&str; 15] = [
    "core",
    "cpu",
    "data",
    "fsize",
    "locks",
    "memlock",
    "msgqueue",
    "nice",
    "nofile",
    "nproc",
    "rss",
    "rtprio",
    "rttime",
    "sigpending",
    "stack",
];

impl Read for Ulimits {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let Some(entries) = node.entries() else {
            return reader.wrong(node, "a map such as `{ nofile: 1024 }`");
        };
        let said = reader.diagnostics.len();
        let mut all = Vec::new();
        for entry in entries {
            let name = entry.key.value.as_str();
            if !ULIMITS.contains(&name) {
                reader.unknown(entry.key.span, "limit", name, ULIMITS);
            }
            if let Some(limit) = Ulimit::read(&entry.value, reader) {
                ordered(&limit, reader);
                all.push((entry.key.clone(), limit));
            }
        }
        (reader.diagnostics.len() == said).then_some(Self(all))
    }
    fn absent() -> Option<Self> {
        Some(Self::default())
    }
    fn schema(schemas: &mut Schemas) -> Json {
        json!({ "type": "object", "additionalProperties": Ulimit::schema(schemas) })
    }
}

/// Says which limit cannot be set; -1 is above all others.
fn ordered(limit: &Ulimit, reader: &mut Reader) {
    let all = [Some(&limit.soft), limit.hard.as_ref()];
    for below in all.into_iter().flatten().filter(|one| one.value < -1) {
        let message = format!("`{}` is no limit that can be set", below.value);
        reader.say(below.span, message).help("`-1` sets no limit");
    }
    let Some(hard) = limit.hard.as_ref().filter(|hard| hard.value >= 0) else {
        return;
    };
    if limit.soft.value == -1 || limit.soft.value > hard.value {
        let message = format!(
            "the soft limit {} is above the hard limit {}",
            limit.soft.value, hard.value
        );
        let said = reader.say(limit.soft.span, message);
        said.related(hard.span, "the hard limit")
            .help("a process can raise the soft limit up to the hard one");
    }
}

/// Settings of the kernel that a container has of its own.
#[derive(Debug, Clone, Default)]
pub struct Sysctls(pub Pairs);

/// What each of them begins with, or is.
const OWN: [&str; 7] = [
    "net.",
    "fs.mqueue.",
    "kernel.msg",
    "kernel.sem",
    "kernel.shm",
    "kernel.hostname",
    "kernel.domainname",
];

impl Read for Sysctls {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let Pairs(pairs) = Pairs::read(node, reader)?;
        let said = reader.diagnostics.len();
        for (name, _) in &pairs {
            let dotted = name.value.replace('/', ".");
            if !OWN.iter().any(|own| dotted.starts_with(own)) {
                let message = format!("a container has no `{}` of its own", name.value);
                let help = "it is the machine's; those of a container begin with `net.`, `fs.mqueue.`, `kernel.msg`, `kernel.sem` or `kernel.shm`";
                reader.say(name.span, message).help(help);
            }
        }
        (reader.diagnostics.len() == said).then_some(Self(Pairs(pairs)))
    }
    fn absent() -> Option<Self> {
        Some(Self::default())
    }
    fn schema(schemas: &mut Schemas) -> Json {
        Pairs::schema(schemas)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::read::said;

    #[test]
    fn a_size_that_forgot_its_unit_is_told() {
        assert_eq!(said::<Limit>("64m"), None);
        assert_eq!(said::<Limit>("6m"), None);
        let forgot = said::<Limit>("64").unwrap();
        assert!(forgot.starts_with("`64` is 64 bytes, and 6 MB is the least | "));
        assert!(forgot.contains("write `64m`"), "{forgot}");
        let small = said::<Limit>("64k").unwrap();
        assert!(small.contains("65536 bytes") && !small.contains("unit"));
        assert!(said::<Limit>("0").unwrap().contains("limits nothing"));
        assert!(said::<Page>("64").is_some());
        assert_eq!(said::<Page>("64k"), None);
        assert_eq!(said::<Swap>("-1"), None);
        assert!(said::<Swap>("-2").is_some());
    }

    #[test]
    fn numbers_lie_where_kernels_take_them() {
        assert_eq!(said::<Between<0, 100>>("100"), None);
        let beyond = said::<Between<0, 100>>("101").unwrap();
        assert!(beyond.contains("from 0 to 100, found `101`"), "{beyond}");
        assert_eq!(said::<Processors>("0.5"), None);
        assert!(said::<Processors>("0").unwrap().contains("limits nothing"));
        assert!(said::<Processors>("-1").unwrap().contains("0.01"));
        assert_eq!(said::<Processes>("-1"), None);
        assert!(
            said::<Processes>("0")
                .unwrap()
                .contains("`-1` sets no limit")
        );
        for right in ["'0'", "'0,2'", "0-3", "'0-3,5'"] {
            assert_eq!(said::<Cpuset>(right), None);
        }
        for wrong in ["3-1", "a", "'0,'", "'0-'"] {
            assert!(said::<Cpuset>(wrong).is_some(), "{wrong}");
        }
    }

    #[test]
    fn limits_of_the_kernel_have_names_and_an_order() {
        for right in [
            "{ nofile: 1024 }",
            "{ core: { soft: 0, hard: -1 } }",
            "{ stack: -1 }",
        ] {
            assert_eq!(said::<Ulimits>(right), None);
        }
        for (wrong, why) in [
            ("{ nofiles: 1024 }", "did you mean `nofile`?"),
            (
                "{ nofile: { soft: 2, hard: 1 } }",
                "limit 2 is above the hard limit 1",
            ),
            ("{ nofile: { soft: -1, hard: 1 } }", "above the hard limit"),
            ("{ nofile: -2 }", "no limit that can be set"),
        ] {
            let said = said::<Ulimits>(wrong).unwrap();
            assert!(said.contains(why), "{said}");
        }
        assert_eq!(said::<Sysctls>("{ net.core.somaxconn: 1 }"), None);
        assert!(said::<Sysctls>("{ vm.swappiness: 1 }").is_some());
    }
}
