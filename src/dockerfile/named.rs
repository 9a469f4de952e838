//! Which files of a folder are Dockerfiles, by their names.

/// Ends of names beside a Dockerfile that are something else: what a build leaves out, notes, and
/// templates, which become Dockerfiles only when they are filled in.
const OTHERS: [&str; 12] = [
    "dockerignore",
    "md",
    "txt",
    "tmpl",
    "tpl",
    "template",
    "j2",
    "jinja",
    "jinja2",
    "erb",
    "in",
    "m4",
];

/// Whether a file of this name is taken for a Dockerfile: `Dockerfile`, `Dockerfile.dev`,
/// `dev.Dockerfile`, `Containerfile`.
pub fn is_dockerfile(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or("").to_ascii_lowercase();
    let is_own = matches!(last.as_str(), "dockerfile" | "containerfile");
    // In lower case it is also what a program calls the file in which it deals with Dockerfiles.
    let begins = name.starts_with("Dockerfile.") || name.starts_with("Containerfile.");
    (is_own || begins) && !OTHERS.contains(&last.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dockerfiles_are_known_by_their_names() {
        for name in [
            "Dockerfile",
            "dockerfile",
            "Dockerfile.dev",
            "api.Dockerfile",
            "Containerfile",
        ] {
            assert!(is_dockerfile(name), "{name}");
        }
        for name in [
            "Dockerfile.dockerignore",
            "Dockerfiles",
            "Dockerfile.j2",
            "mydockerfile",
            "a.yaml",
            "dockerfile.rs",
            "",
        ] {
            assert!(!is_dockerfile(name), "{name}");
        }
    }
}
