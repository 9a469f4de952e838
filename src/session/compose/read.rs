//! The user's files as their tool reads them, with all that can be said of them without an engine.

use std::path::Path;

use serde_json::Value as Json;

use super::config::SET;
use super::refusal::{Asked, sifted};
use super::stack::{Part, Source, Stack, Wish};
use super::written::{Roots, Written};
use super::{addresses, binds, config, powers, reads, waves};
use crate::engine::compose::Tool;
use crate::engine::sources::real;
use crate::engine::transport::Address;
use crate::session::image::NoImage;
use crate::session::live::is_here;
use crate::suite::compose::Compose;
use crate::suite::compose::laid::{Laid, lay};
use crate::suite::compose::texts::uses;
use crate::suite::grant::Reach;
use crate::text::source::Sources;

/// What else a file asks for, where its tool may not read it.
const REST: &str = "the file itself was not read by its tool; what else it asks for is told once this is allowed or gone";

/// What a Compose file says.
#[derive(Debug)]
pub struct Files {
    /// What is started.
    pub stack: Stack,
    /// All that the tool made of them, with what is laid over it.
    pub config: Json,
    pub(super) tool: Tool,
    /// What the tool warned of when it read them.
    pub(super) warnings: Vec<String>,
    /// Where something stands in them.
    pub(super) written: Written,
    /// The powers that they ask for, all of which are allowed.
    pub(super) granted: Vec<Granted>,
}

/// A power that is given, and where the file asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// As `--allow` has it.
    pub power: String,
    /// The file and line.
    pub place: String,
}

/// Has the tool read the files of a suite, with what is laid over them, and refuses what cannot be tested of them.
/// `image` takes the place of that of `app`.
pub async fn files(
    (engine, project): (Option<&Address>, &str),
    compose: &Compose,
    (folder, reach, laid): (&Path, &Reach, &[Laid]),
    image: Option<&str>,
) -> Result<Files, NoImage> {
    let early = reads::asked(compose, folder, reach);
    // What is wrong with a file comes before what it may name: the tool will hardly take it.
    for one in &early {
        let (Some((sources, span)), false) = (&one.broken, reach.allowed.has(&one.power)) else {
            continue;
        };
        return Err(NoImage::There {
            sources: sources.clone(),
            span: *span,
            said: one.why.clone().unwrap_or_default(),
        });
    }
    let tool = Tool::find(engine).await?;
    // What the tool is kept from reading it cannot tell of either.
    let unread = |said: String| NoImage::Refused(format!("{said}\n  help: {REST}"));
    let mut granted = sifted(early, reach).map_err(unread)?;
    let written = Written::read(compose, folder);
    let (mut config, warnings) =
        config::resolved(&tool, (engine, project), compose, folder, &written).await?;
    lay(laid, &mut config);
    let stack = Stack::read(&config, &wish(compose, image)).map_err(|refused| {
        match refused.about.and_then(|name| name.place(compose)) {
            Some(span) => NoImage::Named(span, refused.said),
            None => match written.wrong(&refused.said) {
                Some((sources, span, _)) => NoImage::There {
                    sources,
                    span,
                    said: refused.said,
                },
                None => NoImage::Suite(refused.said),
            },
        }
    })?;
    if tool.is_first() {
        waves::unlinked(&stack, &tool.name()).map_err(NoImage::Suite)?;
    }
    let asked = powers::asked(&stack, &reach.bounds, &real);
    let asked = asked.into_iter().map(|one| {
        let keys: Vec<&str> = one.keys.iter().map(String::as_str).collect();
        Asked::new(one.power, &written.place(&keys))
    });
    granted.extend(sifted(asked, reach).map_err(NoImage::Refused)?);
    let files = Files {
        stack,
        config,
        tool,
        warnings,
        written,
        granted,
    };
    addresses::check(&files.stack, &files.written).map_err(NoImage::Suite)?;
    // Another machine's files cannot be looked at, and what is only read need not be there yet.
    if engine.is_some_and(is_here) {
        binds::check(&files.stack, &files.written).map_err(NoImage::Suite)?;
    }
    for part in &files.stack.parts {
        match &part.source {
            Source::Ref(name, _) if is_cut(name) => files.unset(part).map_or(Ok(()), Err)?,
            _ => {}
        }
    }
    Ok(files)
}

fn wish(compose: &Compose, image: Option<&str>) -> Wish {
    let services = compose.services.iter().map(|name| name.value.clone());
    let scale = compose.scale.0.iter();
    let certificates = compose.certificates.0.iter();
    Wish {
        app: compose.app.value.clone(),
        services: services.collect(),
        profiles: compose
            .profiles
            .iter()
            .map(|name| name.value.clone())
            .collect(),
        scale: scale.map(|(name, of)| (name.value.clone(), *of)).collect(),
        image: image.map(str::to_owned),
        certificates: certificates
            .map(|(name, at)| (name.value.clone(), at.value.0.clone()))
            .collect(),
    }
}

impl Files {
    /// The profiles of a service.
    pub fn profiles(&self, service: &str) -> Vec<String> {
        let names = self.config["services"][service]["profiles"].as_array();
        names.map_or_else(Vec::new, |names| super::chosen::texts(names))
    }

    /// Them as trees, for where something stands among the files of others.
    pub fn roots(&self, sources: &mut Sources) -> Roots {
        self.written.roots_in(sources)
    }

    /// Whether two of it cannot be there at once.
    pub fn has_fixed_addresses(&self) -> bool {
        !self.stack.fixed.is_empty()
    }

    /// What the tool warned of, each with the place that it is about as far as that is known.
    pub fn warned(&self) -> Vec<String> {
        let all = self.warnings.iter().map(|warning| {
            let place = named(warning).and_then(|variable| self.written.uses(variable));
            let place = place.unwrap_or_else(|| self.written.place(&[]));
            let name = self.tool.name();
            format!("{place}: `{name}` warns: {}", warning.trim_end_matches('.'))
        });
        all.collect()
    }

    /// What they bind from this machine and is not there, each with its place.
    pub fn unbound(&self) -> Vec<String> {
        binds::missing(&self.stack, &self.written)
    }

    /// That the image of a service is called as it is since a variable is not set, where that is so.
    pub(super) fn unset(&self, part: &Part) -> Option<NoImage> {
        let Source::Ref(name, _) = &part.source else {
            return None;
        };
        let keys = ["services", part.name.as_str(), "image"];
        let text = self.written.text(&keys)?;
        let unset: Vec<&str> = unset(&self.warnings)
            .filter(|variable| uses(text, variable))
            .collect();
        let first = unset.first()?;
        let place = self.written.place(&keys);
        let (verb, all) = match unset.len() {
            1 => ("is", format!("the variable {first}")),
            _ => ("are", format!("the variables {}", unset.join(", "))),
        };
        Some(NoImage::Suite(format!(
            "{place}: the image of the service `{}` comes out as `{name}`, since {all} {verb} not set\n  \
             help: {SET}; in the file `${{{first}:-…}}` says what it is where nobody sets it",
            part.name
        )))
    }
}

/// The variables that a tool said have no value.
fn unset(warnings: &[String]) -> impl Iterator<Item = &str> {
    warnings.iter().filter_map(|warning| named(warning))
}

fn named(warning: &str) -> Option<&str> {
    let (_, rest) = warning.split_once("The ")?;
    let (name, _) = rest.split_once(" variable is not set")?;
    Some(name.trim_matches(['"', '\\', '\'']))
}

/// Whether a name of an image lacks a part, such as `redis:`.
fn is_cut(name: &str) -> bool {
    let lacks = ["//", "/:", "::", ":.", ":-", ".:", "-:"];
    let ends = name.starts_with(['/', ':', '.', '-']) || name.ends_with([':', '/', '@', '-', '.']);
    name.is_empty() || ends || lacks.iter().any(|two| name.contains(two))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_without_a_value_is_found_by_what_the_tools_say() {
        let warnings = [
            "The \"TAG\" variable is not set. Defaulting to a blank string.",
            "The OTHER variable is not set. Defaulting to a blank string.",
            "something else",
        ];
        let warnings = warnings.map(str::to_owned);
        assert_eq!(unset(&warnings).collect::<Vec<_>>(), ["TAG", "OTHER"]);
        for name in ["redis:", "", "/app:1", "r.io/:1", "app:-x", "app-"] {
            assert!(is_cut(name), "{name}");
        }
        for name in [
            "redis",
            "redis:7.0",
            "localhost:5000/a/b-c:1.0-x",
            "a@sha256:00",
        ] {
            assert!(!is_cut(name), "{name}");
        }
    }
}
