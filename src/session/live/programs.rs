//! Where programs are looked for in a container.

use serde_json::Value as Json;

use super::Live;

/// The engine's own search path, where neither image nor `run` sets one.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

impl Live {
    /// The folders that programs are looked for in: those of `run`, else the image's, else the engine's.
    pub fn search_path(&self) -> Vec<String> {
        let of_run = self.body["Env"].as_array().into_iter().flatten();
        let of_run: Vec<&str> = of_run.filter_map(Json::as_str).collect();
        let of_image = self.image.facts.env.iter().map(String::as_str);
        // Of two settings the last counts.
        let mut set = of_image
            .chain(of_run)
            .filter_map(|pair| pair.strip_prefix("PATH="));
        let path = set.next_back().unwrap_or(PATH);
        let mut folders: Vec<String> = Vec::new();
        for folder in path.split(':').filter(|folder| folder.starts_with('/')) {
            if !folders.iter().any(|known| known == folder) {
                folders.push(folder.to_owned());
            }
        }
        folders
    }
}
