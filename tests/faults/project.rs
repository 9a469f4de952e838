//! A folder with suites, as a user has one.

use seaworthy::engine::probe_binary;
use tempfile::TempDir;

/// One with these files, and in `suites/context` the program of an image that holds nothing else.
pub fn project(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    write("suites/context/program", probe_binary::bytes());
    for (name, text) in files {
        write(name, text.as_bytes());
    }
    folder
}
