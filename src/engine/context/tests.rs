use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;

use super::*;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    folder
}

fn read(folder: &Path) -> Context {
    Context::read(folder, None, BuilderKind::BuildKit).expect("a context")
}

fn names(context: &Context) -> Vec<String> {
    context
        .entries
        .iter()
        .map(|entry| entry.path.display().to_string())
        .collect()
}

#[test]
fn entries_come_in_the_order_of_their_parts() {
    let folder = folder(&[
        ("Dockerfile", "FROM scratch"),
        ("a/b", ""),
        ("a.b", ""),
        ("a-b/c", "xyz"),
    ]);
    let context = read(folder.path());
    assert_eq!(
        names(&context),
        ["Dockerfile", "a", "a/b", "a-b", "a-b/c", "a.b"]
    );
    assert_eq!(context.files(), 4);
    assert_eq!(context.size(), 15);
}

#[test]
fn an_ignored_folder_is_sent_only_for_what_is_taken_back() {
    let folder = folder(&[
        ("Dockerfile", "FROM scratch"),
        (
            ".dockerignore",
            "docs\nDockerfile\n.dockerignore\n!docs/a/keep\n!**/README.md\n",
        ),
        ("docs/a/keep", "1"),
        ("docs/a/other", "1"),
        ("docs/b/README.md", "1"),
        ("docs/c/none", "1"),
        ("src/main", "1"),
    ]);
    let context = read(folder.path());
    let expected = [
        "docs",
        "docs/a",
        "docs/a/keep",
        "docs/b",
        "docs/b/README.md",
        "src",
        "src/main",
    ];
    assert_eq!(names(&context), expected);
    // The classic builder's client does not look for wildcards below a folder left out.
    let classic = Context::read(folder.path(), None, BuilderKind::Classic).expect("a context");
    assert_eq!(
        names(&classic),
        ["docs", "docs/a", "docs/a/keep", "src", "src/main"]
    );
}

#[test]
fn the_ignore_file_beside_the_dockerfile_goes_first() {
    let folder = folder(&[
        ("prod.Dockerfile", "FROM scratch"),
        ("prod.Dockerfile.dockerignore", "a\n"),
        (".dockerignore", "b\n"),
        ("a", ""),
        ("b", ""),
    ]);
    let with = |builder| {
        let context = Context::read(folder.path(), Some(Path::new("prod.Dockerfile")), builder);
        let context = context.expect("a context");
        (
            context
                .ignore
                .as_ref()
                .is_some_and(|source| source.beside_dockerfile),
            names(&context),
        )
    };
    let (own, sent) = with(BuilderKind::BuildKit);
    assert!(own && sent.contains(&"b".to_owned()) && !sent.contains(&"a".to_owned()));
    let (own, sent) = with(BuilderKind::Classic);
    assert!(!own && sent.contains(&"a".to_owned()) && !sent.contains(&"b".to_owned()));
}

#[test]
fn the_digest_is_of_content_and_not_of_times() {
    let files = [("Dockerfile", "FROM scratch"), ("a", "1"), ("b", "2")];
    let digest = |folder: &tempfile::TempDir| read(folder.path()).digest().expect("a digest");
    let (one, two) = (folder(&files), folder(&files));
    let first = digest(&one);
    assert_eq!(first.len(), 64);
    File::open(two.path().join("a"))
        .and_then(|file| file.set_modified(std::time::UNIX_EPOCH))
        .expect("a time");
    assert_eq!(first, digest(&two));

    std::fs::write(two.path().join("a"), "x").expect("a file");
    let content = digest(&two);
    std::fs::write(two.path().join("a"), "1").expect("a file");
    std::fs::set_permissions(two.path().join("a"), std::fs::Permissions::from_mode(0o755))
        .expect("a mode");
    let mode = digest(&two);
    symlink("a", two.path().join("c")).expect("a link");
    let link = digest(&two);
    std::fs::remove_file(two.path().join("c")).expect("removed");
    symlink("b", two.path().join("c")).expect("a link");
    let other_link = digest(&two);
    let mut all = vec![first, content, mode, link, other_link];
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 5);
}

#[test]
fn sockets_are_noted_and_links_are_not_followed() {
    let folder = folder(&[("Dockerfile", "FROM scratch"), ("sub/x", "")]);
    let _socket = UnixListener::bind(folder.path().join("sock")).expect("a socket");
    symlink("..", folder.path().join("sub/up")).expect("a link");
    symlink("loop", folder.path().join("loop")).expect("a link");
    symlink("/nowhere", folder.path().join("dangling")).expect("a link");
    let context = read(folder.path());
    assert_eq!(
        names(&context),
        ["Dockerfile", "dangling", "loop", "sub", "sub/up", "sub/x"]
    );
    assert_eq!(
        context.notes,
        ["sock is a socket and is not sent to the builder"]
    );
}

#[track_caller]
fn error(folder: &Path, dockerfile: Option<&str>) -> String {
    Context::read(folder, dockerfile.map(Path::new), BuilderKind::BuildKit)
        .expect_err("an error")
        .to_string()
}

#[test]
fn what_is_wrong_is_named() {
    let folder = folder(&[
        ("app.Dockerfile", "FROM scratch"),
        ("ig/Dockerfile", "x"),
        ("ig/.dockerignore", "a\n[\n"),
    ]);
    let at = |name: &str| folder.path().join(name);
    let missing = error(&at("nosuch"), None);
    assert!(
        missing.contains("nosuch") && missing.contains("there is no such folder"),
        "{missing}"
    );
    let relative = error(Path::new("no/such"), None);
    assert!(
        relative.contains("`no/such`") && relative.contains("looked at: /"),
        "{relative}"
    );
    assert!(error(&at("app.Dockerfile"), None).contains("is not a folder"));
    let none = error(folder.path(), None);
    assert!(
        none.contains("there is no Dockerfile at")
            && none.contains("the context has app.Dockerfile"),
        "{none}"
    );
    assert!(error(folder.path(), Some("ig")).contains("it is a folder"));
    symlink("l2", at("l1")).expect("a link");
    symlink("l1", at("l2")).expect("a link");
    assert!(error(&at("l1"), None).contains("lead in a circle"));
    assert!(error(folder.path(), Some("l1")).contains("lead in a circle"));
    let ignore = error(&at("ig"), None);
    assert!(ignore.contains(".dockerignore: line 2: `[`"), "{ignore}");
}

#[test]
fn a_file_that_vanished_is_named() {
    let folder = folder(&[("Dockerfile", "FROM scratch"), ("gone", "1")]);
    let context = read(folder.path());
    std::fs::remove_file(folder.path().join("gone")).expect("removed");
    let error = context.digest().expect_err("an error").to_string();
    assert!(error.contains("gone: it was removed while"), "{error}");
}

#[test]
fn a_dockerfile_may_lie_elsewhere() {
    let (context, other) = (folder(&[("a", "")]), folder(&[("D", "FROM scratch")]));
    let path = other.path().join("D");
    let context =
        Context::read(context.path(), Some(&path), BuilderKind::BuildKit).expect("a context");
    assert_eq!(context.dockerfile.within, None);
    assert_eq!(context.dockerfile.name(), "D");
    assert_eq!(names(&context), ["a"]);
}

#[test]
fn lower_case_dockerfile_is_found() {
    let context = folder(&[("dockerfile", "FROM scratch")]);
    assert_eq!(
        read(context.path()).dockerfile.within.as_deref(),
        Some("dockerfile")
    );
}
