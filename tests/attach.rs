//! Claims on containers that a test has started itself.

#![expect(clippy::disallowed_methods, reason = "a test plays the user's part")]

#[cfg(test)]
mod containers {
    use std::process::Command;

    use seaworthy::{Attached, Unjudged, attach};

    /// A container of the test's own, which goes with it.
    struct Own(String);

    impl Own {
        fn start(arguments: &[&str]) -> Self {
            let mut all = vec!["run", "-d"];
            all.extend(arguments);
            all.extend(["debian:bookworm-slim", "sleep", "infinity"]);
            Self(docker(&all))
        }

        fn attach(&self) -> Attached {
            attach(&self.0)
        }
    }

    impl Drop for Own {
        fn drop(&mut self) {
            docker(&["rm", "-fv", &self.0]);
        }
    }

    fn docker(arguments: &[&str]) -> String {
        let output = Command::new("docker").args(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// What an assertion says that fails.
    fn said(assertion: impl FnOnce() + std::panic::UnwindSafe) -> String {
        let said = std::panic::catch_unwind(assertion).unwrap_err();
        said.downcast_ref::<String>().cloned().unwrap_or_default()
    }

    #[test]
    fn claims_hold_or_fail_as_the_command_says_and_the_container_stays() {
        let own = Own::start(&["-e", "WORD=hello"]);
        let container = own.attach();
        container.holds("env: { WORD: hello }");
        container.holds(
            "
            - whoami: { uid: 0 }
            - processes: { zombies: 0 }
            - path: { at: /etc/debian_version, type: file }
            - filesystem: writable
            - state: running
            ",
        );
        let (line, text) = (line!(), said(|| own.attach().holds("env: { WORD: bye }")));
        let place = format!(
            "      env WORD\n       --> tests/attach.rs:{line} (the claims):1:8\n        |\n      1 | env: {{ WORD: bye }}\n        |        ^^^^\n"
        );
        assert!(text.contains(&place), "{place}{text}");
        assert!(
            text.contains("      expected  \"bye\"\n      actual    \"hello\""),
            "{text}"
        );
        let wrong = container
            .judge("startup: { time: { below: 1h } }")
            .unwrap_err();
        assert!(
            wrong
                .to_string()
                .starts_with("error: `startup` cannot be told"),
            "{wrong}"
        );
        assert_eq!(
            docker(&["inspect", "-f", "{{.State.Running}}", &own.0]),
            "true"
        );
    }

    #[test]
    fn one_that_cannot_be_written_to_brings_the_probe_along() {
        let closed = Own::start(&["--read-only"]);
        let report = closed.attach().judge("whoami: { uid: 0 }").unwrap();
        assert_eq!(report.exit_code(), 3, "{report}");
        let text = report.to_string();
        let volume = text
            .split("with the volume ")
            .nth(1)
            .and_then(|rest| rest.split_whitespace().next());
        let volume = format!(
            "{}:/.seaworthy:ro",
            volume.unwrap_or_else(|| panic!("{text}"))
        );
        // Any run has filled it, as that above of another container may have done.
        let open = Own::start(&["--read-only", "-v", &volume]);
        let report = open.attach().judge("whoami: { uid: 0 }").unwrap();
        assert!(report.holds(), "{report}");
    }

    #[test]
    fn what_is_not_there_or_not_written_right_is_told() {
        let Unjudged::Fault(fault) = attach("no-such-container")
            .judge("state: running")
            .unwrap_err()
        else {
            panic!("no container is a fault");
        };
        assert!(fault.to_string().contains("no-such-container"), "{fault}");
        let own = Own::start(&[]);
        let judged = own.attach().judge("\n - state: running\n - whoam: 0\n");
        let line = line!() - 1;
        let Unjudged::Malformed(wrong) = judged.unwrap_err() else {
            panic!("an unknown claim is malformed");
        };
        let place = format!(
            "error: unknown claim `whoam`\n --> tests/attach.rs:{line} (the claims):3:4\n  |\n3 |  - whoam: 0\n"
        );
        assert!(wrong.to_string().starts_with(&place), "{place}{wrong}");
    }

    #[tokio::test]
    async fn it_can_be_asked_from_within_a_runtime() {
        let own = Own::start(&[]);
        own.attach().holds("state: running");
    }
}
