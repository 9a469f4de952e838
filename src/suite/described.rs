//! What can be told of a Compose file without its tool: the services that stand in it, as they are written.

use super::compose::Compose;
use crate::text::source::FileId;
use crate::text::tree::Node;
use crate::text::yaml;

/// A service as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Described {
    /// Its name.
    pub name: String,
    /// Its image, where it is not built.
    pub image: Option<String>,
    /// The profiles with which alone it is started.
    pub profiles: Vec<String>,
}

/// The services of the files, of which `text` knows what they hold; nothing where others have to be read for it.
pub(super) fn services(
    compose: &Compose,
    text: impl Fn(&str) -> Option<String>,
) -> Option<Vec<Described>> {
    let mut all: Vec<Described> = Vec::new();
    for file in &compose.files {
        let root = yaml::parse(FileId(u32::MAX), &text(&file.value)?).0?;
        if root.get("include").is_some() {
            return None;
        }
        let services = root.get("services").and_then(Node::entries).unwrap_or(&[]);
        for entry in services {
            let name = &entry.key.value;
            match all.iter_mut().find(|one| one.name == *name) {
                Some(one) => one.lay(&entry.value),
                None => {
                    let mut one = Described {
                        name: name.clone(),
                        ..Described::default()
                    };
                    one.lay(&entry.value);
                    all.push(one);
                }
            }
        }
    }
    (!all.is_empty()).then_some(all)
}

impl Described {
    /// Lays what a later file says over it.
    fn lay(&mut self, service: &Node) {
        let text = |node: &Node| node.text().map(str::to_owned);
        if let Some(image) = service.get("image").and_then(text) {
            self.image = Some(image);
        }
        if service.get("build").is_some() {
            self.image = None;
        }
        if let Some(profiles) = service.get("profiles").and_then(Node::items) {
            for profile in profiles.iter().filter_map(text) {
                if !self.profiles.contains(&profile) {
                    self.profiles.push(profile);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::read::{Read as _, Reader};

    fn read(files: &[(&str, &str)]) -> Option<Vec<Described>> {
        let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
        let text = format!("{{ files: [{}], app: web }}", names.join(", "));
        let node = yaml::parse(FileId(0), &text).0.unwrap();
        let compose = Compose::read(&node, &mut Reader::default()).unwrap();
        services(&compose, |name| {
            let file = files.iter().find(|(known, _)| *known == name);
            file.map(|(_, text)| (*text).to_owned())
        })
    }

    #[test]
    fn later_files_are_laid_over_those_before() {
        let first =
            "services: { web: { image: 'a:1' }, db: { image: 'b:${V:-1}', profiles: [x] } }";
        let second = "services: { web: { build: . }, db: { image: 'b:2' }, more: {} }";
        let all = read(&[("a.yaml", first), ("b.yaml", second)]).unwrap();
        let shown: Vec<_> = all
            .iter()
            .map(|one| (one.name.as_str(), one.image.as_deref(), one.profiles.len()))
            .collect();
        assert_eq!(
            shown,
            [("web", None, 0), ("db", Some("b:2"), 1), ("more", None, 0)]
        );
    }

    #[test]
    fn a_profile_that_several_files_say_is_one() {
        let first = "services: { db: { profiles: [x, y] } }";
        let second = "services: { db: { profiles: [y, z] } }";
        let all = read(&[("a.yaml", first), ("b.yaml", second)]).unwrap();
        assert_eq!(all[0].profiles, ["x", "y", "z"]);
    }

    #[test]
    fn what_others_say_too_is_not_known() {
        assert_eq!(
            read(&[("a.yaml", "include: [b.yaml]\nservices: { web: {} }")]),
            None
        );
        assert_eq!(read(&[("a.yaml", "services: {}")]), None);
    }
}
