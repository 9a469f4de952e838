//! What we say is sent against what each builder received, file by file.

use std::path::Path;

use seaworthy::engine::build::BuildRequest;
use seaworthy::engine::context::{Context, EntryKind};
use seaworthy::fact::build::BuilderKind;

use super::bench::Bench;
use super::printed;

/// The program is taken from a stage of its own, so that the last one holds what was sent and no more.
const DOCKERFILE: &str = "FROM scratch AS tools\nCOPY tool /tool\nFROM scratch\nCOPY . /all\n\
    COPY --from=tools /tool /tool\nRUN [\"/tool\", \"list\", \"/all\"]\n";

/// Ignore files, each for a rule that is easily applied otherwise.
const IGNORES: [&str; 14] = [
    // Negation, and order: the last line that matches decides.
    "docs\n!docs/keep.md\n",
    "!docs/keep.md\ndocs\n",
    "*\n!tool\n!src/**\nsrc/deep\n",
    "*\n!tool\n!**/keep.md\n",
    // `*` stays in its folder, `**` does not.
    "*.md\n",
    "**/*.md\n",
    "**/deep\n",
    "src/**/keep.md\n",
    // Trailing spaces, a slash at either end, dots, an empty line.
    "docs/   \n\n/src/\n./.hidden\n",
    // A `#` that is no comment, and one that is.
    "#docs\n  #src\n\\#odd\n",
    // Other wildcards.
    "do?s\n[r-t]rc\n",
    // A link is a link, and so is one to nowhere.
    "link/keep.md\ndead\n",
    // Carriage returns and a byte order mark.
    "\u{feff}docs\r\nsrc\r\n",
    "Dockerfile\n.dockerignore\n",
];

async fn bench() -> Bench {
    let bench = Bench::new(&[
        ("Dockerfile", DOCKERFILE),
        ("keep.md", "1"),
        ("#odd", "odd"),
        (".hidden", "22"),
        ("docs/keep.md", "333"),
        ("docs/more/keep.md", "4444"),
        ("src/keep.md", "55555"),
        ("src/deep/keep.md", "666666"),
        ("src/deep/a.rs", "7777777"),
    ])
    .await;
    let link = |to: &str, name: &str| {
        std::os::unix::fs::symlink(to, bench.folder.path().join(name)).unwrap();
    };
    link("docs", "link");
    link("gone", "dead");
    std::fs::create_dir(bench.folder.path().join("empty")).unwrap();
    bench
}

/// What we say is sent, as the program prints what is there.
fn said(folder: &Path, request: &BuildRequest, builder: BuilderKind) -> Vec<String> {
    let context = Context::read(folder, request.dockerfile.as_deref(), builder).unwrap();
    let lines = context.entries.iter().map(|entry| {
        let (path, mode) = (entry.path.display(), entry.mode);
        match &entry.kind {
            EntryKind::Link(to) => {
                let (to, length) = (to.display(), to.as_os_str().len());
                format!("{path} {mode:o} 0:0 {length} -> {to}")
            }
            EntryKind::Folder | EntryKind::File => format!("{path} {mode:o} 0:0 {}", entry.size),
        }
    });
    let mut lines: Vec<String> = lines.collect();
    lines.sort();
    lines
}

async fn compare(bench: &Bench, request: &BuildRequest, what: &str) {
    let (buildkit, classic) = tokio::join!(bench.build(request), bench.classic(request));
    for (builder, built) in [
        (BuilderKind::BuildKit, buildkit),
        (BuilderKind::Classic, classic),
    ] {
        let said = said(bench.folder.path(), request, builder);
        let mut received = printed(&built.unwrap());
        received.sort();
        assert!(!received.is_empty(), "{what}: nothing was listed");
        assert_eq!(said, received, "{builder:?}: {what}");
    }
}

#[tokio::test]
async fn what_is_said_to_be_sent_is_what_each_builder_receives() {
    let bench = bench().await;
    let mut request = bench.request();
    request.no_cache = true;
    compare(&bench, &request, "no ignore file").await;
    for ignore in IGNORES {
        bench.write(".dockerignore", ignore);
        compare(&bench, &request, ignore).await;
    }
}

#[tokio::test]
async fn an_ignore_file_of_a_dockerfile_is_for_buildkit_alone() {
    let bench = bench().await;
    bench.write("Other", DOCKERFILE);
    bench.write(".dockerignore", "docs\n");
    bench.write("Other.dockerignore", "src\n");
    let mut request = bench.request();
    request.no_cache = true;
    request.dockerfile = Some("Other".into());
    compare(&bench, &request, "Other.dockerignore").await;
    let sends = |builder, path: &str| {
        let all = said(bench.folder.path(), &request, builder);
        all.iter().any(|line| line.starts_with(path))
    };
    assert!(sends(BuilderKind::BuildKit, "docs/") && !sends(BuilderKind::BuildKit, "src"));
    assert!(sends(BuilderKind::Classic, "src/") && !sends(BuilderKind::Classic, "docs"));
}
