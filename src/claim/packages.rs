//! `packages`: what is installed, whoever installed it, and what must not be.

use serde_json::Value as Json;

use super::{Findings, Judge, Scope};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::packages::{Kind, Package, Packages as Facts, python};
use crate::fact::question::Question;
use crate::record;
use crate::text::glob::{Glob, is_pattern};
use crate::text::matcher::texts::TextMatch;
use crate::text::matcher::{Miss, listed};
use crate::text::near::{kindred, nearest};
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Spanned;
use crate::text::tree::Node;

record! {
    /// What is installed.
    pub struct PackagesFields {
        /// These must be there: names or patterns, or maps of `name` and `version`.
        installed: Vec<Spanned<Wanted>>,
        /// None of these may be there: names or patterns.
        absent: Vec<Spanned<Name>>,
    }
}

record! {
    /// A package that must be there.
    pub struct Wanted (short name) {
        /// Its name, or a pattern; or a command's.
        name: Name,
        /// Its version, as the package manager writes it.
        version: Option<Spanned<TextMatch>>,
    }
}

/// What is expected of what is installed.
#[derive(Debug, Clone)]
pub struct Packages(PackagesFields);

impl Read for Packages {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let fields = PackagesFields::read(node, reader)?;
        if fields.installed.is_empty() && fields.absent.is_empty() {
            return reader.wrong(node, "names in `installed` or `absent`");
        }
        Some(Self(fields))
    }
    fn schema(schemas: &mut Schemas) -> Json {
        PackagesFields::schema(schemas)
    }
}

/// The name of a package or a command, or a pattern of such names.
#[derive(Debug, Clone)]
pub struct Name {
    written: String,
    /// As PEP 503 compares names.
    python: String,
    patterns: Option<[Glob; 2]>,
}

impl Read for Name {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let written = String::read(node, reader)?;
        if written.is_empty() || written.contains(['/', ' ']) {
            return reader.wrong(node, "the name of a package or a command, such as gcc");
        }
        // So no package is called, and `absent` would hold of each.
        if let Some((name, rest)) = written.split_once(['=', ':']) {
            let said = reader.say(node.span, format!("no package is called `{written}`"));
            match written[name.len()..].starts_with(':') {
                true => said.help(format!(
                    "write `{name}`: of which architecture it is does not count"
                )),
                false => said.help(format!(
                    "write `{name}`, or in `installed` `{{ name: {name}, version: {} }}`",
                    rest.trim_start_matches('=')
                )),
            };
            return None;
        }
        let patterns = match is_pattern(&written) {
            false => None,
            true => match (Glob::new(&written), Glob::new(&lowered(&written))) {
                (Ok(own), Ok(python)) => Some([own, python]),
                (Err(why), _) | (_, Err(why)) => {
                    reader.say(node.span, why);
                    return None;
                }
            },
        };
        Some(Self {
            python: python::normal(&written),
            written,
            patterns,
        })
    }
    fn schema(schemas: &mut Schemas) -> Json {
        String::schema(schemas)
    }
}

/// A pattern with the letters and dashes that names have as PEP 503 compares them.
fn lowered(pattern: &str) -> String {
    pattern.to_lowercase().replace(['_', '.'], "-")
}

impl Name {
    fn fits(&self, package: &Package) -> bool {
        let name = package.name.as_str();
        let of_python = package.kind == Kind::Python;
        match &self.patterns {
            None if of_python => python::normal(name) == self.python,
            None => name == self.written,
            Some([own, lowered]) => {
                own.matches(name) || of_python && lowered.matches(&python::normal(name))
            }
        }
    }

    fn among<'a>(&self, seen: &'a Facts) -> Vec<&'a Package> {
        let all = seen.all.iter();
        all.filter(|package| self.fits(package)).collect()
    }
}

impl Judge for Packages {
    const SCOPE: Scope = Scope::Files;

    fn questions(&self) -> Vec<Question> {
        vec![Question::Packages]
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let Self(fields) = self;
        let seen = seen.packages()?;
        let mut unsure = false;
        for wanted in &fields.installed {
            unsure |= !judge_installed(wanted, seen, findings);
        }
        for name in &fields.absent {
            let found = name.value.among(seen);
            let written = &name.value.written;
            if !found.is_empty() {
                let miss = Miss::new(format!("no {written}"), shown(&found, written));
                findings.check(name.span, "packages absent", Some(miss));
            } else if seen.unread.is_empty() {
                findings.saw(format!("no {written} among {}", counted(seen)));
            } else {
                unsure = true;
            }
        }
        match unsure {
            false => Ok(()),
            // What is not known may be where it was not looked.
            true => Err(Blocked::Unseen(format!(
                "not all packages are known: {}",
                listed(&seen.unread, "and")
            ))),
        }
    }
}

/// Whether it could be told whether one is installed.
fn judge_installed(wanted: &Spanned<Wanted>, seen: &Facts, findings: &mut Findings) -> bool {
    let Wanted { name, version } = &wanted.value;
    let (what, written) = ("packages installed", &name.written);
    let found = name.among(seen);
    let holds = |package: &&Package| {
        let rule = version.as_ref().map(|version| &version.value);
        rule.is_none_or(|rule| package.version.as_deref().is_some_and(|v| rule.holds(v)))
    };
    let good: Vec<&Package> = found.iter().copied().filter(holds).collect();
    if !good.is_empty() {
        findings.saw(shown(&good, written));
        return true;
    }
    if !seen.unread.is_empty() {
        return false;
    }
    let miss = match version {
        Some(version) if !found.is_empty() => {
            let expected = format!("{written} of version {}", version.value.expected());
            let mut actual = shown(&found, written);
            if found.iter().all(|package| package.version.is_none()) {
                actual.push_str(", whose version no package manager knows");
            }
            findings.check(version.span, what, Some(Miss::new(expected, actual)));
            return true;
        }
        _ => Miss::new(written, format!("none among {}", counted(seen))),
    };
    match near(written, seen) {
        Some(near) => findings.check_with(wanted.span, what, Some(miss), near),
        None => findings.check(wanted.span, what, Some(miss)),
    }
    true
}

/// Names that may have been meant.
fn near(written: &str, seen: &Facts) -> Option<String> {
    let names = || seen.all.iter().map(|package| package.name.as_str());
    let alike = names().filter(|name| name.starts_with(written));
    let mut words: Vec<&str> = alike.take(6).collect();
    if words.is_empty() {
        words.extend(
            names()
                .collect::<Vec<_>>()
                .chunks(1000)
                .find_map(|some| nearest(written, some.iter().copied())),
        );
    }
    if words.is_empty() {
        words = kindred(written, names());
    }
    words.dedup();
    let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
    (!words.is_empty()).then(|| format!("there is {}", listed(&words, "and")))
}

/// `gcc: dpkg 4:12.2.0-3, command /usr/bin/gcc`
fn shown(found: &[&Package], written: &str) -> String {
    let own = |package: &&Package| match package.name == *written {
        true => package.shown(),
        false => format!("{} ({})", package.name, package.shown()),
    };
    let words: Vec<String> = found.iter().map(own).collect();
    format!("{written}: {}", listed(&words, "and"))
}

/// `88 dpkg packages, 3 Python packages and 912 commands`
fn counted(seen: &Facts) -> String {
    let mut words: Vec<String> = Vec::new();
    for kind in [Kind::Dpkg, Kind::Apk, Kind::Rpm, Kind::Python] {
        match seen
            .all
            .iter()
            .filter(|package| package.kind == kind)
            .count()
        {
            0 => {}
            1 => words.push(format!("1 {kind} package")),
            count => words.push(format!("{count} {kind} packages")),
        }
    }
    if seen.databases.is_empty() {
        words.insert(0, "no package database".to_owned());
    }
    let commands = seen
        .all
        .iter()
        .filter(|package| package.kind == Kind::Command);
    words.push(match commands.count() {
        0 => "no command".to_owned(),
        1 => "1 command".to_owned(),
        count => format!("{count} commands"),
    });
    listed(&words, "and")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::trial::{errs_unseen, fails_ended, judged, misses as misses_of, refused};
    use crate::fact::answer::Fact;

    fn package(kind: Kind, name: &str, version: &str, at: &str) -> Package {
        Package {
            name: name.to_owned(),
            version: Some(version.to_owned()).filter(|version| !version.is_empty()),
            kind,
            at: at.to_owned(),
        }
    }

    fn facts() -> Facts {
        let mut facts = Facts::default();
        facts.add(
            "/var/lib/dpkg/status",
            Ok(vec![
                package(Kind::Dpkg, "gcc", "4:12.2.0-3", "/s"),
                package(Kind::Dpkg, "gcc-12", "12.2.0-14", "/s"),
                package(Kind::Dpkg, "libpq5", "15.6-0", "/s"),
            ]),
        );
        facts.all.extend([
            package(Kind::Python, "PyYAML", "6.0", "/v/PyYAML-6.0.egg-info"),
            package(Kind::Command, "gcc", "", "/usr/bin/gcc"),
            package(Kind::Command, "curl", "", "/usr/bin/curl"),
        ]);
        facts.settle();
        facts
    }

    fn seen(_: &Question) -> Fact {
        Fact::Packages(Box::new(facts()))
    }

    /// The same, and a database that was not read.
    fn holey(_: &Question) -> Fact {
        let mut facts = facts();
        facts.add("/var/lib/rpm/rpmdb.sqlite", Err("is broken".to_owned()));
        Fact::Packages(Box::new(facts))
    }

    fn misses(text: &str) -> Vec<String> {
        misses_of("packages", text, seen)
    }

    #[test]
    fn a_name_is_looked_for_everywhere() {
        for holds in [
            "{ installed: [libpq5, curl, pyyaml, PYYAML, 'lib*5', 'py*'] }",
            "{ installed: [{ name: gcc, version: { starts_with: '4:' } }, { name: pyyaml, version: '6.0' }] }",
            "{ absent: [clang, libpq, yaml, PYY, 'clang*'] }",
            "{ installed: [curl], absent: [wget] }",
        ] {
            assert_eq!(misses(holds), [""; 0], "{holds}");
        }
        let none = "none among 3 dpkg packages, 1 Python package and 2 commands";
        for (fails, said) in [
            (
                "{ absent: [gcc] }",
                "packages absent: expected no gcc, actual gcc: command /usr/bin/gcc and dpkg 4:12.2.0-3".to_owned(),
            ),
            (
                "{ absent: ['gcc-*'] }",
                "packages absent: expected no gcc-*, actual gcc-*: gcc-12 (dpkg 12.2.0-14)".to_owned(),
            ),
            (
                "{ absent: [PyYaml] }",
                "packages absent: expected no PyYaml, actual PyYaml: PyYAML (Python 6.0 in /v/PyYAML-6.0.egg-info)".to_owned(),
            ),
            (
                "{ installed: [libpq] }",
                format!("packages installed: expected libpq, actual {none} | there is libpq5"),
            ),
            (
                "{ installed: [crul] }",
                format!("packages installed: expected crul, actual {none} | there is curl"),
            ),
            (
                "{ installed: [{ name: pyyaml, version: { starts_with: 5 } }] }",
                "packages installed: expected pyyaml of version starting with \"5\", actual pyyaml: PyYAML (Python 6.0 in /v/PyYAML-6.0.egg-info)".to_owned(),
            ),
            (
                "{ installed: [{ name: curl, version: '8' }] }",
                "packages installed: expected curl of version \"8\", actual curl: command /usr/bin/curl, whose version no package manager knows".to_owned(),
            ),
        ] {
            assert_eq!(misses(fails), [said], "{fails}");
        }
    }

    #[test]
    fn where_nothing_is_installed_nothing_is_claimed_to_be() {
        let empty = |_: &Question| Fact::Packages(Box::default());
        let found = judged("packages", "{ absent: [gcc] }", empty);
        assert_eq!(
            found.seen,
            ["no gcc among no package database and no command"]
        );
        let missing = misses_of("packages", "{ installed: [gcc] }", empty);
        let none = "none among no package database and no command";
        assert_eq!(
            missing,
            [format!("packages installed: expected gcc, actual {none}")]
        );
    }

    #[test]
    fn what_was_not_read_may_hold_what_is_not_known() {
        let why = "not all packages are known: /var/lib/rpm/rpmdb.sqlite is broken";
        for text in [
            "{ absent: [clang] }",
            "{ installed: [clang] }",
            "{ installed: [{ name: gcc, version: '1' }] }",
            "{ installed: [gcc], absent: [clang] }",
        ] {
            let found = judged("packages", text, holey);
            assert!(found.misses.is_empty(), "{text}: {found:?}");
            assert_eq!(found.unseen, [why], "{text}");
        }
        // What was seen was seen.
        assert_eq!(
            judged("packages", "{ absent: [gcc] }", holey).misses.len(),
            1
        );
        let there = judged("packages", "{ installed: [gcc] }", holey);
        assert!(there.misses.is_empty() && there.unseen.is_empty());
    }

    #[test]
    fn what_is_not_seen_is_no_verdict() {
        for text in ["{ installed: [gcc] }", "{ absent: [clang] }"] {
            errs_unseen("packages", text, seen);
            fails_ended("packages", text);
        }
    }

    #[test]
    fn what_claims_nothing_is_refused() {
        for (wrong, said) in [
            ("{}", "names in `installed` or `absent`"),
            ("{ installed: [] }", "names in `installed` or `absent`"),
            ("[gcc]", "a map of installed, absent"),
            ("{ absent: gcc }", "expected a list"),
            (
                "{ absent: [/usr/bin/gcc] }",
                "the name of a package or a command",
            ),
            ("{ absent: ['gcc['] }", "a `[` needs its `]`"),
            (
                "{ absent: ['libc6:amd64'] }",
                "no package is called `libc6:amd64`",
            ),
            ("{ installed: [bash==5] }", "no package is called `bash==5`"),
            ("{ absent: [{ name: gcc, version: '1' }] }", "expected text"),
            ("{ installed: [{ nam: gcc }] }", "unknown key `nam`"),
        ] {
            let refused = refused("packages", wrong);
            assert!(refused.contains(said), "{wrong}: {refused}");
        }
    }
}
