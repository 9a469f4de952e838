use super::*;

fn recorded(name: &str) -> ContainerFacts {
    let text = match name {
        "created" => include_str!("../../../fixtures/engine/container-created.json"),
        "running" => include_str!("../../../fixtures/engine/container-running.json"),
        _ => include_str!("../../../fixtures/engine/container-exited.json"),
    };
    ContainerFacts::read(&serde_json::from_str(text).unwrap())
}

#[test]
fn a_recorded_container_that_runs_is_read() {
    let facts = recorded("running");
    assert_eq!(facts.name, "play");
    assert_eq!(facts.image, "play:1");
    assert_eq!(facts.command, ["/helper", "serve"]);
    assert_eq!(facts.user.as_deref(), Some("1000:1000"));
    assert_eq!(facts.env[0], "X=y");
    assert_eq!(facts.labels["io.seaworthy.test"], "play");
    assert_eq!(facts.stop_signal.as_deref(), Some("SIGINT"));
    assert_eq!(facts.stop_timeout, Some(3));
    assert!(facts.created.unwrap().nanos.is_some());

    let state = facts.state;
    assert_eq!((state.status.as_str(), state.running), ("running", true));
    assert!(state.pid.is_some());
    assert!(state.started_at.is_some());
    assert_eq!(state.finished_at, None);
    let health = state.health.unwrap();
    assert_eq!(
        (health.status.as_str(), health.failing_streak),
        ("starting", 3)
    );
    assert_eq!(health.log.len(), 5);
    assert_eq!(health.log[0].exit_code, 1);
    assert!(
        health.log[0].end.as_ref().unwrap().nanos > health.log[0].start.as_ref().unwrap().nanos
    );
}

#[test]
fn its_settings_are_read() {
    let facts = recorded("running");
    let settings = facts.settings;
    assert_eq!(settings.cap_add, ["CAP_NET_BIND_SERVICE"]);
    assert_eq!(settings.cap_drop, ["ALL"]);
    assert_eq!(settings.security_opt, ["no-new-privileges:true"]);
    assert!(settings.readonly_rootfs && settings.init && !settings.privileged);
    assert_eq!(settings.tmpfs["/tmp"], "size=1m");
    assert_eq!(settings.memory, Some(64 << 20));
    assert_eq!(settings.memory_reservation, None);
    assert_eq!(settings.nano_cpus, Some(500_000_000));
    assert_eq!(settings.pids_limit, Some(20));
    assert_eq!(settings.group_add, ["5"]);
    assert_eq!(
        (settings.restart.name.as_str(), settings.restart.retries),
        ("on-failure", Some(3))
    );
    let nofile = Ulimit {
        name: "nofile".to_owned(),
        soft: 100,
        hard: 200,
    };
    assert_eq!(settings.ulimits, [nofile]);
    // "Any free port" was asked for, once as nothing and once as 0.
    assert_eq!(settings.port_bindings["53/udp"][0].host_port, None);
    assert_eq!(settings.port_bindings["8080/tcp"][0].host_port, None);

    let mounts: Vec<_> = facts
        .mounts
        .iter()
        .map(|mount| (mount.kind.as_str(), mount.at.as_str(), mount.read_only))
        .collect();
    assert_eq!(
        mounts,
        [
            ("volume", "/named", true),
            ("bind", "/bound", false),
            ("volume", "/data", false)
        ]
    );
}

#[test]
fn its_networks_and_ports_are_those_of_now() {
    let running = recorded("running");
    let web = &running.published["8080/tcp"][0];
    assert_eq!(
        (web.host_ip.as_deref(), web.host_port),
        (Some("127.0.0.1"), Some(32770))
    );
    let own = &running.networks["play-net"];
    assert_eq!(own.ip.as_deref(), Some("172.18.0.2"));
    assert_eq!(own.gateway.as_deref(), Some("172.18.0.1"));
    assert_eq!(own.aliases[0], "app");
    assert_eq!(own.ipv6, None);

    for ended in [recorded("created"), recorded("exited")] {
        assert!(ended.published.is_empty());
        assert_eq!(ended.networks["play-net"].ip, None);
        assert_eq!(ended.state.pid, None);
    }
}

#[test]
fn never_started_and_ended_are_told_apart() {
    let created = recorded("created").state;
    assert_eq!(created.status, "created");
    assert_eq!(
        (created.started_at, created.finished_at, created.health),
        (None, None, None)
    );
    let exited = recorded("exited").state;
    assert_eq!(
        (exited.status.as_str(), exited.exit_code),
        ("exited", Some(137))
    );
    assert!(exited.finished_at.unwrap().nanos > exited.started_at.unwrap().nanos);
}

#[test]
fn facts_survive_being_written_and_read() {
    let facts = recorded("running");
    let text = serde_json::to_string(&facts).unwrap();
    assert_eq!(
        serde_json::from_str::<ContainerFacts>(&text).unwrap(),
        facts
    );
}

#[test]
fn what_is_missing_is_absent_and_podman_is_understood() {
    let nothing = ContainerFacts::read(&serde_json::json!({}));
    assert!(nothing.id.is_empty() && nothing.command.is_empty() && nothing.networks.is_empty());
    let podman = serde_json::json!({
        "State": { "Status": "running", "Healthcheck": { "Status": "healthy", "Log": null } },
        "HostConfig": { "CpuQuota": 50_000, "CpuPeriod": 100_000, "PidsLimit": -1, "Init": null },
        "NetworkSettings": { "Ports": { "80/tcp": null } }
    });
    let podman = ContainerFacts::read(&podman);
    assert_eq!(podman.state.health.unwrap().status, "healthy");
    assert_eq!(podman.settings.nano_cpus, Some(500_000_000));
    assert_eq!(podman.settings.pids_limit, None);
    assert!(podman.published.is_empty());
    let unchecked = serde_json::json!({ "State": { "Health": { "Status": "none" } } });
    assert_eq!(ContainerFacts::read(&unchecked).state.health, None);
}

/// podman looks at the policy when it cleans up: until then it says `stopped`, and restarted 0 times.
#[test]
fn what_podman_is_about_to_start_again_is_restarting() {
    let recorded = include_str!("../../../fixtures/engine/container-podman-stopped.json");
    let read = |change: fn(&mut Value)| {
        let mut told: Value = serde_json::from_str(recorded).unwrap();
        change(&mut told);
        let state = ContainerFacts::read(&told).state;
        (state.status, state.restarting)
    };
    let (again, over) = (
        ("restarting".to_owned(), true),
        ("exited".to_owned(), false),
    );
    assert_eq!(read(|_| ()), again);
    assert_eq!(read(|told| told["RestartCount"] = 3.into()), over);
    assert_eq!(read(|told| told["State"]["ExitCode"] = 0.into()), over);
    let policy = |told: &mut Value| told["HostConfig"]["RestartPolicy"]["Name"] = "no".into();
    assert_eq!(read(policy), over);
}
