//! What can be told of a Compose file without its tool: the services that stand in it, as they are written.

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

/// The services of files that hold these texts; nothing where others have to be read for it.
pub(super) fn services(texts: &[String]) -> Option<Vec<Described>> {
    let mut all: Vec<Described> = Vec::new();
    for text in texts {
        let root = yaml::parse(FileId(u32::MAX), text).0?;
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

    fn read(texts: &[&str]) -> Option<Vec<Described>> {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        services(&texts)
    }

    #[test]
    fn later_files_are_laid_over_those_before() {
        let first =
            "services: { web: { image: 'a:1' }, db: { image: 'b:${V:-1}', profiles: [x] } }";
        let second = "services: { web: { build: . }, db: { image: 'b:2' }, more: {} }";
        let all = read(&[first, second]).unwrap();
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
        let all = read(&[first, second]).unwrap();
        assert_eq!(all[0].profiles, ["x", "y", "z"]);
    }

    #[test]
    fn what_others_say_too_is_not_known() {
        let others = "include: [b.yaml]\nservices: { web: {} }";
        assert_eq!(read(&[others]), None);
        assert_eq!(read(&["services: {}"]), None);
    }
}
