//! Where programs are looked for in a container.

use serde_json::Value as Json;

use super::Live;

/// The engine's own search path, where neither image nor `run` sets one.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

impl Live {
    /// The folders that programs are looked for in: those of `run`, else the image's, else the engine's. One
    /// that is not absolute, or empty, is looked for from the folder that the program is started in.
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
        // Where only files are looked at, the folder is that of our own program.
        let of_run = self.body["WorkingDir"].as_str().filter(|_| self.program);
        let started_in = of_run.or(self.image.facts.workdir.as_deref());
        let started_in = started_in.filter(|at| !at.is_empty()).unwrap_or("/");
        for folder in path.split(':') {
            let folder = match (folder, started_in.trim_end_matches('/')) {
                ("", _) => started_in.to_owned(),
                (whole, _) if whole.starts_with('/') => whole.to_owned(),
                (part, at) => format!("{at}/{part}"),
            };
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
        folders
    }
}
