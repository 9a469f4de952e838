//! What shells and `man` are given, and what a list says of names that nobody would give.

use std::process::Command;

use super::ran;

#[test]
fn bash_completes_options_with_what_it_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let (code, script) = ran(folder.path(), &["completions", "bash"]);
    assert_eq!(code, Some(0), "{script}");
    let asks = "COMP_WORDS=(seaworthy run --fail); COMP_CWORD=2; _seaworthy seaworthy --fail run; \
                echo \"${COMPREPLY[@]}\"";
    let output = Command::new("bash")
        .args(["-c", &format!("{script}\n{asks}")])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "--fail-fast\n");
    let (code, said) = ran(folder.path(), &["completions", "bush"]);
    assert!(
        code == Some(2) && said.contains("bash, elvish, fish"),
        "{said}"
    );
}

#[test]
fn each_command_has_a_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    let (code, page) = ran(folder.path(), &["man"]);
    assert!(
        code == Some(0) && page.contains(".TH seaworthy 1"),
        "{page}"
    );
    let (code, said) = ran(folder.path(), &["man", "--out", "man1"]);
    assert_eq!(code, Some(0), "{said}");
    let page = std::fs::read_to_string(folder.path().join("man1/seaworthy-run.1")).unwrap();
    assert!(
        page.contains("fail\\-fast") && page.contains("Examples"),
        "{page}"
    );
    assert!(folder.path().join("man1/seaworthy-gc.1").is_file());
}

#[test]
fn a_list_has_names_as_they_are_and_shows_none_that_is_obeyed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a\n::error::x\u{1b}[31m.yaml");
    let suite = "seaworthy: 1\nname: \"h\\x1b[31m\\u202ered\"\nimage: { ref: x }\ncases:\n  - { name: \"line\\nbreak\", expect: [ state: running ] }\n";
    std::fs::write(file, suite).unwrap();
    let (code, text) = ran(folder.path(), &["list", "."]);
    assert_eq!(code, Some(0), "{text}");
    assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
    assert!(!text.lines().any(|line| line.starts_with("::")), "{text}");
    let (_, json) = ran(folder.path(), &["list", "--format", "json", "."]);
    let told: serde_json::Value = serde_json::from_str(&json).unwrap();
    let suite = &told["suites"][0];
    assert_eq!(suite["name"], "h\u{1b}[31m\u{202e}red");
    assert_eq!(suite["cases"][0]["name"], "line\nbreak");
}
