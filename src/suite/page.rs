//! Pages of settings of which one sentence says too little.

/// A page, and the place where the setting stands that it is about.
#[derive(Debug)]
pub struct Page {
    /// The setting.
    pub name: &'static str,
    /// The map that holds it; none for the top of a suite.
    pub of: Option<&'static str>,
    /// Markdown. Its examples are tests.
    pub text: &'static str,
}

/// In place of a map: values, wherever they stand.
pub const VALUES: &str = "values";

/// All of them.
pub const PAGES: [Page; 8] = [
    Page {
        name: "matchers",
        of: Some(VALUES),
        text: include_str!("page/matchers.md"),
    },
    Page {
        name: "json",
        of: Some("http"),
        text: include_str!("page/json.md"),
    },
    Page {
        name: "volumes",
        of: Some("run"),
        text: include_str!("page/volumes.md"),
    },
    Page {
        name: "tmpfs",
        of: Some("run"),
        text: include_str!("page/tmpfs.md"),
    },
    Page {
        name: "ready",
        of: Some("run"),
        text: include_str!("page/ready.md"),
    },
    Page {
        name: "services",
        of: None,
        text: include_str!("page/services.md"),
    },
    Page {
        name: "compose",
        of: None,
        text: include_str!("page/compose.md"),
    },
    Page {
        name: "certificates",
        of: None,
        text: include_str!("page/certificates.md"),
    },
];
