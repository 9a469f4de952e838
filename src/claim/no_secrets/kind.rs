//! How a file beside the suite is read, going by its name.

use super::assigned::Style;

/// A way to read a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// As a tree of names and values, and where it is none line by line.
    Tree(Style),
    /// Line by line.
    Lines(Style),
}

/// Ends of names of what only shows how a file of theirs is written.
const SAMPLES: [&str; 10] = [
    ".example",
    ".sample",
    ".template",
    ".dist",
    ".tmpl",
    ".tpl",
    ".default",
    ".bak",
    ".orig",
    ".j2",
];

/// Ends of names of code.
const CODE: [&str; 35] = [
    "py", "pyi", "js", "mjs", "cjs", "jsx", "ts", "tsx", "go", "rs", "java", "kt", "kts", "groovy",
    "gradle", "scala", "rb", "php", "pl", "pm", "lua", "c", "h", "cc", "cpp", "hpp", "cs", "swift",
    "tf", "hcl", "tfvars", "dart", "ex", "exs", "vue",
];

/// Ends of names of sentences, and whole names of such files.
const PROSE: [&str; 16] = [
    "md",
    "markdown",
    "rst",
    "adoc",
    "txt",
    "html",
    "htm",
    "csv",
    "tsv",
    "svg",
    "license",
    "readme",
    "changelog",
    "copying",
    "notice",
    "authors",
];

/// How the file at this path is read.
pub(super) fn of(path: &str) -> Kind {
    let name = path.rsplit('/').next().unwrap_or("").to_ascii_lowercase();
    let mut bare = name.as_str();
    while let Some(less) = SAMPLES.iter().find_map(|end| bare.strip_suffix(end)) {
        bare = less;
    }
    let end = bare.rsplit('.').next().unwrap_or("");
    match end {
        "yml" | "yaml" => Kind::Tree(Style::Settings),
        "json" | "jsonc" | "json5" | "ipynb" => Kind::Tree(Style::Code),
        _ if CODE.contains(&end) => Kind::Lines(Style::Code),
        _ if PROSE.contains(&end) => Kind::Lines(Style::Prose),
        _ => Kind::Lines(Style::Settings),
    }
}

/// Ends of names of sentences that keep nothing but what people read, as `.txt` may.
const DOCUMENTS: [&str; 8] = [
    "md",
    "markdown",
    "rst",
    "adoc",
    "html",
    "htm",
    "readme",
    "changelog",
];

/// Parts of names that say that a file is a sample.
const SHOWN: [&str; 4] = ["example", "sample", "template", "dist"];

/// Whether the file at this path is a document or a sample, in which what looks like a token may show how one
/// looks.
pub(super) fn is_document(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or("").to_ascii_lowercase();
    let mut parts = name.split(['.', '-', '_']);
    let end = name.rsplit('.').next().unwrap_or("");
    DOCUMENTS.contains(&end) || parts.any(|part| SHOWN.contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_read_as_what_it_is_a_sample_of() {
        for (path, kind) in [
            ("../settings.py.example", Kind::Lines(Style::Code)),
            ("compose.yml.dist", Kind::Tree(Style::Settings)),
            ("a/b.json", Kind::Tree(Style::Code)),
            ("env.example", Kind::Lines(Style::Settings)),
            (".env.example", Kind::Lines(Style::Settings)),
            ("app.sample", Kind::Lines(Style::Settings)),
            ("README", Kind::Lines(Style::Prose)),
            ("Dockerfile", Kind::Lines(Style::Settings)),
            ("terraform.tfvars", Kind::Lines(Style::Code)),
        ] {
            assert_eq!(of(path), kind, "{path}");
        }
    }
}
