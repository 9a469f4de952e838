//! The archive of a saved image, in Docker's own form and as an OCI layout. Read once, as it comes.

use std::collections::HashMap;
use std::io::{self, Read};

use serde_json::Value as Json;

use crate::engine::scan::Scan;
use crate::fact::search::Searched;

/// The paths in a layer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LayerPaths {
    /// The step that made it, as the builder wrote it.
    pub made_by: String,
    /// Absolute, in the order of the layer; without the marks of what it takes away.
    pub paths: Vec<String>,
    /// Its symbolic links, absolute, and where they lead as they say it.
    pub links: Vec<(String, String)>,
    /// What was found in it, where it was searched.
    pub searched: Searched,
}

/// The largest JSON document that is read.
const DOCUMENT: u64 = 16 << 20;
/// How much of a file tells what it is.
const START: usize = 512;
/// The most bytes of all paths together.
const PATHS: usize = 256 << 20;

/// What was met in the archive, by its path there.
#[derive(Default)]
struct Met {
    scan: Option<Scan>,
    documents: HashMap<String, Json>,
    layers: HashMap<String, LayerPaths>,
    links: HashMap<String, String>,
    bytes: usize,
}

/// The layers of the archive's image, the lowest first. Their files are searched where a scan is given.
pub fn layers(archive: &mut impl Read, scan: Option<Scan>) -> io::Result<Vec<LayerPaths>> {
    let mut met = Met {
        scan,
        ..Met::default()
    };
    let mut tar = tar::Archive::new(&mut *archive);
    for entry in tar.entries()? {
        let mut entry = entry?;
        let name = plain(&String::from_utf8_lossy(&entry.path_bytes()));
        let kind = entry.header().entry_type();
        if kind.is_symlink() || kind.is_hard_link() {
            if let Some(target) = entry.link_name_bytes() {
                let target = String::from_utf8_lossy(&target).into_owned();
                met.links
                    .insert(name.clone(), beside(&name, &target, kind.is_symlink()));
            }
            continue;
        }
        if kind.is_file() {
            let size = entry.size();
            met.take(name, size, &mut entry)?;
        }
    }
    met.image()
}

fn plain(path: &str) -> String {
    path.trim_start_matches("./")
        .trim_start_matches('/')
        .to_owned()
}

/// Where a link of the archive leads.
fn beside(link: &str, target: &str, relative: bool) -> String {
    let mut parts: Vec<&str> = match link.rsplit_once('/') {
        Some((folder, _)) if relative => folder.split('/').collect(),
        _ => Vec::new(),
    };
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

impl Met {
    /// Takes a file for what its first bytes say it is.
    fn take(&mut self, name: String, size: u64, file: &mut impl Read) -> io::Result<()> {
        let mut start = Vec::new();
        file.by_ref().take(START as u64).read_to_end(&mut start)?;
        let first = start.first().copied();
        if start.starts_with(&[0x1f, 0x8b]) {
            let whole = io::Cursor::new(start).chain(file);
            let mut inner = flate2::read::MultiGzDecoder::new(whole);
            return self.layer(name, &mut inner);
        }
        if start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            return Err(io::Error::other(
                "its layers are compressed with zstd, which is not read here: build it with gzip \
                 (`docker buildx build --output type=docker,compression=gzip,force-compression=true`), \
                 or bring it into an engine without the containerd image store, which keeps layers unpacked",
            ));
        }
        let is_tar = start.get(257..262) == Some(b"ustar");
        let is_empty = start.len() == START && start.iter().all(|byte| *byte == 0);
        if is_tar || is_empty {
            let mut whole = io::Cursor::new(start).chain(file);
            return self.layer(name, &mut whole);
        }
        if matches!(first, Some(b'{' | b'[')) && size <= DOCUMENT {
            let mut whole = start;
            file.read_to_end(&mut whole)?;
            if let Ok(document) = serde_json::from_slice(&whole) {
                self.documents.insert(name, document);
            }
        }
        Ok(())
    }

    fn layer(&mut self, name: String, file: &mut impl Read) -> io::Result<()> {
        let mut layer = LayerPaths::default();
        let mut tar = tar::Archive::new(&mut *file);
        for entry in tar.entries()? {
            let mut entry = entry?;
            let path = plain(&String::from_utf8_lossy(&entry.path_bytes()));
            let path = path.trim_end_matches('/');
            let last = path.rsplit('/').next().unwrap_or("");
            // What the layer takes away, it does not hold.
            if path.is_empty() || last.starts_with(".wh.") {
                continue;
            }
            let path = format!("/{path}");
            let kind = entry.header().entry_type();
            let target = entry.link_name_bytes().filter(|_| kind.is_symlink());
            let target = target.map(|target| String::from_utf8_lossy(&target).into_owned());
            self.bytes += path.len() + target.as_ref().map_or(0, |t| t.len() + path.len());
            if self.bytes > PATHS {
                return Err(io::Error::other(
                    "its layers hold more paths than are looked at",
                ));
            }
            if let Some(scan) = &mut self.scan
                && kind.is_file()
                && !scan.leaves(&path)
                && !scan.passes(&path)
            {
                let size = entry.size();
                scan.file(&path, &mut entry, size)?;
            }
            if let Some(target) = target {
                layer.links.push((path.clone(), target));
            }
            layer.paths.push(path);
        }
        if let Some(scan) = &mut self.scan {
            layer.searched = std::mem::take(&mut scan.found);
        }
        self.layers.insert(name, layer);
        Ok(())
    }

    /// The layers of the one image, as the archive's own lists name them.
    fn image(mut self) -> io::Result<Vec<LayerPaths>> {
        let (config, names) = self
            .listed()
            .ok_or_else(|| io::Error::other("it does not say which layers its image has"))?;
        let history = config["history"].as_array().into_iter().flatten();
        let made = history.filter(|step| step["empty_layer"] != Json::Bool(true));
        let mut made = made.map(|step| step["created_by"].as_str().unwrap_or("").to_owned());
        let mut layers = Vec::new();
        let known = self.layers.clone();
        for name in names {
            let mut at = name.as_str();
            for _ in 0..8 {
                match self.links.get(at) {
                    Some(target) => at = target,
                    None => break,
                }
            }
            let layer = self.layers.remove(at).or_else(|| known.get(at).cloned());
            layers.push(LayerPaths {
                made_by: made.next().unwrap_or_default(),
                ..layer.ok_or_else(|| io::Error::other(format!("the layer {name} is not in it")))?
            });
        }
        Ok(layers)
    }

    /// The configuration and the names of the layers.
    fn listed(&self) -> Option<(Json, Vec<String>)> {
        if let Some(manifest) = self.documents.get("manifest.json") {
            let image = manifest.get(0)?;
            let config = self.documents.get(image["Config"].as_str()?);
            let names = image["Layers"].as_array()?.iter();
            let names = names.map(|name| name.as_str().map(str::to_owned));
            let config = config.cloned().unwrap_or_default();
            return Some((config, names.collect::<Option<_>>()?));
        }
        let blob = |item: &Json| {
            let digest = item["digest"].as_str()?.replace(':', "/");
            Some(format!("blobs/{digest}"))
        };
        let mut document = self.documents.get("index.json")?;
        for _ in 0..4 {
            let Some(listed) = document["manifests"].as_array() else {
                break;
            };
            let real = |item: &&Json| item["platform"]["os"].as_str() != Some("unknown");
            let mut here = listed
                .iter()
                .filter(real)
                .filter_map(|item| self.documents.get(&blob(item)?));
            document = here.next()?;
        }
        let names = document["layers"].as_array()?.iter().map(blob);
        let config = self.documents.get(&blob(&document["config"])?);
        let config = config.cloned().unwrap_or_default();
        Some((config, names.collect::<Option<_>>()?))
    }
}

#[cfg(test)]
mod tests;
