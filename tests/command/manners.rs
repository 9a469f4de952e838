//! What shells and `man` are given.

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
