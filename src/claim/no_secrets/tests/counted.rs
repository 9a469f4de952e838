//! Tokens that count, as people write them down who try something out.

use super::*;

const COUNTED: &str = "0123456789abcdefghij0123456789abcdefghij";

#[test]
fn a_token_that_counts_is_one_but_where_documents_and_samples_show_it() {
    for (word, after) in [
        ("ghp_", COUNTED),
        ("npm_", &COUNTED[..36]),
        ("AKIA", "ABCDEFGHIJKLMNOP"),
    ] {
        let of = |path: &'static str| Searched {
            finds: vec![find(path, 1, word, after)],
            ..clean()
        };
        for path in ["/app/token.txt", "/root/deploy.sh", "/app/config.yml"] {
            let said = misses("true", &[], of(path));
            assert_eq!(said.len(), 1, "{word} in {path}");
            assert!(
                said[0].starts_with(path) && !said[0].contains(after),
                "{said:?}"
            );
        }
        for path in ["/app/README.md", "/app/config.example.yml", "/srv/api.html"] {
            assert_eq!(misses("true", &[], of(path)), [""; 0], "{word} in {path}");
        }
    }
}

#[test]
fn a_sample_beside_the_suite_may_show_how_a_token_looks_and_no_other() {
    let text = |token: &str| format!("GITHUB_TOKEN=ghp_{token}\nDB_PASSWORD=abcdefgh-hunter2\n");
    assert_eq!(source(".env", text(COUNTED).as_bytes()).misses.len(), 2);
    assert_eq!(
        source(".env.example", text(COUNTED).as_bytes())
            .misses
            .len(),
        1
    );
    assert_eq!(
        source(".env.example", text(TOKEN).as_bytes()).misses.len(),
        2
    );
}
