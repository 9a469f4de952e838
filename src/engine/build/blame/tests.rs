use super::*;

const FILE: &[u8] = b"FROM a\nCOPY x /x\nRUN <<EOF\nfoo\nEOF\nRUN --mount=type=cache,target=/c y\nADD http://h/x /x\n";

fn judge(message: &str, doing: &str, step: Option<&str>) -> BuildError {
    let instructions = Instructions::parse(FILE);
    let step = step.map(|text| {
        let mut step = BuildStep {
            text: text.to_owned(),
            dockerfile_line: Some(42),
            ..BuildStep::default()
        };
        step.output.push("the last line");
        step
    });
    Broken {
        message: message.to_owned(),
        exit_code: None,
        doing: doing.to_owned(),
        step: step.as_ref(),
        dockerfile: "Dockerfile".to_owned(),
        instructions: &instructions,
        builder: "BuildKit of Docker 20.10.24".to_owned(),
    }
    .judge()
}

#[track_caller]
fn failure(message: &str, step: Option<&str>) -> BuildFailure {
    match judge(message, "", step) {
        BuildError::Failed(failure) => *failure,
        other => panic!("{message}: not a failure: {other:?}"),
    }
}

#[track_caller]
fn fault(message: &str, doing: &str, step: Option<&str>) -> Fault {
    match judge(message, doing, step) {
        BuildError::Fault(fault) => fault,
        other => panic!("{message}: not a fault: {other:?}"),
    }
}

const NO_HOST: &str = "failed to do request: Head \"https://registry-1.docker.io/v2/x\": dial tcp: lookup registry-1.docker.io: no such host";

#[test]
fn a_command_that_fails_is_the_dockerfiles() {
    for message in [
        "executor failed running [/bin/sh -c false]: exit code: 7",
        "failed to solve: process \"/bin/sh -c false\" did not complete successfully: exit code: 7",
        "The command '/h fail' returned a non-zero code: 7",
        // What the command says does not matter: it was its own doing.
        "executor failed running [/bin/sh -c echo dial tcp no space left on device]: exit code: 7",
    ] {
        let failure = failure(message, Some("RUN false"));
        assert_eq!(failure.exit_code, Some(7), "{message}");
        assert_eq!(failure.line, Some(42));
        assert_eq!(failure.message, "the command ended with exit code 7");
        assert_eq!(failure.last_lines, ["the last line"]);
    }
}

#[test]
fn an_image_that_went_away_is_no_fault_of_the_dockerfile() {
    let lost = "unable to find image \"sha256:1e08ec2d1f05\"";
    assert!(is_lost_image(lost));
    assert_eq!(
        fault(lost, "", Some("LABEL a=b")).kind,
        FaultKind::Refused { status: 500 }
    );
    for other in [
        "unable to find image \"debian:nosuch\"",
        "it said: unable to find image \"sha256:1e08ec2d1f05\"",
    ] {
        assert!(!is_lost_image(other), "{other}");
    }
}

#[test]
fn a_syntax_error_has_its_line() {
    for message in [
        "failed to solve with frontend dockerfile.v0: failed to create LLB definition: dockerfile parse error line 2: unknown instruction: COPPY",
        "dockerfile parse error on line 2: unknown instruction: COPPY",
    ] {
        let failure = failure(message, None);
        assert_eq!(
            (failure.line, failure.message.as_str()),
            (Some(2), "unknown instruction: COPPY")
        );
        assert_eq!(failure.step.as_deref(), Some("COPY x /x"));
        assert_eq!(failure.help, None);
    }
    let slip = failure("dockerfile parse error line 2: Unknown flag: lnk", None);
    assert_eq!(slip.message, "Unknown flag: lnk");
}

#[test]
fn what_the_builder_lacks_is_said() {
    let heredoc = failure(
        "dockerfile parse error line 4: unknown instruction: FOO",
        None,
    );
    assert_eq!(heredoc.line, Some(3));
    assert!(
        heredoc
            .message
            .contains("(BuildKit of Docker 20.10.24) lacks here-documents"),
        "{heredoc}"
    );
    let link = failure("dockerfile parse error line 2: Unknown flag: link", None);
    assert!(link.message.contains("lacks `COPY --link`"), "{link}");
    assert!(link.help.is_some());
    let mount = failure(
        "the --mount option requires BuildKit. Refer to x",
        Some("RUN --mount=type=cache x"),
    );
    assert!(
        mount.message.contains("lacks what this step asks for"),
        "{mount}"
    );
}

#[test]
fn other_slips_are_the_dockerfiles() {
    for (message, step) in [
        (
            "failed to solve with frontend dockerfile.v0: failed to create LLB definition: target stage zz could not be found",
            None,
        ),
        ("the Dockerfile (Dockerfile) cannot be empty", None),
        (
            "failed to compute cache key: \"/nope\" not found: not found",
            Some("COPY nope /h"),
        ),
        (
            "COPY failed: file not found in build context",
            Some("COPY nope /h"),
        ),
    ] {
        let failure = failure(message, step);
        assert!(!failure.message.starts_with("failed to"), "{failure}");
    }
}

#[test]
fn a_registry_out_of_reach_is_a_fault() {
    let base = fault(
        NO_HOST,
        "[internal] load metadata for docker.io/library/x:1",
        None,
    );
    assert_eq!(base.kind, FaultKind::Registry);
    assert!(base.doing.contains("docker.io/library/x:1") && base.help.is_some());
    assert_eq!(
        fault(NO_HOST, "", Some("FROM x:1")).kind,
        FaultKind::Registry
    );
    assert_eq!(
        fault(NO_HOST, "", Some("ADD http://h/x /x")).kind,
        FaultKind::Registry
    );
    assert_eq!(fault(NO_HOST, "", None).kind, FaultKind::Registry);
    let missing = fault(
        "manifest for x:1 not found: manifest unknown",
        "",
        Some("FROM x:1"),
    );
    assert_eq!(missing.kind, FaultKind::NotFound);
    let missing = fault(
        "r.example/x:1: not found",
        "[internal] load metadata for r.example/x:1",
        None,
    );
    assert_eq!(missing.kind, FaultKind::NotFound);
    let frontend = fault(
        NO_HOST,
        "resolve image config for docker.io/docker/dockerfile:1",
        None,
    );
    assert!(frontend.doing.contains("docker/dockerfile:1"), "{frontend}");
    assert!(
        frontend
            .help
            .as_deref()
            .is_some_and(|help| help.contains("# syntax=")),
        "{frontend}"
    );
}

#[test]
fn the_engines_own_trouble_is_a_fault() {
    let full = fault(
        "write /var/lib/docker/x: no space left on device",
        "",
        Some("COPY a b"),
    );
    assert_eq!(full.kind, FaultKind::NoSpace);
    assert_eq!(
        fault("no active sessions", "", Some("RUN --mount=x")).kind,
        FaultKind::Broken
    );
}

#[test]
fn an_engine_that_fails_blames_no_dockerfile_that_is_right() {
    let of_it = |status: u16, said: &str, file: &str| {
        let fault = Fault::refused("build the image", status, said);
        is_of_the_dockerfile(&fault, file.as_bytes())
    };
    let (right, wrong) = ("FROM scratch\n", "FROM scratch\nRAN x\n");
    assert!(!of_it(500, "something broke", right));
    assert!(!of_it(503, "", right));
    assert!(of_it(500, "something broke", wrong));
    assert!(of_it(500, "the Dockerfile (Other) cannot be empty", right));
    assert!(of_it(400, "something is wrong", right));
    assert!(of_it(404, "no such target", right));
    for status in [402, 405, 413, 429] {
        assert!(!of_it(status, "not so", wrong), "{status}");
    }
    let away = Fault::new(FaultKind::Unreachable, "build the image", "it went away");
    assert!(!is_of_the_dockerfile(&away, wrong.as_bytes()));
}
