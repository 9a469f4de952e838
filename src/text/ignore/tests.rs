use super::*;

/// The paths that an ignore file leaves out, of those given.
#[track_caller]
fn check(file: &str, ignored: &[&str], sent: &[&str]) {
    let ignore = Ignore::parse(file.as_bytes()).expect(file);
    for path in ignored {
        assert!(
            ignore.decide(path).ignored,
            "{file:?} must leave out {path}"
        );
    }
    for path in sent {
        assert!(!ignore.decide(path).ignored, "{file:?} must send {path}");
    }
}

#[test]
fn lines_that_are_not_rules() {
    check("# target\n\n   \n\t\n", &[], &["# target", "target"]);
    // A comment needs its `#` in the first column.
    check("  # note\n", &["# note"], &["note"]);
    check("a\\#b\n", &["a#b"], &[]);
}

#[test]
fn byte_order_mark_and_line_ends() {
    check("\u{feff}target\r\n.git\r\n", &["target", ".git"], &[]);
    check("\u{feff}# comment\r\nx", &["x"], &["# comment"]);
    check("a\n\u{feff}b\n", &["a"], &["b"]);
}

#[test]
fn slashes_at_either_end_mean_nothing() {
    check("/target/\n", &["target", "target/debug/x"], &["sub/target"]);
    check(
        "docs//api/./v1/\n",
        &["docs/api/v1", "docs/api/v1/x"],
        &["docs/api"],
    );
    check("a/../b\n", &["b"], &["a", "a/b"]);
    check("/\n", &[], &["a", "a/b"]);
    check(".\n", &[], &["a", "a/b"]);
    check("./a\n", &["a"], &["b/a"]);
    check("../a\n", &[], &["a"]);
}

#[test]
fn stars_stay_in_their_folder() {
    check(
        "*.md\n",
        &["README.md", ".md"],
        &["docs/README.md", "x.mdx", "xmd"],
    );
    check("*/*.md\n", &["docs/a.md"], &["a.md", "docs/x/a.md"]);
    check("a?c\n", &["abc"], &["a/c", "ac", "abcd"]);
    check("*\n", &["a", "a/b/c", ".dockerignore"], &[]);
    check("tmp*\n", &["tmp", "tmpx", "tmp/x"], &["a/tmp"]);
}

#[test]
fn double_stars_cross_folders() {
    check(
        "**/*.log\n",
        &["a.log", "x/a.log", "x/y/a.log"],
        &["a.logs"],
    );
    check("**\n", &["a", "a/b"], &[]);
    check("**/\n", &["a", "a/b"], &[]);
    check(
        "**/node_modules\n",
        &["node_modules", "a/node_modules/x"],
        &["a/xnode_modules"],
    );
    check("a/**\n", &["a/b", "a/b/c"], &["a", "ab"]);
    check("a/**/z\n", &["a/z", "a/b/z", "a/b/c/z"], &["a/bz", "z"]);
    check("**/x/**\n", &["x/a", "b/x/a"], &["x", "b/x"]);
    // Without its slash a leading `**` is a plain ending.
    check("**log\n", &["log", "x/mylog", "alog"], &["logs"]);
    check("a**b\n", &["ab", "a/b", "ax/b"], &["axb"]);
    check("a**\n", &["a", "ab", "a/b"], &["ba"]);
}

#[test]
fn classes_and_escapes() {
    check(
        "[ab].txt\n",
        &["a.txt", "b.txt"],
        &["c.txt", "ab.txt", "[ab].txt"],
    );
    check("[^ab].txt\n", &["c.txt"], &["a.txt"]);
    check("[!a].txt\n", &["!.txt", "a.txt"], &["b.txt"]);
    check("[a-c]x\n", &["ax", "cx"], &["dx"]);
    check("[[&~].x\n", &["[.x", "&.x", "~.x"], &["a.x"]);
    check("a\\*b\n", &["a*b"], &["axb"]);
    check("a.b+c(d)|{e}$\n", &["a.b+c(d)|{e}$"], &["axb+c(d)|{e}$"]);
    check("*.b+c\n", &["x.b+c"], &["xab+c", "x.bbc"]);
}

#[test]
fn the_last_line_that_matches_decides() {
    check("*.md\n!README.md\n", &["a.md"], &["README.md"]);
    check("!README.md\n*.md\n", &["a.md", "README.md"], &[]);
    check(
        "*.md\n!README*.md\nREADME-secret.md\n",
        &["README-secret.md"],
        &["README.md"],
    );
    check(
        "docs\n!docs/keep\n",
        &["docs", "docs/a"],
        &["docs/keep", "docs/keep/x"],
    );
    check(
        "docs\n!docs/keep\ndocs/keep/not\n",
        &["docs/keep/not", "docs/keep/not/x"],
        &["docs/keep/a"],
    );
    check(
        "*\n!src\n!Cargo.*\n",
        &["target", "a/b"],
        &["src", "src/main.rs", "Cargo.toml"],
    );
    check("! a\n", &[], &["a"]);
    check("*\n! /a/\n", &["b"], &["a", "a/x"]);
    check("**\n!**/*.rs\n", &["a", "a/b.md"], &["a/b.rs", "c.rs"]);
    check("a\n!a\na\n", &["a", "a/b"], &[]);
}

#[test]
fn a_rule_that_was_not_asked_of_the_folder_is_not_inherited() {
    // `fo*` would match the folder, but is not asked since `foo` already had: so it does not reach
    // below, and what `!foo/x` took back stays.
    check("foo\n!foo/x\nfo*\n", &["foo", "foo/a"], &["foo/x"]);
}

#[test]
fn the_deciding_line_is_named() {
    let ignore = Ignore::parse(b"# head\n\n*.md\n!README.md\ntarget\n").expect("parses");
    let line = |path| ignore.decide(path).line;
    assert_eq!(line("a.md"), Some(3));
    assert_eq!(line("README.md"), Some(4));
    assert_eq!(line("target/debug/x"), Some(5));
    assert_eq!(line("src"), None);
    let rules: Vec<_> = ignore
        .rules()
        .iter()
        .map(|rule| (rule.pattern.as_str(), rule.negated))
        .collect();
    assert_eq!(
        rules,
        [("*.md", false), ("README.md", true), ("target", false)]
    );
}

#[test]
fn a_walk_agrees_with_asking_directly() {
    let ignore = Ignore::parse(b"a\n!a/b\na/b/c*\n!**/keep\n").expect("parses");
    for path in ["a", "a/b", "a/b/c1", "a/b/c1/keep", "a/x", "a/x/keep/z"] {
        let mut above = Above::default();
        let mut parts: Vec<&str> = Vec::new();
        let mut last = None;
        for part in path.split('/') {
            parts.push(part);
            let (decision, next) = ignore.decide_below(&above, &parts.join("/"));
            above = next;
            last = Some(decision);
        }
        assert_eq!(last, Some(ignore.decide(path)), "{path}");
    }
}

#[test]
fn folders_that_need_a_look_inside() {
    let plain = Ignore::parse(b"docs\ntmp\n!docs/keep/me\n").expect("parses");
    assert!(plain.may_take_back_below("docs", true));
    assert!(plain.may_take_back_below("docs/keep", false));
    assert!(!plain.may_take_back_below("tmp", true));
    assert!(!plain.may_take_back_below("doc", true));
    let wild = Ignore::parse(b"docs\n!**/README.md\n").expect("parses");
    assert!(wild.may_take_back_below("docs", true));
    assert!(!wild.may_take_back_below("docs", false));
    let ending = Ignore::parse(b"*\n!src/**\n").expect("parses");
    assert!(ending.may_take_back_below("src", true));
    assert!(!ending.may_take_back_below("docs", true));
    assert!(
        !Ignore::parse(b"docs")
            .expect("parses")
            .may_take_back_below("docs", true)
    );
}

#[test]
fn a_line_that_takes_back_reaches_below_what_it_can_stand_for() {
    let reaches = |line: &str, path: &str| {
        let rules = Ignore::parse(format!("*\n!{line}\n").as_bytes());
        rules.expect("parses").reaches_below(path)
    };
    for (line, path) in [
        ("docs/keep", "docs"),
        ("d*/keep", "docs"),
        ("docs/**", "docs/a/b"),
        ("**/README.md", ".env"),
        ("a**/x", "b"),
    ] {
        assert!(reaches(line, path), "{line} {path}");
    }
    for (line, path) in [
        ("Dockerfile*", ".env"),
        ("Dockerfile*", "Dockerfile.d"),
        ("docs/**", ".env"),
        ("docs/*/keep", "src/a"),
        ("docs", "docs/a"),
    ] {
        assert!(!reaches(line, path), "{line} {path}");
    }
}

#[test]
fn lines_the_builder_refuses() {
    for (file, line) in [
        ("a\n!\n", 2),
        ("[a\n", 1),
        ("\n\nx[]y\n", 3),
        ("a\\\n", 1),
        ("[a-]\n", 1),
        ("[z-a]\n", 1),
    ] {
        let bad = Ignore::parse(file.as_bytes()).expect_err(file);
        assert_eq!(bad.line, line, "{file:?}: {bad}");
    }
}

#[test]
fn bytes_that_are_no_text_do_no_harm() {
    let ignore = Ignore::parse(b"\xff\xfe\n*.log\n\0\n").expect("parses");
    assert!(ignore.decide("x.log").ignored);
}
