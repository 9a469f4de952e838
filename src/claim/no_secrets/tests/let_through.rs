//! What `except` lets through, and what is said of an entry that lets nothing through.

use super::*;

#[test]
fn what_is_let_through_is_let_through_by_path_pattern_and_name() {
    let searched = || Searched {
        finds: vec![find("/app/a.py", 1, "ghp_", TOKEN)],
        files: vec![held("/root/.npmrc", "//r/:_authToken=abcdef")],
        ..clean()
    };
    let env = &["DB_PASSWORD=hunter2"];
    let all = "{ except: ['/app/*.py', /root/.npmrc, DB_PASSWORD] }";
    assert_eq!(misses(all, env, searched()), [""; 0]);
    let said = misses("{ except: ['/app/*.py', DB_PASSWORD] }", env, searched());
    assert_eq!(said.len(), 1);
    assert!(said[0].starts_with("/root/.npmrc:1"), "{said:?}");
    let said = misses("{ except: [/app] }", env, searched());
    assert_eq!(said.len(), 3);
    let idle = "`except` lets nothing through for /app: did you mean `/app/**`?";
    assert!(said[0].ends_with(idle), "{said:?}");
    assert_eq!(said.concat().matches(idle).count(), 1, "{said:?}");
    let meant = |except: &str| {
        let said = misses(
            &format!("{{ except: ['{except}', DB_PASSWORD, /root/.npmrc] }}"),
            env,
            searched(),
        );
        said[0].rsplit(": ").next().unwrap_or("").to_owned()
    };
    for (except, like) in [
        ("**/*.py", "/**/*.py"),
        ("*.py", "/**/*.py"),
        ("app/a.py", "/app/a.py"),
        ("/app/", "/app/**"),
    ] {
        assert_eq!(meant(except), format!("did you mean `{like}`?"), "{except}");
    }
    // What is stale is no fault of the image.
    let told = seen("{ except: [/gone, B] }", clean()).seen;
    assert!(
        told[0].contains("nothing through for /gone and B"),
        "{told:?}"
    );
}
