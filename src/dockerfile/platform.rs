//! Platforms that images are for, as builders read them: `linux/amd64`, `linux/arm/v7`, `arm64`.

use super::refused::Said;
use crate::text::cut::named;
use crate::text::near::nearest;

/// Systems and processors that may stand by themselves.
const KNOWN: [&str; 48] = [
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "macos",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "windows",
    "zos",
    "386",
    "aarch64",
    "amd64",
    "amd64p32",
    "arm",
    "arm64",
    "arm64be",
    "armbe",
    "armel",
    "armhf",
    "i386",
    "loong64",
    "mips",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "mipsle",
    "ppc",
    "ppc64",
    "ppc64le",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
    "x86-64",
    "x86_64",
];

/// What is wrong with one that no builder can read. Whether an image is there for it only a registry knows.
pub(super) fn wrong(platform: &str) -> Option<Said> {
    if platform.is_empty() {
        return None;
    }
    let message = || format!("`{}` is no platform", named(platform));
    let parts: Vec<&str> = platform.split('/').collect();
    let is_part = |part: &&str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        !part.is_empty() && part.chars().all(plain)
    };
    // Newer ones take a version of the system, such as `windows(10.0.17763)`.
    let system = parts
        .first()
        .map_or("", |part| part.split('(').next().unwrap_or(part));
    let others = parts.iter().skip(1);
    let is_shaped = parts.len() <= 3 && [system].iter().chain(others).all(is_part);
    if !is_shaped {
        return Some((
            message(),
            "write SYSTEM/PROCESSOR, such as `linux/amd64` or `linux/arm/v7`".to_owned(),
        ));
    }
    let lower = system.to_ascii_lowercase();
    if parts.len() > 1 || KNOWN.contains(&lower.as_str()) {
        return None;
    }
    let mend = match nearest(&lower, KNOWN) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "write SYSTEM/PROCESSOR, such as `linux/amd64`".to_owned(),
    };
    Some((message(), mend))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_builder_can_read_is_told_with_what_may_be_meant() {
        for platform in [
            "linux/amd64",
            "linux/arm/v7",
            "arm64",
            "Linux",
            "x86_64",
            "windows(10.0.17763)/amd64",
            "some/thing",
            "",
        ] {
            assert_eq!(wrong(platform), None, "{platform}");
        }
        for (platform, mend) in [
            ("amd46", "did you mean `amd64`?"),
            ("nonsense-of-all-kinds", "write SYSTEM/PROCESSOR"),
            ("linux/arm/v7/x", "write SYSTEM/PROCESSOR"),
            ("linux/", "write SYSTEM/PROCESSOR"),
            ("linux/*", "write SYSTEM/PROCESSOR"),
            ("linux amd64", "write SYSTEM/PROCESSOR"),
        ] {
            let (message, said) = wrong(platform).unwrap();
            assert_eq!(message, format!("`{platform}` is no platform"));
            assert!(said.starts_with(mend), "{platform}: {said}");
        }
    }
}
