use super::*;
use crate::text::source::Sources;

fn errors(text: &str) -> Vec<String> {
    let (_, said) = parse(FileId(0), text);
    said.into_iter().map(|d| d.message).collect()
}

#[test]
fn spans_cover_what_was_written() {
    let text = "a:\n  - x: 'é'\n    y: [1, 2]\n\n\nb: |\n  two\n  lines\n";
    let (root, said) = parse(FileId(0), text);
    assert!(said.is_empty(), "{said:?}");
    let root = root.unwrap();
    let slice = |n: &Node| text[n.span.range()].to_owned();
    let item = &root.get("a").unwrap().items().unwrap()[0];
    assert_eq!(slice(item.get("x").unwrap()), "'é'");
    assert_eq!(slice(item.get("y").unwrap()), "[1, 2]");
    assert_eq!(slice(item), "x: 'é'\n    y: [1, 2]");
    assert_eq!(root.get("b").unwrap().text(), Some("two\nlines\n"));
}

#[test]
fn comments_may_stand_anywhere() {
    let many = "# more\n".repeat(1_000);
    let text = format!(
        "# first\n{many}a: # of a\n  # below\n  - x # of x\n  - {{ y: 1, # within\n{many} z: 2 }}\n# last\n"
    );
    let (root, said) = parse(FileId(0), &text);
    assert_eq!(said, []);
    let items = root.unwrap().get("a").unwrap().json();
    assert_eq!(items, serde_json::json!(["x", { "y": 1, "z": 2 }]));
}

#[test]
fn every_duplicate_key_is_named_with_both_places() {
    let text = "a: 1\nb: 2\na: 3\nb: 4\n";
    let (root, said) = parse(FileId(0), text);
    assert!(root.is_some());
    assert_eq!(said.len(), 2);
    let mut sources = Sources::default();
    sources.add("s.yaml", text);
    let shown = said[0].render(&sources, false);
    assert!(
        shown.contains("s.yaml:3:1") && shown.contains("first here"),
        "{shown}"
    );
}

#[test]
fn aliases_and_merge_keys_are_resolved() {
    let text = "x-base: &b { p: 1, q: 2 }\nrun:\n  <<: *b\n  q: 3\n";
    let (root, said) = parse(FileId(0), text);
    assert!(said.is_empty());
    let json = root.unwrap().json();
    assert_eq!(json["run"], serde_json::json!({ "q": 3, "p": 1 }));
}

#[test]
fn hostile_files_are_refused() {
    let deep = "[".repeat(40) + &"]".repeat(40);
    assert!(errors(&deep)[0].contains("32 deep"));
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for i in 1..9 {
        let refs = vec![format!("*a{}", i - 1); 10].join(", ");
        bomb.push_str(&format!("a{i}: &a{i} [{refs}]\n"));
    }
    assert!(errors(&bomb)[0].contains("aliases"), "{:?}", errors(&bomb));
    assert!(errors("a: *nowhere")[0].contains("not YAML"));
    assert!(errors("a: &a [*a]")[0].contains("alias") || errors("a: &a [*a]")[0].contains("YAML"));
    assert_eq!(errors("")[0], "this file holds nothing");
    assert!(errors("a: 1\n---\nb: 2\n")[0].contains("second YAML document"));
    assert!(errors("a:\n\t- b\n")[0].contains("not YAML"));
    assert!(errors("a: [1, 2\nb: 3")[0].contains("not YAML"));
}

#[test]
fn scalars_are_typed_by_the_core_schema_only() {
    let (root, _) = parse(
        FileId(0),
        "[yes, true, 1, 1.5, '1', on, 0x1f, null, .inf, 1e3, 1.2.3]",
    );
    let json = root.unwrap().json();
    assert_eq!(
        json,
        serde_json::json!([
            "yes", true, 1, 1.5, "1", "on", 31, null, ".inf", 1000.0, "1.2.3"
        ])
    );
}
